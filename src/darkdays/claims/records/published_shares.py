"""Claims about published figures: how much the largest holds, and which sites were blocked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.case.case import Case
from darkdays.case.records import BlockPages, LargestShare
from darkdays.claims.judging.verdicts import (
    INCONCLUSIVE,
    SUPPORTED,
    Judgement,
    Number,
    either,
    untested,
)  # fmt: skip

_DAY = pd.Timedelta(days=1)
_HOLDERS = {
    "registry": "By the registry the largest holder of addresses of {name}",
    "routing": "By routing the largest network of {name}",
    "users": "By estimated users the largest network of {name}",
    "gateway": "Of the networks of {name} those behind one gateway",
}


def largest_share(
    claim: LargestShare,
    case: Case,
    table: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    *,
    always: bool = True,
) -> Judgement:
    """Judge whether the largest holder has a share, by tables of certain dates.

    Where only the concentration was published, the sum of squared shares H, the largest share lies
    between H and its square root.

    Parameters
    ----------
    claim
        The claim.
    case
        For names of entities.
    table
        As :mod:`darkdays.sources.published.published_tables` reads ``shares``.
    span
        First moment looked at and the first after it.
    always
        At every date; otherwise at the median one.
    """
    name = case.name_of(claim.entity)
    table = table[table["measure"] == claim.measure]
    mine = table[table["entity"] == claim.entity]
    inside = _within(mine, span)
    if inside.empty:
        dated = "; ".join(_dates(mine.loc[[place]]) for place in mine.index)
        said = f"; those there are, of other times: {dated}" if len(mine) else ""
        return untested(f"{claim.measure} in {name} at that time{said}")
    low, high = _bounds(inside)
    least, most = (low.min(), high.max()) if always else (np.median(low), np.median(high))
    verdict = either(least >= claim.at_least, (high.min() if always else most) < claim.at_least)
    numbers = [_number(claim.measure, claim.entity, inside)]
    beside = []
    for entity in claim.compared_with:
        others = _within(table[table["entity"] == entity], span)
        if len(others):
            numbers.append(_number(claim.measure, entity, others))
            beside.append(f"{case.name_of(entity)} {_range(others)}")
    tables = int(inside["tables"].sum())
    dates = f"{_dates(inside)} ({tables} table{'' if tables == 1 else 's'})"
    because = (
        f"{_HOLDERS[claim.measure].format(name=name)} had a share of {_range(inside)}, "
        f"{dates}, against a threshold of {claim.at_least:g}."
    )
    if beside:
        because += f" By the same measure: {'; '.join(beside)}."
    return Judgement(
        verdict,
        because,
        f"A dated table by which that share is "
        f"{'less' if verdict == SUPPORTED else 'more'} than {claim.at_least:g}.",
        tuple(numbers),
    )


def block_pages(claim: BlockPages, table: pd.DataFrame) -> Judgement:
    """Judge whether sites were answered with a block page, by a published table of them.

    Absence from such a table is not openness, so that nothing in it contradicts.
    """
    seen = table[table["block_pages"] > 0]
    listed = seen["domain"].isin(claim.sites) if claim.sites else np.ones(len(seen), bool)
    found = seen[listed]
    sites = found["domain"].nunique()
    wanted = len(claim.sites) if claim.sites else claim.at_least
    dates = _dates(table)
    pages = int(found["block_pages"].sum())
    number = Number("sites", float(sites), "sites", n=pages, note=f"{pages} block pages, {dates}")
    spread = (
        f", {found['block_pages'].min()} to {found['block_pages'].max()} a site" if sites else ""
    )
    return Judgement(
        SUPPORTED if sites >= wanted else INCONCLUSIVE,
        f"{pages} block pages of {sites} sites were published{spread}, {dates}. A site that is not "
        "in the table may have been blocked or open.",
        "Showing that these pages came from somewhere else than the network measured."
        if sites >= wanted
        else f"A published block page of {wanted} sites.",
        (number,),
    )


def _within(table: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp]) -> pd.DataFrame:
    return table[(table["last"] + _DAY > span[0]) & (table["first"] < span[1])]


def _bounds(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    low = rows["share"].fillna(rows["herfindahl"])
    return low, rows["share"].fillna(np.sqrt(rows["herfindahl"]))


def _range(rows: pd.DataFrame) -> str:
    low, high = _bounds(rows)
    least, most = f"{low.min():.3g}", f"{high.max():.3g}"
    return least if least == most else f"{least} to {most}"


def _dates(rows: pd.DataFrame) -> str:
    first, last = rows["first"].min(), rows["last"].max()
    return f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _number(measure: str, entity: str, rows: pd.DataFrame) -> Number:
    low, high = _bounds(rows)
    return Number(
        f"largest_share.{measure}.{entity}",
        float(np.median((low + high) / 2)),
        "share",
        float(low.min()),
        float(high.max()),
        n=int(rows["tables"].sum()),
        note="; ".join(dict.fromkeys(rows["reference"])),
    )
