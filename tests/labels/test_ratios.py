"""Rate ratios against golden values and another implementation, and what they must never do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.contingency_tables import StratifiedTable

from darkdays.correlate.crossover.stratified import count_by_stratum
from darkdays.labels.ratios import bootstrapped, crude, mantel_haenszel

PROTESTS = [5, 14, 15, 33, 52, 53, 54, 71, 90, 110]
OUTAGES = [6, 16, 40, 53, 56, 72, 99, 111]


def golden():
    """120 days in four strata of 30, exposed on the day of a protest and the two after it."""
    onsets, exposed = np.zeros(120, bool), np.zeros(120, bool)
    onsets[OUTAGES] = True
    for day in PROTESTS:
        exposed[day : day + 3] = True
    return count_by_stratum(onsets, exposed, np.arange(120) // 30)


def test_golden_values_of_the_example():
    table = golden()
    assert (table.exposed_onsets.sum(), table.exposed_days.sum()) == (6, 24)
    assert crude(table, 0.95).value == pytest.approx(12)
    assert mantel_haenszel(table, 0.95).value == pytest.approx(10.071429, abs=5e-7)


@given(arrays(bool, 90), arrays(bool, 90, elements=st.booleans()), st.integers(1, 6))
def test_the_pooled_ratio_is_that_of_statsmodels(onsets, exposed, strata):
    inside = np.arange(90) % strata
    table = count_by_stratum(onsets, exposed, inside)
    ours = mantel_haenszel(table, 0.95)
    tables = np.array(
        [
            [[a, n1 - a], [b, n0 - b]]
            for a, n1, b, n0 in zip(
                table.exposed_onsets,
                table.exposed_days,
                table.other_onsets,
                table.other_days,
                strict=True,
            )
        ]
    )
    if math.isnan(ours.value):
        return
    theirs = StratifiedTable(list(tables)).riskratio_pooled
    assert ours.value == pytest.approx(theirs)
    assert ours.low <= ours.value <= ours.high


@given(arrays(bool, 60), arrays(bool, 60))
def test_nothing_to_compare_is_no_number_and_no_warning(onsets, exposed):
    table = count_by_stratum(onsets, exposed & ~exposed, np.zeros(60, int))
    for found in (crude(table, 0.95), mantel_haenszel(table, 0.95)):
        assert math.isnan(found.value)
        assert math.isnan(found.low)


def test_resampled_countries_give_the_same_interval_for_the_same_seed():
    rng = np.random.default_rng(3)
    onsets, exposed = rng.random((30, 100)) < 0.05, rng.random((30, 100)) < 0.2
    strata = np.arange(30)[:, None] * 2 + (np.arange(100) >= 50)[None, :]
    table = count_by_stratum(onsets, exposed, strata)
    first = bootstrapped(table, 2, 0.95, np.random.default_rng(1), 300)
    again = bootstrapped(table, 2, 0.95, np.random.default_rng(1), 300)
    assert first == again
    for found in first:
        assert found.low < found.value < found.high
