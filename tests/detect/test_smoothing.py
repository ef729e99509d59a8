"""A smoothed signal is told by its differences, and dates nothing finer than its window."""

import numpy as np
import pandas as pd
import pytest

from darkdays.contracts.signals import each
from darkdays.detect.outages.outages import outages
from darkdays.detect.outages.prepared import prepare
from darkdays.simulate.signals import simulated_tree

TIMES = pd.date_range("2021-01-04", periods=24 * 42, freq="1h")
DARK = slice(24 * 20 + 9, 24 * 23 + 9)


def drawn(seed):
    rng = np.random.default_rng(seed)
    values = 1000 * np.exp(rng.normal(0, 0.03, TIMES.size))
    values *= 1 + 0.2 * np.sin(2 * np.pi * np.arange(TIMES.size) / 24)
    values[DARK] *= 0.2
    return pd.Series(values)


def smoothed(how, width, seed=1):
    values = drawn(seed)
    if how == "between":
        return values.where(np.arange(values.size) % width == 0).interpolate()
    if how == "held":
        return values.where(np.arange(values.size) % width == 0).ffill()
    return values.rolling(width, center=how == "centred", min_periods=1).mean()


def tree_of(values):
    return simulated_tree({"asn/1": np.asarray(values)}, TIMES)


def window(values):
    return prepare(next(iter(each(tree_of(values))))).window


@pytest.mark.parametrize("how", ["before", "centred", "between", "held"])
@pytest.mark.parametrize("width", [4, 6])
@pytest.mark.parametrize("rounded", [False, True])
def test_bounds_are_widened_by_the_window_that_explains_the_differences(how, width, rounded):
    values = smoothed(how, width)
    values = values.round() if rounded else values
    assert abs(window(values) - width) <= 1 or how in ("between", "held")
    table = outages(tree_of(values))
    (row,) = table.itertuples()
    start, end = TIMES[[DARK.start, DARK.stop]].tz_localize("UTC")
    assert row.onset_low <= start <= row.onset_high
    assert row.duration_low <= (end - start) / pd.Timedelta(hours=1) <= row.duration_high
    (notes,) = table.attrs["notes"].values()
    said = f"one in {width} samples" if how in ("between", "held") else "a running mean"
    assert any(said in note for note in notes)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_not_smoothed_has_no_window(seed):
    assert window(drawn(seed)) == 1
    assert window(drawn(seed).round()) == 1
    assert window(np.where(np.arange(TIMES.size) % 24 < 8, 0, drawn(seed))) == 1


def test_an_outage_shorter_than_the_window_may_have_been_total():
    values = drawn(3)
    values[DARK] = 1000
    values[500:508] = 0
    (row,) = outages(tree_of(values.rolling(12, min_periods=1).mean())).itertuples()
    assert row.depth < 0.6
    assert row.depth_high == 1
