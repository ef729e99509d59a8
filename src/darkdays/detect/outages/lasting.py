"""Levels that were left for months or for good: falls to a new level, and rises from an old one.

A network that lost customers, a change of geolocation, and throttling for good look the same. So
what the baseline takes for a new level is listed all the same, with its size and date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from darkdays.detect.baseline.down_days import REMEMBERED
from darkdays.detect.noise.uncertainty import change_p_value, location_interval
from darkdays.detect.outages.analysis import Analysis

LASTING: Final = "lasting"
"""Label of a lasting shift or degradation: nobody can tell which."""
RISE: Final = "rise"
"""Label of a record that begins low and rises: dark before, or grown since."""
_AROUND: Final = 7  # days, or samples, on either side of a shift that date it
_KNOWN_BY: Final = 10.0  # days that make up the level beside a shift


@dataclass
class _Episode:
    """A fall to a new level: its shifts, the level left, and the shift that ended it."""

    first: int
    before: float
    left: float
    ended: int | None = None


def lasting(analysis: Analysis, min_depth: float) -> Iterator[dict[str, Any]]:
    """Go through the levels that were left for longer than an outage is waited for.

    Falls in several stages are one entry, sized from the level before the first.

    Parameters
    ----------
    analysis
        Of a signal.
    min_depth
        Least share of the level before that has to be gone.

    Yields
    ------
    dict
        The columns of an outage that are known: beginning, return if there was one, depth with
        its interval, p-value, samples and label.
    """
    if not analysis.sizable:
        return
    level, open_one, found = 1.0, None, []
    for number, ratio in enumerate(analysis.shift_ratios):
        before, level = level, level * float(ratio)
        if open_one and ratio > 1 and level >= open_one.before - _lost(open_one) / 2:
            open_one.ended, open_one = number, None
        elif open_one:
            open_one.left = min(open_one.left, level)
        elif ratio < 1 - min_depth / 2:
            found.append(open_one := _Episode(number, before, level))
        elif _begins_low(analysis, number, min_depth):
            yield _rise(analysis, number)
    yield from (_fall(analysis, one) for one in found if 1 - one.left / one.before >= min_depth)


def _lost(one: _Episode) -> float:
    return one.before - one.left


def _begins_low(analysis: Analysis, number: int, min_depth: float) -> bool:
    """Return whether a record is low before its first shift, for too short a time to tell why."""
    first = analysis.times[int(analysis.shifts[number])] - analysis.times[0]
    whole = analysis.times[-1] - analysis.times[0]
    short = first <= min(pd.Timedelta(days=REMEMBERED), whole / 2)
    return number == 0 and short and 1 - 1 / float(analysis.shift_ratios[0]) >= min_depth


def _fall(analysis: Analysis, one: _Episode) -> dict[str, Any]:
    last = analysis.values.size if one.ended is None else int(analysis.shifts[one.ended])
    row = {
        **shift_dated(analysis, one.first, "onset"),
        **_sized(analysis, one.left / one.before, last - int(analysis.shifts[one.first])),
        "p": _p_of(analysis, one.first),
        "samples": last - int(analysis.shifts[one.first]),
        "label": LASTING,
    }
    if one.ended is not None:
        row |= shift_dated(analysis, one.ended, "recovery")
        row["restored"] = row["recovery"]
    return row


def _rise(analysis: Analysis, number: int) -> dict[str, Any]:
    row = {
        **shift_dated(analysis, number, "recovery"),
        **_sized(analysis, 1 / float(analysis.shift_ratios[number]), 0),
        "p": _p_of(analysis, number),
        "samples": int(analysis.shifts[number]),
        "label": RISE,
    }
    return row | {"restored": row["recovery"]}


def _beside(analysis: Analysis, number: int) -> tuple[np.ndarray, int, int]:
    """Return samples around a shift on the scale of the level before, and where they begin."""
    place = int(analysis.shifts[number])
    day = pd.Timedelta(days=_AROUND)
    around = analysis.times.searchsorted([analysis.times[place] - day, analysis.times[place] + day])
    cuts = np.concatenate([[0], analysis.shifts, [analysis.values.size]])
    start = max(min(int(around[0]), place - _AROUND), int(cuts[number]))
    end = min(max(int(around[1]), place + _AROUND), int(cuts[number + 2]))
    shown = analysis.values[start:end].copy()
    ratio = float(analysis.shift_ratios[number])
    # On the lower of both levels noise is what it is on the other, relative to it.
    shown[place - start :] *= ratio
    return (np.sqrt(shown) if analysis.counted else shown), start, place


def shift_dated(analysis: Analysis, number: int, name: str) -> dict[str, pd.Timestamp]:
    """Return when a shift came, as a column of a name with its bounds."""
    shown, start, place = _beside(analysis, number)
    noise, level = analysis.segments.noise, analysis.segments.level
    low, _, high = location_interval(shown, noise, level)
    bounds = analysis.bounds(min(start + low, place), max(start + high, place))
    moment = analysis.moment(place)
    return {name: moment, f"{name}_low": bounds[0], f"{name}_high": bounds[1]}


def _sized(analysis: Analysis, left: float, samples: int) -> dict[str, float]:
    """Return the share lost, with an interval from the errors of both levels and their drift."""
    noise = analysis.segments.noise
    wide = float(special.ndtri((1 + analysis.segments.level) / 2))
    known = _KNOWN_BY * (pd.Timedelta(days=1) / analysis.step)
    # A median scatters by a quarter more than a mean, and two of them are compared.
    blur = 1.25 * wide * noise.long_run_scale * float(np.sqrt(2 / min(known, analysis.values.size)))
    days = samples * (analysis.step / pd.Timedelta(days=1))
    error = (abs(analysis.moved(1.0, blur) - 1.0) + analysis.drift * days) * left
    error += analysis.finest / 2
    lost = 1 - left
    return {
        "depth": lost,
        "depth_low": max(lost - error, 0.0),
        "depth_high": min(lost + error, 1.0),
    }


def _p_of(analysis: Analysis, number: int) -> float:
    shown, start, place = _beside(analysis, number)
    noise = analysis.segments.noise
    return change_p_value(
        shown[: place - start], shown[place - start :], noise, analysis.values.size
    )
