"""Numbers of other implementations on one worked example: 120 days, 8 outages, 10 protests.

CoinCalc 2.0 in R 4.2.2 (coincidence), R's survival (conditional logit), R's stats
(p.adjust) and statsmodels were run on these very series.
"""

from __future__ import annotations

import numpy as np
import pytest

from darkdays.correlate.coincidence import event_coincidence
from darkdays.correlate.crossover.crossover import case_crossover
from darkdays.correlate.crossover.exact import exposed_onsets
from darkdays.correlate.crossover.stratified import count_by_stratum, e_value
from darkdays.correlate.exposure import days_around
from darkdays.correlate.multiplicity import adjust
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.errors import InputError

LENGTH = 120
PROTESTS = [5, 14, 15, 33, 52, 53, 54, 71, 90, 110]
OUTAGES = [6, 16, 40, 53, 56, 72, 99, 111]
STRATA = np.arange(LENGTH) // 30
WHOLE = np.zeros(LENGTH, dtype=np.intp)


def flags(events):
    marked = np.zeros(LENGTH, dtype=bool)
    marked[events] = True
    return marked


OUTCOME = flags(OUTAGES)
EXPOSED = days_around(flags(PROTESTS), days_after=2)

COINCALC = [
    (0, 0.125, 0.1, 0.48801501, 0.48801501),
    (1, 0.625, 0.6, 0.0032864154, 0.00052854432),
    (2, 0.75, 0.8, 0.0022932109, 4.0281631e-05),
    (3, 0.75, 0.8, 0.0090039216, 0.00028415976),
    (7, 0.875, 0.9, 0.034456738, 0.0027480359),
]


@pytest.mark.parametrize(("window", "precursor", "trigger", "p_one", "p_other"), COINCALC)
def test_coincidence_is_that_of_coincalc(window, precursor, trigger, p_one, p_other):
    found = event_coincidence(OUTAGES, PROTESTS, window=window, length=LENGTH)
    assert found.precursor_coincidences / found.outages == precursor
    assert found.trigger_coincidences / found.protests == trigger
    assert found.p_precursor == pytest.approx(p_one, abs=1e-8, rel=1e-7)
    assert found.p_trigger == pytest.approx(p_other, abs=1e-8, rel=1e-7)


def test_coincidence_at_an_edge_is_that_of_coincalc():
    # pyunicorn loses events at the edges and omits the last term.
    there = event_coincidence([12, 41, 60], [10, 40, 95], window=3, length=100)
    assert (there.trigger_coincidences, there.protests) == (2, 3)
    assert there.p_trigger == pytest.approx(0.03679462, abs=1e-8)
    turned_round = event_coincidence([10, 40, 95], [12, 41, 60], window=3, length=100)
    assert turned_round.precursor_coincidences == 0


def test_the_case_crossover_is_that_of_r_and_statsmodels():
    found = case_crossover(OUTCOME, EXPOSED, STRATA)
    assert (found.exposed_onsets, found.onsets, found.exposed_days, found.days) == (6, 8, 24, 120)
    assert found.crude.value == pytest.approx(12.0, abs=1e-6)
    assert found.mantel_haenszel.value == pytest.approx(10.071429, abs=1e-6)
    for strata, p_value in ((STRATA, 0.0014227835), (WHOLE, 0.00077085395)):
        counts = count_by_stratum(OUTCOME, EXPOSED, strata)
        assert exposed_onsets(counts, "odds").p_more() == pytest.approx(p_value, abs=1e-10)
    logit = np.log(found.logit.value)
    error = np.log(found.logit.high / found.logit.low) / (2 * 1.959963985)
    # R's clogit; statsmodels' default optimiser stops at 2.556344 (0.842406).
    assert logit == pytest.approx(2.55640161, abs=1e-7)
    assert error == pytest.approx(0.84241646, abs=1e-6)
    # Breslow's approximation is the conditional Poisson model.
    assert np.log(found.poisson.value) == pytest.approx(2.427523, abs=1e-6)


def test_shifts_give_the_golden_p_value_exactly():
    exact = circular_shift_test(OUTCOME, EXPOSED, WHOLE)
    assert (exact.coincidences, exact.shifts) == (6, 120)
    assert exact.p_value == pytest.approx(2 / 120, abs=1e-12)


@pytest.mark.parametrize(("ratio", "value"), [(9, 17.5), (5.32, 10.1), (3.20, 5.9), (2.13, 3.7)])
def test_e_values(ratio, value):
    assert round(e_value(ratio), 1) == value
    assert e_value(1 / ratio) == pytest.approx(e_value(ratio))


def test_a_ratio_of_nothing_has_no_e_value():
    with pytest.raises(InputError, match="above 0"):
        e_value(0.0)


BENJAMINI_HOCHBERG_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
    0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "first"),
    [
        ("bh", [0.0015, 0.003, 0.0095, 0.035625, 0.0603]),
        ("by", [0.004977, 0.009955, 0.031523]),
    ],
)
def test_adjusted_p_values_are_those_of_r(method, first):
    names = [f"h{number}" for number in range(15)]
    family = adjust(dict(zip(names, BENJAMINI_HOCHBERG_1995, strict=True)), names, method=method)
    found = [family.adjusted[name] for name in names[: len(first)]]
    assert found == pytest.approx(first, abs=1e-6)
    assert family.size == 15
