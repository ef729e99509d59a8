"""Tables for people."""

from __future__ import annotations

import pandas as pd
import pytest

from darkdays.contracts.moments import bounds, when


def test_a_time_is_said_briefly():
    assert when("2019-11-06T14:05Z") == "6 Nov 14:05"
    assert when(pd.Timestamp("2019-11-16 14:05", tz="UTC")) == "16 Nov 14:05"


@pytest.mark.parametrize("missing", [None, pd.NaT])
def test_what_was_not_observed_is_said_to_be(missing):
    assert when(missing) == "not observed"
    assert bounds((missing, "2019-11-16T14:05Z")) == ""


def test_bounds_name_their_day_once():
    assert bounds(("2019-11-16T14:00Z", "2019-11-16T14:10Z")) == "14:00 to 14:10"
    assert bounds(("2019-11-16T23:55Z", "2019-11-17T00:05Z")) == "16 Nov 23:55 to 17 Nov 00:05"
