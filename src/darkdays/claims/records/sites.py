"""Claims that sites and apps were blocked, or came through, in a stretch of time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

import pandas as pd

from darkdays.case.records import SiteBlocked
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.detect.blocking.blocking import (
    BLOCKED,
    INSUFFICIENT,
    OK,
    Counting,
    Interval,
    Unit,
    shares,
)
from darkdays.evidence.evidence import LEVELS
from darkdays.files.writing import rows_of

_UNITS: Final[tuple[Unit, ...]] = ("hour", "measurement", "day")
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
