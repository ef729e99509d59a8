"""Shutdown or something else? The weight of each feature for each cause, and when to say nothing.

Every feature that is known adds a log-likelihood; one that is not known adds nothing. All causes
are equally likely beforehand. Features are added up as if they were independent; those that are
counted are tempered for that they are not. A cause is named only if it is nine times as likely as
all others together, stays the likeliest whichever single feature is taken away, and what would
tell it apart is known at all. Otherwise the outage is ``undecidable``, and the causes that are not
excluded are named instead.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from darkdays.correlate.rivals.rival_counts import REASONS, Counts, chances, embedded
from darkdays.correlate.rivals.rival_features import CAUSES, COUNTED, FEATURES
from darkdays.errors import InputError

UNDECIDABLE: Final = "undecidable"
SURE: Final = 0.90
"""Posterior chance from which on a cause is named."""
EXCLUDED: Final = 0.02
"""Chance, relative to the likeliest cause, below which a cause is excluded."""
_ORDERED: Final = ("shutdown", "exam")
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
        Causes that the features leave possible, likeliest first.
    chances
        Posterior chance of every cause, all equally likely beforehand.
    table
        A row a feature: ``feature``, ``value`` (empty if unknown), for each rival how much the
        value speaks for a shutdown and against it (natural logarithm, before tempering),
        ``basis``, ``incidents`` counted of shutdowns, and ``reason``.
    """

    verdict: str
    because: str
    not_excluded: tuple[str, ...]
    chances: Mapping[str, float]
    table: pd.DataFrame

    def ratio(self, rival: str) -> float:
        """Return the log-likelihood ratio of a shutdown against a rival, all features together."""
        return math.log(self.chances["shutdown"]) - math.log(self.chances[rival])


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
    posterior = _posterior(_sum(weights.values()))
    order = sorted(CAUSES, key=lambda cause: (-posterior[cause], CAUSES.index(cause)))
    possible = _possible(order, posterior, "exam day" in weights)
    verdict, because = _verdict(weights, order, posterior, possible)
    table = _table(observed, numbers, weights)
    return Weighing(verdict, because, possible, posterior, table)


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


def _posterior(totals: Mapping[str, float]) -> dict[str, float]:
    sums = np.array([totals[cause] for cause in CAUSES])
    shares = np.exp(sums - sums.max())
    return dict(zip(CAUSES, (float(one) for one in shares / shares.sum()), strict=True))


def _possible(order: list[str], posterior: Mapping[str, float], calendar: bool) -> tuple[str, ...]:
    """Return the causes that are not excluded.

    Without a calendar an order for an exam and any other order are excluded together or not at
    all: a curfew is timed like a season of exams.
    """
    least = EXCLUDED * posterior[order[0]]
    likely = {cause for cause in order if posterior[cause] >= least}
    if not calendar and likely & set(_ORDERED):
        likely |= set(_ORDERED)
    return tuple(cause for cause in order if cause in likely)


def _verdict(
    weights: Mapping[str, Mapping[str, float]],
    order: list[str],
    posterior: Mapping[str, float],
    possible: tuple[str, ...],
) -> tuple[str, str]:
    best = order[0]
    if not weights:
        return UNDECIDABLE, "No feature is known."
    if posterior[best] < SURE:
        return UNDECIDABLE, f"What is known fits {' and '.join(possible)}."
    if not set(TELLING[best]) & set(weights):
        told = " or ".join(repr(feature) for feature in TELLING[best])
        return UNDECIDABLE, f"It looks like {best}, but {told}, which would tell, is not known."
    for feature in weights:
        rest = _sum([one for name, one in weights.items() if name != feature])
        if max(rest, key=lambda cause: rest[cause]) != best:
            return UNDECIDABLE, f"It would be {best}, but on the word of {feature!r} alone."
    return best, f"{len(weights)} features make it {posterior[best]:.0%} likely, of six causes."


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
