"""Lists held against each other: matching, places, durations, clocks, weekdays."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.errors import InputError
from darkdays.labels.country_days import country_days, episodes
from darkdays.labels.matched_days import matched_days, typical_window
from darkdays.labels.matching import Rule, labelled, matches
from darkdays.labels.recall import recall
from darkdays.labels.regions import ELSEWHERE, SAME, UNKNOWN, compared, names
from darkdays.labels.timing import minutes, on_the_hour, published_percentile, recurrence, weekdays
from darkdays.labels.weekdays import utc_windows, weekday_shutdowns
from darkdays.labels.zones import first_zones, local_times

DAY = pd.Timestamp("2020-05-10")


def outages(*rows):
    """Outages from (country, scope, place, start, hours, cause)."""
    table = pd.DataFrame(rows, columns=["country", "scope", "place", "start", "hours", "cause"])
    start = pd.to_datetime(table["start"], utc=True).dt.as_unit("s")
    return table.assign(
        row=range(1, len(table) + 1),
        id=[f"X{number}" for number in range(len(table))],
        start=start,
        end=start + pd.to_timedelta(table["hours"], unit="h").dt.as_unit("s"),
        bgp=True,
        probing=True,
        telescope=False,
    )


def shutdowns(*rows):
    """Shutdowns from (country, start, end, scope, area)."""
    table = pd.DataFrame(rows, columns=["country", "start", "end", "scope", "area"])
    table[["start", "end"]] = table[["start", "end"]].apply(pd.to_datetime)
    return table.assign(row=range(1, len(table) + 1), full_network=True, network="Mobile", event="")


# --- matching ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "matched"),
    [
        ("2020-05-08 23:59", False),
        ("2020-05-09 00:00", True),
        ("2020-05-11 23:59", True),
        # Beyond the day after the first, only until the last day is over.
        ("2020-05-12 00:00", True),
        ("2020-05-14 23:59", True),
        ("2020-05-15 00:00", False),
    ],
)
def test_the_published_rule_is_kept_to_the_minute(start, matched):
    listed = shutdowns(("IQ", "2020-05-10", "2020-05-14", "national", ""))
    pairs = matches(listed, outages(("IQ", "country", "", start, 1, "")), Rule())
    assert (len(pairs) == 1) is matched


def test_without_a_last_day_a_shutdown_matches_two_days_after_its_first():
    listed = shutdowns(("IQ", "2020-05-10", None, "national", ""))
    found = outages(
        ("IQ", "country", "", "2020-05-11 12:00", 1, ""),
        ("IQ", "country", "", "2020-05-12 00:00", 1, ""),
        ("IR", "country", "", "2020-05-10 12:00", 1, ""),
    )
    assert matches(listed, found, Rule())["outage"].tolist() == [1]
    assert matches(listed.assign(full_network=False), found, Rule()).empty


def test_labels_come_from_matches_and_causes_and_only_of_countries():
    found = outages(
        ("IQ", "country", "", "2020-05-10 12:00", 1, ""),
        ("IR", "country", "", "2020-05-10 12:00", -2, "Exams"),
        ("IR", "country", "", "2020-05-11 12:00", 1, "Cable-Cut"),
        ("EU", "network", "64496", "2020-05-11 12:00", 1, "Exams"),
        ("IR", "country", "", "2021-05-11 12:00", 1, "Exams"),
    )
    pairs = matches(shutdowns(("IQ", "2020-05-10", None, "national", "")), found, Rule())
    start, end = pd.Timestamp("2020-01-01", tz="UTC"), pd.Timestamp("2021-01-01", tz="UTC")
    table = labelled(found, pairs, Rule().ordered, start, end)
    assert table["country"].tolist() == ["IQ", "IR", "IR"]
    assert table["shutdown"].tolist() == [True, True, False]
    assert table["hours"].tolist() == [1, -2, 1]
    assert f"{table['local_start'][1]:%H:%M}" == "16:30"


# --- places -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "area", "outage_scope", "place", "where"),
    [
        ("regional", "Ahvaz in Khuzestan", "region", "Khuzestan", SAME),
        ("regional", "Tachira state", "region", "Táchira", SAME),
        ("regional", "Khuzestan", "region", "Mazandaran", ELSEWHERE),
        ("regional", "Khuzestan", "country", "", ELSEWHERE),
        ("regional", "mobile data in the whole country", "country", "", SAME),
        ("local", "Nationwide", "country", "", SAME),
        ("national", "five townships", "country", "", SAME),
        ("national", "", "region", "Qom", ELSEWHERE),
        ("national", "", "network", "64496", UNKNOWN),
    ],
)
def test_a_match_is_in_the_same_place_elsewhere_or_unknown(scope, area, outage_scope, place, where):
    listed = shutdowns(("IR", "2020-05-10", "2020-05-10", scope, area))
    found = outages(("IR", outage_scope, place, "2020-05-10 12:00", 1, ""))
    pairs = compared(matches(listed, found, Rule()), listed, found)
    assert pairs["where"].tolist() == [where]


def test_a_place_is_named_by_whole_words():
    assert names("Southern Kerman", "kerman")
    assert not names("Kermanshah", "Kerman")
    assert not names("Kerman", "")


def test_recall_counts_rows_and_shutdowns_once():
    listed = shutdowns(
        ("IR", "2020-05-10", "2020-05-11", "regional", "Qom"),
        ("IR", "2020-05-10", "2020-05-20", "regional", "Qom"),
        ("IR", "2020-06-10", "2020-06-11", "regional", "Yazd"),
        ("IR", "2020-07-10", "2020-07-11", "regional", "Ilam"),
        ("IR", "2020-05-10", "2020-05-10", "national", ""),
    )
    found = outages(
        ("IR", "region", "Qom", "2020-05-10 12:00", 1, ""),
        ("IR", "network", "64496", "2020-06-10 12:00", 1, ""),
    )
    pairs = matches(listed, found, Rule())
    one = recall(listed, found, pairs, "regional")
    assert (one.listed, one.seen, one.seen_there, one.perhaps_there) == (4, 3, 2, 1)
    assert (one.distinct, one.distinct_seen) == (3, 2)
    unnamed = recall(listed.assign(network=None), found, pairs, "regional")
    assert (unnamed.distinct, unnamed.distinct_seen) == (3, 2)


# --- durations and clocks ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "expected"), [(5, float("nan")), (10, 1), (25, 2), (50, 5), (90, 9), (99, 9)]
)
def test_the_percentile_is_the_order_statistic_that_was_published(percent, expected):
    values = np.array([3.0, 1, 2, np.nan, 4, 5, 6, 7, 8, 9])
    assert published_percentile(values, percent) == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40), st.integers(1, 99))
def test_a_percentile_is_one_of_the_values(values, percent):
    found = published_percentile(np.array(values), percent)
    assert np.isnan(found) or found in values


def test_a_percentile_out_of_range_is_refused():
    with pytest.raises(InputError, match="100"):
        published_percentile(np.ones(3), 100)


def test_clocks_are_those_of_the_country():
    zones = first_zones()
    assert zones["IR"] == "Asia/Tehran"
    assert len(zones) > 240
    times = pd.Series(pd.to_datetime(["2020-01-01 20:30", "2020-07-01 19:30", "2020-01-01 00:00"],
                                     utc=True))  # fmt: skip
    local = local_times(times, pd.Series(["IR", "IR", "EU"]))
    assert local[0] == pd.Timestamp("2020-01-02 00:00")
    assert local[1] == pd.Timestamp("2020-07-02 00:00"), "summer time"
    assert pd.isna(local[2])
    assert on_the_hour(local.dropna()) == 2
    assert weekdays(local.dropna()) == (0, 0, 0, 2, 0, 0, 0)
    assert minutes(local.dropna()) == {0: 2, **dict.fromkeys(range(5, 60, 5), 0)}


def test_recurrence_counts_whole_days_between_neighbours():
    starts = ["2020-05-01 01:00", "2020-05-02 01:00", "2020-05-02 01:00", "2020-05-04 01:00",
              "2020-05-07 01:10"]  # fmt: skip
    table = outages(*(("SY", "country", "", start, 1, "") for start in starts),
                    ("IR", "country", "", "2020-05-01 01:00", 1, ""))  # fmt: skip
    found = recurrence(table)
    assert (found.gaps, found.after, found.once) == (3, (1, 1, 0, 0), 1)


# --- countries by days ------------------------------------------------------------------------


def test_a_protest_counts_for_its_days_inside_the_window_up_to_the_longest():
    grid = country_days(["IR", "CU"], pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-10"))
    table = pd.DataFrame(
        {
            "country": ["IR", "IR", "CU", "ZZ"],
            "start": pd.to_datetime(["2019-12-30", "2020-01-09", "2020-01-02", "2020-01-02"]),
            "end": pd.to_datetime(["2020-01-02", "2020-02-09", "2020-01-08", "2020-01-02"]),
        }
    )
    exposed = grid.protests(table, 4)
    assert grid.countries == ("CU", "IR")
    assert exposed[0].nonzero()[0].tolist() == [1, 2, 3, 4]
    assert exposed[1].nonzero()[0].tolist() == [0, 1, 8, 9]
    onsets = grid.onsets(
        pd.Series(["IR", "IR", "FR"]), pd.Series(pd.to_datetime(["2020-01-09"] * 3))
    )
    assert onsets.sum() == 1
    assert onsets[1, 8]


def test_strata_part_countries_and_stretches_of_time():
    grid = country_days(["IR", "CU"], pd.Timestamp("2019-12-01"), pd.Timestamp("2020-01-31"))
    assert len(np.unique(grid.strata("month"))) == 4
    assert len(np.unique(grid.strata("year"))) == 4
    assert len(np.unique(grid.strata("28 days"))) == 6
    assert not set(grid.strata("month")[0]) & set(grid.strata("month")[1])


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.integers(1, 20))
def test_episodes_are_further_apart_than_the_quiet_days(days, quiet):
    start = pd.Timestamp("2020-01-01", tz="UTC")
    table = outages(*(("IR", "country", "", start + pd.Timedelta(days=day), 1, "") for day in days))
    found = episodes(table, quiet).sort_values("start")["start"]
    assert found.iloc[0] == table["start"].min()
    assert (found.diff().dropna() > pd.Timedelta(days=quiet)).all()


# --- weekdays and prose -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("between 7:20 to 10:20 UTC+0", [(7 + 1 / 3, 10 + 1 / 3)]),
        ("on Oct. 28 from around 10:00 to 14:00 UTC.", [(10, 14)]),
        ("between 7:20 and 10:10 UTC+0, then from 12:00 until 13:00 UTC",
         [(7 + 1 / 3, 10 + 1 / 6), (12, 13)]),
        ("from 22:00 to 1:30 UTC", [(22, 25.5)]),
        ("between 10:00 to 13:00 UTC+3:30", [(6.5, 9.5)]),
        ("between 10:00 to 13:00 local time", []),
        ("between 30:00 to 31:00 UTC", []),
        ("shut down on 12 May", []),
    ],
)  # fmt: skip
def test_prose_gives_up_its_times(text, hours):
    midnight = DAY.tz_localize("UTC")
    found = [
        tuple((moment - midnight) / pd.Timedelta(hours=1) for moment in window)
        for window in utc_windows(text, DAY)
    ]
    assert found == [pytest.approx(one) for one in hours]


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text):
    for start, end in utc_windows(text + " 7:20 to 10:20 UTC", DAY):
        assert start < end


def friday_list(cut):
    days = pd.date_range("2023-03-31", "2023-05-26", freq="7D")
    rows = [
        ("IR", day, day, "regional", "Sistan and Baluchestan")
        for number, day in enumerate(days)
        if number in cut
    ]
    listed = shutdowns(*rows, ("IR", "2023-04-10", "2023-04-10", "regional", "Qom"))
    return listed.assign(event="between 7:20 to 10:20 UTC+0"), days


def fridays(listed):
    return weekday_shutdowns(
        listed, country="IR", areas=["Sistan and Baluchestan"], weekday="friday",
        first=pd.Timestamp("2023-03-31"), last=pd.Timestamp("2023-05-26"),
    )  # fmt: skip


def test_weekdays_are_counted_in_their_place_only():
    listed, days = friday_list({0, 1, 2, 4, 5, 7})
    found = fridays(listed)
    assert len(found.table) == len(days) == 9
    assert found.table["shutdown"].tolist() == [number in {0, 1, 2, 4, 5, 7} for number in range(9)]
    assert (found.others, found.others_with_shutdown) == (48, 0)
    assert found.by_weekday == (0, 0, 0, 0, 6, 0, 0)
    assert typical_window(found.table) == (
        pd.Timedelta(hours=7, minutes=20),
        pd.Timedelta(hours=10, minutes=20),
    )
    monday = listed.assign(area="Sistan and Baluchestan")
    assert fridays(monday).others_with_shutdown == 1


@pytest.mark.parametrize(("kept", "small"), [(0.5, True), (1.0, False)])
def test_days_with_a_listed_shutdown_are_compared_with_days_without(kept, small):
    found = fridays(friday_list({0, 1, 2, 4, 5, 7})[0])
    times = pd.date_range("2023-03-25", "2023-06-01", freq="10min")
    rng = np.random.default_rng(5)
    values = 100 + rng.normal(0, 1, len(times))
    for day in found.with_shutdown.itertuples():
        start, end = (one.tz_localize(None) for one in (day.window_start, day.window_end))
        values[(times >= start) & (times < end)] *= kept
    compared_days = matched_days(found.table, times, values, np.random.default_rng(1))
    assert (compared_days.n_cut, compared_days.n_clear) == (6, 3)
    assert compared_days.smallest_p == pytest.approx(1 / 84)
    assert (compared_days.p_value <= 0.05) is small
    assert compared_days.cut - compared_days.clear == pytest.approx(1 - kept, abs=0.02)


def test_days_that_were_not_measured_are_not_compared():
    found = fridays(friday_list({0, 1, 2})[0])
    times = pd.date_range("2023-03-30", "2023-04-01", freq="10min")
    assert matched_days(found.table, times, np.ones(len(times)), np.random.default_rng(1)) is None
    unknown = found.table.assign(window_start=pd.NaT, window_end=pd.NaT)
    assert typical_window(unknown) is None
