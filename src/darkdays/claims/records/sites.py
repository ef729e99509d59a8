"""Claims about sites and apps: blocked, blocked in another way, and come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.case.records import BlockingChanged, SiteBlocked, Unblocked
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.detect.blocking.blocking import (
    BLOCKED,
    INSUFFICIENT,
    NOT_BLOCKED,
    OK,
    Counting,
    Interval,
    Unit,
    shares,
    units,
)
from darkdays.detect.blocking.blocking_states import MIXED, stretches
from darkdays.evidence.evidence import LEVELS
from darkdays.files.writing import rows_of

_UNITS: Final[tuple[Unit, ...]] = ("hour", "measurement", "day")
_DAY: Final = pd.Timedelta(days=1)
_INTERVALS: Final[tuple[Interval, ...]] = ("wilson", "exact")


def countings(level: float, *, intervals: bool = True) -> list[Counting]:
    """Return every defensible way to count, the chosen one first."""
    chosen = Counting(level)
    ways = product(
        sorted({*LEVELS, level}), _UNITS, _INTERVALS if intervals else (chosen.interval,)
    )
    others = {Counting(one, unit, interval) for one, unit, interval in ways}
    return [chosen, *sorted(others - {chosen})]


def site_blocked(
    claim: SiteBlocked,
    observed: pd.DataFrame,
    counting: Counting,
    elsewhere: pd.DataFrame | None = None,
) -> Judgement:
    """Judge whether each site was blocked, or not, in more than half of the units measured.

    Parameters
    ----------
    claim
        The claim.
    observed
        Of its tables and its stretch of time, as
        :func:`darkdays.detect.blocking.blocking.observations` gives it.
    counting
        How to count.
    elsewhere
        The same of its tables of other countries; None if it names none, or they were not read.
    """
    counted = shares(observed, counting, claim.methods)
    states = {site: _state(counted[counted["site"] == site]) for site in claim.sites}
    if all(state is None for state in states.values()):
        return verdicts.untested(f"{', '.join(claim.sites)} in that time")
    others = [site for site in sorted(set(counted["site"])) if site not in states]
    found = [site for site in others if _state(counted[counted["site"] == site]) == BLOCKED]
    unsure = [site for site in others if _state(counted[counted["site"] == site]) == INSUFFICIENT]
    how = f" by {' or '.join(claim.methods)}" if claim.methods else ""
    opposite = OK if claim.state == BLOCKED else BLOCKED
    if opposite in states.values() or (claim.only and found):
        verdict = verdicts.CONTRADICTED
    elif all(state == claim.state for state in states.values()):
        verdict = verdicts.SUPPORTED
    else:
        verdict = verdicts.INCONCLUSIVE
    mine = counted[counted["site"].isin(claim.sites)]
    sentences = [
        f"Blocked{how}, of the {counting.unit}s measured (UTC): {'; '.join(_counts(mine))}."
    ]
    if missing := [site for site, state in states.items() if state is None]:
        sentences.append(f"Not measured: {', '.join(missing)}.")
    if claim.only:
        sentences.append(_about_others(others, found, unsure, how))
    if claim.elsewhere:
        told, down = _about_elsewhere(claim, elsewhere, counting)
        sentences.append(told)
        if down and verdict == verdicts.SUPPORTED and claim.state == BLOCKED:
            verdict = verdicts.INCONCLUSIVE
    which = claim.sites[0] + (" or another of them" if len(claim.sites) > 1 else "")
    otherwise = "come through" if claim.state == BLOCKED else "are blocked"
    return Judgement(
        verdict,
        " ".join(sentences),
        f"Measurements of {which} from the same time that mostly {otherwise}.",
        tuple(
            Number(
                f"blocked.{row.site}.{row.network}",
                row.share,
                f"share of {counting.unit}s",
                row.low,
                row.high,
                n=row.units,
                note=f"{row.measurements_blocked} of {row.measurements} measurements, "
                f"from {row.first:%Y-%m-%dT%H:%MZ} to {row.last:%Y-%m-%dT%H:%MZ}",
            )
            for row in rows_of(mine)
        ),
    )


def _state(rows: pd.DataFrame) -> str | None:
    """Return the one state of a site in all networks, None if it was not measured."""
    if rows.empty:
        return None
    states = set(rows["state"]) - {INSUFFICIENT}
    return str(states.pop()) if len(states) == 1 else INSUFFICIENT


def _counts(counted: pd.DataFrame) -> Iterator[str]:
    several = len(set(counted["network"])) > 1
    for row in rows_of(counted):
        where = f" in {row.network}" if several else ""
        yield f"{row.site}{where} {row.blocked} of {row.units} from {row.first:%Y-%m-%d %H:%M}"


def _about_elsewhere(
    claim: SiteBlocked, elsewhere: pd.DataFrame | None, counting: Counting
) -> tuple[str, list[str]]:
    """Say how the sites did in other countries, and which were down there too."""
    if elsewhere is None:
        return "How they did in other countries was not read.", []
    counted = shares(elsewhere, counting)
    states = {site: _state(counted[counted["site"] == site]) for site in claim.sites}
    down = [site for site, state in states.items() if state == BLOCKED]
    if down:
        return f"Down elsewhere too: {', '.join(down)}.", down
    up = [site for site, state in states.items() if state == OK]
    if not up:
        return "Too little was measured in other countries to compare with.", []
    return f"In other countries at the same time {', '.join(up)} came through.", []


def _about_others(others: list[str], found: list[str], unsure: list[str], how: str) -> str:
    if found:
        return f"Blocked{how} as well: {', '.join(found)}."
    told = f"Of {len(others)} other sites measured then none was found blocked{how}"
    return f"{told}; for {', '.join(unsure)} that is not excluded." if unsure else f"{told}."


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
