"""Claims about many places at once: that they fell together, and that one fell before the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from darkdays.case import disruptions as claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.moments import in_utc, on_clock
from darkdays.contracts.outages import ended
from darkdays.correlate.shifts.controls import RankTest, placebo_windows, rank_among
from darkdays.detect.outages.agreement import MEASURED_SHARE
from darkdays.detect.outages.analysis import Analysis
from darkdays.evidence.evidence import Evidence

_HOUR = pd.Timedelta(hours=1)


def provinces_of(evidence: Evidence) -> list[str]:
    """Return the regions a case lists, without parts of regions, that were measured."""
    return [
        one for one in evidence.members("region") if "." not in one and one in _measured(evidence)
    ]


def counties_of(evidence: Evidence) -> list[str]:
    """Return the parts of regions that were measured, as in ``region/Khuzestan.Ahvaz``."""
    return sorted(one for one in _measured(evidence) if "." in one)


def outages_under_way(
    outages: pd.DataFrame, entities: list[str], moment: pd.Timestamp
) -> pd.DataFrame:
    """Return the outage that each entity was in at a moment, those with an observed onset."""
    begun = outages["onset"].notna() & (outages["onset"] <= moment)
    lasting = ended(outages)["until"] > moment
    found = outages[begun & lasting & outages["entity"].isin(entities)]
    return found.sort_values(["onset", "entity"], kind="stable").drop_duplicates("entity")


def fell_together(claim: claims.FellTogether, evidence: Evidence) -> Judgement:
    """Judge whether so many places went down within a stretch of hours.

    Counted are places whose first bin down begins within it. At least: those whose whole interval
    lies between the bin before the stretch and the bin after it; at most: those whose interval
    reaches into it, and those of which less than half of it was measured.
    """
    among = provinces_of(evidence) if claim.among == "provinces" else counties_of(evidence)
    if not among:
        return verdicts.untested(f"the connectivity of {claim.among}")
    start, end, moment = in_utc(claim.start, claim.end, claim.down_at)
    down = outages_under_way(evidence.outages, among, moment)
    # Each by the bins of the very signal that shows it down.
    steps = {(one.entity, one.datasource): one.step for one in evidence.analyses}
    signals = zip(down["entity"], down["datasource"], strict=True)
    step = pd.to_timedelta(pd.Series([steps.get(one, _HOUR) for one in signals], down.index))
    inside = down["onset"].between(start, end)
    surely = (down["onset_low"] >= start - step) & (down["onset_high"] <= end + step)
    maybe = (down["onset_high"] > start) & (down["onset_low"] < end + step)
    span = on_clock(claim.start, claim.end)
    seen = {
        one.entity for one in evidence.analyses if _measured_in(one, span[0], span[1] + one.step)
    }
    unseen = len(set(among) - seen - set(down["entity"]))
    counts = int(inside.sum()), int((inside & surely).sum()), int((inside | maybe).sum()) + unseen
    zone = evidence.case.time_zone
    hours = down["onset"].dt.tz_convert(zone).dt.floor("1h")
    together = hours.value_counts().sort_index()
    most = int(together.max()) if len(together) else 0
    when = f"{together.idxmax():%d %B %H:%M}" if most else "no hour"
    verdict = verdicts.either(counts[1] >= claim.at_least, counts[2] < claim.at_least)
    numbers = (
        Number("within", float(counts[0]), claim.among, float(counts[1]), float(counts[2]),
               n=len(among), note=f"first bin down from {claim.start} to {claim.end}"),
        Number("same_hour", float(most), claim.among, n=len(among),
               note=f"the hour of {when}, {zone}"),
        Number("down", float(len(down)), claim.among, n=len(among), note=f"at {claim.down_at}"),
    )  # fmt: skip
    return Judgement(
        verdict,
        f"{counts[0]} of {len(among)} {claim.among} went down in that stretch, "
        f"{most} of them in the same hour ({when}, {zone}).",
        f"A record in which fewer than {claim.at_least} of them did.",
        numbers,
    )


def early_drop(claim: claims.EarlyDrop, evidence: Evidence) -> Judgement:
    """Judge whether an entity lost connectivity in a stretch in which others like it did not.

    The mean share lost in the stretch is ranked twice: among other stretches of that length of
    the same entity that overlap neither it nor each other and lie before it, and among others
    like it in the same stretch. Where the record holds too few other stretches to reach the
    level, none of them may have lost as much.
    """
    name = evidence.case.name_of(claim.entity)
    mine = [one for one in evidence.analyses if one.entity == claim.entity]
    if not mine:
        return verdicts.untested(f"{name}'s connectivity")
    judged = [_early_drop(claim, evidence, one) for one in mine]
    # A datasource that cannot rank says nothing; each of the others has to show it.
    ranked = [one for one in judged if all(number.value is not None for number in one.numbers)]
    return min(ranked or judged, key=lambda one: one.verdict == verdicts.SUPPORTED)


def _early_drop(claim: claims.EarlyDrop, evidence: Evidence, one: Analysis) -> Judgement:
    name = evidence.case.name_of(claim.entity)
    start, end = on_clock(claim.start, claim.end)
    lost = mean_loss(one, start, end)
    bins = int(np.diff(one.times.searchsorted([start, end]))[0])
    times = rank_among(lost, _earlier(one, start, end))
    peers = {
        other.entity: mean_loss(other, start, end)
        for other in evidence.analyses
        if other.datasource == one.datasource and _alike(other.entity, claim.entity)
    }
    places = rank_among(lost, peers)
    level = evidence.specification.level
    numbers = (
        Number("lost", lost, "share of normal level", n=bins,
               note=f"mean from {claim.start} to {claim.end}"),
        _rank("rank_times", times, "stretches before, of that length, that do not overlap"),
        _rank("rank_places", places, "others like it, in the same stretch"),
    )  # fmt: skip
    if lost is None or places.p_value is None or times.p_value is None:
        return Judgement(
            verdicts.INCONCLUSIVE,
            f"{name} cannot be ranked: {times.reason or places.reason}",
            "A longer record, or more places.",
            numbers,
        )
    first_of_times = times.p_value == times.smallest_p
    small = places.p_value <= 1 - level
    return Judgement(
        verdicts.SUPPORTED if small and first_of_times else verdicts.INCONCLUSIVE,
        f"{name} lost {lost:.0%} on average in that stretch. Of {len(places.placebos)} others "
        f"like it {_reached(places)} lost as much (p {places.p_value:.2g}), and of "
        f"{len(times.placebos)} stretches before {_reached(times)} (p {times.p_value:.2g}, "
        f"smallest attainable {times.smallest_p:.2g}).",
        "Another place that lost as much in that stretch, or an earlier stretch that did.",
        numbers,
    )


def mean_loss(analysis: Analysis, start: pd.Timestamp, end: pd.Timestamp) -> float | None:
    """Return the mean share of the normal level lost in ``[start, end)``.

    None where less than half of it was measured.
    """
    if not _measured_in(analysis, start, end):
        return None
    first, last = (int(place) for place in analysis.times.searchsorted([start, end]))
    return float(1 - np.mean(analysis.values[first:last]) / analysis.baseline)


def _measured_in(analysis: Analysis, start: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Return whether half or more of the bins of a stretch were measured."""
    first, last = (int(place) for place in analysis.times.searchsorted([start, end]))
    return last > first and last - first >= MEASURED_SHARE * ((end - start) / analysis.step)


def _earlier(analysis: Analysis, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float | None]:
    """Return the mean loss in stretches of the same length before one, by when they begin."""
    hours = int((end - start) / _HOUR)
    before = int((start - analysis.times[0]) / _HOUR)
    if hours < 1 or before < 0:
        return {}
    origin = start - before * _HOUR
    return {
        f"{origin + first * _HOUR:%Y-%m-%dT%H:%MZ}": mean_loss(
            analysis, origin + first * _HOUR, origin + last * _HOUR
        )
        for first, last in placebo_windows(before + hours, before, hours)
    }


def _alike(other: str, entity: str) -> bool:
    """Return whether two entities are of one type, and both parts of a region or neither."""
    same = other.partition("/")[0] == entity.partition("/")[0]
    return same and other != entity and ("." in other) == ("." in entity)


def _measured(evidence: Evidence) -> set[str]:
    return {one.entity for one in evidence.analyses if one.entity.startswith("region/")}


def _reached(test: RankTest) -> int:
    return round((test.p_value or 0.0) / test.smallest_p) - 1


def _rank(name: str, test: RankTest, among: str) -> Number:
    return Number(
        name,
        test.p_value,
        "probability",
        n=len(test.placebos),
        note=f"among {len(test.placebos)} {among}; smallest attainable p {test.smallest_p:.2g}"
        + (f"; {test.reason}" if test.reason else ""),
    )
