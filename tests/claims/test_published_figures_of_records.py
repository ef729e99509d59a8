"""Claims about published figures: shares, block pages, and rises after an event."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from darkdays.case import case as cases
from darkdays.case.records import BlockPages, LargestShare, SurgeAfterEvent
from darkdays.claims.records.published_shares import block_pages, largest_share
from darkdays.claims.records.surges import surge_after_event
from darkdays.contracts.events import read_csv

CASE = cases.load("cuba-single-provider")
SAID = {"id": "a", "statement": "s", "origin": "o"}


def days(text):
    return tuple(pd.Timestamp(one, tz="UTC") for one in text.split())


def shares(*rows):
    table = pd.DataFrame(rows, columns=["first", "last", "share", "herfindahl"])
    dated = {name: pd.to_datetime(table[name], utc=True) for name in ("first", "last")}
    return table.astype({"share": float, "herfindahl": float}).assign(
        entity="country/CU", measure="users", tables=1, largest="", reference="r", **dated
    )


def share_claim(**asked):
    return LargestShare(
        type="largest_share",
        tables=("shares",),
        entity="country/CU",
        measure="users",
        **SAID,
        **asked,
    )


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([("2020-01-01", "2020-02-01", 0.95, None)], "supported"),
        ([("2020-01-01", "2020-02-01", 0.85, None)], "contradicted"),
        # The largest of shares whose squares add up to 0.85 has 0.85 to 0.92.
        ([("2020-01-01", "2020-02-01", None, 0.85)], "inconclusive"),
        ([("2020-01-01", "2020-02-01", None, 0.92)], "supported"),
        ([("2020-01-01", "2020-02-01", None, 0.6)], "contradicted"),
        ([("2020-01-01", "2020-01-01", 1, None), ("2020-05-01", "2020-05-01", 0.5, None)],
         "contradicted"),
        ([("2014-01-01", "2014-02-01", 1, None)], "untested"),
        ([], "untested"),
    ],
)  # fmt: skip
def test_a_share_is_judged_by_the_tables_inside_its_stretch(rows, verdict):
    found = largest_share(share_claim(), CASE, shares(*rows), days("2020-01-01 2021-01-01"))
    assert found.verdict == verdict
    if rows and verdict == "untested":
        assert "2014-01-01 to 2014-02-01" in found.because


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=30))
def test_the_largest_share_lies_between_the_concentration_and_its_root(parts):
    held = np.array(parts) / np.sum(parts)
    concentration = float(np.sum(held**2))
    assert concentration - 1e-9 <= held.max() <= np.sqrt(concentration) + 1e-9


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ({"at_least": 2}, "supported"),
        ({"at_least": 3}, "inconclusive"),
        ({"sites": ("a.org",)}, "supported"),
        ({"sites": ("a.org", "elsewhere.org")}, "inconclusive"),
    ],
)
def test_a_site_outside_the_table_is_not_known_to_be_open(asked, verdict):
    table = pd.DataFrame(
        {"domain": ["a.org", "b.org", "c.org"], "block_pages": [3, 1, 0],
         "first": days("2017-05-29 2017-05-29 2017-05-29"),
         "last": days("2017-06-10 2017-06-10 2017-06-10")}
    )  # fmt: skip
    claim = BlockPages(type="block_pages", tables=("t",), **SAID, **asked)
    assert block_pages(claim, table).verdict == verdict


def world(rise, *, control=None, length=120, seed=0):
    """Users a day who multiply by eight at a place, None for never."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in (rise, control):
        level = np.full(length, 1000.0)
        if place is not None:
            level[place:] *= 8
        rows.append(np.round(level * np.exp(rng.normal(scale=0.1, size=length))))
    node = xr.Dataset(
        {"value": (("entity", "time"), np.array(rows))},
        coords={
            "entity": np.array(["country/CU", "country/IR"], dtype=object),
            "time": pd.date_range("2020-01-01", periods=length, unit="s"),
        },
    )
    return xr.DataTree.from_dict({"tor.relay-users": node})


EVENTS = read_csv(
    b"kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"
    b"protest,2020-03-01,2020-03-01,UTC,day,CU,,s,s,\n",
    "facts",
)  # the 60th day


@pytest.mark.parametrize(
    ("rise", "control", "verdict"),
    [
        (64, None, "supported"),
        (64, 64, "inconclusive"),  # everywhere
        (40, None, "inconclusive"),  # before, and what came after is smaller
        (90, None, "inconclusive"),  # too late
        (None, None, "contradicted"),
    ],
)
def test_a_rise_is_held_against_the_first_event_and_against_elsewhere(rise, control, verdict):
    claim = SurgeAfterEvent(
        type="surge_after_event", entity="country/CU", datasource="tor.relay-users",
        compared_with=("country/IR",), **SAID,
    )  # fmt: skip
    signals, span = world(rise, control=control), days("2020-01-01 2020-05-01")
    found = surge_after_event(claim, CASE, signals, EVENTS, span, 0.95)
    assert found.verdict == verdict, found.because
    if verdict == "supported":
        lag = found.numbers[0]
        assert (lag.value, lag.low <= 4 <= lag.high) == (4, True)


def test_rises_before_the_event_are_chances_too():
    claim = SurgeAfterEvent(
        type="surge_after_event", entity="country/CU", datasource="tor.relay-users", **SAID
    )
    signals, span = world(None), days("2020-01-01 2020-05-01")
    users = signals["tor.relay-users"]["value"].values
    for first in (10, 22, 34, 46, 63):  # four days each; the event is the 60th day
        users[0, first : first + 4] *= 8
    found = surge_after_event(claim, CASE, signals, EVENTS, span, 0.95)
    placebo = next(one.value for one in found.numbers if one.name == "placebo_p")
    assert placebo == 5 * 4 / 120
    assert found.verdict == "inconclusive"


def test_without_an_event_or_a_signal_nothing_is_judged():
    claim = SurgeAfterEvent(
        type="surge_after_event", entity="country/CU", datasource="tor.relay-users", **SAID
    )
    span = days("2020-01-01 2020-05-01")
    assert surge_after_event(claim, CASE, world(64), EVENTS[:0], span, 0.95).verdict == "untested"
    nothing = xr.DataTree()
    assert surge_after_event(claim, CASE, nothing, EVENTS, span, 0.95).verdict == "untested"
