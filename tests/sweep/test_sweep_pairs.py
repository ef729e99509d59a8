"""Datasources held against each other, event by event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.detect.outages.agreement import DOWN
from darkdays.sweep.report.pairs import pairs

START = pd.Timestamp("2021-01-01", tz="UTC")


def sides(*onsets):
    """Events in which two datasources were down: hours at which each saw it begin, or None."""
    rows = [
        {
            "study": "x", "place": "IR", "entity": "asn/1", "event": event, "datasource": name,
            "state": DOWN, "onset": pd.NaT if hour is None else START + pd.Timedelta(hours=hour),
        }
        for event, hours in enumerate(onsets)
        for name, hour in zip(("ioda.bgp", "ioda.ping-slash24"), hours, strict=True)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table["onset"] = pd.to_datetime(table["onset"], utc=True)
    return table


def test_an_event_whose_begin_nobody_saw_counts_and_has_no_lag():
    found = pairs(sides((1, 3), (None, None), (10, 14))).set_index(["first", "second"])
    one = found.loc[("ioda.bgp", "ioda.ping-slash24")]
    assert one["events"] == 3
    assert one["share"] == 1
    assert one["hours_later"] == 3


def test_events_without_any_onset_have_no_lag_at_all():
    found = pairs(sides((None, None)))
    assert found["events"].tolist() == [1, 1]
    assert np.isnan(found["hours_later"]).all()
