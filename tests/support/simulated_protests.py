"""Simulated protests and outages of which the truth is known: SIMULATED, never evidence.

One place, day by day. Protests come in bursts; outages singly or in spells; what ties them
together is nothing, a season, a driver that changes from day to day, the day of the week, or the
protest itself. Rates were chosen so that well-known tests fail on them in the ways and about as
often as they fail in practice; ``benchmarks/calibration.py`` shows how often.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.correlate.exposure import days_around

Shared = Literal["nothing", "season", "driver", "fridays"]

SHORTEST: Final = 120
LONGEST: Final = 365
MIDDLE: Final = pd.Timestamp("2021-07-01")
"""Records are centred here, so that all hold a June and a July."""
WINDOW: Final = 2
"""A day is exposed if a protest was on it or on one of the two days before."""
PROTEST_START: Final = 0.03
PROTEST_DAYS: Final = 2.5
SEASON_RATIO: Final = 5.0
FRIDAY_RATIO: Final = 10.0
DRIVER_MEMORY: Final = 0.8
DRIVER_EFFECT: Final = 1.6


@dataclass(frozen=True)
class Truth:
    """What is true in a simulated record.

    Attributes
    ----------
    name
        In a few words.
    outage_start
        Probability that an outage begins, each day without one.
    outage_days
        Mean length of a spell of outage; 1 for single days.
    shared
        What raises the rates of both protests and outages.
    ratio
        Rate of outages on exposed days over that on others.
    protest_days
        Mean length of a burst of protest.
    driver_noise
        Standard deviation of the error with which the driver is measured, in units of its own.
    """

    name: str
    outage_start: float
    outage_days: float = 1.0
    shared: Shared = "nothing"
    ratio: float = 1.0
    protest_days: float = PROTEST_DAYS
    driver_noise: float = 0.0


NULLS: Final = (
    Truth("bursty protests, single outages", 0.025),
    Truth("both bursty", 0.02, 3.5),
    Truth("shared June-July season", 0.02, 2.5, "season"),
)
DRIVEN: Final = Truth("shared daily driver", 0.04, 2.5, "driver")
ROUGHLY_MEASURED: Final = replace(DRIVEN, name="driver measured roughly", driver_noise=0.5)
FRIDAYS: Final = Truth("shared Fridays", 0.01, shared="fridays", protest_days=1.0)


def raised(ratio: float, truth: Truth = NULLS[0]) -> Truth:
    """Return a truth with outages that many times as frequent on exposed days."""
    return replace(truth, name=f"rate ratio {ratio:g}", ratio=ratio)


@dataclass(frozen=True)
class Record:
    """A simulated record of one place, arrays of shape ``(days,)``.

    Attributes
    ----------
    truth
        What it was made from.
    days
        Local days.
    outages, onsets
        Days of outage, and the first of each spell.
    protests, exposed
        Days of protest, and those with one at most :data:`WINDOW` days before.
    driver
        The measured driver; zeros where there is none.
    simulated
        Always.
    """

    truth: Truth
    days: pd.DatetimeIndex
    outages: NDArray[np.bool_]
    onsets: NDArray[np.bool_]
    protests: NDArray[np.bool_]
    exposed: NDArray[np.bool_]
    driver: NDArray[np.float64]
    simulated: bool = True


def simulate(truth: Truth, rng: np.random.Generator) -> Record:
    """Draw a record of 120 to 365 days.

    Parameters
    ----------
    truth
        What shall be true.
    rng
        Where draws come from.

    Returns
    -------
    Record
    """
    length = int(rng.integers(SHORTEST, LONGEST + 1))
    days = pd.date_range(MIDDLE - pd.Timedelta(days=length // 2), periods=length, freq="D")
    driver = np.zeros(length)
    rates = np.ones(length)
    if truth.shared == "season":
        rates = np.where(np.isin(days.month, (6, 7)), SEASON_RATIO, 1.0)
    elif truth.shared == "fridays":
        rates = np.where(days.day_of_week == 4, FRIDAY_RATIO, 1.0)
    elif truth.shared == "driver":
        driver = autoregression(length, DRIVER_MEMORY, rng)
        rates = np.exp(DRIVER_EFFECT * driver - DRIVER_EFFECT**2 / 2)
        driver = driver + rng.normal(scale=truth.driver_noise, size=length)
    protests = spells(PROTEST_START * rates, truth.protest_days, rng)
    exposed = days_around(protests, days_after=WINDOW)
    raised_rates = truth.outage_start * rates * np.where(exposed, truth.ratio, 1.0)
    outages = spells(raised_rates, truth.outage_days, rng)
    onsets = outages.copy()
    if truth.outage_days > 1:
        onsets[1:] &= ~outages[:-1]
    return Record(truth, days, outages, onsets, protests, exposed, driver)


def spells(
    start: NDArray[np.float64], mean_days: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Draw days in spells: a spell begins with the day's probability and lasts geometrically.

    Parameters
    ----------
    start
        Probability that a spell begins, on each day outside of one; above 1 counts as 1. Shape
        ``(days,)``.
    mean_days
        Mean length of a spell, at least 1; with 1, days are independent.
    rng
        Where draws come from.
    """
    chances = np.minimum(start, 1.0)
    drawn = rng.random(start.size)
    if mean_days == 1:
        return np.asarray(drawn < chances)
    goes_on = 1 - 1 / mean_days
    inside = np.zeros(start.size, dtype=bool)
    # The first day is in a spell as often as days in general are.
    running = bool(drawn[0] < chances[0] / (chances[0] + 1 / mean_days))
    for day in range(start.size):
        if day:
            running = bool(drawn[day] < (goes_on if running else chances[day]))
        inside[day] = running
    return inside


def autoregression(length: int, memory: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a stationary first-order autoregression with mean 0 and variance 1."""
    shocks = rng.normal(size=length)
    values = np.empty(length)
    values[0] = shocks[0]
    for day in range(1, length):
        values[day] = memory * values[day - 1] + np.sqrt(1 - memory**2) * shocks[day]
    return values
