"""Long-run noise from a variogram, held against what it is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from darkdays.detect.noise.variogram import noise_of


def series(phi, alone, count=6000, seed=0):
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal(count + 200) * np.sqrt(1 - phi**2)
    moving = signal.lfilter([1.0], [1.0, -phi], shocks)[200:]
    return moving + alone * rng.standard_normal(count)


def long_run(phi, alone):
    return np.sqrt((1 + phi) / (1 - phi) + alone**2)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.5, 0.8, 0.9])
@pytest.mark.parametrize("alone", [0.0, 0.7, 1.5])
def test_white_noise_on_top_does_not_hide_the_slow_one(phi, alone):
    found = [
        noise_of(series(phi, alone, seed=seed), np.ones(6000, bool), floor=0.0).long_run_scale
        for seed in range(5)
    ]
    assert np.median(found) == pytest.approx(long_run(phi, alone), rel=0.2)


def test_changes_of_level_and_wild_samples_hardly_count():
    values = series(0.5, 0.5)
    usual = np.ones(6000, bool)
    clean = noise_of(values, usual, floor=0.0).long_run_scale
    values[1000:1500] -= 20
    values[::500] += 50
    assert noise_of(values, usual, floor=0.0).long_run_scale == pytest.approx(clean, rel=0.15)
    left_out = usual.copy()
    left_out[1000:1500] = False
    assert noise_of(values, left_out, floor=0.0).long_run_scale == pytest.approx(clean, rel=0.15)


def test_a_signal_that_does_not_move_has_the_noise_of_reading_it():
    found = noise_of(np.full(500, 7.0), np.ones(500, bool), floor=0.1)
    assert (found.scale, found.autocorrelation) == (0.1, 0.0)
    assert noise_of(np.arange(20.0), np.ones(20, bool), floor=0.1).scale == 0.1
