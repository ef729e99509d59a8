"""The primary analysis: what it puts together, and when it says that it cannot tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.correlate.crossover.detectable import minimum_detectable_ratio
from darkdays.correlate.crossover.primary import primary_analysis, primary_test
from darkdays.correlate.crossover.stratified import e_value
from darkdays.correlate.exposure import days_around, nearness_of_days
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import time_strata
from simulated_protests import DRIVEN, FRIDAYS, NULLS, raised, simulate

DAYS = pd.date_range("2021-01-01", periods=200)


def analysed(onsets, protests, days=DAYS, **options):
    near = nearness_of_days(protests, days_after=2)
    return primary_analysis(onsets, near, ShiftDesign(days), **options)


def shift_test(onsets, protests, days=DAYS, *, weekly=False, drivers=None):
    near = nearness_of_days(protests, days_after=2)
    return primary_test(onsets, near, ShiftDesign(days, weekly), drivers)[0]


def study(seed, *, places=4, ratio=8.0):
    rng = np.random.default_rng(seed)
    protests = rng.random((places, 200)) < 0.04
    exposed = days_around(protests, days_after=2)
    onsets = rng.random((places, 200)) < 0.015 * np.where(exposed, ratio, 1)
    return onsets, protests, exposed


def test_an_association_is_found_with_everything_beside_it():
    onsets, protests, exposed = study(1)
    found = analysed(onsets, protests, width="month")
    assert found.shifts == circular_shift_test(
        onsets,
        exposed,
        time_strata(DAYS, "month"),
        nearness=nearness_of_days(protests, days_after=2),
    )
    assert found.shifts.p_value < 0.01
    assert found.weekly.p_value < 0.05
    assert found.crossover.exposed_onsets == found.shifts.coincidences
    assert found.crossover.best.low > 2
    assert found.e_value == pytest.approx(e_value(found.crossover.best.value))
    assert found.e_value_of_limit < found.e_value
    assert 1 < minimum_detectable_ratio(found.shifts.chances).ratio < 8
    assert found.inconclusive == ""


def test_exchanged_series_are_the_other_direction():
    onsets, protests, _ = study(2)
    there = analysed(onsets, protests)
    back = analysed(protests, onsets)
    assert there.crossover.onsets == onsets.sum()
    assert back.crossover.onsets == protests.sum()
    assert there.shifts.p_value != back.shifts.p_value


def test_few_episodes_cannot_tell_and_the_sentence_says_why():
    onsets, protests = np.zeros((1, 20), dtype=bool), np.zeros((1, 20), dtype=bool)
    onsets[0, 8] = protests[0, 8] = True
    found = analysed(onsets, protests, DAYS[:20])
    assert found.shifts.p_value == pytest.approx(1 / 20)
    assert "1 onset in 20 days: too few" in found.inconclusive
    protests[0, [2, 12]] = onsets[0, [2, 12, 17]] = True
    found = analysed(onsets, protests, DAYS[:20])
    assert found.shifts.smallest_p == pytest.approx(1 / 20)
    assert found.inconclusive == ""
    stricter = analysed(onsets, protests, DAYS[:20], level=0.99)
    assert "4 onsets in 20 days cannot tell" in stricter.inconclusive
    onsets[:] = False
    assert "no onset" in analysed(onsets, protests, DAYS[:20]).inconclusive
    assert "no day" in analysed(protests, onsets, DAYS[:20]).inconclusive
    always = analysed(protests, ~onsets, DAYS[:20])
    assert "every day" in always.inconclusive


def test_a_short_record_has_no_weekly_test():
    onsets, protests, _ = study(3)
    found = analysed(onsets[:, :13], protests[:, :13], DAYS[:13])
    assert found.weekly is None
    assert analysed(onsets[:, :15], protests[:, :15], DAYS[:15]).weekly.shifts == 2


def test_a_driver_is_accounted_for_or_the_test_withheld():
    record = simulate(DRIVEN, np.random.default_rng(4))
    onsets, protests, driver = record.onsets[None], record.protests[None], record.driver[None]
    without = analysed(onsets, protests, record.days)
    given = analysed(onsets, protests, record.days, drivers=driver)
    assert given.driver.ratios[0].value > 1.5
    assert given.shifts.p_value > without.shifts.p_value
    assert given.crossover.poisson.value < without.crossover.poisson.value
    tell_tale = np.where(onsets, 5.0, 0.0)
    withheld = analysed(onsets, protests, record.days, drivers=tell_tale)
    assert withheld.shifts is None
    assert withheld.weekly is None
    assert "driver cannot be accounted for" in withheld.inconclusive
    two = np.stack([driver, np.roll(driver, 3, axis=1)], axis=-1)
    assert len(analysed(onsets, protests, record.days, drivers=two).driver.ratios) == 2


@pytest.mark.parametrize("local", [False, True])
def test_national_protests_and_outages_count_once_whatever_one_place_has_besides(local):
    rng = np.random.default_rng(7)
    protests = np.tile(rng.random(200) < 0.04, (10, 1))
    onsets = np.tile(rng.random(200) < 0.03, (10, 1))
    one, many = shift_test(onsets[:1], protests[:1]), shift_test(onsets, protests)
    assert many.p_value == pytest.approx(one.p_value)
    protests[0, 100] |= local
    assert shift_test(onsets, protests).p_value == pytest.approx(one.p_value, rel=0.5)
    assert shift_test(onsets, protests).shifts == one.shifts


@pytest.mark.parametrize(
    ("truth", "weekly", "limit"),
    [(NULLS[1], False, 0.055), (DRIVEN, False, 0.06), (FRIDAYS, True, 0.055)],
    ids=["bursty", "driver", "fridays"],
)
def test_the_test_holds_its_level(truth, weekly, limit):
    rejected = 0
    for number in range(150):
        record = simulate(truth, np.random.default_rng([6, number]))
        test = shift_test(
            record.onsets[None],
            record.protests[None],
            record.days,
            drivers=record.driver[None] if record.driver.any() else None,
            weekly=weekly,
        )
        rejected += test is not None and test.p_value <= 0.05
    assert rejected <= limit * 150


def test_the_test_notices():
    found = 0
    for number in range(60):
        record = simulate(raised(9), np.random.default_rng([6, number]))
        test = shift_test(record.onsets[None], record.protests[None], record.days)
        found += test.p_value <= 0.05
    assert found >= 0.7 * 60


def test_shapes_must_agree():
    onsets, protests, _ = study(1)
    with pytest.raises(ValueError, match="row a place"):
        analysed(onsets, protests[:2])
    with pytest.raises(ValueError, match="row a place"):
        analysed(onsets, protests, DAYS[:5])
