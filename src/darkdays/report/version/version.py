"""Semantic versions of findings: what changed decides the number, and nothing is overwritten.

MAJOR: a claim appeared, disappeared or changed verdict. MINOR: a finding moved by more than its
tolerance, or the inputs changed. PATCH: the findings are equal, something else changed. Nothing
changed: no new version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.files.bounded import bytes_of, json_of
from darkdays.files.system_errors import cannot, is_passing
from darkdays.report.version.compare import CLAIM, DIFFERS, FINDING, Outcome, compare_findings

_VERSION: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")
_LARGEST: Final = 256 * 2**20
_INPUTS: Final = ("case", "data", "snapshot", "parameters", "hypotheses")
_REST: Final = ("code", "environment", "envelope")
# Digests speak of these.
_TOLD: Final = frozenset({"case", "schema", "title", "parameters"})


@dataclass(frozen=True)
class Change:
    """The version a draft would get, and why, one sentence a reason."""

    version: str
    previous: str | None
    reasons: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """Whether anything changed since the previous version."""
        return self.version != self.previous


def versions(folder: Path) -> list[str]:
    """Return the versions of a case's reports, oldest first."""
    if not folder.is_dir():
        return []
    found = [
        path.name for path in folder.iterdir() if _VERSION.fullmatch(path.name) and path.is_dir()
    ]
    return sorted(found, key=numbers)


def numbers(version: str) -> tuple[int, int, int]:
    """Return the three numbers of a version."""
    match = _VERSION.fullmatch(version)
    if match is None:
        raise DarkdaysError(f"{version!r} is no version; write three numbers such as 1.0.0.")
    return int(match[1]), int(match[2]), int(match[3])


def next_version(
    folder: Path,
    findings: dict[str, Any],
    digests: dict[str, Any],
    *,
    before: str | None = None,
) -> Change:
    """Compare a draft with the latest version in a folder.

    Parameters
    ----------
    folder
        ``reports/<case>``.
    findings
        The draft's findings document.
    digests
        The draft's digests: ``case``, ``data``, ``parameters``, ``code``, ``environment``.
    before
        Compare with the latest version older than this one.

    Raises
    ------
    DarkdaysError
        If the version to compare with cannot be read.
    """
    existing = versions(folder)
    if before is not None:
        existing = [one for one in existing if numbers(one) < numbers(before)]
    if not existing:
        return Change("1.0.0", None, ("first version",))
    latest = existing[-1]
    try:
        earlier, manifest = (
            json_of(bytes_of(folder / latest / name, _LARGEST))
            for name in ("findings.json", "manifest.json")
        )
        digests_before = manifest["digests"]
        outcomes = compare_findings(earlier, findings)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InputError) as error:
        if isinstance(error, OSError) and is_passing(error):
            raise cannot("read", folder / latest, error) from None
        raise DarkdaysError(
            f"version {latest} in {folder} cannot be read; restore it, or move it away."
        ) from None
    major, minor, patch = numbers(latest)
    if reasons := list(_verdicts(earlier, findings)):
        return Change(f"{major + 1}.0.0", latest, tuple(reasons))
    reasons = list(_moves(outcomes, earlier, findings))
    reasons += [f"input changed: {name}" for name in _changed(digests_before, digests, _INPUTS)]
    if reasons:
        return Change(f"{major}.{minor + 1}.0", latest, tuple(reasons))
    reasons = [f"{name} changed" for name in _changed(digests_before, digests, _REST)]
    if reasons:
        return Change(f"{major}.{minor}.{patch + 1}", latest, tuple(reasons))
    return Change(latest, latest, ())


def _changed(
    before: Mapping[str, Any], after: Mapping[str, Any], names: tuple[str, ...]
) -> list[str]:
    return [name for name in names if (before.get(name) or "") != (after.get(name) or "")]


def _verdicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old = {claim["id"]: claim["verdict"] for claim in before["claims"]}
    new = {claim["id"]: claim["verdict"] for claim in after["claims"]}
    for name in sorted(new.keys() - old.keys()):
        yield f"claim {name} appeared: {new[name]}"
    for name in sorted(old.keys() - new.keys()):
        yield f"claim {name} disappeared"
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield f"claim {name} changed from {old[name]} to {new[name]}"


def _moves(
    outcomes: list[Outcome], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[str]:
    old, new = (
        {one["id"]: one.get("value") for one in document["findings"]}
        for document in (before, after)
    )
    for one in outcomes:
        if one.outcome != DIFFERS:
            continue
        if one.kind == FINDING:
            both = one.name in old and one.name in new
            moved = both and old[one.name] != new[one.name]
            yield f"finding {one.name} " + (
                f"moved from {old[one.name]} to {new[one.name]}" if moved else one.detail
            )
        elif one.kind == CLAIM:
            if _sensitivity(before, one.name) != _sensitivity(after, one.name):
                yield f"claim {one.name} holds in other specifications"
        elif one.name not in _TOLD:
            yield f"{one.name} changed"


def _sensitivity(document: Mapping[str, Any], claim: str) -> Any:
    return next((one.get("sensitivity") for one in document["claims"] if one["id"] == claim), None)
