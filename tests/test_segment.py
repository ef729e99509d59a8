"""Exact segmentation against brute force over every possible cut."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from darkdays.detect.segment import optimal_partition


def cost_of(values, changes, penalty):
    parts = np.split(values, list(changes))
    return sum(((part - part.mean()) ** 2).sum() for part in parts) + penalty * len(changes)


def cheapest(values, penalty):
    every = (
        changes
        for count in range(values.size)
        for changes in combinations(range(1, values.size), count)
    )
    return min(cost_of(values, changes, penalty) for changes in every)


small_series = st.lists(st.integers(-20, 20), min_size=2, max_size=9).map(
    lambda numbers: np.array(numbers, dtype=float)
)


@given(small_series, st.floats(0.5, 50))
def test_no_other_cut_is_cheaper(values, penalty):
    found = optimal_partition(values, penalty=penalty)
    assert np.isclose(cost_of(values, found, penalty), cheapest(values, penalty), atol=1e-8)


@given(small_series, st.integers(-1000, 1000))
def test_adding_a_constant_changes_nothing(values, constant):
    assert optimal_partition(values + constant).tolist() == optimal_partition(values).tolist()


def test_known_levels_are_cut_where_they_change():
    values = np.repeat([0.0, 10.0, -5.0, 0.0], [50, 2, 70, 30])
    assert optimal_partition(values).tolist() == [50, 52, 122]


def test_a_constant_is_not_cut():
    assert optimal_partition(np.full(500, 3.0)).size == 0
    assert optimal_partition(np.array([1.0])).size == 0
