"""Outages in signals whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.signal import lfilter

from darkdays.contracts.outages import ends
from darkdays.detect import answer
from darkdays.detect.outages.episodes import episodes
from darkdays.detect.outages.excursions import short_events
from darkdays.detect.outages.instrument import instrument_gaps
from darkdays.detect.outages.outages import analyse_all, outages, prepare_all
from darkdays.errors import InputError

START = pd.Timestamp("2020-03-01")


def tree(signals, step="10min", name="ioda.bgp"):
    """A tree of one datasource from entity -> values."""
    count = len(next(iter(signals.values())))
    times = pd.date_range(START, periods=count, freq=step)
    values = np.array(list(signals.values()), dtype=float)
    node = xr.Dataset(
        {"value": (("entity", "time"), values)},
        coords={"entity": list(signals), "time": times},
        attrs={"step_seconds": int(pd.Timedelta(step).total_seconds())},
    )
    return xr.DataTree.from_dict({name: node})


def steady(count=1000, level=1000.0, noise=8.0, seed=0):
    return np.round(level + np.random.default_rng(seed).normal(0, noise, count))


def at(sample, step="10min"):
    return (START + sample * pd.Timedelta(step)).tz_localize("UTC")


def test_a_steady_signal_has_no_outage():
    found = outages(tree({f"asn/{seed}": steady(seed=seed) for seed in range(30)}))
    assert found.empty
    assert list(found.columns[:10]) == [
        "entity", "datasource", "onset", "onset_low", "onset_high",
        "recovery", "recovery_low", "recovery_high", "restored", "last_seen",
    ]  # fmt: skip


@pytest.mark.parametrize("depth", [0.2, 0.6, 1.0])
def test_an_outage_is_dated_and_sized(depth):
    values = steady()
    values[400:520] = np.round(values[400:520] * (1 - depth))
    (found,) = outages(tree({"asn/1": values})).itertuples()
    assert found.onset == at(400)
    assert found.onset_low <= at(400) <= found.onset_high
    assert found.recovery == found.restored == at(520)
    assert found.recovery_low <= at(520) <= found.recovery_high
    assert found.onset_high - found.onset_low <= pd.Timedelta("30min")
    assert found.depth == pytest.approx(depth, abs=0.01)
    assert found.p < 1e-6


def test_an_outage_that_fills_most_of_the_record_does_not_become_normal():
    values = steady(800)
    values[120:] = np.round(values[120:] * 0.05)
    (found,) = outages(tree({"asn/1": values})).itertuples()
    assert found.onset == at(120)
    assert pd.isna(found.recovery)
    assert pd.isna(found.restored), "not observed by the end of the record"
    assert found.last_seen == at(799)


def test_what_was_not_measured_widens_the_bounds():
    values = steady()
    values[400:520] = 10
    values[390:405] = np.nan
    (found,) = outages(tree({"asn/1": values})).itertuples()
    assert found.onset == at(405)
    assert found.onset_low == at(389)
    assert found.onset_high == at(406)


def test_one_sample_down_is_no_outage():
    values = steady()
    values[500] = 0
    assert outages(tree({"asn/1": values})).empty


def test_a_fall_smaller_than_the_least_depth_is_no_outage():
    values = steady(noise=2)
    values[500:700] *= 0.94
    assert outages(tree({"asn/1": values})).empty
    assert len(outages(tree({"asn/1": values}), min_depth=0.05)) == 1


def test_a_signal_of_a_few_blocks_dates_but_does_not_size():
    rng = np.random.default_rng(4)
    values = rng.choice([8.0, 9.0, 10.0], 600)
    values[300:] = rng.choice([0.0, 1.0], 300)
    values[450:] = 5.0
    (found,) = outages(tree({"asn/1": values})).itertuples()
    assert found.onset == at(300)
    assert np.isnan(found.depth)
    assert pd.isna(found.recovery)
    assert pd.isna(found.restored)


def test_coming_back_in_two_stages_dates_the_one_that_brings_most():
    values = steady()
    values[300:] = np.round(values[300:] * 0.02)
    values[500:700] += 150
    values[700:] += 700
    (found,) = outages(tree({"asn/1": values})).itertuples()
    assert found.recovery == at(700)
    assert pd.isna(found.restored)


def test_a_record_already_down_has_no_observed_onset():
    values = steady()
    values[:300] = 20
    (found,) = outages(tree({"asn/1": values})).itertuples()
    assert pd.isna(found.onset)
    assert found.restored == at(300)


def test_adding_an_entity_or_reordering_changes_no_other():
    down = steady(seed=1)
    down[200:260] = 0
    other = steady(seed=2)
    alone = outages(tree({"asn/1": down}))
    together = outages(tree({"asn/2": other, "asn/1": down}))
    pd.testing.assert_frame_equal(alone, together)


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
@pytest.mark.parametrize("kind", [int, np.float32, float])
def test_any_unit_of_time_and_kind_of_number_will_do(unit, kind):
    values = steady()
    values[400:520] = 5
    signals = tree({"asn/1": values, "asn/2": steady(seed=3)})
    node = signals["ioda.bgp"].to_dataset()
    node = node.assign_coords(time=node["time"].values.astype(f"datetime64[{unit}]"))
    node["value"] = node["value"].astype(kind).transpose("time", "entity")
    (found,) = outages(xr.DataTree.from_dict({"ioda.bgp": node})).itertuples()
    assert (found.onset, found.recovery) == (at(400), at(520))


def test_no_signals_have_no_outages():
    assert outages(xr.DataTree.from_dict({"/": xr.Dataset()})).empty


def test_signals_too_short_to_judge_are_named():
    found = outages(tree({"asn/1": steady(20)}))
    assert found.attrs["not_assessed"] == ["ioda.bgp asn/1"]


@pytest.mark.parametrize(
    ("values", "options", "why"),
    [
        (np.r_[steady(50), np.inf], {}, "infinite"),
        (np.r_[steady(50), -1.0], {}, "negative"),
        (steady(50), {"level": 1.0}, "level"),
        (steady(50), {"level": 95}, "level"),
        (steady(50), {"min_depth": 0.0}, "min_depth"),
    ],
)
def test_input_that_cannot_be_used_is_refused(values, options, why):
    with pytest.raises(InputError, match=why):
        outages(tree({"asn/1": values}), **options)


def test_a_gap_of_all_entities_is_the_instruments():
    signals = {f"asn/{number}": steady(200, seed=number) for number in range(4)}
    for values in signals.values():
        values[50:60] = np.nan
    signals["asn/0"][100:110] = np.nan
    (gap,) = instrument_gaps(tree(signals)).itertuples()
    assert (gap.start, gap.end, gap.bins, gap.label) == (at(50), at(60), 10, "instrument")


def test_a_gap_of_two_entities_says_nothing():
    signals = {f"asn/{number}": steady(200, seed=number) for number in range(2)}
    for values in signals.values():
        values[50:60] = np.nan
    assert instrument_gaps(tree(signals)).empty


def test_a_short_event_is_told_from_an_outage():
    def node(seeds):
        signals = {f"asn/{seed}": steady(400, seed=seed) for seed in seeds}
        for values in signals.values():
            values[200:202] = np.round(values[200:202] * 0.3)
        return signals

    two = {
        **tree(node([1, 2, 3])).children,
        **tree(node([2, 3, 4]), name="ioda.ping-slash24").children,
    }
    both = xr.DataTree.from_dict({name: child.to_dataset() for name, child in two.items()})
    analyses = analyse_all(prepare_all(both)[0], 0.95)
    (event,) = short_events(analyses).itertuples()
    assert event.start == at(200)
    assert event.entities == "asn/1 asn/2 asn/3 asn/4"
    assert event.falling == 6
    one_datasource = analyse_all(prepare_all(tree(node([1, 2, 3])))[0], 0.95)
    assert short_events(one_datasource).empty


def test_outages_less_than_a_day_apart_are_one_episode():
    hours = [0, 10, 60]
    table = pd.DataFrame(
        {
            "onset": [at(6 * hour) for hour in hours],
            "onset_low": [at(6 * hour - 1) for hour in hours],
            "onset_high": [at(6 * hour + 1) for hour in hours],
            "restored": [at(6 * hour + 12) for hour in hours],
            "last_seen": [at(1000)] * 3,
        }
    )
    merged = episodes(table)
    assert merged["outages"].tolist() == [2, 1]
    assert merged["until"].tolist() == [at(72), at(372)]


def test_an_outage_of_the_first_or_second_bin_has_no_known_onset():
    for first in (0, 1):
        values = steady()
        values[:first] = 930.0
        values[first:60] = np.round(values[first:60] * 0.4)
        (found,) = outages(tree({"asn/1": values})).itertuples()
        assert pd.isna(found.onset)
        assert found.duration_low == pytest.approx((60 - 1) / 6, abs=0.5)
        assert pd.isna(found.duration_high)


def test_what_is_normal_again_is_over_though_less_than_half_came_back():
    values = steady(noise=2)
    values[400:460] = np.round(values[400:460] * 0.87)
    values[460:560] = np.round(values[460:560] * 0.93)
    table = outages(tree({"asn/1": values}))
    (found,) = table.itertuples()
    assert pd.isna(found.recovery)
    assert found.restored == at(460)
    assert found.recovery_low <= at(460) <= found.recovery_high
    assert found.duration == 10
    assert found.duration_low <= 10 <= found.duration_high < 11
    (end,) = ends(table).itertuples()
    assert end.end == end.until == at(460)


@pytest.mark.parametrize("step", ["3D", "W-MON"])
def test_what_is_coarser_than_a_day_is_judged_by_its_samples(step):
    """Eight weeks of weekly samples are eight samples, which noise moves by a tenth."""
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        noise = lfilter([1.0], [1.0, -0.5], rng.normal(size=330))[200:] * np.sqrt(0.75)
        times = pd.date_range("2019-01-01", periods=130, freq=step, tz="UTC")
        values = pd.Series(1000 + 50 * noise, times)
        found += len(answer(values).outages) > 0
        values.iloc[60:63] *= 0.05
        dark = answer(values).outages
        assert (dark["onset"] == times[60]).any()
    assert found <= 1
