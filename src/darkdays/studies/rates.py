"""Do shutdowns begin on days of protest? Rate ratios under every specification at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.case.sources import Window
from darkdays.case.studies import ProtestRates
from darkdays.correlate.crossover.stratified import StratifiedCounts, count_by_stratum, e_value
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.labels.country_days import WIDTHS, CountryDays, country_days, episodes
from darkdays.labels.finding import Alternative, Finding
from darkdays.labels.ratios import Ratio, bootstrapped, crude, mantel_haenszel
from darkdays.studies.results import Results
from darkdays.studies.tables import bounds, labelled_of

LEVEL: Final = 0.95
CHOSEN: Final = ("month", "all shutdowns", "UTC day")
"""Stratum, outcome and kind of day of the finding itself; the others are its alternatives."""
_DAYS: Final = ("UTC day", "local day")


def protest_rates(
    study: ProtestRates, window: Window, lists: Mapping[str, pd.DataFrame]
) -> Results:
    """Compare days of protest with other days, over all countries and within each."""
    table, _ = labelled_of(study.rule, window, lists)
    protests = lists["mass-mobilization"]
    grid = country_days(
        protests.attrs["watched"],
        bounds(window)[0].tz_localize(None).normalize(),
        pd.Timestamp(study.last),
    )
    exposed = grid.protests(protests, study.longest_protest_days)
    national = table[table["scope"] == "country"]
    outcomes = _outcomes(national[national["shutdown"]], study.quiet_days)
    curve = list(_curve(grid, exposed, outcomes))
    _, outcome, kind_of_day = CHOSEN
    chosen = _onsets(grid, outcomes[outcome], kind_of_day)
    outages = _onsets(grid, national[~national["shutdown"]], kind_of_day)
    rng = np.random.default_rng(study.seed)
    findings = [
        *_pair("rate_ratio", grid, exposed, chosen, study.draws, rng, curve),
        *_pair("rate_ratio_outages", grid, exposed, outages, study.draws, rng, []),
        _where_it_happens(exposed, chosen),
    ]
    columns = ["stratum", "outcome", "day", "value", "low", "high", "onsets", "on protest"]
    return Results(tuple(findings), {"rate_ratios": pd.DataFrame(curve, columns=columns)})


def _outcomes(shutdowns: pd.DataFrame, quiet_days: int) -> dict[str, pd.DataFrame]:
    other = shutdowns[shutdowns["cause"] != "Exams"]
    return {
        "all shutdowns": shutdowns,
        "without exams": other,
        "episodes": episodes(shutdowns, quiet_days),
        "episodes without exams": episodes(other, quiet_days),
    }


def _onsets(grid: CountryDays, rows: pd.DataFrame, kind_of_day: str) -> NDArray[np.bool_]:
    times = rows["start"].dt.tz_localize(None) if kind_of_day == "UTC day" else rows["local_start"]
    return grid.onsets(rows["country"], times.dt.normalize())


def _curve(
    grid: CountryDays, exposed: NDArray[np.bool_], outcomes: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, str, str, float, float, float, int, int]]:
    strata = {width: grid.strata(width) for width in WIDTHS}
    for (outcome, rows), kind_of_day in product(outcomes.items(), _DAYS):
        onsets = _onsets(grid, rows, kind_of_day)
        for width in WIDTHS:
            ratio = mantel_haenszel(count_by_stratum(onsets, exposed, strata[width]), LEVEL)
            yield (
                width,
                outcome,
                kind_of_day,
                ratio.value,
                ratio.low,
                ratio.high,
                int(onsets.sum()),
                int((onsets & exposed).sum()),
            )


def _pair(
    name: str,
    grid: CountryDays,
    exposed: NDArray[np.bool_],
    onsets: NDArray[np.bool_],
    draws: int,
    rng: np.random.Generator,
    curve: list[tuple[str, str, str, float, float, float, int, int]],
) -> Iterator[Finding]:
    strata = grid.strata(CHOSEN[0])
    table = count_by_stratum(onsets, exposed, strata)
    per_country = table.days.size // len(grid.countries)
    resampled = bootstrapped(table, per_country, LEVEL, rng, draws)
    both, number = int((onsets & exposed).sum()), int(onsets.sum())
    others = tuple(
        Alternative(f"{width}, {outcome}, {day}", *numbers)
        for width, outcome, day, *numbers in (row[:6] for row in curve)
        if (width, outcome, day) != CHOSEN
    )
    shifted = _shifted(table, exposed, onsets, strata)
    for kind, ratio, drawn, more, alternatives in (
        ("crude", crude(table, LEVEL), resampled[0], {}, ()),
        ("within_month", mantel_haenszel(table, LEVEL), resampled[1], shifted, others),
    ):
        witnesses: dict[str, str | float] = {
            "countries": len(grid.countries),
            "country-days": exposed.size,
            "protest days": int(exposed.sum()),
            "onset days": number,
            "resampled countries, low": drawn.low,
            "resampled countries, high": drawn.high,
            "E-value": e_value(ratio.value) if ratio.value > 0 else float("nan"),
            **more,
        }
        yield Finding(
            f"{name}_{kind}", ratio.value, "ratio", both, number, ratio.low, ratio.high, LEVEL,
            witnesses, alternatives,
        )  # fmt: skip


def _shifted(
    table: StratifiedCounts,
    exposed: NDArray[np.bool_],
    onsets: NDArray[np.bool_],
    strata: NDArray[np.intp],
) -> dict[str, str | float]:
    """Return what circular shifts of protests within countries and months would give."""
    inside = table.informative[strata]
    if not inside.any():
        return {"shift p": float("nan")}
    test = circular_shift_test(onsets[inside], exposed[inside], strata[inside])
    return {
        "shift p": test.p_value,
        "months that tell": int(table.informative.sum()),
        "coincidences in them": test.coincidences,
    }


def _where_it_happens(exposed: NDArray[np.bool_], onsets: NDArray[np.bool_]) -> Finding:
    """Return the crude ratio among the countries that had a shutdown at all."""
    rows = onsets.any(axis=1)
    kept = onsets[rows], exposed[rows]
    plain = Ratio(math.nan, math.nan, math.nan)
    if rows.any():
        strata = np.zeros(kept[0].shape, dtype=np.intp)
        plain = crude(count_by_stratum(*kept, strata), LEVEL)
    return Finding(
        "rate_ratio_crude_shutdown_countries", plain.value, "ratio",
        int((kept[0] & kept[1]).sum()), int(kept[0].sum()), plain.low, plain.high, LEVEL,
        witnesses={"countries": int(rows.sum()), "protest days": int(kept[1].sum())},
    )  # fmt: skip
