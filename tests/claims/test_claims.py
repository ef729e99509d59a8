"""Verdicts: supported, contradicted, inconclusive and untested, each for its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from darkdays.claims import decide, judge
from darkdays.evidence.evidence import Specification, specifications
from made_up_evidence import HEADER, IRAN, claim, evidence, outage, protests, stage


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
    asked = [row["entity"] for row in rows]
    found = judge(claim("mobile-before-fixed"), evidence(rows, measured=asked))
    assert found.verdict == verdict
    others = [one.id for one in IRAN.measured if one.id not in asked]
    unseen = judge(claim("mobile-before-fixed"), evidence(rows, measured=[*asked, *others]))
    assert unseen.verdict == "inconclusive", "operators nobody saw fall may have stayed up"


def test_earlier_outages_of_other_causes_are_not_the_one_to_order():
    rows = [
        outage("asn/197207", 0, lasts=50), outage("asn/58224", 5, lasts=50),
        outage("asn/58224", -47, lasts=3), outage("asn/197207", 150, lasts=3),
    ]  # fmt: skip
    asked = ["asn/197207", "asn/58224"]
    found = judge(claim("mobile-before-fixed"), evidence(rows, measured=asked))
    assert found.verdict == "supported"


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
        (
            [outage("country/IR", 0), outage("country/IR", 0, datasource="probing")],
            [
                stage("country/IR", 10),
                stage("country/IR", 50),
                stage("country/IR", 9) | {"datasource": "probing"},
            ],
            "supported",
        ),
        (
            [outage("country/IR", 0), outage("country/IR", 0, lasts=9, datasource="probing")],
            [
                stage("country/IR", 10),
                stage("country/IR", 50),
                stage("country/IR", 9) | {"datasource": "probing"},
            ],
            "inconclusive",
        ),
        (
            [outage("country/IR", 0), outage("country/IR", 0, lasts=9, datasource="probing")],
            [stage("country/IR", 9), stage("country/IR", 9) | {"datasource": "probing"}],
            "inconclusive",
        ),
    ],
    ids=[
        "two",
        "one, and back",
        "one, record ends",
        "a relapse is no stage",
        "another record ends before the second",
        "another is back in one",
        "one is back in one, another record ends",
    ],
)
def test_stages_must_last(rows, stages, verdict):
    assert judge(claim("staged-recovery"), evidence(rows, stages=stages)).verdict == verdict


def test_one_episode_cannot_show_an_association():
    found = judge(claim("because-of-protests"), evidence([outage("country/IR", -24)]))
    assert found.verdict == "inconclusive"
    assert "cannot tell: 1 onset in 10 days" in found.because


IRREGULAR = [0, 4, 9, 15, 20, 26, 29, 37, 42, 50]


def test_many_episodes_on_protest_days_can():
    rows = [outage("country/IR", 24 * day, lasts=2) for day in IRREGULAR]
    found = judge(
        claim("because-of-protests"), evidence(rows, events=HEADER + protests(IRREGULAR), days=60)
    )
    assert found.verdict == "supported"
    assert "in a family of 2 tests" in found.because


def test_episodes_between_protests_contradict_it():
    rows = [outage("country/IR", 24 * day, lasts=2) for day in IRREGULAR]
    others = [day for day in range(-2, 58) if not {day, day + 1, day + 2} & set(IRREGULAR)]
    found = judge(
        claim("because-of-protests"), evidence(rows, events=HEADER + protests(others), days=60)
    )
    assert found.verdict == "contradicted"
    assert "less often" in found.because


def test_fridays_that_hold_both_are_no_proof():
    days = [0, 7, 14, 21, 28, 35, 42, 49]
    rows = [outage("country/IR", 24 * day, lasts=2) for day in days]
    found = judge(
        claim("because-of-protests"), evidence(rows, events=HEADER + protests(days), days=60)
    )
    assert found.verdict == "inconclusive"
    assert "keep to a weekday" in found.because


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
    levels = [
        replace(one, specification=Specification(level, 0.1, ("ioda.bgp",)))
        for one, level in ((agree, 0.95), (agree, 0.9), (differ, 0.99))
    ]
    found = decide(claim("shutdown-after-protests"), levels)
    # The days of the place or of UTC, each.
    assert (found.holds, found.of) == (4, 6)
    differs = found.sensitivity["differs_in"]
    assert [one["verdict"] for one in differs] == ["inconclusive"] * 2
    assert differs[0]["specification"].endswith("level 0.99, depth 0.1, ioda.bgp")
    by_choice = {(one["choice"], one["option"]): one for one in found.sensitivity["by_choice"]}
    assert by_choice["level", 0.99]["holds"] == 0
    assert by_choice["days", "UTC"]["holds"] == 2


def test_the_chosen_specification_comes_first_and_once():
    listed = specifications(0.9, 0.15, ["b", "a"])
    assert listed[0] == Specification(0.9, 0.15, ("a", "b"))
    assert len(listed) == len(set(listed)) == 3 * 4 * 3
