"""The Iranian cases on files of one's own, as a person runs them; without them, untested."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from command_line import darkdays
from darkdays.case import case as cases
from darkdays.contracts.events import COLUMNS, read_csv
from shared_data import SHARED, needs

MONASH = SHARED / "measurements" / "monash" / "irn-2019-11-11_gif.csv"
DASHBOARD = SHARED / "measurements" / "ioda" / "ioda_IR_country_normalized_2025-12_2026-01.csv"
needs_monash = needs(MONASH, leaves_open="the findings of iran-2019-provinces")
needs_dashboard = needs(DASHBOARD, leaves_open="the findings of iran-2026")


def ran(folder, name, *words):
    done = darkdays(
        "run", name, *words, "--json", "--reports", folder / "reports", "--runs", folder / "runs",
        DARKDAYS_SNAPSHOTS=str(folder / "snapshots"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    page = folder / "reports" / name / "1.0.0" / "report.html"
    return document, page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def provinces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("provinces")
    return ran(folder, "iran-2019-provinces", "--file", f"monash={MONASH}")


@pytest.fixture(scope="module")
def january(tmp_path_factory):
    return ran(tmp_path_factory.mktemp("january"), "iran-2026", "--file", f"ioda-csv={DASHBOARD}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["iran-2019-provinces", "iran-2026", "khuzestan-2021"])
def test_without_its_data_a_claim_is_untested_and_says_how_to_get_them(offline, name):
    run = offline(name)
    document = run.document
    case = cases.load(name)
    command = {
        "iran-2019-provinces": "`darkdays run iran-2019-provinces --file monash=PATH`",
        "iran-2026": "`darkdays run iran-2026 --file ioda-csv=PATH`",
        "khuzestan-2021": "`darkdays fetch khuzestan-2021`",
    }[name]
    assert [claim["id"] for claim in document["claims"]] == [claim.id for claim in case.claims]
    # Of figures and reports that the case holds.
    published = {
        "country-disrupted", "country-cut-for-a-week", "country-on-1-august", "more-users-of-tor",
        "more-tests-of-sites", "reports-agree-when",
    }  # fmt: skip
    asked = [claim for claim in document["claims"] if claim["id"] not in published]
    for claim in asked:
        assert claim["verdict"] == "untested"
        assert command in claim["because"]
    assert all(command in reason for reason in document["not_read"].values())
    assert case.claims[0].statement in run.page


def test_khuzestan_lists_all_that_was_reported_of_it():
    case = cases.load("khuzestan-2021")
    assert {claim.type for claim in case.claims} == {
        "disrupted", "onset_days_after", "intermittent", "throughput_drop", "mobile_only",
        "not_explained_by", "rate_ratio", "reports_agree", "outage_reported",
        "surge_after_event",
    }  # fmt: skip
    regions = [one.id for one in case.measured if one.network == "region"]
    assert len(set(regions)) == 31
    assert {one.network for one in case.entities} >= {"mobile", "fixed"}


def test_the_reported_lag_of_khuzestan_holds_both_dates(offline):
    document = offline("khuzestan-2021").document
    lag = next(
        one for one in document["findings"] if one["id"] == "claim.began-days-after.reported_lag"
    )
    # Reported of 15 July, the first day of the protests, to 20 July: whole days, so up to 6.
    assert lag["interval"] == [-1, 6]
    assert "2021-07-15, 2021-07-18, 2021-07-20" in lag["witnesses"]["note"]


# --- province by province -------------------------------------------------------------------------


def onsets(document):
    """First onset of each place in the night of the shutdown, Tehran time."""
    rows = [
        (one["entity"], pd.Timestamp(one["onset"]).tz_convert("Asia/Tehran"))
        for one in document["outages"]
        if one["onset"] and one["label"] == "outage"
    ]
    return pd.DataFrame(rows, columns=["entity", "onset"])


@pytest.mark.slow
@needs_monash
def test_provinces_and_their_counties_fell_between_eight_and_ten_in_the_evening(provinces):
    document, _ = provinces
    table = onsets(document)
    evening = pd.Timestamp("2019-11-16 20:00", tz="Asia/Tehran")
    inside = table[table["onset"].between(evening, evening + pd.Timedelta(hours=2))]
    province = inside["entity"].str.removeprefix("region/").str.partition(".")[0]
    county = inside["entity"].str.contains(".", regex=False)
    assert province[~county].nunique() == 29
    # Counties, the places that were pinged, in how many provinces: 27 of 30 at least.
    assert province[county].nunique() >= 27
    claims = {claim["id"]: claim["verdict"] for claim in document["claims"]}
    assert claims["provinces-fell-together"] == "supported"
    assert claims["counties-fell-together"] == "supported"


@pytest.mark.slow
@needs_monash
def test_ahvaz_was_earlier_and_no_other_county_nor_other_time_lost_as_much(provinces):
    document, _ = provinces
    table = onsets(document)
    ahvaz = table.loc[table["entity"] == "region/Khuzestan.Ahvaz", "onset"].min()
    assert ahvaz < pd.Timestamp("2019-11-16 20:00", tz="Asia/Tehran")
    found = {one["id"]: one for one in document["findings"]}
    places = found["claim.ahvaz-before.rank_places"]
    times = found["claim.ahvaz-before.rank_times"]
    assert (places["n"], places["value"]) == (72, pytest.approx(1 / 73, rel=1e-4))
    # Four stretches of a day lie before it and overlap neither it nor each other: p is 1 in 5.
    assert (times["n"], times["value"]) == (4, pytest.approx(0.2))
    assert "smallest attainable p 0.2" in times["witnesses"]["note"]
    claim = next(one for one in document["claims"] if one["id"] == "ahvaz-before")
    assert claim["verdict"] == "supported"
    assert claim["sensitivity"]["holds"] < claim["sensitivity"]["of"]


@pytest.mark.slow
@needs_monash
def test_onsets_are_findings_by_place_and_a_figure_in_local_time(provinces):
    document, page = provinces
    ids = {one["id"] for one in document["findings"]}
    assert "onset.monash.connectivity.region/Khuzestan.Ahvaz.1" in ids
    assert "onset.monash.connectivity.region/Tehran.1" in ids
    assert "Asia/Tehran" in page


# --- January 2026 ---------------------------------------------------------------------------------


def sides(document):
    return {one["datasource"]: one for one in document["agreement"] if one["state"] == "down"}


@pytest.mark.slow
@needs_dashboard
def test_probing_went_down_at_half_past_four(january):
    document, _ = january
    low, high = map(pd.Timestamp, sides(document)["ioda.ping-slash24"]["onset_interval"])
    assert low <= pd.Timestamp("2026-01-08 16:30Z") <= high
    assert high - low <= pd.Timedelta(hours=1)


@pytest.mark.slow
@needs_dashboard
def test_google_was_back_nine_days_before_probing(january):
    document, _ = january
    back = {name: pd.Timestamp(one["recovery"]) for name, one in sides(document).items()}
    gtr, probing = back["ioda.gtr"], back["ioda.ping-slash24"]
    assert (f"{gtr:%d}", f"{probing:%d}") == ("18", "27")
    assert (probing.normalize() - gtr.normalize()).days == 9
    claims = {claim["id"]: claim["verdict"] for claim in document["claims"]}
    assert claims["disagree-in-recovery"] == claims["disagree-in-depth"] == "supported"


@pytest.mark.slow
@needs_dashboard
def test_depths_stand_side_by_side_and_no_average_is_anywhere(january):
    document, page = january
    depth = {name: one["depth"] for name, one in sides(document).items()}
    # Printed: 87 % of routes left, 7 % of what is probed.
    assert depth["ioda.bgp"] == pytest.approx(0.13, abs=0.02)
    assert depth["ioda.ping-slash24"] == pytest.approx(0.93, abs=0.04)
    mean = sum(depth.values()) / len(depth)
    values = [one["value"] for one in document["findings"] if isinstance(one["value"], float)]
    assert all(abs(value - mean) > 1e-4 for value in values)
    assert "<h2" in page
    for name in depth:
        assert name in page


def test_a_case_without_events_is_no_fault():
    table = read_csv((",".join(COLUMNS) + "\n").encode(), "none")
    assert table.empty
    assert table["start_low"].dtype.tz is not None
    assert (table["start_low"] <= pd.Timestamp("2026-01-08", tz="UTC")).sum() == 0
