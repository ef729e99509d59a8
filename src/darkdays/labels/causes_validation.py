"""How far the causes of incidents come out again in countries that were not learned from."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from darkdays.correlate.rivals.rival_counts import Counts
from darkdays.correlate.rivals.rivals import weigh
from darkdays.labels.causes import Incident, counted

TEMPERS: Final = tuple(round(0.1 * step, 1) for step in range(1, 11))
"""Tempers that are tried."""
_WIDTH: Final = 0.2
_ORDERED: Final = frozenset({"shutdown", "exam"})


def left_out(found: list[Incident], counts: Counts) -> pd.DataFrame:
    """Weigh every outage by incidents of other countries only.

    Parameters
    ----------
    found
        Incidents.
    counts
        Of the same incidents; each is taken out again with all countries it touches.

    Returns
    -------
    pandas.DataFrame
        A row an outage: ``cause``, ``verdict``, ``likeliest``, ``chance`` of the likeliest and
        ``chance_of_cause``, and ``weight``, by which the outages of an incident make up one.
    """
    rows = []
    for incident in found:
        for outage in incident.outages:
            # People checked every outage of the list: it is none of the instrument.
            observed = {**outage, "controls": "up"}
            found_here = weigh(observed, left_out=incident.countries, counts=counts)
            likeliest = max(found_here.chances, key=lambda cause: found_here.chances[cause])
            rows.append(
                {
                    "cause": incident.cause,
                    "verdict": found_here.verdict,
                    "likeliest": likeliest,
                    "chance": found_here.chances[likeliest],
                    "chance_of_cause": found_here.chances[incident.cause],
                    "weight": 1 / len(incident.outages),
                }
            )
    return pd.DataFrame(rows)


def balanced_loss(table: pd.DataFrame) -> float:
    """Return the mean logarithmic loss, every cause counting the same."""
    losses = [
        float(np.average(-np.log(group["chance_of_cause"]), weights=group["weight"]))
        for _, group in table.groupby("cause")
    ]
    return math.fsum(losses) / len(losses)


def tempered(found: list[Incident]) -> tuple[Counts, pd.DataFrame]:
    """Return counts with the temper of the smallest loss, and the loss of every temper tried."""
    plain = counted(found, 1.0)
    losses = [balanced_loss(left_out(found, replace(plain, temper=temper))) for temper in TEMPERS]
    best = TEMPERS[int(np.argmin(losses))]
    return replace(plain, temper=best), pd.DataFrame({"temper": TEMPERS, "loss": losses})


def calibration(table: pd.DataFrame) -> pd.DataFrame:
    """Return, by how likely the likeliest cause was said to be, how often it was the right one.

    Incidents are weighted so that every cause counts the same, for causes are taken as equally
    likely beforehand. ``right as an order`` takes shutdowns and exams as one: the list calls
    many exams of 2018 government-ordered, and without a calendar no exam is named.
    """
    each = table.groupby("cause")["weight"].transform("sum")
    orders = table["likeliest"].isin(_ORDERED) & table["cause"].isin(_ORDERED)
    weighted = table.assign(
        share=table["weight"] / each,
        right=table["likeliest"] == table["cause"],
        ordered=orders | (table["likeliest"] == table["cause"]),
        said=np.minimum(table["chance"] // _WIDTH, 1 / _WIDTH - 1).astype(int),
    )
    rows = [
        {
            "said to be": f"{number * _WIDTH:.0%} to {(number + 1) * _WIDTH:.0%}",
            "incidents": float(group["weight"].sum()),
            "mean chance": float(np.average(group["chance"], weights=group["share"])),
            "right": float(np.average(group["right"], weights=group["share"])),
            "right as an order": float(np.average(group["ordered"], weights=group["share"])),
        }
        for number, group in ((n, weighted[weighted["said"] == n]) for n in range(5))
        if len(group)
    ]
    return pd.DataFrame(rows)
