"""Claims that datasources disagree about one outage; never about an average of them."""

from __future__ import annotations

from collections.abc import Collection
from itertools import permutations

import numpy as np
import pandas as pd

from darkdays.case import disruptions as claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.detect.outages.agreement import DOWN, agreement
from darkdays.detect.outages.analysis import Analysis
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of

_HOUR = pd.Timedelta(hours=1)
_FILLED = 5
"""Bins of an outage of which most are filled by it, whatever moment it begins at."""
_UNITS = {"depth": "share of normal level", "onset": "h", "recovery": "h"}


def signals_disagree(claim: claims.SignalsDisagree, evidence: Evidence) -> Judgement:
    """Judge whether two datasources of an entity disagree by so much about its main outage.

    The main outage is the event that lasted longest from the first onset to the last recovery.
    Every two are compared, or the two that the claim names, each by its own interval: one pair
    that is so far apart for certain will do, and none may be for a contradiction, which a
    datasource that was down and whose number is not known forbids. A datasource that was not
    down counts with what it lost all the same.
    """
    name = evidence.case.name_of(claim.entity)
    if claim.entity not in evidence.measured:
        return verdicts.untested(f"{name}'s connectivity")
    mine = evidence.outages[evidence.outages["entity"] == claim.entity]
    if mine.empty:
        return verdicts.no_outage(evidence, claim.entity)
    sides, open_ended = _main_event(
        agreement(mine, evidence.analyses), claim.about, evidence.record[0]
    )
    if claim.about == "depth":
        sides = _as_deep_as_bins_tell(sides, evidence.analyses)
    ordered = sides.sort_values(["value", "datasource"], kind="stable")
    if claim.between is not None:
        named = ordered.set_index("datasource", drop=False)
        ordered = named.loc[[one for one in claim.between if one in named.index]]
    if len(ordered) < 2:
        return Judgement(
            verdicts.INCONCLUSIVE,
            f"Fewer than two of these datasources tell the {claim.about} of that outage of {name}.",
            "A second datasource that does.",
        )
    pairs = list(permutations(range(len(ordered)), 2)) if claim.between is None else [(0, 1)]
    told = ordered[["low", "value", "high"]].to_numpy(np.float64)
    # The pair whose certain difference is largest, and the most that any pair can differ by.
    first, second = max(pairs, key=lambda pair: told[pair[1], 0] - told[pair[0], 2])
    least, most = ordered.iloc[first], ordered.iloc[second]
    low = most["low"] - least["high"]
    high = max(told[later, 2] - told[earlier, 0] for earlier, later in pairs)
    apart = most["value"] - least["value"]
    unknown = open_ended if claim.between is None else open_ended & set(claim.between)
    verdict = verdicts.either(low >= claim.at_least, high < claim.at_least and not unknown)
    unit = _UNITS[claim.about]
    shown = (
        f"{low:.0%} to {high:.0%} of the normal level"
        if claim.about == "depth"
        else f"{low:.1f} to {high:.1f} hours"
    )
    return Judgement(
        verdict,
        f"{most['datasource']} and {least['datasource']} differ in the {claim.about} of one "
        f"outage of {name} by {shown}.",
        "A reading of the same two signals in which their intervals come closer than "
        + (f"{claim.at_least:.0%}." if claim.about == "depth" else f"{claim.at_least:g} hours."),
        (
            Number("difference", float(apart), unit, float(low), float(high), n=len(ordered)),
            *(_side(row, claim.about, unit) for row in rows_of(ordered)),
        ),
    )


def can_tell(claim: claims.SignalsDisagree, datasources: Collection[str]) -> bool:
    """Return whether a set of datasources holds two that can disagree."""
    return len(datasources) > 1 and set(claim.between or ()) <= set(datasources)


def _main_event(
    sides: pd.DataFrame, about: str, begin: pd.Timestamp
) -> tuple[pd.DataFrame, set[str]]:
    """Return what each datasource says of the longest event, as numbers with bounds.

    Times are hours after the first onset of the event. Also returns which of those that were down
    do not say it.
    """
    down = sides[sides["state"] == DOWN]
    # What was under way when its record began is as long as it was seen.
    begins = down.groupby("event")["onset"].min().fillna(begin)
    ends = down.groupby("event")["recovery"].max()
    lengths = (ends - begins).dt.total_seconds().fillna(float("inf"))
    event = sides[sides["event"] == lengths.idxmax()]
    if about == "depth":
        found = event.assign(value=event["depth"], low=event["depth_low"], high=event["depth_high"])
    else:
        first = event["onset"].min()
        columns = {"value": about, "low": f"{about}_low", "high": f"{about}_high"}
        found = event.assign(
            **{name: (event[column] - first) / _HOUR for name, column in columns.items()}
        )
    known = found[["value", "low", "high"]].notna().all(axis=1)
    return found[known], set(found.loc[~known & (found["state"] == DOWN), "datasource"])


def _as_deep_as_bins_tell(sides: pd.DataFrame, analyses: Collection[Analysis]) -> pd.DataFrame:
    """Return what datasources lost, those of wider bins at least, where an outage fills few.

    A bin that an outage fills in part shows less than was gone. Of equal bins all show the same.
    """
    steps = {(one.entity, one.datasource): one.step for one in analyses}
    names = zip(sides["entity"], sides["datasource"], strict=True)
    step = pd.Series([steps.get(one, _HOUR) for one in names], sides.index)
    down = sides[sides["state"] == DOWN]
    # Without an end it is longer than any bin.
    lasts = down["recovery"].max() - down["onset"].min()
    shallow = (step > step.min()) & (_FILLED * step > lasts)
    return sides.assign(high=sides["high"].mask(shallow, 1.0))


def _side(row: object, about: str, unit: str) -> Number:
    one = pd.Series(row._asdict())  # type: ignore[attr-defined]
    note = "" if about == "depth" else "after the first onset in any datasource"
    return Number(
        f"{about}.{one['datasource']}", float(one["value"]), unit, float(one["low"]),
        float(one["high"]), n=int(one["outages"]), note=note,
    )  # fmt: skip
