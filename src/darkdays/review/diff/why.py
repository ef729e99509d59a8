"""Why numbers changed: the study run again with one thing of the later version at a time.

Two versions may be made from other data, parameters, code or environment. The earlier one is run
again with each of these taken from the later, then with each pair; what a swap alone turns into
the later number, it explains.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from darkdays.report.version.compare import DIFFERS, compare, without_added
from darkdays.review.diff.diff import Difference, Side
from darkdays.review.rerun.checkouts import (
    Code,
    Missing,
    case_of,
    data_of,
    envelope_of,
    find_code,
    lay_out,
)
from darkdays.review.rerun.interpreters import interpreters, package_folder
from darkdays.review.rerun.isolation import RunError
from darkdays.review.rerun.rerun import rerun

Swap = tuple[str, ...]
NOTHING: Final[Swap] = ()


@dataclass(frozen=True)
class Reason:
    """Why a claim or a finding changed.

    Attributes
    ----------
    kind, name
        ``claim`` or ``finding``, and which.
    explained_by
        The smallest sets of things that alone turn the earlier into the later one; none if
        neither one nor a pair does.
    moved_by
        Things that move it, but not all of the way.
    reproducible
        Whether running the earlier version again, nothing swapped, gives what it states.
    """

    kind: str
    name: str
    explained_by: tuple[Swap, ...]
    moved_by: tuple[Swap, ...]
    reproducible: bool

    @property
    def words(self) -> str:
        """Say it in a few words."""
        if not self.reproducible:
            return "not the same here even with nothing swapped: the machine has a part in it"
        if self.explained_by:
            return " or ".join(" and ".join(one) for one in self.explained_by)
        if self.moved_by:
            part = ", ".join(" and ".join(one) for one in self.moved_by)
            return f"none alone or in pairs; moved part of the way by {part}"
        return "none of them, alone or in pairs"


@dataclass(frozen=True)
class Attribution:
    """Why everything that changed did, and what could not be tried.

    Attributes
    ----------
    reasons
        One for each claim and finding that changed.
    tried
        What was swapped, run by run.
    not_tried
        Sentences on what could not be.
    """

    reasons: tuple[Reason, ...]
    tried: tuple[Swap, ...]
    not_tried: tuple[str, ...]


@dataclass(frozen=True)
class _Ingredients:
    """What one of the two versions was made from, as far as it is here."""

    case: bytes | None
    data: Mapping[str, bytes]
    snapshot: str
    envelope: bytes | None
    parameters: Mapping[str, Any]
    code: Code | None
    python: str | None
    lacks: list[str] = field(default_factory=list)


def why(
    difference: Difference, snapshots: Path, *, tell: Callable[[str], None] = lambda _: None
) -> Attribution:
    """Attribute every change to data, parameters, code or environment by running the study again.

    Parameters
    ----------
    difference
        Of :func:`darkdays.review.diff.diff.diff`.
    snapshots
        The folder of snapshots.
    tell
        Told what is being run.
    """
    factors = difference.factors
    with tempfile.TemporaryDirectory(prefix="darkdays-why-") as scratch:
        folder = Path(scratch)
        old, new = (
            _ingredients(side, folder / name)
            for side, name in ((difference.before, "earlier"), (difference.after, "later"))
        )
        ran: dict[Swap, Mapping[str, Any]] = {}
        not_tried = [*old.lacks, *new.lacks]
        for number, swap in enumerate(_swaps(factors)):
            tell(f"running with {' and '.join(swap) or 'nothing'} of the later version")
            try:
                ran[swap] = _run(
                    _mixed(old, new, swap), difference, snapshots, folder / str(number)
                )
            except (RunError, _Lacking) as error:
                what = " and ".join(swap) or "nothing"
                not_tried.append(f"with {what} swapped it could not be run: {error}")
    return Attribution(
        tuple(_reasons(difference, ran)), tuple(ran), tuple(dict.fromkeys(not_tried))
    )


class _Lacking(Exception):  # noqa: N818 - no error, but the lack of something
    """What would be needed to run is not here."""


def _swaps(factors: Sequence[str]) -> list[Swap]:
    """Return what to swap: nothing, each one, each pair."""
    return [NOTHING, *((one,) for one in factors), *combinations(factors, 2)]


def _ingredients(side: Side, scratch: Path) -> _Ingredients:
    code = find_code(side.folder, side.manifest, scratch / "code")
    tree = None if code is None else code.tree
    case = case_of(side.folder, side.manifest, scratch, tree)
    data, missing = data_of(side.folder, side.manifest, tree)
    lacks = [f"{side.name}: {one.words}" for one in missing]
    if isinstance(case, Missing):
        lacks.append(f"{side.name}: {case.words}")
    if code is None:
        lacks.append(f"{side.name}: no commit here holds its code")
    python = _interpreter(side)
    if python is None:
        lacks.append(
            f"{side.name}: no interpreter here has its libraries; make an environment from its lock"
        )
    return _Ingredients(
        case=None if isinstance(case, Missing) else case,
        data=data,
        snapshot=str(side.digests["snapshot"]),
        envelope=envelope_of(side.folder),
        parameters=side.digests["parameters"],
        code=code,
        python=python,
        lacks=lacks,
    )


def _interpreter(side: Side) -> str | None:
    """Return an interpreter with the versions a side was made with, None without one."""
    wanted = side.versions
    for one in interpreters():
        if all(wanted[name] == found for name, found in one.versions.items() if name in wanted):
            return one.path
    return None


def _mixed(old: _Ingredients, new: _Ingredients, swap: Swap) -> _Ingredients:
    data = new if "data" in swap else old
    return _Ingredients(
        data.case,
        data.data,
        data.snapshot,
        data.envelope,
        (new if "parameters" in swap else old).parameters,
        (new if "code" in swap else old).code,
        (new if "environment" in swap else old).python,
    )


def _run(
    mixed: _Ingredients, difference: Difference, snapshots: Path, scratch: Path
) -> Mapping[str, Any]:
    if mixed.case is None or mixed.code is None or mixed.python is None:
        raise _Lacking("what it needs is not here")
    name = str(difference.before.manifest["case"])
    root = lay_out(
        scratch / "root", code=mixed.code, case=mixed.case, name=name, data=mixed.data,
        envelope=mixed.envelope,
    )  # fmt: skip
    code = mixed.code if mixed.code.package else Code(mixed.code.tree, package_folder())
    made = rerun(
        root,
        name,
        code=code,
        scratch=scratch,
        snapshot=mixed.snapshot,
        snapshots=snapshots,
        parameters=mixed.parameters,
        python=mixed.python,
    )
    return made.draft.findings


def _reasons(difference: Difference, ran: Mapping[Swap, Mapping[str, Any]]) -> Iterator[Reason]:
    names = [("claim", one.name) for one in difference.claims]
    names += [("finding", one.name) for one in difference.findings]
    for kind, name in names:
        before, after = (
            _item(kind, name, side.findings) for side in (difference.before, difference.after)
        )
        found = {swap: _item(kind, name, document) for swap, document in ran.items()}
        steady = NOTHING in found and _agree(kind, before, found[NOTHING])
        alone: list[Swap] = []
        part: list[Swap] = []
        for swap, item in found.items():
            # What one thing explains alone, a pair with it explains no better.
            if not swap or any(set(one) < set(swap) for one in alone):
                continue
            if _agree(kind, after, item):
                alone.append(swap)
            elif not _agree(kind, before, item):
                part.append(swap)
        yield Reason(kind, name, tuple(alone), tuple(part), steady)


def _item(kind: str, name: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
    found = next((one for one in document[f"{kind}s"] if one["id"] == name), None)
    if found is None or kind == "finding":
        return found
    return {"verdict": found["verdict"]}


def _agree(kind: str, one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    tolerance = one.get("tolerance") or other.get("tolerance")
    outcome = compare(kind, "", without_added(one), without_added(other), tolerance)
    return outcome.outcome != DIFFERS
