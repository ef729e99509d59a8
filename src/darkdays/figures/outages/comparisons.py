"""Figures of cases that compare: datasources side by side, places in order, what is excluded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.disruptions import FellTogether
from darkdays.claims.places_together import outages_under_way
from darkdays.detect.outages.controls import trusted
from darkdays.figures.outages.excluded import excluded_outages
from darkdays.figures.outages.place_onsets import place_onsets
from darkdays.figures.outages.sides import sides
from darkdays.figures.plot import Make


def comparisons(
    case: Case, outages: pd.DataFrame, agreement: pd.DataFrame, bounds: pd.DataFrame
) -> Iterator[Make]:
    """Go through what a case compares, each figure only where there is something to draw.

    Parameters
    ----------
    case
        Its claims say what is compared.
    outages
        Of every entity, listed or not.
    agreement
        As :func:`darkdays.detect.outages.agreement.agreement` gives it.
    bounds
        As :func:`darkdays.detect.missed.bounds.outage_bounds` gives them.
    """
    together = next((one for one in case.claims if isinstance(one, FellTogether)), None)
    if together is not None:
        moment = pd.Timestamp(together.down_at).tz_convert("UTC")
        known = trusted(outages)
        named = sorted({str(one) for one in known["entity"] if str(one).startswith("region/")})
        parts = [one for one in named if "." in one] or named
        down = outages_under_way(known, parts, moment)
        if len(down):
            yield partial(place_onsets, case, down)
    several = agreement.groupby(["entity", "event"])["datasource"].transform("size") > 1
    if several.any():
        yield partial(sides, case, agreement[several])
    if len(bounds):
        yield partial(excluded_outages, case, bounds)
