"""Measured tolerances: how far each number moved when the study ran under other conditions.

``darkdays envelope`` measures them and keeps them beside the case; a report that is made from
exactly the same inputs and computation states them with its findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from darkdays.files.bounded import json_of
from darkdays.report.version.json_values import TOLERANCE

SCHEMA: Final = 1
MADE_FROM: Final = ("case", "data", "snapshot", "parameters", "computation")


@dataclass(frozen=True)
class Tolerances:
    """What was measured for a report.

    Attributes
    ----------
    settings
        Names of the conditions the study ran under, none where nothing was measured.
    findings
        By id of a finding and path in it, in the unit of the number, minutes for times. What is
        not listed did not move.
    elsewhere
        By path in the rest of the findings document.
    figures
        Relative, by name of a figure.
    """

    settings: tuple[str, ...] = ()
    findings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    elsewhere: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)

    def of(self, finding: str) -> dict[str, float] | None:
        """Return the tolerance of a finding, None where none was measured."""
        return dict(self.findings.get(finding, {})) if self.settings else None

    @property
    def document(self) -> dict[str, Any]:
        """What ``findings.json`` says of all of them together."""
        return {
            "measured_in": list(self.settings),
            "relative": TOLERANCE,
            "elsewhere": dict(self.elsewhere),
            "figures": dict(self.figures),
        }


def tolerances_of(content: bytes | None, made_from: Mapping[str, Any]) -> Tolerances:
    """Return the tolerances an envelope states, none if it was measured on something else.

    Parameters
    ----------
    content
        Of ``envelope.json``, None if there is none.
    made_from
        Digests of the report, :data:`MADE_FROM` among them.
    """
    if content is None:
        return Tolerances()
    try:
        envelope = json_of(content)
        if any(envelope["made_from"][name] != made_from[name] for name in MADE_FROM):
            return Tolerances()
        return Tolerances(
            tuple(one["name"] for one in envelope["settings"]),
            envelope["findings"],
            envelope["elsewhere"],
            envelope["figures"],
        )
    except (ValueError, KeyError, TypeError):
        return Tolerances()
