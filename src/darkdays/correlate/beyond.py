"""Whether an outage is larger than any that other places, or other times, knew anyway.

Where power is cut every day, outages on days of protest say nothing by themselves. What speaks is
an outage beyond what the same place has at other times, and other places at any time, under the
same power cuts. The largest outage of the window is ranked among the largest of every place and
window of that length (placebo places and placebo dates at once, see
:mod:`darkdays.correlate.shifts.controls`): if power cuts know nothing of the protest, all ranks are
equally likely, however long and deep they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.outages import ends
from darkdays.correlate.shifts.controls import placebo_windows
from darkdays.files.writing import rows_of

_DAY: Final = pd.Timedelta(days=1)
_HOUR_SECONDS: Final = 3600.0
_CHANGED_CLOCK: Final = 0.1
_LEAST_MEASURED: Final = 0.5


@dataclass(frozen=True)
class Beyond:
    """The largest outage of a window among those of other places and times.

    Attributes
    ----------
    outage
        A row of the table of outages; None where the window has no sized outage.
    lost, lost_low, lost_high
        Hours of the whole network that it took: depth times duration, with bounds.
    reached
        Places and windows with an outage at least as large as this one certainly was.
    compared
        Places and windows it was compared with.
    largest
        The most that one of them lost.
    measured
        Share of the window that was measured in the place.
    left_out
        Places and windows that were measured less than half: neither zero nor windows.
    """

    outage: Any
    lost: float
    lost_low: float
    lost_high: float
    reached: int
    compared: int
    largest: float
    measured: float = 1.0
    left_out: int = 0

    @property
    def p_value(self) -> float:
        """One more than :attr:`reached`, over one more than :attr:`compared`."""
        return (1 + self.reached) / (1 + self.compared)

    @property
    def smallest_p(self) -> float:
        """The p-value of an outage larger than all others."""
        return 1 / (1 + self.compared)


def largest_beyond(
    outages: pd.DataFrame,
    place: str,
    window: tuple[pd.Timestamp, pd.Timestamp],
    others: Collection[str],
    record: tuple[pd.Timestamp, pd.Timestamp],
    measured: Mapping[str, tuple[pd.DatetimeIndex, pd.Timedelta]],
) -> Beyond:
    """Rank the largest outage of a place in a window.

    Parameters
    ----------
    outages
        Of one datasource, as the detector gives them, those to believe only (UTC).
    place
        Whose outages.
    window
        ``[start, end)``, aware; an outage belongs to the window in which it begins.
    others
        Places that were measured alike.
    record
        First and last moment measured; windows of the same length that lie inside it and overlap
        neither the window nor each other are the other times, of all places.
    measured
        Beginnings (naive UTC, in order) and width of the measured bins of each place, in that
        datasource.

    Returns
    -------
    Beyond
    """
    spans = [window, *_other_windows(window, record)]
    names = sorted({place, *others})
    sized = _sized(outages[outages["entity"].isin(names)])
    sized = sized.assign(span=_span_of(sized["begin"], spans))
    sized = sized[sized["span"] >= 0]
    largest = sized.groupby(["entity", "span"])["lost"].max()
    every = pd.MultiIndex.from_product([names, range(len(spans))], names=largest.index.names)
    shares = pd.Series(
        [share for name in names for share in _shares(*measured[name], spans)], index=every
    )
    other = shares.drop((place, 0))
    seen = other.index[other >= _LEAST_MEASURED]
    elsewhere = largest.reindex(seen, fill_value=0.0).to_numpy(np.float64)
    most = float(elsewhere.max(initial=0.0))
    among = (len(seen), most, float(shares[place, 0]), len(other) - len(seen))
    mine = sized[(sized["entity"] == place) & (sized["span"] == 0)].sort_values(
        ["lost_low", "begin"], ascending=[False, True], kind="stable"
    )
    if mine.empty:
        return Beyond(None, 0.0, 0.0, 0.0, len(seen), *among)
    row = next(rows_of(mine))
    reached = int((elsewhere >= row.lost_low).sum())
    return Beyond(row, row.lost, row.lost_low, row.lost_high, reached, *among)


def _shares(
    times: pd.DatetimeIndex,
    step: pd.Timedelta,
    spans: list[tuple[pd.Timestamp, pd.Timestamp]],
) -> NDArray[np.float64]:
    """Return the share of each interval that was measured."""
    edges = pd.DatetimeIndex([edge for span in spans for edge in span]).tz_localize(None)
    bins = np.diff(times.searchsorted(edges).reshape(-1, 2), axis=1)[:, 0]
    lengths = np.array([(end - start) / step for start, end in spans])
    return np.asarray(np.minimum(bins / lengths, 1.0), dtype=np.float64)


def _span_of(
    moments: pd.Series, spans: list[tuple[pd.Timestamp, pd.Timestamp]]
) -> NDArray[np.intp]:
    """Return which of some intervals that do not overlap holds each moment, -1 for none."""
    found = np.full(len(moments), -1, np.intp)
    for number, (start, end) in enumerate(spans):
        found[((moments >= start) & (moments < end)).to_numpy()] = number
    return found


def _other_windows(
    window: tuple[pd.Timestamp, pd.Timestamp], record: tuple[pd.Timestamp, pd.Timestamp]
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    # A window of whole local days may have an hour more.
    days = max(int(np.ceil((window[1] - window[0]) / _DAY - _CHANGED_CLOCK)), 1)
    before = int((window[0] - record[0]) / _DAY)
    after = int((record[1] - window[1]) / _DAY)
    if before < 0 or after < 0:
        return []
    start = window[0] - before * _DAY
    total = before + days + after
    return [
        (start + first * _DAY, start + last * _DAY)
        for first, last in placebo_windows(total, before, days)
    ]


def _sized(outages: pd.DataFrame) -> pd.DataFrame:
    """Return the outages with a depth, and the hours of the whole network that each took."""
    known = outages[outages["depth"].notna()]
    begins = known["onset"].fillna(known["first_seen"])
    over = ends(known)
    longest = over["end_high"].fillna(known["last_seen"])
    earliest = known["onset_low"].fillna(known["first_seen"])
    return known.assign(
        begin=begins,
        lost=known["depth"] * (over["until"] - begins).dt.total_seconds() / _HOUR_SECONDS,
        lost_low=known["depth_low"] * known["duration_low"],
        lost_high=known["depth_high"] * (longest - earliest).dt.total_seconds() / _HOUR_SECONDS,
    )
