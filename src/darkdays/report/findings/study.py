"""Everything a report is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from darkdays.case.case import Case
from darkdays.claims import Verdict
from darkdays.detect.blocking.sites import Sites
from darkdays.detect.missed.bounds import nothing
from darkdays.evidence.explanations import Explained
from darkdays.studies import Results


@dataclass(frozen=True)
class Study:
    """Everything a report is written from."""

    case: Case
    level: float
    min_depth: float
    verdicts: list[Verdict]
    outages: pd.DataFrame
    stages: pd.DataFrame
    steps: pd.DataFrame
    gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    short: pd.DataFrame = field(default_factory=pd.DataFrame)
    shifts: pd.DataFrame = field(default_factory=pd.DataFrame)
    recurring: pd.DataFrame = field(default_factory=pd.DataFrame)
    agreement: pd.DataFrame = field(default_factory=pd.DataFrame)
    not_assessed: list[str] = field(default_factory=list)
    assessed: int = 0
    results: Results = field(default_factory=Results)
    explained: Explained | None = None
    unread: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    simulated: bool = False
    sites: Sites | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    bounds: pd.DataFrame = field(default_factory=nothing)

    @property
    def lasting(self) -> pd.DataFrame:
        """The stages of return that reached new ground and lasted."""
        return self.stages[self.stages["new_ground"] & self.stages["sustained"]]
