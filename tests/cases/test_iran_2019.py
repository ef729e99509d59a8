"""What the embedded record of November 2019 shows, and what it does not.

The bins are those of the published figures, read by people before the detector was written.
"""

from __future__ import annotations

import pandas as pd
import pytest

from darkdays import stages
from darkdays.report.version.draft import load_draft


@pytest.fixture(scope="module")
def detected(iran_2019, tmp_path_factory):
    run = iran_2019.copied_run(tmp_path_factory.mktemp("detected"))
    return stages.detect("iran-2019", str(run))


@pytest.fixture(scope="module")
def correlated(detected):
    return stages.correlate("iran-2019", str(detected.fetched.folder))


@pytest.fixture(scope="module")
def draft(iran_2019, tmp_path_factory):
    return load_draft(iran_2019.copied_run(tmp_path_factory.mktemp("draft")) / "report")


def november(text):
    return pd.Timestamp(f"2019-11-{text}", tz="UTC")


def first(detected, entity, datasource):
    table = detected.outages
    mine = table[(table["entity"] == entity) & (table["datasource"] == datasource)]
    return next(mine.itertuples())


@pytest.mark.parametrize(
    ("entity", "datasource", "onset", "bins"),
    [
        ("asn/57218", "ioda.bgp", "16 14:05", 2),
        ("asn/197207", "ioda.bgp", "16 14:25", 2),
        ("asn/44244", "ioda.bgp", "16 14:25", 2),
        ("asn/58224", "ioda.bgp", "16 16:20", 2),
        ("asn/31549", "ioda.ping-slash24", "16 17:10", 3),
        ("asn/12880", "ioda.ping-slash24", "16 17:50", 3),
        ("asn/16322", "ioda.ping-slash24", "16 18:10", 3),
        ("country/IR", "ioda.ping-slash24", "16 17:10", 3),
    ],
)
def test_onsets_lie_in_narrow_bounds(detected, entity, datasource, onset, bins):
    found = first(detected, entity, datasource)
    assert found.onset_low <= november(onset) <= found.onset_high
    step = pd.Timedelta("5min") if datasource == "ioda.bgp" else pd.Timedelta("10min")
    assert found.onset_high - found.onset_low <= bins * step
    assert found.p < 0.001


def falls(detected, entity):
    steps = detected.steps
    return steps[(steps["entity"] == entity) & (steps["datasource"] == "ioda.bgp")]


def test_the_incumbent_fell_in_steps_over_hours(detected):
    mine = falls(detected, "asn/58224")
    assert mine["time"].min() == november("16 16:20")
    assert mine["time"].max() == november("16 20:00")
    assert len(mine) >= 4


def test_irancell_was_at_zero_from_15_05(detected):
    last = falls(detected, "asn/44244").iloc[-1]
    assert last["time"] == november("16 15:05")
    assert last["level_after"] == 0


def test_the_first_recovery_is_on_the_21st_and_the_main_one_on_the_23rd(detected):
    stages_ = detected.stages
    lasting = stages_[stages_["new_ground"] & stages_["sustained"]]
    country = lasting[
        (lasting["entity"] == "country/IR") & (lasting["datasource"] == "ioda.ping-slash24")
    ]
    begin = country.iloc[0]
    assert begin["start_low"] <= november("21 09:30") <= begin["start_high"]
    assert begin["end"] >= november("21 15:40")
    main = first(detected, "country/IR", "ioda.ping-slash24")
    assert november("23 10:00") <= main.recovery <= november("23 13:00")
    pars = first(detected, "asn/16322", "ioda.ping-slash24")
    assert pars.recovery_low <= november("23 11:50") <= pars.recovery_high
    assert pars.recovery_high - pars.recovery_low <= pd.Timedelta("30min")


def test_no_return_of_mobile_operators_is_claimed(detected):
    for entity in ("asn/197207", "asn/44244", "asn/57218"):
        found = first(detected, entity, "ioda.bgp")
        assert pd.isna(found.recovery)
        assert found.last_seen == november("22 17:45")


def test_mobile_probing_dates_but_does_not_size(detected):
    for entity in ("asn/197207", "asn/44244"):
        found = first(detected, entity, "ioda.ping-slash24")
        assert found.onset.day == 16
        assert pd.isna(found.depth)
        assert pd.isna(found.recovery)


def test_gaps_of_the_collector_are_labelled(detected):
    gaps = detected.gaps
    assert set(gaps["label"]) == {"instrument"}
    assert set(gaps["datasource"]) == {"ioda.bgp"}, "bins nobody read are no gap of the instrument"
    starts = [f"{start:%d %H:%M}" for start in gaps["start"]]
    for start in ("16 07:55", "16 15:55", "18 20:55", "22 17:50"):
        assert start in starts


def test_the_collapse_of_17_november_is_an_event_of_its_own(detected):
    (event,) = detected.short.itertuples()
    assert event.start == november("17 11:25")
    assert event.datasources == "ioda.bgp ioda.ping-slash24"
    assert {"asn/44244", "asn/31549", "country/IR"} <= set(event.entities.split())


def test_networks_are_never_added_up(detected):
    entities = {entity.id for entity in detected.fetched.case.entities}
    assert set(detected.outages["entity"]) <= entities


VERDICTS = {
    "shutdown-after-protests": "supported",
    "mobile-before-fixed": "supported",
    "lasted-days": "supported",
    "staged-recovery": "supported",
    "because-of-protests": "inconclusive",
}


def test_verdicts(correlated):
    assert {one.claim.id: one.judgement.verdict for one in correlated.verdicts} == VERDICTS


def number(correlated, claim, name):
    (verdict,) = [one for one in correlated.verdicts if one.claim.id == claim]
    (found,) = [one for one in verdict.judgement.numbers if one.name == name]
    return found


def test_the_gap_between_mobile_and_fixed_has_bounds(correlated):
    gap = number(correlated, "mobile-before-fixed", "gap.ioda.bgp")
    assert gap.low <= (16 + 20 / 60) - (14 + 25 / 60) <= gap.high
    assert 0 < gap.low < gap.high < 3


def test_the_lag_honours_the_day_in_tehran(correlated):
    lag = number(correlated, "shutdown-after-protests", "lag")
    # 15 November in Tehran is 14 November 20:30 to 15 November 20:30 UTC.
    assert lag.low == pytest.approx(17 + 50 / 60, abs=0.01)
    assert lag.high == pytest.approx(42, abs=0.01)


def test_one_episode_cannot_tell_and_says_so(correlated):
    (verdict,) = [one for one in correlated.verdicts if one.claim.id == "because-of-protests"]
    assert "cannot tell" in verdict.judgement.because
    assert number(correlated, "because-of-protests", "coincidence.p").value == 0.5


def test_one_episode_is_asked_in_both_directions_and_every_way(correlated, draft):
    findings = {one["id"]: one for one in draft.findings["findings"]}
    for direction in ("outages_after", "events_after"):
        name = f"claim.because-of-protests.{direction}"
        assert findings[f"{name}.ratio.mantel_haenszel"]["n"] == 1
        assert findings[f"{name}.p"]["witnesses"]["shifts"] == "10"
        assert findings[f"{name}.q_by"]["value"] is None, "what cannot decide is not adjusted"
        assert findings[f"{name}.q_by"]["n"] == 2
        least = findings[f"{name}.detectable_ratio"]
        assert least["value"] is None
        assert "by chance" in least["witnesses"]["note"]
    verdicts = {one.claim.id: one for one in correlated.verdicts}
    whole = findings["claim.because-of-protests.specifications"]
    assert whole["witnesses"]["count"] == whole["n"] == verdicts["because-of-protests"].of > 1000
    # The order and the lag hold for every source, by the days of Tehran and of UTC.
    assert verdicts["shutdown-after-protests"].of == 4 * verdicts["lasted-days"].of
    names = set(verdicts["because-of-protests"].curve.table.columns)
    assert {"window", "strata", "episode gap", "events", "days", "verdict"} <= names


def test_controls_this_case_has_no_data_for_are_named(draft):
    (one,) = draft.findings["associations"]
    told = {(control["kind"], control["possible"]) for control in one["controls"]}
    assert told == {
        ("placebo places", False), ("placebo dates", False), ("negative exposure", True),
        ("negative exposure", False), ("negative outcome", False),
        ("difference in differences", False),
    }  # fmt: skip


def test_findings_have_the_keys_a_reader_relies_on(draft):
    findings = draft.findings
    assert findings["case"] == "iran-2019"
    assert findings["simulated"] is False
    for claim in findings["claims"]:
        assert {"id", "statement", "origin", "verdict", "sensitivity"} <= claim.keys()
    for finding in findings["findings"]:
        assert {"id", "value", "unit", "interval", "level", "n", "witnesses"} == finding.keys()
    for outage in findings["outages"]:
        assert {
            "entity", "datasource", "onset", "onset_interval",
            "recovery", "recovery_interval", "depth", "p",
        } <= outage.keys()  # fmt: skip
    identities = [finding["id"] for finding in findings["findings"]]
    assert len(identities) == len(set(identities)), "a finding is named once"


def test_outages_in_the_findings_are_sized_with_bounds(draft):
    by_signal = {
        (outage["entity"], outage["datasource"]): outage
        for outage in reversed(draft.findings["outages"])
    }
    shatel = by_signal["asn/31549", "ioda.ping-slash24"]
    assert shatel["kind"] == "cut"
    assert shatel["depth_interval"][0] <= shatel["depth"] <= shatel["depth_interval"][1]
    low, high = shatel["duration_interval"]
    assert 160 < low <= shatel["duration_hours"] <= high < 165
    rightel = by_signal["asn/57218", "ioda.bgp"]
    assert rightel["duration_hours"] is None
    assert rightel["duration_interval"][0] > 140
    assert rightel["duration_interval"][1] is None


def test_routing_and_probing_are_held_side_by_side(draft):
    country = {
        side["datasource"]: side
        for side in draft.findings["agreement"]
        if side["entity"] == "country/IR"
    }
    assert country["ioda.bgp"]["disagrees"] == ["depth"]
    assert country["ioda.bgp"]["shallower"] > 0.5
    assert country["ioda.ping-slash24"]["disagrees"] == ["onset"]
    low, high = country["ioda.ping-slash24"]["later_interval"]
    assert 2 < low < high < 3.5


def test_the_short_event_is_told_from_outages_in_the_findings(draft):
    labels = {
        (outage["entity"], outage["onset"]): outage["label"] for outage in draft.findings["outages"]
    }
    assert labels["asn/31549", "2019-11-17T11:25Z"] == "short event, cause unexplained"
    assert labels["asn/31549", "2019-11-16T17:10Z"] == "outage"
