"""Every specification of a claim: shared work must give what each alone would, and all count."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.association import associate as association
from darkdays.association.answers import answer
from darkdays.association.calendar import event_days, outage_days, record_days
from darkdays.association.choices import (
    BY_WEEKS,
    COUNTRYWIDE,
    GAPS,
    STRATA,
    WINDOWS,
    rate_choices,
)
from darkdays.association.curve import rate_curve
from darkdays.claims import decide
from darkdays.contracts.events import of_kind
from darkdays.correlate.shifts.design import ShiftDesign
from darkdays.evidence.evidence import specifications
from darkdays.evidence.variations import ALL, COUNTED, LEFT_OUT, varied
from made_up_evidence import HEADER, claim, evidence, outage, protests
from made_up_regions import (
    CAME_AND_WENT,
    DONORS,
    EXCESS,
    HERE,
    IRREGULAR,
    RATES,
    down,
    studied,
)

SOURCES = ("ioda.bgp", "ioda.ping-slash24")
HAPPENED = (
    HEADER
    + protests(IRREGULAR, place="IR/Khuzestan")
    + protests([1, 10, 21, 38], place="IR", source="another")
)


def looks(rows, *claims, happened=HAPPENED, sources=SOURCES, days=60, **also):
    """Evidence under a few specifications of the detector, shallow outages only under some."""
    listed = []
    for one in specifications(0.95, 0.1, list(sources)):
        if one.level != 0.95 or one.min_depth == 0.05:
            continue
        believed = [
            row
            for row in rows
            if row["datasource"] in one.datasources and row["depth"] >= one.min_depth
        ]
        listed.append(
            studied(
                believed, *claims, happened=happened, specification=one, days=days, **also
            )
        )  # fmt: skip
    return listed


ROWS = [
    *down(HERE, IRREGULAR[:6]),
    *(row | {"depth": 0.15} for row in down(HERE, IRREGULAR[6:])),
    *down(HERE, [2, 22, 33, 45], datasource="ioda.ping-slash24"),
]


def test_choices_are_made_where_they_can_make_a_difference():
    choices = rate_choices(looks(ROWS), [HERE], "protest", by_weeks=False)
    assert choices == {
        "window": ("48 h", "6 h", "24 h", "72 h"),
        "strata": ("weekday in month", "month", "28 days"),
        "shifts": ("by days", "by weeks"),
        "episode gap": (24, 6, 72),
        "events": (ALL, "another", "somebody"),
        "days": ("Asia/Tehran", "UTC"),
        COUNTRYWIDE: (LEFT_OUT, COUNTED),
        "recurring outages": (COUNTED, LEFT_OUT),
        "level": (0.95,),
        "depth": (0.1, 0.2),
        "datasources": (" + ".join(SOURCES), *SOURCES),
    }
    plain = looks(ROWS, happened=HEADER + protests(IRREGULAR), sources=["ioda.bgp"])
    fewer = rate_choices(plain, [HERE], "protest", by_weeks=True)
    assert COUNTRYWIDE not in fewer
    assert fewer["events"] == (ALL,)
    assert fewer["shifts"] == ("by weeks", "by days")


def test_curfews_are_left_out_as_a_choice():
    # Every day at the same hour for two weeks: what exams and curfews look like.
    rows = down(HERE, range(14)) + down(HERE, [30, 37, 50])
    found = looks(rows, sources=["ioda.bgp"])
    choices = rate_choices(found, [HERE], "protest", by_weeks=False)
    assert choices["recurring outages"] == (COUNTED, LEFT_OUT)
    with_them, without = (
        varied(found[0], recurring=one, entities=[HERE]).outages for one in (COUNTED, LEFT_OUT)
    )
    assert len(with_them) == 17
    assert len(without) < 5


@pytest.fixture(scope="module")
def curve():
    return rate_curve(looks(ROWS), [HERE], "protest", by_weeks=False, draws=99)


def test_every_specification_is_there_once(curve):
    sizes = [len(options) for options in curve.specifications.choices.values()]
    table = curve.specifications.table
    assert len(table) == math.prod(sizes) == 4 * 3 * 2 * 3 * 3 * 2 * 2 * 2 * 2 * 3
    choices = curve.specifications.choices
    assert not table[list(choices)].duplicated().any()
    assert list(table.iloc[0][list(choices)]) == [options[0] for options in choices.values()]
    assert 0 < curve.different < len(table) / 5


def test_the_chosen_one_is_the_primary_analysis(curve):
    main = association.tested(RATES, looks(ROWS)[0]).main
    first = curve.specifications.table.iloc[0]
    assert first["value"] == main.ratio.value
    assert first["p"] == pytest.approx(main.quoted.p_value)


def test_shared_work_gives_what_each_specification_alone_would(curve):
    """Draw specifications and evaluate each from its own calendars, nothing shared."""
    found = {
        (one.specification.level, one.specification.min_depth, one.specification.believed): one
        for one in looks(ROWS)
    }
    table = curve.specifications.table
    for number in np.random.default_rng(7).choice(len(table), 40, replace=False):
        one = table.iloc[number]
        read = varied(
            found[one["level"], one["depth"], one["datasources"]],
            source=one["events"],
            time_zone=one["days"],
            recurring=one["recurring outages"],
            entities=[HERE],
        )
        days = record_days(read, [HERE])
        gap = float(one["episode gap"])
        events = event_days(
            read, of_kind(read.events, "protest"), [HERE], days, gap_hours=gap,
            countrywide=one[COUNTRYWIDE] == COUNTED,
        )  # fmt: skip
        alone = answer(
            outage_days(read, [HERE], days, gap_hours=gap).onsets,
            events.nearness(WINDOWS[one["window"]]),
            ShiftDesign(days, one["shifts"] == BY_WEEKS),
            width=STRATA[one["strata"]],
            level=0.95,
        ).row()
        shared = one[list(alone)]
        assert shared["reason"] == alone.pop("reason")
        for name, value in alone.items():
            assert shared[name] == pytest.approx(np.nan if value is None else value, nan_ok=True)


@pytest.mark.slow
@settings(max_examples=3, deadline=None)
@given(st.permutations(range(len(ROWS))))
def test_the_order_of_outages_does_not_matter(order):
    few = {"sources": ["ioda.bgp"], "happened": HEADER + protests(IRREGULAR)}
    found = [
        rate_curve(looks(rows, **few), [HERE], "protest", by_weeks=False, draws=49)
        for rows in (ROWS, [ROWS[one] for one in order])
    ]
    tables = [one.specifications.table for one in found]
    pd.testing.assert_frame_equal(*tables)
    assert found[0].joint == found[1].joint


def test_all_specifications_together_are_held_against_the_same_calendars():
    few = {"sources": ["ioda.bgp"], "happened": HEADER + protests(IRREGULAR)}
    strong, none = (
        rate_curve(looks(down(HERE, days), **few), [HERE], "protest", by_weeks=False).joint
        for days in (IRREGULAR, [day + 2 for day in IRREGULAR[::2]])
    )
    assert strong.of == none.of
    assert strong.p_significant <= 0.01
    assert strong.p_stouffer <= 0.01
    assert none.p_stouffer > 0.05


@pytest.mark.slow
def test_a_datasource_that_does_not_measure_the_place_is_no_way_to_look():
    found = [
        replace(one, measured=frozenset(DONORS if one.specification.datasources == SOURCES[1:] else
                                        one.measured))
        for one in looks(ROWS)
    ]  # fmt: skip
    for one in (RATES, CAME_AND_WENT):
        curve = decide(one, found).curve
        assert curve.choices["datasources"] == (" + ".join(SOURCES), SOURCES[0])
        assert "untested" not in set(curve.table["verdict"])
    nowhere = decide(CAME_AND_WENT, [replace(one, measured=frozenset()) for one in found])
    assert nowhere.judgement.verdict == "untested"
    assert nowhere.holds == nowhere.of


def test_verdicts_count_over_the_whole_curve():
    few = {"sources": ["ioda.bgp"], "happened": HEADER + protests(IRREGULAR)}
    verdict = decide(RATES, looks(ROWS, **few))
    table = verdict.curve.table
    assert (verdict.holds, verdict.of) == (
        int((table["verdict"] == verdict.judgement.verdict).sum()), len(table),
    )  # fmt: skip
    by_choice = verdict.sensitivity["by_choice"]
    for choice, options in verdict.curve.choices.items():
        mine = [one for one in by_choice if one["choice"] == choice]
        assert sum(one["of"] for one in mine) == (verdict.of if len(options) > 1 else 0)
        assert sum(one["holds"] for one in mine) == (verdict.holds if len(options) > 1 else 0)
    assert len(verdict.differing) <= 20
    # A claim holds only with its p-value adjusted: in a larger family in no more of them.
    larger = decide(
        RATES, looks(ROWS, RATES, EXCESS, RATES.model_copy(update={"id": "other"}), **few)
    )
    supported = [(one.curve.table["verdict"] == "supported").sum() for one in (verdict, larger)]
    assert supported[1] <= supported[0]


def test_gaps_between_outages_are_a_choice_of_coming_and_going():
    rows = [outage(HERE, hour, lasts=2) for hour in (0, 10, 20, 60)]
    found = decide(CAME_AND_WENT, looks(rows, CAME_AND_WENT, sources=["ioda.bgp"]))
    assert found.curve.choices["apart_hours"] == (1.0, 6.0, 24.0)
    values = found.curve.table.groupby("apart_hours")["value"].first()
    assert values.to_dict() == {1.0: 4, 6.0: 4, 24.0: 2}
    assert found.judgement.verdict == "supported"
    assert found.holds == found.of


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([outage(HERE, 0, lasts=2)], "contradicted"),
        ([outage(HERE, 0, lasts=2), outage(HERE, 5, lasts=2)], "contradicted"),
        ([outage(HERE, 0)], "inconclusive"),
        ([outage(HERE, 0, lasts=30, doubt=1), outage(HERE, 32, lasts=3, doubt=1)], "inconclusive"),
        ([*down(HERE, [0, 3]), *down(HERE, [0], datasource=SOURCES[1])], "inconclusive"),
        ([], "inconclusive"),
    ],
    ids=["once", "within a day", "not back", "apart perhaps", "datasources disagree", "none"],
)
def test_coming_and_going_needs_separate_outages_over_days(rows, verdict):
    (found, *_) = looks(rows, CAME_AND_WENT)
    assert decide(CAME_AND_WENT, [found]).judgement.verdict == verdict


def test_a_lag_is_asked_of_each_source_and_clock():
    later = HEADER + protests([-1, 0], source="one") + protests([-3, -2], source="two")
    rows = [outage("country/IR", 0)]
    found = [evidence(rows, events=later)]
    curve = decide(claim("shutdown-after-protests"), found).curve
    assert curve.choices["events"] == (ALL, "one", "two")
    lows = curve.table.groupby(["events", "days"])["low"].first()
    assert lows["two", "Asia/Tehran"] == lows[ALL, "Asia/Tehran"] > lows["one", "Asia/Tehran"]
    # A day of Tehran begins three and a half hours before the same day of UTC.
    assert lows["one", "Asia/Tehran"] - lows["one", "UTC"] == pytest.approx(3.5)


def test_an_excess_is_asked_with_other_days_after():
    found = decide(EXCESS, looks([], EXCESS))
    assert found.curve.choices["days_after"] == (2, 0, 1, 3)
    assert not {"level", "depth"} & set(found.curve.choices)


def test_the_grid_is_the_one_the_page_describes():
    assert tuple(WINDOWS) == ("6 h", "24 h", "48 h", "72 h")
    assert GAPS == (6, 24, 72)
    assert len(DONORS) == 22
