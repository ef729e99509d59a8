"""Outages held against events in both directions: what is counted, and what must not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.association import associate as association
from darkdays.association.calendar import event_days, outage_days, record_days
from darkdays.association.description import event_coincidences
from darkdays.association.directions import EVENTS_AFTER, OUTAGES_AFTER
from darkdays.case.claims import RateRatio
from darkdays.contracts.events import of_kind, read_csv
from darkdays.correlate.crossover.detectable import minimum_detectable_ratio
from darkdays.evidence.variations import events_elsewhere, events_of_place
from examples import examples
from made_up_evidence import BASE, HEADER, outage, protests
from made_up_regions import (
    DONORS,
    HERE,
    IRREGULAR,
    RATES,
    case_of,
    down,
    region,
    studied,
)

TWENTY_EIGHT_YEARS = 28 * 365 + 7
"""Days; after them every date has its weekday and its place in the leap years again."""
SPREAD = st.sets(st.integers(0, 56), min_size=3, max_size=14)


def told(found):
    """Everything of both directions that a report prints, as numbers."""
    numbers = []
    for one in found.directions.values():
        crossover = one.analysis.crossover
        ratios = [crossover.mantel_haenszel, crossover.exact, crossover.crude]
        numbers += [(each.value, each.low, each.high) for each in ratios]
        numbers += [
            (test.p_value, test.coincidences, test.combinations())
            for test in (one.analysis.shifts, one.analysis.weekly, one.fewest, one.most)
            if test is not None
        ]
        numbers.append((one.by_weeks, one.inconclusive))
    return numbers


def test_both_directions_are_told_apart():
    late = [day + 1 for day in IRREGULAR]
    found = association.tested(RATES, studied(down(HERE, late)))
    after, before = found.directions[OUTAGES_AFTER], found.directions[EVENTS_AFTER]
    assert after.analysis.crossover.exposed_onsets == len(IRREGULAR)
    assert after.p_value < 0.01
    # A protest comes after an outage only where the one before it came shortly before.
    assert before.analysis.crossover.exposed_onsets < len(IRREGULAR) / 2
    assert before.p_value > 0.05
    turned = association.tested(RATES, studied(down(HERE, [day - 1 for day in IRREGULAR])))
    assert turned.directions[EVENTS_AFTER].p_value < 0.01
    assert turned.main.p_value > 0.05


@settings(max_examples=examples(12), deadline=None)
@given(places=st.lists(SPREAD, min_size=3, max_size=3), order=st.permutations([0, 1, 2]))
def test_the_order_of_places_does_not_matter(places, order):
    names = [HERE, *DONORS[:2]]
    rows = [row for name, days in zip(names, places, strict=True) for row in down(name, days)]
    happened = HEADER + "".join(
        protests(sorted(days)[::2], place=f"IR/{name.removeprefix('region/')}")
        for name, days in zip(names, places, strict=True)
    )
    entities = tuple(region(name) for name in names)
    found = []
    for listed in (names, [names[one] for one in order]):
        claim = RATES.model_copy(update={"entity": listed[0], "with_entities": tuple(listed[1:])})
        found.append(
            told(
                association.tested(
                    claim, studied(rows, claim, happened=happened, entities=entities)
                )
            )
        )
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, nan_ok=True)


@settings(max_examples=examples(12), deadline=None)
@given(outages=SPREAD, events=SPREAD)
def test_the_century_does_not_matter(outages, events):
    then = studied(down(HERE, outages), happened=HEADER + protests(events))
    moved = studied(
        down(HERE, [day + TWENTY_EIGHT_YEARS for day in outages]),
        happened=HEADER + protests([day + TWENTY_EIGHT_YEARS for day in events]),
    )
    moved = replace(moved, record=moved.record + pd.Timedelta(days=TWENTY_EIGHT_YEARS))
    assert told(association.tested(RATES, then)) == told(association.tested(RATES, moved))


@settings(max_examples=examples(12), deadline=None)
@given(outages=SPREAD, events=SPREAD, seed=st.integers(0, 9))
def test_the_order_of_rows_does_not_matter(outages, events, seed):
    found = studied(down(HERE, outages), happened=HEADER + protests(events))
    mixed = replace(
        found,
        outages=found.outages.sample(frac=1, random_state=seed),
        events=found.events.sample(frac=1, random_state=seed),
    )
    assert told(association.tested(RATES, found)) == told(association.tested(RATES, mixed))


@settings(max_examples=examples(12), deadline=None)
@given(outages=SPREAD, events=SPREAD, doubt=st.sampled_from([0.1, 6.0, 15.0]))
def test_doubt_about_times_gives_a_range_around_the_stated_moment(outages, events, doubt):
    rows = [outage(HERE, 24 * day, lasts=2, doubt=doubt) for day in outages]
    main = association.tested(RATES, studied(rows, happened=HEADER + protests(events))).main
    assert main.fewest.coincidences <= main.quoted.coincidences <= main.most.coincidences


def test_an_onset_around_midnight_may_be_of_either_day():
    # 20:30 UTC is midnight in Tehran: with 6 hours of doubt it is of the 15th or of the 16th.
    rows = [outage(HERE, 8.5 + 24 * day, lasts=2, doubt=6) for day in (0, 10, 20)]
    happened = HEADER + protests([day - 2 for day in (0, 10, 20)], place="IR/Khuzestan")
    main = association.tested(RATES, studied(rows, happened=happened)).main
    assert (main.fewest.coincidences, main.most.coincidences) == (0, 3)


def test_outages_less_than_a_day_apart_are_one_onset():
    rows = [outage(HERE, hour, lasts=2) for hour in (0, 10, 20, 60)]
    found = studied(rows)
    days = record_days(found, [HERE])
    assert outage_days(found, [HERE], days).onsets.sum() == 2
    assert outage_days(found, [HERE], days, gap_hours=6).onsets.sum() == 4
    assert outage_days(found, [HERE], days, gap_hours=72).onsets.sum() == 1


def test_an_outage_is_down_until_it_was_seen_last():
    found = studied([outage(HERE, 0)])
    days = record_days(found, [HERE])
    down_days = outage_days(found, [HERE], days).down[0]
    # The datasource that shows it ends 200 hours later, at 23:30 in Tehran; the record goes on.
    assert (down_days == ((days >= "2019-11-16") & (days <= "2019-11-24"))).all()
    assert days[-1] > pd.Timestamp("2019-11-24")


def test_a_run_of_days_of_protest_begins_once():
    found = studied([], happened=HEADER + protests([0, 1, 2, 5, 6], place="IR/Khuzestan"))
    days = record_days(found, [HERE])
    for hours, begins in ((24, 2), (48, 2), (72, 1)):
        events = event_days(found, found.events, [HERE], days, gap_hours=hours)
        assert events.begins.sum() == begins
        assert events.exposed(0).sum() == 5


def test_a_day_of_another_zone_is_certain_on_no_local_day():
    found = studied([], happened=HEADER + protests([0], place="IR/Khuzestan", zone="UTC"))
    events = event_days(found, found.events, [HERE], record_days(found, [HERE]))
    assert (events.possible.sum(), events.certain.sum()) == (2, 0)


EVENTS = HEADER + "".join(
    f"protest,2019-11-1{day},,Asia/Tehran,day,{place},,rally,somebody,\n"
    for day, place in enumerate(["IR", "IR/Khuzestan", "IR/Khūzestān/Ahvaz", "IR/Fars", "IR/Ahvaz"])
)


def test_a_region_sees_the_events_that_name_it_in_any_spelling():
    events, case = read_csv(EVENTS.encode(), "events"), case_of()
    assert list(events_of_place(case, events, HERE)["start"]) == ["2019-11-11", "2019-11-12"]
    every = events_of_place(case, events, HERE, countrywide=True)
    assert list(every["start"]) == ["2019-11-10", "2019-11-11", "2019-11-12"]
    assert len(events_of_place(case, events, "country/IR")) == 5
    # A city is in no table: it may be in the region, and is not elsewhere.
    assert list(events_elsewhere(case, events, HERE)["start"]) == ["2019-11-13"]
    assert events_elsewhere(case, events, "country/IR").empty


def test_events_of_the_whole_country_are_of_every_region_if_none_is_known_closer():
    events, case = read_csv(EVENTS.encode(), "events"), case_of()
    national = events[events["place"] == "IR"]
    assert len(events_of_place(case, national, HERE)) == 1
    assert events_of_place(case, national, HERE, countrywide=False).empty


def test_places_with_one_calendar_are_shifted_together():
    both = RateRatio(
        id="both", type="rate_ratio", statement="Both.", origin="a test", entity=HERE,
        with_entities=(DONORS[0],),
    )  # fmt: skip
    rows = down(HERE, IRREGULAR) + down(DONORS[0], IRREGULAR)
    entities = (region(HERE), region(DONORS[0]))
    national = HEADER + protests(IRREGULAR)
    shared = association.tested(
        both, studied(rows, both, happened=national, entities=entities)
    ).main
    alone = association.tested(RATES, studied(rows, happened=national)).main
    # Two places that saw the same are one witness: p is that of one.
    assert shared.p_value == pytest.approx(alone.p_value)
    assert shared.quoted.coincidences == 2 * alone.quoted.coincidences


def test_a_weekday_of_both_is_compared_by_weeks():
    days = [0, 7, 14, 21, 28, 35, 42, 49]
    main = association.tested(
        RATES, studied(down(HERE, days), happened=HEADER + protests(days))
    ).main
    assert main.by_weeks
    assert main.quoted is main.analysis.weekly
    assert "keep to a weekday" in main.inconclusive
    # What would be found is told of the test that is quoted.
    assert main.detectable.ratio is None
    assert minimum_detectable_ratio(main.analysis.shifts.chances).ratio is not None


def test_without_events_or_signals_nothing_is_tested():
    assert association.tested(RATES, studied([], happened=HEADER)) is None
    assert association.tested(RATES, studied([], measured=[])) is None


def test_the_days_are_those_of_the_clock():
    found = studied([])
    here, there = (record_days(replace(found, time_zone=zone), [HERE]) for zone in ("", "UTC"))
    assert here[0] == there[0] == BASE.tz_localize(None).normalize() - pd.Timedelta(days=2)
    late = replace(found, record=found.record + pd.Timedelta(hours=10))
    assert record_days(late, [HERE])[0] - here[0] == pd.Timedelta(days=1)
    assert np.diff(here).min() == np.diff(here).max() == pd.Timedelta(days=1)
    assert of_kind(found.events, "protest").shape[0] == len(IRREGULAR)


def test_coincidences_stay_in_their_place_and_need_enough_dates():
    found = association.tested(RATES, studied(down(HERE, IRREGULAR)))
    one = event_coincidences(found.calendar)[OUTAGES_AFTER]
    assert one.precursor_coincidences == one.outages == len(IRREGULAR)
    # An event on the last day of one place, onsets on the first days of the next.
    onsets, possible = np.zeros((2, 60), dtype=np.int64), np.zeros((2, 60), dtype=bool)
    onsets[1, :6:2], possible[0, 59] = 1, True
    calendar = replace(
        found.calendar,
        outages=replace(found.calendar.outages, onsets=onsets),
        events=replace(found.calendar.events, possible=possible),
    )
    assert event_coincidences(calendar)[OUTAGES_AFTER].precursor_coincidences == 0
    onsets[1, 4], onsets[0, :3] = 0, 1
    assert OUTAGES_AFTER not in event_coincidences(calendar), "two dates are no share"
