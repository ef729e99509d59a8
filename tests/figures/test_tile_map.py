"""A tile a province: neighbours stay neighbours, and a tile says what was seen of its province."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_keys import collisions, unexplained

from darkdays.figures.key import sourced
from darkdays.figures.outages.comparisons import comparisons
from darkdays.figures.outages.tile_map import FEWEST, provinces_of, tile_map, tiles
from darkdays.sources import places
from made_up_evidence import outage
from made_up_regions import DONORS, HERE, case_of, region

ALL = (HERE, *DONORS)
NOTHING = pd.DataFrame([outage(HERE, 0)]).iloc[:0]


def case_of_regions(*named):
    return case_of(entities=tuple(region(one) for one in named), donors=())


def known_positions(country):
    names = [places.code_of(one, "name").code for one in places.places(country)]
    found = [places.position_of(country, name) for name in names]
    return np.array([one for one in found if one is not None])


def of_comparisons(case, measured, rows=NOTHING):
    analyses = [SimpleNamespace(entity=one) for one in measured]
    sides = pd.DataFrame(columns=["entity", "event", "datasource"])
    made = [make() for make in comparisons(case, analyses, rows, sides, pd.DataFrame())]
    return [one for one in made if one.name == "tiles"]


def states(plot):
    return dict(zip(plot.data["entity"], plot.data["state"], strict=True))


@pytest.mark.parametrize(("country", "number"), [("IR", 31), ("CU", 16)])
def test_provinces_lie_on_tiles_as_they_lie_in_the_country(country, number):
    positions = known_positions(country)
    assert len(positions) == number
    found = tiles(positions)
    assert len({tuple(tile) for tile in found}) == number
    flat = positions * [1, np.cos(np.radians(positions[:, 0].mean()))]
    apart = np.hypot(*(flat[:, None] - flat[None]).T)
    np.fill_diagonal(apart, np.inf)
    moved = np.abs(found - found[apart.argmin(axis=0)]).max(axis=1)
    assert (moved <= 1).mean() >= 0.9  # a tile away from the nearest, also across a corner
    for axis, sign in ((0, 1), (1, -1)):
        asked = sign * np.subtract.outer(positions[:, 1 - axis], positions[:, 1 - axis])
        given = np.subtract.outer(found[:, axis], found[:, axis])
        far = asked > np.ptp(positions[:, 1 - axis]) / 4
        assert (given[far] >= 0).all()  # what is far to the east or south is never to the other


@pytest.mark.parametrize("places_of", ["a line", "one point", "a crowd and one far away"])
def test_no_two_share_a_tile_wherever_they_lie(places_of):
    positions = {
        "a line": [(30.0, 50.0 + one) for one in range(9)],
        "one point": [(30.0, 50.0)] * 9,
        "a crowd and one far away": [*[(30 + one / 99, 50 - one / 99) for one in range(9)], (0, 0)],
    }[places_of]
    found = tiles(positions)
    assert len({tuple(tile) for tile in found}) == len(positions)
    assert (found == tiles(positions)).all()


def test_a_tile_says_what_was_seen_as_far_as_the_bounds_tell():
    case = case_of_regions(*ALL)
    early, rather, late, undated, unmeasured, *rest = ALL
    rows = [outage(early, 0), outage(rather, 4, doubt=1.0), outage(late, 9)]
    rows += [outage(one, 5) for one in rest[:9]]
    rows += [outage(undated, 5) | dict.fromkeys(("onset", "onset_low", "onset_high"), pd.NaT)]
    table = pd.DataFrame(rows)
    (plot,) = of_comparisons(case, set(ALL) - {unmeasured}, table)
    expected = {early: "before", rather: "perhaps before", late: "after", undated: "other"}
    expected |= {unmeasured: "no data"} | dict.fromkeys(rest[:9], "with most")
    assert states(plot) == expected | dict.fromkeys(rest[9:], "none seen")
    assert "9 of 23 provinces went down in the hour from 16 November 20:00" in plot.alt
    assert f"before most: {early.removeprefix('region/')};" in plot.alt
    ready = sourced(plot, "Source: made up (CC0 1.0). Times in UTC.")
    assert unexplained(ready.figure) == set()
    assert collisions(ready.figure) == []
    said = {text.get_text() for legend in ready.figure.legends for text in legend.get_texts()}
    assert {"before most", "after most", "no data", "no outage seen"} <= said
    first, second = (of_comparisons(case, set(ALL) - {unmeasured}, table)[0] for _ in range(2))
    assert first.rendered("svg") == second.rendered("svg")


def test_words_stay_within_their_tiles():
    names = ("Chahar Mahall and Bakhtiari", "Kohgiluyeh and Buyer Ahmad", "Sistan and Baluchestan")
    case = case_of_regions(*ALL, *(f"region/{name}" for name in names))
    down = pd.DataFrame([outage(one, 5) for one in provinces_of(case)])
    plot = tile_map(case, set(down["entity"]), down, down)
    collisions(plot.figure)  # which draws it
    axis = plot.figure.axes[0]
    assert len(axis.texts) == len(axis.patches) == len(ALL) + 3
    for text, tile in zip(axis.texts, axis.patches, strict=True):
        inner, outer = text.get_window_extent(), tile.get_window_extent()
        assert outer.x0 < inner.x0 < inner.x1 < outer.x1, text.get_text()
        assert outer.y0 < inner.y0 < inner.y1 < outer.y1, text.get_text()


def test_it_is_drawn_where_nothing_was_found_and_nowhere_without_data_or_provinces():
    case = case_of_regions(*ALL)
    (plot,) = of_comparisons(case, ALL)
    assert set(states(plot).values()) == {"none seen"}
    assert "No outage to compare was seen" in plot.alt
    assert not of_comparisons(case, ())
    assert not of_comparisons(case_of_regions(*ALL[: FEWEST - 1]), ALL)
    assert not of_comparisons(case_of(), ALL)  # those it is held against are not what it is about
    parts = [f"{one}.County" for one in ALL]
    assert not of_comparisons(case_of_regions(*parts), parts)
    assert provinces_of(case_of_regions("region/Nowhere", HERE)) == [HERE]
