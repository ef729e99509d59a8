"""Figures of cases that compare: datasources side by side, places in order, what is excluded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.disruptions import FellTogether
from darkdays.claims.places_together import outages_under_way
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import trusted
from darkdays.figures.outages.excluded import excluded_outages
from darkdays.figures.outages.place_onsets import place_onsets
from darkdays.figures.outages.sides import sides
from darkdays.figures.outages.tile_map import FEWEST, provinces_of, tile_map
from darkdays.figures.plot import Make


def comparisons(
    case: Case, analyses: Iterable[Analysis], outages: pd.DataFrame, agreement: pd.DataFrame,
    bounds: pd.DataFrame,
) -> Iterator[Make]:  # fmt: skip
    """Go through what a case compares, each figure only where there is something to draw.

    Parameters
    ----------
    case
        Its claims say what is compared.
    analyses
        Of every entity that was measured.
    outages
        Of every entity, listed or not.
    agreement
        As :func:`darkdays.detect.outages.agreement.agreement` gives it.
    bounds
        As :func:`darkdays.detect.missed.bounds.outage_bounds` gives them.
    """
    together = next((one for one in case.claims if isinstance(one, FellTogether)), None)
    known = trusted(outages)
    down = known[known["onset"].notna()].sort_values(["onset", "entity"], kind="stable")
    if together is not None:
        moment = pd.Timestamp(together.down_at).tz_convert("UTC")
        named = sorted({str(one) for one in known["entity"] if str(one).startswith("region/")})
        parts = [one for one in named if "." in one] or named
        down = outages_under_way(known, named, moment)
        listed = down[down["entity"].isin(parts)]
        if len(listed):
            yield partial(place_onsets, case, listed)
    provinces, measured = provinces_of(case), {one.entity for one in analyses}
    if len(provinces) >= FEWEST and not measured.isdisjoint(provinces):
        yield partial(tile_map, case, measured, known, down.drop_duplicates("entity"))
    several = agreement.groupby(["entity", "event"])["datasource"].transform("size") > 1
    if several.any():
        yield partial(sides, case, agreement[several])
    if len(bounds):
        yield partial(excluded_outages, case, bounds)
