"""The figures of studies of lists, drawn from their tables of counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from darkdays.figures.labels.classifier import classifier_groups
from darkdays.figures.labels.durations import durations
from darkdays.figures.labels.minutes import minutes_of_the_hour
from darkdays.figures.labels.rate_ratios import rate_ratios
from darkdays.figures.labels.weekdays import weekday_windows
from darkdays.figures.plot import Plot

_DRAWN: Final[Mapping[str, Callable[[pd.DataFrame], Plot]]] = {
    "durations": durations,
    "minutes": minutes_of_the_hour,
    "rate_ratios": rate_ratios,
    "classifier_groups": classifier_groups,
    "weekdays": weekday_windows,
}


def of_lists(tables: Mapping[str, pd.DataFrame]) -> list[Plot]:
    """Draw a figure for every table that has one and is not empty, always in the same order."""
    return [
        draw(tables[name]) for name, draw in _DRAWN.items() if name in tables and len(tables[name])
    ]
