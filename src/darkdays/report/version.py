"""Semantic versions of findings: what changed decides the number, and nothing is overwritten.

MAJOR: a claim appeared, disappeared or changed verdict. MINOR: a finding moved, or the inputs
changed. PATCH: the findings are equal, something else changed. Nothing changed: no new version.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError

_VERSION: Final = re.compile(r"^(\d+)\.(\d+)\.(\d+)$")
TOLERANCE: Final = 1e-9
"""Relative difference of a number that counts as none."""


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
    found = [path.name for path in folder.iterdir() if _VERSION.match(path.name) and path.is_dir()]
    return sorted(found, key=_numbers)


def next_version(folder: Path, findings: dict[str, Any], digests: dict[str, Any]) -> Change:
    """Compare a draft with the latest version in a folder.

    Parameters
    ----------
    folder
        ``reports/<case>``.
    findings
        The draft's findings document.
    digests
        The draft's digests: ``case``, ``data``, ``parameters``, ``code``, ``environment``.

    Raises
    ------
    DarkdaysError
        If the latest version cannot be read.
    """
    existing = versions(folder)
    if not existing:
        return Change("1.0.0", None, ("first version",))
    latest = existing[-1]
    try:
        before = json.loads((folder / latest / "findings.json").read_text(encoding="utf-8"))
        manifest = json.loads((folder / latest / "manifest.json").read_text(encoding="utf-8"))
        digests_before = manifest["digests"]
    except (OSError, ValueError, KeyError):
        raise DarkdaysError(
            f"version {latest} in {folder} cannot be read; restore it, or move it away."
        ) from None
    major, minor, patch = _numbers(latest)
    if reasons := _claims_changed(before["claims"], findings["claims"]):
        return Change(f"{major + 1}.0.0", latest, tuple(reasons))
    reasons = _findings_changed(before, findings)
    reasons += [f"input changed: {name}" for name in _changed(digests_before, digests, _INPUTS)]
    if reasons:
        return Change(f"{major}.{minor + 1}.0", latest, tuple(reasons))
    reasons = [f"{name} changed" for name in _changed(digests_before, digests, _REST)]
    if reasons:
        return Change(f"{major}.{minor}.{patch + 1}", latest, tuple(reasons))
    return Change(latest, latest, ())


_INPUTS: Final = ("case", "data", "snapshot", "parameters")
_REST: Final = ("code", "environment")


def _numbers(version: str) -> tuple[int, int, int]:
    match = _VERSION.match(version)
    assert match is not None
    return int(match[1]), int(match[2]), int(match[3])


def _changed(before: dict[str, Any], after: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if before.get(name) != after.get(name)]


def _claims_changed(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    old = {claim["id"]: claim["verdict"] for claim in before}
    new = {claim["id"]: claim["verdict"] for claim in after}
    reasons = [f"claim {name} appeared: {new[name]}" for name in sorted(new.keys() - old.keys())]
    reasons += [f"claim {name} disappeared" for name in sorted(old.keys() - new.keys())]
    reasons += [
        f"claim {name} changed from {old[name]} to {new[name]}"
        for name in sorted(old.keys() & new.keys())
        if old[name] != new[name]
    ]
    return reasons


def _findings_changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    old = {finding["id"]: finding for finding in before["findings"]}
    new = {finding["id"]: finding for finding in after["findings"]}
    reasons = [f"finding {name} appeared" for name in sorted(new.keys() - old.keys())]
    reasons += [f"finding {name} disappeared" for name in sorted(old.keys() - new.keys())]
    reasons += [
        f"finding {name} moved from {old[name]['value']} to {new[name]['value']}"
        for name in sorted(old.keys() & new.keys())
        if not _same(old[name], new[name])
    ]
    rest = (
        "outages",
        "instrument_gaps",
        "short_events",
        "signals_not_assessed",
        "not_read",
        "simulated",
    )
    reasons += [f"{name} changed" for name in rest if not _same(before.get(name), after.get(name))]
    return reasons


def _same(one: Any, other: Any) -> bool:
    """Compare documents, numbers within :data:`TOLERANCE`."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, (int, float)):
        return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))
    return bool(one == other)
