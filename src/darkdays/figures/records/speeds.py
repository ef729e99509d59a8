"""Speeds day by day with who could test: quartiles, number of tests, share of tests lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.records import ThroughputDrop
from darkdays.contracts.moments import on_clock
from darkdays.detect.speeds.speed_days import SpeedDays, speed_days
from darkdays.figures.plot import Plot, captioned, few_days, framed, hours, is_narrow, subplots

_SPEED, _TESTS, _LOST, _SHADE = "#0064a8", "#6b6b6b", "#c44e00", "#f3dc8a"


@dataclass(frozen=True)
class SpeedRecord:
    """One place and direction, with the days a claim is about (naive UTC midnights)."""

    name: str
    record: SpeedDays
    start: pd.Timestamp
    end: pd.Timestamp


def speed_records(case: Case, tables: Mapping[str, pd.DataFrame]) -> list[SpeedRecord]:
    """Return what the claims of a case about speeds look at, each place and direction once."""
    found: dict[str, SpeedRecord] = {}
    for claim in case.claims:
        if not isinstance(claim, ThroughputDrop):
            continue
        there = [tables[name] for name in claim.tables if name in tables]
        name = f"{case.name_of(claim.entity)}, {claim.direction}"
        if there and name not in found:
            record = speed_days(pd.concat(there), claim.entity, claim.direction)
            start, end = on_clock(claim.start, claim.end)
            if len(record.days):
                found[name] = SpeedRecord(name, record, start.floor("D"), end.ceil("D"))
    return list(found.values())


def speed_quantiles(records: Sequence[SpeedRecord], *, width: float = 7.2) -> Plot:
    """Draw quartiles of speed, tests a day and the share lost, each record in a column.

    Where it is narrow, records are below each other.

    Parameters
    ----------
    records
        With at least one day each.
    width
        Of one, in inches.
    """
    narrow, several = is_narrow(width), len(records)
    lines, columns = (several, 1) if narrow else (1, several)
    figure, axes = subplots(
        3 * lines, columns, figsize=(width + 6.2 * (columns - 1), 5.4 * lines), sharex="col",
        squeeze=False, height_ratios=[3, 1.4, 1.4] * lines,
    )  # fmt: skip
    axes = axes.reshape(3, several) if not narrow else axes.reshape(several, 3).T
    rows, told = [], []
    for column, one in enumerate(records):
        speed, tests, lost = axes[:, column]
        low, middle, high = one.record.quartiles.T
        days = one.record.days
        speed.fill_between(days, low, high, color=_SPEED, alpha=0.25, lw=0, label="middle half")
        speed.plot(days, middle, color=_SPEED, lw=1.6, marker=".", ms=4, label="median")
        framed(speed, one.name, grid="y", size=10, ylim=0)
        speed.legend(fontsize=8.5, frameon=False, loc="upper right")
        tests.bar(days, one.record.tests, color=_TESTS, width=0.9)
        lost.plot(days, one.record.lost, color=_LOST, lw=1.4, marker=".", ms=4)
        lost.set_ylim(0)
        for axis in (speed, tests, lost):
            axis.axvspan(one.start, one.end, color=_SHADE, alpha=0.5, lw=0, zorder=-5)
            axis.grid(color="#dddddd", axis="y")
            axis.tick_params(labelsize=8.5 if narrow else 8)
        few_days(lost, 4 if narrow else 8)
        hours(lost, "%d %b")
        if column == 0 or narrow:
            speed.set_ylabel("Mbit/s")
            tests.set_ylabel("tests a day")
            lost.set_ylabel("share lost")
        inside = (days >= one.start) & (days < one.end)
        rows.append(
            pd.DataFrame(
                {
                    "record": one.name, "day": days.strftime("%Y-%m-%d"), "claimed": inside,
                    "quartile1": low, "median": middle, "quartile3": high,
                    "tests": one.record.tests, "lost": one.record.lost,
                }
            )
        )  # fmt: skip
        told.append(_told(one, rows[-1]))
    alt = " ".join(told)
    return captioned("speeds", figure, pd.concat(rows, ignore_index=True), alt)


def _told(one: SpeedRecord, table: pd.DataFrame) -> str:
    parts = []
    for label, mine in (("on the days claimed", True), ("on other days", False)):
        part = table[table["claimed"] == mine]
        if len(part):
            parts.append(
                f"{label} the median is {part['median'].median():.2f} Mbit/s with "
                f"{part['tests'].mean():.0f} tests a day, {part['lost'].mean():.1%} lost"
            )
    return f"{one.name}: {'; '.join(parts)}."
