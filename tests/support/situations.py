"""Further situations of real records with known truth: SIMULATED, as in ``verdict_worlds``.

Levels that are left for good, cables that are cut for days, datasources with bins of other widths,
events of other countries, records that end: each was judged wrong once, or may be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from record_worlds import (
    FALSE,
    PLACE,
    TRUE,
    UNDECIDABLE,
    USERS,
    RecordWorld,
    _slow,
    _surge,
)
from verdict_worlds import (
    DONORS,
    FIXED,
    HERE,
    HTTP,
    LAND,
    MOBILE,
    OTHER,
    PING,
    PROTEST,
    START,
    WORLDS,
    Cut,
    Maker,
    World,
)

EVER = 1e6
Generator = np.random.Generator
_AFTER = {"type": "onset_after_event", "entity": LAND}
_DISRUPTED = {"type": "disrupted", "entity": LAND}
_RATE = {"type": "rate_ratio", "entity": LAND}
_ON_OFF = {"type": "intermittent", "entity": LAND}
_MIXED = {HTTP: 0.25, PING: 24.0}


def _length(hours: float) -> dict[str, Any]:
    return {"type": "outage_in_window", "entity": LAND, "at_least_hours": hours}


def _apart(about: str, least: float) -> dict[str, Any]:
    return {"type": "signals_disagree", "entity": LAND, "about": about, "at_least": least}


def _deep(rng: Generator) -> float:
    return float(rng.uniform(0.4, 0.95))


def _at(rng: Generator, low: float = 6.0, high: float = 18.0) -> float:
    """Return a moment of the day of protest."""
    return float(PROTEST + rng.uniform(low, high))


def _one(rng: Generator, begin: float, low: float = 6, high: float = 48) -> list[Cut]:
    return [(begin, rng.uniform(low, high), _deep(rng))]


def _land(claim: dict[str, Any], cuts: list[Cut], **also: Any) -> World:
    return World(claim, {(LAND, HTTP): cuts}, **also)


def _both(claim: dict[str, Any], cuts: list[Cut], **also: Any) -> World:
    """Return a world of which two datasources see the same."""
    return World(claim, {(LAND, HTTP): cuts, (LAND, PING): cuts}, **also)


def _networks(claim: str, **cuts: list[Cut]) -> World:
    names = {"mobile": MOBILE, "other": OTHER, "fixed": FIXED}
    also: dict[str, Any] = {"place": MOBILE} if claim == "mobile_only" else {}
    return World({"type": claim, **also}, {(names[one], HTTP): cut for one, cut in cuts.items()})


def _moved(
    claim: dict[str, Any], begin: float, times: float, lasts: float = EVER, *, entity: str = LAND,
    cuts: list[Cut] | None = None, **also: Any,
) -> World:  # fmt: skip
    """Return a world of which one datasource counts so many times as much from an hour on."""
    return World(
        claim, {(entity, HTTP): cuts or [], **also.pop("beside", {})},
        moves={(entity, HTTP): [(begin, lasts, times)]}, **also,
    )  # fmt: skip


def _cable(rng: Generator, share: float) -> Cut:
    """Return nine days that began five days before the protest."""
    return PROTEST - 5 * 24 + rng.uniform(-6, 6), 9 * 24.0, share


def _happened(day: int, place: str = "IR", hour: int | None = None) -> str:
    when = START + pd.Timedelta(days=day)
    if hour is None:
        return f"protest,{when:%Y-%m-%d},,Asia/Tehran,day,{place},,g,g,\n"
    moment = when + pd.Timedelta(hours=hour)
    return f"protest,{moment:%Y-%m-%dT%H:%MZ},,Asia/Tehran,hour,{place},,g,g,\n"


def _hour(rng: Generator, low: float, high: float) -> World:
    """Return an outage so many hours after an event that is known to the hour."""
    hour = int(rng.integers(5, 15))
    cuts = _one(rng, 29 * 24 + hour + rng.uniform(low, high))
    return _land(_AFTER, cuts, days=(), also=_happened(29, hour=hour))


def _days(rng: Generator, count: int, last: int = 110) -> tuple[int, ...]:
    return tuple(int(one) for one in np.sort(rng.choice(np.arange(2, last), count, replace=False)))


def _random(rng: Generator, count: int, last: float = 2600) -> list[Cut]:
    return [(float(one), rng.uniform(3, 8), _deep(rng)) for one in rng.uniform(48, last, count)]


def _on(rng: Generator, days: tuple[int, ...]) -> list[Cut]:
    return [(24.0 * day + rng.uniform(2, 16), rng.uniform(3, 8), _deep(rng)) for day in days]


def _abroad(rng: Generator) -> World:
    """Return outages that go with protests of another country."""
    theirs = _days(rng, 9)
    also = "".join(_happened(day, "IQ") for day in theirs)
    return _land(_RATE, _on(rng, theirs), days=_days(rng, 9), weeks=16, also=also)


def _few_events(rng: Generator, followed: bool) -> World:
    """Return three protests in a year, and sixty outages."""
    days = _days(rng, 3, 415)
    cuts = [*_random(rng, 57, 24 * 415), *(_on(rng, days) if followed else _random(rng, 3, 9000))]
    return _land(_RATE, cuts, days=days, weeks=60)


def _exams(rng: Generator) -> list[Cut]:
    """Return seven mornings of one depth, the protest among them."""
    share = _deep(rng)
    return [(24.0 * day + rng.uniform(0, 0.3), rng.uniform(2, 3), share) for day in range(26, 33)]


def _handed_over(claim: dict[str, Any], cuts: list[Cut]) -> World:
    """Return a datasource that ends days before the protest, and one that begins before that."""
    gaps = ((LAND, HTTP, 26 * 24.0, EVER), (LAND, PING, 0.0, 20 * 24.0))
    return _both(claim, cuts, gaps=gaps)


def _unmeasured(rng: Generator, claim: dict[str, Any], later: float = 0.0) -> World:
    begin, lasts = float(int(_at(rng))) + later, float(rng.integers(8, 30))
    return _land(claim, [(begin, lasts, 0.9)], gap=(LAND, begin, lasts))


def _half_back(begin: float) -> list[Cut]:
    return [(begin, 10.0, 0.9), (begin + 10, 9.0, 0.4), (begin + 19, 10.0, 0.9)]


def _province(rng: Generator) -> World:
    """Return a province cut off in which few have fixed lines."""
    begin = _at(rng)
    fixed = [(begin, 20.0, rng.uniform(0.03, 0.06))]
    return _networks("mobile_only", mobile=[(begin, 20.0, 0.25)], other=[], fixed=fixed)


def _campaigns(rng: Generator) -> RecordWorld:
    """Return users who multiply for days every few weeks, whatever happens."""
    world = _surge(rng, None)
    for day in rng.choice(np.arange(5, 150), 6, replace=False):
        world.signals[USERS][PLACE][day : day + int(rng.integers(3, 9))] *= rng.uniform(3, 10)
    return world


def _in_cable(rng: Generator, claim: str) -> World:
    """Return a shutdown in a cable cut that took a part of every network days before."""
    cable, begin = _cable(rng, 0.3), _at(rng)
    first, later = [cable, (begin, 40.0, 0.9)], [cable, (begin + 8, 32.0, 0.9)]
    return _networks(claim, mobile=first, other=first, fixed=later)


SITUATIONS: dict[tuple[str, str, str], Maker] = {
    ("outage_in_window", FALSE, "probes gone for good"): lambda rng: _moved(
        _length(24), _at(rng, -200, 100), 0.6
    ),
    ("onset_after_event", FALSE, "probes gone for good a day after"): lambda rng: _moved(
        _AFTER, _at(rng, 28, 40), 0.6
    ),
    ("onset_after_event", FALSE, "probes of one of two gone for good a day after"): lambda rng: (
        _moved(_AFTER, _at(rng, 28, 40), 0.6, beside={(LAND, PING): []})
    ),
    ("mobile_only", FALSE, "probes of mobile networks gone for good"): lambda rng: _moved(
        {"type": "mobile_only", "place": MOBILE}, _at(rng), 0.6, entity=MOBILE,
        beside={(FIXED, HTTP): []},
    ),
    ("disrupted", FALSE, "probes gone for good on the day"): lambda rng: _moved(
        _DISRUPTED, _at(rng), 0.6, weeks=16
    ),
    ("signals_disagree", FALSE, "probes of one gone for good weeks before"): lambda rng: _moved(
        _apart("depth", 0.3), _at(rng, -250, -150), 0.6, cuts=(cut := [(_at(rng), 30.0, 0.7)]),
        beside={(LAND, PING): cut},
    ),
    ("onset_after_event", TRUE, "more probes for good weeks before"): lambda rng: _moved(
        _AFTER, _at(rng, -250, -150), 1.6, cuts=_one(rng, _at(rng, 28, 40))
    ),
    ("outage_in_window", FALSE, "the end of ten days of more"): lambda rng: _moved(
        _length(24), _at(rng, -250, 0), rng.uniform(1.4, 2.5), 240.0
    ),
    ("onset_after_event", FALSE, "the end of ten days of more a day after"): lambda rng: _moved(
        _AFTER, _at(rng, 28, 40) - 240, rng.uniform(1.4, 2.5), 240.0
    ),
    ("onset_after_event", TRUE, "in a datasource begun days before"): lambda rng: _handed_over(
        _AFTER, _one(rng, _at(rng, 28, 40))
    ),
    ("outage_in_window", TRUE, "in a datasource begun days before"): lambda rng: _handed_over(
        _length(3), _one(rng, _at(rng, 28, 40))
    ),
    ("onset_after_event", FALSE, "one datasource ends, another begins"): lambda _: _handed_over(
        _AFTER, []
    ),
    ("signals_disagree", FALSE, "quarter hours and days, depth"): lambda rng: _both(
        _apart("depth", 0.3), _one(rng, _at(rng), 10, 20), steps=_MIXED, weeks=10
    ),
    ("signals_disagree", FALSE, "quarter hours and days, onset"): lambda rng: _both(
        _apart("onset", 3), _one(rng, _at(rng), 30, 96), steps=_MIXED, weeks=10
    ),
    ("outage_in_window", FALSE, "quarter hours and days, three hours"): lambda rng: _both(
        _length(12), _one(rng, _at(rng), 3, 3), steps=_MIXED, weeks=10
    ),
    ("outage_in_window", TRUE, "quarter hours and days"): lambda rng: _both(
        _length(24), _one(rng, _at(rng), 60, 96), steps=_MIXED, weeks=10
    ),
    ("onset_after_event", UNDECIDABLE, "in a cable cut since five days"): lambda rng: _land(
        _AFTER, [_cable(rng, rng.uniform(0.25, 0.5)), (_at(rng, 28, 40), 20.0, 0.9)]
    ),
    ("onset_after_event", FALSE, "a cable cut since five days"): lambda rng: _land(
        _AFTER, [_cable(rng, rng.uniform(0.25, 0.5))]
    ),
    ("disrupted", FALSE, "a cable cut since five days"): lambda rng: _land(
        _DISRUPTED, [_cable(rng, rng.uniform(0.25, 0.5))], weeks=16
    ),
    ("mobile_only", FALSE, "a cable cut since five days"): lambda rng: _networks(
        "mobile_only", mobile=(cut := [_cable(rng, rng.uniform(0.25, 0.5))]), fixed=cut
    ),
    ("mobile_before_fixed", UNDECIDABLE, "in a cable cut since five days"): lambda rng: _in_cable(
        rng, "mobile_before_fixed"
    ),
    ("mobile_before_fixed", UNDECIDABLE, "in a cable cut of fixed lines since five days"): (
        lambda rng: _networks(
            "mobile_before_fixed", mobile=(cut := [((at := _at(rng)), 40.0, 0.9)]), other=cut,
            fixed=[_cable(rng, 0.3), (at + 8, 32.0, 0.9)],
        )
    ),
    ("mobile_before_fixed", TRUE, "and a cable cut of fixed lines that is over"): lambda rng: (
        _networks("mobile_before_fixed", mobile=(cut := [((at := _at(rng)), 40.0, 0.9)]),
                  other=cut, fixed=[(PROTEST - 200, 110.0, 0.4), (at + 8, 32.0, 0.9)])
    ),
    ("mobile_only", FALSE, "a province alone"): _province,
    ("onset_after_event", FALSE, "after another country's protest, before its own"): lambda rng: (
        _land(_AFTER, _one(rng, _at(rng, 28, 40)), days=(33,), also=_happened(29, "IQ"))
    ),
    ("mobile_only", FALSE, "on the day of another country's protest"): lambda rng: World(
        {"type": "mobile_only", "place": MOBILE},
        {(MOBILE, HTTP): _one(rng, _at(rng)), (FIXED, HTTP): []}, days=(35,),
        also=_happened(29, "IQ"),
    ),
    ("rate_ratio", FALSE, "another country's protests go with outages"): _abroad,
    ("rate_ratio", UNDECIDABLE, "three protests, all followed, of sixty outages"): lambda rng: (
        _few_events(rng, followed=True)
    ),
    ("rate_ratio", FALSE, "three protests, sixty outages at random"): lambda rng: _few_events(
        rng, followed=False
    ),
    ("rate_ratio", FALSE, "300 protests, three outages at random"): lambda rng: _land(
        _RATE, _random(rng, 3, 24 * 415), days=_days(rng, 300, 415), weeks=60
    ),
    ("rate_ratio", TRUE, "a third of sixty protests followed, twenty outages else"): lambda rng: (
        _land(_RATE, [*_random(rng, 20, 24 * 415),
                      *_on(rng, tuple(rng.choice(days := _days(rng, 60, 415), 20, replace=False)))],
              days=days, weeks=60)
    ),
    ("rate_ratio", FALSE, "protests on the day after outages"): lambda rng: _land(
        _RATE, _on(rng, days := _days(rng, 10)), days=tuple(day + 1 for day in days), weeks=16
    ),
    ("intermittent", TRUE, "exams on seven mornings"): lambda rng: _land(_ON_OFF, _exams(rng)),
    ("disrupted", FALSE, "exams on seven mornings, protest on one"): lambda rng: _land(
        _DISRUPTED, _exams(rng), weeks=16
    ),
    ("intermittent", FALSE, "half back and down again"): lambda rng: _land(
        _ON_OFF, _half_back(_at(rng))
    ),
    ("outage_in_window", UNDECIDABLE, "half back and down again"): lambda rng: _land(
        _length(16), _half_back(_at(rng))
    ),
    ("disrupted", TRUE, "two weeks of protest, one shutdown"): lambda rng: _land(
        _DISRUPTED, _one(rng, _at(rng) + 24 * int(rng.integers(1, 12)), 20, 40),
        days=tuple(range(29, 43)), weeks=52,
    ),
    ("outage_in_window", TRUE, "gone for ever"): lambda rng: _land(
        _length(48), [(_at(rng), EVER, 1.0)]
    ),
    ("outage_in_window", UNDECIDABLE, "nobody measured in it"): lambda rng: _unmeasured(
        rng, _length(3)
    ),
    ("onset_after_event", UNDECIDABLE, "nobody measured in it"): lambda rng: _unmeasured(
        rng, _AFTER, 24.0
    ),
    ("onset_after_event", UNDECIDABLE, "within the hour of the event"): lambda rng: _hour(
        rng, 0, 1
    ),
    ("onset_after_event", FALSE, "an hour before the event"): lambda rng: _hour(rng, -2.6, -1.2),
    ("onset_after_event", TRUE, "hours after an event of a known hour"): lambda rng: _hour(
        rng, 3, 9
    ),
    ("sub_national_excess", FALSE, "a national outage, as deep as it happens"): lambda rng: World(
        {"type": "sub_national_excess", "entity": HERE, "days_after": 0},
        {(one, HTTP): [(PROTEST - 3.5, 72.0, rng.uniform(0.3, 0.8))] for one in (HERE, *DONORS)},
        donors=DONORS, days=(29, 30, 31),
    ),
    ("surge_after_event", UNDECIDABLE, "not counted from the event on"): lambda rng: _surge(
        rng, float(rng.integers(1, 5)), gap=(0, 90)
    ),
    ("surge_after_event", FALSE, "surges every few weeks, whatever happens"): _campaigns,
    ("throttled", UNDECIDABLE, "policed: half the speed, no queue"): lambda rng: _slow(
        rng, 0.9, 0.5
    ),
}  # fmt: skip
"""How they are made, by the type of their claim, its truth, and what they are."""
ALL: dict[tuple[str, str, str], Callable[[Generator], World | RecordWorld]] = WORLDS | SITUATIONS
