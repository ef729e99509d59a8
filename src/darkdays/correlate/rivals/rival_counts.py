"""What was counted in a list of outages with known causes, with any country taken out again.

The counts are embedded (``rival_counts.json``) and derived by ``benchmarks/rivals.py``: every
incident counts as one, however many outages a season of exams or a cable cut consists of.

Where no list of labelled outages can be counted, chances are taken for granted
(``rival_beliefs.json``): ``assumed`` for features that no list states, ``planned`` for what is
known beside a list that hardly holds it, both in the order of a feature's values, and a reason
for each feature. They are assumptions, said to be so wherever they are used, and no single feature
may weigh more than ten to one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdays.correlate.rivals.rival_features import BELIEFS, EXAM_OR_NOT, FEATURES

STRENGTH: Final = 4.0
"""Incidents that the common distribution of all causes counts as, beside a cause's own."""
PLANNED_STRENGTH: Final = 12.0
"""Incidents that what is assumed beside the list counts as."""
ASSUMED: Final[Mapping[str, Mapping[str, list[float]]]] = BELIEFS["assumed"]
PLANNED: Final[Mapping[str, Mapping[str, list[float]]]] = BELIEFS["planned"]
REASONS: Final[Mapping[str, str]] = BELIEFS["reasons"]


@dataclass(frozen=True)
class Counts:
    """Incidents by cause, feature and value.

    Attributes
    ----------
    total
        ``total[cause][feature]``: a number a value, in the order of the feature's values.
    countries
        What incidents add to ``total``, by the countries they touch: codes, a space between.
    temper
        Factor of the log-likelihoods of counted features, at most 1: they are not independent.
    """

    total: Mapping[str, Mapping[str, NDArray[np.float64]]]
    countries: Mapping[str, Mapping[str, Mapping[str, NDArray[np.float64]]]]
    temper: float

    def without(self, left_out: Collection[str]) -> Counts:
        """Return the counts without every incident that touches one of some countries."""
        touched = [
            causes
            for names, causes in self.countries.items()
            if not set(left_out).isdisjoint(names.split())
        ]
        kept = {
            cause: {
                # What is rounded may come out a little below nothing.
                feature: np.maximum(
                    numbers - sum(one.get(cause, {}).get(feature, 0.0) for one in touched), 0.0
                )
                for feature, numbers in features.items()
            }
            for cause, features in self.total.items()
        }
        return Counts(kept, self.countries, self.temper)


@dataclass(frozen=True)
class Chances:
    """Chances of the values of one feature under one cause, and what they rest on.

    Attributes
    ----------
    values
        One a value of the feature, adding up to 1.
    basis
        ``counted``, ``counted and assumed`` or ``assumed``.
    n
        Incidents counted.
    """

    values: NDArray[np.float64]
    basis: str
    n: float


def chances(counts: Counts, cause: str, feature: str) -> Chances:
    """Return the chances of a feature's values under a cause.

    Counts are joined with what all causes have in common, worth :data:`STRENGTH` incidents, so
    that a value never seen is unlikely and not impossible, and a cause seen ten times is not
    told apart by what ten incidents happen to show. What only tells exams from the rest is counted
    of all the rest together.
    """
    if feature in ASSUMED:
        return Chances(np.array(ASSUMED[feature][cause]), "assumed", 0.0)
    if feature in EXAM_OR_NOT:
        causes = [one for one in counts.total if (one == "exam") == (cause == "exam")]
    else:
        causes = [cause] if cause in counts.total else []
    own = sum((counts.total[one][feature] for one in causes), np.zeros(len(FEATURES[feature])))
    planned = PLANNED.get(feature, {}).get(cause)
    if planned is not None:
        joined = own + PLANNED_STRENGTH * np.array(planned)
        basis = "counted and assumed" if own.sum() else "assumed"
    else:
        common = sum((one[feature] for one in counts.total.values()), np.ones(own.size))
        joined = own + STRENGTH * common / common.sum()
        basis = "counted"
    return Chances(joined / joined.sum(), basis, float(own.sum()))


@cache
def embedded() -> Counts:
    """Return the counts that come with this version."""
    document = json.loads((files(__package__) / "rival_counts.json").read_text(encoding="utf-8"))

    def arrays(causes: Mapping[str, Any]) -> dict[str, dict[str, NDArray[np.float64]]]:
        return {
            cause: {feature: np.array(numbers, float) for feature, numbers in features.items()}
            for cause, features in causes.items()
        }

    return Counts(
        arrays(document["total"]),
        {country: arrays(causes) for country, causes in document["countries"].items()},
        float(document["temper"]),
    )
