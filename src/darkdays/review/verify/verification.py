"""What checking a report came to: outcomes, notes, and the one word over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from darkdays.report.version.compare import (
    CANNOT,
    DIFFERS,
    IDENTICAL,
    UNCOMPARED,
    WITHIN,
    Outcome,
    worst,
)

_STATUS: Final = {DIFFERS: 1, CANNOT: 3}
OUTCOMES: Final = (IDENTICAL, WITHIN, UNCOMPARED, DIFFERS, CANNOT)
AGREES: Final = "agrees where it was compared"
"""What a check comes to in which nothing differs and not everything could be compared."""


@dataclass(frozen=True)
class Verification:
    """What checking one version came to.

    Attributes
    ----------
    case, version
        Which report.
    manifest
        SHA-256 of its manifest.
    outcomes
        Of files, digests, inputs, claims, findings, parts, figures, cells and pages.
    executed
        Whether it was executed again.
    isolated
        Whether the network was out of reach meanwhile, None where nothing was executed.
    notes
        What a reader should know besides: other code, other libraries, no network namespace.
    """

    case: str
    version: str
    manifest: str
    outcomes: tuple[Outcome, ...]
    executed: bool
    isolated: bool | None
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """The gravest outcome; `AGREES` where that is something not compared."""
        gravest = worst(list(self.outcomes))
        return AGREES if gravest == UNCOMPARED else gravest

    @property
    def exit_status(self) -> int:
        """0, or 1 where something differs, 3 where inputs are missing."""
        return _STATUS.get(self.outcome, 0)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many outcomes of each kind of thing."""
        kinds = dict.fromkeys(one.kind for one in self.outcomes)
        table = Counter((one.kind, one.outcome) for one in self.outcomes)
        return {kind: {word: table[kind, word] for word in OUTCOMES} for kind in kinds}

    @property
    def striking(self) -> list[Outcome]:
        """Everything that is not identical, the gravest first."""
        odd = [one for one in self.outcomes if one.outcome != IDENTICAL]
        order = (DIFFERS, CANNOT, UNCOMPARED, WITHIN)
        return sorted(odd, key=lambda one: order.index(one.outcome))

    @property
    def line(self) -> str:
        """What it came to, and what is gravest in it, in one line."""
        said = f"{self.case} {self.version}: {self.outcome}"
        if self.exit_status == 0:
            return said
        first, *more = self.striking
        why = f" ({first.detail})" if first.detail else ""
        return f"{said}: {first.kind} {first.name}{why}" + f" and {len(more)} more" * bool(more)

    def document(self) -> dict[str, Any]:
        """Return what ``darkdays verify --json`` prints."""
        return {
            "case": self.case,
            "version": self.version,
            "manifest": self.manifest,
            "outcome": self.outcome,
            "executed": self.executed,
            "network_out_of_reach": self.isolated,
            "counts": self.counts,
            "outcomes": outcomes_document(self.outcomes),
            "notes": list(self.notes),
        }


def outcomes_document(outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    """Return outcomes as JSON has them."""
    return [vars(one) for one in outcomes]
