"""Order, lag and chance: interval arithmetic and golden values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.correlate.intervals import Moment, lag_between
from darkdays.correlate.order import first_onsets, onset_order
from darkdays.correlate.shifts.shifts import circular_shift_test

BASE = pd.Timestamp("2020-01-01", tz="UTC")


def moment(value, low, high):
    return Moment(*(BASE + pd.Timedelta(minutes=minutes) for minutes in (value, low, high)))


bounds = st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)).map(sorted)


@given(bounds, bounds, st.floats(0, 1), st.floats(0, 1))
def test_a_lag_holds_every_pair_of_moments_the_bounds_allow(one, other, share, other_share):
    low, middle, high = one
    other_low, other_middle, other_high = other
    lag = lag_between(moment(middle, low, high), moment(other_middle, other_low, other_high))
    first = low + share * (high - low)
    second = other_low + other_share * (other_high - other_low)
    assert lag.low - 1e-9 <= (second - first) / 60 <= lag.high + 1e-9
    assert lag.low <= lag.hours <= lag.high


@given(bounds, bounds)
def test_turning_a_lag_round_turns_its_sign(one, other):
    first, second = moment(one[1], one[0], one[2]), moment(other[1], other[0], other[2])
    there, back = lag_between(first, second), lag_between(second, first)
    assert there.sign == -back.sign
    assert there.low == pytest.approx(-back.high)


def onsets(*rows):
    table = pd.DataFrame(rows, columns=["entity", "onset", "onset_low", "onset_high"])
    for name in ("onset", "onset_low", "onset_high"):
        table[name] = [BASE + pd.Timedelta(minutes=int(minutes)) for minutes in table[name]]
    return table.assign(datasource="ioda.bgp")


def test_only_differences_larger_than_their_doubt_are_ordered():
    pairs = onset_order(first_onsets(onsets(("a", 10, 5, 15), ("b", 12, 7, 17), ("c", 30, 20, 35))))
    order = {(row.first, row.second): row.order for row in pairs.itertuples()}
    assert order == {("a", "b"): "cannot tell", ("a", "c"): "before", ("b", "c"): "before"}


def test_the_first_onset_of_an_entity_counts():
    table = onsets(("a", 50, 45, 55), ("a", 10, 5, 15), ("b", 30, 25, 35))
    assert first_onsets(table)["entity"].tolist() == ["a", "b"]


# Days of protests and outages of a published worked example of event coincidence analysis.
DAYS = 120
PROTESTS = [5, 14, 15, 33, 52, 53, 54, 71, 90, 110]
OUTAGES = [6, 16, 40, 53, 56, 72, 99, 111]


def worked_example():
    outcome, exposure = np.zeros(DAYS, bool), np.zeros(DAYS, bool)
    outcome[OUTAGES] = True
    for day in PROTESTS:
        exposure[day : day + 3] = True
    return outcome, exposure


def test_circular_shifts_agree_with_the_golden_value():
    outcome, exposure = worked_example()
    test = circular_shift_test(outcome, exposure, np.zeros(DAYS, dtype=np.intp))
    assert test.coincidences == 6
    assert test.shifts == 120
    assert test.p_value == pytest.approx(2 / 120)


def test_stratified_shifts_agree_with_counting_every_combination():
    outcome, exposure = worked_example()
    outcome, exposure = outcome[:24], exposure[:24]
    strata = np.repeat([0, 1, 2], 8)
    test = circular_shift_test(outcome, exposure, strata)
    counts = []
    for shifts in np.ndindex(8, 8, 8):
        shifted = np.concatenate(
            [np.roll(exposure[strata == part], shift) for part, shift in enumerate(shifts)]
        )
        counts.append((outcome & shifted).sum())
    assert test.shifts == 512
    assert test.p_value == pytest.approx((np.array(counts) >= test.coincidences).mean())
    assert test.smallest_p == pytest.approx((np.array(counts) == max(counts)).mean())


flags = st.lists(st.booleans(), min_size=1, max_size=30)


@given(flags, st.randoms(use_true_random=False))
def test_a_p_value_is_never_below_the_smallest(numbers, random):
    outcome = np.array(numbers)
    exposure = np.array([random.random() < 0.4 for _ in numbers])
    test = circular_shift_test(outcome, exposure, np.zeros(outcome.size, dtype=np.intp))
    assert 0 < test.smallest_p <= test.p_value + 1e-12 <= 1 + 1e-12
    assert test.p_value >= 1 / test.shifts - 1e-12


def test_shifts_hold_their_level_on_bursty_series():
    rng = np.random.default_rng(17)
    rejected = 0
    for _ in range(400):
        outcome = np.convolve(rng.random(90) < 0.06, [1, 1], "same") > 0
        exposure = np.convolve(rng.random(90) < 0.08, [1, 1, 1], "same") > 0
        strata = np.repeat([0, 1, 2], 30)
        rejected += circular_shift_test(outcome, exposure, strata).p_value <= 0.05
    assert rejected / 400 <= 0.065


def test_series_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        circular_shift_test(np.zeros(3, bool), np.zeros(4, bool), np.zeros(3, np.intp))
