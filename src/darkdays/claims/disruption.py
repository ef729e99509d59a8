"""Claims about a disruption where other things disrupt too: beyond those, or a bound."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from darkdays.case import disruptions as claims
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.bound_words import bound_numbers, bound_sentence, bounds_of
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.contracts.events import RIVAL_KINDS, in_words
from darkdays.correlate.beyond import Beyond, largest_beyond
from darkdays.detect.missed.bounds import excluded
from darkdays.evidence.evidence import Evidence
from darkdays.evidence.variations import events_elsewhere

Window = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class Compared:
    """The largest outage of each datasource during events, among other places and times."""

    name: str
    window: Window
    by_datasource: dict[str, Beyond]
    donors: int

    def beyond(self, level: float, hours: float = 0.0) -> list[tuple[str, Beyond]]:
        """Return those larger than all others, by their bounds, that chance does not explain.

        Parameters
        ----------
        level
            Of the test, shared among the datasources.
        hours
            Shortest outage that counts.
        """
        threshold = (1 - level) / max(len(self.by_datasource), 1)
        return [
            (name, one)
            for name, one in self.by_datasource.items()
            if one.outage is not None
            and one.p_value == one.smallest_p <= threshold
            and one.outage.duration_low >= hours
        ]

    def numbers(self) -> tuple[Number, ...]:
        """Return what the largest outages took, and their ranks."""
        found = []
        for name, one in self.by_datasource.items():
            if one.outage is not None:
                found.append(
                    Number(
                        f"lost.{name}",
                        one.lost,
                        "h of the whole network",
                        one.lost_low,
                        one.lost_high,
                        note=f"largest elsewhere {one.largest:.2f}",
                    )
                )
            found.append(
                Number(
                    f"rank.{name}",
                    one.p_value,
                    "probability",
                    n=one.compared,
                    note=f"{one.reached} of {one.compared} places and windows reach it, "
                    f"{one.left_out} were measured less than half; "
                    f"smallest attainable p {one.smallest_p:.2g}",
                )
            )
            found.append(Number(f"measured.{name}", one.measured, "share of the time of events"))
        return tuple(found)

    def in_words(self) -> str:
        """Say what was found, and that it is not beyond the rest."""
        seen = [one for one in self.by_datasource.values() if one.outage is not None]
        if not seen:
            least = min((one.measured for one in self.by_datasource.values()), default=0.0)
            told = "" if least >= 0.5 else f", of which as little as {least:.0%} was measured"
            return f"No outage of {self.name} began on those days{told}."
        compared = max(one.compared for one in seen)
        if not compared:
            return (
                f"{self.name} was down on those days, and there is no other place or time to tell "
                "how far that is usual."
            )
        reached = max(one.reached for one in seen)
        if not reached:
            return (
                f"{self.name} was down on those days. None of {compared} other places and windows "
                "of that length had an outage as large, but they are too few, or it was too short, "
                "to call it unusual."
            )
        return (
            f"{self.name} was down on those days, but no more than elsewhere: outages as large "
            f"began in {reached} of {compared} other places and windows of that length."
        )


def compared(evidence: Evidence, entity: str, window: Window) -> Compared:
    """Rank the outages of an entity during events, a datasource at a time."""
    record = evidence.record[0], evidence.record[-1]
    found = {}
    for name in evidence.specification.datasources:
        measured = {
            one.entity: (one.times, one.step) for one in evidence.analyses if one.datasource == name
        }
        if entity not in measured:
            continue
        others = [donor for donor in evidence.donors if donor in measured]
        mine = evidence.outages[evidence.outages["datasource"] == name]
        found[name] = largest_beyond(mine, entity, window, others, record, measured)
    return Compared(evidence.case.name_of(entity), window, found, len(evidence.donors))


def disrupted(claim: claims.Disrupted, evidence: Evidence) -> Judgement:
    """Judge whether an entity was disrupted during events, beyond what else disrupts it."""
    window = _window(claim.entity, claim.event, evidence)
    if isinstance(window, Judgement):
        return window
    found = compared(evidence, claim.entity, window)
    level = evidence.specification.level
    bounds = bounds_of(evidence, [claim.entity])
    numbers = (*found.numbers(), *bound_numbers(bounds))
    beyond = found.beyond(level, claim.at_least_hours)
    if beyond:
        datasource, one, rivals = _least_rivalled(beyond, claim.event, claim.entity, evidence)
        lost = (
            f"{found.name} lost {one.lost_low:.1f} to {one.lost_high:.1f} hours of the whole "
            f"network in one outage on those days ({datasource}); none of {one.compared} other "
            f"places and windows lost more than {one.largest:.1f}."
        )
        if len(rivals):
            return _rivalled(lost, rivals, numbers)
        return Judgement(
            verdicts.SUPPORTED,
            lost,
            "An outage as large in a place without protests, or before them.",
            numbers,
        )
    told = (
        found.in_words(),
        _rivals_meanwhile(found, claim.event, claim.entity, evidence),
        bound_sentence(evidence, [claim.entity]),
    )
    because = " ".join(filter(None, told))
    least = [
        excluded(mine, claim.at_least_hours) for _, mine in bounds.groupby("datasource", sort=True)
    ]
    # A datasource that is blind to it excludes nothing that another one shows, or leaves open.
    claimed, known = claim.at_least_depth, [one for one in least if one == one]
    no_room = claimed is not None and bool(known) and max(known) <= claimed
    no_room = no_room and not any(
        one.outage is not None and one.outage.depth_high >= claimed
        for one in found.by_datasource.values()
    )
    return Judgement(
        verdicts.CONTRADICTED if no_room else verdicts.INCONCLUSIVE,
        because,
        "An outage beyond what other places and times have, or a datasource that counts more of "
        "the people cut off: these see few blocks of mobile networks.",
        numbers,
    )


def not_explained_by(claim: claims.NotExplainedBy, evidence: Evidence) -> Judgement:
    """Judge whether outages during events are more than a rival explanation gives.

    Only an outage beyond all of those that the same rival can have caused elsewhere and at other
    times speaks; that none was found does not say that the rival explains what people noticed.
    """
    window = _window(claim.entity, claim.event, evidence)
    if isinstance(window, Judgement):
        return window
    found = compared(evidence, claim.entity, window)
    level = evidence.specification.level
    beyond = found.beyond(level)
    if beyond:
        _, one, rivals = _least_rivalled(beyond, claim.event, claim.entity, evidence)
        larger = (
            f"The largest outage of {found.name} on those days is beyond every one of "
            f"{one.compared} other places and windows"
        )
        if len(rivals):
            return _rivalled(f"{larger}.", rivals, found.numbers())
        dated = _dated_rivals(evidence, claim.event)
        same = dated[[_speaks_of(str(kind), claim.rival) for kind in dated["kind"]]]
        return Judgement(
            verdicts.SUPPORTED,
            f"{larger}, which knew {claim.rival} as well ({len(same)} dated)."
            if len(same)
            else f"{larger}; no source here dates {claim.rival} in them, so how far they knew "
            f"{claim.rival} is not known.",
            f"An outage as large under {claim.rival} alone.",
            found.numbers(),
        )
    seen = any(one.outage is not None for one in found.by_datasource.values())
    told = (
        found.in_words(),
        _rivals_meanwhile(found, claim.event, claim.entity, evidence),
        f"Nothing found needs another explanation than {claim.rival}, and nothing found excludes "
        "one."
        if seen
        else f"There is nothing here for {claim.rival} to explain.",
    )
    because = " ".join(filter(None, told))
    return Judgement(
        verdicts.INCONCLUSIVE,
        because,
        f"An outage beyond what {claim.rival} give elsewhere, or one of mobile networks while "
        "fixed lines stayed up.",
        found.numbers(),
    )


def _least_rivalled(
    beyond: list[tuple[str, Beyond]], event: str, entity: str, evidence: Evidence
) -> tuple[str, Beyond, pd.DataFrame]:
    """Return the outage with the fewest dated rivals, its datasource, and these."""
    found = []
    for name, one in beyond:
        stated = (one.outage.recovery_high, one.outage.restored, one.outage.last_seen)
        last = next(moment for moment in stated if not pd.isna(moment))
        dated = _dated_rivals(evidence, event)
        over = dated[(dated["start_low"] <= last) & (dated["end_high"] >= one.outage.onset_low)]
        found.append((name, one, over.drop(events_elsewhere(evidence.case, over, entity).index)))
    return min(found, key=lambda each: len(each[2]))


def _rivals_meanwhile(found: Compared, event: str, entity: str, evidence: Evidence) -> str:
    """Name what is dated during outages that are not beyond the rest; empty without any."""
    seen = [item for item in found.by_datasource.items() if item[1].outage is not None]
    if not seen:
        return ""
    rivals = _least_rivalled(seen, event, entity, evidence)[2]
    return f"There and then is dated: {_named(rivals)}." if len(rivals) else ""


def _dated_rivals(evidence: Evidence, event: str) -> pd.DataFrame:
    """Return the events that can take networks down, but for the kind a claim is asked of."""
    rivals = [kind for kind in RIVAL_KINDS if kind != event]
    return evidence.events[evidence.events["kind"].isin(rivals)]


def _speaks_of(kind: str, rival: str) -> bool:
    """Say whether events of a kind are what a claim calls its rival."""
    return kind == "rival" or in_words(kind) in rival.lower()


def _rivalled(found: str, rivals: pd.DataFrame, numbers: tuple[Number, ...]) -> Judgement:
    return Judgement(
        verdicts.INCONCLUSIVE,
        f"{found} But there and then is dated: {_named(rivals)}.",
        "The hours of that, apart from the outage, or an outage away from it.",
        numbers,
    )


def _named(rivals: pd.DataFrame) -> str:
    first = rivals.sort_values("start_low", kind="stable").iloc[0]
    more = f", and {len(rivals) - 1} more" if len(rivals) > 1 else ""
    return f"{first['statement']} ({first['source']}, {str(first['start'])[:10]}){more}"


def _window(entity: str, event: str, evidence: Evidence) -> Window | Judgement:
    """Return the time of events, or the verdict where there is nothing to compare."""
    if entity not in evidence.measured:
        return verdicts.untested(f"{evidence.case.name_of(entity)}'s connectivity")
    window = evidence.window_of(event, entity)
    return window or verdicts.untested(
        f"days of {in_words(event)} in {evidence.case.name_of(entity)}"
    )
