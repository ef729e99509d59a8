"""Public holidays, by the calendars of countries."""

from __future__ import annotations

import pandas as pd
import pytest

from darkdays.sources.public_holidays import public_holidays


@pytest.mark.parametrize(
    ("place", "day"),
    [
        ("CU", "2021-07-26"),  # Día de la Rebeldía Nacional
        ("IR", "2021-03-21"),  # Nowruz
        ("BY", "2020-07-03"),  # Independence Day
        ("SD", "2021-01-01"),
    ],
)
def test_a_day_off_is_in_the_calendar_of_its_country(place, day):
    found = public_holidays(place, pd.Timestamp("2020-01-01"), pd.Timestamp("2021-12-31"))
    assert pd.Timestamp(day) in found
    assert found.is_monotonic_increasing
    assert found.tz is None


@pytest.mark.parametrize("place", ["world", "ZZ", ""])
def test_a_place_without_a_calendar_has_none(place):
    assert public_holidays(place, pd.Timestamp("2020-01-01"), pd.Timestamp("2021-12-31")).empty


def test_only_the_days_asked_for_are_given():
    found = public_holidays("CU", pd.Timestamp("2021-07-26"), pd.Timestamp("2021-07-26"))
    assert found.tolist() == [pd.Timestamp("2021-07-26")]
