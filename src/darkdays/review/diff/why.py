"""Why numbers changed: the study run again with one thing of the later version at a time.

Two versions may be made from other data, parameters, code or environment. The earlier one is run
again with each of these taken from the later, then with each pair, then with all of them, which
is the later version itself; what a swap alone turns into the later number, it explains.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from darkdays.errors import DarkdaysError
from darkdays.review.diff.attribution import NOTHING, Attribution, Swap, reasons
from darkdays.review.diff.diff import Difference, Side
from darkdays.review.rerun.checkouts import Missing, case_of, data_of, envelope_of, lay_out
from darkdays.review.rerun.code import Code
from darkdays.review.rerun.history import find_code
from darkdays.review.rerun.interpreters import interpreters
from darkdays.review.rerun.rerun import rerun


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
        mixes = {swap: _mixed(old, new, swap) for swap in _swaps(factors)}
        ran: dict[Swap, Mapping[str, Any]] = {}
        failed: dict[Swap, str] = {}
        for number, (swap, mixed) in enumerate(mixes.items()):
            # Where a swap changes nothing here, such as two locks of one environment.
            same = next((one for one in (*ran, *failed) if mixes[one] == mixed), None)
            if same is not None:
                if same in ran:
                    ran[swap] = ran[same]
                else:
                    failed[swap] = failed[same]
                continue
            tell(f"running with {' and '.join(swap) or 'nothing'} of the later version")
            try:
                ran[swap] = _run(mixed, difference, snapshots, folder / str(number))
            except (DarkdaysError, _Lacking) as error:
                failed[swap] = str(error)
    versions = ((difference.before, old, NOTHING), (difference.after, new, tuple(factors)))
    unknown = [
        f"{side.name} could not be run: {'; '.join(one.lacks) or failed[swap]}"
        for side, one, swap in versions
        if swap in failed
    ]
    not_tried = [
        f"with {' and '.join(swap)} swapped it could not be run: {words}"
        for swap, words in failed.items()
        if swap not in (NOTHING, tuple(factors))
    ]
    return Attribution(
        tuple(reasons(difference, ran, untried=bool(failed))), tuple(ran), tuple(not_tried),
        tuple(unknown),
    )  # fmt: skip


class _Lacking(Exception):  # noqa: N818 - no error, but the lack of something
    """What would be needed to run is not here."""


def _swaps(factors: Sequence[str]) -> list[Swap]:
    """Return what to swap: nothing, each one, each pair, everything."""
    singles = ((one,) for one in factors)
    return list(dict.fromkeys([NOTHING, *singles, *combinations(factors, 2), tuple(factors)]))


def _ingredients(side: Side, scratch: Path) -> _Ingredients:
    code = find_code(side.manifest, scratch.parent)  # commits are laid out once for both
    tree = None if code is None else code.tree
    case = case_of(side.folder, side.manifest, scratch, tree)
    data, missing = data_of(side.folder, side.manifest, tree)
    lacks = [one.words for one in missing]
    if isinstance(case, Missing):
        lacks.append(case.words)
    if code is None:
        lacks.append("no commit here holds its code")
    python = _interpreter(side)
    if python is None:
        lacks.append("no interpreter here has its libraries; make an environment from its lock")
    return _Ingredients(
        case=None if missing or isinstance(case, Missing) else case,
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
    made = rerun(
        root,
        name,
        code=mixed.code,
        scratch=scratch,
        snapshot=mixed.snapshot,
        snapshots=snapshots,
        parameters=mixed.parameters,
        python=mixed.python,
    )
    return made.draft.findings
