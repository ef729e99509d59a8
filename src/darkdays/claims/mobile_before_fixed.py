"""Claims about the order in which kinds of networks went down."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from darkdays.case import claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.meanwhile import fell_meanwhile, lost_meanwhile
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.events import of_kind
from darkdays.contracts.outages import DATED
from darkdays.evidence.evidence import Evidence
from darkdays.files.writing import rows_of

_SAME: Final = pd.Timedelta(days=1)
"""Outages that begin closer together than this, or while another goes on, are of one episode."""
_HOUR: Final = pd.Timedelta(hours=1)


def mobile_before_fixed(_: claims.MobileBeforeFixed, evidence: Evidence) -> Judgement:
    """Judge whether every mobile operator was down before the first fixed-line one.

    Asked of one episode: that of the protests where outages go with them, and of those the one in
    which most operators went down. An operator with several outages in it went down between the
    first and the last of them; one that stayed up decides as well. Each datasource that shows
    both kinds of network has to show the order.
    """
    mobile, fixed = evidence.measured_members("mobile", "fixed")
    if not mobile or not fixed:
        return verdicts.untested("mobile operators" if not mobile else "fixed-line operators")
    rows = _episode(evidence, [*mobile, *fixed])
    down = rows[rows["entity"].isin(mobile)], rows[rows["entity"].isin(fixed)]
    name_of = evidence.case.name_of
    if down[1].empty:
        return Judgement(
            verdicts.INCONCLUSIVE,
            "Not both kinds of network have an outage with an observed beginning.",
            "Onsets of both kinds.",
        )
    first = down[1].sort_values("onset", kind="stable").iloc[0]
    stayed = [name for name in mobile if name not in set(down[0]["entity"])]
    if stayed:
        up = any(_stayed_up(evidence, name, first) for name in stayed)
        told = ", ".join(name_of(name) for name in stayed)
        return Judgement(
            verdicts.CONTRADICTED if up else verdicts.INCONCLUSIVE,
            f"{told} was not seen to go down when {name_of(first['entity'])} did.",
            f"An outage of {told} that began before.",
            (Number("mobile_down", float(len(mobile) - len(stayed)), "operators", n=len(mobile)),),
        )
    sides = [
        (str(name), part, down[1][down[1]["datasource"] == name])
        for name, part in down[0].groupby("datasource", sort=True)
    ]
    both = [side for side in sides if len(side[2])]
    if {one for _, part, _ in both for one in part["entity"]} != set(down[0]["entity"]):
        # No datasource compares them all: their bounds do.
        both = [("", *down)]
    numbers = tuple(_gap(*side, evidence, len(both) > 1) for side in both)
    before = all(one.low is not None and one.low > 0 for one in numbers)
    # A mobile operator that was back before is not down before.
    back = down[0].groupby("entity")["end_low"].max().min() < first["onset_high"]
    after = all(one.high is not None and one.high < 0 for one in numbers)
    verdict = verdicts.either(before and not back, after and not _fell_again(evidence, *down))
    low, high = min(one.low or 0.0 for one in numbers), max(one.high or 0.0 for one in numbers)
    return Judgement(
        verdict,
        f"The last mobile operator went down {low:.2f} to {high:.2f} hours before the first fixed "
        f"one ({numbers[0].note}).",
        "A fixed-line operator with an onset before the last mobile one.",
        numbers,
    )


def _episode(evidence: Evidence, operators: list[str]) -> pd.DataFrame:
    """Return the outages of operators in the episode to judge, with when they were over."""
    table = evidence.outages[DATED]
    table = table[table["entity"].isin(operators) & table["onset"].notna()]
    table = table.sort_values(["onset", "entity"], kind="stable")
    reached = table["until"].cummax().clip(lower=table["onset"] + _SAME).shift().cummax()
    groups = [rows for _, rows in table.groupby((table["onset"] >= reached).cumsum())]
    protests = of_kind(evidence.events, "protest")
    if len(protests):
        start, end = protests["start_low"].min(), protests["end_high"].max() + _SAME
        during = [
            rows for rows in groups if rows["onset"].min() < end and rows["until"].max() >= start
        ]
        groups = during or groups
    return max(groups, key=_reach, default=table)


def _reach(rows: pd.DataFrame) -> tuple[int, float]:
    """Return how many operators an episode took down, and for how long in all."""
    return rows["entity"].nunique(), float((rows["until"] - rows["onset"]).dt.total_seconds().sum())


def _gap(
    name: str, mobile: pd.DataFrame, fixed: pd.DataFrame, evidence: Evidence, several: bool
) -> Number:
    """Return the hours from the last mobile onset to the first fixed one."""
    last, first = _onsets(mobile), _onsets(fixed)
    name_of = evidence.case.name_of
    told = f"from {name_of(str(last['onset'].idxmax()))} to {name_of(str(first['onset'].idxmin()))}"
    return Number(
        f"gap.{name}" if several else "gap",
        float((first["onset"].min() - last["onset"].max()) / _HOUR),
        "h",
        float((first["onset_low"].min() - last["onset_high"].max()) / _HOUR),
        float((first["onset_high"].min() - last["onset_low"].max()) / _HOUR),
        n=len(last) + len(first),
        note=told + (f", {name}" if several else ""),
    )


def _onsets(rows: pd.DataFrame) -> pd.DataFrame:
    """Return when each operator went down: the first time, and between the first and the last."""
    grouped = rows.groupby("entity")
    first = grouped[["onset", "onset_low"]].min()
    return first.assign(onset_high=grouped["onset_high"].max())


def _fell_again(evidence: Evidence, mobile: pd.DataFrame, fixed: pd.DataFrame) -> bool:
    """Return whether fixed operators that were down fell by as much again once mobile ones were.

    Whether that is an outage in another, of a cable say, nobody can tell.
    """
    last = mobile["onset_low"].max()
    return any(
        row.onset_high < last and fell_meanwhile(evidence, row, last, row.until)
        for row in rows_of(fixed)
    )


def _stayed_up(evidence: Evidence, entity: str, outage: Any) -> bool:
    """Return whether an operator certainly lost less than an outage takes while one went on."""
    lost = [
        lost_meanwhile(one, outage["onset"], outage["until"])
        for one in evidence.analyses
        if one.entity == entity
    ]
    least = evidence.specification.min_depth
    return any(lost) and all(not one or one["depth_high"] < least for one in lost)
