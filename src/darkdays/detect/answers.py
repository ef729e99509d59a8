"""Both questions on one series: when did it change, and when was it down.

Change-points and outages are found by two descriptions of the same samples. What one of them sees
and the other does not is said in a sentence: they never contradict each other in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from darkdays.contracts.signals import Signal
from darkdays.detect.baseline.baseline import HOUR_OF_DAY_FROM
from darkdays.detect.baseline.calendar import Calendar
from darkdays.detect.changepoints.changes import ChangePoints, change_points
from darkdays.detect.changepoints.fixed_dates import changes_at
from darkdays.detect.changepoints.records import checked, zone_of
from darkdays.detect.changepoints.verdicts import Verdict
from darkdays.detect.even_times import evened
from darkdays.detect.outages.family import false_rates
from darkdays.detect.outages.outages import COLUMNS, TIMES, analyse_all, outages_of
from darkdays.detect.outages.prepared import prepare

MIN_DEPTH: Final = 0.10
"""Share of its normal level that a series has to lose to be down."""
_NEAR: Final = 2  # steps
_LISTED: Final = 3
_YEARS: Final = 1700, 2200  # what nanoseconds reach


@dataclass(frozen=True)
class Answer:
    """What is known of one series.

    Attributes
    ----------
    verdict
        ``changes``, ``no change`` or ``cannot tell``.
    reason
        Why nobody can tell, a sentence; empty otherwise.
    changes
        When it changed.
    outages
        When it was down, columns as :func:`darkdays.detect.outages` gives them.
    dated
        Tests at dates fixed beforehand, as
        :func:`darkdays.detect.changepoints.fixed_dates.changes_at` gives them.
    remarks
        Where the two disagree, or one of them cannot be asked; a sentence each.
    """

    verdict: Verdict
    reason: str
    changes: ChangePoints
    outages: pd.DataFrame
    dated: pd.DataFrame
    remarks: tuple[str, ...]


def answer(
    values: ArrayLike | xr.DataArray | pd.Series,
    *,
    times: ArrayLike | pd.DatetimeIndex | None = None,
    at: Sequence[str | pd.Timestamp | int] = (),
    period: str | pd.Timedelta | None = None,
    time_zone: str | None = None,
    level: float = 0.95,
    rng: int = 0,
) -> Answer:
    """Say when a series changed and when it was down.

    Parameters
    ----------
    values
        A series over times, or numbers; NaN is missing.
    times
        Of numbers that bring none. Without them only changes are looked for.
    at
        Dates fixed without looking at the series, each to be tested by itself.
    period
        Season to take out, such as ``day`` or ``week``; looked for if not given.
    time_zone
        Whose clock the season keeps: that of the times, or UTC, if not given.
    level
        One minus the chance that something is found where nothing is.
    rng
        Seed of what is drawn.

    Raises
    ------
    InputError
        If it is no series, a parameter is out of range, or a date is none of the record.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import darkdays as dd
    >>> hours = pd.date_range("2021-07-01", periods=240, freq="h", tz="UTC")
    >>> noise = np.random.default_rng(7).normal(size=240)
    >>> traffic = pd.Series(100 + noise, hours)
    >>> traffic["2021-07-06":"2021-07-06"] = 4
    >>> found = dd.detect(traffic)
    >>> found.verdict
    'changes'
    >>> [f"{one:%d %b %H:%M}" for one in found.changes.times]
    ['06 Jul 00:00', '07 Jul 00:00']
    >>> found.outages["kind"].tolist()
    ['cut']
    """
    changes = change_points(
        values, times=times, period=period, time_zone=time_zone, level=level, rng=rng
    )
    series, stamps = checked(values, times)
    zone = time_zone or zone_of(values, times)
    dated = pd.DataFrame()
    if at:
        dated = changes_at(series, at, times=stamps, time_zone=zone, level=level, rng=rng)
    down, remarks = _down(_for_outages(series, stamps, changes), stamps, zone, level)
    verdict, reason = changes.verdict, changes.reason
    if not remarks:
        down = down[down["p"] <= 1 - level].reset_index(drop=True)
        step = Calendar.of(series.size, stamps, zone).step
        remarks += _disagreements(changes, down, step, zone)
    if len(down):
        if verdict == "cannot tell":
            remarks.append(
                "What explains the series without a change explains its outages too: they are "
                "candidates only."
            )
        elif verdict == "no change":
            # Asking two questions doubles the chance of a false answer; what is labelled as
            # something else than an outage has no q, and is no finding.
            sure = bool((2 * down["q"] <= 1 - level).any())
            verdict = "changes" if sure else "cannot tell"
            reason = "" if sure else "it was down for a while, and no change-point bears it out."
    return Answer(verdict, reason, changes, down, dated, tuple(remarks))


def together(answers: Sequence[Answer], level: float) -> tuple[list[Answer], NDArray[np.float64]]:
    """Correct the answers to many series over all of them.

    Parameters
    ----------
    answers
        One a series.
    level
        One minus the share of changes and outages that may be false.

    Returns
    -------
    answers : list of Answer
        With ``cannot tell`` where nothing found of a series stands among so many.
    rates : numpy.ndarray
        Least false discovery rate (Benjamini & Yekutieli 2001) at which anything found of each
        series stands, shape ``(k,)``; NaN where nothing was found.
    """
    found = [np.concatenate([one.changes.p_values, one.outages["p"]]) for one in answers]
    owners = np.repeat(np.arange(len(answers)), [one.size for one in found])
    quiet = sum(one.size == 0 for one in found)
    rates = np.full(len(answers), np.inf)
    np.minimum.at(rates, owners, false_rates(np.concatenate(found).astype(np.float64), quiet))
    judged = [
        replace(
            one,
            verdict="cannot tell",
            reason=f"among {len(answers)} series something like it is found by chance "
            f"(false discovery rate {rate:.2g}).",
        )
        if one.verdict == "changes" and rate > 1 - level
        else one
        for one, rate in zip(answers, rates, strict=True)
    ]
    return judged, np.where(np.isinf(rates), np.nan, rates)


def _for_outages(
    series: NDArray[np.float64], stamps: pd.DatetimeIndex | None, changes: ChangePoints
) -> NDArray[np.float64]:
    """Return a series without a season that only change-points can see in so short a record.

    What is nothing stays nothing, whatever the hour.
    """
    if stamps is None or stamps[-1] - stamps[0] >= HOUR_OF_DAY_FROM or np.nanmin(series) < 0:
        return series
    plain = series.copy()
    plain[np.isfinite(series)] = np.maximum(changes.flat, 0.0)
    return np.where(series == 0, 0.0, plain)


def _down(
    series: NDArray[np.float64], stamps: pd.DatetimeIndex | None, zone: str, level: float
) -> tuple[pd.DataFrame, list[str]]:
    """Return the outages of a series, or why it cannot be asked for them."""
    found, why = pd.DataFrame(columns=list(COLUMNS)), ""
    if stamps is None or stamps.size < 2:
        why = "need times: without them only changes are looked for"
    elif stamps[0].year < _YEARS[0] or stamps[-1].year > _YEARS[1]:
        why = f"are looked for between the years {_YEARS[0]} and {_YEARS[1]} only"
    elif np.nanmin(series) < 0:
        why = "are falls of what cannot be below 0; this series has such values"
    elif (even := evened(stamps)) is None:
        why = "need even steps of time: only changes were looked for"
    else:
        signal = Signal("", "", pd.Timedelta(np.diff(even).min()), even, series)
        judged = analyse_all(filter(None, [prepare(signal, zone)]), level)
        found = outages_of(judged, min_depth=MIN_DEPTH)
        for name in TIMES if even is not stamps else ():
            near = even.get_indexer(pd.DatetimeIndex(found[name]).tz_localize(None), "nearest")
            found[name] = stamps[near].tz_localize("UTC").where(found[name].notna())
    return found, [f"Outages {why}."] if why else []


def _disagreements(changes: ChangePoints, down: pd.DataFrame, step: int, zone: str) -> list[str]:
    """Return a sentence for edges without a change-point, and one for falls without an outage."""
    near = pd.Timedelta(_NEAR * step, unit="s")
    ends = [[f"{edge}_low", f"{edge}_high"] for edge in ("onset", "recovery")]
    edges = pd.concat([down[pair].set_axis(["low", "high"], axis=1) for pair in ends]).dropna()
    edges = edges.apply(lambda column: column.dt.tz_localize(None))
    spans = pd.DataFrame(changes.intervals, columns=["low", "high"])
    fallen = changes.after < (1 - MIN_DEPTH) * changes.before
    unseen = edges[_apart(edges, spans, near)]
    falls = spans[_apart(spans, edges, near) & fallen]
    return [
        f"{_when(times['high'], zone)} {what}."
        for times, what in (
            (unseen, "an outage begins or ends, and there is no change-point"),
            (falls, "it falls, and no outage begins or ends: a new level, or one that wanders"),
        )
        if len(times)
    ]


def _apart(some: pd.DataFrame, others: pd.DataFrame, near: pd.Timedelta) -> NDArray[np.bool_]:
    """Say of each span whether no other one is near."""
    low, high = others.to_numpy("datetime64[ns]").T
    reach = near.to_timedelta64()
    meet = [
        ((low <= end + reach) & (high >= begin - reach)).any()
        for begin, end in some.to_numpy("datetime64[ns]")
    ]
    return ~np.array(meet, bool)


def _when(times: pd.Series, zone: str) -> str:
    local = times.sort_values().dt.tz_localize("UTC").dt.tz_convert(zone)
    first = ", ".join(f"{one:%Y-%m-%d %H:%M}" for one in local.head(_LISTED))
    more = len(times) - _LISTED
    return f"At {first} {zone}{f' and {more} more times' if more > 0 else ''}"
