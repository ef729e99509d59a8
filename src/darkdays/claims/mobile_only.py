"""Claims that mobile networks were cut while fixed lines stayed up."""

from __future__ import annotations

from typing import Final

import pandas as pd

from darkdays.case import disruptions as claims
from darkdays.claims.judging.bound_words import bound_numbers, bound_sentence, bounds_of
from darkdays.claims.judging.meanwhile import lost_meanwhile
from darkdays.claims.judging.verdicts import INCONCLUSIVE, SUPPORTED, Judgement, Number, untested
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of

_LITTLE: Final = 0.02
"""A network that lost more than this for certain was touched, whether or not it is an outage."""
_SHARE: Final = 0.2
"""So has one that may have lost this share of what mobile networks did, at least: where they live
together, a cut of one province takes as much of both."""


def mobile_only(claim: claims.MobileOnly, evidence: Evidence) -> Judgement:
    """Judge whether mobile operators went down during events while fixed ones did not.

    A fixed operator stayed up if it was measured while the mobile ones were down, had no outage
    at any time of that or of the events, lost neither a little throughout nor, in any bin, half of
    what they lost, and cannot have lost a fifth of it. Operators are measured all over the
    country: a cut in one province takes a few percent of them, and that none is seen bounds the
    cut, no more.
    """
    mobile, fixed = evidence.measured_members("mobile", "fixed")
    if not mobile or not fixed:
        return untested("mobile operators" if not mobile else "fixed-line operators")
    window = evidence.window_of(claim.event, claim.place)
    if window is None:
        return untested(f"days of {claim.event} in {evidence.case.name_of(claim.place)}")
    table = evidence.outages
    table = table.assign(begin=table["onset_low"].fillna(table["first_seen"]))
    began = (table["onset_low"] >= window[0]) & (table["onset_high"] < window[1])
    down = table[began & table["entity"].isin(mobile)]
    latest = down["end_high"].fillna(down["last_seen"]).max() if len(down) else window[1]
    until = max(latest, window[1])
    last = table["end_high"].fillna(table["last_seen"])
    fell = table[
        table["entity"].isin(fixed)
        & (table["begin"] < until)
        & (last > min(window[0], down["begin"].min() if len(down) else window[0]))
    ]
    names = {
        kind: ", ".join(evidence.case.name_of(name) for name in sorted(set(one["entity"])))
        for kind, one in (("m", down), ("f", fell))
    }
    doubts = [_doubt(evidence, one, down) for one in fixed]
    said = [why for why, _ in doubts if why]
    numbers = (
        Number("mobile_down", float(down["entity"].nunique()), "operators", n=len(mobile)),
        Number("fixed_down", float(fell["entity"].nunique()), "operators", n=len(fixed)),
        *_deepest(down),
        *(number for _, found in doubts for number in found),
        *bound_numbers(bounds_of(evidence, mobile), several=True),
    )
    bound = bound_sentence(evidence, mobile)
    if names["m"] and not names["f"] and not said:
        return Judgement(
            SUPPORTED,
            f"{names['m']} went down on those days, and none of {len(fixed)} fixed-line operators.",
            "An outage of a fixed-line operator at the same time.",
            numbers,
        )
    if names["m"] and names["f"]:
        because = f"{names['m']} went down on those days, and so did {names['f']}."
    elif names["m"]:
        because = f"{names['m']} went down on those days. {' '.join(said)}"
    elif names["f"]:
        because = f"{names['f']} went down on those days, and no mobile operator was seen to."
    else:
        because = "No operator was seen to go down on those days, mobile or fixed."
    return Judgement(
        INCONCLUSIVE,
        f"{because} {bound}".strip(),
        "An outage of a mobile operator alone, or measurements inside the province by kind of "
        "network.",
        numbers,
    )


def _doubt(evidence: Evidence, entity: str, down: pd.DataFrame) -> tuple[str, list[Number]]:
    """Return why a fixed operator may not have stayed up through outages, empty if it did."""
    name = evidence.case.name_of(entity)
    signals = [one for one in evidence.analyses if one.entity == entity]
    numbers = []
    for outage in rows_of(down):
        told = [lost_meanwhile(one, outage.onset, outage.until) for one in signals]
        known = [(one, lost) for one, lost in zip(signals, told, strict=True) if lost]
        if not known:
            return f"Whether {name} stayed up was not measured then.", []
        for one, lost in known:
            most = min(outage.depth_low, 1.0) if pd.notna(outage.depth_low) else 0.0
            numbers.append(
                Number(
                    f"fixed_lost.{entity}.{one.datasource}", lost["depth"], "share of normal level",
                    lost["depth_low"], lost["depth_high"], n=int(lost["bins"]),
                    note="while mobile operators were down",
                )
            )  # fmt: skip
            if lost["depth_low"] > _LITTLE or lost["depth_high"] >= _SHARE * most:
                return f"{name} may have lost {lost['depth_high']:.0%} meanwhile.", numbers
            if lost["worst"] >= most / 2:
                return f"{name} lost {lost['worst']:.0%} for a short time meanwhile.", numbers
    return "", numbers[:1]


def _deepest(table: pd.DataFrame) -> tuple[Number, ...]:
    sized = table[table["depth"].notna()].sort_values(
        ["depth", "onset"], ascending=[False, True], kind="stable"
    )
    return tuple(
        Number(
            "mobile_depth", row.depth, "share of normal level", row.depth_low, row.depth_high,
            n=int(row.samples), note=f"{row.entity}, {row.datasource}",
        )
        for row in list(rows_of(sized))[:1]
    )  # fmt: skip
