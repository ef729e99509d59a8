"""Measured common causes: read by day, accounted for, and never guessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from darkdays.association import associate
from darkdays.association.curve import rate_curve
from darkdays.association.description import lag_profiles
from darkdays.association.drivers import ACCOUNTED, LEFT_OUT, NO_DRIVER, driver_days
from darkdays.association.negatives import negative_control_tests
from darkdays.association.placebos import placebo_date_control
from darkdays.case.case import Case
from darkdays.contracts.signals import Signal
from darkdays.correlate.epochs import superposed_epochs
from made_up_evidence import BASE, HEADER, evidence, outage, protests

HEAT = "own.temperature"
DAYS = 60
HOT = (3, 4, 5, 20, 21, 22, 23, 40, 41, 42)


def case(**driver):
    return Case.model_validate(
        {
            "name": "summer", "title": "t", "question": "q", "summary": "s", "place": "IR",
            "time_zone": "Asia/Tehran",
            "window": {"start": "2019-11-14T00:00Z", "end": "2020-02-01T00:00Z"},
            "entities": [{"id": "country/IR", "name": "Iran", "network": "country"}],
            "signals": [
                {"datasource": "ioda.bgp", "source": "published"},
                {"datasource": HEAT, "source": "csv", "options": {"unit": "K"}},
            ],
            "drivers": [{"datasource": HEAT, **driver}], "events": [{"source": "facts"}],
            "claims": [{"id": "c", "statement": "g", "origin": "g", "type": "rate_ratio",
                        "entity": "country/IR"}],
        }
    )  # fmt: skip


def known(measured=DAYS, protested=HOT):
    """Outages and protests on hot days only, and how hot it was on the first so many days."""
    heat = np.where(np.isin(np.arange(DAYS), HOT), 318.0, 300.0) + np.arange(DAYS) % 3
    heat[measured:] = np.nan
    times = pd.date_range((BASE - pd.Timedelta(hours=12)).tz_localize(None), periods=DAYS)
    signal = Signal("country/IR", HEAT, pd.Timedelta(days=1), times, heat)
    rows = [outage("country/IR", 24.0 * day, lasts=2) for day in HOT]
    events = HEADER + protests(protested)
    return evidence(rows, events=events, days=DAYS, case=case(), drivers=(signal,))


def evidence_without_driver():
    read = known()
    return replace(read, case=read.case.model_copy(update={"drivers": ()}))


def test_a_driver_is_read_by_local_days_and_its_holes_are_filled_or_told():
    days = pd.date_range(f"{BASE:%Y-%m-%d}", periods=50)
    found, why = driver_days(known(), ["country/IR"], days)
    assert (found.shape, why) == ((1, 50, 1), "")
    assert found[0, 3, 0] == 318.0
    none, why = driver_days(known(measured=20), ["country/IR"], days)
    assert none is None
    assert "20 of 50 days" in why


def test_what_follows_the_driver_is_no_effect_of_protests():
    read = known()
    both = associate.tested(read.case.claims[0], read).main
    assert both.analysis.driver is not None
    assert both.p_value is None or both.p_value > 0.05
    lacking = known(measured=20)
    unknown = associate.tested(lacking.case.claims[0], lacking).main
    assert unknown.p_value is None
    assert "20 of" in unknown.inconclusive


def test_leaving_the_driver_out_is_a_specification():
    table = rate_curve([known()], ("country/IR",), "protest", by_weeks=False, draws=9)
    chosen = table.specifications.table
    assert set(chosen["drivers"]) == {ACCOUNTED, LEFT_OUT}
    left = chosen[chosen["drivers"] == LEFT_OUT]["p"].min()
    assert left < chosen[chosen["drivers"] == ACCOUNTED]["p"].fillna(1).min()


def test_what_stands_beside_the_test_knows_the_driver_too():
    """Lags, epochs, controls and the joint test are held against the very shifts of the test."""
    both = []
    for read in (known(), evidence_without_driver()):
        (claim,) = read.case.claims
        calendar = associate.tested(claim, read).calendar
        profiles, _ = lag_profiles(calendar, level=0.95)
        epochs = superposed_epochs(
            np.where(calendar.outages.down, 0.1, 1.0), calendar.events.begins,
            calendar.driven(calendar.events.begins), before=1, after=1, draws=499,
            rng=np.random.default_rng(1),
        ).table  # fmt: skip
        before, *_ = negative_control_tests(read, calendar, "protest", days_after=2, alpha=0.05)
        joint = rate_curve([read], ("country/IR",), "protest", by_weeks=False, draws=199).joint
        both.append(
            {
                "lag": profiles["outages_after"].table.set_index("lag")["expected"][0],
                "epoch": -epochs.set_index("offset")["expected"][0],
                "control": before.value,
                "joint": joint.p_stouffer,
            }
        )
    accounted, left_out = both
    assert {name: accounted[name] > left_out[name] for name in accounted} == dict.fromkeys(
        accounted, True
    )


def test_as_many_outages_as_the_heat_brings_are_nothing_unusual_for_their_dates():
    """Where most of the hot days are, most of the outages are to be expected."""
    read = known(protested=HOT[3:7])
    calendar = associate.tested(read.case.claims[0], read).calendar
    accounted = placebo_date_control(calendar, days_after=2)
    left_out = placebo_date_control(replace(calendar, drivers=None), days_after=2)
    assert left_out.value == 1
    assert abs(accounted.value) < 0.5


def test_without_its_driver_no_control_is_told():
    read = known(measured=20)
    calendar = associate.tested(read.case.claims[0], read).calendar
    before, *_ = negative_control_tests(read, calendar, "protest", days_after=2, alpha=0.05)
    assert not before.possible
    assert not placebo_date_control(calendar, days_after=2).possible
    assert lag_profiles(calendar, level=0.95) == ({}, NO_DRIVER)


def test_a_driver_is_one_of_the_signals():
    with pytest.raises(ValueError, match="is none of the signals of the case"):
        Case.model_validate(
            case().model_dump(mode="json") | {"drivers": [{"datasource": "own.heat"}]}
        )
