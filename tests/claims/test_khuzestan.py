"""A simulated summer like Khuzestan's: bounds cover the truth, power cuts are no shutdown.

``benchmarks/khuzestan.py`` does this on a hundred summers; here are a few.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from benchmarks import khuzestan as benchmark

from darkdays import claims
from darkdays.case import case as cases
from darkdays.case.disruptions import Disrupted, MobileOnly, NotExplainedBy
from darkdays.claims import Verdict, withheld
from darkdays.claims.judging.verdicts import Judgement
from darkdays.contracts.signals import each
from darkdays.detect.missed.bounds import excluded
from simulated_khuzestan import PLACE, Summer, replayed

STUDY = cases.load("khuzestan-2021")
SHORT = Summer(start="2021-06-25", end="2021-07-29", step="1h")


def replay(summer=SHORT, seed=0):
    return replayed(summer, rng=np.random.default_rng([7, seed]))


def test_what_is_simulated_is_what_was_asked_for():
    one = replay()
    assert len(one.provinces) == 31
    assert one.provinces[0] == PLACE
    assert one.truth["national"].between(0.03, 0.04).all()
    # Few blocks are mobile: a deep cut of mobile networks is a shallow one of all blocks.
    assert (one.truth["depth"] < 0.05).all()
    assert (one.truth["mobile"] > 0.4).all()
    start, end = one.window
    assert one.truth["start"].between(start, end).all()
    values = {signal.entity: signal.values for signal in each(one.signals)}
    # A power cut of two fifths on most days, in every province.
    for name in one.provinces:
        days = values[name].reshape(-1, 24)
        share = np.nanmin(days, axis=1) / np.nanmedian(values[name])
        assert 0.5 < np.median(share) < 0.8, name
    times = next(each(one.signals)).times.tz_localize("UTC")
    cut = np.zeros(times.size, bool)
    for row in one.truth.itertuples():
        cut |= (times >= row.start) & (times < row.end)
    for name in ("asn/58224", "asn/31549"):
        fixed = values[name]
        assert np.nanmedian(fixed[cut]) > 0.95 * np.nanmedian(fixed[~cut])


def test_the_same_seed_is_the_same_summer():
    one, two, other = replay(), replay(), replay(seed=1)
    pd.testing.assert_frame_equal(one.truth, two.truth)
    for a, b in zip(each(one.signals), each(two.signals), strict=True):
        np.testing.assert_array_equal(a.values, b.values)
    assert not one.truth.equals(other.truth)


@pytest.mark.parametrize(("seed", "mobile_blocks"), [(0, 0.05), (1, 0.05), (2, 0.3)])
def test_no_cut_that_happened_is_excluded_and_no_power_cut_is_a_shutdown(
    seed, mobile_blocks, monkeypatch
):
    monkeypatch.setattr("darkdays.detect.missed.bounds.PLACES", 12)
    schedule = benchmark.SCHEDULES[seed]
    one = replay(replace(SHORT, mobile_blocks=mobile_blocks, schedule=schedule), seed)
    evidence = benchmark.seen(STUDY, one)
    assert benchmark.covers(evidence.bounds, one.truth)
    # Something is excluded all the same: to lose nearly everything for a day.
    assert excluded(evidence.bounds, 24) < 1 or mobile_blocks > 0.05
    if mobile_blocks > 0.05:
        return
    verdicts = {
        claim.id: claims.judge(claim, evidence)
        for claim in STUDY.claims
        if isinstance(claim, Disrupted | NotExplainedBy | MobileOnly)
    }
    assert {one.verdict for one in verdicts.values()} == {"inconclusive"}
    assert "is excluded at 95%" in verdicts["disrupted-in-khuzestan"].because
    assert verdicts["disrupted-in-khuzestan"].numbers


def test_a_bound_that_excludes_what_happened_does_not_cover():
    truth = replay().truth
    table = pd.DataFrame({"hours": [1.0, 200.0], "excluded_from": [truth["depth"].max() / 2] * 2})
    assert not benchmark.covers(table, truth)
    assert benchmark.covers(table.assign(excluded_from=np.nan), truth)
    assert benchmark.covers(table.assign(excluded_from=truth["depth"].max() * 1.01), truth)


def test_a_simulated_summer_yields_no_verdict():
    said = Judgement("supported", "It was cut.", "Nothing.")
    for claim in STUDY.claims:
        kept = withheld(Verdict(claim, said, 9, 9, ()))
        assert kept.judgement.verdict == "untested"
        assert kept.judgement.because.startswith("SIMULATED: nothing was measured.")
    node = replay().signals["ioda.ping-slash24"]
    assert node.attrs["simulated"]
    assert node.attrs["title"] == "SIMULATED"
