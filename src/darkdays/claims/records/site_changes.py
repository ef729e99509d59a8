"""Claims that sites and apps came to be blocked in another way, or came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.case.records import BlockingChanged, Unblocked
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.detect.blocking.blocking import BLOCKED, NOT_BLOCKED, OK, Counting, units
from darkdays.detect.blocking.blocking_states import MIXED, stretches
from darkdays.files.writing import rows_of

_DAY: Final = pd.Timedelta(days=1)


def unblocked(
    claim: Unblocked,
    observed: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    counting: Counting,
    draws: int,
) -> Judgement:
    """Judge whether each site that was blocked came through again, as a change of its state.

    Parameters
    ----------
    claim
        The claim.
    observed
        Of its tables, over all of the time there is.
    span
        The stretch of time (UTC) that holds the last two units blocked and the first two that were
        not: a return in a gap into it may have come before, and that one measurement fails after
        the gap is no proof that it did not.
    counting
        How to count.
    draws
        Permutations for each p-value.
    """
    mine = observed[observed["site"].isin(claim.sites)]
    cut = stretches(mine, counting, draws=draws, rng=np.random.default_rng(claim.seed))
    if cut.empty:
        return verdicts.untested(", ".join(claim.sites))
    back, still, sentences, numbers = [], [], [], []
    for site in claim.sites:
        rows = cut[cut["site"] == site]
        known = rows[rows["state"].isin([BLOCKED, OK])]
        returns = [
            (old, new)
            for _, one in known.groupby("network", sort=True)
            for old, new in pairwise(rows_of(one))
            if old.state == BLOCKED
            and new.state == OK
            and span[0] <= _second(mine, old, counting, last=True)
            and _second(mine, new, counting, last=False) < span[1]
        ]
        inside = known[(known["last"] >= span[0]) & (known["first"] < span[1])]
        if returns and not _ends_blocked(inside):
            old, new = returns[0]
            back.append(site)
            sentences.append(
                f"{site} was last found blocked on {old.blocked_last:%Y-%m-%d %H:%M} and came "
                f"through from {new.first:%Y-%m-%d %H:%M} UTC at the latest"
            )
            numbers.append(
                Number(
                    f"unblocked.{site}.days_between",
                    (new.first - old.blocked_last) / pd.Timedelta(days=1),
                    "d",
                    n=int(old.units + new.units),
                    note="between the last measurement that was blocked and the first of those "
                    "that were not: the change lies in between",
                )
            )
        elif _watched_to(inside, span[1]) and (inside["state"] == BLOCKED).all():
            still.append(site)
            sentences.append(f"{site} stayed blocked to {inside['last'].max():%Y-%m-%d %H:%M} UTC")
        else:
            sentences.append(f"of {site} no return from being blocked was seen")
    verdict = verdicts.either(len(back) == len(claim.sites), bool(still))
    return Judgement(
        verdict,
        "; ".join(sentences) + ".",
        "Measurements from after that time that are blocked again, or earlier ones that are not.",
        tuple(numbers),
    )


def _second(mine: pd.DataFrame, stretch: Any, counting: Counting, *, last: bool) -> pd.Timestamp:
    """Return when the last unit but one of a stretch was blocked, or the second came through."""
    inside = mine[
        mine["time"].between(stretch.first, stretch.last)
        & (mine["site"] == stretch.site)
        & (mine["network"] == stretch.network)
        & ((mine["method"] != NOT_BLOCKED) == last)
    ]
    times = inside.groupby(units(inside, counting.unit).to_numpy())["time"]
    sorted_times = (times.max() if last else times.min()).sort_values(ascending=not last)
    return pd.Timestamp(sorted_times.iloc[min(1, len(sorted_times) - 1)])


def _watched_to(rows: pd.DataFrame, end: pd.Timestamp) -> bool:
    """Say whether stretches reach the end of a time: what nobody measured may have changed."""
    return bool(len(rows) and rows["last"].max() >= end - _DAY)


def _ends_blocked(rows: pd.DataFrame) -> bool:
    """Say whether a site is blocked in the last stretch of any network."""
    last = rows.sort_values("stretch").groupby("network", sort=True)["state"].last()
    return bool((last == BLOCKED).any())


def blocking_changed(
    claim: BlockingChanged,
    observed: pd.DataFrame,
    end: pd.Timestamp,
    counting: Counting,
    draws: int,
) -> Judgement:
    """Judge whether each site came to be blocked in another way, as a change-point of its state.

    Parameters
    ----------
    claim
        The claim; its time is that of the first measurement blocked in the new way.
    observed
        Of its tables, over all of the time there is.
    end
        First moment after the time it is about (UTC).
    counting
        How to count.
    draws
        Permutations for each p-value.
    """
    mine = observed[observed["site"].isin(claim.sites)]
    rng = np.random.default_rng(claim.seed)
    cut = stretches(mine, counting, draws=draws, rng=rng)
    if cut.empty:
        return verdicts.untested(", ".join(claim.sites))
    changes = {site: _change_of(claim, cut[cut["site"] == site]) for site in claim.sites}
    told = {site: change for site, change in changes.items() if change is not None}
    against = [site for site in claim.sites if _stayed(claim, cut[cut["site"] == site], end)]
    missing = [site for site in claim.sites if site not in set(cut["site"])]
    if len(told) == len(claim.sites):
        verdict = verdicts.SUPPORTED
    else:
        verdict = verdicts.CONTRADICTED if against else verdicts.INCONCLUSIVE
    sentences = [
        f"{site} by {change['old']} until {change['last']:%Y-%m-%d %H:%M}, by {change['new']} from "
        f"{change['first']:%Y-%m-%d %H:%M} UTC at the latest (p {change['p']:.2g})"
        for site, change in told.items()
    ]
    rest = [site for site in claim.sites if site not in told and site not in missing]
    if rest:
        sentences.append(f"no such change found of {', '.join(rest)}")
    if missing:
        sentences.append(f"not measured: {', '.join(missing)}")
    return Judgement(
        verdict,
        "; ".join(sentences) + ".",
        "Measurements from between the two that show the new way earlier, or the old one later.",
        tuple(number for site, change in told.items() for number in _numbers(site, change)),
    )


def _change_of(claim: BlockingChanged, cut: pd.DataFrame) -> dict[str, Any] | None:
    """Return the first change from one blocked state to the next that is the one claimed."""
    for _, rows in cut.groupby("network", sort=True):
        blocked = [row for row in rows_of(rows) if row.state == BLOCKED and row.method != MIXED]
        for old, new in pairwise(blocked):
            inside = (claim.start is None or new.blocked_first >= claim.start) and (
                claim.end is None or new.blocked_first < claim.end
            )
            between = rows[(rows["stretch"] > old.stretch) & (rows["stretch"] <= new.stretch)]
            is_change = bool(between["p"].notna().any())
            if old.method in claim.before and new.method in claim.after and inside and is_change:
                return {
                    "old": old.method,
                    "new": new.method,
                    "last": old.blocked_last,
                    "first": new.blocked_first,
                    "p": float(between["p"].max()),
                    "units": int(old.units + new.units),
                }
    return None


def _stayed(claim: BlockingChanged, cut: pd.DataFrame, end: pd.Timestamp) -> bool:
    """Tell whether a site is blocked in the old way, and in no other, to the end of the time."""
    after = cut[cut["last"] >= claim.start] if claim.start is not None else cut.iloc[-1:]
    return bool(
        _watched_to(after, end)
        and (after["state"] == BLOCKED).all()
        and after["method"].isin(list(claim.before)).all()
    )


def _numbers(site: str, change: Mapping[str, Any]) -> Iterator[Number]:
    days = (change["first"] - change["last"]) / pd.Timedelta(days=1)
    yield Number(
        f"change.{site}.days_between",
        days,
        "d",
        n=change["units"],
        note=f"between the last measurement blocked by {change['old']} and the first by "
        f"{change['new']}: the change lies in between",
    )
    yield Number(f"change.{site}.p", change["p"], "probability", n=change["units"])
