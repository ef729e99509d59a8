"""What changes are attributed to, judged by what came out of the runs with things swapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from darkdays.report.version.compare import DIFFERS, compare, without_added
from darkdays.review.diff.diff import Difference

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
    untried
        Whether something could not be swapped, so that it may explain what nothing else does.
    """

    kind: str
    name: str
    explained_by: tuple[Swap, ...]
    moved_by: tuple[Swap, ...]
    reproducible: bool
    untried: bool = False

    @property
    def words(self) -> str:
        """Say it in a few words."""
        if not self.reproducible:
            return "not the same here even with nothing swapped: the machine has a part in it"
        if self.explained_by:
            return " or ".join(" and ".join(one) for one in self.explained_by)
        if self.untried:
            return "unknown: what could be swapped does not explain it, and not everything could"
        if self.moved_by:
            part = ", ".join(" and ".join(one) for one in self.moved_by)
            return f"none of them; moved part of the way by {part}"
        return "none of them, not even all together: the machine has a part in it"


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
    unknown
        Which of the two versions could not be run, and why: without the earlier one nothing is
        attributed, without the later one what it alone explains is not.
    """

    reasons: tuple[Reason, ...]
    tried: tuple[Swap, ...]
    not_tried: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def reasons(
    difference: Difference, ran: Mapping[Swap, Mapping[str, Any]], *, untried: bool
) -> Iterator[Reason]:
    """Go through what changed, each with what explains it; through nothing without a start.

    Parameters
    ----------
    difference
        What changed.
    ran
        Findings documents by what was swapped.
    untried
        Whether something could not be swapped.
    """
    if NOTHING not in ran:
        return
    names = [("claim", one.name) for one in difference.claims]
    names += [("finding", one.name) for one in difference.findings]
    for kind, name in names:
        before, after = (
            _item(kind, name, side.findings) for side in (difference.before, difference.after)
        )
        found = {swap: _item(kind, name, document) for swap, document in ran.items()}
        steady = _agree(kind, before, found[NOTHING])
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
        yield Reason(kind, name, tuple(alone), tuple(part), steady, untried)


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
