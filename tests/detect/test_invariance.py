"""What may not matter to a change: when it was, in which direction time runs, who stands beside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.detect import change_points

START = pd.Timestamp("2019-11-01", tz="UTC")


def steps(seed, *places, n=240):
    """Noise with a step at each place."""
    values = np.random.default_rng(seed).normal(100.0, 1.0, n)
    for number, place in enumerate(places):
        values[place:] += 12.0 * (-1) ** number
    return values


def hourly(n, start=START):
    return pd.date_range(start, periods=n, freq="1h")


@pytest.mark.parametrize("weeks", [-400, 1, 52])
def test_a_change_moves_with_its_record(weeks):
    values, shift = steps(1, 80, 150), pd.Timedelta(7 * weeks, "D")
    here = change_points(values, times=hourly(values.size), period="none")
    there = change_points(values, times=hourly(values.size, START + shift), period="none")
    assert len(here) == 2
    assert list(there.times) == [one + shift for one in here.times]
    assert np.array_equal(here.p_values, there.p_values)


@pytest.mark.parametrize("seed", range(3))
def test_backwards_the_same_changes_are_found_from_the_other_side(seed):
    values = steps(seed, 80, 150)
    forth = change_points(values, period="none")
    back = change_points(values[::-1], period="none")
    assert sorted(values.size - back.index) == sorted(forth.index)
    assert np.allclose(back.levels[::-1], forth.levels)


@pytest.mark.parametrize("factor", [1e-6, -1.0, 1e6])
def test_neither_unit_nor_sign_matters_to_where_a_change_is(factor):
    values = steps(2, 80, 150)
    plain = change_points(values, period="none")
    other = change_points(values * factor, period="none")
    assert list(other.index) == list(plain.index)
    assert np.allclose(other.levels, plain.levels * factor)


def test_the_same_record_twice_says_the_same():
    values = steps(3, 120)
    one, other = (change_points(values, period="none") for _ in range(2))
    assert np.array_equal(one.p_values, other.p_values)
    assert np.array_equal(one.intervals, other.intervals)
