"""What studies of lists come to: findings, and tables of counts behind the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from darkdays.labels.finding import Finding


@dataclass(frozen=True)
class Results:
    """Findings and tables of one or more studies.

    Attributes
    ----------
    findings
        In the order they were made.
    tables
        By name; texts and numbers only, counts and named rows, never a copy of a list.
    citations
        Of the lists they were made from.
    """

    findings: tuple[Finding, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    citations: tuple[str, ...] = ()

    def __add__(self, other: Results) -> Results:
        return Results(
            self.findings + other.findings,
            {**self.tables, **other.tables},
            tuple(dict.fromkeys(self.citations + other.citations)),
        )

    @property
    def by_id(self) -> dict[str, Finding]:
        """The findings by their id."""
        return {one.id: one for one in self.findings}
