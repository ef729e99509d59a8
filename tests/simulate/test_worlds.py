"""Worlds are what they are said to be: a price set on a wrong world is a wrong price."""

from __future__ import annotations

import numpy as np
import pytest

from darkdays.simulate.worlds import WORLDS, World, draw, long_memory


def _made(world, count=300, seed=3):
    return draw(world, count, np.random.default_rng(seed))


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("count", [30, 3000])
def test_every_world_can_be_drawn_again_at_any_length(name, count):
    made, again = (_made(WORLDS[name], count) for _ in range(2))
    np.testing.assert_array_equal(made.values, again.values)
    assert made.values.shape == (count,) == made.times.shape
    assert np.isfinite(made.values).all()
    assert made.truth == WORLDS[name].truth
    assert (made.truth == "changes") == (made.changes.size > 0)
    assert (np.diff([0, *made.changes, count]) >= count // 20).all()


def test_steps_and_factors_are_where_and_as_large_as_said():
    still = World(level=100.0, tail="none", places=(0.25, 0.5))
    added = _made(World(**{**vars(still), "steps": (-50.0, 20.0)}))
    np.testing.assert_array_equal(added.changes, [75, 150])
    np.testing.assert_array_equal(added.values, np.repeat([100.0, 50.0, 70.0], [75, 75, 150]))
    times = _made(World(**{**vars(still), "factors": (0.5, 3.0)}))
    np.testing.assert_array_equal(times.values, np.repeat([100.0, 50.0, 150.0], [75, 75, 150]))


def test_a_ramp_begins_at_its_change_and_takes_as_long_as_said():
    made = _made(World(tail="none", steps=(10.0,), places=(0.5,), ramp=5), 20)
    np.testing.assert_allclose(made.values[9:16], [0, 2, 4, 6, 8, 10, 10])


@pytest.mark.parametrize("name", ["gauss", "t3", "lognormal", "ar 0.5", "ar 0.8", "counts"])
def test_noise_is_as_large_and_as_correlated_as_stated(name):
    world = WORLDS[name]
    noise = _made(world, 100_000).values
    assert noise.mean() == pytest.approx(world.level, abs=0.1)
    scale = np.sqrt(world.level) if world.counts else world.scale
    assert noise.std() == pytest.approx(scale, rel=0.1)
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] == pytest.approx(
        world.autocorrelation, abs=0.02
    )


def test_long_memory_has_the_correlations_of_its_order():
    drawn = np.array([long_memory(64, 0.3, np.random.default_rng(seed)) for seed in range(4000)])
    assert drawn.var() == pytest.approx(1.0, abs=0.03)
    for lag, expected in ((1, 0.4286), (5, 0.2278)):
        assert (drawn[:, lag:] * drawn[:, :-lag]).mean() == pytest.approx(expected, abs=0.03)


def test_seasons_keep_to_the_clock_and_the_weekend():
    made = _made(World(level=100.0, tail="none", daily=0.4, weekly=0.1, relative=True), 28 * 24)
    weeks = made.values.reshape(4, 7, 24)
    np.testing.assert_allclose(weeks, np.broadcast_to(weeks[0], weeks.shape))
    np.testing.assert_allclose(weeks[0, 0] - weeks[0, 6], 10.0)
    assert np.ptp(weeks[0, 0]) == pytest.approx(80.0, rel=0.1)


def test_an_outage_takes_a_relative_season_with_it():
    world = World(level=100.0, tail="none", daily=0.4, relative=True, factors=(0.25,))
    made = _made(world, 20 * 24)
    before, after = np.split(made.values, made.changes)
    assert np.ptp(after) == pytest.approx(np.ptp(before) / 4, rel=0.01)


def test_a_walk_sums_its_steps_up():
    walk = _made(World(walk=True), 2000).values
    assert np.diff(walk).std() == pytest.approx(1.0, abs=0.1)
    assert WORLDS["walk"].truth == "cannot tell"
    assert WORLDS["jump of a walk"].truth == "changes"


def test_rounding_and_glitches():
    rounded = _made(World(rounding=0.5)).values
    np.testing.assert_array_equal(rounded, np.round(rounded * 2) / 2)
    off = np.mean(_made(World(glitches=0.1), 10_000).values < -10)
    assert off == pytest.approx(0.1, abs=0.02)
