"""A change at a date that was fixed beforehand: one test of its own size, and how large it is.

Nothing is searched for, so nothing is paid for a search. Line, seasons by the clock and the step
at the date are estimated together, in autoregressive noise (generalised least squares, Cochrane &
Orcutt 1949, JASA 44, 32-61, with any order). A t statistic on an estimated autocorrelation is too
sure of itself in short records; it is stretched until it agrees with its own law in replicates of
the series without the step (AR sieve, Bühlmann 1997), drawn from an autocorrelation corrected for
its bias (Kilian 1998, Review of Economics and Statistics 80, 218-230).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import scipy
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from darkdays.detect.baseline.calendar import Calendar
from darkdays.detect.baseline.clock import DAY, WEEK, YEAR
from darkdays.detect.baseline.cycles import FEWEST_YEARS, MIN_CYCLES, seconds_of_year
from darkdays.detect.baseline.periods import find_period
from darkdays.detect.changepoints.records import checked, zone_of
from darkdays.detect.noise.autoregression import (
    MOST_ORDER,
    Floats,
    fitted_steps,
    is_stationary,
    preferred_order,
    residuals,
)
from darkdays.detect.noise.uncertainty import SMALLEST_P
from darkdays.errors import InputError

LEAST: Final = MOST_ORDER + 1
"""Measured samples a date needs on each side of it, up to the next date."""
_REPLICATES: Final = 399
_SETTLE: Final = 200
_REPLICATED: Final = 2000  # longer records know their autocorrelation well enough
_MOST: Final = 20_000  # longer ones are averaged over blocks
_HARMONICS: Final = 12
_YEARLY: Final = 5
_YEARLY_OF_FEW: Final = 2  # in a record of less than four years
_CYCLES: Final = 3
_EXACT, _DIGITS = 1e-9, 1e-13  # of the range and the size of values: less is arithmetic
_CARE: Final = 1.05  # intervals are this much wider, for what replicates of a fit cannot know


def changes_at(
    values: ArrayLike | xr.DataArray | pd.Series,
    dates: Sequence[str | pd.Timestamp | int],
    *,
    times: ArrayLike | pd.DatetimeIndex | None = None,
    time_zone: str | None = None,
    level: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Test whether a series changes its level at dates that were fixed without looking at it.

    Parameters
    ----------
    values, times
        As for :func:`darkdays.detect.change_points`.
    dates
        When the change would have come: a date is its first moment in ``time_zone``. Positions
        where there are no times.
    time_zone
        Whose clock day and week keep, and dates that state none; that of the times, or UTC, if
        not given.
    level
        Confidence of the intervals.
    rng
        Seed or generator of the replicates.

    Returns
    -------
    pandas.DataFrame
        A row a date, in order of time: ``time`` (UTC, or position) and ``index`` of the first
        sample at or after it; ``size`` of the step there beyond the line and season of the rest,
        with its interval ``low`` to ``high``; and ``p``, not corrected for the other rows.

    Raises
    ------
    InputError
        If a date is none, or has fewer than :data:`LEAST` samples on a side.
    """
    series, stamps = checked(values, times)
    zone = time_zone or zone_of(values, times)
    seen = np.flatnonzero(np.isfinite(series))
    starts = np.unique([_sample(one, stamps, zone, series.size) for one in dates])
    places = np.searchsorted(seen, starts)
    edges = np.array([0, *places, seen.size])
    if (fewest := int(np.diff(edges).min())) < LEAST:
        raise InputError(
            f"a date needs {LEAST} measured samples before and after it, up to the next date, "
            f"not {fewest}; give dates within the record, and further apart."
        )
    calendar = Calendar.of(series.size, stamps, zone)
    observed, positions, step = series[seen], calendar.positions[seen], calendar.step
    local = None if calendar.local is None else calendar.local[positions]
    if observed.size > _MOST:
        every = -(-observed.size // _MOST)
        blocks = np.concatenate([np.arange(*pair, every) for pair in pairwise(edges)])
        observed = np.add.reduceat(observed, blocks) / np.diff([*blocks, observed.size])
        local, step = None if local is None else local[blocks], step * every
        positions = np.arange(blocks.size)
        edges = np.searchsorted(blocks, edges)
    season = _season(observed, positions, local, step)
    sizes, errors, freedom = _steps(observed, edges[1:-1], season, np.random.default_rng(rng))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.nan_to_num(2 * scipy.stats.t.sf(np.abs(sizes) / errors, freedom), nan=1.0)
    reach = scipy.stats.t.isf((1 - level) / 2, freedom) * errors
    return pd.DataFrame(
        {
            "time": seen[places] if stamps is None else stamps[seen[places]],
            "index": seen[places],
            "size": sizes,
            "low": sizes - reach,
            "high": sizes + reach,
            "p": np.maximum(p, SMALLEST_P),
        }
    )


def _sample(
    date: str | pd.Timestamp | int, stamps: pd.DatetimeIndex | None, zone: str, count: int
) -> int:
    """Return the first sample at or after a date."""
    if stamps is None:
        try:
            return min(max(int(date), 0), count)
        except (TypeError, ValueError):
            raise InputError(f"{date!r} is a date, but the series has no times.") from None
    # "now" and "today" would be another date tomorrow.
    named = isinstance(date, str) and not date.strip()[:4].isdecimal()
    try:
        moment = pd.Timestamp("no date" if named else date)
        if moment.tzinfo is None:
            # Where clocks go forward at midnight a day begins later, where back it begins once.
            moment = moment.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
        place = stamps.searchsorted(moment.tz_convert("UTC").tz_localize(None))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputError(f"{date!r} is not a date of {zone}; write it as 2021-07-11.") from None
    return int(place)


def _season(
    observed: Floats, positions: NDArray[np.intp], local: NDArray[np.int64] | None, step: int
) -> Floats:
    """Return an orthonormal basis of what repeats: by the clock, then by samples.

    Phases of the day from three days on, days of the week from three weeks on, few waves of the
    year from two years on; what still repeats without a clock is looked for in the rest. Shape
    ``(n, k)``.
    """
    columns = [np.ones((observed.size, 0))]
    span = positions[-1] * step
    if local is not None and span >= _CYCLES * DAY and step <= DAY / 4:
        columns.append(_waves(local / DAY, DAY / step))
    if local is not None and span >= _CYCLES * WEEK and step <= DAY:
        columns.append((local // DAY % 7)[:, None] == np.arange(7))
    if local is not None and span >= FEWEST_YEARS * YEAR:
        waves = _YEARLY if span >= MIN_CYCLES * YEAR else _YEARLY_OF_FEW
        columns.append(_waves(seconds_of_year(local) / YEAR, YEAR / step, waves))
    basis = _centred_basis(np.hstack(columns))
    grid = np.full(positions[-1] + 1, np.nan)
    grid[positions] = observed - basis @ (basis.T @ observed)
    if period := find_period(grid):
        basis = _centred_basis(np.hstack([basis, _waves(positions / period, period)]))
    return basis


def _waves(phase: Floats, samples: float, most: int = _HARMONICS) -> Floats:
    """Return sines and cosines of a phase in cycles, as fine as the samples in a cycle allow."""
    numbers = np.arange(1, min(most, int(samples / 2)) + 1)
    angles = 2 * np.pi * np.outer(phase, numbers)
    return np.hstack([np.cos(angles), np.sin(angles)])


def _centred_basis(columns: Floats) -> Floats:
    centred = columns - columns.mean(axis=0)
    return np.asarray(linalg.orth(centred)) if columns.shape[1] else columns


def _steps(
    observed: Floats, places: NDArray[np.intp], season: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, float]:
    """Return the steps at places, their errors stretched as replicates say, and their freedom."""
    count = observed.size
    steps = np.arange(count)[:, None] >= places
    design = np.column_stack([np.ones(count), np.linspace(-1, 1, count), steps])
    # What the season explains is taken out of both sides: the step keeps what is left.
    design -= season @ (season.T @ design)
    given = (observed - season @ (season.T @ observed))[None]
    rest = residuals(design, given)[0]
    least = max(_EXACT * np.ptp(observed), _DIGITS * np.abs(observed).max())
    if np.abs(rest).max() <= least:
        exact = np.linalg.lstsq(design, given[0])[0][2:]
        return np.where(np.abs(exact) > least, exact, 0.0), np.zeros(places.size), 1.0
    freedom = max(count - design.shape[1] - season.shape[1], 4)
    order = preferred_order(rest, min(MOST_ORDER, freedom // 4))
    sizes, errors, shocks, phi = fitted_steps(design, given, order)
    freedom -= 2 * order
    if count > _REPLICATED:
        return sizes[0], _CARE * errors[0], freedom

    def replicates(phi: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        drawn = rng.choice(shocks[0] - shocks.mean(), (_REPLICATES, count + _SETTLE))
        noise = scipy.signal.lfilter([1.0], [1.0, *-phi], drawn, axis=1)[:, _SETTLE:]
        return fitted_steps(design, noise - (noise @ season) @ season.T, order)

    bias = replicates(phi[0])[3].mean(axis=0) - phi[0]
    corrected = phi[0] - bias if is_stationary(phi[0] - bias) else phi[0]
    wrong, spread, *_ = replicates(corrected)
    seen = np.quantile(np.abs(wrong / spread), 0.95, axis=0)
    return sizes[0], _CARE * errors[0] * seen / scipy.stats.t.isf(0.025, freedom), freedom
