"""Every figure of a report on a telephone: nothing small, cut off, or over something else."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_keys import LONG, beyond, collisions, world

from darkdays.association.directions import EVENTS_AFTER, OUTAGES_AFTER
from darkdays.claims.records.providers import CONCENTRATION, SHARE
from darkdays.correlate.multiverse import specification_curve as curve_of
from darkdays.detect.speeds.speed_days import SpeedDays
from darkdays.figures.claims.lags import lags
from darkdays.figures.claims.specification_curve import specification_curve
from darkdays.figures.key import beside, sourced
from darkdays.figures.labels.classifier import classifier_groups
from darkdays.figures.labels.durations import durations
from darkdays.figures.labels.minutes import minutes_of_the_hour
from darkdays.figures.labels.rate_ratios import rate_ratios
from darkdays.figures.labels.weekdays import weekday_windows
from darkdays.figures.outages.place_onsets import place_onsets
from darkdays.figures.outages.sides import sides
from darkdays.figures.outages.tile_map import provinces_of, tile_map
from darkdays.figures.plot import PHONE, is_narrow
from darkdays.figures.records.blocking import blocking_states
from darkdays.figures.records.measurements import measurement_counts
from darkdays.figures.records.providers import address_shares
from darkdays.figures.records.speeds import SpeedRecord, speed_quantiles
from darkdays.sources import places
from made_up_evidence import outage
from made_up_regions import case_of, region

DAYS = pd.date_range("2019-11-01", periods=40)
ONE = np.ones(len(DAYS))


def of_places(make, name):
    case, _, outages = world(30, 12, name=name)
    return partial(make, case, outages.drop_duplicates("entity"))


def of_tiles():
    named = [places.code_of(one, "name").code for one in places.places("IR")]
    case = case_of(entities=tuple(region(f"region/{one}") for one in named), donors=())
    down = pd.DataFrame([outage(one, 5) for one in provinces_of(case)])
    return partial(tile_map, case, set(down["entity"]), down, down)


def of_days():
    rows = [
        {"day": f"{day:%d %b}", "network": network, "measurements": 40 * (1 + number % 7)}
        for number, day in enumerate(DAYS)
        for network in ("mobile", "fixed", "transit", "other")
    ]
    return partial(measurement_counts, pd.DataFrame(rows))


def of_lags():
    def table(name, value):
        bands = {"expected": 1.0, "low": 0.5, "high": 1.5, "low_all": 0.2, "high_all": 1.8}
        days = np.arange(-7, 8)
        return SimpleNamespace(table=pd.DataFrame({name: days, value: days % 3, **bands}))

    found = SimpleNamespace(
        claim=SimpleNamespace(event="protest"), no_profiles="", no_epochs="",
        profiles={one: table("lag", "coincidences") for one in (OUTAGES_AFTER, EVENTS_AFTER)},
        epochs={one: table("offset", "mean") for one in ("ioda.bgp", "ioda.ping-slash24")},
    )  # fmt: skip
    return partial(lags, found)


def of_specifications():
    choices = {"days after": [0, 1, 2], "events": ["all", LONG], "exams": [True, False]}
    numbers = iter(range(1, 99))

    def answer(_):
        value = next(numbers) / 3
        return {"value": value, "low": value / 2, "high": value * 2, "p": 0.2 / value}

    claim = "Shutdowns begin on days of protest more often than chance would have it"
    return partial(specification_curve, curve_of(choices, answer), claim=claim)


def of_sites(days):
    rows = [
        {
            "table": "ooni", "network": "asn/1", "site": f"{'long-name-' * 3}{site}.com",
            "time": day + pd.Timedelta(hours=5), "method": ("tcp_ip", "ok")[site % 2],
        }
        for day in DAYS[:days]
        for site in range(4)
    ]  # fmt: skip
    seen = pd.DataFrame(rows)
    firsts = seen.drop_duplicates("site").assign(
        first=DAYS[0], last=DAYS[-1], state="blocked", blocked=3, units=5
    )
    return partial(blocking_states, SimpleNamespace(observed=seen, stretches=firsts))


def of_speeds():
    counts = np.column_stack([ONE, 9 * ONE, ONE])
    record = SpeedDays(DAYS, counts, 11 * ONE, 0 * ONE, np.column_stack([ONE, 2 * ONE, 3 * ONE]))
    two = [SpeedRecord(f"{one}, download", record, DAYS[9], DAYS[19]) for one in ("Here", "There")]
    return partial(speed_quantiles, two)


def of_addresses():
    rows = [
        {"country": country, "measure": measure, "day": day, "value": 0.5}
        for country in ("Cuba", "Iran")
        for measure in (SHARE, CONCENTRATION)
        for day in DAYS
    ]
    return partial(address_shares, pd.DataFrame(rows))


def of_lists():
    kinds = ("shutdown", "outage")
    over = [
        {"kind": kind, "percent": one, "hours": one / 3.0} for kind in kinds for one in (9, 50, 99)
    ]
    yield partial(durations, pd.DataFrame(over))
    begun = [
        {"kind": kind, "minute": minute, "events": 9, "share": 1 / 12}
        for kind in kinds
        for minute in range(0, 60, 5)
    ]
    yield partial(minutes_of_the_hour, pd.DataFrame(begun))
    ratios = [
        {"stratum": stratum, "outcome": outcome, "day": "local", "value": 3, "low": 1, "high": 9}
        for stratum in ("month", "28 days")
        for outcome in ("all shutdowns", "episodes without exams")
    ]
    yield partial(rate_ratios, pd.DataFrame(ratios))
    groups = ("timing within the hour", "how many networks", "depth")
    yield partial(classifier_groups, pd.DataFrame({"group": groups, "auc": 0.8, "auc_all": 0.7}))
    fridays = pd.date_range("2022-09-30", periods=40, freq="7D").strftime("%Y-%m-%d")
    yield partial(
        weekday_windows,
        pd.DataFrame({"day": fridays, "shutdown": True, "from": 3.5, "until": 11.5}),
    )


FIGURES = {
    "places": of_places(place_onsets, "Place"),
    "places of long names": of_places(place_onsets, LONG),
    "agreement": of_places(sides, "Place"),
    "agreement of long names": of_places(sides, LONG),
    "tiles": of_tiles(),
    "measurements": of_days(),
    "lags": of_lags(),
    "specification curve": of_specifications(),
    "a few days of sites": of_sites(7),
    "many days of sites": of_sites(40),
    "speeds": of_speeds(),
    "providers": of_addresses(),
    **{f"list {number}": make for number, make in enumerate(of_lists())},
}


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_small_or_cut_off_or_over_something_else(name):
    plot = sourced(FIGURES[name](width=PHONE), "Made with darkdays. Times in UTC.")
    assert plot.figure.get_figwidth() == PHONE
    assert [*collisions(plot.figure), *beyond(plot.figure)] == []
    for axis in plot.figure.axes:
        assert axis.get_window_extent().width > 0.2 * PHONE * plot.figure.dpi


def test_a_name_beside_an_axis_keeps_its_begin_and_its_end():
    assert beside("Tehran") == "Tehran"
    assert len({beside(f"{LONG} {one}") for one in range(20)}) == 20
    assert len(beside(LONG)) <= 18


@pytest.mark.parametrize("name", FIGURES)
def test_on_paper_no_figure_is_laid_out_as_for_a_telephone(name):
    assert not is_narrow(FIGURES[name]().figure.get_figwidth())
