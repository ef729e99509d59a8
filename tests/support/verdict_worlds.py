"""Studies generated with known truth, judged on the way every study goes: SIMULATED.

A world is hourly counts of its entities with a daily rhythm, autocorrelated noise and outliers,
in which networks go down and come back at any minute; days of protest; and one claim. Its truth
is of continuous time, and is not in doubt: undecidable worlds are those a careful reader could
not tell from such data. Records of sites and speeds are in ``record_worlds``. These worlds are
for measuring; no threshold is set on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from darkdays.case.case import Case
from darkdays.claims import judge
from darkdays.contracts.events import read_csv
from darkdays.contracts.signals import Signal
from darkdays.detect.outages.outages import analyse_all, outages_of
from darkdays.detect.outages.prepared import prepare
from darkdays.detect.outages.recovery import recovery_stages
from darkdays.evidence.evidence import Evidence, specifications
from made_up_regions import DONORS, HERE
from record_worlds import FALSE, RECORD_WORLDS, TRUE, UNDECIDABLE, RecordWorld

START = pd.Timestamp("2021-04-05")
WEEKS = 6
PROTEST = 29 * 24.0
"""Hours after the start at which the first local day of protest begins, nearly."""
HTTP, PING = "cloudflare.http", "ioda.ping-slash24"
MOBILE, OTHER, FIXED, LAND = "asn/44244", "asn/197207", "asn/58224", "country/IR"
NETWORKS = {MOBILE: "mobile", OTHER: "mobile", FIXED: "fixed", LAND: "country"}
Cut = tuple[float, float, float]
"""Hour it begins, hours it lasts, share it takes."""


@dataclass
class World:
    """One study: a claim, and what truly happened, by entity and datasource."""

    claim: dict[str, Any]
    cuts: dict[tuple[str, str], list[Cut]]
    days: tuple[int, ...] = (29,)
    weeks: int = WEEKS
    moved: float = 0.0
    gap: tuple[str, float, float] | None = None
    networks: dict[str, str] = field(default_factory=lambda: NETWORKS)
    donors: tuple[str, ...] = ()
    zone: str = "Asia/Tehran"
    also: str = ""
    steps: dict[str, float] = field(default_factory=dict)
    """Hours of a bin of datasources whose bins are no hours."""
    moves: dict[tuple[str, str], list[Cut]] = field(default_factory=dict)
    """Levels that were left for a while or for good: hour, hours, and the level as a multiple."""
    gaps: tuple[tuple[str, str, float, float], ...] = ()
    """Hours in which a datasource of an entity was not measured."""

    def verdict(self, rng: np.random.Generator) -> str:
        """Generate a world's signals and judge its claim under the default settings."""
        shown = sorted(self.cuts)
        named = {entity: self.networks.get(entity, "region") for entity, _ in shown}
        case = Case.model_validate(
            {
                "name": "generated", "title": "Generated", "question": "Is the verdict right?",
                "summary": "SIMULATED study with known truth.", "place": "IR",
                "window": {
                    "start": f"{START:%Y-%m-%dT%H:%MZ}",
                    "end": f"{START + pd.Timedelta(weeks=self.weeks):%Y-%m-%dT%H:%MZ}",
                },
                "time_zone": self.zone,
                "entities": [
                    {"id": one, "name": one, "network": kind}
                    for one, kind in named.items() if one not in self.donors
                ],
                "donors": [
                    {"id": one, "name": one, "network": "region"} for one in self.donors
                ],
                "signals": [{"datasource": HTTP, "source": "published"}],
                "events": [{"source": "facts"}],
                "claims": [{"id": "c", "statement": "g", "origin": "g", **self.claim}],
            }
        )  # fmt: skip
        place = (
            "IR/" + self.claim["entity"].partition("/")[2] if "region/" in str(self.claim) else "IR"
        )
        rows = "".join(
            f"protest,{START + pd.Timedelta(days=day):%Y-%m-%d},,{self.zone},day,{place},,g,g,\n"
            for day in self.days
        )
        head = "kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"
        signals = [signal(rng, self, *one) for one in shown]
        prepared = [one for one in (prepare(each, self.zone) for each in signals) if one]
        analyses = analyse_all(prepared, 0.95)
        outages = outages_of(analyses, min_depth=0.10)
        record = pd.DatetimeIndex(
            [START, START + pd.Timedelta(weeks=self.weeks) - pd.Timedelta(hours=1)], tz="UTC"
        )
        datasources = sorted({datasource for _, datasource in shown})
        evidence = Evidence(
            case=case,
            specification=specifications(0.95, 0.10, datasources)[0],
            outages=outages,
            stages=recovery_stages(analyses, outages),
            events=read_csv((head + rows + self.also).encode(), "events"),
            record=record,
            measured=frozenset(one.entity for one in analyses),
            analyses=tuple(analyses),
        )
        return judge(case.claims[0], evidence).verdict


def part_of(
    begin: float, lasts: float, bins: int, step: float
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the share of each bin that a stretch of time fills."""
    starts = np.arange(bins) * step
    inside = np.minimum(starts + step, begin + lasts) - np.maximum(starts, begin)
    return np.asarray(np.clip(inside, 0, step) / step)


def taken(cuts: list[Cut], bins: int, step: float = 1.0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the share of each bin's level that cuts take, whatever minute they begin at."""
    lost = np.zeros(bins)
    for begin, lasts, share in cuts:
        lost = np.maximum(lost, share * part_of(begin, lasts, bins, step))
    return lost


def signal(rng: np.random.Generator, world: World, entity: str, datasource: str) -> Signal:
    """Return what is counted of an entity."""
    step = world.steps.get(datasource, 1.0)
    bins, width = int(world.weeks * 168 / step), pd.Timedelta(hours=step)
    times = pd.date_range(START, periods=bins, freq=width)
    local = times.tz_localize("UTC").tz_convert(world.zone).tz_localize(None)
    clock = np.asarray((local - START) / pd.Timedelta(hours=1), np.float64)
    late = world.moved * ((clock >= 12 * 24) & (clock < 40 * 24))
    daily = 0.25 * np.sin(2 * np.pi * (clock - late) / 24) if step < 24 else 0.0
    rhythm = daily - 0.08 * ((clock // 24) % 7 >= 5)
    phi = 0.6**step
    shocks = rng.normal(0, 0.03 * np.sqrt(1 - phi**2), bins)
    noise = np.zeros(bins)
    for place in range(1, bins):
        noise[place] = phi * noise[place - 1] + shocks[place]
    odd = rng.random(bins) < 0.02
    noise[odd] += rng.normal(0, 0.06, odd.sum())
    level = np.exp(rng.uniform(np.log(1_500), np.log(12_000)))
    up = 1 - taken(world.cuts.get((entity, datasource), []), bins, step)
    for begin, lasts, times_as_many in world.moves.get((entity, datasource), []):
        up *= 1 + (times_as_many - 1) * part_of(begin, lasts, bins, step)
    values = rng.poisson(level * np.exp(rhythm + noise) * up).astype(float)
    values[rng.random(bins) < 0.005] = np.nan
    if world.gap is not None and world.gap[0] == entity:
        values[int(world.gap[1]) : int(world.gap[1] + world.gap[2])] = np.nan
    for name, source, begin, lasts in world.gaps:
        if (name, source) == (entity, datasource):
            values[part_of(begin, lasts, bins, step) > 0] = np.nan
    return Signal(entity, datasource, width, times, values)


Maker = Callable[[np.random.Generator], World | RecordWorld]


def _land(claim: dict[str, Any], cuts: list[Cut], **also: Any) -> World:
    return World(claim, {(LAND, HTTP): cuts}, **also)


def _networks(claim: str, **cuts: list[Cut]) -> World:
    names = {"mobile": MOBILE, "other": OTHER, "fixed": FIXED}
    also: dict[str, Any] = {"place": MOBILE} if claim == "mobile_only" else {}
    return World({"type": claim, **also}, {(names[one], HTTP): cut for one, cut in cuts.items()})


def _length(hours: float) -> dict[str, Any]:
    return {"type": "outage_in_window", "entity": LAND, "at_least_hours": hours}


_STAGED = {"type": "staged_recovery", "entity": LAND}
_ON_OFF = {"type": "intermittent", "entity": LAND}
_DEPTHS = {"type": "signals_disagree", "entity": LAND, "about": "depth", "at_least": 0.3}


def _reported(day: int) -> dict[str, Any]:
    start, end = (START + pd.Timedelta(days=one) for one in (day, day + 1))
    return {
        "type": "outage_reported", "entity": LAND,
        "start": f"{start:%Y-%m-%dT%H:%MZ}", "end": f"{end:%Y-%m-%dT%H:%MZ}",
    }  # fmt: skip


def _deep(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.4, 0.95))


def _at(rng: np.random.Generator, low: float = 6.0, high: float = 18.0) -> float:
    """Return a moment of the day of protest."""
    return PROTEST + rng.uniform(low, high)


def _ramp(begin: float, lasts: float, depth: float) -> list[Cut]:
    steps = int(lasts)
    return [(begin + one, 1.0, depth * (1 - one / steps)) for one in range(steps)]


def _power_cuts(rng: np.random.Generator) -> list[Cut]:
    days = rng.choice(np.arange(2, 40), 12, replace=False)
    return [(24.0 * day + rng.uniform(6, 14), rng.uniform(1, 5), _deep(rng)) for day in days]


def _mobile_first(rng: np.random.Generator, gap: float, *extra: str) -> World:
    begin, depth = _at(rng), _deep(rng)
    lasts = rng.uniform(40, 70)
    first, later = [(begin, lasts, depth)], [(begin + gap, lasts - gap, depth)]
    before = [(begin - rng.uniform(150, 300), rng.uniform(3, 8), depth)]
    cuts = {"mobile": first, "other": first, "fixed": later}
    for name in extra:
        cuts[name] = [*before, *cuts[name]]
    return _networks("mobile_before_fixed", **cuts)


def _regions(claim: dict[str, Any], cuts: list[list[Cut]], **also: Any) -> World:
    """Return a world of the first region and others, the cuts of each in order."""
    names = (HERE, *DONORS)[: len(cuts)]
    return World(claim, {(one, HTTP): cut for one, cut in zip(names, cuts, strict=True)}, **also)


def _together(rng: np.random.Generator, spread: float, places: int = 6, **also: Any) -> World:
    start = START + pd.Timedelta(hours=PROTEST + 8)
    claim = {
        "type": "fell_together", "at_least": places - 1, "start": f"{start:%Y-%m-%dT%H:%MZ}",
        "end": f"{start + pd.Timedelta(hours=2):%Y-%m-%dT%H:%MZ}",
        "down_at": f"{start + pd.Timedelta(hours=60):%Y-%m-%dT%H:%MZ}",
    }  # fmt: skip
    begins = PROTEST + 9 + rng.uniform(-spread, spread, places)
    cuts = [[(begin, PROTEST + 80 - begin, _deep(rng))] for begin in begins]
    return _regions(claim, [[] for _ in cuts] if also else cuts, **also)


def _excess(share: float, *, national: float = 0.0) -> World:
    """Return a region that lost a share on three days of protest, and what all lost then."""
    everywhere = [(PROTEST - 3.5, 72.0, national)] if national else []
    here = [(PROTEST - 3.5, 72.0, share)] if share else everywhere
    claim = {"type": "sub_national_excess", "entity": HERE, "days_after": 0}
    return _regions(claim, [here, *[everywhere] * len(DONORS)], donors=DONORS, days=(29, 30, 31))


def _alone(rng: np.random.Generator, here: float, others: float, before: float = 0.0) -> World:
    """Return a region and others like it that lost shares in a stretch of ten hours."""
    start = START + pd.Timedelta(hours=PROTEST + 8)
    claim = {
        "type": "early_drop", "entity": HERE, "start": f"{start:%Y-%m-%dT%H:%MZ}",
        "end": f"{start + pd.Timedelta(hours=10):%Y-%m-%dT%H:%MZ}",
    }  # fmt: skip
    mine = [(PROTEST + 7, 12.0, here), (PROTEST - rng.uniform(200, 400), 12.0, before)]
    return _regions(claim, [mine, *[[(PROTEST + 7, 12.0, others)]] * len(DONORS)])


def _lag(cuts: list[Cut], **also: Any) -> World:
    claim = {"type": "onset_days_after", "entity": LAND, "at_least_days": 2}
    return _land(claim, cuts, days=tuple(range(29, 36)), weeks=26, **also)


def _apart(about: str, least: float, one: list[Cut], other: list[Cut], **also: Any) -> World:
    claim = {"type": "signals_disagree", "entity": LAND, "about": about, "at_least": least}
    return World(claim, {(LAND, HTTP): one, (LAND, PING): other}, **also)


def _answered(
    rng: np.random.Generator, share: float, others: int, *, places: int = 1, exactly: int = 0
) -> World:
    """Return outages of which a share of protests is followed, and others; places see the same.

    If it is said how many are followed exactly, protests are in every place.
    """
    days = np.sort(rng.choice(np.arange(2, 110), 12, replace=False))
    hit = rng.choice(days, exactly, replace=False) if exactly else days[rng.random(12) < share]
    begins = [*(24.0 * hit + rng.uniform(4, 22, hit.size)), *rng.uniform(48, 2600, others)]
    cuts = [(float(one), rng.uniform(3, 8), _deep(rng)) for one in begins]
    names = [HERE, *DONORS][:places] if places > 1 else [LAND]
    claim = {"type": "rate_ratio", "entity": names[0], "with_entities": names[1:]}
    shown = [int(one) for one in days]
    also = "".join(
        f"protest,{START + pd.Timedelta(days=day):%Y-%m-%d},,Asia/Tehran,day,"
        f"IR/{name.partition('/')[2]},,g,g,\n"
        for day in shown for name in (names[1:] if exactly else ())
    )  # fmt: skip
    return World(
        claim, {(one, HTTP): cuts for one in names}, days=tuple(shown), weeks=16, also=also
    )


def _sundays(rng: np.random.Generator) -> list[Cut]:
    """Return works before dawn, every Sunday of sixteen weeks."""
    return [(24.0 * (7 * week + 5) + rng.uniform(21, 23), 4.0, 0.6) for week in range(16)]


def _power_cut_on(day: int) -> str:
    when = START + pd.Timedelta(days=day)
    return f"power-cut,{when:%Y-%m-%d},,Asia/Tehran,day,IR,,dark,the grid,\n"


def _fridays(rng: np.random.Generator) -> World:
    weeks = [rng.permutation(16)[:8] for _ in range(2)]
    cuts = [(24.0 * (7 * week + 4) + rng.uniform(4, 16), 4.0, _deep(rng)) for week in weeks[0]]
    days = tuple(int(7 * week + 4) for week in np.sort(weeks[1]))
    return _land({"type": "rate_ratio", "entity": LAND}, cuts, days=days, weeks=16)


_AFTER = {"type": "onset_after_event", "entity": LAND}
_DISRUPTED = {"type": "disrupted", "entity": LAND}
END = 168.0 * WEEKS


WORLDS: dict[tuple[str, str, str], Maker] = {
    ("fell_together", TRUE, "within an hour and a half"): lambda rng: _together(rng, 0.7),
    ("fell_together", FALSE, "over two days"): lambda rng: _together(rng, 24.0),
    ("sub_national_excess", TRUE, "half lost for three days"): lambda _: _excess(0.5),
    ("sub_national_excess", FALSE, "nothing"): lambda _: _excess(0.0),
    ("sub_national_excess", FALSE, "a common cause"): lambda _: _excess(0.0, national=0.5),
    ("outage_in_window", TRUE, "a cut of 6 to 48 hours"): lambda rng: _land(
        _length(3), [(_at(rng), rng.uniform(6, 48), _deep(rng))]
    ),
    ("outage_in_window", FALSE, "nothing"): lambda _: _land(_length(3), []),
    ("outage_in_window", FALSE, "a cut of an hour"): lambda rng: _land(
        _length(6), [(_at(rng), rng.uniform(1, 3), _deep(rng))]
    ),
    ("outage_in_window", FALSE, "normal again, not all back"): lambda rng: _land(
        _length(72), [(_at(rng), 9.0, 0.15), (_at(rng) + 9, 1000.0, 0.08)]
    ),
    ("outage_in_window", FALSE, "a rhythm that moves"): lambda rng: _land(
        _length(3), [], moved=rng.uniform(2, 5)
    ),
    ("staged_recovery", TRUE, "two steps a day apart"): lambda rng: _land(
        _STAGED, [((at := _at(rng)), 30.0, 0.9), (at + 30, rng.uniform(20, 40), 0.4)]
    ),
    ("staged_recovery", FALSE, "one step"): lambda rng: _land(
        _STAGED, [(_at(rng), rng.uniform(20, 50), _deep(rng))]
    ),
    ("staged_recovery", FALSE, "two outages, a step each"): lambda rng: _land(
        _STAGED, [(_at(rng) - 240, 30.0, _deep(rng)), (_at(rng), 30.0, _deep(rng))]
    ),
    ("staged_recovery", FALSE, "a ramp"): lambda rng: _land(
        _STAGED, [(PROTEST, 20.0, 0.9), *_ramp(PROTEST + 20, rng.uniform(10, 30), 0.9)]
    ),
    ("intermittent", TRUE, "four nights"): lambda rng: _land(
        _ON_OFF, [(PROTEST + 24 * day, rng.uniform(4, 12), _deep(rng)) for day in range(4)]
    ),
    ("intermittent", FALSE, "one cut"): lambda rng: _land(
        _ON_OFF, [(_at(rng), rng.uniform(20, 60), _deep(rng))]
    ),
    ("intermittent", FALSE, "a rhythm that moves"): lambda rng: _land(
        _ON_OFF, [], moved=rng.uniform(2, 5)
    ),
    ("intermittent", UNDECIDABLE, "back for less than two bins"): lambda rng: _land(
        _ON_OFF,
        [((at := PROTEST + 20.3), 10.0, (share := _deep(rng))),
         (at + 10 + rng.uniform(1.1, 1.8), 20.0, share)],
    ),
    ("outage_reported", TRUE, "on that day"): lambda rng: _land(
        _reported(29), [(29 * 24 + rng.uniform(3, 20), rng.uniform(6, 48), _deep(rng))]
    ),
    ("outage_reported", FALSE, "on another day"): lambda rng: _land(
        _reported(29), [(27 * 24 + rng.uniform(3, 20), rng.uniform(6, 20), _deep(rng))]
    ),
    ("outage_reported", UNDECIDABLE, "within a bin of midnight"): lambda rng: _land(
        _reported(29), [(29 * 24 + rng.uniform(-0.5, 0.5), 20.0, _deep(rng))]
    ),
    ("mobile_only", TRUE, "mobile alone"): lambda rng: _networks(
        "mobile_only", mobile=[(_at(rng), rng.uniform(6, 40), _deep(rng))], fixed=[]
    ),
    ("mobile_only", FALSE, "fixed since the evening before"): lambda rng: _networks(
        "mobile_only", mobile=[(_at(rng), 20.0, _deep(rng))],
        fixed=[(PROTEST - rng.uniform(4, 12), 60.0, _deep(rng))],
    ),
    ("mobile_only", FALSE, "both, a common cause"): lambda rng: _networks(
        "mobile_only", mobile=(cut := [(_at(rng), rng.uniform(6, 40), _deep(rng))]), fixed=cut
    ),
    ("mobile_only", FALSE, "a rhythm that moves"): lambda rng: World(
        {"type": "mobile_only", "place": MOBILE}, {(MOBILE, HTTP): [], (FIXED, HTTP): []},
        moved=rng.uniform(2, 5),
    ),
    ("mobile_only", UNDECIDABLE, "fixed not measured then"): lambda rng: World(
        {"type": "mobile_only", "place": MOBILE},
        {(MOBILE, HTTP): [(_at(rng), 30.0, _deep(rng))], (FIXED, HTTP): []},
        gap=(FIXED, PROTEST - 12, 80.0),
    ),
    ("mobile_before_fixed", TRUE, "4 to 24 hours before"): lambda rng: _mobile_first(
        rng, rng.uniform(4, 24)
    ),
    ("mobile_before_fixed", TRUE, "and a fixed line cut weeks before"): lambda rng: _mobile_first(
        rng, rng.uniform(4, 24), "fixed"
    ),
    ("mobile_before_fixed", FALSE, "fixed first"): lambda rng: _mobile_first(
        rng, -rng.uniform(4, 24)
    ),
    ("mobile_before_fixed", FALSE, "and a mobile cut weeks before"): lambda rng: _mobile_first(
        rng, -rng.uniform(4, 24), "mobile"
    ),
    ("mobile_before_fixed", FALSE, "one mobile operator stays up"): lambda rng: _networks(
        "mobile_before_fixed", mobile=[(PROTEST, 60.0, _deep(rng))], other=[],
        fixed=[(PROTEST + rng.uniform(4, 24), 30.0, _deep(rng))],
    ),
    ("mobile_before_fixed", UNDECIDABLE, "within a bin"): lambda rng: _mobile_first(
        rng, rng.uniform(-0.5, 0.5)
    ),
    ("signals_disagree", TRUE, "0.5 apart"): lambda rng: World(
        _DEPTHS,
        {(LAND, HTTP): [((at := _at(rng)), 30.0, 0.9)], (LAND, PING): [(at, 30.0, 0.4)]},
    ),
    ("signals_disagree", FALSE, "the same"): lambda _: World(
        _DEPTHS, {(LAND, one): [(PROTEST + 9.4, 30.0, 0.7)] for one in (HTTP, PING)}
    ),
    ("onset_after_event", TRUE, "a day after"): lambda rng: _land(
        {"type": "onset_after_event", "entity": LAND},
        [(_at(rng, 28, 40), rng.uniform(6, 48), _deep(rng))],
    ),
    ("onset_after_event", FALSE, "a day before"): lambda rng: _land(
        {"type": "onset_after_event", "entity": LAND},
        [(_at(rng, -30, -12), rng.uniform(6, 10), _deep(rng))],
    ),
    ("disrupted", TRUE, "beyond power cuts"): lambda rng: _land(
        {"type": "disrupted", "entity": LAND},
        [*_power_cuts(rng), (_at(rng), rng.uniform(30, 60), 0.95)], weeks=16,
    ),
    ("disrupted", FALSE, "power cuts, on the day of protest too"): lambda rng: _land(
        {"type": "disrupted", "entity": LAND},
        [*_power_cuts(rng), (_at(rng, 6, 14), rng.uniform(1, 5), _deep(rng))], weeks=16,
    ),
    ("not_explained_by", FALSE, "power cuts, on the day of protest too"): lambda rng: _land(
        {"type": "not_explained_by", "entity": LAND, "rival": "power cuts"},
        [*_power_cuts(rng), (_at(rng, 6, 14), rng.uniform(1, 5), _deep(rng))], weeks=16,
    ),
    ("rate_ratio", FALSE, "power cuts, protests on other grounds"): lambda rng: _land(
        {"type": "rate_ratio", "entity": LAND}, _power_cuts(rng),
        days=tuple(int(one) for one in rng.choice(np.arange(1, 41), 8, replace=False)),
    ),
    ("fell_together", TRUE, "ten places within an hour and a half"): lambda rng: _together(
        rng, 0.7, 10
    ),
    ("fell_together", FALSE, "a rhythm that moves"): lambda rng: _together(
        rng, 0.7, moved=rng.uniform(2, 5)
    ),
    ("early_drop", TRUE, "half lost, the others nothing"): lambda rng: _alone(rng, 0.5, 0.0),
    ("early_drop", FALSE, "nothing"): lambda rng: _alone(rng, 0.0, 0.0),
    ("early_drop", FALSE, "all lost as much"): lambda rng: _alone(rng, 0.5, 0.5),
    ("early_drop", FALSE, "less than weeks before"): lambda rng: _alone(rng, 0.3, 0.3, 0.6),
    ("onset_days_after", TRUE, "four days after"): lambda rng: _lag(
        [(_at(rng) + 96, rng.uniform(24, 40), _deep(rng))]
    ),
    ("onset_days_after", TRUE, "a small one on the first day"): lambda rng: _lag(
        [(_at(rng), 3.0, 0.2), (_at(rng) + 96, rng.uniform(24, 40), 0.9)]
    ),
    ("onset_days_after", FALSE, "on the first day"): lambda rng: _lag(
        [(_at(rng), rng.uniform(24, 40), _deep(rng))]
    ),
    ("onset_days_after", FALSE, "a rhythm that moves"): lambda rng: _lag(
        [], moved=rng.uniform(2, 5)
    ),
    ("onset_days_after", UNDECIDABLE, "two days after, of a day's width"): lambda rng: _lag(
        [(PROTEST + rng.uniform(52, 68), 30.0, _deep(rng))]
    ),
    ("outage_in_window", FALSE, "power cuts, none long"): lambda rng: _land(
        _length(12), _power_cuts(rng), weeks=WEEKS
    ),
    ("outage_in_window", UNDECIDABLE, "the datasource ends in it"): lambda rng: _land(
        _length(48), [((at := _at(rng)), 60.0, _deep(rng))], gap=(LAND, at + 10, END)
    ),
    ("outage_in_window", UNDECIDABLE, "begun before the record"): lambda rng: _land(
        _length(12), [(-9.0, 9 + rng.uniform(4, 9), _deep(rng))]
    ),
    ("outage_in_window", UNDECIDABLE, "a gap between two"): lambda rng: _land(
        _length(10), [((at := float(int(_at(rng)))), 5.0, 0.9), (at + 11, 5.0, 0.9)],
        gap=(LAND, at + 4, 8.0),
    ),
    ("staged_recovery", FALSE, "a rhythm that moves"): lambda rng: _land(
        _STAGED, [], moved=rng.uniform(2, 5)
    ),
    ("staged_recovery", UNDECIDABLE, "a gap over the return"): lambda rng: _land(
        _STAGED, [((at := float(int(_at(rng)))), 30.0, 0.9), (at + 30, 12.0, 0.4)],
        gap=(LAND, at + 20, 40.0),
    ),
    ("intermittent", TRUE, "and one weeks before"): lambda rng: _land(
        _ON_OFF,
        [(PROTEST + 24 * day - (0 if day else 400), rng.uniform(4, 12), _deep(rng))
         for day in range(4)],
    ),
    ("intermittent", UNDECIDABLE, "a gap in the middle"): lambda rng: _land(
        _ON_OFF, [((at := _at(rng)), 40.0, _deep(rng))], gap=(LAND, at + 15, 10.0)
    ),
    ("outage_reported", TRUE, "and one a week before"): lambda rng: _land(
        _reported(29), [(29 * 24 + rng.uniform(3, 20) - 168 * one, 9.0, _deep(rng))
                        for one in range(2)],
    ),
    ("outage_reported", FALSE, "a rhythm that moves on that day"): lambda rng: _land(
        _reported(12), [], moved=rng.uniform(2, 5)
    ),
    ("onset_after_event", TRUE, "and one a week before"): lambda rng: _land(
        _AFTER, [(_at(rng, -200, -120), 6.0, _deep(rng)), (_at(rng, 28, 40), 20.0, _deep(rng))]
    ),
    ("onset_after_event", FALSE, "a week before alone"): lambda rng: _land(
        _AFTER, [(_at(rng, -200, -120), 6.0, _deep(rng))]
    ),
    ("onset_after_event", UNDECIDABLE, "in a gap over the day before and the day"): lambda rng: (
        _land(_AFTER, [(_at(rng, -6, 12), 40.0, _deep(rng))], gap=(LAND, PROTEST - 12, 40.0))
    ),
    ("onset_after_event", FALSE, "ten days after"): lambda rng: _land(
        _AFTER, [(_at(rng, 220, 260), 20.0, _deep(rng))]
    ),
    ("onset_after_event", FALSE, "a rhythm that moves"): lambda rng: _land(
        _AFTER, [], days=(12,), moved=rng.uniform(2, 5)
    ),
    ("onset_after_event", UNDECIDABLE, "on the day of an event without an hour"): lambda rng: (
        _land(_AFTER, [(_at(rng), 20.0, _deep(rng))])
    ),
    ("mobile_only", TRUE, "and a fixed line cut a week before"): lambda rng: _networks(
        "mobile_only", mobile=[(_at(rng), rng.uniform(6, 40), _deep(rng))],
        fixed=[(_at(rng, -200, -120), 5.0, _deep(rng))],
    ),
    ("mobile_only", FALSE, "a mobile cut a week before"): lambda rng: _networks(
        "mobile_only", mobile=[(_at(rng, -200, -120), 9.0, _deep(rng))], fixed=[]
    ),
    ("mobile_before_fixed", UNDECIDABLE, "a gap over the fixed line's fall"): lambda rng: World(
        {"type": "mobile_before_fixed"},
        {(MOBILE, HTTP): [((at := _at(rng)), 60.0, _deep(rng))], (OTHER, HTTP): [(at, 60.0, 0.8)],
         (FIXED, HTTP): [(at + rng.uniform(-4, 4), 60.0, 0.8)]},
        gap=(FIXED, at - 8, 16.0),
    ),
    ("signals_disagree", TRUE, "fell eight hours apart"): lambda rng: _apart(
        "onset", 3, [((at := _at(rng)), 40.0, 0.8)], [(at + 8, 32.0, 0.8)]
    ),
    ("signals_disagree", TRUE, "back ten hours apart"): lambda rng: _apart(
        "recovery", 3, [((at := _at(rng)), 30.0, 0.8)], [(at, 40.0, 0.8)]
    ),
    ("signals_disagree", FALSE, "fell together, one had a power cut before"): lambda rng: _apart(
        "onset", 3, [((at := _at(rng)), 30.0, 0.8), (at - 200, 3.0, 0.5)], [(at, 30.0, 0.8)]
    ),
    ("signals_disagree", FALSE, "a rhythm that moves"): lambda rng: _apart(
        "depth", 0.3, [], [], moved=rng.uniform(2, 5)
    ),
    ("signals_disagree", UNDECIDABLE, "a gap over one return"): lambda rng: _apart(
        "recovery", 3, [((at := _at(rng)), 30.0, 0.8)], [(at, 30.0, 0.8)],
        gap=(LAND, at + 20, 24.0),
    ),
    ("disrupted", FALSE, "nothing"): lambda _: _land(_DISRUPTED, [], weeks=16),
    ("disrupted", FALSE, "the datasource ends on that day"): lambda rng: _land(
        _DISRUPTED, [], weeks=16, gap=(LAND, _at(rng), 3000.0)
    ),
    ("disrupted", FALSE, "a rhythm that moves"): lambda rng: _land(
        _DISRUPTED, [], weeks=16, moved=rng.uniform(2, 5)
    ),
    ("not_explained_by", TRUE, "beyond power cuts"): lambda rng: _land(
        {"type": "not_explained_by", "entity": LAND, "rival": "power cuts"},
        [*_power_cuts(rng), (_at(rng), rng.uniform(30, 60), 0.95)], weeks=16,
    ),
    ("rate_ratio", TRUE, "four fifths of protests are followed"): lambda rng: _answered(
        rng, 0.8, 3
    ),
    ("rate_ratio", FALSE, "both on Fridays"): _fridays,
    ("rate_ratio", FALSE, "ten places, one calendar"): lambda rng: _answered(
        rng, 0.0, 10, places=10
    ),
    ("rate_ratio", UNDECIDABLE, "two outages, both on such days"): lambda rng: _answered(
        rng, 0.0, 0, exactly=2
    ),
    ("rate_ratio", UNDECIDABLE, "two outages, both on such days, in six places"): lambda rng: (
        _answered(rng, 0.0, 0, places=6, exactly=2)
    ),
    ("rate_ratio", UNDECIDABLE, "three outages, all on such days, in six places"): lambda rng: (
        _answered(rng, 0.0, 0, places=6, exactly=3)
    ),
    ("rate_ratio", TRUE, "six outages on such days and three on others"): lambda rng: _answered(
        rng, 0.0, 3, exactly=6
    ),
    ("rate_ratio", TRUE, "six outages on such days in six places"): lambda rng: _answered(
        rng, 0.0, 0, places=6, exactly=6
    ),
    ("outage_in_window", TRUE, "to the end of the record"): lambda rng: _land(
        _length(6), [(END - rng.uniform(15, 40), 90.0, _deep(rng))], days=(40,)
    ),
    ("outage_in_window", TRUE, "dark for seven samples"): lambda rng: _land(
        _length(5), [(_at(rng), 7.0, 0.98)]
    ),
    ("outage_in_window", FALSE, "two with an hour between, long together"): lambda rng: _land(
        _length(8), [((at := _at(rng)), 4.0, 0.95), (at + 5.5, 4.0, 0.95)]
    ),
    ("outage_in_window", FALSE, "a little less than claimed"): lambda rng: _land(
        _length(5), [(_at(rng), rng.uniform(4.3, 4.95), _deep(rng))]
    ),
    ("outage_in_window", UNDECIDABLE, "to the end of the record, too soon to tell"): lambda rng: (
        _land(_length(48), [(END - rng.uniform(15, 40), 90.0, _deep(rng))], days=(40,))
    ),
    ("onset_after_event", TRUE, "to the end of the record"): lambda rng: _land(
        _AFTER, [(END - rng.uniform(12, 22), 90.0, _deep(rng))], days=(40,)
    ),
    ("staged_recovery", UNDECIDABLE, "the record ends before the second step"): lambda rng: _land(
        _STAGED, [((at := END - rng.uniform(60, 80)), 40.0, 0.9), (at + 40, 90.0, 0.4)], days=(38,)
    ),
    ("onset_after_event", UNDECIDABLE, "the datasource starts in it"): lambda rng: _land(
        _AFTER, [(_at(rng, -20, 4), 60.0, _deep(rng))], gap=(LAND, 0.0, PROTEST + 8)
    ),
    ("outage_in_window", FALSE, "nothing in twelve days"): lambda _: _land(
        _length(3), [], gap=(LAND, 0.0, END - 12 * 24)
    ),
    ("outage_reported", UNDECIDABLE, "the datasource starts in it"): lambda rng: _land(
        _reported(29), [(_at(rng, -20, 4), 60.0, _deep(rng))], gap=(LAND, 0.0, PROTEST + 8)
    ),
    ("onset_after_event", FALSE, "after another place's protest, before its own"): lambda rng: (
        World(
            {"type": "onset_after_event", "entity": HERE},
            {(HERE, HTTP): [(_at(rng, 8, 20), 40.0, _deep(rng))]}, days=(30,),
            also=f"protest,{START + pd.Timedelta(days=29):%Y-%m-%d},,Asia/Tehran,day,"
            f"IR/{DONORS[0].partition('/')[2]},,g,g,\n",
        )
    ),
    ("onset_after_event", TRUE, "on the day after clocks change"): lambda rng: _land(
        _AFTER, [(42 * 24 + rng.uniform(3, 12), 20.0, _deep(rng))], days=(41,), weeks=16,
        zone="Africa/Casablanca",
    ),
    ("outage_in_window", FALSE, "nothing, and clocks change twice"): lambda _: _land(
        _length(3), [], weeks=16, zone="Africa/Casablanca"
    ),
    ("rate_ratio", FALSE, "works every Sunday, protests on Sundays and other days"): lambda rng: (
        _land(
            {"type": "rate_ratio", "entity": LAND}, _sundays(rng), weeks=16,
            days=tuple(sorted({
                *(int(7 * week + 6) for week in rng.permutation(16)[:6]),
                *(int(one) for one in rng.choice(np.arange(2, 110), 4, replace=False)),
            })),
        )
    ),
    ("disrupted", FALSE, "works every Sunday, protest on one"): lambda rng: _land(
        _DISRUPTED, _sundays(rng), days=(34,), weeks=16
    ),
    ("disrupted", UNDECIDABLE, "a long power cut on the day, and dated"): lambda rng: _land(
        _DISRUPTED, [*_power_cuts(rng), (_at(rng), rng.uniform(30, 60), 0.95)], weeks=16,
        also=_power_cut_on(29),
    ),
    ("mobile_only", FALSE, "a power cut of fixed lines the same hour"): lambda rng: _networks(
        "mobile_only", mobile=[((at := _at(rng)), 20.0, (share := _deep(rng)))],
        fixed=[(at, rng.uniform(2, 4), share)],
    ),
    **RECORD_WORLDS,
}  # fmt: skip
"""How worlds are made, by the type of their claim, its truth, and what they are."""
