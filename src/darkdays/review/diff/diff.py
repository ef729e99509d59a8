"""What changed between two versions: claims first, then numbers, then what they were made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.report.version.compare import (
    CLAIM,
    DIFFERS,
    FINDING,
    PART,
    WITHIN,
    Outcome,
    compare_findings,
)
from darkdays.report.version.seal import document_of, read_manifest
from darkdays.review.diff.input_changes import InputChange, input_changes

_WHOLE: Final = frozenset({"schema", "title", "case", "parameters"})
FACTORS: Final = ("data", "parameters", "code", "environment")
"""What two versions may be made from differently."""


@dataclass(frozen=True)
class Side:
    """One of the two versions.

    Attributes
    ----------
    folder, manifest, findings
        Where it is and what it says.
    """

    folder: Path
    manifest: Mapping[str, Any]
    findings: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Case and version."""
        return f"{self.manifest['case']} {self.manifest['version']}"

    @property
    def digests(self) -> Mapping[str, Any]:
        """What it was made from."""
        found: Mapping[str, Any] = self.manifest["digests"]
        return found

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Python and libraries it was made with."""
        machine = self.manifest.get("machine", {})
        return {"python": str(machine.get("python")), **machine.get("libraries", {})}


@dataclass(frozen=True)
class Moved:
    """A claim's verdict or a finding's value, before and after; None where it is not there."""

    name: str
    before: Any
    after: Any
    detail: str = ""


@dataclass(frozen=True)
class Difference:
    """How one version differs from another.

    Attributes
    ----------
    claims
        Claims whose verdict changed, that appeared or disappeared.
    findings
        Findings that moved by more than their tolerance, appeared or disappeared.
    within
        How many findings moved by less.
    parts
        Other parts of the findings document that differ, claims' sensitivity among them.
    inputs
        Files, replies and rows that are not the same.
    parameters
        Of the notebooks.
    code
        What changed in it: nothing, or computation, or only how things look.
    environment
        The lock, and versions of libraries.
    """

    before: Side
    after: Side
    claims: tuple[Moved, ...]
    findings: tuple[Moved, ...]
    within: int
    parts: tuple[Outcome, ...]
    inputs: tuple[InputChange, ...]
    parameters: tuple[Moved, ...]
    code: str
    environment: tuple[Moved, ...]

    @property
    def factors(self) -> list[str]:
        """What the two are made from differently, of :data:`FACTORS`."""
        changed = {
            "data": bool(self.inputs),
            "parameters": bool(self.parameters),
            "code": bool(self.code),
            "environment": bool(self.environment),
        }
        return [name for name in FACTORS if changed[name]]


def read_side(folder: Path) -> Side:
    """Read a version.

    Raises
    ------
    InputError
        If the folder is none.
    DarkdaysError
        If its manifest or findings are damaged.
    """
    folder = bounded.real(folder)
    return Side(folder, read_manifest(folder), document_of(folder / "findings.json"))


def diff(before: Path, after: Path, snapshots: Path) -> Difference:
    """Compare two versions without running anything.

    Parameters
    ----------
    before, after
        Folders of two versions of one case.
    snapshots
        The folder of snapshots: where both are there, restated rows of lists are named.

    Raises
    ------
    InputError
        If one is no version, or they are of different cases.
    """
    old, new = read_side(before), read_side(after)
    if old.manifest["case"] != new.manifest["case"]:
        raise InputError(
            f"{old.name} and {new.name} are of two cases; compare two versions of one."
        )
    outcomes = compare_findings(old.findings, new.findings)
    return Difference(
        before=old,
        after=new,
        claims=tuple(_claims(old, new)),
        findings=tuple(_findings(outcomes, old, new)),
        within=sum(one.kind == FINDING and one.outcome == WITHIN for one in outcomes),
        parts=tuple(_parts(outcomes)),
        inputs=tuple(input_changes(old.folder, old.digests, new.folder, new.digests, snapshots)),
        parameters=tuple(_mapping(old.digests["parameters"], new.digests["parameters"])),
        code=_code(old, new),
        environment=tuple(_environment(old, new)),
    )


def _claims(old: Side, new: Side) -> Iterator[Moved]:
    before, after = (
        {claim["id"]: claim for claim in side.findings["claims"]} for side in (old, new)
    )
    for name in dict.fromkeys([*before, *after]):
        verdicts = [side[name]["verdict"] if name in side else None for side in (before, after)]
        if verdicts[0] != verdicts[1]:
            because = (after.get(name) or before[name])["because"]
            yield Moved(name, verdicts[0], verdicts[1], because)


def _findings(outcomes: list[Outcome], old: Side, new: Side) -> Iterator[Moved]:
    before, after = ({one["id"]: one for one in side.findings["findings"]} for side in (old, new))
    moved = [
        Moved(one.name, _value(before.get(one.name)), _value(after.get(one.name)), one.detail)
        for one in outcomes
        if one.kind == FINDING and one.outcome == DIFFERS
    ]
    # Values first, then what moved only in its interval or witnesses.
    yield from sorted(moved, key=lambda one: one.before == one.after)


def _value(finding: Mapping[str, Any] | None) -> Any:
    return None if finding is None else finding.get("value")


def _parts(outcomes: list[Outcome]) -> Iterator[Outcome]:
    for one in outcomes:
        if one.outcome == DIFFERS and (
            (one.kind == PART and one.name not in _WHOLE)
            or (one.kind == CLAIM and "sensitivity" in one.detail)
        ):
            yield one


def _mapping(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Moved]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Moved(name, before.get(name), after.get(name))


def _code(old: Side, new: Side) -> str:
    if old.digests.get("code") == new.digests.get("code"):
        return ""
    computed = [side.digests.get("computation") for side in (old, new)]
    if None not in computed and computed[0] == computed[1]:
        return "only how the report looks"
    return "what is computed"


def _environment(old: Side, new: Side) -> Iterator[Moved]:
    lock = [str(side.digests.get("environment", ""))[:16] for side in (old, new)]
    if lock[0] != lock[1]:
        yield Moved("lock", *lock)
    before, after = old.versions, new.versions
    for name in before:
        if name in after and before[name] != after[name]:
            yield Moved(name, before[name], after[name])
