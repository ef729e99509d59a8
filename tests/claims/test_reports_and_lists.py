"""Where nothing was measured: what reports agree on, and outages that somebody else listed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays import claims
from darkdays.case import case as cases
from darkdays.case.claims import OnsetAfterEvent, OutageInWindow
from darkdays.case.records import OutageReported, ReportsAgree
from darkdays.claims.records.reports_agree import reports_agree
from darkdays.contracts.events import read_csv
from darkdays.evidence.listed import with_listed
from made_up_evidence import BASE, HEADER, evidence, outage

CASE = cases.load("iran-2019")
SPAN = (pd.Timestamp("2019-11-15", tz="UTC"), pd.Timestamp("2019-11-20", tz="UTC"))
SAID = {"id": "a", "statement": "s", "origin": "o", "entity": "country/IR"}


def agree(rows="", lengths=None, hours=2.0):
    claim = ReportsAgree(type="reports_agree", within_hours=hours, **SAID)
    table = None
    if lengths is not None:
        table = pd.DataFrame(lengths, columns=["source", "hours_low", "hours_high"]).astype(
            {"hours_low": float, "hours_high": float}
        )
    return reports_agree(claim, CASE, read_csv((HEADER + rows).encode(), "e"), table, SPAN)


def report(start, precision, kind="disruption", who="A"):
    return f"{kind},{start},,UTC,{precision},IR,,dark,{who},\n"


@pytest.mark.parametrize(
    ("rows", "hours", "verdict"),
    [
        (report("2019-11-16T14:00", "10-minutes") + report("2019-11-16T14:30", "10-minutes"), 1,
         "supported"),
        (report("2019-11-16T14:00", "10-minutes") + report("2019-11-16T18:00", "10-minutes"), 1,
         "contradicted"),
        # Between 50 and 70 minutes apart.
        (report("2019-11-16T14:00", "10-minutes") + report("2019-11-16T15:00", "10-minutes"), 1,
         "inconclusive"),
        # A day tells nothing of an hour, and so there is one report.
        (report("2019-11-16T14:00", "10-minutes") + report("2019-11-16", "day"), 1, "untested"),
        (report("2019-11-16", "day") + report("2019-11-19", "day"), 24, "contradicted"),
        (report("2019-11-16", "day") + report("2019-11-16", "day"), 24, "supported"),
        # A rally is no report of an outage, and one of December is of another outage.
        (report("2019-11-16", "day") + report("2019-11-18", "day", "protest"), 24, "untested"),
        (report("2019-11-16", "day") + report("2019-12-18", "day"), 24, "untested"),
        ("", 24, "untested"),
    ],
)  # fmt: skip
def test_reports_of_a_beginning(rows, hours, verdict):
    assert agree(rows, hours=hours).verdict == verdict


@pytest.mark.parametrize(
    ("lengths", "verdict"),
    [
        ([("A", 1, 1), ("B", 2, 2.5)], "supported"),
        ([("A", np.nan, 0.5), ("B", 96, 120)], "contradicted"),
        ([("A", np.nan, 3), ("B", 1, np.nan)], "inconclusive"),
        ([("A", 1, 1), ("B", np.nan, np.nan)], "untested"),
    ],
)
def test_reports_of_a_length(lengths, verdict):
    found = agree(lengths=lengths)
    assert found.verdict == verdict
    if verdict == "contradicted":
        assert "B differs from A by at least 4 days" in found.because


def listed(hours=6.0, minutes=10, entity="country/IR"):
    start = BASE + pd.Timedelta(hours=3)
    return pd.DataFrame(
        {"entity": [entity], "start": [start], "end": [start + pd.Timedelta(hours=hours)],
         "minutes": [minutes], "statement": ["s"], "reference": ["r"]}
    )  # fmt: skip


def judged(claim, read):
    return claims.decide(claim, read).judgement


def test_a_place_nobody_measured_has_the_outages_of_a_list():
    unmeasured = evidence([], measured=[])
    lasted = OutageInWindow(type="outage_in_window", at_least_hours=5, **SAID)
    assert judged(lasted, [unmeasured]).verdict == "untested"
    read = with_listed([unmeasured], listed())
    assert judged(lasted, read).verdict == "supported"
    # Each end may be off by ten minutes: six hours are 5:40 to 6:20.
    six = lasted.model_copy(update={"at_least_hours": 6.0})
    assert judged(six, read).verdict == "inconclusive"
    assert judged(lasted.model_copy(update={"at_least_hours": 7.0}), read).verdict == "contradicted"
    began = OutageReported(
        type="outage_reported", start=BASE, end=BASE + pd.Timedelta(hours=12), **SAID
    )
    assert judged(began, read).verdict == "supported"
    after = OnsetAfterEvent(type="onset_after_event", event="protest", **SAID)
    assert judged(after, read).verdict == "supported"
    other = lasted.model_copy(update={"entity": "asn/44244"})
    assert judged(other, read).verdict == "untested"


def test_a_list_is_silent_where_something_was_measured():
    read = evidence([outage("country/IR", 30.0, lasts=1)])
    (beside,) = with_listed([read], listed())
    assert beside.outages.equals(read.outages)
    assert beside.measured == read.measured


def test_a_verdict_that_rests_on_a_list_says_so():
    lasted = OutageInWindow(type="outage_in_window", at_least_hours=5, **SAID)
    verdict = claims.decide(lasted, with_listed([evidence([], measured=[])], listed()))
    assert "others listed" in claims.of_a_list(verdict).judgement.because


def test_an_hour_bounds_the_first_of_several_events_dated_to_the_day():
    hour = "protest,2019-11-16T08:00,,UTC,hour,IR,,march,B,\n"
    day = "protest,2019-11-16,,UTC,day,IR,,protests,A,\n"
    after = OnsetAfterEvent(type="onset_after_event", event="protest", **SAID)
    for events, verdict in ((day, "inconclusive"), (day + hour, "supported")):
        read = evidence([outage("country/IR", 0.0, lasts=5)], events=HEADER + events)
        assert judged(after, [read]).verdict == verdict
