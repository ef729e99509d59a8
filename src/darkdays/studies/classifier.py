"""How well shutdowns can be told from outages, honest subset first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd

from darkdays.case.sources import Window
from darkdays.case.studies import ShutdownClassifier
from darkdays.labels.classifier import Score, classify
from darkdays.labels.finding import Finding
from darkdays.studies.results import Results
from darkdays.studies.tables import labelled_of

LEVEL: Final = 0.95
_CIRCULAR: Final = "partly circular: who made the labels could see the clock times"


def shutdown_classifier(
    study: ShutdownClassifier, window: Window, lists: Mapping[str, pd.DataFrame]
) -> Results:
    """Score every national event by a model that has not seen its country."""
    table, _ = labelled_of(study.rule, window, lists)
    national = table[table["scope"] == "country"].reset_index(drop=True)
    found = classify(
        national, rng=np.random.default_rng(study.seed), level=LEVEL, draws=study.draws
    )
    if found is None:
        return Results()
    groups = found.groups.reset_index()
    weights = found.weights.reset_index()
    return Results(
        findings=(*_pair("honest", found.honest), *_pair("all", found.everything)),
        tables={"classifier_groups": groups, "classifier_weights": weights},
    )


def _pair(name: str, score: Score) -> Iterator[Finding]:
    subset = "without exams and Myanmar" if name == "honest" else "every national event"
    witnesses: dict[str, str | float] = {
        "subset": subset,
        "base rate": score.positives / score.n,
        "labels": _CIRCULAR,
    }
    for kind, unit, found in (
        ("auc", "area", score.auc),
        ("ap", "average precision", score.precision),
    ):
        yield Finding(
            f"classifier_{kind}_{name}", found[0], unit, score.positives, score.n, *found[1:],
            LEVEL, witnesses,
        )  # fmt: skip
