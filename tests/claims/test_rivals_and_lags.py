"""Dated rivals, which outage is judged, sites down elsewhere, slow networks, declared fiction."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from darkdays.case.claims import OnsetAfterEvent
from darkdays.case.disruptions import Disrupted, NotExplainedBy
from darkdays.case.records import SiteBlocked, Throttled, Unblocked
from darkdays.claims import judge
from darkdays.claims.judging.lag_words import lag_in_words
from darkdays.claims.records.site_changes import unblocked
from darkdays.claims.records.sites import site_blocked
from darkdays.claims.records.throttling import throttled
from darkdays.contracts.events import read_csv
from darkdays.detect.blocking.blocking import Counting
from darkdays.simulate.signals import simulated_tree
from darkdays.stages.products import Fetched
from made_up_evidence import BASE, HEADER, IRAN, PROTEST, evidence, outage

STRETCH: Any = {"start": "2019-11-16T00:00Z", "end": "2019-11-22T00:00Z"}
SAID: Any = {"id": "x", "statement": "x", "origin": "nobody"}
AFTER = OnsetAfterEvent(type="onset_after_event", entity="country/IR", **SAID)
HOUR = pd.Timedelta(hours=1)


def after(rows, events=PROTEST, **keys):
    return judge(AFTER.model_copy(update=keys), evidence(rows, events=events, days=30))


@pytest.mark.parametrize(
    ("rows", "verdict", "words"),
    [
        ([outage("country/IR", 0)], "supported", "15.4 to 39.6 hours after"),
        # A fortnight later is another story; three days unless the case says otherwise.
        ([outage("country/IR", 14 * 24, lasts=5)], "inconclusive", "too long to be taken"),
        # One that was over before is told and not judged.
        (
            [outage("country/IR", -100, lasts=3), outage("country/IR", 2, lasts=9)],
            "supported",
            "Not judged: what was over before that, from 2019-11-12 on.",
        ),
        ([outage("country/IR", -100, lasts=3)], "inconclusive", "from then on"),
        # A part that is gone for a week and was not back is listed, and nothing rests on it.
        ([outage("country/IR", 5) | {"depth": 0.4}], "inconclusive", "may be a new level"),
        # One that was under way is the one the event belongs to.
        ([outage("country/IR", -160)], "contradicted", "5 to 6 days before the first protest"),
        ([outage("country/IR", -30)], "inconclusive", "before and"),
        # Another datasource saw the same outage begin before.
        (
            [outage("country/IR", 0), outage("country/IR", -60, datasource="ooni.x")],
            "contradicted",
            "before the first protest",
        ),
    ],
)
def test_one_outage_is_judged_the_first_after_the_event(rows, verdict, words):
    found = after(rows)
    assert (found.verdict, words in found.because) == (verdict, True), found.because
    assert re.search(r"-\d", found.because.replace("2019-11-12", "")) is None


def test_an_outage_older_than_its_record_leaves_a_later_one_open():
    older = outage("country/IR", -30, lasts=40, datasource="ioda.ping-slash24")
    older |= {"first_seen": older["onset"], "onset": pd.NaT} | dict.fromkeys(
        ["onset_low", "onset_high"], pd.NaT
    )
    later = outage("country/IR", 5, lasts=3)
    assert after([later]).verdict == "supported"
    found = after([older, later])
    assert found.verdict == "inconclusive"
    assert "when that outage began is not known" in found.because


def test_a_longest_lag_and_the_outage_that_is_meant_can_be_said():
    late = [outage("country/IR", 1, lasts=3), outage("country/IR", 14 * 24, lasts=5)]
    named = {"start": BASE + 330 * HOUR, "end": BASE + 350 * HOUR}
    assert after(late, **named).verdict == "inconclusive"
    assert after(late, **named, within_hours=400).verdict == "supported"
    assert after(late, start=BASE + 50 * HOUR, end=BASE + 60 * HOUR).verdict == "inconclusive"


@pytest.mark.parametrize("kind", ["election", "coup", "war", "holiday", "power-cut", "curfew"])
def test_claims_can_be_asked_of_any_kind_of_event(kind):
    dated = HEADER + f"{kind},2019-11-15,,Asia/Tehran,day,IR,,it was,somebody,\n"
    found = after([outage("country/IR", 0)], events=dated, event=kind)
    assert found.verdict == "supported"
    assert after([outage("country/IR", 0)], event=kind).verdict == "untested"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-140, -115, "5 to 6 days before x"),
        (-3, 20, "between 3 hours before and 20 hours after x"),
        (1.5, 2.5, "1.5 to 2.5 hours after x"),
        (80, 100, "3 to 4 days after x"),
    ],
)
def test_a_lag_is_never_a_negative_number(low, high, said):
    assert lag_in_words(low, high, "x") == said


# --- rivals -----------------------------------------------------------------------------------

DISRUPTED = Disrupted(type="disrupted", entity="region/Khuzestan", **SAID)
UNEXPLAINED = NotExplainedBy(
    type="not_explained_by", entity="region/Khuzestan", rival="power cuts", **SAID
)


def cut_off(place="IR/Khuzestan", day="2019-11-16", kind="power-cut"):
    return f"{kind},{day},,Asia/Tehran,day,{place},,power was out,a paper,\n"


@pytest.mark.parametrize("beyond", [True, False])
@pytest.mark.parametrize("claim", [DISRUPTED, UNEXPLAINED])
@pytest.mark.parametrize(
    ("dated", "verdict"),
    [
        ("", "supported"),
        (cut_off(), "inconclusive"),
        (cut_off("IR"), "inconclusive"),
        (cut_off(kind="rival"), "inconclusive"),
        (cut_off(kind="holiday"), "inconclusive"),
        (cut_off("IR/Fars"), "supported"),
        (cut_off(day="2019-12-02"), "supported"),
    ],
)
def test_a_dated_rival_there_and_then_forbids_support(claim, dated, verdict, beyond, monkeypatch):
    case = IRAN.model_copy(
        update={
            "entities": tuple(
                IRAN.entities[0].model_copy(update={"id": f"region/{name}", "name": name,
                                                    "network": "region"})
                for name in ("Khuzestan", "Fars")
            )
        }
    )  # fmt: skip
    protest = PROTEST.replace(",IR,", ",IR/Khuzestan,")
    seen = evidence([outage("region/Khuzestan", -10, lasts=9)], events=protest + dated, case=case)
    row = seen.outages.iloc[0].copy()
    row["duration_low"] = 8.0

    class Found:
        outage, lost, lost_low, lost_high = row, 8.0, 7.5, 8.5
        largest, compared, reached, smallest_p = 0.1, 60, 0 if beyond else 9, 0.01
        p_value = 0.01 if beyond else 0.15
        measured, left_out = 1.0, 0

    monkeypatch.setattr("darkdays.claims.disruption.largest_beyond", lambda *_: Found())
    hour = pd.Timedelta(hours=1)
    analysis = SimpleNamespace(
        entity="region/Khuzestan", datasource="ioda.bgp", times=seen.record, step=hour
    )
    found = judge(claim, replace(seen, analyses=(analysis,)))
    # It is named where the outage is no more than others too.
    assert ("power was out (a paper" in found.because) == (verdict == "inconclusive")
    assert found.verdict == (verdict if beyond else "inconclusive")
    if not beyond:
        return
    if claim is UNEXPLAINED and verdict == "supported":
        assert ("knew power cuts as well" in found.because) == bool(dated)


# --- sites ------------------------------------------------------------------------------------

SITE = {"type": "site_blocked", "tables": ["t"], "sites": ["a.org"], **SAID}


def observed(blocked, since="2021-07-01", network="asn/1"):
    times = pd.date_range(since, periods=len(blocked), freq="6h", tz="UTC")
    ways = ["dns" if one else "" for one in blocked]
    frame = {"network": network, "site": "a.org", "time": times.as_unit("ns"), "method": ways}
    return pd.DataFrame(frame)


def test_what_is_down_elsewhere_too_is_not_called_blocked():
    claim = SiteBlocked(**SITE, elsewhere=("o",))
    here = observed([True] * 20)
    for there, verdict, said in (
        (observed([True] * 20), "inconclusive", "Down elsewhere too: a.org."),
        (observed([False] * 20), "supported", "a.org came through"),
        (observed([]), "supported", "Too little was measured"),
        (None, "supported", "was not read"),
    ):
        found = site_blocked(claim, here, Counting(), there)
        assert found.verdict == verdict
        assert said in found.because


@pytest.mark.parametrize(
    ("blocked", "span", "verdict"),
    [
        ([True] * 30 + [False] * 30, "2021-07-01 2021-07-16", "supported"),
        ([True] * 60, "2021-07-01 2021-07-16", "contradicted"),
        # Half of that month nobody measured: it may have come back.
        ([True] * 60, "2021-07-01 2021-08-01", "inconclusive"),
        # It came back before, and was only measured then.
        ([True] * 30 + [False] * 30, "2021-07-09 2021-07-16", "inconclusive"),
        ([False] * 60, "2021-07-01 2021-07-16", "inconclusive"),
        ([True] * 20 + [False] * 20 + [True] * 20, "2021-07-01 2021-07-16", "inconclusive"),
    ],
)
def test_a_site_that_came_back_is_unblocked(blocked, span, verdict):
    claim = Unblocked(**{**SITE, "type": "unblocked"})
    span = tuple(pd.Timestamp(one, tz="UTC") for one in span.split())
    assert unblocked(claim, observed(blocked), span, Counting(), 99).verdict == verdict


def test_one_failure_after_a_gap_does_not_say_that_a_site_was_blocked_until_then():
    claim = Unblocked(**{**SITE, "type": "unblocked"})
    seen = [observed([True] * 30), observed([True] + [False] * 29, "2021-07-12")]
    span = tuple(pd.Timestamp(one, tz="UTC") for one in ("2021-07-11", "2021-07-20"))
    assert unblocked(claim, pd.concat(seen), span, Counting(), 99).verdict == "inconclusive"


# --- slow networks ----------------------------------------------------------------------------

SLOW = Throttled(
    type="throttled", entity="country/IR", **STRETCH,
    delay=("own.rtt",), speed=("own.speed",), measured_by=("own.tests",), **SAID,
)  # fmt: skip


def slowed(**factors):
    """Daily signals of six weeks, multiplied by a factor on the days in question."""
    rng = np.random.default_rng(4)
    times = pd.date_range("2019-10-15", periods=42, freq="D")
    inside = (times >= "2019-11-16") & (times < "2019-11-22")
    trees = {
        f"own.{name}": simulated_tree(
            {"country/IR": 100 * np.exp(rng.normal(0, 0.05, 42)) * np.where(inside, factor, 1)},
            times,
        )
        for name, factor in factors.items()
    }
    return {name: next(iter(tree.children.values())) for name, tree in trees.items()}


@pytest.mark.parametrize(
    ("factors", "verdict", "said"),
    [
        ({"rtt": 1.8, "speed": 0.4, "tests": 0.9}, "supported", "who could be measured"),
        ({"rtt": 1.8, "speed": 0.4}, "supported", "Who could still measure is not known."),
        ({"rtt": 1.8, "speed": 0.4, "tests": 0.2}, "inconclusive", "Fewer than half"),
        ({"rtt": 1.8}, "inconclusive", "no data on speeds"),
        ({"rtt": 1.0, "speed": 1.5}, "contradicted", "times that of other days"),
        ({"tests": 1.0}, "untested", "no data on round-trip times"),
    ],
)
def test_throttling_is_slower_answers_and_less_speed(factors, verdict, said):
    nodes = slowed(**factors)
    tree = xr.DataTree.from_dict({name: node.to_dataset() for name, node in nodes.items()})
    span = (pd.Timestamp(SLOW.start), pd.Timestamp(SLOW.end))
    found = throttled(SLOW, IRAN, tree, span, 0.95)
    assert (found.verdict, said in found.because) == (verdict, True), found.because


def test_a_case_can_declare_its_data_simulated(tmp_path):
    declared = IRAN.model_copy(update={"simulated": True})
    empty = read_csv(HEADER.encode(), "events")
    for case, stamped in ((IRAN, False), (declared, True)):
        assert Fetched(case, tmp_path, xr.DataTree(), empty, {}, {}, {}).simulated is stamped
    assert declared.digest() != IRAN.digest()
