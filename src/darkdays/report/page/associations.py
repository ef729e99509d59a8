"""The part of a report about outages and events: what a page shows of each claim about rates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from darkdays.association.associate import Association
from darkdays.association.directions import Direction
from darkdays.association.family import hypothesis
from darkdays.case.case import Case
from darkdays.claims import Verdict
from darkdays.correlate.crossover.primary import WINDOW
from darkdays.correlate.crossover.stratified import Ratio
from darkdays.report.findings.association_findings import RATIOS, e_values, of_associations
from darkdays.report.findings.formats import rounded, written
from darkdays.report.page.association_prose import TITLES, curve_sentences, fine_print, sentences


def associations_document(case: Case, verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return everything about outages and events that a page shows, one entry a claim."""
    return [
        {
            **written(verdict.claim, "claim=id statement"),
            **written(verdict.judgement, "verdict because"),
            "event": found.claim.event,
            "places": list(found.tested.calendar.entities),
            "days_after": WINDOW,
            "family": list(found.families.dependent.hypotheses),
            "directions": [
                _direction(case, found, one) for one in found.tested.directions.values()
            ],
            "lags": {
                name: {"p_any": rounded(one.p_any), "rows": _rows(one.table)}
                for name, one in found.profiles.items()
            },
            "no_lags": found.no_profiles,
            "epochs": {
                name: {"p_any": rounded(one.p_any), "events": one.events, "rows": _rows(one.table)}
                for name, one in found.epochs.items()
            },
            "no_epochs": found.no_epochs,
            "controls": [
                {
                    "id": one.id,
                    "kind": one.kind.replace("_", " "),
                    **written(one, "about possible says"),
                    "cannot": one.cannot if one.possible else "",
                    **written(one, "p=p_value:f smallest_p:f n"),
                    "more": {
                        name: rounded(value) if isinstance(value, float) else value
                        for name, value in one.more.items()
                    },
                }
                for one in found.controls
            ],
            "specifications": _specifications(verdict, found),
        }
        for verdict, found in of_associations(verdicts)
    ]


def _direction(case: Case, found: Association, one: Direction) -> dict[str, Any]:
    own = hypothesis(found.claim.id, one.name)
    detectable = one.detectable
    return {
        "direction": one.name,
        "title": TITLES[one.name].format(event=found.claim.event),
        "sentences": sentences(case, found, one),
        "fine_print": fine_print(found, one),
        "onsets": one.analysis.crossover.onsets,
        "exposed": one.analysis.crossover.exposed_onsets,
        "expected": rounded(one.quoted.expected) if one.quoted else None,
        "p": rounded(one.quoted.p_value) if one.quoted else None,
        "detectable": rounded(detectable.ratio) if detectable else None,
        "ratio": _ratio("quoted", "", one.ratio),
        "ratios": [
            _ratio(kind, title, getattr(one.analysis.crossover, kind))
            for kind, title in RATIOS.items()
        ],
        "adjusted": {
            "bh": rounded(found.families.independent.adjusted[own]),
            "by": rounded(found.families.dependent.adjusted[own]),
        },
    }


def _ratio(kind: str, title: str, ratio: Ratio) -> dict[str, Any]:
    return {
        "name": kind,
        "title": title,
        **written(ratio, "value:f interval=low,high:f reason"),
        **e_values(kind, ratio),
    }


def _specifications(verdict: Verdict, found: Association) -> dict[str, Any]:
    assert verdict.curve is not None
    curve = verdict.curve
    summary = curve.summary(alpha=1 - found.level)
    return {
        "of": summary.of,
        "different": found.curve.different,
        **written(summary, "holds answered median:f least:f greatest:f"),
        "sentences": curve_sentences(found, curve),
        "by_choice": [
            {name: None if pd.isna(value) else value for name, value in row.items()}
            for row in curve.summaries(alpha=1 - found.level)
        ],
    }


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return [
        {
            name: rounded(value) if isinstance(value, float) or pd.isna(value) else int(value)
            for name, value in row.items()
        }
        for row in table.astype(object).to_dict("records")
    ]
