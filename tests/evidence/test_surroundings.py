"""What a case knows beside its main outage, and how much it tells the rivals."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from darkdays.case.sources import Entity
from darkdays.contracts.events import read_csv
from darkdays.detect.outages.controls import CONTROL, NEIGHBOUR, OUTAGE
from darkdays.detect.outages.outages import TIMES
from darkdays.evidence.explanations import exam_days, rivals_reported, surroundings_of
from made_up_evidence import BASE, HEADER, IRAN, outage

IRAQ, TURKEY, GEORGIA = "country/IQ", "country/TR", "country/GE"
CASE = IRAN.model_copy(
    update={
        "neighbours": (Entity(id=IRAQ, name="Iraq", network="country"),),
        "controls": tuple(Entity(id=one, name=one, network="country") for one in (TURKEY, GEORGIA)),
    }
)
LABELS = {IRAQ: NEIGHBOUR, TURKEY: CONTROL, GEORGIA: CONTROL}
EXAMS = (
    HEADER
    + "exam,2019-11-16,2019-11-17,Asia/Tehran,day,IR,,finals,a ministry,\n"
    + "rival,2019-11-16,,Asia/Tehran,day,IR,,a cable was cut,an operator,\n"
    + "rival,2019-12-01,,Asia/Tehran,day,IR,,a storm,an office,\n"
)


def around(rows, measured=("country/IR", IRAQ, TURKEY, GEORGIA), datasource="ioda.bgp"):
    table = pd.DataFrame(rows)
    for name in (one for one in TIMES if one in table):
        table[name] = pd.to_datetime(table[name], utc=True)
    table["label"] = [LABELS.get(one, OUTAGE) for one in table["entity"]]
    listed = [SimpleNamespace(entity=one, datasource=datasource) for one in measured]
    events = read_csv(EXAMS.encode(), "events")
    return surroundings_of(CASE, "country/IR", table, listed, events)


def test_the_onset_of_a_neighbour_is_the_nearest_to_the_main_one():
    rows = [outage("country/IR", 0), outage(IRAQ, -9, lasts=1), outage(IRAQ, 0.5, lasts=1)]
    assert list(around(rows).neighbours) == [BASE + pd.Timedelta(minutes=30)]


def test_what_was_measured_and_stayed_up_is_told_from_what_was_not():
    rows = [outage("country/IR", 0), outage(TURKEY, 200, lasts=1)]
    # An outage days later is another event: the control stayed up.
    assert list(around(rows).controls) == [pd.NaT, pd.NaT]
    assert list(around(rows, measured=["country/IR", TURKEY]).controls) == [pd.NaT]
    assert len(around(rows, measured=["country/IR"]).controls) == 0


def test_a_control_is_one_datasource_s():
    rows = [outage("country/IR", 0), outage(TURKEY, 0, datasource="ooni.measurement-count")]
    assert list(around(rows).controls) == [pd.NaT, pd.NaT]


def test_exams_are_days_of_the_place_and_rivals_are_of_their_time():
    events = read_csv(EXAMS.encode(), "events")
    assert exam_days(CASE, events) == [date(2019, 11, 16), date(2019, 11, 17)]
    assert rivals_reported(CASE, events, "country/IR", BASE) == [
        "finals (a ministry)", "a cable was cut (an operator)",
    ]  # fmt: skip
    assert rivals_reported(CASE, events, "country/IR", BASE + pd.Timedelta(days=1)) == [
        "finals (a ministry)"
    ]


@pytest.mark.parametrize(("apart", "pattern"), [(1, "daily"), (7, "weekly")])
def test_hours_that_come_again_are_told(apart, pattern):
    rows = [outage("country/IR", 24 * apart * number, lasts=3) for number in range(8)]
    assert set(around(rows).recurring.values()) == {pattern}


@pytest.mark.parametrize(
    ("days", "pattern"), [((0, 2, 9, 13, 24), {"daily"}), ((0, 9, 20, 31, 43), set())]
)
def test_irregular_days_are_told_by_the_days_between(days, pattern):
    found = around([outage("country/IR", 24 * day, lasts=3) for day in days])
    assert set(found.recurring.values()) == pattern
    assert len(found.pattern) == len(days)


def test_one_outage_is_no_pattern():
    assert around([outage("country/IR", 0, lasts=3)]).recurring == {}
