"""The classifier of shutdowns and outages beside scikit-learn's, on made-up outages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from darkdays.labels.classifier import _pair, left_out_scores


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_outage_is_scored_as_scikit_learn_scores_it(seed):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(240, 6)) * (1, 10, 0.01, 1, 1, 0)
    features[:, 3] = features[:, 3] > 0
    labels = rng.random(240) < 1 / (1 + np.exp(1 - features[:, 0] - features[:, 3]))
    countries = rng.choice(["A", "B", "C", "D"], size=240)
    peer = np.full(240, np.nan)
    for country in "ABCD":
        out = countries == country
        model = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-10, max_iter=10_000))
        peer[out] = model.fit(features[~out], labels[~out]).decision_function(features[out])
    assert left_out_scores(features, labels, countries) == pytest.approx(peer, abs=1e-4)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_areas_and_precisions_are_those_of_scikit_learn_with_ties_too(events):
    labels = np.array([label for label, _ in events])
    scores = np.array([score for _, score in events], float)
    if labels.all() or not labels.any():
        return
    peer = (roc_auc_score(labels, scores), average_precision_score(labels, scores))
    assert _pair(labels, scores) == pytest.approx(peer, abs=1e-12)
