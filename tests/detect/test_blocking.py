"""Blocked shares, states over time and changes of the way of blocking."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from darkdays.detect.blocking.blocking import (
    BLOCKED,
    INSUFFICIENT,
    NOT_BLOCKED,
    OK,
    SHARES,
    UNSTATED,
    Counting,
    observations,
    shares,
)
from darkdays.detect.blocking.blocking_states import CHANGE, GAP, MIXED, RECORD, stretches
from darkdays.detect.blocking.category_changes import best_cut, bounds, evidence, gains, p_value
from darkdays.detect.blocking.sites import ANY, sites_of
from examples import examples

BASE = pd.Timestamp("2019-02-24", tz="UTC")
HOUR = pd.Timedelta(hours=1)


def measured(*rows, network=27725):
    """A table of measurements: (hours after BASE, domain or test, way or "" or None for failed)."""
    found = []
    for hours, site, way in rows:
        is_domain = "." in site
        found.append(
            {
                "measurement_start_time": BASE + hours * HOUR,
                "probe_cc": "CU",
                "probe_asn": network,
                "test_name": "web_connectivity" if is_domain else site,
                "input": f"https://{site}/" if is_domain else None,
                "domain": site if is_domain else None,
                "anomaly": None if way is None else way != NOT_BLOCKED,
                "confirmed": False if way is not None else None,
                "failure": way is None,
                "blocking_type": way if way not in (None, "", UNSTATED) else None,
            }
        )
    table = pd.DataFrame(found)
    flags = dict.fromkeys(("anomaly", "confirmed", "failure"), "boolean")
    return table.astype({**flags, "probe_asn": "Int64"})


def cut(*rows, unit="hour", level=0.95, draws=199, **more):
    seen = observations(measured(*rows))
    return stretches(seen, Counting(level, unit), draws=draws, rng=np.random.default_rng(1), **more)


# --- measurements and shares ----------------------------------------------------------------------


def test_what_failed_says_nothing_and_www_is_no_site_of_its_own():
    seen = observations(
        measured((0, "www.a.example", "tcp_ip"), (1, "a.example", ""), (2, "a.example", None))
    )
    assert seen["site"].tolist() == ["a.example"] * 2
    assert seen["method"].tolist() == ["tcp_ip", NOT_BLOCKED]
    assert seen["network"].unique().tolist() == ["asn/27725"]


def test_apps_are_called_by_their_test_and_blocked_without_a_way():
    seen = observations(measured((0, "whatsapp", UNSTATED), (1, "whatsapp", "")))
    assert seen["site"].tolist() == ["whatsapp"] * 2
    assert seen["method"].tolist() == [UNSTATED, NOT_BLOCKED]


def test_a_confirmed_block_counts_and_a_network_that_is_not_known_has_a_name():
    table = measured((0, "a.example", ""), network=0).assign(
        confirmed=pd.array([True], dtype="boolean")
    )
    (row,) = observations(table).to_dict("records")
    assert (row["method"], row["network"]) == (UNSTATED, "asn/unknown")
    silent = table.assign(
        anomaly=pd.array([pd.NA], dtype="boolean"), confirmed=pd.array([pd.NA], dtype="boolean")
    )
    assert observations(silent).empty


@pytest.mark.parametrize(("interval", "known"), [("wilson", "wilson"), ("exact", "beta")])
@pytest.mark.parametrize(("blocked", "units"), [(0, 1), (8, 8), (10, 10), (3, 9), (37, 100)])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_intervals_are_those_of_statsmodels(interval, known, blocked, units, level):
    mine = Counting(level, interval=interval).bounds(blocked, units)
    assert mine == pytest.approx(proportion_confint(blocked, units, 1 - level, known), abs=1e-9)


def test_a_state_needs_the_whole_interval_on_one_side():
    counting = Counting()
    assert counting.state(8, 8) == BLOCKED
    assert counting.state(0, 8) == OK
    assert [counting.state(n, n) for n in (0, 1, 2, 3)] == [INSUFFICIENT] * 4
    assert counting.state(50, 100) == INSUFFICIENT
    # Three of three: Wilson at 90 % suffices, at 95 % not; an exact interval never does.
    assert Counting(0.9).state(3, 3) == BLOCKED
    assert Counting(0.9, interval="exact").state(3, 3) == INSUFFICIENT


def test_an_hour_counts_once_whatever_happens_in_it():
    rows = [(0, "a.example", "tcp_ip")] * 30 + [(one, "a.example", "") for one in range(1, 4)]
    seen = observations(measured(*rows))
    (hourly,) = shares(seen, Counting()).to_dict("records")
    assert (hourly["blocked"], hourly["units"], hourly["measurements"]) == (1, 4, 33)
    (each,) = shares(seen, Counting(unit="measurement")).to_dict("records")
    assert (each["blocked"], each["units"]) == (30, 33)


def test_a_torn_hour_is_in_neither_count_and_another_way_is_not_this_way():
    rows = [(0, "a.example", "tcp_ip"), (0.5, "a.example", "http-diff"), (1, "a.example", "dns")]
    (row,) = shares(observations(measured(*rows)), Counting(), ["tcp_ip"]).to_dict("records")
    assert (row["blocked"], row["units"], row["undecided"]) == (0, 1, 1)
    (row,) = shares(observations(measured(*rows)), Counting()).to_dict("records")
    assert (row["blocked"], row["units"], row["undecided"]) == (2, 2, 0)


def test_nothing_measured_has_no_share():
    empty = observations(measured((0, "a.example", None)))
    assert list(shares(empty, Counting()).columns) == list(SHARES)
    assert shares(empty, Counting()).empty
    assert cut((0, "a.example", None)).empty


WAYS = st.sampled_from(["", "tcp_ip", "http-diff", "dns"])
ROWS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["a.example", "b.example"]), WAYS | st.none()),
    min_size=1,
    max_size=40,
)


@given(rows=ROWS, order=st.randoms(use_true_random=False))
@settings(max_examples=examples(40))
def test_the_order_of_rows_does_not_matter_and_shares_hold_together(rows, order):
    mixed = list(rows)
    order.shuffle(mixed)
    for unit in ("hour", "day", "measurement"):
        counting = Counting(unit=unit)
        one, other = (shares(observations(measured(*some)), counting) for some in (rows, mixed))
        pd.testing.assert_frame_equal(one, other)
        for row in one.itertuples():
            assert 0 <= row.blocked <= row.units
            assert row.measurements_blocked <= row.measurements
            assert 0 <= row.low <= row.high <= 1
            if row.units:
                assert row.low - 1e-9 <= row.share <= row.high + 1e-9


# --- changes of categories ------------------------------------------------------------------------


def test_evidence_is_that_of_an_urn_drawn_from_one_by_one():
    counts = np.zeros(3)
    told = 0.0
    for category in (0, 2, 2, 1, 2, 0, 0):
        told += math.log((counts[category] + 0.5) / (counts.sum() + 1.5))
        counts[category] += 1
    assert evidence(counts) == pytest.approx(told)


def onehot(categories, width=3):
    return np.eye(width)[np.array(categories)]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=9))
@settings(max_examples=examples(60))
def test_the_best_cut_is_the_best_of_all_cuts(categories):
    weights = onehot(categories)
    n = len(weights)
    price = math.log(max(n, 2))

    def worth(places):
        edges = [0, *places, n]
        parts = [weights[a:b].sum(axis=0) for a, b in itertools.pairwise(edges)]
        return sum(float(evidence(part)) for part in parts) - price * len(places)

    every = [places for size in range(n) for places in itertools.combinations(range(1, n), size)]
    assert worth(best_cut(weights)) == pytest.approx(max(map(worth, every)))


def test_a_permutation_p_value_is_that_of_all_orders():
    weights = onehot([0, 0, 0, 0, 1, 1, 1])
    seen = gains(weights).max()
    orders = [
        gains(onehot(order)).max() >= seen - 1e-9
        for order in set(itertools.permutations([0] * 4 + [1] * 3))
    ]
    assert np.mean(orders) == pytest.approx(2 / 35)
    p = p_value(weights, 4000, np.random.default_rng(3))
    assert p == pytest.approx(2 / 35, abs=0.012)
    assert p_value(weights[:1], 99, np.random.default_rng(3)) == 1.0


def test_p_values_hold_their_level_where_nothing_changes():
    rng = np.random.default_rng(5)
    found = [p_value(onehot(rng.integers(0, 2, 25), 2), 99, rng) <= 0.05 for _ in range(300)]
    assert np.mean(found) <= 0.08


def test_bounds_hold_the_change_as_often_as_they_say():
    rng = np.random.default_rng(7)
    held, width = [], []
    for _ in range(300):
        place = int(rng.integers(5, 35))
        blocked = np.concatenate([rng.random(place) < 0.1, rng.random(40 - place) < 0.9])
        first, last = bounds(onehot(blocked.astype(int), 2), 0.9)
        held.append(first <= place <= last)
        width.append(last - first)
    assert np.mean(held) >= 0.87
    assert np.mean(width) < 6


# --- states over time -----------------------------------------------------------------------------


def hourly(start, way, count, site="a.example", step=1):
    return [(start + step * one, site, way) for one in range(count)]


def test_a_change_of_the_way_is_a_change_point_with_bounds():
    found = cut(*hourly(0, "http-diff", 12), *hourly(12, "tcp_ip", 12))
    assert found["state"].tolist() == [BLOCKED, BLOCKED]
    assert found["method"].tolist() == ["http-diff", "tcp_ip"]
    assert found["begins"].tolist() == [RECORD, CHANGE]
    first, second = found.itertuples()
    assert pd.isna(first.start_low)
    assert pd.isna(first.p)
    assert second.start_low <= BASE + 11 * HOUR < BASE + 12 * HOUR <= second.start_high
    assert (first.end_low, first.end_high) == (second.start_low, second.start_high)
    assert pd.isna(second.end_high)
    assert second.blocked_first == BASE + 12 * HOUR
    assert second.p <= 0.01


def test_blocked_open_and_too_few_are_three_states():
    found = cut(*hourly(0, "dns", 10), *hourly(10, "", 10), *hourly(0, "", 2, site="b.example"))
    states = {(row.site, row.stretch): row.state for row in found.itertuples()}
    assert states == {
        ("a.example", 1): BLOCKED, ("a.example", 2): OK, ("b.example", 1): INSUFFICIENT,
    }  # fmt: skip
    assert found["method"].tolist() == ["dns", "", ""]


def test_a_state_is_not_carried_over_a_gap():
    rows = [*hourly(0, "dns", 10), *hourly(24 * 11, "dns", 10)]
    found = cut(*rows)
    assert found["begins"].tolist() == [RECORD, GAP]
    assert found["state"].tolist() == [BLOCKED, BLOCKED]
    assert found["start_low"].iloc[1] == BASE + 9 * HOUR
    assert found["start_high"].iloc[1] == BASE + 264 * HOUR
    assert found["p"].isna().all()
    whole = cut(*rows, patience=pd.Timedelta(days=30))
    assert len(whole) == 1
    assert whole["longest_gap_hours"].iloc[0] == 255


def test_one_stray_hour_is_no_change():
    rows = [*hourly(0, "http-diff", 10), (10, "a.example", "tcp_ip"), *hourly(11, "http-diff", 10)]
    found = cut(*rows)
    assert len(found) == 1
    assert found["method"].iloc[0] == "http-diff"


def test_what_is_blocked_in_no_way_mostly_is_mixed():
    rows = [(one, "a.example", ("dns", "tcp_ip", "http-diff")[one % 3]) for one in range(15)]
    found = cut(*rows)
    assert found["method"].unique().tolist() == [MIXED]


def test_the_same_seed_gives_the_same_table_and_networks_are_apart():
    rows = [*hourly(0, "dns", 8), *hourly(8, "", 8)]
    pd.testing.assert_frame_equal(cut(*rows), cut(*rows))
    tables = {
        "one": pd.concat([measured(*rows), measured(*rows[:8], network=5)], ignore_index=True),
        "headers": pd.DataFrame({"header": ["server"]}),
    }
    sites = sites_of(tables, 0.95)
    assert sites.stretches.groupby("network").size().to_dict() == {"asn/27725": 2, "asn/5": 1}
    assert set(sites.by_rules["method"]) == {ANY, "dns"}
    rule = sites.by_rules.set_index(["network", "method"])
    assert rule.loc[("asn/5", ANY), "state"] == "blk"
    assert rule.loc[("asn/27725", ANY), "changes"] == 0


def test_a_case_without_measurements_has_empty_tables():
    sites = sites_of({}, 0.95)
    assert (len(sites.observed), len(sites.stretches), len(sites.by_rules)) == (0, 0, 0)
