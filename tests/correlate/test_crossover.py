"""The case-crossover: agreement between its estimates, and answers where there is no estimate."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.correlate.crossover.conditional import fit_conditional
from darkdays.correlate.crossover.crossover import case_crossover
from darkdays.correlate.crossover.detectable import minimum_detectable_ratio
from darkdays.correlate.crossover.exact import exact_ratio, exposed_onsets
from darkdays.correlate.crossover.mantel_haenszel import rate_ratio
from darkdays.correlate.crossover.stratified import (
    Ratio,
    count_by_stratum,
    e_value,
    e_value_of_limit,
)
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import strata_of_places, time_strata
from darkdays.errors import InputError
from examples import examples


def made_up(seed, *, strata=6, days=20, rate=0.15, ratio=4.0, share=0.3):
    """Flags of onsets and exposure in strata of one length."""
    rng = np.random.default_rng(seed)
    exposed = rng.random(strata * days) < share
    onsets = rng.random(strata * days) < rate * np.where(exposed, ratio, 1)
    return onsets, exposed, np.repeat(np.arange(strata), days)


@given(st.integers(0, 200))
@settings(max_examples=examples(30))
def test_fitted_models_agree_with_exact_conditional_estimates(seed):
    onsets, exposed, strata = made_up(seed, rate=0.1)
    found = case_crossover(onsets, exposed, strata)
    exact = exact_ratio(count_by_stratum(onsets, exposed, strata), "odds")
    if found.logit.value is not None:
        assert found.logit.value == pytest.approx(exact.value, rel=1e-4)
    if found.poisson.value is not None:
        assert found.poisson.value == pytest.approx(found.exact.value, rel=1e-4)
        assert found.exact.low <= found.poisson.value <= found.exact.high


@given(st.integers(0, 200))
@settings(max_examples=examples(20))
def test_the_poisson_model_is_that_with_a_parameter_a_stratum(seed):
    onsets, exposed, strata = made_up(seed, rate=0.3, strata=4)
    covariate = np.random.default_rng(seed).normal(size=onsets.size)
    columns = np.column_stack([exposed, covariate]).astype(float)
    ours = fit_conditional("poisson", onsets, columns, strata)
    dummies = (strata[:, None] == np.arange(4)).astype(float)
    theirs = sm.GLM(
        onsets.astype(float), np.column_stack([columns, dummies]), family=sm.families.Poisson()
    ).fit(tol=1e-12)
    assert ours.reason == ""
    assert ours.coefficients == pytest.approx(theirs.params[:2], abs=1e-5)
    assert ours.errors == pytest.approx(theirs.bse[:2], rel=1e-3)


def test_strata_whose_days_all_have_an_onset_speak_for_a_ratio_of_one():
    # Every Friday of two months has an onset: statsmodels alone would leave these strata out.
    onsets = np.array([1, 1, 1, 1, 1, 0, 0, 0, 1, 0])
    exposed = np.array([1, 1, 0, 0, 1, 0, 0, 0, 0, 1]).astype(bool)
    strata = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    found = case_crossover(onsets, exposed, strata)
    assert found.poisson.value == pytest.approx(found.exact.value, rel=1e-5)
    without = case_crossover(onsets[4:], exposed[4:], strata[4:])
    assert found.poisson.value < without.poisson.value


@given(st.integers(0, 300), st.integers(2, 4), st.integers(2, 5))
@settings(max_examples=examples(40))
def test_exact_chances_are_those_of_counting_every_arrangement(seed, strata, days):
    onsets, exposed, labels = made_up(seed, strata=strata, days=days, rate=0.4, ratio=1.0)
    counts = count_by_stratum(onsets, exposed, labels)
    if counts.missing():
        return
    numbers = np.ones(1)
    for stratum in range(strata):
        inside = labels == stratum
        arrangements = list(combinations(range(days), int(onsets[inside].sum())))
        on_exposed = [sum(exposed[inside][list(one)]) for one in arrangements]
        share = np.bincount(on_exposed, minlength=days + 1) / len(arrangements)
        numbers = np.convolve(numbers, share)
    observed = int((onsets & exposed).sum())
    assert exposed_onsets(counts, "odds").p_more() == pytest.approx(numbers[observed:].sum())


@given(st.integers(0, 300))
@settings(max_examples=examples(40))
def test_leaving_out_strata_that_say_nothing_changes_nothing(seed):
    onsets, exposed, strata = made_up(seed, rate=0.05)
    quiet = np.zeros(20, dtype=bool)
    found = count_by_stratum(onsets, exposed, strata)
    more = count_by_stratum(
        np.concatenate([onsets, quiet]),
        np.concatenate([exposed, ~quiet]),
        np.concatenate([strata, np.full(20, 99)]),
    )
    assert rate_ratio(more) == rate_ratio(found)
    assert exact_ratio(more, "rate") == exact_ratio(found, "rate")


@given(st.integers(0, 300))
@settings(max_examples=examples(40))
def test_exchanging_exposed_and_other_days_turns_the_ratio_over(seed):
    onsets, exposed, strata = made_up(seed)
    one = rate_ratio(count_by_stratum(onsets, exposed, strata))
    other = rate_ratio(count_by_stratum(onsets, ~exposed, strata))
    assert one.value == pytest.approx(1 / other.value)
    assert one.low == pytest.approx(1 / other.high)


EXPOSED = np.tile([True, True, False, False, False, False], 4)
STRATA = np.repeat(np.arange(4), 6)
FIRST = np.tile([True, False, False, False, False, False], 4)
LAST = np.tile([False, False, False, False, False, True], 4)
NONE = np.zeros(24, dtype=bool)


@pytest.mark.parametrize(
    ("onsets", "exposed", "reason"),
    [
        (NONE, EXPOSED, "no onset"),
        (FIRST, NONE, "no day is exposed"),
        (FIRST, ~NONE, "every day is exposed"),
        (FIRST, STRATA < 2, "no stratum has an onset and both"),
    ],
)
def test_where_nothing_can_be_compared_every_estimate_says_why(onsets, exposed, reason):
    found = case_crossover(onsets, exposed, STRATA)
    assert reason in found.reason
    for ratio in (found.mantel_haenszel, found.poisson, found.logit, found.exact):
        assert (ratio.value, ratio.p_value) == (None, None)
        assert reason in ratio.reason


def test_all_onsets_on_exposed_days_leave_a_lower_limit_only():
    found = case_crossover(FIRST, EXPOSED, STRATA)
    assert found.mantel_haenszel.value is None
    assert "unexposed" in found.mantel_haenszel.reason
    assert found.poisson.reason
    assert found.logit.reason
    assert found.exact.value is None
    assert found.exact.high is None
    assert found.exact.low == pytest.approx(found.best.low)
    # Four of four on 2 days of 6: the limit solves (2 r / (2 r + 4)) ** 4 = 0.025.
    share = 0.025**0.25
    assert found.exact.low == pytest.approx(2 * share / (1 - share), rel=1e-6)


def test_no_onset_on_an_exposed_day_leaves_an_upper_limit_only():
    found = case_crossover(LAST, EXPOSED, STRATA)
    assert found.mantel_haenszel.value == 0
    assert (found.exact.value, found.exact.low) == (0.0, 0.0)
    share = 1 - 0.025**0.25
    assert found.exact.high == pytest.approx(2 * share / (1 - share), rel=1e-6)


def test_a_covariate_that_separates_is_told_and_not_warned_of():
    onsets, exposed, strata = made_up(3)
    found = case_crossover(onsets, exposed, strata, covariates=onsets.astype(float)[:, None])
    assert "no maximum" in found.poisson.reason
    assert "no maximum" in found.logit.reason
    assert found.mantel_haenszel.value is not None


def test_a_covariate_that_is_the_exposure_is_told():
    onsets, exposed, strata = made_up(3)
    found = case_crossover(onsets, exposed, strata, covariates=2.0 * exposed[:, None])
    assert "collinear" in found.poisson.reason


def test_a_measured_confounder_is_taken_out():
    rng = np.random.default_rng(2)
    heat = rng.normal(size=2000)
    exposed = rng.random(2000) < 1 / (1 + np.exp(2 - 1.5 * heat))
    onsets = rng.random(2000) < np.minimum(0.02 * np.exp(1.2 * heat), 1)
    strata = np.arange(2000) // 50
    found = case_crossover(onsets, exposed, strata, covariates=heat[:, None])
    assert found.mantel_haenszel.low > 1, "heat alone makes them go together"
    assert found.poisson.low < 1 < found.poisson.high


def test_a_stratum_too_wide_for_the_conditional_logit_is_told():
    rng = np.random.default_rng(1)
    onsets, exposed = rng.random(900) < 0.05, rng.random(900) < 0.3
    found = case_crossover(onsets, exposed, np.zeros(900, dtype=np.intp))
    assert "narrower strata" in found.logit.reason
    assert found.poisson.value is not None


def test_places_and_days_may_be_a_table():
    onsets, exposed, _ = made_up(4)
    months = time_strata(pd.date_range("2021-01-01", periods=60), "month")
    strata = strata_of_places(months, 2)
    assert strata.shape == (2, 60)
    assert set(strata[0]).isdisjoint(strata[1])
    table = case_crossover(onsets.reshape(2, 60), exposed.reshape(2, 60), strata)
    stacked = case_crossover(onsets, exposed, strata.ravel())
    assert table == stacked


def test_several_onsets_a_day_count_as_several():
    onsets, exposed, strata = made_up(5)
    twice = case_crossover(2 * onsets.astype(np.int64), exposed, strata)
    once = case_crossover(onsets, exposed, strata)
    assert twice.onsets == 2 * once.onsets
    assert twice.mantel_haenszel.value == pytest.approx(once.mantel_haenszel.value)
    assert twice.logit == once.logit, "a day has an onset or not"


@pytest.mark.parametrize(
    ("width", "strata"),
    [("weekday-in-month", 7 * 2), ("month", 2), ("quarter", 1), ("year", 1), ("record", 1),
     (14, 5), (28, 3)],
)  # fmt: skip
def test_strata_are_as_wide_as_asked(width, strata):
    days = pd.date_range("2021-01-01", "2021-02-28")
    labels = time_strata(days, width)
    assert labels.max() + 1 == strata
    if width == "weekday-in-month":
        assert set(days[labels == labels[0]].day_of_week) == {4}, "1 January 2021 was a Friday"
        assert set(days[labels == labels[0]].month) == {1}


@pytest.mark.parametrize("width", ["fortnight", 0, True, -3])
def test_an_unknown_width_is_refused(width):
    with pytest.raises(InputError, match="stratum width"):
        time_strata(pd.date_range("2021-01-01", periods=3), width)


def test_the_e_value_of_an_interval_is_that_of_its_near_limit():
    assert e_value_of_limit(Ratio(5.0, 2.13, 9.0)) == pytest.approx(e_value(2.13))
    assert e_value_of_limit(Ratio(0.2, 0.1, 0.5)) == pytest.approx(e_value(2.0))
    assert e_value_of_limit(Ratio(1.5, 0.9, 2.0)) == 1.0
    assert e_value_of_limit(Ratio(None, 3.0, None)) == pytest.approx(e_value(3.0))
    assert e_value_of_limit(Ratio(None)) is None


def test_the_detectable_ratio_is_found_with_the_stated_power():
    rng = np.random.default_rng(8)
    exposed, strata = np.tile(np.arange(30) < 6, 40), np.repeat(np.arange(40), 30)
    onsets = np.zeros(1200, dtype=bool)
    onsets[np.arange(40) * 30 + 20] = True
    null = exposed_onsets(count_by_stratum(onsets, exposed, strata), "rate")
    found = minimum_detectable_ratio(null.chances)
    share = 6 * found.ratio / (6 * found.ratio + 24)
    drawn = rng.binomial(40, share, size=40_000)
    rejecting = next(k for k in range(41) if null.chances[k:].sum() <= 0.05)
    assert (drawn >= rejecting).mean() == pytest.approx(0.8, abs=0.01)


def test_a_record_too_small_to_find_anything_says_so():
    onsets, exposed = np.array([1, 0, 0, 0, 0]), np.array([1, 0, 0, 0, 0]).astype(bool)
    test = circular_shift_test(onsets, exposed, np.zeros(5, dtype=np.intp))
    found = minimum_detectable_ratio(test.chances)
    assert found.ratio is None
    assert "0.2" in found.reason


def test_shapes_must_agree():
    flags = np.zeros(4, dtype=bool)
    with pytest.raises(ValueError, match="one shape"):
        case_crossover(flags, flags[:3], np.zeros(4, dtype=np.intp))
    with pytest.raises(ValueError, match="negative"):
        case_crossover(np.array([-1, 0]), flags[:2], np.zeros(2, dtype=np.intp))
    with pytest.raises(ValueError, match="covariates"):
        case_crossover(flags, flags, np.zeros(4, dtype=np.intp), covariates=np.zeros((3, 1)))
