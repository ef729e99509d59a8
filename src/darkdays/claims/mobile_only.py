"""Claims that mobile networks were cut while fixed lines stayed up."""

from __future__ import annotations

import pandas as pd

from darkdays.case import disruptions as claims
from darkdays.claims.judging.bound_words import bound_numbers, bound_sentence, bounds_of
from darkdays.claims.judging.verdicts import INCONCLUSIVE, SUPPORTED, Judgement, Number, untested
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of


def mobile_only(claim: claims.MobileOnly, evidence: Evidence) -> Judgement:
    """Judge whether mobile operators went down during events while fixed ones did not.

    Operators are measured all over the country: a cut in one province takes a few percent of
    them, and that none is seen bounds the cut, no more.
    """
    mobile, fixed = evidence.measured_members("mobile", "fixed")
    if not mobile or not fixed:
        return untested("mobile operators" if not mobile else "fixed-line operators")
    window = evidence.window_of(claim.event, claim.place)
    if window is None:
        return untested(f"days of {claim.event} in {evidence.case.name_of(claim.place)}")
    down = {kind: _down(evidence, names, window) for kind, names in (("m", mobile), ("f", fixed))}
    names = {
        kind: ", ".join(evidence.case.name_of(name) for name in sorted(set(table["entity"])))
        for kind, table in down.items()
    }
    numbers = (
        Number("mobile_down", float(down["m"]["entity"].nunique()), "operators", n=len(mobile)),
        Number("fixed_down", float(down["f"]["entity"].nunique()), "operators", n=len(fixed)),
        *_deepest(down["m"]),
        *bound_numbers(bounds_of(evidence, mobile), several=True),
    )
    bound = bound_sentence(evidence, mobile)
    if names["m"] and not names["f"]:
        return Judgement(
            SUPPORTED,
            f"{names['m']} went down on those days, and none of {len(fixed)} fixed-line operators.",
            "An outage of a fixed-line operator at the same time.",
            numbers,
        )
    if names["m"]:
        because = f"{names['m']} went down on those days, and so did {names['f']}."
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


def _down(
    evidence: Evidence, entities: list[str], window: tuple[pd.Timestamp, pd.Timestamp]
) -> pd.DataFrame:
    """Return the outages of some entities that began within a window."""
    table = evidence.outages
    begun = (table["onset"] >= window[0]) & (table["onset"] < window[1])
    return table[begun & table["entity"].isin(entities)]


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
