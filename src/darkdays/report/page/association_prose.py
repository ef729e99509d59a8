"""What was found about outages and events, in sentences for a reader without statistics."""

from __future__ import annotations

from typing import Final

from darkdays.association.associate import Association
from darkdays.association.directions import EVENTS_AFTER, OUTAGES_AFTER, Direction
from darkdays.association.family import hypothesis
from darkdays.case.case import Case
from darkdays.correlate.crossover.primary import WINDOW
from darkdays.correlate.crossover.stratified import Ratio
from darkdays.correlate.multiverse import SpecificationCurve

TITLES: Final = {
    OUTAGES_AFTER: "Do outages follow {event}s?",
    EVENTS_AFTER: "Do {event}s follow outages?",
}
_COUNTED: Final = {OUTAGES_AFTER: ("outage", "a {event}"), EVENTS_AFTER: ("{event}", "an outage")}


def sentences(case: Case, found: Association, direction: Direction) -> list[str]:
    """Return what one direction of an association came to, the answer first.

    Parameters
    ----------
    case
        Names its places.
    found
        The association.
    direction
        One of its directions.
    """
    told = [_began(case, found, direction)]
    if direction.inconclusive:
        told.append(f"This record cannot tell: {direction.inconclusive}")
    else:
        told += [_ratio(direction.ratio), _chance(found, direction)]
    return [*told, _detectable(direction)]


def fine_print(found: Association, direction: Direction) -> list[str]:
    """Return what is behind the answer, for a reader who wants to check it."""
    test, told = direction.quoted, []
    if direction.inconclusive:
        told.append(_ratio(direction.ratio))
    if test is not None:
        told.append(
            f"The p-value counts shifted calendars: {test.combinations()} admissible shifts of "
            f"{'whole weeks' if direction.by_weeks else 'days'} in a month"
            f", p = {test.p_value:.2g}, and no smaller one than {test.smallest_p:.2g} could have "
            "come out."
        )
    told += _readings(direction) + _coincidences(found, direction)
    value, limit = direction.analysis.e_value, direction.analysis.e_value_of_limit
    if value is not None:
        nearer = "" if limit is None else f", {limit:.2g}-fold to reach the end of the interval"
        if limit == 1:
            nearer = "; the interval holds 1 as it is"
        told.append(
            f"E-values: something unmeasured would have to raise the rates of both "
            f"{value:.2g}-fold to explain the ratio away{nearer}."
        )
    return told


def _began(case: Case, found: Association, direction: Direction) -> str:
    """Return how many began, how many of them on exposed days, and how many by chance."""
    what, beside = (text.format(event=found.claim.event) for text in _COUNTED[direction.name])
    crossover, test = direction.analysis.crossover, direction.quoted
    days = found.tested.calendar.days
    where = " and ".join(case.name_of(entity) for entity in found.tested.calendar.entities)
    began = (
        f"From {_day(days[0])} to {_day(days[-1])} {days[-1]:%Y}, {len(days)} days by the clocks "
        f"of {case.time_zone}, {_number(crossover.onsets, what)} began in {where}"
    )
    if not crossover.onsets:
        return f"{began}."
    on_exposed, exposed_days = crossover.exposed_onsets, crossover.exposed_days
    chance = "" if test is None else f"; by chance {test.expected:.2g} would be on the first"
    return (
        f"{began}: {on_exposed} on the {exposed_days} days with {beside} on them or on one of the "
        f"{WINDOW} before, {crossover.onsets - on_exposed} on the other "
        f"{crossover.days - exposed_days}{chance}."
    )


def _readings(direction: Direction) -> list[str]:
    """Return what is known of times only to intervals, if that makes a difference."""
    fewest, most = direction.fewest, direction.most
    if fewest is None or most is None or fewest.coincidences == most.coincidences:
        return []
    low, high = sorted((fewest.p_value, most.p_value))
    told = (
        f"Times are known to intervals: {fewest.coincidences} coincide for sure and "
        f"{most.coincidences} possibly, so that p is between {low:.2g} and {high:.2g}."
    )
    return [told]


def _coincidences(found: Association, direction: Direction) -> list[str]:
    """Return event coincidence analysis in a sentence, as a description."""
    known = found.coincidences.get(direction.name)
    if known is None:
        return []
    what, beside = (text.format(event=found.claim.event) for text in _COUNTED[direction.name])
    began, exposed = _number(known.outages, "day"), _number(known.protests, "day")
    told = (
        f"Event coincidence analysis, a description: {known.precursor_coincidences} of {began} on "
        f"which {what}s began had {beside} on them or in the {known.window} days before "
        f"(p = {known.p_precursor:.2g}), and {known.trigger_coincidences} of {exposed} with "
        f"{beside} had {what}s beginning on them or in the {known.window} days after "
        f"(p = {known.p_trigger:.2g}). These p-values take days for independent, "
        "which they are not."
    )
    return [told]


def _chance(found: Association, direction: Direction) -> str:
    assert direction.quoted is not None
    families = found.families
    adjusted = families.adjusted(hypothesis(found.claim.id, direction.name))
    corrected = ""
    if adjusted is not None:
        size = families.size
        corrected = (
            f", {adjusted:.2g} corrected for a family of {size} test{'' if size == 1 else 's'}"
        )
    moved = "other weeks" if direction.by_weeks else "other days of the same months"
    what = "outages" if direction.name == EVENTS_AFTER else f"{found.claim.event}s"
    return (
        f"Had the {what} come in {moved}, as many would coincide with probability "
        f"{direction.quoted.p_value:.2g}{corrected}."
    )


def curve_sentences(found: Association, curve: SpecificationCurve) -> list[str]:
    """Return what all specifications together came to."""
    summary = curve.summary(alpha=1 - found.level)
    size = found.families.size
    told = [
        (
            f"{summary.of:,} specifications were tried, {found.curve.different:,} of which differ "
            f"in what they count. The claim holds in {_none(summary.holds)} of them: a ratio above "
            f"1, and a p-value of {1 - found.level:.2g} or less when corrected for a family of "
            f"{size} test{'' if size == 1 else 's'}. "
            f"The ratio is above 1 in {_none(summary.same_sign)}."
        )
    ]
    joint = found.curve.joint
    if joint is not None:
        told.append(
            f"Specifications are no independent witnesses, so that all were asked together on "
            f"{found.curve.draws:,} shifted calendars: uncorrected, {_none(joint.significant)} "
            f"{'is' if joint.significant == 1 else 'are'} significant where chance gives "
            f"{joint.expected:.3g}. As many come about with probability "
            f"{joint.p_significant:.2g}, and as large a sum of their scores with "
            f"{joint.p_stouffer:.2g}."
        )
    return told


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _none(count: int) -> str:
    return f"{count:,}" if count else "none"


def _day(day: object) -> str:
    return f"{day.day} {day:%B}"  # type: ignore[attr-defined]


def _ratio(ratio: Ratio) -> str:
    against = "other days of the same weekday and month"
    if ratio.value is None and ratio.low is None:
        return f"No ratio can be given: {ratio.reason}"
    if ratio.value is None:
        return (
            f"Beside {against} the ratio has no upper bound, for none that could count began on "
            f"one; it is at least {ratio.low:.2g}."
        )
    bounds = ""
    if ratio.low is not None and ratio.high is not None:
        bounds = f" ({ratio.low:.2g} to {ratio.high:.2g})"
    return f"That is {ratio.value:.2g} times as often as on {against}{bounds}."


def _detectable(direction: Direction) -> str:
    found = direction.detectable
    if found is None or found.ratio is None:
        why = found.reason if found is not None else "there is no test."
        return f"No ratio, however large, would have been found with probability 0.8: {why}"
    return (
        f"Had the ratio been {found.ratio:.2g}, the test would have found it with probability "
        f"{found.power:g}; smaller ones it may miss."
    )
