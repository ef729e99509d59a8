"""Event coincidence: what holds for any two series, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.correlate.coincidence import event_coincidence
from darkdays.errors import InputError

LENGTH = 40
events = st.sets(st.integers(0, LENGTH - 1), min_size=1, max_size=12).map(sorted)


@given(events, events, st.integers(0, 5))
def test_counts_are_those_of_looking_at_every_pair(outages, protests, window):
    found = event_coincidence(outages, protests, window=window, length=LENGTH)
    preceded = sum(any(0 <= one - s <= window for s in protests) for one in outages)
    followed = sum(any(0 <= one - s <= window for one in outages) for s in protests)
    assert (found.precursor_coincidences, found.outages) == (preceded, len(outages))
    assert (found.trigger_coincidences, found.protests) == (followed, len(protests))
    assert 0 < found.p_precursor <= 1
    assert 0 < found.p_trigger <= 1


@given(events, events, st.integers(0, 5))
def test_the_series_can_change_places_and_time_its_direction(outages, protests, window):
    there = event_coincidence(outages, protests, window=window, length=LENGTH)
    back = event_coincidence(
        [LENGTH - 1 - one for one in protests], [LENGTH - 1 - one for one in outages],
        window=window, length=LENGTH,
    )  # fmt: skip
    assert there.precursor_coincidences == back.trigger_coincidences
    assert there.trigger_coincidences == back.precursor_coincidences
    assert there.p_precursor == back.p_trigger


@given(events, events, st.integers(0, 4))
def test_a_wider_window_holds_no_fewer_coincidences(outages, protests, window):
    narrow = event_coincidence(outages, protests, window=window, length=LENGTH)
    wide = event_coincidence(outages, protests, window=window + 1, length=LENGTH)
    assert wide.precursor_coincidences >= narrow.precursor_coincidences


@given(events, events)
def test_order_and_kind_of_sequence_do_not_matter(outages, protests):
    sorted_list = event_coincidence(outages, protests, window=2, length=LENGTH)
    shuffled = event_coincidence(
        np.array(outages[::-1], dtype=np.uint8), tuple(protests), window=2, length=LENGTH
    )
    assert sorted_list == shuffled


@pytest.mark.parametrize(
    ("outages", "protests", "options", "sentence"),
    [
        ([], [1], {}, "no outages"),
        ([1], [], {}, "no protests"),
        ([1], [40], {}, "protests: 40 is outside the record; indices run from 0 to 39"),
        ([-1], [4], {}, "outages: -1 is outside"),
        ([3, 3], [4], {}, "outages: 3 comes twice"),
        ([1.5], [4], {}, "whole numbers"),
        ([True, False], [4], {}, "whole numbers"),
        ([[1, 2]], [4], {}, "whole numbers"),
        ([1], [4], {"window": -1}, "window is -1"),
        ([1], [4], {"window": 1.5}, "window is 1.5"),
        ([1], [4], {"window": 40}, "does not fit"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(outages, protests, options, sentence):
    with pytest.raises(InputError, match=sentence):
        event_coincidence(outages, protests, **{"window": 2, "length": LENGTH} | options)


def test_a_window_as_long_as_the_record_says_nothing():
    found = event_coincidence([39], [0], window=39, length=LENGTH)
    assert (found.precursor_coincidences, found.p_precursor) == (1, 1.0)
