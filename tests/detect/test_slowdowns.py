"""Slowdowns: ranks of tests, days against days, and who could still test."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from darkdays.archive.request import Reply, SourceError
from darkdays.case.records import ThroughputDrop
from darkdays.claims.records.speeds import throughput_drop
from darkdays.detect.blocking.ordinal import cliffs_delta, compare
from darkdays.detect.speeds.day_ratios import welch_reach
from darkdays.detect.speeds.slowdowns import slowdown
from darkdays.detect.speeds.speed_days import LOWEST_COUNTED, speed_days
from darkdays.errors import InputError
from darkdays.figures.records.speeds import SpeedRecord, speed_quantiles
from darkdays.sources.mlab import mlab_histograms
from darkdays.sources.query import Query
from examples import examples
from shared_data import SHARED, needs

SAMPLE = SHARED / "api-samples/mlab/asn14593_2024-01-01_histogram_daily_stats_excerpt.json"
EDGES = np.array([0.562, 1.78, 5.62, 17.8, 56.2, 178, 562, 1778, 5623])
START = pd.Timestamp("2021-07-15")
END = pd.Timestamp("2021-07-25")


def days(center, tests, *, first="2021-06-01", seed=1, spread=0.8):
    """A table of speed tests; ``center`` and ``tests`` are functions of the day."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in pd.date_range(first, "2021-08-07", tz="UTC"):
        speeds = np.exp(rng.normal(np.log(center(day)), spread, tests(day)))
        counts, _ = np.histogram(speeds, EDGES)
        quartiles = np.quantile(speeds, [0, 0.25, 0.5, 0.75, 1])
        for place, count in enumerate(counts):
            low = 0.0 if place == 0 else EDGES[place]
            rows.append(
                ("region/IR-06", day, "download", low, EDGES[place + 1], count, len(speeds),
                 *quartiles)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(mlab_histograms.COLUMNS))


def inside(day):
    return START <= day.tz_localize(None) < END


def found(table, **more):
    record = speed_days(table, "region/IR-06", "download")
    more = {"level": 0.95, "draws": 199, "rng": np.random.default_rng(1)} | more
    return slowdown(record, START, END, **more)


def claim(**more):
    stated = {
        "type": "throughput_drop", "id": "slow", "statement": "It was slow.", "origin": "nobody",
        "tables": ["speeds"], "entity": "region/IR-06",
        "start": f"{START:%Y-%m-%d}T00:00Z", "end": f"{END:%Y-%m-%d}T00:00Z",
    }  # fmt: skip
    return ThroughputDrop.model_validate(stated | more)


def judged(table):
    return throughput_drop(claim(), table, "Khuzestan", level=0.95, same_weekdays=True, draws=199)


# --- two samples ----------------------------------------------------------------------------------

COUNTS = st.lists(st.integers(0, 6), min_size=4, max_size=4).map(lambda one: np.array(one, float))


@given(COUNTS, COUNTS)
@settings(max_examples=examples(80))
def test_delta_is_twice_the_area_under_the_curve_less_one_and_turns_its_sign(first, second):
    delta = cliffs_delta(first, second)
    if not first.sum() or not second.sum():
        assert np.isnan(delta)
        return
    codes = np.concatenate([np.repeat(np.arange(4), one.astype(int)) for one in (first, second)])
    labels = np.repeat([1, 0], [int(first.sum()), int(second.sum())])
    assert delta == pytest.approx(2 * roc_auc_score(labels, codes) - 1)
    assert cliffs_delta(second, first) == pytest.approx(-delta)
    assert cliffs_delta(first[::-1], second[::-1]) == pytest.approx(-delta)


@given(COUNTS, COUNTS)
@settings(max_examples=examples(60))
def test_every_pair_of_samples_is_compared_without_a_warning(first, second):
    both = compare(first, second, 0.95)
    for number in (both.mann_whitney_p, both.brunner_munzel_p):
        assert np.isnan(number) or 0 <= number <= 1
    assert np.isnan(both.low) or -1 <= both.low <= both.delta <= both.high <= 1


def test_delong_has_the_interval_worked_out_by_hand():
    # Placements of 1, 1, 2 among 0, 1, 2, 2, and the other way round, ties by half.
    both = compare(np.array([0.0, 2, 1]), np.array([1.0, 1, 2]), 0.95)
    ours, theirs = np.array([0.375, 0.375, 0.75]), np.array([1.0, 2 / 3, 1 / 6, 1 / 6])
    assert (both.delta + 1) / 2 == pytest.approx(ours.mean()) == pytest.approx(theirs.mean())
    error = np.sqrt(ours.var(ddof=1) / 3 + theirs.var(ddof=1) / 4)
    half = 2 * stats.norm.ppf(0.975) * error
    assert both.low == pytest.approx(max(-1, both.delta - half))
    assert both.high == pytest.approx(min(1, both.delta + half))


def test_p_values_are_those_of_scipy_on_the_single_tests():
    rng = np.random.default_rng(2)
    one, other = rng.integers(0, 5, 60), rng.integers(1, 6, 80)
    both = compare(*(np.bincount(some, minlength=6).astype(float) for some in (one, other)), 0.9)
    assert both.mann_whitney_p == pytest.approx(
        stats.mannwhitneyu(one, other, method="asymptotic").pvalue
    )
    assert both.brunner_munzel_p == pytest.approx(stats.brunnermunzel(one, other).pvalue)


# --- days -----------------------------------------------------------------------------------------


def test_tests_in_no_bucket_are_counted_where_they_can_be():
    table = days(lambda _: 1.0, lambda _: 200)
    record = speed_days(table, "region/IR-06", "download")
    assert record.counts.shape == (68, 10)
    assert (record.counts.sum(axis=1) == record.tests).all()
    below = record.counts[:, 0] / record.tests
    assert below == pytest.approx(record.lost)
    expected = stats.norm.cdf(np.log(LOWEST_COUNTED) / 0.8)
    assert below.mean() == pytest.approx(expected, abs=0.02)
    assert not record.adrift.any()
    fast = table.assign(fastest=6000.0, slowest=0.1)
    assert (speed_days(fast, "region/IR-06", "download").adrift > 0).all()
    above = table.assign(fastest=6000.0, slowest=1.0)
    assert speed_days(above, "region/IR-06", "download").counts[:, 0].sum() == 0
    assert not len(speed_days(table, "region/IR-06", "upload").days)


def test_a_slowdown_is_found_and_nothing_is_found_where_nothing_is():
    slow = found(days(lambda day: 4 if inside(day) else 12, lambda _: 80))
    assert slow.high < -0.4
    assert slow.bound_high < -0.4
    assert slow.placebo_p == pytest.approx(1 / slow.placebos)
    assert (slow.days, slow.other_days) == (10, 58)
    assert slow.pooled.mann_whitney_p < 1e-6
    same = found(days(lambda _: 12, lambda _: 80))
    assert same.low < 0 < same.high
    assert same.placebo_p > 0.05


def test_weekends_are_no_slowdown():
    def center(day):
        return 4 if day.day_of_week in (3, 4) else 12

    start, end = pd.Timestamp("2021-07-15"), pd.Timestamp("2021-07-17")
    record = speed_days(days(center, lambda _: 80), "region/IR-06", "download")
    settings_ = {"level": 0.95, "draws": 99, "rng": np.random.default_rng(1)}
    alike = slowdown(record, start, end, **settings_)
    assert abs(alike.delta) < 0.1
    # Two days are too few to resample: nothing is excluded.
    assert (alike.low, alike.high) == (-1, 1)
    assert slowdown(record, start, end, same_weekdays=False, **settings_).delta < -0.3


def test_who_could_not_test_may_have_made_it_or_hidden_it():
    # A fifth of the tests is left, those of the slow: the fall may be all theirs.
    few = found(days(lambda day: 8 if inside(day) else 12, lambda day: 16 if inside(day) else 80))
    assert few.high < 0 < few.bound_high
    assert few.bound_low < few.delta < few.bound_high
    # Three times as many tests, and slower ones: people test when it breaks.
    many = found(days(lambda day: 8 if inside(day) else 12, lambda day: 240 if inside(day) else 80))
    assert many.high < 0 < many.bound_high


@given(st.integers(5, 300), st.floats(2, 20))
@settings(max_examples=examples(15))
def test_bounds_hold_what_was_measured(tests, center):
    both = found(
        days(lambda day: center if inside(day) else 8, lambda day: tests if inside(day) else 60),
        draws=19,
    )
    assert both.bound_low <= both.delta <= both.bound_high
    assert -1 <= both.bound_low <= both.bound_high <= 1
    assert 0 < both.placebo_p <= 1


def test_the_interval_holds_where_days_share_a_state():
    # A day's own level moves more than its tests: resampled tests would be far too sure.
    held = 0
    for seed in range(40):
        rng = np.random.default_rng(100 + seed)
        level = {day: 10 * np.exp(rng.normal(0, 0.5)) for day in pd.date_range(
            "2021-06-01", "2021-08-07", tz="UTC")}  # fmt: skip
        both = found(days(level.__getitem__, lambda _: 40, seed=seed), draws=99)
        held += both.low <= 0 <= both.high
    assert held >= 34


def test_days_without_another_to_compare_with_are_none():
    table = days(lambda _: 12, lambda _: 20)
    record = speed_days(table, "region/IR-06", "download")
    more = {"level": 0.95, "draws": 9, "rng": np.random.default_rng(1)}
    assert slowdown(record, record.days[0], record.days[-1] + END.resolution, **more) is None
    later = pd.Timestamp("2030-01-01")
    assert slowdown(record, later, later + pd.Timedelta(days=2), **more) is None


# --- the claim ------------------------------------------------------------------------------------


def test_verdicts_need_the_interval_and_the_bounds():
    slow = judged(days(lambda day: 3 if inside(day) else 12, lambda _: 80))
    assert slow.verdict == "supported"
    numbers = {one.name: one for one in slow.numbers}
    assert numbers["delta"].high < 0
    assert numbers["tests"].value == numbers["tests.other_days"].value == 80
    fewer = judged(
        days(lambda day: 8 if inside(day) else 12, lambda day: 16 if inside(day) else 80)
    )
    assert fewer.verdict == "inconclusive"
    assert "could come from who tested" in fewer.because
    fast = judged(days(lambda day: 40 if inside(day) else 12, lambda _: 80))
    assert fast.verdict == "contradicted"
    assert judged(days(lambda _: 12, lambda _: 80)).verdict == "inconclusive"
    none = judged(days(lambda _: 12, lambda _: 80).iloc[:0])
    assert none.verdict == "untested"


def test_the_figure_has_a_table_of_what_it_draws_and_says_who_tested():
    table = days(lambda day: 3 if inside(day) else 12, lambda day: 20 if inside(day) else 80)
    record = speed_days(table, "region/IR-06", "download")
    plot = speed_quantiles([SpeedRecord("Khuzestan, download", record, START, END)])
    assert len(plot.data) == 68
    assert plot.data["claimed"].sum() == 10
    assert "20 tests a day" in plot.alt
    assert "80 tests a day" in plot.alt
    assert plot.rendered("png") == plot.rendered("png")


# --- M-Lab's files --------------------------------------------------------------------------------


def query(**more):
    window = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-03", tz="UTC")
    asked = {"entities": ("asn/14593", "country/IR")} | more
    return Query("mlab-histograms", *window, "IR", **asked)


def read(asked, content):
    requests = mlab_histograms.requests(asked, {})
    return mlab_histograms.read(asked, {one.key: Reply(one, content) for one in requests})


@needs(SAMPLE, leaves_open="recorded replies of M-Lab")
def test_the_recorded_file_is_read_whole():
    table = read(query(options={"entities": "asn/14593"}), SAMPLE.read_bytes())
    assert len(table) == 16
    sums = table.groupby("direction")[["tests"]].sum()["tests"].to_dict()
    assert sums == {"download": 10962, "upload": 8265}
    record = speed_days(table, "asn/14593", "download")
    assert record.lost == pytest.approx([1 - 10962 / 11193])
    assert record.quartiles.tolist() == [[15.119, 42.251, 83.842]]
    assert table.attrs["licence"] == "CC0 1.0"


def day(**more):
    row = {"date": "2024-01-01"}
    for short, name in (("dl", "download"), ("ul", "upload")):
        row |= {f"{short}_samples_bucket": 1, f"{short}_samples_day": 9}
        row |= {f"{name}_{one}": 2.0 for one in ("MIN", "Q25", "MED", "Q75", "MAX")}
    return [{"bucket_min": n, "bucket_max": n + 1, **row, **more} for n in range(8)]


def test_days_that_are_not_whole_or_have_no_test_are_left_out():
    only = {"options": {"entities": "asn/14593"}}
    assert len(read(query(**only), json.dumps(day()).encode())) == 16
    assert read(query(**only), json.dumps(day()[:7]).encode()).empty
    assert (
        len(read(query(**only), json.dumps(day(dl_samples_day=0, dl_samples_bucket=0)).encode()))
        == 8
    )
    assert read(query(**only), b"[]").empty


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (day(bucket_min=1), "same bucket twice"),
        (day(dl_samples_day=3), "more tests than the day"),
        (day(dl_samples_bucket=-1), "more tests than the day"),
        ([*day()[:7], {**day()[7], "download_MED": 9}], "disagree on download_MED"),
        (day(date="2023-01-01"), "a row is of 2023"),
    ],
)
def test_rows_that_cannot_be_are_one_sentence(rows, sentence):
    with pytest.raises(SourceError, match=sentence):
        read(query(options={"entities": "asn/14593"}), json.dumps(rows).encode())


def test_an_entity_that_is_none_of_the_cases_is_a_mistake():
    with pytest.raises(InputError, match="'asn/1' in option entities is none"):
        mlab_histograms.requests(query(options={"entities": "asn/1"}), {})


@pytest.mark.parametrize(("days", "others", "spread"), [(3, 60, 1), (3, 10, 2), (4, 60, 0.6)])
def test_an_interval_of_three_days_covers_as_it_says(days, others, spread):
    rng = np.random.default_rng(3)
    here = rng.normal(scale=spread, size=(20_000, days))
    there = rng.normal(size=(20_000, others))
    one, other = here.var(axis=1, ddof=1) / days, there.var(axis=1, ddof=1) / others
    reach = welch_reach(one, other, days, others, level=0.95) * np.sqrt(one + other)
    assert (abs(here.mean(axis=1) - there.mean(axis=1)) <= reach).mean() >= 0.94
