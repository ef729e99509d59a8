"""Shutdown or something else? The weight of each feature for each cause, and when to say nothing.

Every feature that is known adds its weight of evidence (Good 1950): the logarithm of how much more
likely it is under one cause than under another. One that is not known adds nothing. How likely the
causes were beforehand is nowhere said, so no chance of a cause comes out. Features are added up as
if they were independent; those that are counted are tempered for that they are not. A cause is
named only if what is known is ten times as likely under it as under any other, it stays first
whichever single feature is taken away, and what would tell it apart is known at all. Otherwise the
outage is ``undecidable``, and the causes that are not excluded are named instead.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from darkdays.correlate.rivals.rival_counts import REASONS, Counts, chances, embedded
from darkdays.correlate.rivals.rival_features import CAUSES, COUNTED, FEATURES
from darkdays.errors import InputError

UNDECIDABLE: Final = "undecidable"
STRONG: Final = math.log(10)
"""Weight against every other cause from which on one is named (Jeffreys 1961: strong)."""
EXCLUDED: Final = math.log(50)
"""Weight against it, from the first cause, beyond which a cause is excluded."""
_EVEN: Final = math.log(1.5)
_FEW: Final = 10
_MOST_TOLD: Final = 100
_ORDERED: Final = ("shutdown", "exam")
_TELLS_EXAMS: Final = ("exam day", "rest", "school hours")
LIMIT: Final = math.log(10)
"""The most that one feature may weigh for one cause against another."""
TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "shutdown": ("mobile", "reach"),
    "power cut": ("mobile",),
    "exam": ("exam day",),
    "cable cut": ("neighbours",),
    "maintenance": ("reach",),
    "instrument failure": ("controls",),
}
"""Features one of which has to be known before a cause is named: without a calendar an exam is
timed like a curfew, and without unrelated places to look at an instrument fails unnoticed."""

Observed = Mapping[str, str | frozenset[str] | None]
"""Value of each feature, a set of values where several are open, None where nothing is known."""


@dataclass(frozen=True)
class Weighing:
    """What the features of an outage say about its cause.

    Attributes
    ----------
    verdict
        One of :data:`darkdays.correlate.rivals.rival_features.CAUSES`, or :data:`UNDECIDABLE`.
    because
        Why, in a sentence.
    not_excluded
        Causes that the features leave possible, the one that fits best first.
    against
        Weight of evidence for a shutdown against each rival, all features together (natural
        logarithm of the likelihood ratio; below 0 for the rival).
    table
        A row a feature: ``feature``, ``value`` (empty if unknown), for each rival how much the
        value speaks for a shutdown and against it (natural logarithm, before tempering),
        ``basis``, ``incidents`` counted of shutdowns, and ``reason``.
    """

    verdict: str
    because: str
    not_excluded: tuple[str, ...]
    against: Mapping[str, float]
    table: pd.DataFrame


def weigh(
    observed: Observed, *, left_out: Collection[str] = (), counts: Counts | None = None
) -> Weighing:
    """Weigh what is known of an outage.

    Parameters
    ----------
    observed
        By feature, as :mod:`darkdays.correlate.rivals.rival_features` reads them.
    left_out
        Countries (ISO 3166-1 alpha-2) of the case: no incident that touches one of them counts.
    counts
        What was counted; the embedded numbers if not given.

    Raises
    ------
    InputError
        If a feature or a value is not known.
    """
    _check(observed)
    numbers = (counts or embedded()).without(left_out)
    weights = {
        feature: _log_likelihoods(numbers, feature, open_values)
        for feature, value in observed.items()
        if (open_values := _open_values(feature, value)) is not None
    }
    totals = _sum(weights.values())
    order = sorted(CAUSES, key=lambda cause: (-totals[cause], CAUSES.index(cause)))
    possible = _possible(order, totals, bool(set(_TELLS_EXAMS) & set(weights)))
    verdict, because = _verdict(weights, order, totals, possible)
    against = {rival: totals["shutdown"] - totals[rival] for rival in CAUSES[1:]}
    return Weighing(verdict, because, possible, against, _table(observed, numbers, weights))


def in_words(weight: float) -> str:
    """Return a weight of evidence for a shutdown against a rival as odds, ``13 to 1 for``."""
    if abs(weight) < _EVEN:
        return "about even"
    return f"{_odds(abs(weight))} to 1 {'for' if weight > 0 else 'against'}"


def _odds(weight: float) -> str:
    odds = math.exp(weight)
    if odds >= _MOST_TOLD:
        return f"more than {_MOST_TOLD}"
    return f"{odds:.0f}" if odds >= _FEW else f"{odds:.1f}"


def _check(observed: Observed) -> None:
    for feature, value in observed.items():
        if feature not in FEATURES:
            raise InputError(f"feature {feature!r} is not known; use one of {', '.join(FEATURES)}.")
        stated = {value} if isinstance(value, str) else set(value or ())
        unknown = sorted(stated - set(FEATURES[feature]))
        if unknown:
            raise InputError(
                f"{feature} {unknown[0]!r} is not known; use one of {', '.join(FEATURES[feature])}."
            )


def _open_values(feature: str, value: str | frozenset[str] | None) -> frozenset[str] | None:
    """Return the values that are open, None if all of them are."""
    stated = frozenset({value}) if isinstance(value, str) else value
    return None if not stated or len(stated) == len(FEATURES[feature]) else stated


def _log_likelihoods(counts: Counts, feature: str, value: frozenset[str]) -> dict[str, float]:
    """Return the log-likelihood of every cause, none more than ten times below the best."""
    places = [FEATURES[feature].index(one) for one in sorted(value)]
    # Tempered where it was measured how far features of one outage repeat each other.
    power = counts.temper if feature in COUNTED else 1.0
    plain = {
        cause: power * math.log(float(chances(counts, cause, feature).values[places].sum()))
        for cause in CAUSES
    }
    best = max(plain.values())
    return {cause: max(one, best - LIMIT) for cause, one in plain.items()}


def _sum(weights: Collection[Mapping[str, float]]) -> dict[str, float]:
    return {cause: math.fsum(one[cause] for one in weights) for cause in CAUSES}


def _possible(order: list[str], totals: Mapping[str, float], told: bool) -> tuple[str, ...]:
    """Return the causes that are not excluded.

    Without a calendar, and without knowing which hours and days it was (``told``), an order for
    an exam and any other order are excluded together or not at all.
    """
    least = totals[order[0]] - EXCLUDED
    likely = {cause for cause in order if totals[cause] >= least}
    if not told and likely & set(_ORDERED):
        likely |= set(_ORDERED)
    return tuple(cause for cause in order if cause in likely)


def _verdict(
    weights: Mapping[str, Mapping[str, float]],
    order: list[str],
    totals: Mapping[str, float],
    possible: tuple[str, ...],
) -> tuple[str, str]:
    best, second = order[:2]
    if not weights:
        return UNDECIDABLE, "No feature is known."
    margin = totals[best] - totals[second]
    if margin < STRONG:
        listed = " and ".join(filter(None, [", ".join(possible[:-1]), possible[-1]]))
        return UNDECIDABLE, f"What is known fits {listed}."
    if not set(TELLING[best]) & set(weights):
        told = " or ".join(repr(feature) for feature in TELLING[best])
        return UNDECIDABLE, f"It looks like {best}, but {told}, which would tell, is not known."
    for feature in weights:
        rest = _sum([one for name, one in weights.items() if name != feature])
        if max(rest, key=lambda cause: rest[cause]) != best:
            return UNDECIDABLE, f"It would be {best}, but on the word of {feature!r} alone."
    return best, (
        f"{len(weights)} features speak for {best}, {_odds(margin)} to 1 against {second} and more "
        "against every other cause."
    )


def _table(
    observed: Observed, counts: Counts, weights: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    rows = []
    for feature in FEATURES:
        value = observed.get(feature)
        stated = value if isinstance(value, str) else " or ".join(sorted(value or ()))
        own = chances(counts, "shutdown", feature)
        mine = weights.get(feature)
        against = {
            f"against {rival}": None if mine is None else mine["shutdown"] - mine[rival]
            for rival in CAUSES[1:]
        }
        rows.append(
            {
                "feature": feature,
                "value": stated,
                **against,
                "basis": own.basis,
                "incidents": own.n,
                "reason": REASONS[feature],
            }
        )
    return pd.DataFrame(rows)
