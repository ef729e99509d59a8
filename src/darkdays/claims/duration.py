"""Claims about how long an outage lasted and how it ended."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.meanwhile import (
    analysis_of,
    holes,
    hours_lost,
    pauses,
    would_show,
)
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of

_HOUR: Final = pd.Timedelta(hours=1)
_SHORT: Final = 0.1
"""Share of the length asked for that a hole may have."""


def outage_in_window(claim: claims.OutageInWindow, evidence: Evidence) -> Judgement:
    """Judge whether an entity had an outage of a length.

    An outage is long enough for certain if its main rise came so late; it is too short for
    certain if the level was normal again so early. Between them is a return in stages. Down for
    certain is no longer than what was watched in one piece: in a hole it may have come back, and
    in a bin with more than half of the loss back it did. What is missing tells as well: hours of
    nothing, less a bin, that the loss amounts to. Too short are all only where a longer one of
    half the depth would have been found.
    """
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    mine = evidence.outages[evidence.outages["entity"] == claim.entity]
    if mine.empty:
        return verdicts.no_outage(evidence, claim.entity)
    # What the record does not show is open: an earlier beginning, a later end.
    hole = pd.Timedelta(hours=claim.at_least_hours * _SHORT)
    mine["least"] = [_watched(row, evidence, hole) for row in rows_of(mine)]
    normal = mine[["end_high", "restored"]].max(axis=1).where(mine["restored"].notna())
    mine["most"] = _hours_between(mine["onset_low"], normal).fillna(np.inf)
    mine["middle"] = _hours_between(mine["onset"], mine["end"])
    numbers = []
    for datasource, rows in mine.groupby("datasource"):
        most = float(rows["most"].max())
        over = bool(rows["end"].notna().all())
        numbers.append(
            Number(
                f"duration.{datasource}",
                float(rows["middle"].max()) if rows["middle"].notna().all() else None,
                "h",
                max(float(rows["least"].max()), 0.0),
                None if np.isinf(most) else most,
                n=len(rows),
                note="at least until the main rise, at most until normal again"
                if over
                else "not back by the end of the record",
            )
        )
    least = [number.low for number in numbers if number.low is not None]
    highest = [np.inf if number.high is None else number.high for number in numbers]
    verdict = verdicts.either(
        min(least) >= claim.at_least_hours,
        max(highest) < claim.at_least_hours
        and all(
            would_show(evidence, rows, claim.at_least_hours)
            for _, rows in mine.groupby("datasource")
        ),
    )
    shown = (
        "the one datasource that shows"
        if len(numbers) == 1
        else f"each of the {len(numbers)} datasources that show"
    )
    return Judgement(
        verdict,
        f"{name} was below normal for at least {_hours(min(least))} in {shown} the outage.",
        f"A datasource in which more than half was back within {claim.at_least_hours:g} "
        f"hour{'s' * (claim.at_least_hours != 1)}.",
        tuple(numbers),
    )


def _watched(outage: Any, evidence: Evidence, hole: pd.Timedelta) -> float:
    """Return the hours of an outage at least, in the longest piece without a hole."""
    begin = outage.first_seen if pd.isna(outage.onset_high) else outage.onset_high
    edges = [begin, outage.end_low]
    within = [
        begin if pd.isna(outage.onset_low) else outage.onset_low,
        outage.end_low if pd.isna(outage.end_high) else outage.end_high,
    ]
    lost = [0.0]
    if (signal := analysis_of(evidence, outage.entity, outage.datasource)) is not None:
        back = pauses(signal, outage.depth, begin, outage.end_low)
        for start, end in sorted([*holes(signal, hole), *back]):
            if begin < start and end < outage.end_low:
                edges[-1:-1] = within[-1:-1] = [start, end]
        stretches = zip(within[::2], within[1::2], strict=True)
        lost = [hours_lost(signal, start, end) for start, end in stretches]
    pieces = zip(edges[::2], edges[1::2], strict=True)
    return max(*lost, *(float((end - start) / _HOUR) for start, end in pieces))


def _hours(number: float) -> str:
    """Return hours as a reader says them; a fraction matters where they are few."""
    return f"{number:.0f} hours" if number >= 10 else f"{number:.2g} hours"


def _hours_between(begin: pd.Series, end: pd.Series) -> pd.Series:
    return (end - begin).dt.total_seconds() / 3600


def staged_recovery(claim: claims.StagedRecovery, evidence: Evidence) -> Judgement:
    """Judge whether an entity came back from one outage in several separate stages.

    Every datasource with an outage that is over, or with stages of one, is asked: stages of
    different outages are never added up. A stage counts for certain where the level before it
    was flat, and not at all where it is part of a ramp. One in which an outage is not over, with
    fewer stages than wanted, and one that was not measured around a return cannot tell: what it has
    not seen speaks neither for nor against.
    """
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    mine = evidence.dated(claim.entity)
    theirs = evidence.stages[
        (evidence.stages["entity"] == claim.entity)
        & evidence.stages["new_ground"]
        & evidence.stages["sustained"]
    ]
    numbers = []
    for datasource, rows in mine.groupby("datasource", sort=True):
        stages = theirs[theirs["datasource"] == datasource]
        signal = analysis_of(evidence, claim.entity, str(datasource))
        unseen = [] if signal is None else holes(signal, pd.Timedelta(0))
        numbers += _stages_of_one(str(datasource), rows, stages, unseen)
    if not numbers:
        return Judgement(
            verdicts.INCONCLUSIVE,
            f"No outage of {name} with a beginning and a return was found.",
            "A datasource that shows one.",
        )
    wanted = claim.at_least_stages
    able = [one for one in numbers if one.high is not None or (one.low or 0) >= wanted]
    verdict = verdicts.either(
        bool(able) and all((one.low or 0) >= wanted for one in able),
        len(able) == len(numbers) and all((one.high or np.inf) < wanted for one in able),
    )
    told = "; ".join(
        f"{one.low:.0f}{'' if one.low == one.high else f' to {one.high:.0f}' if one.high else '+'} "
        f"in {one.name.removeprefix('stages.')}{'' if one in able else ' (return not watched)'}"
        for one in numbers
    )
    return Judgement(
        verdict,
        f"Separate lasting stages in which {name} came back from one outage: {told}.",
        "A record in which all of the rise falls within one stage (rises under 3 hours apart).",
        tuple(numbers),
    )


def _stages_of_one(
    datasource: str,
    rows: pd.DataFrame,
    stages: pd.DataFrame,
    unseen: list[tuple[pd.Timestamp, pd.Timestamp]],
) -> list[Number]:
    """Return the stages of the outage that has most, where a datasource can tell any."""
    counted = []
    for onset, restored, until in rows[["onset", "restored", "last_seen"]].itertuples(index=False):
        inside = stages[
            (stages["start"] > onset)
            & (stages["start"] <= (until if pd.isna(restored) else restored))
        ]
        certain = len(inside[inside["apart"].astype(bool)])
        returns = [*inside["start"], *([] if pd.isna(restored) else [restored])]
        hidden = any(
            begin - _HOUR <= one <= end + _HOUR for begin, end in unseen for one in returns
        )
        counted.append((certain, len(inside), not pd.isna(restored) and not hidden))
    least = max(one[0] for one in counted)
    most = max(one[1] for one in counted)
    over = all(one[2] for one in counted)
    if not most and not over:
        # Nothing came back: what a datasource has not seen it does not speak of.
        return []
    most = max(most, 1)
    value = float(least) if least == most else None
    note = "of one outage" if over else "of one outage by the end of the record"
    return [
        Number(
            f"stages.{datasource}", value, "stages", float(least), float(most) if over else None,
            n=len(stages), note=note,
        )
    ]  # fmt: skip
