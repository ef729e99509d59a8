"""Outages in records of many kinds: dark nights, falls that last, rises, low days, last samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.detect.baseline.baseline import running_baseline
from darkdays.detect.outages.controls import LOW_DAY, ORDINARY, ordinary_lows, trusted
from darkdays.detect.outages.fall_steps import falls_of
from darkdays.detect.outages.lasting import LASTING, RISE
from darkdays.detect.outages.outages import analyse_all, outages, outages_of, prepare_all
from darkdays.detect.outages.recurrence import in_words, recurring
from darkdays.simulate.signals import simulated_tree
from outage_kinds import KINDS
from simulated_outages import Event, World, nightly, simulated_signal, times_of

HOUR = pd.Timedelta(hours=1)
CALM = World(gaps=0, dips_a_week=0, missing=0.0, trend=0.0)


def utc(moment):
    return pd.Timestamp(moment).tz_localize("UTC")


def found_in(values, times, **options):
    return outages(simulated_tree({"asn/1": values}, times), **options)


def made(times, events=(), seed=0, world=CALM):
    return simulated_signal(world, times, events, rng=np.random.default_rng(seed))


@pytest.mark.parametrize(
    "kind", ["curfew, dark", "lasting fall in two stages", "rises", "holidays"]
)
def test_every_outage_is_found_dated_and_sized_and_none_made_up(kind):
    for seed in range(2):
        drawn = KINDS[kind](np.random.default_rng([11, seed]))
        table = found_in(drawn.values, drawn.times)
        kept = table[table["label"].eq(LASTING) | table.index.isin(trusted(table).index)]
        assert len(kept) == len(drawn.events)
        begun = [utc(event.start) for event in drawn.events]
        for event, row in zip(drawn.events, kept.sort_values("onset").itertuples(), strict=True):
            assert row.onset_low <= utc(event.start) <= row.onset_high
            assert row.depth_low <= event.depth <= row.depth_high
        assert begun == sorted(begun)


def test_a_place_dark_every_night_since_its_record_begins():
    times = times_of(weeks=10)
    events = nightly(times, (3, 9), (0, 70), depth=1.0, time_zone="UTC")
    table = found_in(made(times, events), times)
    assert len(table) == 70
    assert (table["depth"] > 0.99).all()
    (pattern,) = recurring(table, time_zone="UTC").itertuples()
    assert in_words(pattern) == (
        "every day 03:00 to 09:00, 70 of 70 nights, from 4 January to 14 March 2021, "
        "since the record begins"
    )


@pytest.mark.parametrize(("days", "label"), [(30, "outage"), (100, LASTING)])
def test_a_fall_that_never_comes_back_is_sized_from_the_level_before(days, label):
    times = times_of(weeks=26)
    start = times[-1] + HOUR - pd.Timedelta(days=days)
    event = Event("fall", start, times[-1] + HOUR, 0.4)
    (row,) = found_in(made(times, [event]), times).itertuples()
    assert row.label == label
    assert pd.isna(row.recovery)
    assert row.onset_low <= utc(start) <= row.onset_high
    assert row.depth_low <= 0.4 <= row.depth_high
    assert row.depth == pytest.approx(0.4, abs=0.02)


def test_a_rise_for_good_makes_no_outage_of_what_was_before_it():
    times = times_of(weeks=12)
    values = made(times)
    values[1000:] *= 1.5
    assert found_in(values, times).empty
    values = made(times)
    values[150:] *= 1.5
    (row,) = found_in(values, times).itertuples()
    assert (row.label, row.onset) == (RISE, pd.NaT)
    assert trusted(found_in(values, times)).empty


def test_low_days_are_like_holidays_and_ordinary_where_a_control_is_low_too():
    times = times_of(weeks=12)
    days = [Event("low", times[800 - 800 % 24], times[800 - 800 % 24 + 48], 0.2)]
    rows = {"asn/1": made(times, days), "country/TR": made(times, days, seed=1)}
    (row,) = found_in(rows["asn/1"], times).itertuples()
    assert row.label == LOW_DAY
    table = outages(simulated_tree(rows, times), controls=["country/TR"])
    assert table.set_index("entity")["label"]["asn/1"] == ORDINARY


@pytest.mark.parametrize("samples", [300, 1000])
def test_dark_in_the_last_two_samples(samples):
    rng = np.random.default_rng(0)
    values = np.round(1000 + rng.normal(0, 20, samples))
    values[-2:] = 0
    (row,) = found_in(values, pd.date_range("2021-01-04", periods=samples, freq="1h")).itertuples()
    assert pd.isna(row.recovery)
    assert row.duration_low >= 0


def test_few_units_are_back_when_they_are_back():
    values = np.full(21 * 24, 8.0)
    values[240:264] = 0
    (row,) = found_in(
        values, pd.date_range("2021-02-01", periods=values.size, freq="1h")
    ).itertuples()
    assert np.isnan(row.depth)
    assert row.duration == 24


def test_dark_hours_teach_no_season():
    times = times_of(weeks=6)
    quiet = made(times)
    dark = made(times, nightly(times, (0, 10), (5, 42), depth=1.0, time_zone="UTC"))
    expected = running_baseline(dark, times, HOUR).expected
    assert np.median(np.abs(quiet / expected - 1)) < 0.06


def test_the_steps_of_a_fall_that_lasts_belong_to_one_episode():
    drawn = KINDS["lasting fall in two stages"](np.random.default_rng([777_001, 2]))
    prepared, _ = prepare_all(simulated_tree({"asn/1": drawn.values}, drawn.times))
    analyses = analyse_all(prepared, 0.95)
    table = outages_of(analyses, min_depth=0.1)
    last = drawn.events[-1]
    here = table[table["recovery"].isna() & (table["onset"].dt.tz_localize(None) >= last.start)]
    (row,) = here.itertuples()
    first, second = falls_of(analyses[0], row)
    assert first["low"] <= last.start <= first["high"]
    assert first["level_before"] == pytest.approx(1, abs=0.05)
    assert first["level_after"] == pytest.approx(second["level_before"], abs=0.05)
    assert second["level_after"] == pytest.approx(1 - last.depth, abs=0.05)


def test_an_index_in_tens_is_no_count_of_ten():
    times = times_of(weeks=6)
    rng = np.random.default_rng(5)
    values = np.round((100 + rng.normal(0, 1.5, times.size)) / 10) * 10
    values[500:560] = 40
    index, count = (outages(simulated_tree({"asn/1": one}, times)) for one in (values, values / 10))
    (row,) = index.itertuples()
    assert row.depth_low <= 0.6 <= row.depth_high
    assert row.depth == pytest.approx(0.6, abs=0.05)
    (row,) = count.itertuples()
    assert np.isnan(row.depth)
    assert row.duration == 60


@pytest.mark.parametrize("known", ["nothing", "donor", "holiday", "other holiday"])
def test_a_low_day_is_ordinary_where_donors_or_dated_holidays_say_so(known):
    times = times_of(weeks=8)
    world = World(gaps=0, missing=0, noise=0.02)
    low = [Event("holiday", times[24 * 30], times[24 * 32], 0.2)]
    rows = {
        name: simulated_signal(world, times, low, rng=np.random.default_rng(number))
        for number, name in enumerate(["country/IR", "country/TR"][: 1 + (known == "donor")])
    }
    table = outages(simulated_tree(rows, times))
    assert set(table["label"]) == {LOW_DAY}
    assert trusted(table).empty
    first = times[24 * 30] + pd.Timedelta(days=9 * (known == "other holiday"))
    days = pd.date_range(first, periods=2) if "holiday" in known else pd.DatetimeIndex([])
    found = ordinary_lows(table, ["country/TR"], days, "UTC")
    mine = found.loc[found["entity"] == "country/IR", "label"]
    assert list(mine) == [ORDINARY if known in ("donor", "holiday") else LOW_DAY]
    assert trusted(found).empty
