"""Shutdown or outage? A logistic regression, always tested on countries it has not seen.

The labels it learns from are partly circular: whoever made them could see the clock times, and a
season of exams or a nightly curfew is one decision listed many times. That is why the subset
without either is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from darkdays.labels.classifier_features import FEATURES, GROUPS, features_of

REPEATED: Final = ("MM",)
"""Countries in which one decision fills most of the list: Myanmar's nightly curfew of 2021."""


@dataclass(frozen=True)
class Score:
    """How well scores tell shutdowns from outages, with intervals from resampled countries.

    Attributes
    ----------
    auc, precision
        Area under the ROC curve, and average precision: value, low, high.
    positives, n
        Shutdowns, and events in all.
    """

    auc: tuple[float, float, float]
    precision: tuple[float, float, float]
    positives: int
    n: int


@dataclass(frozen=True)
class Classified:
    """What became of the classifier.

    Attributes
    ----------
    honest, everything
        Scores without exams and repeated curfews, and on all events.
    groups
        Index: group of features alone; columns ``auc`` and ``precision`` (honest subset),
        ``auc_all`` and ``precision_all``.
    weights
        Index: feature; columns ``weight`` (log odds for one standard deviation, fitted to all)
        and ``reason``.
    """

    honest: Score
    everything: Score
    groups: pd.DataFrame
    weights: pd.DataFrame


def classify(
    table: pd.DataFrame, *, rng: np.random.Generator, level: float = 0.95, draws: int = 1000
) -> Classified | None:
    """Train on all countries but one, score that one, and go round.

    Settings are fixed beforehand: features scaled to unit variance, half the sum of squared
    weights as penalty (ridge; scikit-learn's ``C = 1``), no weights for the rarer class.

    Parameters
    ----------
    table
        Labelled outages, as :func:`darkdays.labels.matching.labelled` gives them.
    rng
        Where the bootstrap draws come from.
    level
        Confidence of the intervals.
    draws
        How many times countries are drawn with replacement.

    Returns
    -------
    Classified or None
        None where shutdowns, or outages, are of fewer than two countries: leaving one out would
        leave nothing to learn from.
    """
    features, labels = features_of(table), table["shutdown"].to_numpy(bool)
    countries = table["country"].to_numpy(str)
    honest = honest_subset(table)
    if not _learnable(labels, countries) or not _learnable(labels[honest], countries[honest]):
        return None
    scores = left_out_scores(features.to_numpy(), labels, countries)
    alone = []
    for columns in GROUPS.values():
        one = left_out_scores(features[list(columns)].to_numpy(), labels, countries)
        alone.append((*_pair(labels[honest], one[honest]), *_pair(labels, one)))
    weights, _ = _ridge(_scaled(features.to_numpy(), features.to_numpy()), labels)
    return Classified(
        honest=_score(labels[honest], scores[honest], countries[honest], rng, level, draws),
        everything=_score(labels, scores, countries, rng, level, draws),
        groups=pd.DataFrame(
            alone,
            index=pd.Index(list(GROUPS), name="group"),
            columns=["auc", "precision", "auc_all", "precision_all"],
        ),
        weights=pd.DataFrame(
            {"weight": weights, "reason": list(FEATURES.values())},
            index=pd.Index(list(FEATURES), name="feature"),
        ),
    )


def honest_subset(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which events are neither exams nor nights of one and the same curfew."""
    return ~((table["cause"] == "Exams") | table["country"].isin(REPEATED)).to_numpy(bool)


def left_out_scores(
    features: NDArray[np.float64], labels: NDArray[np.bool_], countries: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Return the score of every event from a model that saw no event of its country.

    Parameters
    ----------
    features
        Shape ``(events, features)``.
    labels, countries
        Shape ``(events,)``.
    """
    scores = np.full(labels.shape, np.nan)
    for country in np.unique(countries):
        left_out = countries == country
        seen = features[~left_out]
        weights, constant = _ridge(_scaled(seen, seen), labels[~left_out])
        scores[left_out] = _scaled(features[left_out], seen) @ weights + constant
    return scores


def _learnable(labels: NDArray[np.bool_], countries: NDArray[np.str_]) -> bool:
    return all(len(np.unique(countries[labels == kind])) >= 2 for kind in (True, False))


def _scaled(features: NDArray[np.float64], seen: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = seen.std(axis=0)
    scaled: NDArray[np.float64] = (features - seen.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return scaled


def _ridge(
    features: NDArray[np.float64], labels: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Return weights of the features and the constant, which is not penalized."""
    design = np.column_stack([features, np.ones(labels.size)])
    sign = np.where(labels, 1.0, -1.0)
    penalty = np.append(np.ones(features.shape[1]), 0.0)

    def loss(weights: NDArray[np.float64]) -> float:
        return float(-log_expit(sign * (design @ weights)).sum() + penalty @ weights**2 / 2)

    def slope(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = design.T @ (expit(design @ weights) - labels)
        return found + penalty * weights

    def bend(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        chance = expit(design @ weights)
        found: NDArray[np.float64] = (design.T * (chance * (1 - chance))) @ design
        return found + np.diag(penalty)

    start = np.zeros(design.shape[1])
    fitted = minimize(loss, start, jac=slope, hess=bend, method="trust-exact").x
    return fitted[:-1], float(fitted[-1])


def _pair(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[float, float]:
    """Return the area under the ROC curve, by ranks, and the average precision."""
    positives = int(labels.sum())
    ranks = float(scipy.stats.rankdata(scores)[labels].sum()) - positives * (positives + 1) / 2
    values, group = np.unique(-scores, return_inverse=True)
    # At each score as a threshold: what is at least as high, and how much of it is a shutdown.
    hits = np.bincount(group[labels], minlength=values.size)
    precision = np.cumsum(hits) / np.cumsum(np.bincount(group))
    area = ranks / (positives * (labels.size - positives))
    return area, float(precision @ hits) / positives


def _score(
    labels: NDArray[np.bool_],
    scores: NDArray[np.float64],
    countries: NDArray[np.str_],
    rng: np.random.Generator,
    level: float,
    draws: int,
) -> Score:
    names, places = np.unique(countries, return_inverse=True)
    members = [np.flatnonzero(places == number) for number in range(len(names))]
    drawn = []
    for _ in range(draws):
        chosen = np.concatenate(
            [members[number] for number in rng.integers(len(names), size=len(names))]
        )
        # A draw of countries that all had shutdowns, or none, tells nothing apart.
        if 0 < labels[chosen].sum() < chosen.size:
            drawn.append(_pair(labels[chosen], scores[chosen]))
    if not drawn:
        drawn.append((np.nan, np.nan))
    ends = np.quantile(np.array(drawn), [(1 - level) / 2, (1 + level) / 2], axis=0)
    auc, precision = _pair(labels, scores)
    return Score(
        auc=(auc, float(ends[0, 0]), float(ends[1, 0])),
        precision=(precision, float(ends[0, 1]), float(ends[1, 1])),
        positives=int(labels.sum()),
        n=labels.size,
    )
