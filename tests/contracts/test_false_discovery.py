"""False discovery rates are those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from darkdays.contracts.false_discovery import false_discovery_rates

P_VALUES = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.5, 1.0])), max_size=40)


@given(P_VALUES)
def test_rates_are_those_of_scipy(p_values):
    for method, any_dependence in (("bh", False), ("by", True)):
        found = false_discovery_rates(p_values, any_dependence=any_dependence)
        if not p_values:
            assert found.size == 0
            continue
        expected = scipy.stats.false_discovery_control(p_values, method=method)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_more_tests_make_no_rate_smaller():
    few = false_discovery_rates([0.001, 0.02], any_dependence=True)
    many = false_discovery_rates([0.001, 0.02, *np.ones(20)], any_dependence=True)
    assert (few < many[:2]).all()
