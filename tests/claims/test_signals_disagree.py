"""Which outage datasources are compared on."""

from __future__ import annotations

import importlib

import pandas as pd

DAY = pd.Timedelta(days=1)
main_event = importlib.import_module("darkdays.claims.signals_disagree")._main_event


def test_an_outage_that_a_record_begins_in_is_as_long_as_it_was_seen():
    """A low start of three days is no longer than a blackout of twenty."""
    begin = pd.Timestamp("2025-12-01", tz="UTC")
    sides = pd.DataFrame(
        {
            "event": [1, 2, 2],
            "datasource": ["a", "a", "b"],
            "state": "down",
            "onset": [pd.NaT, begin + 38 * DAY, begin + 38.1 * DAY],
            "recovery": [begin + 2.7 * DAY, begin + 54 * DAY, begin + 48 * DAY],
            "depth": [0.17, 0.99, 0.97], "depth_low": [0.1, 0.98, 0.96],
            "depth_high": [0.26, 1.0, 0.98],
        }
    )  # fmt: skip
    found, _ = main_event(sides, "depth", begin)
    assert found["event"].tolist() == [2, 2]
