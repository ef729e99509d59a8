"""What a test rests on: dates, however many places see them, and none of them alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from darkdays.correlate.crossover.dates import dates_followed, separate_dates, without_one
from darkdays.correlate.crossover.primary import primary_analysis, primary_test
from darkdays.correlate.exposure import nearness_of_days
from darkdays.correlate.shifts.design import ShiftDesign

DESIGN = ShiftDesign(pd.date_range("2021-01-01", periods=120))
PROTESTS = [5, 25, 40, 55, 70, 85, 100]


def study(onsets, places=6):
    """Return onsets that every place saw, and how near each day is to a protest."""
    begun, protests = np.zeros((2, places, 120), bool)
    begun[:, onsets], protests[:, PROTESTS] = True, True
    return begun, nearness_of_days(protests, days_after=2)


def test_a_day_and_the_next_are_one_date_and_no_more():
    onsets = np.zeros((2, 9), bool)
    onsets[0, [0, 4, 5, 6]] = onsets[1, [1, 5]] = True
    assert separate_dates(onsets).tolist() == [1, 1, 0, 0, 2, 2, 3, 0, 0]


@pytest.mark.parametrize("places", [1, 6])
def test_two_dates_decide_nothing_however_many_places_saw_them(places):
    onsets, near = study([5, 70], places)
    assert primary_test(onsets, near, DESIGN)[0].p_value < 0.02
    assert "too few" in primary_analysis(onsets, near, DESIGN).inconclusive


@pytest.mark.parametrize(
    ("days", "holds"),
    [([5, 40, 70], False), ([5, 40, 70, 100], True), ([25, 60, 90, 95, 100], False)],
)
def test_of_few_dates_none_decides_alone(days, holds):
    onsets, near = study(days)
    whole, _ = primary_test(onsets, near, DESIGN)
    more, _ = without_one(onsets, near, whole, lambda one: primary_test(one, near, DESIGN)[0], 0.05)
    assert (more <= 0.05) is holds
    assert more >= whole.p_value


def test_of_many_dates_all_are_counted():
    onsets, near = study(PROTESTS)
    whole, _ = primary_test(onsets, near, DESIGN)
    assert without_one(onsets, near, whole, lambda _: None, 0.05) == (whole.p_value, whole.p_fewer)


def test_few_protests_that_are_followed_decide_nothing_however_many_outages_there_are():
    days = np.arange(120) % 4 == 1
    protests = np.zeros((1, 120), bool)
    protests[0, [5, 49, 93]] = True
    onsets, near = days[None, :], nearness_of_days(protests, days_after=0)
    whole, _ = primary_test(onsets, near, DESIGN)
    assert dates_followed(onsets, near).max() == 3
    tested = partial(primary_test, nearness=near, design=DESIGN)
    more, _ = without_one(
        onsets, near, replace(whole, p_value=0.01), lambda one: tested(one)[0], 0.05
    )
    assert more == 1.0


def test_an_onset_is_of_the_date_of_the_event_before_it():
    onsets = np.ones((2, 8), int)
    near = np.array([[1, 0, 3, 2, 1, 0, 3, 2], [0, 0, 0, 3, 2, 1, 0, 0]])
    found = [[1, 0, 2, 2, 2, 0, 3, 3], [0, 0, 0, 2, 2, 2, 0, 0]]
    assert dates_followed(onsets, near).tolist() == found
