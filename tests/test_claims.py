"""Verdicts: supported, contradicted, inconclusive and untested, each for its reason."""

from __future__ import annotations

import pandas as pd
import pytest

from darkdays import case as cases
from darkdays.claims import decide, judge
from darkdays.detect.outages import COLUMNS
from darkdays.detect.recovery import STAGE_COLUMNS
from darkdays.events import read_csv
from darkdays.evidence import Evidence, Specification, specifications

IRAN = cases.load("iran-2019")
BASE = pd.Timestamp("2019-11-16 12:00", tz="UTC")
HEADER = "kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"
PROTEST = HEADER + "protest,2019-11-15,,Asia/Tehran,day,IR,,rally,somebody,\n"
SPECIFICATION = Specification(0.95, 0.1, ("ioda.bgp",))


def outage(entity, onset, *, lasts=None, datasource="ioda.bgp", doubt=0.1):
    """An outage by hours after BASE; not back by the end of the record without ``lasts``."""
    hour = pd.Timedelta(hours=1)
    row = dict.fromkeys(COLUMNS, pd.NaT)
    begin = BASE + onset * hour
    row |= {"entity": entity, "datasource": datasource, "depth": 0.9, "p": 1e-6}
    row |= {"onset": begin, "onset_low": begin - doubt * hour, "onset_high": begin + doubt * hour}
    row |= {"last_seen": BASE + 200 * hour, "samples": 10, "baseline": 100.0}
    if lasts is not None:
        end = begin + lasts * hour
        row |= {"recovery": end, "recovery_low": end - doubt * hour}
        row |= {"recovery_high": end + doubt * hour, "restored": end}
    return row


def stage(entity, start, new_ground=True, sustained=True):
    row = dict.fromkeys(STAGE_COLUMNS, BASE + pd.Timedelta(hours=start))
    row |= {"entity": entity, "datasource": "ioda.bgp", "level_before": 0.1, "level_after": 0.3}
    return row | {"new_ground": new_ground, "sustained": sustained}


def evidence(rows, *, stages=(), events=PROTEST, measured=None, days=10):
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in COLUMNS:
        if name.startswith(("onset", "recovery", "restored", "last")):
            table[name] = pd.to_datetime(table[name], utc=True)
    everyone = frozenset(entity.id for entity in IRAN.entities)
    return Evidence(
        case=IRAN,
        specification=SPECIFICATION,
        outages=table,
        stages=pd.DataFrame(stages, columns=list(STAGE_COLUMNS)),
        events=read_csv(events.encode(), "events"),
        record=pd.DatetimeIndex([BASE - pd.Timedelta(days=2), BASE + pd.Timedelta(days=days - 3)]),
        measured=everyone if measured is None else frozenset(measured),
    )


def claim(name):
    return next(one for one in IRAN.claims if one.id == name)


@pytest.mark.parametrize(
    ("onset", "verdict"),
    [(2, "supported"), (-30, "inconclusive"), (-60, "contradicted")],
)
def test_an_onset_after_an_event_needs_the_whole_interval(onset, verdict):
    # The first protest began somewhere between 39.5 and 15.5 hours before BASE.
    found = judge(claim("shutdown-after-protests"), evidence([outage("country/IR", onset)]))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("mobile", "fixed", "verdict"),
    [(0, 2, "supported"), (0, 0.1, "inconclusive"), (2, 0, "contradicted")],
)
def test_mobile_before_fixed_needs_a_gap_beyond_doubt(mobile, fixed, verdict):
    rows = [outage("asn/197207", mobile), outage("asn/58224", fixed)]
    assert judge(claim("mobile-before-fixed"), evidence(rows)).verdict == verdict


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([outage("country/IR", 0, lasts=100)], "supported"),
        ([outage("country/IR", 0)], "supported"),
        ([outage("country/IR", 0, lasts=10)], "contradicted"),
        ([outage("country/IR", 0, lasts=72)], "inconclusive"),
        ([outage("country/IR", 190)], "inconclusive"),
        (
            [outage("country/IR", 0, lasts=10),
             outage("country/IR", 0, lasts=100, datasource="ioda.ping-slash24")],
            "inconclusive",
        ),
    ],
    ids=["long", "open end", "short", "at the limit", "record ends", "datasources disagree"],
)  # fmt: skip
def test_a_duration_counts_with_its_bounds(rows, verdict):
    assert judge(claim("lasted-days"), evidence(rows)).verdict == verdict


@pytest.mark.parametrize(
    ("rows", "stages", "verdict"),
    [
        (
            [outage("country/IR", 0)],
            [stage("country/IR", 10), stage("country/IR", 50)],
            "supported",
        ),
        ([outage("country/IR", 0, lasts=9)], [stage("country/IR", 9)], "contradicted"),
        ([outage("country/IR", 0)], [stage("country/IR", 9)], "inconclusive"),
        (
            [outage("country/IR", 0)],
            [stage("country/IR", 9), stage("country/IR", 30, sustained=False)],
            "inconclusive",
        ),
    ],
    ids=["two", "one, and back", "one, record ends", "a relapse is no stage"],
)
def test_stages_must_last(rows, stages, verdict):
    assert judge(claim("staged-recovery"), evidence(rows, stages=stages)).verdict == verdict


def test_one_episode_cannot_show_an_association():
    found = judge(claim("because-of-protests"), evidence([outage("country/IR", -24)]))
    assert found.verdict == "inconclusive"
    assert "more often" in found.because or "chance" in found.because


def test_many_episodes_on_protest_days_can():
    days = [0, 7, 14, 21, 28, 35, 42, 49]
    rows = [outage("country/IR", 24 * day, lasts=2) for day in days]
    lines = "".join(
        f"protest,{BASE + pd.Timedelta(days=day):%Y-%m-%d},,Asia/Tehran,day,IR,,x,y,\n"
        for day in days
    )
    found = judge(claim("because-of-protests"), evidence(rows, events=HEADER + lines, days=60))
    assert found.verdict == "supported"


@pytest.mark.parametrize("name", [one.id for one in IRAN.claims])
def test_without_data_every_claim_is_untested(name):
    found = judge(claim(name), evidence([], measured=[]))
    assert found.verdict == "untested"
    assert "no data" in found.because


@pytest.mark.parametrize("name", [one.id for one in IRAN.claims])
def test_without_outages_nothing_is_a_no(name):
    assert judge(claim(name), evidence([])).verdict in {"inconclusive", "untested"}


def test_without_events_a_claim_about_them_is_untested():
    found = judge(
        claim("shutdown-after-protests"), evidence([outage("country/IR", 0)], events=HEADER)
    )
    assert found.verdict == "untested"


def test_sensitivity_counts_the_specifications_that_agree():
    agree, differ = evidence([outage("country/IR", 0)]), evidence([])
    found = decide(claim("shutdown-after-protests"), [agree, agree, differ])
    assert (found.holds, found.of) == (2, 3)
    assert found.sensitivity["differs_in"][0]["verdict"] == "inconclusive"


def test_the_chosen_specification_comes_first_and_once():
    listed = specifications(0.9, 0.15, ["b", "a"])
    assert listed[0] == Specification(0.9, 0.15, ("a", "b"))
    assert len(listed) == len(set(listed)) == 3 * 4 * 3
