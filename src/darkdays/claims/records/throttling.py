"""Claims that a place was slowed down: round-trip times or loss up, speed down, and who is left."""

from __future__ import annotations

from typing import Final

import pandas as pd
import xarray as xr

from darkdays.case.case import Case
from darkdays.case.records import Throttled
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.datasources import DATASOURCES
from darkdays.detect.speeds.day_ratios import DayRatio, day_ratio

_FEWEST_LEFT: Final = 0.5
"""Share of who could usually be measured below which a median of all can be anything."""


def throttled(
    claim: Throttled,
    case: Case,
    signals: xr.DataTree,
    span: tuple[pd.Timestamp, pd.Timestamp],
    level: float,
) -> Judgement:
    """Judge whether delays or loss rose and speeds fell on some days, beside the other days.

    Parameters
    ----------
    claim
        Names the datasources.
    case
        Names its entities.
    signals
        Of the case.
    span
        The days that are claimed to be slow (UTC).
    level
        Confidence of the intervals.
    """
    found = {
        name: ratio
        for name in (*claim.delay, *claim.speed, *claim.measured_by)
        if (ratio := _ratio(signals, name, claim.entity, span, level)) is not None
    }
    delays = {name: found[name] for name in claim.delay if name in found}
    speeds = {name: found[name] for name in claim.speed if name in found}
    left = {name: found[name] for name in claim.measured_by if name in found}
    what = case.name_of(claim.entity)
    if not delays and not speeds:
        return verdicts.untested(f"round-trip times, loss and speeds of {what} on those days")
    slower = any(one.low > 1 for one in delays.values())
    less = any(one.high < 1 for one in speeds.values())
    not_slower = bool(delays) and all(one.high < 1 for one in delays.values())
    not_less = bool(speeds) and all(one.low > 1 for one in speeds.values())
    few = [name for name, one in left.items() if one.low < _FEWEST_LEFT]
    # A policer drops packets and fills no queue: where speeds fell, no delay contradicts.
    verdict = verdicts.either(slower and less, not_less or (not_slower and not less))
    sentences = [f"On {_days(found)} in {what}: {'; '.join(_told(found, claim))}."]
    if not delays or not speeds:
        missing = "speeds" if delays else "round-trip times and loss"
        sentences.append(f"There are no data on {missing}: one of the two alone is no throttling.")
    if few and verdict != verdicts.INCONCLUSIVE:
        verdict = verdicts.INCONCLUSIVE
        sentences.append(
            "Fewer than half of those who are usually counted were left, so that what the others "
            "would have measured bounds nothing: the verdict stays open."
        )
    elif not left:
        sentences.append("Who could still measure is not known.")
    return Judgement(
        verdict,
        " ".join(sentences),
        "Days of normal delay or speed among those, or as slow ones among the others.",
        tuple(
            Number(
                f"ratio.{name}", one.ratio, "times the other days", one.low, one.high,
                n=one.days + one.others, note=f"{one.days} days against {one.others} others",
            )
            for name, one in found.items()
        ),
    )  # fmt: skip


def _ratio(
    signals: xr.DataTree, name: str, entity: str, span: tuple[pd.Timestamp, pd.Timestamp],
    level: float,
) -> DayRatio | None:  # fmt: skip
    if name not in signals.children:
        return None
    node = signals[name].to_dataset()
    if entity not in node["entity"].values:
        return None
    values = node["value"].sel(entity=entity).to_series()
    return day_ratio(values, span, level=level)


def _days(found: dict[str, DayRatio]) -> str:
    days = max(one.days for one in found.values())
    return f"{days} day{'s' * (days != 1)}"


def _told(found: dict[str, DayRatio], claim: Throttled) -> list[str]:
    """Return what each datasource says, delays first."""
    return [
        f"{DATASOURCES[name].title.lower() if name in DATASOURCES else name} "
        f"{one.ratio:.2f} times that of other days ({one.low:.2f} to {one.high:.2f})"
        + (", of who could be measured" if name in claim.measured_by else "")
        for name, one in found.items()
    ]
