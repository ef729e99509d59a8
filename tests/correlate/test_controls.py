"""Controls, ranks and differences: smallest attainable p-values, and answers that must be no."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.correlate.differences import difference_in_differences
from darkdays.correlate.multiplicity import adjust
from darkdays.correlate.shifts.controls import (
    placebo_dates,
    placebo_places,
    placebo_windows,
    rank_among,
)
from darkdays.errors import InputError

effects = st.floats(-5, 5)


@given(effects, st.lists(effects, min_size=1, max_size=40))
def test_a_rank_counts_the_case_among_its_placebos(value, placebos):
    found = rank_among(value, {str(number): one for number, one in enumerate(placebos)})
    everyone = [value, *placebos]
    assert found.p_value == pytest.approx(np.mean([one >= value for one in everyone]))
    assert found.smallest_p == pytest.approx(1 / len(everyone))
    assert found.p_value >= found.smallest_p - 1e-12


def test_one_province_of_31_cannot_get_below_one_in_31():
    provinces = {f"province {number}": 0.01 * number for number in range(30)}
    found = placebo_places({"khuzestan": 9.0, **provinces}, "khuzestan")
    assert found.p_value == found.smallest_p == pytest.approx(1 / 31)
    with pytest.raises(InputError, match="no effect of 'kerman'"):
        placebo_places(provinces, "kerman")


def test_what_could_not_be_estimated_is_left_out_and_never_a_no():
    found = rank_among(1.0, {"a": None, "b": float("nan"), "c": 0.5})
    assert (found.p_value, found.placebos) == (0.5, {"c": 0.5})
    assert rank_among(None, {"a": 1.0}).p_value is None
    assert "not known" in rank_among(None, {"a": 1.0}).reason
    assert "no placebo" in rank_among(1.0, {}).reason


@given(st.integers(1, 60), st.integers(0, 59), st.integers(1, 20))
def test_placebo_windows_overlap_nothing(days, start, length):
    if start + length > days:
        with pytest.raises(InputError, match="not inside a record"):
            placebo_windows(days, start, length)
        return
    windows = placebo_windows(days, start, length)
    touched = np.zeros(days, dtype=int)
    touched[start : start + length] += 1
    for first, last in windows:
        assert last - first == length
        assert first >= 0
        assert last <= days
        touched[first:last] += 1
    assert touched.max() <= 1
    assert windows == sorted(windows)


def test_placebo_dates_rank_the_window_of_the_case():
    fall = np.zeros(70)
    fall[30:37] = 1.0
    found = placebo_dates(lambda first, last: float(fall[first:last].mean()), 70, 30, 7)
    assert len(found.placebos) == 8
    assert found.p_value == pytest.approx(1 / 9)
    later = placebo_dates(lambda first, last: float(fall[first:last].mean()), 70, 50, 7)
    assert later.p_value > 0.2, "most windows are as quiet as this one"


def panel(seed, *, places=12, treated=1, effect=-0.5):
    rng = np.random.default_rng(seed)
    season = np.sin(np.arange(40) / 6)
    values = 1 + 0.1 * season + 0.02 * rng.normal(size=(places, 40))
    values[:treated, 25:] += effect
    return values, np.arange(places) < treated, rng


def test_a_fall_of_one_place_is_told_from_what_falls_everywhere():
    values, treated, rng = panel(1)
    found = difference_in_differences(values - np.linspace(0, 1, 40), treated, 25, rng=rng)
    assert found.effect == pytest.approx(-0.5, abs=0.05)
    assert found.p_value == found.smallest_p == pytest.approx(1 / 12)
    assert found.before_effect == pytest.approx(0, abs=0.05)
    assert found.before_p > 0.05
    assert found.donors == 11


@pytest.mark.parametrize(
    ("treated", "smallest"), [(1, 1 / 12), (3, 1 / comb(12, 3)), (6, 1 / comb(12, 6))]
)
def test_the_smallest_p_value_is_stated_and_attained(treated, smallest):
    values, flags, rng = panel(2, treated=treated)
    found = difference_in_differences(values, flags, 25, rng=rng)
    assert found.smallest_p == pytest.approx(smallest)
    assert found.p_value == pytest.approx(smallest)


def test_places_that_drift_apart_before_are_told_whichever_way_they_go():
    values, flags, rng = panel(2, treated=6, effect=0.0)
    values[flags, :12] += 0.5
    found = difference_in_differences(values, flags, 25, rng=rng)
    assert found.before_effect == pytest.approx(-0.5, abs=0.05)
    assert found.before_p == pytest.approx(2 / comb(12, 6))


def test_many_assignments_are_drawn():
    values, flags, rng = panel(2, places=30, treated=10)
    found = difference_in_differences(values, flags, 25, draws=499, rng=rng)
    assert found.p_value == found.smallest_p == 1 / 500


def test_nothing_is_found_where_nothing_happened():
    rejected = 0
    for seed in range(200):
        values, flags, rng = panel(seed, places=20, effect=0.0)
        rejected += difference_in_differences(values, flags, 25, rng=rng).p_value <= 0.05
    assert rejected <= 20


def test_a_national_event_shows_in_its_donors():
    values, flags, rng = panel(3)
    values[:, 25:] -= 0.5
    found = difference_in_differences(values, flags, 25, rng=rng)
    assert found.donors_alike == 11
    alone = difference_in_differences(panel(3)[0], flags, 25, rng=rng)
    assert alone.donors_alike == 0


def test_places_without_values_are_left_out_and_none_left_is_said():
    values, flags, rng = panel(1)
    values[3, :25] = np.nan
    values[4, 30] = np.nan
    found = difference_in_differences(values, flags, 25, rng=rng)
    assert (found.left_out, found.donors) == (1, 10)
    values[0] = np.nan
    lost = difference_in_differences(values, flags, 25, rng=rng)
    assert lost.effect is None
    assert "no treated place" in lost.reason
    assert "no donor" in difference_in_differences(values[1:], ~flags[1:], 25, rng=rng).reason
    with pytest.raises(InputError, match="nothing before"):
        difference_in_differences(values, flags, 0, rng=rng)


def test_a_family_keeps_the_size_it_was_declared_with():
    family = adjust({"a": 0.01, "b": None}, ["a", "b", "c"])
    assert family.size == 3
    assert family.adjusted == {"a": pytest.approx(0.03), "b": None, "c": None}


@pytest.mark.parametrize(
    ("p_values", "declared", "options", "sentence"),
    [
        ({"z": 0.1}, ["a"], {}, "'z' was not declared"),
        ({"a": 1.2}, ["a"], {}, "between 0 and 1"),
        ({"a": 0.2}, ["a", "a"], {}, "once"),
        ({}, [], {}, "at least one"),
        ({"a": 0.2}, ["a"], {"method": "bonferroni"}, "bh or by"),
    ],
)
def test_a_family_that_was_not_declared_is_refused(p_values, declared, options, sentence):
    with pytest.raises(InputError, match=sentence):
        adjust(p_values, declared, **options)
