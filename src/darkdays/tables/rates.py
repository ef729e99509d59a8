"""Tables for people about outages and events: both directions, lags, choices and controls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from darkdays.association.associate import Association
from darkdays.association.directions import EVENTS_AFTER, OUTAGES_AFTER, Direction
from darkdays.association.family import hypothesis
from darkdays.claims import Verdict

_DIRECTIONS: Final = {OUTAGES_AFTER: "outages after events", EVENTS_AFTER: "events after outages"}
_COLUMNS: Final = (
    "claim", "question", "onsets", "on exposed days", "by chance", "ratio", "from", "to", "p",
    "smallest p", "adjusted p", "detectable ratio", "cannot tell because",
)  # fmt: skip


def rate_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return both directions of every claim about rates; p adjusted by Benjamini-Yekutieli."""
    rows = [
        _direction(found, one)
        for _, found in _rates(verdicts)
        for one in found.tested.directions.values()
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).round(3)


def _direction(found: Association, one: Direction) -> tuple[Any, ...]:
    crossover, test, detectable = one.analysis.crossover, one.quoted, one.detectable
    return (
        found.claim.id,
        _DIRECTIONS[one.name],
        crossover.onsets,
        crossover.exposed_onsets,
        None if test is None else test.expected,
        one.ratio.value,
        one.ratio.low,
        one.ratio.high,
        None if test is None else test.p_value,
        None if test is None else test.smallest_p,
        found.families.adjusted(hypothesis(found.claim.id, one.name)),
        None if detectable is None else detectable.ratio,
        one.inconclusive,
    )


def choice_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return in how many specifications each verdict is the same: a row an option of a choice."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    claims = []
    for one in verdicts:
        if one.curve is None:
            continue
        claims.append(one.claim.id)
        for row in one.curve.by_choice():
            told = found.setdefault((row["choice"], str(row["option"])), {})
            told[one.claim.id] = f"{row['holds']} of {row['of']}"
    rows = [
        (choice, option, *(told.get(claim, "") for claim in claims))
        for (choice, option), told in sorted(found.items(), key=lambda item: item[0][0])
    ]
    return pd.DataFrame(rows, columns=["choice", "option", *claims])


def control_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return the same question where the answer should be no, and what was not possible."""
    rows = [
        (
            found.claim.id,
            one.kind.replace("_", " "),
            one.about,
            one.says,
            one.cannot if one.possible else "",
        )
        for _, found in _rates(verdicts)
        for one in found.controls
    ]
    columns = ["claim", "control", "instead", "what it found", "what it cannot say"]
    return pd.DataFrame(rows, columns=columns)


def _rates(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, Association]]:
    return [(one, one.association) for one in verdicts if one.association is not None]
