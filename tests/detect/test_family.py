"""p-values of outages corrected over all signals of a study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.detect.outages.controls import OUTAGE, trusted
from darkdays.detect.outages.family import CANDIDATE, corrected
from darkdays.detect.outages.outages import outages
from darkdays.simulate.signals import simulated_tree
from simulated_outages import Event, World, simulated_signal, times_of


def table(*chances, labels=None):
    return pd.DataFrame(
        {
            "entity": [f"asn/{number}" for number in range(len(chances))],
            "datasource": "ioda.bgp",
            "p": chances,
            "label": labels or [OUTAGE] * len(chances),
        }
    )


def test_rates_are_those_of_benjamini_and_yekutieli():
    # R: p.adjust(c(1e-4, 0.004, 0.03, rep(1, 7)), "BY") for ten signals, three with an outage.
    found = corrected(table(1e-4, 0.004, 0.03), 10, 0.95, OUTAGE)
    harmonic = sum(1 / rank for rank in range(1, 11))
    expected = np.array([1e-4 * 10 / 1, 0.004 * 10 / 2, 0.03 * 10 / 3]) * harmonic
    assert found["q"].to_numpy() == pytest.approx(expected)
    assert found["label"].tolist() == [OUTAGE, CANDIDATE, CANDIDATE]


def test_the_more_signals_are_looked_at_the_more_an_outage_has_to_show():
    alone = corrected(table(0.001), 1, 0.95, OUTAGE)
    among = corrected(table(0.001), 100, 0.95, OUTAGE)
    assert alone["q"].item() == pytest.approx(0.001)
    assert among["label"].item() == CANDIDATE


def test_what_is_the_instruments_is_no_part_of_the_family():
    found = corrected(table(1e-9, 1e-9, labels=["instrument", OUTAGE]), 2, 0.95, OUTAGE)
    assert np.isnan(found["q"].iloc[0])
    assert found["label"].tolist() == ["instrument", OUTAGE]


def test_outages_of_many_signals_carry_both_p_and_q():
    times, rng = times_of(weeks=6), np.random.default_rng(5)
    rows = {f"asn/{number}": simulated_signal(World(), times, rng=rng) for number in range(10)}
    start = times[500]
    cut = [Event("cut", start, start + pd.Timedelta(days=2), 0.8)]
    rows["asn/cut"] = simulated_signal(World(), times, cut, rng=rng)
    found = outages(simulated_tree(rows, times))
    mine = found[found["entity"] == "asn/cut"]
    assert len(mine) == 1
    assert (found["q"] >= found["p"]).all()
    assert trusted(found)["entity"].tolist() == ["asn/cut"]
