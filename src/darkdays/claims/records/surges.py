"""Claims that a signal rose after an event: people who look for a way around a block."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.case.case import Case
from darkdays.case.records import SurgeAfterEvent
from darkdays.claims.judging.lag_words import hours_in_words
from darkdays.claims.judging.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    SUPPORTED,
    Judgement,
    Number,
    untested,
)  # fmt: skip
from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.events import in_words, of_kind, one_of
from darkdays.contracts.signals import record_of
from darkdays.detect.changepoints.changes import ChangePoints, change_points

_DAY = pd.Timedelta(days=1)
_LOOKED = 0.9
"""Share of the days after an event that has to be measured to say that nothing rose in them."""


def surge_after_event(
    claim: SurgeAfterEvent,
    case: Case,
    signals: xr.DataTree,
    events: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    level: float,
) -> Judgement:
    """Judge whether a signal rose within days of the first event, and not before it.

    Without a rise the claim is contradicted only where one as large as it asks for would have been
    found nineteen times in twenty, and nearly all of the days in which it may have come were
    measured.

    The rise is a change-point (:func:`darkdays.detect.change_points`), confirmed or as large as the
    claim asks: a surge of days is too short for a window that holds no other change, and where to
    look is known from the event. Placebo dates are all dates of the record: p is the share of them
    that a rise, before the event or after it, follows at least as closely.

    Parameters
    ----------
    claim
        The claim.
    case
        For names of entities.
    signals
        Of the case.
    events
        Of the case.
    span
        First moment looked at and the first after it.
    level
        Confidence of changes, intervals and the placebo test.
    """
    name, title = case.name_of(claim.entity), DATASOURCES[claim.datasource].title
    event = in_words(claim.event)
    series = record_of(signals, claim.datasource, claim.entity, span)
    dated = of_kind(events, claim.event).sort_values("start_low")
    dated = dated[(dated["start_low"] >= span[0]) & (dated["start_low"] < span[1])]
    if series.empty or dated.empty:
        return untested(f"{title} of {name}" if series.empty else f"a dated {event}")
    found = change_points(series, level=level, time_zone=case.time_zone)
    low, high = dated["start_low"].iloc[0], dated["start_high"].iloc[0]
    every = _rises(found, claim.at_least_times)
    rises = every[every["high"] > low]
    if rises.empty:
        least = found.smallest_detectable / found.levels[0] if found.verdict == "no change" else nan
        why = (found.reason or "it changed before").removesuffix(".")
        told = f"; {why}."
        if least == least:
            told = f"; one to {1 + least:.2f} times the level could have been missed."
        until = high + claim.within_days * _DAY
        looked = float(series[(series.index >= low) & (series.index < until)].count())
        looked *= np.median(np.diff(series.index)) / (until - low)
        if looked < _LOOKED:
            told += f" Of the days in which it may have come {min(looked, 1):.0%} were measured."
        excluded = 1 + least < claim.at_least_times and looked >= _LOOKED
        return Judgement(
            CONTRADICTED if excluded else INCONCLUSIVE,
            f"{title} of {name}: no rise after the first {event} ({low:%Y-%m-%d}) is "
            f"confirmed{told}",
            f"A longer record of {name}.",
        )
    rise = rises.iloc[0]
    step = pd.Timedelta(np.median(np.diff(series.index)))
    measured = series.dropna().index
    # In a gap it may have come at once after the last sample before.
    earliest = measured[measured.searchsorted(rise["time"]) - 1] + step
    first = (min(rise["low"], earliest) - high) / _DAY
    last = (rise["high"] + step - low) / _DAY
    lag = (rise["time"] - low) / _DAY
    starts = (every["time"].to_numpy()[:, None] - series.index.to_numpy()[None, :]) / _DAY
    placebo = float(((starts >= 0) & (starts <= lag)).any(axis=0).mean())
    shared = [
        case.name_of(entity)
        for entity in claim.compared_with
        if _rose(record_of(signals, claim.datasource, entity, span), rise, claim, level)
    ]
    ratio = float(rise["after"] / max(rise["before"], 1e-9))
    # A return from a fall is no surge: before the event it was as high.
    usual = float(np.nan_to_num(series[series.index < low].median()))
    fell = rise["after"] < claim.at_least_times * usual
    is_open = earliest < low or last > claim.within_days + 1 or placebo > 1 - level or bool(shared)
    is_open = is_open or ratio < claim.at_least_times or fell
    because = (
        f"{title} of {name} rose from {rise['before']:,.0f} to {rise['after']:,.0f} a day on "
        f"{rise['time']:%d %B %Y}, {hours_in_words(24 * abs(lag))} "
        f"{'before' if lag < 0 else 'after'} the first {event}; of the dates of the "
        f"record {placebo:.1%} are followed by a rise as closely."
    )
    if earliest < low and lag >= 0:
        because += f" Nothing was measured before it from {earliest:%d %B %Y} on."
    if fell and ratio >= claim.at_least_times:
        because += f" It came back to what it was: {usual:,.0f} a day before the first {event}."
    if lag > claim.within_days:
        because += f" A smaller rise within {claim.within_days} days is not excluded."
    if shared:
        because += f" {', '.join(shared)} rose at the same time: the instrument or the world did."
    numbers = (
        Number("lag_days", lag, "days", first, last, n=len(series)),
        Number("placebo_p", placebo, "probability", n=len(series)),
        Number("ratio", ratio, "times", n=len(series)),
    )
    return Judgement(
        INCONCLUSIVE if is_open else SUPPORTED,
        because,
        f"A rise of the same kind without {one_of(claim.event)} before it.",
        numbers,
    )


def _rises(found: ChangePoints, times: float) -> pd.DataFrame:
    """Return the rises of a series that are confirmed, or to so many times the level before."""
    dates = pd.DatetimeIndex(found.times if len(found) else [], tz="UTC")
    bounds = np.asarray(found.intervals, dtype="datetime64[ns]").reshape(-1, 2)
    table = pd.DataFrame(
        {
            "time": dates,
            "low": pd.DatetimeIndex(bounds[:, 0], tz="UTC"),
            "high": pd.DatetimeIndex(bounds[:, 1], tz="UTC"),
            "before": found.before,
            "after": found.after,
        }
    )
    large = table["after"] >= times * table["before"]
    return table[(found.confirmed | large) & (table["after"] > table["before"])]


def _rose(series: pd.Series, rise: pd.Series, claim: SurgeAfterEvent, level: float) -> bool:
    if series.empty:
        return False
    rises = _rises(change_points(series, level=level), claim.at_least_times)
    return bool(((rises["low"] <= rise["high"]) & (rises["high"] >= rise["low"])).any())
