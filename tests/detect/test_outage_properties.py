"""What may be done to signals without changing their outages."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from darkdays.case import case as cases
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.fall_steps import descents
from darkdays.detect.outages.outages import outages
from darkdays.detect.outages.recovery import recovery_stages
from darkdays.files import writing
from darkdays.files.writing import rows_of
from darkdays.report.findings.outage_findings import outage_findings, outage_of
from darkdays.report.findings.study import Study
from darkdays.simulate.signals import simulated_tree
from examples import examples
from outage_kinds import KINDS
from simulated_outages import World, scattered, simulated_signal, times_of

TIMES = times_of(weeks=16)
WORLD = World(autocorrelation=0.6)
SLOW = settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
seeds = st.integers(0, 200)


def signal(seed):
    rng = np.random.default_rng([30, seed])
    events = scattered(TIMES, rng=rng)
    return simulated_signal(WORLD, TIMES, events, rng=rng)


def found_in(rows):
    return outages(simulated_tree(rows, TIMES))


@SLOW
@given(seed=seeds, factor=st.sampled_from([1e-3, 0.25, 7.0, 1e5]))
def test_the_unit_does_not_matter(seed, factor):
    values = signal(seed)
    one, other = found_in({"asn/1": values}), found_in({"asn/1": values * factor})
    same = [name for name in one.columns if name != "baseline"]
    pd.testing.assert_frame_equal(one[same], other[same], rtol=1e-6)
    np.testing.assert_allclose(one["baseline"] * factor, other["baseline"], rtol=1e-9)


@SLOW
@given(seed=seeds, share=st.floats(0.01, 0.1))
def test_samples_missing_at_random_only_widen_the_bounds(seed, share):
    values = signal(seed)
    thinned = values.copy()
    thinned[np.random.default_rng([31, seed]).random(values.size) < share] = np.nan
    # A cut of five hours may lose most of them; the longer ones stay.
    whole = found_in({"asn/1": values})
    whole = whole[whole["samples"] > 20]
    fewer = found_in({"asn/1": thinned})
    for row in whole.itertuples():
        same = fewer[(fewer["onset"] < row.recovery) & (fewer["recovery"] > row.onset)]
        assert len(same) == 1
        other = same.iloc[0]
        for name in ("onset", "recovery"):
            assert other[f"{name}_low"] <= getattr(row, f"{name}_high")
            assert other[f"{name}_high"] >= getattr(row, f"{name}_low")
        assert other["depth_low"] <= row.depth_high
        assert other["depth_high"] >= row.depth_low
        assert other["kind"] == row.kind


@SLOW
@given(seed=seeds, order=st.permutations([0, 1, 2]))
def test_neither_order_nor_company_matters(seed, order):
    rows = {f"asn/{number}": signal(seed + number) for number in range(3)}
    moved = {f"asn/{number}": rows[f"asn/{number}"] for number in order}
    together = found_in(rows)
    pd.testing.assert_frame_equal(together, found_in(moved))
    alone = found_in({"asn/1": rows["asn/1"]})
    mine = together[together["entity"] == "asn/1"].reset_index(drop=True)
    # Only the correction over all signals, and what it leads to, depends on what else was judged.
    company = ["q", "label"]
    pd.testing.assert_frame_equal(mine.drop(columns=company), alone.drop(columns=company))
    assert (mine["q"] >= alone["q"]).all()


@SLOW
@given(seed=seeds)
def test_the_same_signals_give_the_same_bytes(seed):
    rows = {"asn/1": signal(seed)}
    assert writing.csv_text(found_in(rows)) == writing.csv_text(found_in(rows))


@SLOW
@given(seed=seeds, weeks=st.integers(-3, 3))
def test_outages_move_with_the_calendar(seed, weeks):
    values, away = signal(seed), pd.Timedelta(weeks=weeks)
    here = found_in({"asn/1": values})
    there = outages(simulated_tree({"asn/1": values}, TIMES + away))
    for name in ("onset", "onset_low", "recovery_high", "last_seen"):
        pd.testing.assert_series_equal(here[name] + away, there[name], check_dtype=False)
    pd.testing.assert_series_equal(here["depth"], there["depth"])


@SLOW
@given(seed=seeds)
def test_bounds_are_in_order_and_hold_what_they_bound(seed):
    table = found_in({"asn/1": signal(seed)})
    for name in ("onset", "recovery"):
        known = table[table[name].notna()]
        assert (known[f"{name}_low"] <= known[name]).all()
        assert (known[name] < known[f"{name}_high"]).all()
    for name in ("depth", "duration"):
        known = table[table[name].notna()]
        assert (known[f"{name}_low"] <= known[name]).all()
        assert (known[name] <= known[f"{name}_high"]).all()
    assert (table["onset_high"] - table["onset_low"] >= pd.Timedelta("1h")).all()
    assert table["p"].between(0, 0.05).all()
    assert (table["depth_low"] >= 0).all()
    assert (table["depth_high"] <= 1).all()


@pytest.mark.parametrize("depth", [0.05, 0.1, 0.3, 0.5])
def test_a_larger_least_depth_finds_nothing_new(depth):
    tree = simulated_tree({"asn/1": signal(1)}, TIMES)
    more, fewer = outages(tree, min_depth=depth), outages(tree, min_depth=depth + 0.2)
    for row in fewer.itertuples():
        assert ((more["onset"] <= row.onset) & (more["recovery"] >= row.recovery)).any()


KIND_NAMES = st.sampled_from(sorted(KINDS))
NOT_NEGATIVE = ["duration_low", "duration", "duration_high", "depth_low", "depth", "samples"]


@SLOW
@given(kind=KIND_NAMES, seed=seeds, cut=st.floats(0.1, 1.0), every=st.sampled_from([1, 3, 24]))
def test_no_hours_are_negative_and_every_value_lies_within_its_bounds(kind, seed, cut, every):
    drawn = KINDS[kind](np.random.default_rng([32, seed]))
    kept = slice(0, max(int(cut * drawn.values.size), 48), every)
    table = outages(simulated_tree({"asn/1": drawn.values[kept]}, drawn.times[kept]))
    for name in NOT_NEGATIVE:
        assert (table[name].dropna() >= 0).all(), name
    for name in ("onset", "recovery", "depth", "duration"):
        known = table.dropna(subset=[name])
        low = known[f"{name}_low"]
        high = known[f"{name}_high"].fillna(known[name])
        assert ((low <= known[name]) & (known[name] <= high)).all(), name
    first, last = table["onset"].fillna(table["first_seen"]), table["restored"]
    assert (last.fillna(table["last_seen"]) >= first).all()
    study = Study(cases.load("iran-2019"), 0.95, 0.1, [], table, recovery_stages([], table),
                  descents([], table))  # fmt: skip
    text = str([*outage_findings(study), *(outage_of(study, row) for row in rows_of(table))])
    assert not re.search(r"-\d+(\.\d+)? h", text)


@pytest.mark.parametrize("days", [12, 16, 40])
@pytest.mark.parametrize("seed", range(3))
def test_dark_in_the_last_two_samples_is_found_and_goes_on(days, seed):
    times = times_of(weeks=days / 7)
    world = World(missing=0, gaps=0, daily=0.1)
    values = simulated_signal(world, times, [], rng=np.random.default_rng([33, seed]))
    values[-2:] = 0
    table = trusted(outages(simulated_tree({"asn/1": values}, times)))
    (row,) = table[table["onset"].notna() & table["restored"].isna()].itertuples()
    assert row.onset_low <= times[-2].tz_localize("UTC") <= row.onset_high
    assert pd.isna(row.recovery)
    assert row.duration_low >= 0
    assert row.depth == 1
