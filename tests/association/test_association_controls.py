"""The same question where the answer should be no: ranks, negative controls, donors."""

from __future__ import annotations

import numpy as np
import pytest

from darkdays.association import associate as association
from darkdays.association.control import CANNOT
from darkdays.association.excess import daily_shares, excess_controls, excesses
from darkdays.association.negatives import negative_control_tests
from darkdays.association.placebos import placebo_date_control, placebo_place_control
from darkdays.association.places import places_like
from darkdays.claims import judge
from made_up_evidence import HEADER, evidence, protests
from made_up_regions import (
    DONORS,
    EXCESS,
    HERE,
    IRREGULAR,
    RATES,
    TURKEY,
    down,
    signal,
    studied,
)

BETWEEN = [day + 2 for day in IRREGULAR]
WEEK = range(28, 35)
IN_A_WEEK = HEADER + protests(WEEK, place="IR/Khuzestan")


def placebo_places(found):
    calendar = association.tested(RATES, found).calendar
    return placebo_place_control(found, calendar, "protest", days_after=0)


def negatives(found):
    calendar = association.tested(RATES, found).calendar
    return {
        one.about: one
        for one in negative_control_tests(found, calendar, "protest", days_after=0, alpha=0.05)
    }


def test_donors_are_the_places_to_compare_with():
    found = studied([], happened=HEADER + protests([0], place="IR/Khuzestan"))
    assert places_like(found, [HERE], "protest") == (list(DONORS), [])
    elsewhere = HEADER + protests([0], place="IR/Khuzestan") + protests([1], place="IR/Fars")
    alike, touched = places_like(studied([], happened=elsewhere), [HERE], "protest")
    assert touched == ["region/Fars"]
    assert set(alike) == set(DONORS) - {"region/Fars"}
    unmeasured = studied([], measured=[HERE, *DONORS[:3]])
    assert places_like(unmeasured, [HERE], "protest")[0] == list(DONORS[:3])


def test_an_operator_has_no_place_to_compare_with():
    assert places_like(evidence([]), ["asn/44244"], "protest") == ([], [])


def test_the_place_of_the_protests_ranks_first_among_donors():
    rows = down(HERE, IRREGULAR) + [row for one in DONORS for row in down(one, BETWEEN)]
    control = placebo_places(studied(rows))
    assert control.possible
    assert control.n == len(DONORS)
    assert control.p_value == control.smallest_p == pytest.approx(1 / (len(DONORS) + 1))
    assert "0 of 22 other places" in control.says
    alike = [row for one in (HERE, *DONORS) for row in down(one, IRREGULAR)]
    assert placebo_places(studied(alike)).p_value == 1


def test_the_names_of_donors_do_not_matter():
    rows = down(HERE, IRREGULAR[:6]) + down(DONORS[0], IRREGULAR) + down(DONORS[1], BETWEEN)
    other = down(HERE, IRREGULAR[:6]) + down(DONORS[7], IRREGULAR) + down(DONORS[4], BETWEEN)
    first, second = (placebo_places(studied(one)) for one in (rows, other))
    assert (first.value, first.p_value) == (second.value, second.p_value)


def test_without_other_places_it_is_said_and_not_skipped():
    control = placebo_places(studied(down(HERE, IRREGULAR), donors=(), measured=[HERE]))
    assert not control.possible
    assert control.says == "Not possible: the case measures no other place of the kind."
    everywhere = HEADER + "".join(
        protests(IRREGULAR, place=f"IR/{one.removeprefix('region/')}") for one in (HERE, *DONORS)
    )
    control = placebo_places(studied(down(HERE, IRREGULAR), happened=everywhere))
    assert "all 22 other places had events of their own" in control.says


def test_placebo_dates_rank_the_time_of_the_protests():
    calm = studied(down(HERE, [28, 30, 33]), happened=IN_A_WEEK)
    found = placebo_date_control(association.tested(RATES, calm).calendar, days_after=0)
    assert found.p_value == found.smallest_p == pytest.approx(1 / (found.n + 1))
    assert found.more["days of the window"] == 7
    busy = studied(down(HERE, range(0, 57, 3)), happened=IN_A_WEEK)
    assert (
        placebo_date_control(association.tested(RATES, busy).calendar, days_after=0).p_value > 0.2
    )
    full = studied(down(HERE, IRREGULAR), happened=HEADER + protests(range(-2, 58), place="IR"))
    none = placebo_date_control(association.tested(RATES, full).calendar, days_after=0)
    assert "no room for a window" in none.says


def test_days_before_protests_are_a_negative_exposure():
    early = negatives(studied(down(HERE, [day - 2 for day in IRREGULAR])))
    assert early["the 3 days before an event"].speaks is True
    assert "speaks against the protests" in early["the 3 days before an event"].says
    after = negatives(studied(down(HERE, IRREGULAR)))
    assert after["the 3 days before an event"].speaks is False
    few = negatives(studied(down(HERE, IRREGULAR[:1])))
    assert few["the 3 days before an event"].speaks is None


def test_protests_elsewhere_are_a_negative_exposure():
    both = HEADER + protests(IRREGULAR, place="IR/Khuzestan") + protests(BETWEEN, place="IR/Fars")
    assert negatives(studied(down(HERE, BETWEEN), happened=both))[
        "events in other regions"
    ].speaks is True  # fmt: skip
    assert negatives(studied(down(HERE, IRREGULAR), happened=both))[
        "events in other regions"
    ].speaks is False  # fmt: skip
    alone = negatives(studied(down(HERE, IRREGULAR)))["events in other regions"]
    assert not alone.possible
    assert "names another region" in alone.says


def test_controls_outside_are_a_negative_outcome():
    rows = down(HERE, IRREGULAR)
    quiet = negatives(studied([*rows, *down(TURKEY, BETWEEN)]))["onsets of Turkey"]
    assert (quiet.speaks, quiet.n) == (False, len(BETWEEN))
    assert negatives(studied([*rows, *down(TURKEY, IRREGULAR)]))["onsets of Turkey"].speaks is True
    missing = negatives(studied(rows, controls=()))["onsets of controls"]
    assert missing.says == "Not possible: the case measures no controls."


def shares(rng, *, loses=0.0, length=60, drift=0.0):
    """Shares of the normal level that lose some in the week of protests."""
    days = np.arange(length) - 2
    values = 1 + rng.normal(0, 0.01, length) - drift * np.clip(days, None, 28) / 28
    return np.where(np.isin(days, WEEK), values - loses, values)


def region_signals(here=0.4, others=0.0, **also):
    rng = np.random.default_rng(1)
    return [signal(HERE, shares(rng, loses=here, **also))] + [
        signal(one, shares(rng, loses=others)) for one in DONORS
    ]


def test_what_a_region_lost_beyond_donors_is_found_in_size():
    found, why = excesses(
        studied([], EXCESS, happened=IN_A_WEEK, analyses=region_signals()), [HERE], "protest",
        days_after=0,
    )  # fmt: skip
    assert why == ""
    assert found[0].found.effect == pytest.approx(-0.4, abs=0.02)
    assert found[0].found.p_value == found[0].found.smallest_p
    assert (found[0].first, found[0].last) == ("2019-12-14", "2019-12-20")
    assert not found[0].ruled_by_donors


@pytest.mark.parametrize(
    ("signals", "verdict", "said"),
    [
        ({}, "supported", "p = 0.043"),
        ({"here": -0.2}, "contradicted", "+20.7%, p = 1 (no smaller than 0.043)"),
        ({"others": 0.4}, "inconclusive", "what reached all leaves no comparison"),
        ({"here": 0.0, "drift": 0.3}, "inconclusive", "drifting apart before"),
    ],
    ids=["it alone", "it gained", "a national event", "an older difference"],
)
def test_an_excess_comes_to_a_verdict(signals, verdict, said):
    made = {"analyses": region_signals(**signals), "happened": IN_A_WEEK}
    found = judge(EXCESS.model_copy(update={"days_after": 0}), studied([], EXCESS, **made))
    assert found.verdict == verdict
    assert said in found.because


def test_too_few_donors_cannot_decide_and_it_is_said():
    few = [one for one in region_signals() if one.entity in (HERE, *DONORS[:5])]
    found = judge(EXCESS, studied([], EXCESS, happened=IN_A_WEEK, analyses=few))
    assert found.verdict == "inconclusive"
    assert "no p-value below 0.17 can come out" in found.because
    # One more test in the family asks more of the same donors.
    both = studied([], EXCESS, RATES, happened=IN_A_WEEK, analyses=region_signals())
    assert "in a family of 3 tests" in judge(EXCESS, both).because


def test_an_excess_without_data_is_untested_or_cannot_be_told():
    assert judge(EXCESS, studied([], EXCESS, happened=HEADER)).verdict == "untested"
    assert judge(EXCESS, studied([], EXCESS, measured=[])).verdict == "untested"
    alone = judge(EXCESS, studied([], EXCESS, donors=(), measured=[HERE]))
    assert (alone.verdict, "cannot be held against others" in alone.because) == (
        "inconclusive", True,
    )  # fmt: skip
    (control,) = excess_controls(
        studied([], donors=(), measured=[HERE]), [HERE], "protest", days_after=2
    )
    assert control.says.startswith("Not possible: ")


def test_shares_are_means_of_local_days_and_missing_where_nothing_was_measured():
    found = studied([], analyses=[signal(HERE, np.linspace(1, 0, 11)[:10])])
    days = association.tested(RATES, found).calendar.days
    table = daily_shares(found, [HERE, DONORS[0]], "ioda.bgp", days)
    assert table[0, 0] == pytest.approx(1)
    assert table[0, 9] == pytest.approx(0.1)
    assert np.isnan(table[1]).all()


def test_every_control_says_what_it_cannot():
    found = studied(down(HERE, IRREGULAR), analyses=region_signals(), happened=IN_A_WEEK)
    listed = association.associate(RATES, [found]).controls
    assert {one.kind for one in listed} == set(CANNOT)
    assert all(one.cannot for one in listed)
    assert len({one.id for one in listed}) == len(listed)
