"""Claims about slowdowns: speeds of some days against those of others, and who could still test."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from darkdays.case.records import ThroughputDrop
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.moments import on_clock
from darkdays.detect.speeds.slowdowns import Slowdown, slowdown
from darkdays.detect.speeds.speed_days import speed_days

_SCALE: Final = "Cliff's delta"


def throughput_drop(
    claim: ThroughputDrop,
    table: pd.DataFrame,
    name: str,
    *,
    level: float,
    same_weekdays: bool,
    draws: int,
) -> Judgement:
    """Judge whether tests were slower, and whether that survives the tests that were not made.

    Parameters
    ----------
    claim
        The claim.
    table
        Of its tables, as :mod:`darkdays.sources.mlab.mlab_histograms` reads them.
    name
        What people call the entity.
    level
        Confidence of the intervals.
    same_weekdays
        Compare days of the same weekday only.
    draws
        Resamples of days.
    """
    start, end = on_clock(claim.start, claim.end)
    found = slowdown(
        speed_days(table, claim.entity, claim.direction),
        start.floor("D"),
        end.ceil("D"),
        level=level,
        same_weekdays=same_weekdays,
        draws=draws,
        rng=np.random.default_rng(claim.seed),
    )
    if found is None:
        return verdicts.untested(
            f"the {claim.direction} speed of {name} on those and on other days"
        )
    # Negative is slower: the claim is that all of the interval, and both bounds, are below zero.
    sampled = verdicts.by_sign(-found.high, -found.low)
    bounded = verdicts.by_sign(-found.bound_high, -found.bound_low)
    verdict = sampled if sampled == bounded else verdicts.INCONCLUSIVE
    return Judgement(
        verdict,
        _because(claim, found, name, sampled, bounded),
        "Tests of the same days from people who could not test, or who usually do not."
        if verdict == verdicts.SUPPORTED
        else "More days of either kind, or a number of tests that does not move with the event.",
        tuple(_numbers(found)),
    )


def _because(claim: ThroughputDrop, found: Slowdown, name: str, sampled: str, bounded: str) -> str:
    towards = "slower" if found.delta < 0 else "faster"
    text = (
        f"{claim.direction.capitalize()}s of {name} on {found.days} days were {towards} than on "
        f"{found.other_days} others: {_SCALE} {found.delta:+.2f} ({found.low:+.2f} to "
        f"{found.high:+.2f}), from {found.bound_low:+.2f} to {found.bound_high:+.2f} whoever is "
        f"missing. {found.tests:.0f} tests a day against {found.other_tests:.0f}; "
        f"{found.lost:.1%} too slow or too fast to be counted, against {found.other_lost:.1%}."
    )
    if sampled == verdicts.SUPPORTED and bounded != verdicts.SUPPORTED:
        text += " The fall could come from who tested: the verdict stays open."
    return text


def _numbers(found: Slowdown) -> list[Number]:
    days = found.days + found.other_days
    pooled = found.pooled
    return [
        Number(
            "delta", found.delta, _SCALE, found.low, found.high, n=days,
            note="mean over pairs of days, interval from resampled days; below 0 is slower",
        ),
        Number(
            "delta.bounds", found.delta, _SCALE, found.bound_low, found.bound_high, n=days,
            note="no confidence interval: tests missing from or beyond the usual number of a day "
            "put at, or taken from, either end",
        ),
        Number(
            "placebo.p", found.placebo_p, "probability", n=found.placebos,
            note="stretches of as many days in the same record that are as slow",
        ),
        Number(
            "pooled.delta", pooled.delta, _SCALE, pooled.low, pooled.high,
            note="all tests together, DeLong's interval, as if tests were independent",
        ),
        Number("pooled.mann_whitney_p", _known(pooled.mann_whitney_p), "probability"),
        Number("pooled.brunner_munzel_p", _known(pooled.brunner_munzel_p), "probability"),
        Number("tests", found.tests, "tests a day", n=found.days),
        Number("tests.other_days", found.other_tests, "tests a day", n=found.other_days),
        Number("lost", found.lost, "share of tests", n=found.days),
        Number("lost.other_days", found.other_lost, "share of tests", n=found.other_days),
    ]  # fmt: skip


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number
