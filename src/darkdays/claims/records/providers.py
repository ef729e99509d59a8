"""Claims about how much of a country's routed address space is one network's."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.case.case import Case
from darkdays.case.records import SingleProvider
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.signals import record_of

SHARE: Final = "ripestat.largest-share"
CONCENTRATION: Final = "ripestat.concentration"


def single_provider(
    claim: SingleProvider,
    case: Case,
    signals: xr.DataTree,
    span: tuple[pd.Timestamp, pd.Timestamp],
    *,
    always: bool = True,
) -> Judgement:
    """Judge whether the largest network holds a share of the routed IPv4 addresses.

    Parameters
    ----------
    claim
        The claim.
    case
        For names of entities.
    signals
        With :data:`SHARE` and, beside it, :data:`CONCENTRATION`, where they were read.
    span
        First moment looked at and the first after it.
    always
        At every time; otherwise at the median one.
    """
    name = case.name_of(claim.entity)
    shares = _values(signals, SHARE, claim.entity, span)
    if not shares.size:
        return verdicts.untested(f"the routed address space of {name}")
    least, most = float(shares.min()), float(shares.max())
    middle = float(np.median(shares))
    bounds = (least, most) if always else (middle, middle)
    verdict = verdicts.either(bounds[0] >= claim.at_least, bounds[1] < claim.at_least)
    largest = _largest(signals, claim.entity)
    numbers = [
        number
        for entity in (claim.entity, *claim.compared_with)
        for datasource, unit in ((SHARE, "share"), (CONCENTRATION, "Herfindahl index"))
        for number in _numbers(signals, datasource, unit, entity, span)
    ]
    others = {
        case.name_of(entity): _values(signals, SHARE, entity, span)
        for entity in claim.compared_with
    }
    beside = [f"{one} {np.median(found):.2f}" for one, found in others.items() if found.size]
    lacking = [one for one, found in others.items() if not found.size]
    return Judgement(
        verdict,
        f"The largest network of {name}{largest} held {least:.3g} to {most:.3g} of its routed IPv4 "
        f"addresses (median {middle:.3g}), against a threshold of {claim.at_least:g}."
        + (f" Beside it: {', '.join(beside)}." if beside else "")
        + (f" Not read: {', '.join(lacking)}." if lacking else ""),
        f"A time at which the largest network of {name} held less than {claim.at_least:g}."
        if verdict == verdicts.SUPPORTED
        else f"Address space of {name} that is registered elsewhere and was not counted.",
        tuple(numbers),
    )


def _values(
    signals: xr.DataTree, datasource: str, entity: str, span: tuple[pd.Timestamp, pd.Timestamp]
) -> NDArray[np.float64]:
    return record_of(signals, datasource, entity, span).dropna().to_numpy(np.float64)


def _numbers(
    signals: xr.DataTree,
    datasource: str,
    unit: str,
    entity: str,
    span: tuple[pd.Timestamp, pd.Timestamp],
) -> list[Number]:
    values = _values(signals, datasource, entity, span)
    if not values.size:
        return []
    return [
        Number(
            f"{datasource.removeprefix('ripestat.')}.{entity}",
            float(np.median(values)),
            unit,
            float(values.min()),
            float(values.max()),
            n=values.size,
            note=f"median, least and most over time; {values[0]:.3g} at first, "
            f"{values[-1]:.3g} at last",
        )
    ]


def _largest(signals: xr.DataTree, entity: str) -> str:
    told = str(signals[SHARE].attrs.get("largest", ""))
    pairs = dict(one.split(": ", 1) for one in told.split("; ") if ": " in one)
    return f" ({pairs[entity]})" if entity in pairs else ""
