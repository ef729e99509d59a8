"""Claims about how long an outage lasted and how it ended."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.evidence.evidence import Evidence


def outage_in_window(claim: claims.OutageInWindow, evidence: Evidence) -> Judgement:
    """Judge whether an entity had an outage of a length."""
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    mine = evidence.dated(claim.entity)
    numbers = []
    for datasource, rows in mine.groupby("datasource"):
        until_low = rows["recovery_low"].fillna(rows["last_seen"])
        open_ended = bool(rows["recovery"].isna().any())
        longest = _longest_hours(rows["onset_low"], rows["recovery_high"])
        middle = _longest_hours(rows["onset"], rows["recovery"])
        numbers.append(
            Number(
                f"duration.{datasource}",
                None if open_ended else middle,
                "h",
                _longest_hours(rows["onset_high"], until_low),
                None if open_ended else longest,
                n=len(rows),
                note="not back by the end of the record" if open_ended else "until the main rise",
            )
        )
    if not numbers:
        return verdicts.no_outage(name)
    least = [number.low for number in numbers if number.low is not None]
    most = [np.inf if number.high is None else number.high for number in numbers]
    verdict = verdicts.either(min(least) >= claim.at_least_hours, max(most) < claim.at_least_hours)
    return Judgement(
        verdict,
        f"{name} was below normal for at least {_hours(min(least))} in each of the "
        f"{len(numbers)} datasources that show the outage.",
        f"A datasource in which more than half was back within {claim.at_least_hours:g} "
        f"hour{'s' * (claim.at_least_hours != 1)}.",
        tuple(numbers),
    )


def _hours(number: float) -> str:
    """Return hours as a reader says them; a fraction matters where they are few."""
    return f"{number:.0f} hours" if number >= 10 else f"{number:.2g} hours"


def _longest_hours(begin: pd.Series, end: pd.Series) -> float:
    return float((end - begin).dt.total_seconds().max() / 3600)


def staged_recovery(claim: claims.StagedRecovery, evidence: Evidence) -> Judgement:
    """Judge whether an entity came back in several separate stages."""
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    stages = evidence.stages[
        (evidence.stages["entity"] == claim.entity)
        & evidence.stages["new_ground"]
        & evidence.stages["sustained"]
    ]
    counts = {str(key): len(rows) for key, rows in stages.groupby("datasource")}
    most = max(counts.values(), default=0)
    outage = evidence.first_outage(claim.entity)
    ended = outage is not None and not pd.isna(outage["restored"])
    if most >= claim.at_least_stages:
        verdict = verdicts.SUPPORTED
    elif ended and most == 1:
        verdict = verdicts.CONTRADICTED
    else:
        verdict = verdicts.INCONCLUSIVE
    return Judgement(
        verdict,
        f"{name} came back in {most} separate lasting stages"
        + (" by the end of the record." if not ended else "."),
        "A record in which all of the rise falls within one stage (rises under 3 hours apart).",
        tuple(
            Number(f"stages.{datasource}", float(count), "stages", n=count)
            for datasource, count in sorted(counts.items())
        ),
    )
