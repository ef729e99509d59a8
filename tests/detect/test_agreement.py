"""Datasources side by side: who saw an outage, when, how deep, and who did not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from darkdays.detect.outages.agreement import agreement
from darkdays.detect.outages.outages import analyse_all, outages_of, prepare_all
from darkdays.simulate.signals import simulated_tree
from simulated_outages import Event, World, simulated_signal, times_of

TIMES = times_of(weeks=8)


def down(start, end, depth):
    return Event("cut", TIMES[start], TIMES[end], depth)


def sides(**events):
    """Agreement about ``asn/1`` for datasource (``_`` for ``.``) to its events, None unmeasured."""
    nodes = {}
    for number, (name, mine) in enumerate(events.items()):
        rng = np.random.default_rng(number)
        values = simulated_signal(World(gaps=0, missing=0), TIMES, mine or [], rng=rng)
        if mine is None:
            values[450:700] = np.nan
        datasource = name.replace("_", ".", 1).replace("_", "-")
        nodes |= simulated_tree({"asn/1": values}, TIMES, datasource).children
    tree = xr.DataTree.from_dict({name: node.to_dataset() for name, node in nodes.items()})
    analyses = analyse_all(prepare_all(tree)[0], 0.95)
    table = agreement(outages_of(analyses, min_depth=0.1), analyses)
    return table.set_index("datasource")


def test_each_datasource_keeps_its_own_numbers():
    found = sides(
        ioda_bgp=[down(500, 600, 0.4)],
        ioda_ping_slash24=[down(510, 640, 0.9)],
        ioda_gtr=[],
        ioda_merit_nt=None,
    )
    assert found["state"].to_dict() == {
        "ioda.bgp": "down",
        "ioda.gtr": "not down",
        "ioda.merit-nt": "not measured",
        "ioda.ping-slash24": "down",
    }
    bgp, probing = found.loc["ioda.bgp"], found.loc["ioda.ping-slash24"]
    assert bgp["depth"] == pytest.approx(0.4, abs=0.03)
    assert probing["depth"] == pytest.approx(0.9, abs=0.02)
    assert bgp["later"] == 0
    assert probing["later_low"] <= 10 <= probing["later_high"]
    assert probing["disagrees"] == "onset"
    assert bgp["disagrees"] == "recovery depth"
    assert bgp["shallower"] == pytest.approx(0.5, abs=0.04)
    assert bgp["overlap"] == pytest.approx(100 / 140, abs=0.03)
    quiet = found.loc["ioda.gtr"]
    assert quiet["disagrees"] == "outage"
    assert quiet["depth"] == pytest.approx(0, abs=0.05)
    assert quiet["depth_low"] == 0
    unseen = found.loc["ioda.merit-nt"]
    assert np.isnan(unseen["depth"])
    assert unseen["disagrees"] == ""


def test_datasources_that_agree_disagree_about_nothing():
    found = sides(ioda_bgp=[down(500, 600, 0.9)], ioda_ping_slash24=[down(500, 600, 0.9)])
    assert found["disagrees"].tolist() == ["", ""]
    assert found["event"].tolist() == [1, 1]


def test_outages_that_do_not_overlap_are_events_of_their_own():
    found = sides(
        ioda_bgp=[down(300, 340, 0.9), down(800, 860, 0.9)], ioda_ping_slash24=[down(800, 860, 0.8)]
    )
    assert found["event"].tolist() == [1, 1, 2, 2]
    assert found["state"].tolist() == ["down", "not down", "down", "down"]


def test_a_datasource_that_saw_it_in_pieces_is_one_row():
    found = sides(
        ioda_bgp=[down(500, 560, 0.9), down(600, 680, 0.9)],
        ioda_ping_slash24=[down(500, 680, 0.9)],
    )
    assert found.loc["ioda.bgp", "outages"] == 2
    assert found.loc["ioda.bgp", "overlap"] == pytest.approx(140 / 180, abs=0.03)


def test_no_outages_are_no_rows():
    assert sides(ioda_bgp=[]).empty
    assert agreement(pd.DataFrame(columns=list(outages_of([], min_depth=0.1))), []).empty
