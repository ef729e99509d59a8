"""Outages in records of less than two weeks: how many are made up where noise is slow, and found.

Run ``python benchmarks/short_records.py [--series 300]``. Hourly counts around 10,000 with noise
of 6 %, an AR(1) process, and no season.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal as filters

from darkdays.detect.outages.outages import outages
from darkdays.simulate.signals import simulated_tree
from simulated_outages import times_of

CORRELATIONS: Final = (0.0, 0.5, 0.8, 0.9, 0.95)
_DAYS: Final = (7, 10, 13)
# Hours, share that is gone, and whether the record ends with it.
_FALLS: Final = {
    "half gone, 6 h": (6, 0.5, False),
    "half gone, 12 h": (12, 0.5, False),
    "dark in the last two": (2, 1.0, True),
    "dark, 5 h": (5, 1.0, False),
}
_HOUR: Final = pd.Timedelta(hours=1)
HEAD: Final = (
    f"| autocorrelation | {' | '.join(f'false, {days} days' for days in _DAYS)} "
    f"| {' | '.join(_FALLS)} |\n|{'---|' * (1 + len(_DAYS) + len(_FALLS))}"
)


def measured(phi: float, series: int) -> str:
    """Return the row of a table: shares of records with a false outage, and of falls found."""
    false = [np.mean([_is_down(phi, days, seed) for seed in range(series)]) for days in _DAYS]
    found = [
        np.mean([_is_found(phi, _DAYS[seed % 3], seed, *fall) for seed in range(series)])
        for fall in _FALLS.values()
    ]
    return f"| {phi:g} | {' | '.join(f'{share:.3f}' for share in [*false, *found])} |"


def _drawn(phi: float, days: int, seed: int) -> tuple[NDArray[np.float64], np.random.Generator]:
    rng = np.random.default_rng([11, seed, days, int(100 * phi)])
    shocks = rng.standard_normal(24 * days + 300)
    noise = filters.lfilter([np.sqrt(1 - phi**2)], [1.0, -phi], shocks)[300:]
    return 10_000 * (1 + 0.06 * np.asarray(noise)), rng


def _is_down(phi: float, days: int, seed: int) -> bool:
    return not _outages(_drawn(phi, days, seed)[0]).empty


def _is_found(phi: float, days: int, seed: int, hours: int, gone: float, last: bool) -> bool:
    """Say whether an outage overlaps the fall put in by half of both together or more."""
    values, rng = _drawn(phi, days, 10_000 + seed)
    first = values.size - hours if last else int(rng.integers(24, values.size - hours - 12))
    values[first : first + hours] *= 1 - gone
    start = times_of(weeks=days / 7)[first].tz_localize("UTC")
    end = start + hours * _HOUR
    for row in _outages(values).itertuples():
        begun = row.first_seen if pd.isna(row.onset) else row.onset
        over = row.last_seen + _HOUR if pd.isna(row.recovery) else row.recovery
        if (min(over, end) - max(begun, start)) / (max(over, end) - min(begun, start)) >= 0.5:
            return True
    return False


def _outages(values: NDArray[np.float64]) -> pd.DataFrame:
    times = times_of(weeks=values.size / 168)
    return outages(simulated_tree({"asn/1": np.round(np.maximum(values, 0))}, times))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=300)
    stated = parser.parse_args()
    print(HEAD)
    for phi in CORRELATIONS:
        print(measured(phi, stated.series), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
