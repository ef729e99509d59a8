"""The figures of studies of lists, drawn from their tables of counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import pandas as pd

from darkdays.figures.labels.classifier import classifier_groups
from darkdays.figures.labels.durations import durations
from darkdays.figures.labels.minutes import minutes_of_the_hour
from darkdays.figures.labels.rate_ratios import rate_ratios
from darkdays.figures.labels.weekdays import weekday_windows
from darkdays.figures.plot import Make

_DRAWN: Final[Mapping[str, Make]] = {
    "durations": durations,
    "minutes": minutes_of_the_hour,
    "rate_ratios": rate_ratios,
    "classifier_groups": classifier_groups,
    "weekdays": weekday_windows,
}


def of_lists(tables: Mapping[str, pd.DataFrame]) -> Iterator[Make]:
    """Go through the figures of all tables that have one and are not empty, in one order."""
    for name, make in _DRAWN.items():
        if name in tables and len(tables[name]):
            yield partial(make, tables[name])
