"""What else it could have been: held-back events are never called what they were not."""

from __future__ import annotations

import json
import math
from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from benchmarks.incident_causes import (
    calibration,
    even_odds,
    incidents,
    left_out,
    tempered,
    to_document,
)
from hypothesis import given
from hypothesis import strategies as st

from darkdays import stages
from darkdays.correlate.rivals.rival_counts import ASSUMED, PLANNED, Counts, chances, embedded
from darkdays.correlate.rivals.rival_features import (
    CAUSES,
    COUNTED,
    EXAM_OR_NOT,
    FEATURES,
    controls,
    duration_classes,
    exam_day,
    minute_of_hour,
    mobile_against_fixed,
    neighbours,
    reach,
    repetition,
    rest,
    school_hours,
    season,
    synchrony,
)
from darkdays.correlate.rivals.rival_observation import Shape, Surroundings, observe
from darkdays.correlate.rivals.rival_shapes import fall_shape, recovery_shape
from darkdays.correlate.rivals.rivals import LIMIT, STRONG, TELLING, UNDECIDABLE, in_words, weigh
from darkdays.errors import InputError
from darkdays.evidence.explanations import explain
from darkdays.files import paths
from darkdays.files.writing import json_text
from shared_data import SHARED, needs
from shared_lists import lists, needs_lists

TONGA = SHARED / "measurements" / "cloudflare" / "tonga_netflows_daily_2022-01_03.csv"
MONASH = SHARED / "measurements" / "monash" / "irn-2019-11-11_gif.csv"
HOUR = pd.Timedelta(hours=1)


def utc(text):
    return pd.Timestamp(text, tz="UTC")


# --- features ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "value"),
    [
        ("2020-01-01 10:25", "2020-01-01 10:30", "on the hour"),
        ("2020-01-01 10:30", "2020-01-01 10:30", "on the hour"),
        ("2020-01-01 10:55", "2020-01-01 11:05", "half past"),
        ("2020-01-01 10:40", "2020-01-01 10:50", "other"),
        ("2020-01-01 10:00", "2020-01-01 10:20", None),
    ],
)
def test_the_minute_is_by_local_clocks_and_only_if_it_is_known(low, high, value):
    # Tehran is three and a half hours ahead.
    assert minute_of_hour(utc(low), utc(high), "Asia/Tehran") == value


@given(st.floats(0, 200), st.floats(0, 200))
def test_a_duration_is_of_every_class_between_its_bounds(least, more):
    found = duration_classes(least, least + more)
    assert found
    assert duration_classes(least, math.inf) >= found
    names = [name for name in FEATURES["hours"] if name in found]
    first = FEATURES["hours"].index(names[0])
    assert names == list(FEATURES["hours"][first : first + len(names)]), "without a gap"


@pytest.mark.parametrize(
    ("others", "record", "value"),
    [
        (["2020-01-12 10:05"], 30, "daily"),
        (["2020-01-17 10:00"], 30, "weekly"),
        (["2020-01-12 12:00"], 30, "none"),
        (["2020-01-10 10:05"], 30, "none"),
        ([], 30, "none"),
        ([], 3, None),
    ],
)
def test_repetition_is_exact_and_needs_a_record(others, record, value):
    onset = utc("2020-01-10 10:00")
    around = (onset - record * 24 * HOUR, onset + record * 24 * HOUR)
    assert repetition(onset, [utc(one) for one in others], around, "UTC") == value


def test_fridays_at_ten_are_weekly_also_where_clocks_changed_between():
    onset, before = utc("2021-03-26 05:30"), utc("2021-03-19 06:30")  # both 10:00 in Tehran
    around = (onset - 720 * HOUR, onset + 720 * HOUR)
    assert repetition(onset, [before], around, "Asia/Tehran") == "weekly"
    assert repetition(onset, [before], around, "UTC") == "none"


def times(*texts):
    return pd.DatetimeIndex([pd.NaT if one is None else utc(one) for one in texts], tz="UTC")


@pytest.mark.parametrize(
    ("mobile", "fixed", "value"),
    [
        (["2020-01-01 10:00"], ["2020-01-01 12:00"], "mobile first"),
        (["2020-01-01 10:00"], [None, None], "mobile first"),
        (["2020-01-01 10:00", "2020-01-01 11:50"], ["2020-01-01 12:00"], "together"),
        ([None], ["2020-01-01 12:00"], "fixed first"),
        (["2020-01-01 13:00"], ["2020-01-01 12:00"], "fixed first"),
        ([None], [None], None),
        ([], ["2020-01-01 12:00"], None),
    ],
)
def test_mobile_against_fixed(mobile, fixed, value):
    assert mobile_against_fixed(times(*mobile), times(*fixed)) == value


def test_counts_of_places_become_values():
    together = times(*["2020-01-01 10:00"] * 8, "2020-01-01 10:40", "2020-01-01 20:00")
    assert synchrony(together) == "together"
    assert (
        synchrony(times(*[f"2020-01-01 {hour:02}:00" for hour in range(0, 20, 2)])) == "scattered"
    )
    assert synchrony(together[:2]) is None
    assert [reach(down, 9) for down in (0, 1, 3, 6, 9)] == [
        None, "one network", "some networks", "most networks", "most networks",
    ]  # fmt: skip
    assert reach(1, 1) is None
    assert [controls(0, 0), controls(0, 3), controls(2, 3)] == [None, "up", "down too"]
    onset = utc("2020-01-01 10:00")
    assert neighbours(onset, [], 0) is None
    assert neighbours(onset, [utc("2020-01-01 10:20")], 1) == "down too"
    assert neighbours(onset, [utc("2020-01-01 12:20")], 1) == "up"
    assert exam_day(utc("2020-01-01 21:00"), {date(2020, 1, 2)}, "Asia/Tehran") == "yes"
    assert exam_day(utc("2020-01-01 21:00"), (), "Asia/Tehran") is None


@pytest.mark.parametrize(
    ("values", "fall", "back"),
    [
        ([100] * 30 + [5] * 30 + [100] * 30, "step", "step"),
        ([100] * 30 + list(np.linspace(100, 5, 13)) + [5] * 20 + list(np.linspace(5, 100, 31)),
         "hours", "staged"),
        ([100] * 30 + list(np.linspace(100, 5, 60)) + [5] * 20, "gradual", None),
        ([100] * 60, None, None),
    ],
)  # fmt: skip
def test_shapes_of_a_fall_and_a_return(values, fall, back):
    index = pd.date_range("2020-01-01", periods=len(values), freq="10min")
    numbers = np.asarray(values, float)
    lowest = int(numbers.argmin())
    assert fall_shape(index, numbers, 100) == fall
    assert recovery_shape(index[lowest:], numbers[lowest:], 100) == back
    daily = pd.date_range("2020-01-01", periods=len(values), freq="1D")
    assert fall_shape(daily, numbers, 100) is None, "days say nothing of hours"


def test_nobody_sees_a_fall_inside_a_gap():
    index = pd.date_range("2020-01-01", periods=60, freq="10min")
    numbers = np.array([100.0] * 30 + [5.0] * 30)
    kept = np.r_[0:25, 40:60]
    assert fall_shape(index[kept], numbers[kept], 100) is None


def nights(first, count, start, hours, skipping=()):
    """Spans of nights in a row, without those of some days of the week."""
    days = pd.date_range(first, periods=count, freq="D", tz="UTC")
    kept = [day + start * HOUR for day in days if day.day_name() not in skipping]
    return [(one, one + hours * HOUR) for one in kept]


@pytest.mark.parametrize(
    ("spans", "value"),
    [
        (nights("2021-02-15", 18, 1, 8), "not spared"),
        (nights("2021-06-06", 18, 1, 4, skipping=["Friday"]), "spared"),
        (nights("2021-06-06", 18, 1, 4, skipping=["Saturday", "Sunday"]), "spared"),
        (nights("2021-06-07", 3, 1, 4), None),
        ([(utc("2019-11-16 14:00"), utc("2019-11-24"))], "not spared"),
    ],
)
def test_no_exam_is_on_fridays_and_on_sundays(spans, value):
    assert rest(spans, "UTC") == value


def test_exams_are_on_mornings_in_their_season():
    assert school_hours(utc("2021-06-06 01:00"), utc("2021-06-06 05:30"), "Asia/Damascus") == (
        "morning"
    )
    assert school_hours(utc("2021-02-15 01:00"), utc("2021-02-15 09:00"), "UTC") == "other hours"
    assert school_hours(utc("2021-02-15 09:00"), utc("2021-02-15 15:00"), "UTC") == "other hours"
    assert season(utc("2021-09-30 23:00"), "Asia/Tehran") == "October to April"


def test_nights_in_a_row_with_weekends_are_no_exams():
    curfew = {"minute": "on the hour", "hours": "3 to 12 h", "repetition": "daily",
              "clock": "night", "school hours": "other hours", "rest": "not spared",
              "season": "October to April"}  # fmt: skip
    assert weigh(curfew, left_out=("MM",)).against["exam"] > 0
    exams = curfew | {"school hours": "morning", "rest": "spared", "season": "May to September"}
    assert weigh(exams).against["exam"] < 0


def test_weights_are_told_as_odds():
    assert [in_words(math.log(odds)) for odds in (1.2, 4, 0.05, 1e6)] == [
        "about even", "4.0 to 1 for", "20 to 1 against", "more than 100 to 1 for",
    ]  # fmt: skip


# --- weighing ---------------------------------------------------------------------------------


def test_beliefs_and_counts_are_chances_of_every_value_and_cause():
    for feature, values in FEATURES.items():
        for cause in CAUSES:
            found = chances(embedded(), cause, feature).values
            assert len(found) == len(values)
            assert found.sum() == pytest.approx(1)
            assert (found > 0).all()
    assert ASSUMED.keys() | set(COUNTED) == FEATURES.keys()
    assert PLANNED.keys() | set(EXAM_OR_NOT) == set(COUNTED)


def any_value(values):
    return st.none() | st.sampled_from(values) | st.frozensets(st.sampled_from(values), min_size=1)


observed = st.fixed_dictionaries(
    {}, optional={name: any_value(values) for name, values in FEATURES.items()}
)


@given(observed)
def test_whatever_is_known_no_feature_outweighs_the_limit(known):
    found = weigh(known)
    weights = found.table.filter(like="against").to_numpy(float)
    assert np.nanmax(np.abs(weights), initial=0) <= LIMIT + 1e-9
    assert found.verdict in {*CAUSES, UNDECIDABLE}
    if found.verdict != UNDECIDABLE:
        fits = {"shutdown": 0.0} | {one: -weight for one, weight in found.against.items()}
        others = [weight for one, weight in fits.items() if one != found.verdict]
        assert fits[found.verdict] - max(others) >= STRONG - 1e-9
        assert any(known.get(name) for name in TELLING[found.verdict])
        assert found.not_excluded[0] == found.verdict
    total = found.table["against power cut"].astype(float).sum()
    assert found.against["power cut"] == pytest.approx(total)


@given(observed)
def test_the_order_in_which_features_are_told_does_not_matter(known):
    assert weigh(known).against == weigh(dict(reversed(known.items()))).against


def test_causes_that_are_left_are_listed_as_a_sentence_does():
    found = weigh({"hours": "over 3 days"})
    *first, last = found.not_excluded
    assert found.because == f"What is known fits {', '.join(first)} and {last}."
    assert len(first) > 1


def test_nothing_known_says_nothing():
    found = weigh({})
    assert found.verdict == UNDECIDABLE
    assert set(found.not_excluded) == set(CAUSES)
    assert weigh({"hours": frozenset(FEATURES["hours"])}).against == found.against


@pytest.mark.parametrize(
    ("known", "sentence"),
    [({"colour": "red"}, "'colour' is not known"), ({"minute": "noon"}, "'noon' is not known")],
)
def test_an_unknown_feature_or_value_is_refused(known, sentence):
    with pytest.raises(InputError, match=sentence):
        weigh(known)


def test_incidents_of_the_case_are_left_out():
    known = {"hours": "over 3 days", "minute": "other"}
    assert weigh(known).against != weigh(known, left_out=("VE",)).against
    assert weigh(known, left_out=("ZZ",)).against == weigh(known).against
    everyone = " ".join(embedded().countries).split()
    left = embedded().without(everyone)
    assert all(numbers.sum() < 1e-2 for one in left.total.values() for numbers in one.values())


def test_an_incident_of_several_countries_goes_once():
    one, five = np.array([1.0, 0.0]), np.array([2.0, 3.0])
    total = {"power cut": {"clock": five}}
    touched = {"AR PY UY": {"power cut": {"clock": one}}, "VE": {"power cut": {"clock": one}}}
    counts = Counts(total, touched, 1.0)
    for gone, left in ((("AR",), 1.0), (("AR", "UY", "PY"), 1.0), (("AR", "VE"), 0.0)):
        assert counts.without(gone).total["power cut"]["clock"].tolist() == [left, 3.0]


# --- held-back events: what they are, and what they must never be called -----------------------

HELD_BACK = {
    # Public reports: hourly decay over five hours, thirty hours to come back, no order.
    "Venezuela, power, July 2019": (
        ("VE",),
        {"minute": "other", "hours": "12 h to 3 days", "repetition": "none", "clock": "day",
         "neighbours": "up", "fall": "gradual", "recovery": "staged", "synchrony": "together"},
        {"power cut"},
    ),
    "Venezuela, power, March 2019": (
        ("VE",),
        {"minute": "other", "hours": "over 3 days", "repetition": "none", "clock": "day",
         "neighbours": "up", "fall": "gradual", "recovery": "staged", "mobile": "fixed first",
         "reach": "most networks", "controls": "up"},
        {"power cut"},
    ),
    "Argentina and Uruguay, power, June 2019": (
        ("AR", "UY"),
        {"minute": "on the hour", "hours": "3 to 12 h", "repetition": "none", "clock": "day",
         "neighbours": "down too", "fall": "step", "recovery": "staged", "mobile": "together",
         "reach": "most networks", "controls": "up"},
        {"power cut"},
    ),
    "Syria, exams": (
        ("SY",),
        {"minute": "on the hour", "hours": "3 to 12 h", "repetition": "daily", "clock": "night",
         "neighbours": "up", "fall": "step", "recovery": "step", "reach": "most networks"},
        {"exam"},
    ),
    "Syria, exams, with a calendar": (
        ("SY",),
        {"minute": "on the hour", "hours": "3 to 12 h", "repetition": "daily", "clock": "night",
         "neighbours": "up", "fall": "step", "recovery": "step", "reach": "most networks",
         "exam day": "yes"},
        {"exam"},
    ),
    "Egypt, January 2011": (
        ("EG",),
        {"minute": "other", "hours": "over 3 days", "repetition": "none", "clock": "night",
         "neighbours": "up", "fall": "step", "recovery": "step", "reach": "most networks",
         "mobile": "together", "controls": "up"},
        {"shutdown"},
    ),
    "Myanmar, curfew": (
        ("MM",),
        {"minute": "on the hour", "hours": "3 to 12 h", "repetition": "daily", "clock": "night",
         "neighbours": "up", "fall": "step", "recovery": "step", "reach": "most networks"},
        {"shutdown"},
    ),
    "maintenance, Sunday at two": (
        (),
        {"minute": "on the hour", "hours": "1 to 3 h", "repetition": "none", "clock": "night",
         "fall": "step", "recovery": "step"},
        {"maintenance"},
    ),
    "maintenance of one operator, weekly": (
        (),
        {"minute": "on the hour", "hours": "1 to 3 h", "repetition": "weekly", "clock": "night",
         "neighbours": "up", "fall": "step", "recovery": "step", "reach": "one network",
         "controls": "up"},
        {"maintenance"},
    ),
    "cable cut off West Africa": (
        ("GM", "LR", "SL", "BJ", "NE"),
        {"minute": "other", "hours": "3 to 12 h", "repetition": "none", "clock": "day",
         "neighbours": "down too", "fall": "step", "recovery": "step", "reach": "most networks",
         "mobile": "together", "controls": "up"},
        {"cable cut"},
    ),
    "the collector fails": (
        (),
        {"minute": "other", "hours": "under 1 h", "neighbours": "down too", "fall": "step",
         "recovery": "step", "controls": "down too", "reach": "most networks"},
        {"instrument failure"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD_BACK)
def test_a_held_back_event_is_never_called_what_it_was_not(name):
    countries, known, right = HELD_BACK[name]
    found = weigh(known, left_out=countries)
    assert found.verdict in {*right, UNDECIDABLE}
    assert set(found.not_excluded) & right, "the right cause is not excluded"
    # Nor with any one of the features unknown.
    for feature in known:
        rest = {key: value for key, value in known.items() if key != feature}
        assert weigh(rest, left_out=countries).verdict in {*right, UNDECIDABLE}


def test_where_everything_is_known_a_cause_is_named():
    named = {
        name: weigh(known, left_out=out).verdict for name, (out, known, _) in HELD_BACK.items()
    }
    assert weigh(HELD_BACK["Venezuela, power, March 2019"][1]).verdict == "power cut"
    assert named["Syria, exams, with a calendar"] == "exam"
    assert named["maintenance of one operator, weekly"] == "maintenance"
    assert named["the collector fails"] == "instrument failure"
    shutdown = {"minute": "on the hour", "hours": "over 3 days", "repetition": "none",
                "clock": "day", "neighbours": "up", "fall": "step", "recovery": "staged",
                "mobile": "mobile first", "reach": "most networks", "controls": "up",
                "exam day": "no"}  # fmt: skip
    assert weigh(shutdown).verdict == "shutdown"


# --- real signals -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def iran(iran_2019, tmp_path_factory):
    run = iran_2019.copied_run(tmp_path_factory.mktemp("detected"))
    return stages.detect("iran-2019", str(run))


def test_iran_2019_from_its_embedded_signals_is_no_power_cut(iran):
    record = (iran.record[0], iran.record[1])
    case, events = iran.fetched.case, iran.fetched.events
    found = explain(case, iran.outages, iran.analyses, record, events, iran.stages)
    assert found.entity == "country/IR"
    weighing = found.weighing
    known = weighing.table.set_index("feature")["value"]
    assert known["mobile"] == "mobile first"
    assert known["reach"] == "most networks"
    assert known["hours"] == "over 3 days"
    assert weighing.verdict in {"shutdown", UNDECIDABLE}
    assert known["listed"] == "order", "two dated lists call it ordered"
    assert known["rest"] == "not spared"
    assert min(weighing.against.values()) > 0
    assert "exam" not in weighing.not_excluded
    assert weighing.against["power cut"] > math.log(5)


def test_no_operator_of_iran_2019_is_called_a_power_cut(iran):
    case = iran.fetched.case
    networks = Surroundings({one.id: one.network for one in case.entities})
    shapes = {
        (one.entity, one.datasource): Shape(one.times, one.values, one.baseline)
        for one in iran.analyses
    }
    for entity in case.entities:
        known = observe(
            iran.outages, entity.id, case.time_zone, tuple(iran.record), networks, shapes
        )
        assert weigh(known, left_out=("IR",)).verdict in {"shutdown", UNDECIDABLE}


def outage(entity, onset, step, until, *, back=None, datasource="x"):
    """A row of an outage table: an onset known to one bin."""
    moment = pd.Timestamp
    return {
        "entity": entity, "datasource": datasource, "onset": moment(onset, tz="UTC"),
        "onset_low": moment(onset, tz="UTC") - step, "onset_high": moment(onset, tz="UTC"),
        "recovery": pd.NaT if back is None else moment(back, tz="UTC"),
        "recovery_low": pd.NaT if back is None else moment(back, tz="UTC") - step,
        "recovery_high": pd.NaT if back is None else moment(back, tz="UTC"),
        "restored": pd.NaT if back is None else moment(back, tz="UTC"),
        "last_seen": moment(until, tz="UTC"),
    }  # fmt: skip


def table_of(rows):
    table = pd.DataFrame(rows)
    for name in table.columns.drop(["entity", "datasource"]):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table


@needs(MONASH, leaves_open="that the counties of iran-2019 are no power cut")
def test_the_counties_of_iran_2019_are_no_power_cut():
    counties = pd.read_csv(MONASH)
    # Local time, three and a half hours ahead.
    counties["time"] = pd.to_datetime(counties["time_e"], unit="s") - 3.5 * HOUR
    provinces = counties.pivot_table(index="time", columns="name_1", values="connectivity")
    national = provinces.mean(axis=1)
    rows, end = [], provinces.index[-1]
    for name, series in [*provinces.items(), ("Iran", national)]:
        low = series.index[(series < 0.5 * series.iloc[:48].median()).to_numpy()]
        if len(low):
            entity = "country/IR" if name == "Iran" else f"region/{name}"
            rows.append(outage(entity, low[0], HOUR, end))
    table = table_of(rows)
    kinds = {row["entity"]: row["entity"].partition("/")[0] for row in rows}
    shape = Shape(national.index, national.to_numpy(), float(national.iloc[:48].median()))
    record = (utc(national.index[0]), utc(end))
    known = observe(
        table,
        "country/IR",
        "Asia/Tehran",
        record,
        Surroundings(kinds),
        {("country/IR", "x"): shape},
    )
    assert known["hours"] == {"over 3 days"}
    assert known["synchrony"] == "together"
    assert known["fall"] == "hours"
    assert weigh(known, left_out=("IR",)).verdict in {"shutdown", UNDECIDABLE}
    assert weigh(known).verdict in {"shutdown", UNDECIDABLE}


@needs(TONGA, leaves_open="that Tonga's cable cut is no shutdown")
@pytest.mark.parametrize("hourly", [True, False])
def test_the_cable_cut_of_tonga_is_no_shutdown(hourly):
    flows = pd.read_csv(TONGA)
    flows["time"] = pd.to_datetime(flows["time"]).dt.tz_localize(None)
    series = flows[flows["series"] == "Tonga January 2022"].set_index("time")["value"].sort_index()
    low = series.index[(series < 0.2 * series.iloc[:8].median()).to_numpy()]
    back = series.index[(series.index > low[0]) & (series > 0.5).to_numpy()][0]
    step = HOUR if hourly else 24 * HOUR
    onset = low[0] + 5 * HOUR if hourly else low[0]
    table = table_of([outage("country/TO", onset, step, series.index[-1], back=back)])
    shape = Shape(series.index, series.to_numpy(), float(series.iloc[:8].median()))
    record = (utc(series.index[0]), utc(series.index[-1]))
    for networks, extra in (
        ({"country/TO": "country"}, {}),
        ({"country/TO": "country"}, {"fall": "step", "recovery": "step", "controls": "up"}),
        (
            {"country/TO": "country"},
            {"fall": "step", "neighbours": "up", "reach": "most networks", "mobile": "together",
             "controls": "up", "repetition": "none", "minute": "other"},
        ),
    ):  # fmt: skip
        known = observe(
            table, "country/TO", "Pacific/Tongatapu", record, Surroundings(networks),
            {("country/TO", "x"): shape},
        )  # fmt: skip
        assert known["hours"] == {"over 3 days"}
        found = weigh({**known, **extra})
        assert found.verdict != "shutdown"
        assert "cable cut" in found.not_excluded


def test_without_a_dated_outage_nothing_is_observed():
    empty = table_of([outage("country/IR", "2020-01-01", HOUR, "2020-01-02")]).iloc[:0]
    record = (utc("2020-01-01"), utc("2020-01-02"))
    known = observe(empty, "country/IR", "Asia/Tehran", record, Surroundings({}))
    assert set(known.values()) == {None}


# --- where the counts come from ---------------------------------------------------------------


@needs_lists("the counts behind the rivals")
def test_the_embedded_counts_are_what_the_list_gives():
    stored = paths.root() / "src" / "darkdays" / "correlate" / "rivals" / "rival_counts.json"
    counts, losses = tempered(incidents(lists()["ioda-curated"]))
    assert stored.read_text(encoding="utf-8") == json_text(to_document(counts)), (
        "run benchmarks/rivals.py with --save"
    )
    assert losses["loss"].min() < math.log(len(CAUSES)), "better than a guess"


@needs_lists("the counts behind the rivals")
def test_weights_in_countries_left_out_mean_what_they_say_and_nothing_is_named():
    table = left_out(incidents(lists()["ioda-curated"]), embedded())
    assert set(table["verdict"]) == {UNDECIDABLE}, "the counted features do not suffice"
    shown, error = calibration(even_odds(table))
    assert shown["share of pairs"].sum() == pytest.approx(1)
    assert error <= 0.10


def test_the_embedded_counts_name_no_day_and_no_network():
    document = json.loads(
        (
            paths.root() / "src" / "darkdays" / "correlate" / "rivals" / "rival_counts.json"
        ).read_text()
    )
    assert set(document) == {"temper", "total", "countries"}
    assert all(len(name) == 2 for names in document["countries"] for name in names.split())


@pytest.mark.parametrize(
    ("countries", "known", "wrong"),
    [
        (
            (),
            {"hours": "over 3 days", "clock": "day", "fall": "step", "recovery": "step",
             "neighbours": "up", "mobile": "together", "reach": "most networks",
             "controls": "up", "minute": "on the hour", "exam day": "no"},
            "shutdown",
        ),
        (
            ("IR",),
            {"hours": "over 3 days", "clock": "day", "fall": "hours", "recovery": "staged",
             "neighbours": "up", "mobile": "mobile first", "reach": "most networks",
             "controls": "up", "synchrony": "together", "minute": "half past"},
            "power cut",
        ),
    ],
    ids=["Tonga 2022", "Iran 2019"],
)  # fmt: skip
def test_no_part_of_what_is_known_of_an_event_gets_it_wrong(countries, known, wrong):
    for size in range(1, len(known) + 1):
        for part in combinations(known.items(), size):
            assert weigh(dict(part), left_out=countries).verdict != wrong
