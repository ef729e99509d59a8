"""Exact segmentation against brute force over every possible cut."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.detect.segmentation.segment import BOUND, optimal_partition
from darkdays.errors import InputError


def l2_cost(part):
    return ((part - part.mean()) ** 2).sum()


def biweight_cost(part):
    """The least sum of bounded squares: between its kinks it is a parabola."""
    kinks = np.sort(np.concatenate([part - BOUND, part + BOUND]))
    best = part.size * BOUND**2
    for middle in (kinks[:-1] + kinks[1:]) / 2:
        near = part[np.abs(part - middle) < BOUND]
        if near.size:
            best = min(best, np.minimum((part - near.mean()) ** 2, BOUND**2).sum())
    return best


COSTS = {"l2": l2_cost, "biweight": biweight_cost}


def cost_of(values, changes, penalty, loss="l2"):
    parts = np.split(values, list(changes))
    return sum(COSTS[loss](part) for part in parts) + penalty * len(changes)


def cheapest(values, penalty, loss):
    every = (
        changes
        for count in range(values.size)
        for changes in combinations(range(1, values.size), count)
    )
    return min(cost_of(values, changes, penalty, loss) for changes in every)


def by_dynamic_programming(values, penalty):
    """Optimal partitioning written down plainly: quadratic, and no pruning to get wrong."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    squares = np.concatenate([[0.0], np.cumsum(values**2)])
    best = np.zeros(values.size + 1)
    best[0] = -penalty
    for end in range(1, values.size + 1):
        starts = np.arange(end)
        spread = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / (end - starts)
        best[end] = (best[starts] + spread).min() + penalty
    return best[-1]


small_series = st.lists(st.integers(-20, 20), min_size=2, max_size=8).map(
    lambda numbers: np.array(numbers, dtype=float)
)


@pytest.mark.parametrize("loss", COSTS)
@given(values=small_series, penalty=st.floats(0.5, 50))
def test_no_other_cut_is_cheaper(loss, values, penalty):
    found = optimal_partition(values, penalty=penalty, loss=loss)
    ours = cost_of(values, found, penalty, loss)
    assert np.isclose(ours, cheapest(values, penalty, loss), atol=1e-8)


@given(st.integers(0, 2**32), st.sampled_from(["normal", "walk", "steps", "whole", "ramp"]))
def test_no_cut_of_a_longer_series_is_cheaper(seed, kind):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=300)
    if kind == "walk":
        values = np.cumsum(values)
    elif kind == "steps":
        values += np.repeat(rng.normal(0, 30, 20), 15)
    elif kind == "whole":
        values = np.round(values)
    elif kind == "ramp":
        values += np.linspace(0, 500, 300)
    found = optimal_partition(values, penalty=8.0)
    centred = values - values.mean()
    assert np.isclose(cost_of(centred, found, 8.0), by_dynamic_programming(centred, 8.0))


@given(small_series, st.integers(-1000, 1000))
def test_adding_a_constant_changes_nothing(values, constant):
    assert optimal_partition(values + constant).tolist() == optimal_partition(values).tolist()


def test_an_envelope_that_outgrows_its_room_stays_exact():
    rng = np.random.default_rng(2)
    values = np.cumsum(rng.standard_t(1.5, size=4000))
    found = optimal_partition(values, penalty=0.3)
    centred = values - values.mean()
    assert np.isclose(cost_of(centred, found, 0.3), by_dynamic_programming(centred, 0.3))
    assert optimal_partition(np.exp(np.linspace(0, 20, 3000)), loss="biweight").size > 100


@pytest.mark.parametrize("loss", COSTS)
def test_known_levels_are_cut_where_they_change(loss):
    values = np.repeat([0.0, 10.0, -5.0, 0.0], [50, 4, 70, 30])
    assert optimal_partition(values, loss=loss).tolist() == [50, 54, 124]


def test_a_burst_is_a_segment_to_squares_and_none_to_a_bounded_loss():
    values = np.zeros(300)
    values[100:102] = 1e6
    assert optimal_partition(values).tolist() == [100, 102]
    assert optimal_partition(values, loss="biweight").size == 0


@pytest.mark.parametrize("loss", COSTS)
def test_a_constant_is_not_cut(loss):
    assert optimal_partition(np.full(500, 3.0), loss=loss).size == 0
    assert optimal_partition(np.array([1.0]), loss=loss).size == 0
    assert optimal_partition([], loss=loss).size == 0


@pytest.mark.parametrize(
    ("values", "options", "why"),
    [
        ([1.0, np.nan, 2.0], {}, "missing or infinite"),
        ([[1.0, 2.0]], {}, "2 dimensions"),
        ([1.0, 2.0], {"penalty": 0.0}, "not a price"),
        ([1.0, 2.0], {"penalty": np.nan}, "not a price"),
        ([1.0, 2.0], {"loss": "huber"}, "use l2 or biweight"),
    ],
)
def test_input_that_cannot_be_used_is_refused(values, options, why):
    with pytest.raises(InputError, match=why):
        optimal_partition(values, **options)
