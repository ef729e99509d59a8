"""The cumulative sums of OONI's event detector: its numbers, its fixtures, its published changes.

The golden numbers are those of OONI's own class (ooni/data, ``analysis/detector.py``, commit
``03a397bf``) on the series made here.
"""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.detect.blocking.cusum import (
    BLOCKED,
    OK,
    UNKNOWN,
    Memory,
    Rules,
    cusum,
    hourly_medians,
)
from darkdays.errors import InputError
from shared_data import SHARED, needs

BASE = pd.Timestamp("2024-01-01", tz="UTC")
BLOCKED_SCORES = (1.0, 1.0, 0.75, 0.75, 0.75, 0.7, 0.7, 0.5, 0.0, 1.0)
OK_SCORES = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.35, 1.0)
GAPS = {37: 24, 38: 30, 39: 60}


def series():
    """Hours with gaps and scores that change twice, from a generator anybody can write down."""
    x, hour, found = 20190224, 0, []
    for place in range(260):
        x = (1103515245 * x + 12345) % 2**31
        hour += GAPS.get(x // 65536 % 40, 1 + x // 65536 % 2)
        x = (1103515245 * x + 12345) % 2**31
        scores = BLOCKED_SCORES if place // 65 % 2 else OK_SCORES
        found.append((hour, scores[x // 65536 % 10]))
    return found


HOURS = pd.DatetimeIndex([BASE + pd.Timedelta(hours=hour) for hour, _ in series()])
SCORES = np.array([score for _, score in series()])
# Expected delay, half-life, hours of warm-up, where it stops; then changes as (place, state, sum),
# the state at the end and both sums.
GOLDEN = [
    (
        (10, 48, 0, 260),
        [(74, BLOCKED, 3.7995765880521835), (151, OK, 3.5635987096589505),
         (207, BLOCKED, 3.740208677121982)],
        (BLOCKED, 0.0, 0.0),
    ),
    (
        (10, 48, 100, 255),
        [(100, BLOCKED, 16.349576588052187), (151, OK, 3.5635987096589505),
         (207, BLOCKED, 3.740208677121982)],
        (BLOCKED, 0.0, 0.0),
    ),
    (
        (4, 48, 0, 250),
        [(67, BLOCKED, 1.5), (145, OK, 1.7135987096589527), (199, BLOCKED, 1.4499999999999997)],
        (BLOCKED, 0.0, 0.0),
    ),
    (
        (10, 6, 0, 202),
        [(77, BLOCKED, 3.857812499999999), (152, OK, 3.6504013061523417)],
        (OK, 1.0953125, 0.0),
    ),
    (
        (10, 48, 0, 205),
        [(74, BLOCKED, 3.7995765880521835), (151, OK, 3.5635987096589505)],
        (OK, 3.3402086771219817, 0.0),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "changes", "end"), GOLDEN)
def test_changes_and_sums_are_those_of_oonis_detector(settings, changes, end):
    delay, half_life, warm, stop = settings
    rules = Rules(expected_delay=delay, half_life=half_life)
    first = cusum(HOURS[:warm], SCORES[:warm], rules=rules, warm_up=True)
    assert first.changes == ()
    found = cusum(HOURS[warm:stop], SCORES[warm:stop], rules=rules, memory=first.memory)
    mine = [(HOURS.get_loc(one.time), one.state, one.total) for one in found.changes]
    # Sums that end on a threshold have to end there to the last bit.
    assert mine == changes
    assert (found.memory.state, found.memory.to_blocked, found.memory.to_ok) == end


def test_the_rules_are_those_published():
    assert Rules().threshold == 3.5
    assert (Rules().ok_level, Rules().blocked_level, Rules().variance) == (0, 0.7, 0.7)
    # Six hours fully blocked, eleven fully reachable: the first of which tells, without a change.
    hours = pd.date_range(BASE, periods=20, freq="1h")
    blocked = cusum(hours, np.ones(20))
    assert blocked.states == (*[UNKNOWN] * 5, *[BLOCKED] * 15)
    reachable = cusum(hours, np.zeros(20))
    assert reachable.states == (*[UNKNOWN] * 10, *[OK] * 10)
    assert blocked.changes == reachable.changes == ()


def test_sums_fade_after_more_than_a_day_by_half_in_two():
    hours = pd.DatetimeIndex([BASE, BASE + pd.Timedelta(hours=24)])
    kept = cusum(hours, [1.0, 0.35], memory=Memory(OK)).memory.to_blocked
    assert kept == pytest.approx(0.65)
    hours = pd.DatetimeIndex([BASE, BASE + pd.Timedelta(hours=48)])
    faded = cusum(hours, [1.0, 0.35], memory=Memory(OK)).memory.to_blocked
    assert faded == pytest.approx(0.65 / 2)


@given(
    scores=st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=60),
    cut=st.integers(0, 60),
)
def test_a_record_in_two_parts_is_the_record_in_one(scores, cut):
    hours = pd.date_range(BASE, periods=len(scores), freq="7h")
    whole = cusum(hours, scores)
    first = cusum(hours[:cut], scores[:cut])
    rest = cusum(hours[cut:], scores[cut:], memory=first.memory)
    assert first.changes + rest.changes == whole.changes
    assert first.states + rest.states == whole.states
    assert rest.memory == whole.memory
    states = [one.state for one in whole.changes]
    assert all(one != other for one, other in itertools.pairwise(states))
    assert all(one.total > Rules().threshold for one in whole.changes)


@pytest.mark.parametrize(
    ("hours", "scores", "sentence"),
    [
        (pd.DatetimeIndex([BASE]), [0.0, 1.0], "2 scores for 1 hours"),
        (pd.DatetimeIndex([BASE, BASE - pd.Timedelta(hours=1)]), [0.0, 1.0], "not in order"),
    ],
)
def test_what_cannot_be_followed_is_one_sentence(hours, scores, sentence):
    with pytest.raises(InputError, match=sentence):
        cusum(hours, scores)


def test_medians_are_of_the_hour_and_of_what_is_known():
    minutes = (0, 10, 59, 61, 90, 200)
    times = pd.Series([BASE + pd.Timedelta(minutes=one) for one in minutes])
    hours, medians = hourly_medians(times, pd.Series([1.0, 0.0, 1.0, np.nan, 0.5, np.nan]))
    assert list(hours) == [BASE, BASE + pd.Timedelta(hours=1)]
    assert list(medians) == [1.0, 0.5]


# --- OONI's own data, where they are beside this checkout ----------------------------------------


@needs(SHARED, leaves_open="the changes that OONI's own detector found")
def test_the_fixture_of_brazil_has_the_change_that_oonis_detector_finds():
    rows = json.loads(
        (SHARED / "measurements" / "ooni" / "detector_query_ww_BR_2018.json").read_bytes()
    )
    times = pd.to_datetime(pd.Series([row["measurement_start_time"] for row in rows]), utc=True)
    # In these rows of 2018 and 2019 "no anomaly" is written as null.
    scores = pd.Series([1.0 if row["anomaly"] else 0.0 for row in rows])
    hours, medians = hourly_medians(times, scores)
    assert (len(rows), len(hours)) == (911, 817)
    found = cusum(hours, medians.to_numpy())
    (change,) = found.changes
    assert (change.time, change.state) == (pd.Timestamp("2019-03-10 18:00", tz="UTC"), BLOCKED)
    assert change.total == 4.1499999999999995
    counts = [found.states.count(state) for state in (UNKNOWN, OK, BLOCKED)]
    assert counts == [18, 152, 647]


@needs(SHARED, leaves_open="the changes that OONI's own detector found")
def test_published_changes_pass_the_threshold_by_no_more_than_one_hour_adds():
    answer = json.loads((SHARED / "api-samples" / "ooni" / "local_changepoints.json").read_bytes())
    rules = Rules()
    assert len(answer["results"]) == 9
    for row in answer["results"]:
        scores = [row[name] for name in ("dns_isp_blocked", "dns_other_blocked")]
        highest = max(score or 0.0 for score in (*scores, row["tcp_blocked"], row["tls_blocked"]))
        # In one of these rows, written by hand for a test, columns are shifted by one.
        total = row["s_pos"] if row["s_pos"] is not None else float(row["current_state"])
        most = rules.towards_blocked(rules.threshold, highest)
        assert rules.threshold < total <= most
