"""Circular shifts: exact against enumeration, together, by weeks, given a driver, many at once."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.correlate.crossover.conditional import fit_driver
from darkdays.correlate.exposure import days_around, nearness_of_days
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.correlate.shifts.shifts import circular_shift_test, shift_table
from darkdays.correlate.shifts.strata import strata_of_places, time_strata
from examples import examples

SIZES = (4, 5, 6)
STRATA = np.repeat(np.arange(3), SIZES)
ROWS = np.split(np.arange(15), np.cumsum(SIZES)[:-1])


def cut_by(strata):
    """A design with strata of its own."""
    days = pd.date_range("2021-01-01", periods=strata.size)
    design = ShiftDesign(days)
    vars(design)["strata"] = strata
    return design


def series(seed, days=15, share=0.4):
    rng = np.random.default_rng(seed)
    return rng.random(days) < share, rng.random(days) < share


def every_shift(values, rows=ROWS, step=1):
    """Every combination of shifts of the strata, the unshifted one first."""
    for shifts in product(*(range(0, one.size, step) for one in rows)):
        moved = values.copy()
        for one, shift in zip(rows, shifts, strict=True):
            moved[one] = np.roll(values[one], shift)
        yield moved


@given(st.integers(0, 500))
@settings(max_examples=examples(30))
def test_the_exact_test_is_that_of_every_combination(seed):
    outcome, exposure = series(seed)
    found = circular_shift_test(outcome, exposure, STRATA)
    moved = list(every_shift(exposure))
    counts = np.array([(outcome & one).sum() for one in moved])
    assert found.shifts == len(moved) == 120
    assert found.p_value == pytest.approx((counts >= counts[0]).mean())
    assert found.p_fewer == pytest.approx((counts <= counts[0]).mean())
    assert found.smallest_p == pytest.approx((counts == counts.max()).mean())
    assert found.expected == pytest.approx(counts.mean())
    assert found.chances[:, 0] == pytest.approx(np.bincount(counts) / counts.size)


@given(st.integers(0, 500))
@settings(max_examples=examples(30))
def test_ties_are_broken_by_nearness_over_every_combination(seed):
    outcome, protests = series(seed, share=0.25)
    exposure = days_around(protests, days_after=2)
    near = nearness_of_days(protests, days_after=2)
    assert ((near > 0) == exposure).all()
    found = circular_shift_test(outcome, exposure, STRATA, nearness=near)
    values = np.array(
        [
            1000 * (outcome & moved).sum() + (outcome * nearer).sum()
            for moved, nearer in zip(every_shift(exposure), every_shift(near), strict=True)
        ]
    )
    assert found.p_value == pytest.approx((values >= values[0]).mean())
    assert found.p_fewer == pytest.approx((values <= values[0]).mean())
    assert found.smallest_p == pytest.approx((values == values.max()).mean())
    assert found.p_value <= circular_shift_test(outcome, exposure, STRATA).p_value + 1e-12


def test_nearness_counts_down_from_the_day_of_the_protest():
    protests = np.array([0, 1, 0, 0, 0, 1, 1, 0]).astype(bool)
    assert nearness_of_days(protests, days_after=2).tolist() == [0, 3, 2, 1, 0, 3, 3, 2]


@given(st.integers(0, 500))
@settings(max_examples=examples(20))
def test_places_shifted_together_count_a_shared_event_once(seed):
    outcome, exposure = series(seed, days=12)
    months = np.repeat([0, 1], 6)
    alone = circular_shift_test(outcome, exposure, months)
    thirty = circular_shift_test(np.tile(outcome, (30, 1)), np.tile(exposure, (30, 1)), months)
    assert thirty.coincidences == 30 * alone.coincidences
    assert thirty.shifts == alone.shifts
    assert thirty.p_value == pytest.approx(alone.p_value)


def test_places_shifted_apart_make_much_of_a_shared_event():
    outcome, exposure = series(3, days=12)
    months = np.repeat([0, 1], 6)
    alone = circular_shift_test(outcome, exposure, months)
    apart = circular_shift_test(
        np.tile(outcome, 30), np.tile(exposure, 30), strata_of_places(months, 30).ravel()
    )
    assert apart.shifts == alone.shifts**30
    assert min(apart.p_value, apart.p_fewer) < min(alone.p_value, alone.p_fewer)


def test_shifts_by_weeks_compare_fridays_with_fridays():
    fridays = np.tile(np.arange(7) == 4, 8)
    strata = np.repeat([0, 1], 28)
    by_weeks = circular_shift_test(fridays, fridays, strata, step=7)
    by_days = circular_shift_test(fridays, fridays, strata)
    assert by_days.p_value == pytest.approx(1 / 49)
    assert by_weeks.p_value == 1.0, "every week has its Friday"
    assert by_weeks.shifts == 16
    moved = [(fridays & one).sum() for one in every_shift(fridays, np.split(np.arange(56), 2), 7)]
    assert set(moved) == {8}


def test_weeks_are_shifted_within_a_month_and_not_across_the_turn_of_a_season():
    days = pd.date_range("2021-05-19", "2021-07-20")
    summer = (days.month == 6)[None]
    design = ShiftDesign(days, weekly=True)
    test = design.test(summer, summer.astype(np.int64))
    assert test.coincidences == 30
    assert test.shifts == 1 * 4 * 2
    assert test.p_value == 1.0, "a month that has all of both says nothing of either"


@given(st.integers(0, 500))
@settings(max_examples=examples(20))
def test_a_driver_weighs_every_combination(seed):
    rng = np.random.default_rng(seed)
    outcome, exposure = series(seed, share=0.3)
    log_intensity = rng.normal(size=15)
    found = circular_shift_test(outcome, exposure, STRATA, log_intensity=log_intensity)
    # The same seen from the other side: outcomes move, exposure and driver stay.
    weights, counts = [], []
    for moved in every_shift(outcome):
        weights.append(np.exp(log_intensity[moved].sum()))
        counts.append((moved & exposure).sum())
    shares = np.array(weights) / np.sum(weights)
    reached = np.array(counts) >= counts[0]
    assert found.p_value == pytest.approx(shares[reached].sum())
    even = circular_shift_test(outcome, exposure, STRATA, log_intensity=np.full(15, 2.0))
    assert even.p_value == pytest.approx(circular_shift_test(outcome, exposure, STRATA).p_value)


def test_a_fitted_driver_takes_its_coincidences_away():
    rng = np.random.default_rng(11)
    days = 360
    heat = rng.normal(size=days)
    exposure = heat + rng.normal(size=days) > 1
    outcome = rng.random(days) < np.minimum(0.03 * np.exp(1.5 * heat), 1)
    strata = np.arange(days) // 30
    assert circular_shift_test(outcome, exposure, strata).p_value < 1e-4
    fit = fit_driver(outcome, heat, strata)
    assert fit.ratios[0].low > 1
    given_heat = circular_shift_test(outcome, exposure, strata, log_intensity=fit.log_intensity)
    assert given_heat.p_value > 0.05


def test_a_driver_that_cannot_be_fitted_says_why():
    strata = np.zeros(10, dtype=np.intp)
    onsets, heat = np.arange(10) > 8, np.arange(10.0)
    fit = fit_driver(onsets, heat, strata)
    assert fit.log_intensity is None
    assert "no maximum" in fit.reason
    assert fit_driver(np.zeros(10, dtype=bool), heat, strata).log_intensity is None
    with pytest.raises(ValueError, match="missing values"):
        fit_driver(onsets, np.full(10, np.nan), strata)


def test_counts_of_onsets_count_as_often():
    outcome, exposure = series(5)
    once = circular_shift_test(outcome, exposure, STRATA)
    thrice = circular_shift_test(3 * outcome.astype(np.int64), exposure, STRATA)
    assert thrice.coincidences == 3 * once.coincidences
    assert thrice.p_value == pytest.approx(once.p_value)


def test_very_many_strata_leave_a_smallest_p_value_above_zero():
    outcome = np.tile(np.arange(31) == 3, 400)
    found = circular_shift_test(outcome, outcome, np.repeat(np.arange(400), 31))
    assert 0 < found.smallest_p <= 1e-300
    assert found.shifts == 31**400
    assert found.combinations() == "about 10^597"
    assert "coincidences=400" in repr(found)
    assert circular_shift_test(*series(1), STRATA).combinations() == "120"


@given(st.integers(0, 200))
@settings(max_examples=examples(20))
def test_drawn_shifts_have_the_exact_distribution(seed):
    rng = np.random.default_rng(seed)
    outcomes, exposures = rng.random((2, 3, 15)) < 0.4, rng.random((2, 3, 15)) < 0.4
    found = shift_counts(outcomes, exposures, cut_by(STRATA), draws=4000, rng=rng)
    for number in range(2):
        exact = circular_shift_test(outcomes[number], exposures[number], STRATA)
        assert found.observed[number] == exact.coincidences
        assert found.p_values()[number] == pytest.approx(exact.p_value, abs=0.04)
        assert found.shifted[number].mean() == pytest.approx(exact.expected, abs=0.2)


def test_a_draw_moves_all_specifications_and_all_places_alike():
    rng = np.random.default_rng(1)
    outcome, exposure = rng.random((1, 1, 15)) < 0.4, rng.random((1, 1, 15)) < 0.4
    many = [np.repeat(np.repeat(one, 2, axis=0), 3, axis=1) for one in (outcome, exposure)]
    found = shift_counts(*many, cut_by(STRATA), draws=100, rng=rng)
    assert (found.shifted[0] == found.shifted[1]).all()
    assert (found.shifted % 3 == 0).all()


def test_the_same_seed_draws_the_same_shifts():
    outcome, exposure = series(2)
    drawn = [
        shift_counts(
            outcome[None, None], exposure[None, None], cut_by(STRATA), draws=50,
            rng=np.random.default_rng(9),
        ).shifted
        for _ in range(2)
    ]  # fmt: skip
    assert (drawn[0] == drawn[1]).all()


def test_a_table_of_shifts_is_that_of_rolling():
    rng = np.random.default_rng(3)
    outcome, exposure = rng.integers(0, 3, size=31), rng.random(31) < 0.3
    rolled = [(outcome * np.roll(exposure, shift)).sum() for shift in range(31)]
    assert shift_table(outcome, exposure) == pytest.approx(rolled)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"step": 3}, "cannot be shifted by multiples of 3"),
        ({"nearness": np.full(15, -1)}, "negative"),
        ({"log_intensity": np.zeros(3)}, "one length"),
    ],
)
def test_what_cannot_be_shifted_is_refused(options, sentence):
    outcome, exposure = series(1)
    with pytest.raises(ValueError, match=sentence):
        circular_shift_test(outcome, exposure, STRATA, **options)
    with pytest.raises(ValueError, match="of the days of outcomes"):
        shift_counts(
            outcome[None, None], exposure[None, None], cut_by(STRATA[:3]), draws=1,
            rng=np.random.default_rng(1),
        )  # fmt: skip


def test_months_of_a_record_are_strata():
    days = pd.date_range("2021-01-20", "2021-03-10")
    assert np.bincount(time_strata(days, "month")).tolist() == [12, 28, 10]
