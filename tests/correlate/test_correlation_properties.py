"""What may be done to outages and events without changing how they are related."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.contracts.events import read_csv
from darkdays.correlate.crossover.crossover import case_crossover
from darkdays.correlate.crossover.primary import primary_analysis
from darkdays.correlate.exposure import exposure_by_day, nearness_of_days
from darkdays.correlate.onsets import onsets_by_day
from darkdays.correlate.order import first_onsets, lag_after_first_event, onset_order
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.sweep.plan.blocks import batches_of
from darkdays.sweep.plan.work import Block, Settings
from examples import examples

PLACES, DAYS = 4, 21
SOME = settings(max_examples=examples(40), deadline=None)
FEW = settings(max_examples=examples(10), deadline=None)
seeds = st.integers(0, 10_000)
BASE = pd.Timestamp("2020-03-02", tz="UTC")
NOT_AT_ALL = pd.Timedelta(0)
RECORD = pd.date_range("2020-03-02", periods=56, freq="D")
HEADER = "kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"


def flags(seed, share=0.3, places=PLACES, days=DAYS):
    """Onsets and exposed days of places, and the stratum of each."""
    rng = np.random.default_rng(seed)
    onsets, exposed = rng.random((2, places, days)) < share
    return onsets, exposed, np.repeat(np.arange(places), days).reshape(places, days)


def chances(onsets, exposed, strata, **options):
    found = circular_shift_test(onsets.ravel(), exposed.ravel(), strata.ravel(), **options)
    return [found.p_value, found.p_fewer, found.smallest_p, found.expected, found.coincidences]


@SOME
@given(seeds, st.permutations(range(PLACES)))
def test_neither_the_order_nor_the_name_of_a_place_matters(seed, order):
    onsets, exposed, strata = flags(seed)
    plain = chances(onsets, exposed, strata)
    moved = [one[list(order)] for one in (onsets, exposed, strata)]
    assert chances(*moved) == pytest.approx(plain)
    assert chances(onsets, exposed, 900 - 7 * strata) == pytest.approx(plain)
    months = np.arange(DAYS) // 7
    shared = circular_shift_test(onsets, exposed, months)
    again = circular_shift_test(*moved[:2], months)
    assert (again.p_value, again.p_fewer) == pytest.approx((shared.p_value, shared.p_fewer))


@SOME
@given(seeds, st.integers(0, DAYS))
def test_a_record_that_goes_round_may_begin_anywhere(seed, shift):
    onsets, exposed, strata = flags(seed)
    plain = chances(onsets, exposed, strata)
    rolled = (np.roll(one, shift, axis=1) for one in (onsets, exposed))
    assert chances(*rolled, strata) == pytest.approx(plain)


@SOME
@given(seeds)
def test_backwards_and_with_the_sides_exchanged_the_chance_is_the_same(seed):
    onsets, exposed, strata = flags(seed)
    plain = chances(onsets, exposed, strata)
    assert chances(onsets[:, ::-1], exposed[:, ::-1], strata) == pytest.approx(plain)
    assert chances(exposed, onsets, strata) == pytest.approx(plain)


@SOME
@given(seeds, st.booleans())
def test_a_place_without_events_or_without_outages_says_nothing(seed, of_events):
    onsets, exposed, strata = flags(seed)
    more_onsets, more_exposed, _ = flags(seed + 1, places=1)
    if of_events:
        more_exposed[:] = False
    else:
        more_onsets[:] = False
    added = (
        np.vstack([onsets, more_onsets]), np.vstack([exposed, more_exposed]),
        np.vstack([strata, np.full((1, DAYS), PLACES)]),
    )  # fmt: skip
    assert chances(*added) == pytest.approx(chances(onsets, exposed, strata))
    before, after = case_crossover(onsets, exposed, strata), case_crossover(*added)
    for name in ("mantel_haenszel", "exact", "poisson"):
        one, other = getattr(before, name), getattr(after, name)
        assert (one.value, one.low, one.high) == pytest.approx(
            (other.value, other.low, other.high), rel=1e-6
        )


@SOME
@given(seeds, st.permutations(range(PLACES)), seeds)
def test_ratios_know_neither_the_order_of_places_nor_of_days(seed, order, other):
    onsets, exposed, strata = flags(seed)
    days = np.random.default_rng(other).permutation(DAYS)
    plain = case_crossover(onsets, exposed, strata)
    moved = case_crossover(*(one[list(order)][:, days] for one in (onsets, exposed, -3 * strata)))
    for name in ("crude", "mantel_haenszel", "exact", "poisson", "logit"):
        one, other_one = getattr(plain, name), getattr(moved, name)
        assert (one.value, one.low, one.high) == pytest.approx(
            (other_one.value, other_one.low, other_one.high), rel=1e-5
        )


@FEW
@given(seeds, st.permutations(range(3)))
def test_the_primary_analysis_knows_no_order_of_places(seed, order):
    onsets, protests, _ = flags(seed, share=0.12, places=3, days=56)
    near, design = nearness_of_days(protests, days_after=2), ShiftDesign(RECORD)
    plain = primary_analysis(onsets, near, design)
    moved = primary_analysis(onsets[list(order)], near[list(order)], design)
    assert plain.shifts.p_value == pytest.approx(moved.shifts.p_value)
    assert plain.crossover.exact.value == pytest.approx(moved.crossover.exact.value)
    assert plain.inconclusive == moved.inconclusive


moments = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 9), st.integers(0, 9)),
    min_size=1, max_size=12,
)  # fmt: skip


def outages(rows, away=NOT_AT_ALL):
    """Outages of places (hours after the beginning, hours of doubt before and after)."""
    onsets = [BASE + away + pd.Timedelta(hours=hour) for _, hour, _, _ in rows]
    table = pd.DataFrame({"entity": [one[0] for one in rows], "onset": onsets})
    table["place"] = table["entity"]
    table["onset_low"] = table["onset"] - pd.to_timedelta([one[2] for one in rows], unit="h")
    table["onset_high"] = table["onset"] + pd.to_timedelta([one[3] for one in rows], unit="h")
    return table.assign(datasource="ioda.bgp", end=table["onset"] + pd.Timedelta(hours=3))


@SOME
@given(moments, st.randoms(use_true_random=False))
def test_the_order_of_outages_does_not_matter(rows, random):
    table, mixed = outages(rows), random.sample(rows, len(rows))
    other = outages(mixed)
    assert first_onsets(table).drop(columns="end").equals(first_onsets(other).drop(columns="end"))


@SOME
@given(moments)
def test_an_outage_listed_twice_is_one_episode(rows):
    one, two = (
        onset_order(first_onsets(outages(rows))),
        onset_order(first_onsets(outages(rows * 2))),
    )
    assert one.equals(two)


@SOME
@given(moments, st.integers(-300, 300))
def test_onsets_move_with_the_calendar(rows, weeks):
    away = pd.Timedelta(weeks=weeks)
    here, there = outages(rows), outages(rows, away)
    days = onsets_by_day(here[here["place"] == "a"], RECORD, "UTC")
    moved = onsets_by_day(there[there["place"] == "a"], RECORD + away, "UTC")
    for name in ("stated", "fewest", "most"):
        assert list(getattr(days, name)) == list(getattr(moved, name))


def happened(days, away=NOT_AT_ALL):
    stamps = (BASE + away + pd.Timedelta(days=day) for day in days)
    lines = (f"protest,{one:%Y-%m-%d},,UTC,day,IR,,x,y,\n" for one in stamps)
    return read_csv((HEADER + "".join(lines)).encode(), "events")


days_of_events = st.lists(st.integers(0, 50), min_size=1, max_size=10)


@SOME
@given(days_of_events, moments, st.integers(-300, 300), st.randoms(use_true_random=False))
def test_exposure_and_lag_know_neither_century_nor_order_nor_repetition(days, rows, weeks, random):
    away = pd.Timedelta(weeks=weeks)
    plain = exposure_by_day(happened(days), RECORD, "UTC", days_after=2)
    lag = lag_after_first_event(happened(days), outages(rows), "a")
    mixed = random.sample(days, len(days))
    for listed, moved in ((mixed, 0), (days * 2, 0), (days, 1)):
        other = happened(listed, away * moved)
        found = exposure_by_day(other, RECORD + away * moved, "UTC", days_after=2)
        assert (found.certain == plain.certain).all()
        assert (found.possible == plain.possible).all()
        table = outages(random.sample(rows, len(rows)), away * moved)
        again = lag_after_first_event(other, table, "a")
        assert (lag is None) == (again is None)
        if lag is not None:
            assert (lag.hours, lag.low, lag.high) == (again.hours, again.low, again.high)


@SOME
@given(st.permutations([f"asn/{number}" for number in range(25)]))
def test_entities_are_cut_into_the_same_batches_in_any_order(entities):
    from pathlib import Path

    from darkdays.case.case import load

    block = Block("x", load("iran-2019"), "engine", snapshot="")
    chosen = Settings((0.95,), (0.1,), "auto", "engine")
    found = batches_of("x", block, Path(), entities, chosen)
    plain = batches_of("x", block, Path(), sorted(entities), chosen)
    assert [one.key for one in found] == [one.key for one in plain]
