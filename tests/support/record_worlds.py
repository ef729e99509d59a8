"""Records of sites, speeds, users and shares with known truth, judged as those of a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.case.case import Case
from darkdays.claims.records.records import Records, judged
from darkdays.contracts.events import read_csv
from darkdays.detect.blocking.sites import sites_of
from darkdays.simulate.signals import simulated_tree
from darkdays.sources.mlab import mlab_histograms

TRUE, FALSE, UNDECIDABLE = "true", "false", "undecidable"
START = pd.Timestamp("2021-04-05", tz="UTC")
DAYS = 56
LONG = 168
"""Days of a record in which one date in twenty can be meant."""
PLACE, ELSEWHERE = "country/CU", "country/TR"
HEAD = "kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"
USERS, DELAY, SPEED, LEFT = (
    "tor.relay-users", "ioda.ping-slash24-latency", "mlab.download", "ioda.ping-slash24",
)  # fmt: skip
EDGES = np.array([0.562, 1.78, 5.62, 17.8, 56.2, 178, 562, 1778, 5623])
Floats = np.ndarray[Any, np.dtype[np.float64]]


def _day(number: float) -> str:
    return f"{START + pd.Timedelta(days=number):%Y-%m-%dT%H:%MZ}"


@dataclass
class RecordWorld:
    """One claim about records, and what its tables and signals hold."""

    claim: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    signals: dict[str, dict[str, Floats]] = field(default_factory=dict)
    event: float | None = None
    days: int = DAYS
    rows: str = ""

    def verdict(self, _: np.random.Generator) -> str:
        """Judge the claim as a case's."""
        event = "" if self.event is None else f"protest,{_day(self.event)[:10]},,UTC,day,CU,,g,g,\n"
        case = Case.model_validate(
            {
                "name": "generated", "title": "Generated", "question": "Is the verdict right?",
                "summary": "SIMULATED records of known truth.", "place": "CU",
                "window": {"start": _day(0), "end": _day(self.days)}, "time_zone": "UTC",
                "entities": [
                    {"id": one, "name": one, "network": "country"} for one in (PLACE, ELSEWHERE)
                ],
                "signals": [{"datasource": USERS, "source": "published"}],
                "events": [{"source": "facts"}],
                "tables": [{"source": "ooni-measurements", "name": one} for one in self.tables],
                "claims": [{"id": "c", "statement": "g", "origin": "g", **self.claim}],
            }
        )  # fmt: skip
        trees = {
            name: simulated_tree(
                rows, pd.date_range(START.tz_localize(None), periods=self.days), name
            )[name].to_dataset()
            for name, rows in self.signals.items()
        }
        records = Records(
            case=case, level=0.95, signals=xr.DataTree.from_dict(trees), tables=self.tables,
            observed=sites_of(self.tables, 0.95).observed,
            events=read_csv((HEAD + event + self.rows).encode(), "events"),
        )  # fmt: skip
        return next(judged(case.claims[0], records))[1].verdict


# --- sites ----------------------------------------------------------------------------------------


def _measured(
    rng: np.random.Generator,
    share: Callable[[float], float],
    *,
    a_day: float = 3.0,
    until: float = DAYS,
    gap: tuple[float, float] = (0.0, 0.0),
    way: Callable[[float], str] = lambda _: "dns",
    networks: int = 1,
) -> pd.DataFrame:
    """Return measurements of a.org, failed ones among them, in bursts as volunteers make them."""
    at = np.sort(rng.uniform(0, until, rng.poisson(a_day * until)))
    at = np.repeat(at, rng.integers(1, 4, at.size)) + rng.uniform(0, 0.01)
    at = at[(at < gap[0]) | (at >= gap[1])]
    blocked = rng.random(at.size) < np.array([share(one) for one in at])
    return pd.DataFrame(
        {
            "measurement_start_time": START + pd.to_timedelta(at, "D"),
            "probe_asn": 27725 + rng.integers(0, networks, at.size),
            "test_name": "web_connectivity", "domain": "www.a.org", "anomaly": blocked,
            "confirmed": False, "failure": rng.random(at.size) < 0.05,
            "blocking_type": [
                way(day) if one else None for day, one in zip(at, blocked, strict=True)
            ],
        }
    )  # fmt: skip


def _site(
    kind: str, here: pd.DataFrame, there: pd.DataFrame | None = None, **also: Any
) -> RecordWorld:
    tables = {"here": here} | ({} if there is None else {"there": there})
    claim = {
        "type": kind, "tables": ["here"], "sites": ["a.org"], "start": _day(28), "end": _day(35),
        **({} if there is None else {"elsewhere": ["there"]}), **also,
    }  # fmt: skip
    return RecordWorld(claim, tables)


def _within(first: float, last: float, inside: float, outside: float) -> Callable[[float], float]:
    return lambda day: inside if first <= day < last else outside


_SOME = 0.03
"""Share of measurements of an open site that fail by themselves."""
_WAYS: dict[str, Any] = {"before": ["http-diff"], "after": ["tcp_ip"]}


def _ways(change: float) -> Callable[[float], str]:
    return lambda day: "http-diff" if day < change else "tcp_ip"


def _back(rng: np.random.Generator, day: float, **how: Any) -> RecordWorld:
    return _site("unblocked", _measured(rng, _within(7, day, 0.96, _SOME), **how))


# --- users, delays and speeds ---------------------------------------------------------------------


def _daily(
    rng: np.random.Generator, level: float, phi: float = 0.4, spread: float = 0.1, days: int = DAYS
) -> Floats:
    noise = np.zeros(days)
    shocks = rng.normal(0, spread * np.sqrt(1 - phi**2), days)
    noise[0] = rng.normal(0, spread)
    for day in range(1, days):
        noise[day] = phi * noise[day - 1] + shocks[day]
    week = 0.1 * (np.arange(days) % 7 >= 5)
    return np.asarray(level * np.exp(noise - week), dtype=np.float64)


def _surge(
    rng: np.random.Generator, rise: float | None, times: float = 4.0, *, world: bool = False,
    lasts: float = LONG, gap: tuple[int, int] = (0, 0), trend: float = 0.0, fall: int = 0,
) -> RecordWorld:  # fmt: skip
    """Return users who multiply days after the protest, here or all over the world.

    With a fall they are few from so many days before it to three after.
    """
    rows = {}
    for entity in (PLACE, ELSEWHERE):
        users = np.round(_daily(rng, 2000.0, days=LONG) * np.exp(trend * np.arange(LONG)))
        if rise is not None and (world or entity == PLACE):
            users[80 + int(rise) : 80 + int(rise + lasts)] *= times
        users[80 - fall : 83] *= 0.2 if fall and entity == PLACE else 1.0
        users[80 + gap[0] : 80 + gap[1]] = np.nan
        rows[entity] = users
    claim = {
        "type": "surge_after_event", "entity": PLACE, "datasource": USERS,
        "compared_with": [ELSEWHERE],
    }  # fmt: skip
    return RecordWorld(claim, signals={USERS: rows}, event=80, days=LONG)


def _surges(rng: np.random.Generator, count: int) -> RecordWorld:
    """Return users who multiply for five days, so many times, whenever the protest was."""
    world = _surge(rng, None)
    for first in rng.integers(0, LONG - 5, count):
        world.signals[USERS][PLACE][first : first + 5] *= 4.0
    return world


def _slow(
    rng: np.random.Generator, delay: float, speed: float, left: float = 1.0, *, days: int = 7,
    phi: float = 0.4,
) -> RecordWorld:  # fmt: skip
    """Return delays, speeds and who is counted, multiplied on some days from day 28 on."""
    signals = {}
    for name, level, times in ((DELAY, 90.0, delay), (SPEED, 6.0, speed), (LEFT, 900.0, left)):
        values = _daily(rng, level, phi)
        values[28 : 28 + days] *= times
        signals[name] = {PLACE: values}
    claim = {"type": "throttled", "entity": PLACE, "start": _day(28), "end": _day(28 + days)}
    return RecordWorld(claim, signals=signals)


def _tests(
    rng: np.random.Generator, times: float, *, days: int = 7, fewer: float = 1.0, phi: float = 0.0,
    kept: float = 0.0,
) -> RecordWorld:  # fmt: skip
    """Return speed tests of days that share their day's state.

    Parameters
    ----------
    times
        Speed on the days in question.
    fewer
        Tests on them.
    kept
        Share of the fastest who do not test on them, for whatever reason.
    """
    rows = []
    center = np.log(_daily(rng, 9.0, phi, 0.15))
    center[28 : 28 + days] += np.log(times)
    for number in range(DAYS):
        inside = 28 <= number < 28 + days
        count = int(rng.poisson(300 * (fewer if inside else 1.0)))
        speeds = np.sort(np.exp(rng.normal(center[number], 0.8, count)))
        if inside and kept:
            speeds = speeds[: int(len(speeds) * (1 - kept))]
        counts, _ = np.histogram(speeds, EDGES)
        told = np.quantile(speeds, [0, 0.25, 0.5, 0.75, 1])
        day = START + pd.Timedelta(days=number)
        for place, tests in enumerate(counts):
            low = 0.0 if place == 0 else EDGES[place]
            rows.append((PLACE, day, "download", low, EDGES[place + 1], tests, len(speeds), *told))
    claim = {
        "type": "throughput_drop", "tables": ["speeds"], "entity": PLACE, "start": _day(28),
        "end": _day(28 + days),
    }  # fmt: skip
    return RecordWorld(claim, {"speeds": pd.DataFrame(rows, columns=list(mlab_histograms.COLUMNS))})


# --- published tables, addresses, headers ---------------------------------------------------------


def _shares(shares: Floats, *, herfindahl: bool = False, days: Floats | None = None) -> RecordWorld:
    """Return the largest share by tables of some dates, or its square where no other has any."""
    dates = START + pd.to_timedelta(
        np.linspace(1, DAYS - 2, len(shares)) if days is None else days, "D"
    )
    dates = dates.floor("D")
    table = pd.DataFrame(
        {"entity": PLACE, "measure": "users", "first": dates, "last": dates, "tables": 1,
         "share": np.nan if herfindahl else shares,
         "herfindahl": shares**2 if herfindahl else np.nan, "largest": "", "reference": "g"}
    )  # fmt: skip
    claim = {
        "type": "largest_share", "tables": ["shares"], "entity": PLACE, "measure": "users",
        "at_least": 0.9,
    }  # fmt: skip
    return RecordWorld(claim, {"shares": table})


def _routed(rng: np.random.Generator, low: float, high: float) -> RecordWorld:
    values = rng.uniform(low, high, DAYS)
    values[rng.random(DAYS) < 0.1] = np.nan
    return RecordWorld(
        {"type": "single_provider", "entity": PLACE, "at_least": 0.9},
        signals={"ripestat.largest-share": {PLACE: values}},
    )


_HOURS: dict[str, Any] = {"type": "reports_agree", "entity": PLACE, "within_hours": 6.0}


def _said(*stated: tuple[float, str]) -> RecordWorld:
    """Return reports of when an outage began: hours after day 28, each as precise as it is."""
    rows = ""
    for number, (hour, precision) in enumerate(stated):
        form = "%Y-%m-%d" if precision == "day" else "%Y-%m-%dT%H:%MZ"
        when = f"{START + pd.Timedelta(hours=28 * 24 + hour):{form}}"
        rows += f"disruption,{when},,UTC,{precision},CU,,down,source {number},\n"
    return RecordWorld({**_HOURS, "start": _day(26), "end": _day(32)}, rows=rows)


def _lengths(*stated: tuple[float, float]) -> RecordWorld:
    """Return reports of how long an outage lasted, as bounds in hours, NaN where none is given."""
    table = pd.DataFrame(stated, columns=["hours_low", "hours_high"])
    table["source"] = [f"source {number}" for number in range(len(stated))]
    return RecordWorld({**_HOURS, "tables": ["lengths"]}, {"lengths": table})


def _apart(rng: np.random.Generator, low: float, high: float, count: int = 4) -> list[float]:
    """Return hours of reports of which the first and the last are so far apart."""
    begin, spread = _U(rng, 2, 40), _U(rng, low, high)
    return [begin, begin + spread, *_U(rng, begin, begin + spread, count - 2)]


def _pages(rng: np.random.Generator, seen: int, asked: int) -> RecordWorld:
    dates = [START + pd.Timedelta(days=9)] * (seen + 3)
    pages = np.concatenate([rng.integers(1, 40, seen), np.zeros(3, np.int64)])
    names = [f"s{number}.org" for number in range(seen + 3)]
    table = pd.DataFrame({"domain": names, "block_pages": pages, "first": dates, "last": dates})
    return RecordWorld({"type": "block_pages", "tables": ["p"], "at_least": asked}, {"p": table})


def _headers(rng: np.random.Generator, share: float, name: str = "server") -> RecordWorld:
    count = 200
    hit = rng.random(count) < share
    times = START + pd.to_timedelta(np.sort(rng.uniform(0, DAYS, count)), "D")
    table = pd.DataFrame(
        {"measurement_start_time": times,
         "probe_asn": 27725, "input": "http://a.org/", "domain": "a.org",
         "header": np.where(hit, name, "server"),
         "value": np.where(hit, "V2R2C00-IAE/1.0", "nginx")}
    )  # fmt: skip
    claim = {"type": "portal_fingerprint", "tables": ["h"], "contains": "V2R2C00-IAE"}
    return RecordWorld(claim, {"h": table})


def _whole(rng: np.random.Generator, low: int, high: int) -> float:
    return float(rng.integers(low, high))


_U = np.random.Generator.uniform

RECORD_WORLDS: dict[tuple[str, str, str], Callable[[np.random.Generator], RecordWorld]] = {
    ("site_blocked", TRUE, "for a month"): lambda rng: _site(
        "site_blocked", _measured(rng, _within(10, 40, 0.95, _SOME))
    ),
    ("site_blocked", TRUE, "open elsewhere"): lambda rng: _site(
        "site_blocked", _measured(rng, _within(10, 40, 0.95, _SOME), networks=2),
        _measured(rng, lambda _: _SOME, a_day=10),
    ),
    ("site_blocked", FALSE, "open"): lambda rng: _site(
        "site_blocked", _measured(rng, lambda _: _SOME)
    ),
    ("site_blocked", FALSE, "down all over the world"): lambda rng: _site(
        "site_blocked", _measured(rng, _within(27, 36, 0.95, _SOME)),
        _measured(rng, _within(27, 36, 0.95, _SOME), a_day=10),
    ),
    ("site_blocked", FALSE, "open on those days, blocked before and after"): lambda rng: _site(
        "site_blocked", _measured(rng, _within(28, 35, _SOME, 0.95))
    ),
    ("site_blocked", UNDECIDABLE, "three measurements"): lambda rng: _site(
        "site_blocked", _measured(rng, _within(10, 40, 0.95, _SOME), a_day=0.15)
    ),
    ("site_blocked", UNDECIDABLE, "every measurement failed"): lambda rng: _site(
        "site_blocked", _measured(rng, _within(10, 40, 0.95, _SOME)).assign(failure=True)
    ),
    ("site_blocked", UNDECIDABLE, "half of the time"): lambda rng: _site(
        "site_blocked", _measured(rng, _within(31.5, 50, 0.97, _SOME))
    ),
    ("unblocked", TRUE, "on a day of the week claimed"): lambda rng: _back(rng, _U(rng, 29, 33)),
    ("unblocked", FALSE, "still blocked"): lambda rng: _back(rng, 50),
    ("unblocked", FALSE, "the week before"): lambda rng: _back(rng, _U(rng, 18, 25)),
    ("unblocked", FALSE, "never blocked"): lambda rng: _site(
        "unblocked", _measured(rng, lambda _: _SOME)
    ),
    ("unblocked", UNDECIDABLE, "measurements end"): lambda rng: _back(
        rng, _U(rng, 31, 34), until=30
    ),
    ("unblocked", UNDECIDABLE, "in a gap into the week claimed"): lambda rng: _back(
        rng, 26, gap=(24, _U(rng, 29, 32))
    ),
    ("blocking_changed", TRUE, "in the week claimed"): lambda rng: _site(
        "blocking_changed",
        _measured(rng, _within(7, 99, 0.95, _SOME), way=_ways(_U(rng, 29, 33))), **_WAYS,
    ),
    ("blocking_changed", FALSE, "the old way all along"): lambda rng: _site(
        "blocking_changed", _measured(rng, _within(7, 99, 0.95, _SOME), way=_ways(99)), **_WAYS
    ),
    ("blocking_changed", FALSE, "the week before"): lambda rng: _site(
        "blocking_changed",
        _measured(rng, _within(7, 99, 0.95, _SOME), way=_ways(_U(rng, 15, 25))), **_WAYS,
    ),
    ("blocking_changed", FALSE, "the week after"): lambda rng: _site(
        "blocking_changed",
        _measured(rng, _within(7, 99, 0.95, _SOME), way=_ways(_U(rng, 37, 45))), **_WAYS,
    ),
    ("blocking_changed", UNDECIDABLE, "measurements end"): lambda rng: _site(
        "blocking_changed",
        _measured(rng, _within(7, 99, 0.95, _SOME), way=_ways(33), until=30), **_WAYS,
    ),
    ("surge_after_event", TRUE, "fourfold within a week"): lambda rng: _surge(
        rng, _whole(rng, 1, 7)
    ),
    ("surge_after_event", TRUE, "doubled for a month"): lambda rng: _surge(
        rng, _whole(rng, 1, 7), 2.0, lasts=30
    ),
    ("surge_after_event", TRUE, "fourfold for seven days"): lambda rng: _surge(
        rng, _whole(rng, 1, 7), lasts=7
    ),
    ("surge_after_event", FALSE, "by a twentieth"): lambda rng: _surge(
        rng, _whole(rng, 1, 7), 1.05
    ),
    ("surge_after_event", FALSE, "none"): lambda rng: _surge(rng, None),
    ("surge_after_event", FALSE, "before the event"): lambda rng: _surge(rng, -_whole(rng, 2, 20)),
    ("surge_after_event", FALSE, "all over the world"): lambda rng: _surge(
        rng, _whole(rng, 1, 7), world=True
    ),
    ("surge_after_event", FALSE, "steady growth"): lambda rng: _surge(
        rng, None, trend=_U(rng, 0.003, 0.01)
    ),
    ("surge_after_event", FALSE, "back from a fall"): lambda rng: _surge(
        rng, None, fall=int(_whole(rng, 1, 10))
    ),
    ("surge_after_event", FALSE, "three weeks after"): lambda rng: _surge(
        rng, _whole(rng, 17, 30)
    ),
    ("surge_after_event", FALSE, "eight surges at random"): lambda rng: _surges(rng, 8),
    ("surge_after_event", UNDECIDABLE, "in a gap over the event"): lambda rng: _surge(
        rng, _whole(rng, -3, 4), gap=(-6, 7)
    ),
    ("throughput_drop", TRUE, "half as fast for a week"): lambda rng: _tests(rng, 0.5),
    ("throughput_drop", TRUE, "half as fast for three days"): lambda rng: _tests(rng, 0.5, days=3),
    ("throughput_drop", FALSE, "nothing"): lambda rng: _tests(rng, 1.0),
    ("throughput_drop", FALSE, "nothing, three days"): lambda rng: _tests(rng, 1.0, days=3),
    ("throughput_drop", FALSE, "days like their neighbours"): lambda rng: _tests(rng, 1, phi=0.7),
    ("throughput_drop", FALSE, "the fastest do not test"): lambda rng: _tests(
        rng, 1.0, kept=0.3
    ),
    ("throughput_drop", FALSE, "half as many tests"): lambda rng: _tests(rng, 1.0, fewer=0.5),
    ("throttled", TRUE, "twice the delay, half the speed"): lambda rng: _slow(rng, 2.0, 0.5),
    ("throttled", FALSE, "nothing"): lambda rng: _slow(rng, 1.0, 1.0),
    ("throttled", FALSE, "nothing, three days like their neighbours"): lambda rng: _slow(
        rng, 1.0, 1.0, days=3, phi=0.8
    ),
    ("throttled", FALSE, "delay alone"): lambda rng: _slow(rng, 2.0, 1.0),
    ("throttled", UNDECIDABLE, "a third is left to measure"): lambda rng: _slow(
        rng, 2.0, 0.5, 0.33
    ),
    ("largest_share", TRUE, "at every date"): lambda rng: _shares(_U(rng, 0.91, 0.99, 6)),
    ("largest_share", FALSE, "less at some date"): lambda rng: _shares(
        np.append(_U(rng, 0.91, 0.99, 5), _U(rng, 0.5, 0.88))
    ),
    ("largest_share", FALSE, "less, concentration alone"): lambda rng: _shares(
        _U(rng, 0.4, 0.85, 4), herfindahl=True
    ),
    ("largest_share", UNDECIDABLE, "tables of other years"): lambda rng: _shares(
        _U(rng, 0.2, 0.99, 4), days=np.array([-400.0, -300, 400, 500])
    ),
    ("single_provider", TRUE, "nine tenths and more"): lambda rng: _routed(rng, 0.91, 0.99),
    ("single_provider", FALSE, "less at all times"): lambda rng: _routed(rng, 0.3, 0.89),
    ("single_provider", UNDECIDABLE, "not measured"): lambda _: RecordWorld(
        {"type": "single_provider", "entity": PLACE}
    ),
    ("block_pages", TRUE, "as many as claimed"): lambda rng: _pages(rng, 20, 20),
    ("block_pages", FALSE, "fewer than claimed"): lambda rng: _pages(rng, 12, 20),
    ("reports_agree", TRUE, "when, within five hours"): lambda rng: _said(
        *((hour, "10-minutes") for hour in _apart(rng, 0, 5))
    ),
    ("reports_agree", TRUE, "and one that gives the day alone"): lambda rng: _said(
        *((hour, "10-minutes") for hour in _apart(rng, 0, 5)), (12, "day")
    ),
    ("reports_agree", FALSE, "when, a quarter of a day apart and more"): lambda rng: _said(
        *((hour, "10-minutes") for hour in _apart(rng, 6.5, 30))
    ),
    ("reports_agree", UNDECIDABLE, "when, to an hour, about the difference claimed"): lambda rng: (
        _said(*((hour, "hour") for hour in _apart(rng, 5.99, 6.01, 2)))
    ),
    ("reports_agree", UNDECIDABLE, "two that give the day alone"): lambda rng: _said(
        *((hour, "day") for hour in _apart(rng, 0, 24, 2))
    ),
    ("reports_agree", TRUE, "how long, to two hours"): lambda rng: _lengths(
        *((hour - 1, hour + 1) for hour in _apart(rng, 0, 3.9))
    ),
    ("reports_agree", FALSE, "how long, half a day apart"): lambda rng: _lengths(
        *((hour - 1, hour + 1) for hour in _apart(rng, 9, 20)), (2.0, np.nan)
    ),
    ("reports_agree", UNDECIDABLE, "how long, some by one bound"): lambda rng: _lengths(
        *((hour - 1, hour + 1) for hour in _apart(rng, 0, 3, 2)), (_U(rng, 0, 1), np.nan)
    ),
    ("portal_fingerprint", TRUE, "in a tenth of the answers"): lambda rng: _headers(rng, 0.1),
    ("portal_fingerprint", FALSE, "nowhere"): lambda rng: _headers(rng, 0.0),
    ("portal_fingerprint", FALSE, "in another header"): lambda rng: _headers(rng, 0.1, "via"),
}  # fmt: skip
"""How records are made, by the type of their claim, its truth, and what they are."""
