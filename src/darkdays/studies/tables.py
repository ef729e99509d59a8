"""The labelled outages that several studies begin with."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from darkdays.case.sources import Window
from darkdays.case.studies import MatchingRule
from darkdays.contracts.moments import in_utc
from darkdays.labels.matching import Rule, labelled, matches


def bounds(window: Window) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return both ends of a window, UTC."""
    start, end = in_utc(window.start, window.end)
    return start, end


def labelled_of(
    stated: MatchingRule, window: Window, lists: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the labelled outages of a window, and the pairs they were matched by."""
    rule = Rule(stated.days_before, stated.days_after, stated.days_after_end, stated.ordered_causes)
    pairs = matches(lists["stop"], lists["ioda-curated"], rule)
    return labelled(lists["ioda-curated"], pairs, rule.ordered, *bounds(window)), pairs
