"""Lag profiles and superposed epochs: the right lag, both directions, honest bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.correlate.epochs import superposed_epochs
from darkdays.correlate.lag_profile import (
    lag_profile,
)
from darkdays.correlate.shifts.bands import chance_band
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.correlate.shifts.sampled_shifts import shift_counts
from darkdays.errors import InputError
from simulated_protests import DRIVEN, NULLS, raised, simulate

DAYS = pd.date_range("2021-01-01", periods=180)
MONTHS = ShiftDesign(DAYS)


def two_days_later(seed, places=3):
    """Protests, and an outage two days after most of them."""
    rng = np.random.default_rng(seed)
    protests = rng.random((places, 180)) < 0.06
    outages = rng.random((places, 180)) < 0.01
    outages[:, 2:] |= protests[:, :-2] & (rng.random((places, 178)) < 0.8)
    return outages, protests, rng


def test_a_lag_is_found_where_it_is_in_either_direction():
    outages, protests, rng = two_days_later(1)
    found = lag_profile(outages, protests, MONTHS, draws=499, rng=rng)
    after = found.table.set_index("lag")
    before = lag_profile(protests, outages, MONTHS, draws=499, rng=rng).table.set_index("lag")
    assert after.index.tolist() == before.index.tolist() == list(range(-3, 8))
    assert after["coincidences"].idxmax() == 2
    assert before["coincidences"].idxmax() == -2
    assert after.loc[2, "coincidences"] > after.loc[2, "high_all"]
    assert after.loc[2, "p"] == 1 / 500
    assert after.loc[2, "ratio_low"] > 5
    assert found.p_any == 1 / 500


def test_rates_have_the_stated_denominators():
    outages, protests, rng = two_days_later(2)
    profile = lag_profile(outages, protests, MONTHS, lags=[0, 2], draws=99, rng=rng)
    row = profile.table.set_index("lag").loc[2]
    both = outages[:, 2:] & protests[:, :-2]
    assert row["coincidences"] == both.sum()
    assert row["precursor_rate"] == pytest.approx(both.sum() / outages[:, 2:].sum())
    assert row["trigger_rate"] == pytest.approx(both.sum() / protests[:, :-2].sum())
    assert (profile.outcomes, profile.days) == (outages[:, 2:].sum(), 3 * 178)


def test_without_events_a_profile_is_empty_and_no_no():
    nothing = np.zeros((1, 180), dtype=bool)
    rng = np.random.default_rng(1)
    profile = lag_profile(nothing, nothing, MONTHS, draws=99, rng=rng)
    assert profile.table["precursor_rate"].isna().all()
    assert profile.table["ratio"].isna().all()
    assert (profile.table["p"] == 1).all()
    assert profile.p_any == 1


@pytest.mark.parametrize(("lags", "sentence"), [([], "no lags"), ([-100, 100], "too short")])
def test_lags_that_do_not_fit_are_refused(lags, sentence):
    nothing = np.zeros((1, 180), dtype=bool)
    with pytest.raises(InputError, match=sentence):
        lag_profile(nothing, nothing, MONTHS, lags=lags, rng=np.random.default_rng(1))


def test_simultaneous_bands_hold_all_lags_at_once():
    outside = {"pointwise": 0, "all": 0, "any": 0}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        outages, protests = rng.random((4, 180)) < 0.06, rng.random((4, 180)) < 0.1
        profile = lag_profile(outages, protests, MONTHS, draws=199, rng=rng)
        table = profile.table
        counts = table["coincidences"]
        outside["pointwise"] += ((counts < table["low"]) | (counts > table["high"])).any()
        outside["all"] += ((counts < table["low_all"]) | (counts > table["high_all"])).any()
        outside["any"] += profile.p_any <= 0.05
    assert outside["all"] <= 16
    assert outside["any"] <= 16
    assert outside["pointwise"] > 1.5 * outside["all"], "eleven lags have eleven chances"


def test_a_band_of_draws_that_do_not_vary_is_a_line():
    band = chance_band(np.array([1.0, 2.0]), np.ones((9, 2)))
    assert band.low_all.tolist() == band.high_all.tolist() == [1.0, 1.0]
    assert band.p_any == 1.0


def test_epochs_average_around_events():
    rng = np.random.default_rng(3)
    values = np.ones((2, 180)) + 0.01 * rng.normal(size=(2, 180))
    events = np.zeros((2, 180), dtype=bool)
    for place, day in ((0, 20), (0, 90), (1, 50), (1, 130)):
        events[place, day] = True
        values[place, day + 1 : day + 3] -= 0.5
    values[0, 21] = np.nan
    curve = superposed_epochs(values, events, MONTHS, before=3, after=5, draws=499, rng=rng)
    table = curve.table.set_index("offset")
    assert curve.events == 4
    assert table.loc[[1, 2], "mean"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.02)
    assert table.loc[-1, "mean"] == pytest.approx(1.0, abs=0.02)
    assert table["values"].tolist() == [4, 4, 4, 4, 3, 4, 4, 4, 4]
    assert table.loc[2, "mean"] < table.loc[2, "low_all"]
    assert table.loc[-2, "low_all"] < table.loc[-2, "mean"] < table.loc[-2, "high_all"]
    assert curve.p_any == pytest.approx(1 / 500)


def test_epochs_are_those_of_averaging_by_hand():
    rng = np.random.default_rng(4)
    values, events = rng.normal(size=(2, 180)), rng.random((2, 180)) < 0.08
    events[0, 1] = events[1, 178] = True
    table = superposed_epochs(values, events, MONTHS, before=2, after=3, draws=19, rng=rng).table
    for row in table.itertuples():
        at = [
            values[place, day + row.offset]
            for place, day in np.argwhere(events)
            if 0 <= day + row.offset < 180
        ]
        assert row.values == len(at)
        assert row.mean == pytest.approx(np.mean(at))


def test_epochs_know_where_the_record_ends():
    events = np.zeros((1, 180), dtype=bool)
    with pytest.raises(InputError, match="no event"):
        superposed_epochs(np.ones((1, 180)), events, MONTHS, rng=np.random.default_rng(1))
    events[0, 179] = True
    with pytest.raises(InputError, match=r"\+1 steps from an event"):
        superposed_epochs(np.ones((1, 180)), events, MONTHS, rng=np.random.default_rng(1))
    events[0, 90] = True
    curve = superposed_epochs(
        np.ones((1, 180)), events, MONTHS, after=3, draws=99, rng=np.random.default_rng(1)
    )
    assert curve.table["values"].tolist() == [2] * 8 + [1] * 3


def test_epochs_of_a_flat_signal_leave_nothing_to_see():
    rng = np.random.default_rng(5)
    events = rng.random((3, 180)) < 0.05
    curve = superposed_epochs(rng.normal(size=(3, 180)), events, MONTHS, draws=199, rng=rng)
    assert curve.p_any > 0.05


@pytest.mark.parametrize("truth", [*NULLS, DRIVEN, raised(9)], ids=lambda truth: truth.name)
def test_simulated_records_are_what_they_are_said_to_be(truth):
    records = [simulate(truth, np.random.default_rng([1, number])) for number in range(150)]
    assert all(record.simulated for record in records)
    lengths = [record.days.size for record in records]
    assert 120 <= min(lengths) <= max(lengths) <= 365
    onsets = np.concatenate([record.onsets for record in records])
    exposed = np.concatenate([record.exposed for record in records])
    outages = np.concatenate([record.outages for record in records])
    assert not (onsets & ~outages).any()
    ratio = onsets[exposed].mean() / onsets[~exposed].mean()
    if truth.ratio > 1:
        assert ratio == pytest.approx(truth.ratio, rel=0.25)
    elif truth.shared == "nothing":
        assert ratio == pytest.approx(1, abs=0.2)
    else:
        assert ratio > 1.2, "what is shared makes them go together"
    again = simulate(truth, np.random.default_rng([1, 0]))
    assert (again.outages == records[0].outages).all()


def test_spells_of_the_primary_test_hold_their_level_where_shuffling_does_not():
    rejected = np.zeros(2)
    for number in range(300):
        record = simulate(NULLS[2], np.random.default_rng([2, number]))
        rng = np.random.default_rng([3, number])
        whole = ShiftDesign(record.days)
        vars(whole)["strata"] = np.zeros(record.days.size, dtype=np.intp)
        for place, design in enumerate((ShiftDesign(record.days), whole)):
            found = shift_counts(
                record.onsets[None, None], record.exposed[None, None], design, draws=199, rng=rng
            )
            rejected[place] += found.p_values()[0] <= 0.05
    assert rejected[0] <= 0.055 * 300
    assert rejected[1] > rejected[0]
