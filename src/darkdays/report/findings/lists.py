"""The part of a report about numbers counted from lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from darkdays.report.findings.formats import rounded
from darkdays.report.findings.study import Study

_FIGURES: Final = {
    "durations": "durations",
    "minutes": "minutes",
    "rate_ratios": "rate-ratios",
    "classifier_groups": "classifier",
    "weekdays": "weekdays",
}
"""Name of the figure drawn from each table."""
_TITLES: Final = {
    "recall": "Listed shutdowns of less than a country that an outage of the country matches, and "
    "whether it was in the same place",
    "reasons": "Why listed shutdowns have no checked outage: the first reason that applies, and of "
    "how many each is true",
    "reasons_drawn": "Fifty of them, drawn at random, to be checked by a person",
    "rate_ratios": "The rate ratio under every specification",
    "classifier_groups": "What each kind of feature tells by itself",
    "classifier_weights": "What the classifier looks at, why, and with what weight",
    "weekdays": "Week after week",
}


def lists_of(study: Study, findings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a page says of studies of lists, None for a case without any."""
    if not study.case.studies:
        return None
    mine = [one.id for one in study.results.findings]
    by_id = {one["id"]: one for one in findings["findings"]}
    tables = study.results.tables
    return {
        "numbers": [by_id[name] for name in mine],
        "figures": [name for table, name in _FIGURES.items() if table in tables],
        "tables": [
            {
                "title": title,
                "columns": list(tables[name].columns),
                "rows": [
                    [rounded(cell) if isinstance(cell, float) else cell for cell in row]
                    for row in tables[name].to_numpy(dtype=object).tolist()
                ],
            }
            for name, title in _TITLES.items()
            if name in tables
        ],
        "citations": list(study.results.citations),
    }
