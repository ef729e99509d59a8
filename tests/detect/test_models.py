"""Noise, trend, season and changes told apart, and what is said about each."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmarks.change_scores import covering, f1_score
from scipy import stats
from scipy.signal import lfilter

from darkdays.detect import change_points
from darkdays.detect.baseline.cycles import of_samples
from darkdays.detect.baseline.periods import find_period, running_mean
from darkdays.detect.baseline.season import season_of
from darkdays.detect.changepoints.models import shortest
from darkdays.detect.changepoints.scales import IDENTITY, Scale
from darkdays.detect.noise.long_memory import long_memory_cost
from darkdays.detect.segmentation.costs import LEVEL, LINE, innovations, of_splits
from darkdays.detect.segmentation.likelihood import GAUSSIAN, cost_of, scale_of
from shared_data import SHARED, needs

TURING = SHARED / "tcpd"


def ar1(phi, count, rng):
    shocks = rng.normal(0, np.sqrt(1 - phi**2), count + 200)
    return lfilter([1.0], [1.0, -phi], shocks)[200:]


def by_matrices(values, phi, kind):
    """Generalized least squares written down with the whole covariance matrix."""
    count = values.size
    covariance = phi ** np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    root = np.linalg.inv(np.linalg.cholesky(covariance / (1 - phi**2)))
    design = np.column_stack([np.ones(count), np.arange(count)][: kind + 1])
    rest = root @ values - root @ design @ np.linalg.lstsq(root @ design, root @ values)[0]
    return float(rest @ rest)


@pytest.mark.parametrize("phi", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("kind", [LEVEL, LINE])
def test_a_segment_costs_what_generalized_least_squares_leaves(phi, kind):
    values = np.random.default_rng(1).normal(size=40) + np.linspace(0, 5, 40)
    left = innovations(values, phi, np.array([0, 40]), np.array([kind]))
    assert (left**2).sum() == pytest.approx(by_matrices(values, phi, kind), rel=1e-9)


@pytest.mark.parametrize("kinds", [(LEVEL, LEVEL), (LEVEL, LINE), (LINE, LINE)])
def test_every_split_costs_the_sum_of_its_parts(kinds):
    values = np.random.default_rng(2).normal(size=30)
    costs, _ = of_splits(values, 0.6, *kinds)
    for place in (5, 11, 25):
        parts = by_matrices(values[:place], 0.6, kinds[0]) + by_matrices(
            values[place:], 0.6, kinds[1]
        )
        assert costs[place] == pytest.approx(parts, rel=1e-9)
    assert np.isinf(costs[[0, 1, 29]]).all(), "a part of one sample has no level"


def test_heavy_tailed_likelihood_is_that_of_scipy():
    left = np.random.default_rng(3).standard_t(3, size=2000) * 2.5
    scale = np.sqrt(scale_of(left, 3.0, 0.0))
    _, _, fitted = stats.t.fit(left, f0=3.0, floc=0.0)
    assert scale == pytest.approx(fitted, rel=1e-3)
    ours = cost_of(left, 3.0, 0.0)
    assert ours == pytest.approx(-2 * stats.t.logpdf(left, 3, 0, scale).sum(), rel=1e-9)
    normal = -2 * stats.norm.logpdf(left, 0, np.sqrt(np.mean(left**2))).sum()
    assert cost_of(left, GAUSSIAN, 0.0) == pytest.approx(normal, rel=1e-9)


def model_of(values, season=True):
    return shortest(values, np.arange(values.size), season=season)


@pytest.mark.parametrize("rise", [2.0, 5.0, 20.0])
def test_a_slow_trend_is_one_line(rise):
    values = np.random.default_rng(4).normal(size=300) + np.linspace(0, rise, 300)
    found = model_of(values)
    assert found.changes.size == 0
    assert found.kinds[0] >= LINE


def test_a_slow_curve_is_not_a_string_of_changes():
    along = np.linspace(0, 1, 200)
    rng = np.random.default_rng(5)
    for curve in (40 * along**2, 30 / (1 + np.exp(-10 * (along - 0.5))), 20 * np.sqrt(along)):
        assert len(change_points(curve + rng.normal(size=200))) == 0


def test_a_bend_is_found_in_two_lines():
    along = np.arange(200.0)
    values = np.where(along < 100, along, 200 - along) + np.random.default_rng(6).normal(size=200)
    found = model_of(values)
    assert np.abs(found.changes - 100).min() <= 3
    assert found.kinds.tolist() == [LINE, LINE]


def test_heavy_tails_are_told_from_changes():
    rng = np.random.default_rng(7)
    assert model_of(rng.standard_t(2, size=400)).freedom > GAUSSIAN
    assert model_of(rng.normal(size=400)).freedom == GAUSSIAN


def test_a_walk_is_noise_that_wanders():
    values = np.cumsum(np.random.default_rng(8).normal(size=300))
    found = change_points(values)
    assert len(found) == 0
    assert any("wanders" in note or "Noise" in note for note in found.notes)


@pytest.mark.parametrize(("period", "height"), [(7, 1.5), (12, 2.0), (24, 2.0)])
def test_a_season_is_found_without_times(period, height):
    rng = np.random.default_rng(9)
    wave = height * np.sin(2 * np.pi * np.arange(300) / period)
    values = wave + rng.normal(size=300)
    assert find_period(values) == period
    assert np.corrcoef(season_of(values, [of_samples(period, 300)]), wave)[0, 1] > 0.9
    values[130:] += 4
    found = change_points(values)
    assert found.index.size == 1
    assert abs(found.index[0] - 130) <= 2
    assert any(f"that of {period} samples" in note for note in found.notes)


def test_a_season_of_short_sharp_peaks_is_one():
    rng = np.random.default_rng(14)
    peaks = 10 * (np.sin(2 * np.pi * np.arange(600) / 52) > 0.9)
    assert find_period(rng.normal(size=600) + peaks) == 52
    assert len(change_points(np.maximum(rng.normal(size=600), 0) + peaks)) == 0


def test_a_season_that_grows_with_its_level_is_seen_on_a_logarithmic_scale():
    rng = np.random.default_rng(15)
    along = np.arange(300)
    level = 100 * np.exp(along / 150)
    values = (
        level * (1 + 0.3 * np.sin(2 * np.pi * along / 12)) * np.exp(0.03 * rng.normal(size=300))
    )
    found = model_of(values)
    assert found.scale.name == "logarithm"
    assert found.cycles == ("12 samples",)
    assert found.changes.size == 0


@pytest.mark.parametrize("scale", [Scale("square root", 0.4), Scale("logarithm"), IDENTITY])
def test_a_scale_knows_its_way_back_and_its_slope(scale):
    values = np.array([0.5, 3.0, 400.0])
    assert scale.back(scale.of(values)) == pytest.approx(values)
    around = (scale.of(values + 1e-6) - scale.of(values - 1e-6)) / 2e-6
    assert scale.slope(values) == pytest.approx(around, rel=1e-6)


def test_long_memory_is_told_by_its_order():
    rng = np.random.default_rng(16)
    lags = np.arange(1, 2000)
    weights = np.concatenate([[1.0], np.cumprod((lags - 0.7) / lags)])
    values = np.convolve(rng.normal(size=4000), weights, "valid")
    cost, order = long_memory_cost(values)
    assert order == pytest.approx(0.3, abs=0.06)
    white = rng.normal(size=2000)
    least = 2000 * (np.log(2 * np.pi * white.var()) + 1)
    assert long_memory_cost(white)[0] > least - 10
    assert cost < values.size * (np.log(2 * np.pi * values.var()) + 1) - 100


@pytest.mark.parametrize("phi", [0.0, 0.8, 0.97])
def test_noise_has_no_season(phi):
    rng = np.random.default_rng(10)
    assert sum(find_period(ar1(phi, 300, rng)) > 0 for _ in range(40)) <= 1


def test_a_season_is_found_through_gaps_and_in_long_records():
    rng = np.random.default_rng(11)
    hours = np.arange(24 * 400)
    values = 5 * np.sin(2 * np.pi * hours / 24) + rng.normal(size=hours.size)
    values[rng.random(hours.size) < 0.1] = np.nan
    assert find_period(values) == 24


def test_a_running_mean_leaves_out_what_is_missing():
    values = np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0])
    means = running_mean(values, 3)
    assert np.isnan(means[[0, 5]]).all()
    assert means[1:5].tolist() == [1.5, 3.0, 4.5, 5.0]
    assert running_mean(np.arange(6.0), 4)[2] == pytest.approx(2.0)


def test_scores_of_the_turing_data_set():
    marked = [[10, 50], [12], []]
    assert f1_score(marked, [10, 50]) == pytest.approx(1.0)
    assert f1_score([[]], [40]) == pytest.approx(2 * 0.5 / 1.5)
    # Annotators who saw one, both and none of two changes; one false alarm beside them.
    assert f1_score([[20], [20, 60]], [20, 90]) == pytest.approx(
        2 * (2 / 3) * (1 + 2 / 3) / 2 / (2 / 3 + (1 + 2 / 3) / 2)
    )
    assert covering([[50]], [], 100) == pytest.approx(0.5)
    assert covering([[50]], [50], 100) == 1.0
    assert covering([[25]], [50], 100) == pytest.approx(0.25 * 0.5 + 0.75 * 2 / 3)


@needs(TURING, leaves_open="F1 and cover on the Turing change-point series")
def test_the_defaults_agree_with_people():
    annotations = json.loads((TURING / "annotations.json").read_text(encoding="utf-8"))
    scores = []
    for name, marked in annotations.items():
        raw = json.loads((TURING / "series" / f"{name}.json").read_text(encoding="utf-8"))
        values = np.array(raw["series"][0]["raw"], dtype=float)
        found = change_points(values).index
        marks = list(marked.values())
        scores.append((f1_score(marks, found), covering(marks, found, values.size)))
    f1, cover = np.mean(scores, axis=0)
    assert f1 >= 0.80
    assert cover >= 0.73
