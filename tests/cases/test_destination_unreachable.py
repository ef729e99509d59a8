"""The published table comes out of the real lists again, to the last event."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from darkdays import studies
from darkdays.case import case
from darkdays.claims import decide_figure
from darkdays.figures.labels.lists import of_lists
from darkdays.files import paths
from darkdays.labels.classifier import classify, honest_subset
from darkdays.labels.matching import Rule, labelled, matches
from darkdays.studies.tables import bounds
from shared_lists import lists, needs_lists

pytestmark = needs_lists(
    "the counts, times and ratios of destination-unreachable (182 shutdowns, 729 outages)"
)
PUBLISHED = {
    "shutdown": (0.83, 2.00, 4.50, 5.50, 8.00, 22.33, 49.82, 203.00),
    "outage": (0.25, 0.50, 1.00, 2.00, 4.50, 10.42, 16.30, 75.40),
}
PERCENTS = (5, 10, 25, 50, 75, 90, 95, 99)


@cache
def results():
    return studies.study_lists(case.load("destination-unreachable"), lists())


@cache
def national():
    study = case.load("destination-unreachable")
    pairs = matches(lists()["stop"], lists()["ioda-curated"], Rule())
    table = labelled(lists()["ioda-curated"], pairs, Rule().ordered, *bounds(study.window))
    return table[table["scope"] == "country"].reset_index(drop=True)


def finding(name):
    return results().by_id[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count", "n"),
    [
        ("national_shutdowns", 182, None),
        ("national_outages", 729, None),
        ("national_shutdown_countries", 24, None),
        ("national_outage_countries", 151, None),
        ("national_shutdown_countries_once", 12, None),
        ("national_outage_countries_once", 42, None),
        ("national_shutdowns_in_three_signals", 172, 182),
        ("national_outages_in_three_signals", 393, 729),
        ("national_shutdowns_again_after_1d", 70, 158),
        ("national_shutdowns_again_after_2d", 21, 158),
        ("national_shutdowns_again_after_3d", 8, 158),
        ("national_shutdowns_again_after_4d", 8, 158),
        ("national_outages_again_after_4d", 1, 574),
        ("national_shutdowns_on_fri", 11, 182),
        ("on_hour_all_scopes", 139, 197),
        ("on_hour_national", 135, 182),
        ("on_hour_outages_national", 164, 729),
        ("recall_regional_by_country", 7, 132),
        ("recall_local_by_country", 4, 319),
        # 45 of 95 where "Congo (Democratic Republic of the)" is not recognised.
        ("recall_national_by_country", 48, 95),
        ("recall_regional_region_aware", 3, 132),
    ],
)
def test_counts_are_the_published_ones(name, count, n):
    found = finding(name)
    assert (found.count, found.n) == (count, n)
    assert found.value == pytest.approx(count / n if n else count)


@pytest.mark.parametrize("kind", PUBLISHED)
def test_all_percentiles_are_the_published_ones(kind):
    found = [round(finding(f"duration_{kind}_p{percent}").value, 2) for percent in PERCENTS]
    assert tuple(found) == PUBLISHED[kind]


def test_the_friday_test_is_the_published_one():
    assert finding("national_shutdowns_friday_p").value == pytest.approx(0.00065, abs=5e-6)


def test_the_rows_that_count_as_seen_in_their_region_are_listed():
    table = results().tables["recall"]
    there = table[(table["scope"] == "regional") & (table["where"] == "same place")]
    assert sorted(there["country"]) == ["CU", "IN", "IN"]
    assert len(there) == finding("recall_regional_region_aware").count
    mazandaran = table[table["of"] == "region Mazandaran"]
    assert set(mazandaran["where"]) == {"elsewhere"}


def test_rate_ratios_within_country_and_stretch_of_time():
    curve = results().tables["rate_ratios"]
    ours = curve[curve["day"] == "UTC day"].set_index(["outcome", "stratum"])["value"].round(2)
    widths = ["14 days", "28 days", "month", "91 days", "year"]
    assert ours["all shutdowns"][widths].tolist() == [2.16, 2.90, 3.20, 4.44, 4.39]
    assert ours["without exams"]["month"] == 3.20
    assert ours["episodes"]["month"] == 4.44
    assert ours["episodes without exams"]["month"] == 4.44
    within = finding("rate_ratio_within_month")
    assert within.value == pytest.approx(3.195, abs=5e-4)
    assert (within.count, within.n) == (10, 88)
    assert within.low > 1
    assert len(within.alternatives) == len(curve) - 1
    assert within.witnesses["shift p"] < 0.01
    assert within.witnesses["country-days"] == 131_360
    outages = finding("rate_ratio_outages_within_month")
    assert outages.value == pytest.approx(0.68, abs=5e-3)
    assert outages.low < 1 < outages.high


def test_the_crude_ratio_is_of_the_protest_days_there_are():
    # 5.32 needs 3,092 protest days; the file holds 2,282 country-days, none of a protest beyond 60.
    crude = finding("rate_ratio_crude")
    assert crude.witnesses["protest days"] == 2282
    assert crude.value == pytest.approx((10 / 2282) / (78 / (131_360 - 2282)))
    assert finding("rate_ratio_crude_shutdown_countries").value < crude.value


def test_the_page_about_labels_says_what_the_classifier_comes_to():
    page = " ".join((paths.root() / "docs" / "labels.md").read_text(encoding="utf-8").split())
    auc, precision = finding("classifier_auc_honest"), finding("classifier_ap_honest")
    said = [f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})" for one in (auc, precision)]
    of = f"Without exams and Myanmar ({auc.count} of {auc.n}): AUC"
    assert f"{of} {said[0]}, average precision {said[1]}" in page
    every = [finding(f"classifier_{one}_all").value for one in ("auc", "ap")]
    assert f"On all 911: {every[0]:.2f} and {every[1]:.2f}," in page


def test_the_classifier_is_no_worse_than_the_baseline_and_honest_first():
    names = [one.id for one in results().findings if one.id.startswith("classifier")]
    assert names[0] == "classifier_auc_honest"
    least = {
        "classifier_auc_honest": 0.852, "classifier_ap_honest": 0.475,
        "classifier_auc_all": 0.890, "classifier_ap_all": 0.679,
    }  # fmt: skip
    for name, bound in least.items():
        found = finding(name)
        assert found.value >= bound
        assert found.low < found.value < found.high
    assert (finding("classifier_auc_honest").count, finding("classifier_auc_all").count) == (
        65,
        182,
    )


@pytest.mark.slow
def test_shuffled_labels_cannot_be_learned():
    table = national()
    shuffled = np.random.default_rng(2).permutation(table["shutdown"].to_numpy())
    found = classify(table.assign(shutdown=shuffled), rng=np.random.default_rng(1), draws=20)
    assert abs(found.everything.auc[0] - 0.5) < 0.1


def test_the_honest_subset_has_neither_exams_nor_myanmar():
    kept = national()[honest_subset(national())]
    assert "Exams" not in set(kept["cause"])
    assert "MM" not in set(kept["country"])
    assert int(kept["shutdown"].sum()) == 65


@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers():
    again = studies.study_lists(case.load("destination-unreachable"), lists())
    assert again.findings == results().findings


def test_every_claim_comes_to_its_verdict():
    study = case.load("destination-unreachable")
    verdicts = {
        claim.id: decide_figure(claim, results().by_id, {}).judgement.verdict
        for claim in study.claims
    }
    contradicted = {"on-the-hour-national", "seen-national", "seen-regional-there"}
    inconclusive = {"outages-more-on-protest-days"}
    assert {name for name, one in verdicts.items() if one == "contradicted"} == contradicted
    assert {name for name, one in verdicts.items() if one == "inconclusive"} == inconclusive
    assert "untested" not in verdicts.values()


def test_sistan_was_cut_off_on_27_of_33_fridays():
    found = studies.study_lists(case.load("sistan-fridays"), lists()).by_id
    fridays = found["fridays_with_shutdown"]
    assert (fridays.count, fridays.n) == (27, 33)
    assert found["fridays_without_shutdown"].witnesses["days"].split(", ") == [
        "2023-05-12", "2023-06-02", "2023-06-16", "2023-07-28", "2023-08-04", "2023-08-11",
    ]  # fmt: skip
    assert found["fridays_with_stated_hours"].count == 27
    assert found["other_days_with_shutdown"].count == 0
    assert found["window_start_median"].value == pytest.approx(7 + 1 / 3)


def test_every_table_that_has_a_figure_is_drawn_and_described():
    tables = {
        **results().tables,
        **studies.study_lists(case.load("sistan-fridays"), lists()).tables,
    }
    plots = [make() for make in of_lists(tables)]
    assert [plot.name for plot in plots] == [
        "durations", "minutes", "rate-ratios", "classifier", "weekdays",
    ]  # fmt: skip
    for plot in plots:
        assert len(plot.alt) > 60
        assert "nan" not in plot.alt
        assert len(plot.data)
        assert plot.rendered("svg") == plot.rendered("svg")


def test_no_table_of_results_is_a_copy_of_a_list():
    # The longest holds aggregates; nothing has a row an outage or a protest.
    assert max(len(table) for table in results().tables.values()) < 200


@needs_lists("reasons for listed shutdowns without a checked outage")
def test_nearly_every_listed_shutdown_without_an_outage_has_a_reason():
    table = results().tables["reasons"].set_index("reason")
    without = finding("listed_without_a_reason")
    assert without.n == table["rows"].sum()
    assert without.count == table.loc["none found", "rows"]
    assert without.count / without.n <= 0.1
    assert (table["rows"] <= table["true of"]).drop("none found").all()
    drawn = results().tables["reasons_drawn"]
    assert len(drawn) == 50
    assert set(drawn["reason"]) <= set(table.index)
