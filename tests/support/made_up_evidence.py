"""Outages, stages and events made up for tests of claims, around one moment of November 2019."""

from __future__ import annotations

import pandas as pd

from darkdays.case import case as cases
from darkdays.contracts.events import read_csv
from darkdays.detect.outages.outages import COLUMNS
from darkdays.detect.outages.recovery import STAGE_COLUMNS
from darkdays.evidence.evidence import Evidence, Specification

IRAN = cases.load("iran-2019")
BASE = pd.Timestamp("2019-11-16 12:00", tz="UTC")
HEADER = "kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"
PROTEST = HEADER + "protest,2019-11-15,,Asia/Tehran,day,IR,,rally,somebody,\n"
SPECIFICATION = Specification(0.95, 0.1, ("ioda.bgp",))


def outage(entity, onset, *, lasts=None, datasource="ioda.bgp", doubt=0.1):
    """An outage by hours after BASE; not back by the end of the record without ``lasts``."""
    hour = pd.Timedelta(hours=1)
    row = dict.fromkeys(COLUMNS, pd.NaT)
    begin = BASE + onset * hour
    row |= {"entity": entity, "datasource": datasource, "depth": 0.9, "p": 1e-6}
    row |= {"onset": begin, "onset_low": begin - doubt * hour, "onset_high": begin + doubt * hour}
    row |= {"last_seen": BASE + 200 * hour, "samples": 10, "baseline": 100.0}
    if lasts is not None:
        end = begin + lasts * hour
        row |= {"recovery": end, "recovery_low": end - doubt * hour}
        row |= {"recovery_high": end + doubt * hour, "restored": end}
    return row


def stage(entity, start, new_ground=True, sustained=True):
    row = dict.fromkeys(STAGE_COLUMNS, BASE + pd.Timedelta(hours=start))
    row |= {"entity": entity, "datasource": "ioda.bgp", "level_before": 0.1, "level_after": 0.3}
    return row | {"new_ground": new_ground, "sustained": sustained}


def evidence(
    rows,
    *,
    stages=(),
    events=PROTEST,
    measured=None,
    days=10,
    case=IRAN,
    specification=SPECIFICATION,
    analyses=(),
    drivers=(),
):
    """Everything a verdict may look at, in a record from two days before BASE on."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in COLUMNS:
        if name.startswith(("onset", "recovery", "restored", "last")):
            table[name] = pd.to_datetime(table[name], utc=True)
    everyone = frozenset(entity.id for entity in case.measured)
    return Evidence(
        case=case,
        specification=specification,
        outages=table,
        stages=pd.DataFrame(stages, columns=list(STAGE_COLUMNS)),
        events=read_csv(events.encode(), "events"),
        record=pd.DatetimeIndex([BASE - pd.Timedelta(days=2), BASE + pd.Timedelta(days=days - 3)]),
        measured=everyone if measured is None else frozenset(measured),
        analyses=tuple(analyses),
        drivers=tuple(drivers),
    )


def protests(days, *, place="IR", source="somebody", zone="Asia/Tehran"):
    """Rows of whole days of protest, by days after BASE."""
    return "".join(
        f"protest,{BASE + pd.Timedelta(days=day):%Y-%m-%d},,{zone},day,{place},,rally,{source},\n"
        for day in days
    )


def claim(name):
    return next(one for one in IRAN.claims if one.id == name)
