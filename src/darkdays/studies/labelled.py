"""The table of "Destination Unreachable", counted again from its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd
import scipy

from darkdays.case.sources import Window
from darkdays.case.studies import LabelledOutages
from darkdays.labels.finding import Finding, number, share
from darkdays.labels.timing import (
    PERCENTS,
    minutes,
    on_the_hour,
    published_percentile,
    recurrence,
    weekdays,
)
from darkdays.studies.recalled import recalled
from darkdays.studies.results import Results
from darkdays.studies.tables import labelled_of
from darkdays.studies.unseen import unseen

_FRIDAY: Final = 4
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def labelled_outages(
    study: LabelledOutages, window: Window, lists: Mapping[str, pd.DataFrame]
) -> Results:
    """Count shutdowns and outages, how long they lasted, when they began, and who saw them."""
    table, pairs = labelled_of(study.rule, window, lists)
    national = table[table["scope"] == "country"]
    kinds = {
        "shutdown": national[national["shutdown"]],
        "outage": national[~national["shutdown"]],
    }
    findings: list[Finding] = []
    for kind, rows in kinds.items():
        findings += _counts(kind, rows)
        findings += _durations(kind, rows)
    findings += _on_the_hour(table, kinds)
    tables = {"durations": _duration_table(kinds), "minutes": _minute_table(kinds)}
    return (
        Results(tuple(findings), tables)
        + recalled(lists, pairs, window)
        + unseen(lists["stop"], lists["ioda-curated"], pairs)
    )


def _counts(kind: str, rows: pd.DataFrame) -> Iterator[Finding]:
    countries = rows["country"].nunique()
    again = recurrence(rows)
    yield number(f"national_{kind}s", len(rows), "events", {"countries": countries})
    yield number(f"national_{kind}_countries", countries, "countries")
    yield number(f"national_{kind}_countries_once", again.once, "countries")
    seen = int((rows["bgp"] & rows["probing"] & rows["telescope"]).sum())
    yield share(f"national_{kind}s_in_three_signals", seen, len(rows))
    for days, count in enumerate(again.after, start=1):
        yield share(
            f"national_{kind}s_again_after_{days}d",
            count,
            again.gaps,
            witnesses={"note": "successive beginnings in one country, exactly whole days apart"},
        )
    counted = weekdays(rows["local_start"])
    for day, count in zip(_DAYS, counted, strict=True):
        yield share(f"national_{kind}s_on_{day}", count, len(rows))
    if kind == "shutdown" and len(rows):
        test = scipy.stats.binomtest(counted[_FRIDAY], len(rows), 1 / len(_DAYS))
        yield Finding(
            "national_shutdowns_friday_p",
            float(test.pvalue),
            "probability",
            n=len(rows),
            witnesses={
                "test": "binomial against one in seven, two-sided",
                "note": "takes events as independent, which seasons of exams are not",
            },
        )


def _durations(kind: str, rows: pd.DataFrame) -> Iterator[Finding]:
    hours = rows["hours"].to_numpy(np.float64)
    ended = hours[~np.isnan(hours)]
    forwards = ended[ended > 0]
    for percent in PERCENTS:
        yield Finding(
            f"duration_{kind}_p{percent}",
            published_percentile(ended, percent),
            "h",
            n=ended.size,
            witnesses={
                "without an end": len(rows) - ended.size,
                "ends before it begins": ended.size - forwards.size,
                "without those": published_percentile(forwards, percent),
            },
        )


def _on_the_hour(table: pd.DataFrame, kinds: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    national = "national scope, by the clocks of the country"
    for name, rows, note in (
        (
            "on_hour_all_scopes",
            table[table["shutdown"]],
            "shutdowns of countries, regions and networks together: the published figure",
        ),
        ("on_hour_national", kinds["shutdown"], national),
        ("on_hour_outages_national", kinds["outage"], national),
    ):
        hits = on_the_hour(rows["local_start"])
        yield share(name, hits, len(rows), witnesses={"note": note})


def _duration_table(kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = [
        (kind, percent, published_percentile(rows["hours"].to_numpy(np.float64), percent))
        for kind, rows in kinds.items()
        for percent in range(1, 100)
    ]
    return pd.DataFrame(rows, columns=["kind", "percent", "hours"])


def _minute_table(kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = [
        (kind, minute, count, count / max(len(rows), 1))
        for kind, rows in kinds.items()
        for minute, count in minutes(rows["local_start"]).items()
    ]
    return pd.DataFrame(rows, columns=["kind", "minute", "events", "share"])
