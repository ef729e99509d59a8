"""How far every finding moves with the machine: measured by running the study again and again.

What is measured becomes the tolerance of the finding: a difference that a processor, a thread
count, a hash seed, a time zone, a locale or a Python could have made is none of the study's.
"""

from __future__ import annotations

import csv
import io
import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from darkdays.case import case as cases
from darkdays.files import paths, writing
from darkdays.report.findings.tolerance import MADE_FROM, SCHEMA
from darkdays.report.version.compare import DIFFERS
from darkdays.report.version.inputs_copy import envelope_of
from darkdays.report.version.json_values import distance, leaves
from darkdays.report.version.publishing import digests_of
from darkdays.review.conditions import Condition
from darkdays.review.rerun.checkouts import lay_out
from darkdays.review.rerun.code import this_code
from darkdays.review.rerun.rerun import Rerun, rerun
from darkdays.review.verify.cells import compare_notebooks
from darkdays.review.verify.pictures import relative_distance

_NAMED: Final = frozenset({"findings", "schema", "case", "title", "parameters"})


@dataclass(frozen=True)
class Envelope:
    """What was measured, as it is kept beside the case.

    Attributes
    ----------
    document
        Conditions, spread of findings, of the rest and of figures, and what no tolerance covers.
    moved
        By name of a condition, how many values it moved, or the sentence it failed with.
    path
        Where it was written.
    """

    document: dict[str, Any]
    moved: dict[str, int | str]
    path: Path


@dataclass(frozen=True)
class _Taken:
    """What is kept of a run: its numbers, the data of its figures, its cells."""

    findings: Mapping[str, Any]
    figures: Mapping[str, str]
    notebooks: tuple[tuple[str, bytes], ...]
    made_from: dict[str, Any]


def measure(
    case: str,
    tried: Sequence[Condition],
    *,
    snapshot: str = "",
    parameters: Mapping[str, Any] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Envelope:
    """Run a case under every condition and keep how far each number moved.

    Parameters
    ----------
    case
        By name, or the path of a case file.
    tried
        The conditions, the unchanged one first.
    snapshot
        Id of the snapshot to replay; embedded data only if empty.
    parameters
        Of the notebooks, by name.
    tell
        Told what is being run.

    Raises
    ------
    RunError
        If the study cannot be run here at all, nothing changed.
    """
    path = cases.path_of(case)
    name = cases.load(case).name
    code = this_code()
    taken: dict[str, _Taken] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="darkdays-envelope-") as scratch:
        root = lay_out(
            Path(scratch) / "root", code=code, case=path.read_bytes(), name=name,
            data=_embedded(),
        )  # fmt: skip
        for number, one in enumerate(tried):
            tell(f"{number + 1} of {len(tried)}: {one.name}")
            try:
                made = rerun(
                    root, name, code=code, scratch=Path(scratch) / str(number),
                    snapshot=snapshot, snapshots=paths.snapshots(), parameters=parameters,
                    python=one.interpreter or sys.executable,
                    settings={"NUMBA_CACHE_DIR": f"{scratch}/numba", **one.environment},
                )  # fmt: skip
            except Exception as error:
                if number == 0 or not hasattr(error, "exit_status"):
                    raise
                failed[one.name] = str(error)
                continue
            taken[one.name] = _take(made)
    document = _document(name, [one for one in tried if one.name in taken], taken)
    target = envelope_of(path)
    writing.write_text(target, writing.json_text(document))
    return Envelope(document, {**_moved(taken), **failed}, target)


def _embedded() -> dict[str, bytes]:
    folder = paths.data()
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.csv"))
    }


def _take(made: Rerun) -> _Taken:
    folder = made.draft.folder / "figures"
    digests = digests_of(made.draft)
    return _Taken(
        made.draft.findings,
        {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))},
        made.notebooks,
        {name: digests[name] for name in MADE_FROM},
    )


def _document(name: str, tried: Sequence[Condition], taken: Mapping[str, _Taken]) -> dict[str, Any]:
    runs = list(taken.values())
    varies: list[str] = []
    findings = {}
    by_id = [{one["id"]: one for one in run.findings["findings"]} for run in runs]
    for identity in sorted(set().union(*by_id)):
        found = [mine.get(identity) for mine in by_id]
        if spread := _spread(found, f"finding {identity}", varies):
            findings[identity] = spread
    rest = [{k: v for k, v in run.findings.items() if k not in _NAMED} for run in runs]
    return {
        "schema": SCHEMA,
        "case": name,
        "made_from": runs[0].made_from,
        "settings": [one.document() for one in tried],
        "findings": findings,
        "elsewhere": _spread(rest, "", varies),
        "figures": dict(_figures(runs, varies)),
        "varies": [*varies, *_cells(runs)],
    }


def _spread(documents: Sequence[Any], what: str, varies: list[str]) -> dict[str, float]:
    """Return how far each value moved between any two documents, of those that moved at all."""
    found = [dict(leaves(one)) for one in documents]
    spread = {}
    for path in dict.fromkeys(path for one in found for path in one):
        values = list({repr(one.get(path)): one.get(path) for one in found}.values())
        if len(values) == 1:
            continue
        apart = max(distance(*pair) for pair in combinations(values, 2))
        if math.isinf(apart):
            varies.append(f"{what}, {path}" if what else path)
        else:
            spread[path] = apart
    return spread


def _figures(runs: Sequence[_Taken], varies: list[str]) -> Iterator[tuple[str, float]]:
    """Go through the figures whose numbers moved, each with the largest relative difference."""
    for name in sorted({name for run in runs for name in run.figures}):
        tables = {run.figures.get(name, "") for run in runs}
        if len(tables) == 1:
            continue
        apart = max(_relative(*pair) for pair in combinations(sorted(tables), 2))
        if math.isinf(apart):
            varies.append(f"figure {name}")
        else:
            yield name, apart


def _relative(one: str, other: str) -> float:
    left, right = (list(csv.reader(io.StringIO(text))) for text in (one, other))
    if [len(row) for row in left] != [len(row) for row in right]:
        return math.inf
    cells = ((c for row in table for c in row) for table in (left, right))
    return max(map(relative_distance, *cells), default=0.0)


def _cells(runs: Sequence[_Taken]) -> list[str]:
    """Return the executed cells that show something else in some run."""
    found = (
        f"cell {one.name}: {one.detail}"
        for run in runs[1:]
        for one in compare_notebooks(runs[0].notebooks, run.notebooks)
        if one.outcome == DIFFERS
    )
    return list(dict.fromkeys(found))


def _moved(taken: Mapping[str, _Taken]) -> dict[str, int | str]:
    first = dict(leaves(next(iter(taken.values())).findings))
    counts: dict[str, int | str] = defaultdict(int)
    for name, run in taken.items():
        found = dict(leaves(run.findings))
        counts[name] = sum(
            path not in first or path not in found or distance(first[path], found[path]) != 0
            for path in {**first, **found}
        )
    return dict(counts)
