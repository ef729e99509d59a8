"""Measured common causes by local day: heat, demand, hours of load shedding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.signals import Signal
from darkdays.evidence.evidence import Evidence

ACCOUNTED: Final = "accounted for"
LEFT_OUT: Final = "left out"
NO_DRIVER: Final = "the driver cannot be accounted for."
_MOST_MISSING: Final = 0.1


def driver_days(
    evidence: Evidence, entities: Sequence[str], days: pd.DatetimeIndex
) -> tuple[NDArray[np.float64] | None, str]:
    """Return the drivers of a case on local days, and why they cannot be had.

    Parameters
    ----------
    evidence
        With the signals of the drivers.
    entities
        Places, a row each: each has its own numbers where they were measured, and those of the
        entity that the case names, or of the country, where not.
    days
        Consecutive local days of the evidence's clock.

    Returns
    -------
    (numpy.ndarray or None, str)
        Means of days, shape ``(places, days, drivers)``; days between are filled by a line where
        no more than a tenth is missing. None without drivers, and where one is not known: then a
        sentence says which.
    """
    columns = []
    for driver in evidence.case.drivers:
        known = {one.entity: one for one in evidence.drivers if one.datasource == driver.datasource}
        everywhere = driver.entity or f"country/{evidence.case.place}"
        rows = []
        for entity in entities:
            found = known.get(everywhere if driver.entity else entity, known.get(everywhere))
            if found is None:
                name = evidence.case.name_of(entity)
                return None, f"the driver {driver.datasource} was not read of {name}."
            row = _means(found, evidence.clock).reindex(days)
            missing = int(row.isna().sum())
            if missing > _MOST_MISSING * len(days):
                return None, (
                    f"the driver {driver.datasource} is known on {len(days) - missing} of "
                    f"{len(days)} days."
                )
            rows.append(row.interpolate(limit_direction="both").to_numpy(np.float64))
        columns.append(np.stack(rows))
    return (np.stack(columns, axis=-1) if columns else None), ""


def _means(signal: Signal, clock: str) -> pd.Series:
    times, values = signal.observed()
    local = times.tz_localize("UTC").tz_convert(clock).tz_localize(None).normalize()
    means: pd.Series = pd.Series(values, local).groupby(level=0).mean()
    return means
