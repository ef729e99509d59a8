"""Specification curves: the grid, what it comes to, the joint test, and its figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.correlate.crossover.crossover import case_crossover
from darkdays.correlate.crossover.stratified import Ratio
from darkdays.correlate.exposure import days_around
from darkdays.correlate.multiverse import joint_test, specification_curve, specifications
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import time_strata
from darkdays.errors import InputError
from darkdays.figures.claims.specification_curve import specification_curve as draw

CHOICES = {"window": [0, 1, 2], "stratum": ["month", 28], "exams": [True, False]}
ANSWERS = {
    (0, "month"): (Ratio(0.5, 0.2, 1.2), 0.9),
    (0, 28): (Ratio(2.0, 0.8, 4.0), 0.2),
    (1, "month"): (Ratio(3.0, 1.5, 6.0), 0.01),
    (1, 28): (Ratio(4.0, 1.2, 9.0), 0.05),
    (2, "month"): (Ratio(None, 2.0, None, reason="no upper limit."), 0.02),
    (2, 28): (Ratio(None, reason="there is no onset."), None),
}


def answered(one):
    return ANSWERS[one["window"], one["stratum"]]


def test_every_combination_is_evaluated_once_in_order():
    listed = list(specifications(CHOICES))
    assert len(listed) == 12
    assert listed[0] == {"window": 0, "stratum": "month", "exams": True}
    assert listed[1]["exams"] is False
    curve = specification_curve(CHOICES, answered)
    assert curve.table[list(CHOICES)].to_dict("records") == listed


def test_a_curve_says_in_how_many_specifications_it_holds():
    summary = specification_curve(CHOICES, answered).summary()
    assert (summary.holds, summary.of, summary.answered) == (6, 12, 10)
    assert summary.same_sign == 8
    assert summary.sentence() == "holds in 6 of 12 specifications"
    assert (summary.least, summary.median, summary.greatest) == (0.5, 3.0, 4.0)


def test_options_show_what_the_answer_hangs_on():
    table = specification_curve(CHOICES, answered).by_choice().set_index(["choice", "option"])
    assert table.loc[("window", 0), "holds"] == 0
    assert table.loc[("window", 1), "holds"] == 4
    assert table.loc[("exams", True), ["holds", "of"]].tolist() == [3, 6]
    assert table["of"].groupby(level=0).sum().to_dict() == dict.fromkeys(CHOICES, 12)


def test_without_any_answer_nothing_holds():
    summary = specification_curve({"a": [1]}, lambda _: (Ratio(None, reason="no"), None)).summary()
    assert (summary.holds, summary.answered, summary.median) == (0, 0, None)


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({}, "at least one choice"),
        ({"window": []}, "needs options"),
        ({"window": [1, 1]}, "each once"),
        ({"effect": [1]}, "column of results"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(choices, sentence):
    with pytest.raises(InputError, match=sentence):
        specification_curve(choices, answered)


def study(seed, ratio):
    """36 specifications of one simulated study, on the same calendars."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2021-01-01", periods=180)
    protests = days_around(rng.random((3, 180)) < 0.04, days_after=1)
    exposed = np.stack([days_around(protests, days_after=width) for width in range(6)])
    rate = 0.02 * np.where(exposed[2], ratio, 1)
    outcomes = np.stack([rng.random((3, 180)) < rate for _ in range(6)])
    return (
        np.repeat(outcomes, 6, axis=0), np.tile(exposed, (6, 1, 1)), time_strata(days, "month"), rng
    )  # fmt: skip


def test_the_joint_test_keeps_its_level_though_specifications_are_alike():
    rejected = 0
    for seed in range(120):
        outcomes, exposures, strata, rng = study(seed, 1.0)
        found = shift_counts(outcomes, exposures, strata, draws=199, rng=rng)
        rejected += joint_test(*found.totals()).p_significant <= 0.05
    assert rejected <= 13


def test_the_joint_test_finds_what_is_there():
    outcomes, exposures, strata, rng = study(5, 8.0)
    found = joint_test(*shift_counts(outcomes, exposures, strata, draws=999, rng=rng).totals())
    assert found.significant > 10
    assert found.expected < 4
    assert found.p_significant < 0.01
    assert found.p_stouffer < 0.01


def test_the_joint_test_of_one_specification_is_its_own():
    outcomes, exposures, strata, rng = study(7, 2.0)
    found = shift_counts(outcomes[:1], exposures[:1], strata, draws=1999, rng=rng)
    joint = joint_test(*found.totals())
    assert joint.significant == (found.p_values()[0] <= 0.05)
    assert joint.p_stouffer == pytest.approx(found.p_values()[0])


def test_counts_that_never_vary_are_significant_nowhere():
    found = joint_test(np.full(4, 2), np.full((4, 99), 2))
    assert (found.significant, found.expected, found.p_significant) == (0, 0.0, 1.0)


def test_a_curve_of_a_real_analysis():
    outcomes, exposures, _, _ = study(5, 8.0)
    days = pd.date_range("2021-01-01", periods=180)

    def evaluate(one):
        strata = time_strata(days, one["stratum"])
        onsets, exposed = outcomes[0, 0], exposures[one["window"], 0]
        p_value = circular_shift_test(onsets, exposed, strata).p_value
        return case_crossover(onsets, exposed, strata).best, p_value

    curve = specification_curve({"window": [1, 2, 3], "stratum": ["month", 28, "record"]}, evaluate)
    assert curve.summary().answered == 9


def test_the_figure_draws_what_its_table_says():
    plot = draw(specification_curve(CHOICES, answered), claim="Onsets follow protests")
    assert "holds in 6 of 12 specifications" in plot.alt
    assert "exams yes: 3 of 6" in plot.alt
    assert "2 specifications have no answer" in plot.alt
    assert plot.data["effect"].dropna().is_monotonic_increasing
    assert len(plot.data) == 12
    assert plot.data["holds"].sum() == 6
    assert plot.rendered("svg") == plot.rendered("svg")
    assert plot.rendered("png").startswith(b"\x89PNG")


def test_a_figure_without_answers_says_so():
    curve = specification_curve({"a": [1, 2]}, lambda _: (Ratio(None, reason="no onset."), None))
    plot = draw(curve, claim="Onsets follow protests")
    assert "none of 2 specifications has an answer" in plot.alt
    assert plot.rendered("png")


def test_a_figure_of_ratios_of_zero_and_without_bounds():
    answers = [Ratio(0.0, 0.0, 5.0), Ratio(None, 1.5, None, reason="no upper limit.")]
    curve = specification_curve({"a": [0, 1]}, lambda one: (answers[one["a"]], 0.2))
    plot = draw(curve, claim="Onsets follow protests")
    assert plot.data["a"].tolist() == [0, 1]
    assert plot.rendered("png")
