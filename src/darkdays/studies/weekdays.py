"""One weekday of a place: how often it was cut off, and whether signals agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from darkdays.case.studies import WeekdayShutdowns
from darkdays.contracts.signals import Signal
from darkdays.labels.finding import Finding, share
from darkdays.labels.matched_days import matched_days, typical_window
from darkdays.labels.weekdays import WEEKDAYS, Weekdays, named
from darkdays.labels.weekdays import weekday_shutdowns as find
from darkdays.studies.results import Results


def weekday_shutdowns(
    study: WeekdayShutdowns,
    country: str,
    lists: Mapping[str, pd.DataFrame],
    signals: Sequence[Signal],
) -> Results:
    """Count the weekdays with a shutdown, and hold the list against every signal there is."""
    if not named(lists["stop"], country, study.areas):
        # A place the list never speaks of may be spelt otherwise: that is no "never".
        return Results()
    found = find(
        lists["stop"],
        country=country,
        areas=study.areas,
        weekday=study.weekday,
        first=pd.Timestamp(study.first),
        last=pd.Timestamp(study.last),
    )
    findings = [
        *_counts(study.weekday, found),
        *_hours(study.weekday, found),
        *_against_signals(study, found, signals),
    ]
    return Results(tuple(findings), {"weekdays": _table(found)})


def _counts(weekday: str, found: Weekdays) -> Iterator[Finding]:
    n = len(found.table)
    without = found.without_shutdown["day"].dt.strftime("%Y-%m-%d")
    yield share(f"{weekday}s_with_shutdown", len(found.with_shutdown), n)
    yield share(
        f"{weekday}s_without_shutdown", len(without), n, witnesses={"days": ", ".join(without)}
    )
    yield share("other_days_with_shutdown", found.others_with_shutdown, found.others)
    place = WEEKDAYS.index(weekday)
    as_many = sum(one >= found.by_weekday[place] for one in found.by_weekday)
    yield Finding(
        f"{weekday}s_rank_p",
        as_many / len(WEEKDAYS),
        "probability",
        n=len(WEEKDAYS),
        witnesses={
            "test": "rank among the weekdays",
            "smallest that could come out": 1 / len(WEEKDAYS),
        },
    )


def _hours(weekday: str, found: Weekdays) -> Iterator[Finding]:
    known = found.with_shutdown.dropna(subset=["window_start", "window_end"])
    yield share(f"{weekday}s_with_stated_hours", len(known), len(found.with_shutdown))
    typical = typical_window(found.table)
    if typical is None:
        return
    hour = pd.Timedelta(hours=1)
    hours = (known["window_end"] - known["window_start"]).dt.total_seconds() / 3600
    told = {"note": "times of day that the prose of the list states in UTC"}
    yield Finding(
        "window_start_median", typical[0] / hour, "h after midnight UTC", n=len(known),
        witnesses=told,
    )  # fmt: skip
    yield Finding("window_hours_median", float(hours.median()), "h", n=len(known), witnesses=told)
    yield share(
        "windows_on_the_hour", int((known["window_start"].dt.minute == 0).sum()), len(known)
    )


def _against_signals(
    study: WeekdayShutdowns, found: Weekdays, signals: Sequence[Signal]
) -> Iterator[Finding]:
    rng = np.random.default_rng(study.seed)
    for signal in signals:
        compared = matched_days(found.table, signal.times, signal.values, rng)
        if compared is None:
            continue
        entity = signal.entity.replace(" ", "_")
        name = f"{study.weekday}s_deeper.{signal.datasource}.{entity}"
        yield Finding(
            name,
            compared.cut - compared.clear,
            "share of the level before",
            n=compared.n_cut + compared.n_clear,
            witnesses={
                "median drop with a shutdown": compared.cut,
                "median drop without": compared.clear,
                "with, without": f"{compared.n_cut}, {compared.n_clear}",
                "p": compared.p_value,
                "smallest p that could come out": compared.smallest_p,
                "test": "permutation of the days of one weekday, means, one-sided",
            },
        )


def _table(found: Weekdays) -> pd.DataFrame:
    """Return the days as texts and hours after midnight UTC."""
    hour = pd.Timedelta(hours=1)
    table = found.table
    midnight = table["day"].dt.tz_localize("UTC")
    return pd.DataFrame(
        {
            "day": table["day"].dt.strftime("%Y-%m-%d"),
            "shutdown": table["shutdown"],
            "from": (table["window_start"] - midnight) / hour,
            "until": (table["window_end"] - midnight) / hour,
            "rows of STOP": table["rows"],
        }
    )
