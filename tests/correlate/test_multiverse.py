"""Specification curves: the grid, what it comes to, the joint test, and its figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.association.answers import Answer
from darkdays.correlate.crossover.crossover import case_crossover
from darkdays.correlate.crossover.stratified import Ratio
from darkdays.correlate.exposure import days_around
from darkdays.correlate.multiverse import joint_test, specification_curve
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.correlate.shifts.shifts import circular_shift_test
from darkdays.correlate.shifts.strata import time_strata
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


def row(ratio, p_value):
    return Answer(ratio).row() | {"p": p_value}


def answered(one):
    return row(*ANSWERS[one["window"], one["stratum"]])


def test_every_combination_is_evaluated_once_in_order():
    curve = specification_curve(CHOICES, answered)
    listed = curve.table[list(CHOICES)].to_dict("records")
    assert len({repr(one) for one in listed}) == len(listed) == 12
    assert listed[0] == {"window": 0, "stratum": "month", "exams": True}
    assert listed[1]["exams"] is False


def test_a_curve_says_in_how_many_specifications_it_holds():
    summary = specification_curve(CHOICES, answered).summary()
    assert (summary.holds, summary.of, summary.answered) == (6, 12, 10)
    assert summary.same_sign == 8
    assert summary.sentence() == "holds in 6 of 12 specifications"
    assert (summary.least, summary.median, summary.greatest) == (0.5, 3.0, 4.0)


def test_options_show_what_the_answer_hangs_on():
    table = pd.DataFrame(specification_curve(CHOICES, answered).summaries())
    table = table.set_index(["choice", "option"])
    assert table.loc[("window", 0), "holds"] == 0
    assert table.loc[("window", 1), "holds"] == 4
    assert table.loc[("exams", True), ["holds", "of"]].tolist() == [3, 6]
    assert table["of"].groupby(level=0).sum().to_dict() == dict.fromkeys(CHOICES, 12)


def test_without_any_answer_nothing_holds():
    summary = specification_curve(
        {"a": [1]}, lambda _: row(Ratio(None, reason="no"), None)
    ).summary()
    assert (summary.holds, summary.answered, summary.median) == (0, 0, None)


def study(seed, ratio):
    """36 specifications of one simulated study, on the same calendars."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2021-01-01", periods=180)
    protests = days_around(rng.random((3, 180)) < 0.04, days_after=1)
    exposed = np.stack([days_around(protests, days_after=width) for width in range(6)])
    rate = 0.02 * np.where(exposed[2], ratio, 1)
    outcomes = np.stack([rng.random((3, 180)) < rate for _ in range(6)])
    return (
        np.repeat(outcomes, 6, axis=0), np.tile(exposed, (6, 1, 1)), ShiftDesign(days), rng
    )  # fmt: skip


def test_the_joint_test_keeps_its_level_though_specifications_are_alike():
    rejected = 0
    for seed in range(120):
        outcomes, exposures, design, rng = study(seed, 1.0)
        found = shift_counts(outcomes, exposures, design, draws=199, rng=rng)
        rejected += joint_test(found.observed, found.shifted).p_significant <= 0.05
    assert rejected <= 13


def test_the_joint_test_finds_what_is_there():
    outcomes, exposures, design, rng = study(5, 8.0)
    counts = shift_counts(outcomes, exposures, design, draws=999, rng=rng)
    found = joint_test(counts.observed, counts.shifted)
    assert found.significant > 10
    assert found.expected < 4
    assert found.p_significant < 0.01
    assert found.p_stouffer < 0.01


def test_the_joint_test_of_one_specification_is_its_own():
    outcomes, exposures, design, rng = study(7, 2.0)
    found = shift_counts(outcomes[:1], exposures[:1], design, draws=1999, rng=rng)
    joint = joint_test(found.observed, found.shifted)
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
        return row(case_crossover(onsets, exposed, strata).best, p_value)

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
    curve = specification_curve({"a": [1, 2]}, lambda _: row(Ratio(None, reason="no onset."), None))
    plot = draw(curve, claim="Onsets follow protests")
    assert "none of 2 specifications has an answer" in plot.alt
    assert plot.rendered("png")


def test_a_figure_of_ratios_of_zero_and_without_bounds():
    answers = [Ratio(0.0, 0.0, 5.0), Ratio(None, 1.5, None, reason="no upper limit.")]
    curve = specification_curve({"a": [0, 1]}, lambda one: row(answers[one["a"]], 0.2))
    plot = draw(curve, claim="Onsets follow protests")
    assert plot.data["a"].tolist() == [0, 1]
    assert plot.rendered("png")
