"""The long-run variance: known processes, changes of level, drifts and rounding."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from darkdays.detect.noise.noise import Noise, estimate, resolution


def ar1(phi, count, rng, scale=1.0):
    shocks = rng.normal(0, scale * np.sqrt(1 - phi**2), count + 500)
    return lfilter([1.0], [1.0, -phi], shocks)[500:]


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.5, 0.7])
def test_an_ar1_process_is_recovered_even_across_changes_of_level(phi):
    rng = np.random.default_rng(7)
    levels = np.repeat([0.0, 30.0, -20.0, 5.0], 2000)
    found = [estimate(ar1(phi, 8000, rng) + levels) for _ in range(5)]
    truth = Noise(1.0, phi).long_run_scale
    ratios = [one.long_run_scale / truth for one in found]
    assert 0.9 < np.median(ratios) < 1.15, ratios


def test_a_drift_is_not_taken_for_noise():
    rng = np.random.default_rng(3)
    hours = np.arange(2000)
    swing = 20 * np.sin(2 * np.pi * hours / 144)
    assert estimate(swing + rng.normal(0, 1, 2000)).long_run_scale < 4


def test_heavy_tails_count():
    rng = np.random.default_rng(5)
    heavy = estimate(rng.standard_t(3, 20_000))
    assert 1.3 < heavy.scale < 1.9, "the standard deviation of t(3) is 1.73, its MAD says 1.13"


def test_a_signal_that_never_moves_has_the_noise_of_its_floor():
    assert estimate(np.full(100, 5.0), floor=0.3) == Noise(0.3, 0.0)
    assert estimate(np.full(100, 5.0)).long_run_scale == 0.0


def test_resolution_is_the_step_of_a_counter():
    assert resolution(np.array([0.0, 5.0, 10.0, 20.0, 35.0, 40.0, 80.0, 95.0])) == 5.0
    assert resolution(np.array([4742.0, 2.0])) == 1.0, "two values do not show the step"
    assert resolution(np.array([0.5, 0.25])) == 0.0
    assert resolution(np.array([3.0, 3.0])) == 0.0


def test_effective_samples_shrink_with_autocorrelation():
    assert Noise(1.0, 0.0).effective_samples(100) == 100
    assert Noise(1.0, 0.5).effective_samples(99) == pytest.approx(33)


def test_a_sawtooth_is_not_without_noise():
    teeth = np.tile([0.0, 1.0, 2.0], 200)
    assert 0.1 < estimate(teeth).scale < 3
