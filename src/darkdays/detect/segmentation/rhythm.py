"""Series without noise that keep to a rhythm: what repeats to the digit leaves nothing to doubt.

A table of a day that comes back exactly, a counter that runs round, a blackout in one of them. The
record is cut into the fewest stretches that each keep one law: the pattern times a factor, the
pattern and an amount, or one value.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.segmentation.exact import LEAST_RUN, PRICE, length_of

_ALIKE: Final = 1e-9  # of the range of values: less is arithmetic
_REPEATED: Final = 0.25  # of the samples come back after a period, if there is one
_LOOKED_AT: Final = 2048
_WINDOWS: Final = 16
_PATTERN: Final = 1.5  # what a pattern costs, times what its samples do
_FACTOR, _AMOUNT, _VALUE = range(3)

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Rhythm(NamedTuple):
    """A record cut where its law changes.

    Attributes
    ----------
    places
        First sample that a new law explains, shape ``(k,)``.
    bounds
        The same, and the first that the old one does not, shape ``(k, 2)``.
    flat
        The record without its pattern, shape ``(n,)``.
    period
        Of the pattern in samples.
    """

    places: Places
    bounds: Places
    flat: Floats
    period: int


def exact_rhythm(values: Floats, positions: Places, lengths: Iterable[int]) -> Rhythm | None:
    """Return where the law of a series without noise changes, None if it has noise.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
    positions
        Where they stand in the record with its gaps, shape ``(n,)``.
    lengths
        Periods to try, in samples; short ones that repeat are found.
    """
    span = int(positions[-1]) + 1
    near = _ALIKE * float(np.ptp(values))
    record = values
    if span != values.size:
        record = np.full(span, np.nan)
        record[positions] = values
    tried = {*lengths, _shortest(record[:_LOOKED_AT], near)}
    found = [
        _cut(record, values, positions, period, near)
        for period in sorted(tried)
        if 2 <= period <= span // 2 and _repeats(record, period, near)
    ]
    kept = [one for one in found if one is not None]
    return min(kept, key=lambda one: one.places.size) if kept else None


def _repeats(record: Floats, period: int, near: float) -> bool:
    looked = np.linspace(0, record.size - period - 1, min(_LOOKED_AT, record.size - period))
    first = looked.astype(np.intp)
    return bool(np.mean(np.abs(record[first] - record[first + period]) <= near) > _REPEATED)


def _shortest(record: Floats, near: float) -> int:
    """Return the shortest lag that repeats nearly as much as any, 0 if hardly anything does."""
    if 2 * np.unique(record).size > record.size:
        return 0
    lags = range(2, record.size // 3 + 1)
    shares = [np.mean(np.abs(record[lag:] - record[:-lag]) <= near) for lag in lags]
    good = np.flatnonzero(np.array(shares) >= 0.95 * max(shares, default=0.0))
    return int(good[0]) + 2 if good.size and max(shares) > _REPEATED else 0


def _pattern(record: Floats, period: int, near: float) -> Floats:
    """Return the time round that most others repeat; of like ones the one with most in it.

    One that a step parts is repeated in parts on both sides, and by none of its neighbours.
    """
    starts = np.unique(np.linspace(0, record.size - period, _WINDOWS).astype(np.intp))
    starts -= starts % period
    looked = np.arange(0, record.size, record.size // (_LOOKED_AT * 8) + 1)
    best = (-1.0, -np.inf)
    pattern = record[:period]
    for start in np.unique(starts):
        window = record[start : start + period]
        same = np.abs(record[looked] - window[looked % period]) <= near
        beside = [record[at : at + period] for at in (start - period, start + period) if at >= 0]
        again = max(
            np.mean(np.abs(other - window) <= near) for other in beside if other.size == period
        )
        if best < (rank := (float(same.sum() * again), float(np.nansum(window)))):
            best, pattern = rank, window.copy()
    for start in starts:
        window = record[start : start + period]
        pattern = np.where(np.isnan(pattern), window, pattern)
    return np.nan_to_num(pattern)


def _cut(
    record: Floats, values: Floats, positions: Places, period: int, near: float
) -> Rhythm | None:
    count = values.size
    cycle = _pattern(record, period, near)
    expected = cycle[positions % period]
    there = np.abs(expected) > near
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(there, values / expected, np.nan)
        finest = np.where(there, near / np.abs(expected), 0.0)
    # Of nothing everything is a share: such samples go on as those before them.
    factor[~there & (np.abs(values) > near)] = np.inf
    last = np.maximum.accumulate(np.where(np.isnan(factor), 0, np.arange(count)))
    laws = np.array([factor[last], values - expected, values])
    reach = np.array([finest[last], np.full(count, near), np.full(count, near)])

    def alike(law: int, some: Places | int, other: Places | int) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore"):
            apart = np.abs(laws[law, some] - laws[law, other])
        return np.asarray(apart <= reach[law, some] + reach[law, other])

    numbers = np.arange(count)
    broken = [~alike(law, numbers[1:], numbers[:-1]) for law in (_FACTOR, _AMOUNT, _VALUE)]
    ends = [np.append(np.flatnonzero(one) + 1, count) for one in broken]
    stretches: list[tuple[int, int, int]] = []
    at = 0
    while at < count:
        if len(stretches) * LEAST_RUN > count:
            return None
        until = [int(one[np.searchsorted(one, at, side="right")]) for one in ends]
        law = int(np.argmax(until))
        one = law, at, until[law]
        at = until[law]
        # A single sample that parts one law is a glitch.
        if stretches and stretches[-1][2] - stretches[-1][1] == 1:
            before = stretches[-2] if len(stretches) > 1 else (law, 0, 1)
            if len(stretches) == 1 or (before[0] == law and alike(law, before[1], one[1])):
                del stretches[-2:]
                one = law, before[1], at
        stretches.append(one)
    if len(stretches) > 1 and stretches[-1][2] - stretches[-1][1] == 1:
        stretches[-2:] = [(*stretches[-2][:2], count)]
    whole = length_of(values)
    priced = 2 * PRICE * (len(stretches) - 1) * np.log(count)
    if priced + whole * min(_PATTERN * period / count, 1.0) >= whole:
        return None
    middle = float(np.median(cycle))
    flat = values.copy()
    places, bounds = [], []
    for number, (law, first, end) in enumerate(stretches):
        if law != _VALUE:
            level = float(laws[law, first]) if law == _FACTOR else 1.0
            flat[first:end] -= level * (expected[first:end] - middle)
        if number:
            place = first
            while place > stretches[number - 1][1] + 1 and alike(law, place - 1, first):
                place -= 1
            places.append(place)
            bounds.append((place, first))
    spans = np.array(bounds, np.intp).reshape(-1, 2)
    return Rhythm(np.array(places, np.intp), spans, flat, period)
