"""What was found about outages and events, in sentences for a reader without statistics."""

from __future__ import annotations

from typing import Final

from darkdays.association import EVENTS_AFTER, OUTAGES_AFTER, Association, Direction
from darkdays.case import Case
from darkdays.correlate.multiverse import SpecificationCurve
from darkdays.correlate.primary import WINDOW
from darkdays.correlate.stratified import Ratio

TITLES: Final = {
    OUTAGES_AFTER: "Do outages follow {event}s?",
    EVENTS_AFTER: "Do {event}s follow outages?",
}
_COUNTED: Final = {
    OUTAGES_AFTER: ("outage", "a {event} on that day or the {days} before"),
    EVENTS_AFTER: ("{event}", "an outage on that day or the {days} before"),
}


def sentences(case: Case, found: Association, direction: Direction) -> list[str]:
    """Return what one direction of an association came to.

    Parameters
    ----------
    case
        Names its places.
    found
        The association.
    direction
        One of its directions.
    """
    event = found.claim.event
    crossover, test = direction.analysis.crossover, direction.quoted
    days = found.tested.calendar.days
    what, exposed = (text.format(event=event, days=WINDOW) for text in _COUNTED[direction.name])
    where = " and ".join(case.name_of(entity) for entity in found.tested.calendar.entities)
    chance = f"; by chance {test.expected:.2g} would be." if test is not None else "."
    began = (
        f"From {_day(days[0])} to {_day(days[-1])} {days[-1]:%Y}, {len(days)} days by the clocks "
        f"of {case.time_zone}, {_number(crossover.onsets, what)} began in {where}: "
        f"{crossover.exposed_onsets} on one of the {crossover.exposed_days} exposed days "
        f"({exposed}){chance}"
    )
    told = [began, _ratio(direction.ratio, direction)]
    if test is not None:
        told.append(
            f"Calendars of {'whole weeks' if direction.by_weeks else 'days'} shifted "
            f"{'in blocks of four weeks' if direction.by_weeks else 'within each month'} coincide "
            f"as often with probability {test.p_value:.2g} ({test.combinations()} admissible "
            f"shifts; no smaller probability than {test.smallest_p:.2g} could come out)."
        )
    if direction.fewest is not None and direction.most is not None:
        low, high = sorted((direction.fewest.p_value, direction.most.p_value))
        told.append(
            f"Times are known to intervals: from {direction.fewest.coincidences} for sure to "
            f"{direction.most.coincidences} possibly coincide, which gives {low:.2g} to {high:.2g}."
        )
    told.append(_detectable(direction))
    if direction.inconclusive:
        told.append(f"So this record cannot tell: {direction.inconclusive}")
    return told


def curve_sentences(found: Association, curve: SpecificationCurve) -> list[str]:
    """Return what all specifications together came to."""
    summary = curve.summary(alpha=1 - found.level)
    told = [
        (
            f"{summary.of:,} specifications were tried, {found.curve.different:,} of which differ "
            f"in what they count. The claim holds in {summary.holds:,}: a ratio above 1 that "
            f"chance gives with probability {1 - found.level:.2g} or less, adjusted in a family "
            f"of {found.families.size}. The ratio is above 1 in {summary.same_sign:,}."
        )
    ]
    joint = found.curve.joint
    if joint is not None:
        told.append(
            f"Specifications are no independent witnesses. On {found.curve.draws:,} shifted "
            f"calendars {joint.expected:.3g} of them would be significant by chance, and "
            f"{joint.significant} are: as many come about with probability "
            f"{joint.p_significant:.2g}, and as large a sum of their scores with "
            f"{joint.p_stouffer:.2g}."
        )
    return told


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _day(day: object) -> str:
    return f"{day.day} {day:%B}"  # type: ignore[attr-defined]


def _ratio(ratio: Ratio, direction: Direction) -> str:
    against = "others of the same weekday and month"
    if ratio.value is None and ratio.low is None:
        return f"No ratio can be given: {ratio.reason}"
    if ratio.value is None:
        return (
            f"Compared with {against}, all that could be are on exposed days: the ratio has no "
            f"upper bound and is at least {ratio.low:.2g}."
        )
    bounds = ""
    if ratio.low is not None and ratio.high is not None:
        bounds = f" ({ratio.low:.2g} to {ratio.high:.2g})"
    said = f"That is {ratio.value:.2g} times as often as on {against}{bounds}."
    value, limit = direction.analysis.e_value, direction.analysis.e_value_of_limit
    if value is None:
        return said
    its_limit = "" if limit is None else f", and {limit:.2g}-fold the nearer end of the interval"
    if limit == 1:
        its_limit = "; the interval holds 1 as it is"
    return (
        f"{said} Something unmeasured would have to raise the rates of both {value:.2g}-fold to "
        f"explain the ratio away{its_limit} (E-values)."
    )


def _detectable(direction: Direction) -> str:
    found = direction.analysis.detectable
    if found is None or found.ratio is None:
        why = found.reason if found is not None else "there is no test."
        return f"No ratio, however large, would have been found with probability 0.8: {why}"
    return (
        f"Had the ratio been {found.ratio:.2g}, the test would have found it with probability "
        f"{found.power:g}; smaller ones it may miss."
    )
