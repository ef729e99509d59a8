"""Outages of known depth put into real records: how deep one has to be to be found.

The records are public ones kept beside the project, read in place and never copied; only the
stretches before known shutdowns are used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.outages import analyse_all, outages_of, prepare_all

DEPTHS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
PLACES = 12
YEAR = pd.Timedelta(days=365)
JANUARY = pd.Timestamp("2026-01-08")
_IODA = {
    "ioda.gtr": "Google (Search)",
    "ioda.merit-nt": "Telescope (# Unique Source IPs)",
    "ioda.bgp": "BGP (#Visible /24s)",
    "ioda.ping-slash24": "Active Probing (#/24s Up)",
}


@dataclass(frozen=True)
class Record:
    """Signals of one datasource, entities as columns, naive UTC."""

    what: str
    datasource: str
    table: pd.DataFrame
    step: pd.Timedelta
    time_zone: str

    def tree(self, table: pd.DataFrame | None = None) -> xr.DataTree:
        """Return them, or a changed copy of them, as signals of a case."""
        shown = self.table if table is None else table
        node = xr.Dataset(
            {"value": (("entity", "time"), shown.to_numpy(np.float64).T)},
            coords={"entity": np.array(list(shown.columns), dtype=object), "time": shown.index},
            attrs={"step_seconds": int(self.step.total_seconds())},
        )
        return xr.DataTree.from_dict({self.datasource: node})


def records(data: Path) -> list[Record]:
    """Read the records that are there."""
    found = []
    home = data / "measurements"
    path = home / "ioda" / "ioda_IR_country_normalized_2025-12_2026-01.csv"
    if path.exists():
        whole = pd.read_csv(path, parse_dates=[0], index_col=0)
        for datasource, column in _IODA.items():
            table = whole.loc[whole.index < JANUARY, [column]].set_axis(["country/IR"], axis=1)
            found.append(_record("IODA, Iran", datasource, table, "30min", "Asia/Tehran"))
    path = home / "tor" / "snowflake-paper_userstats-relay-country.csv"
    if path.exists():
        table = pd.read_csv(path, comment="#", parse_dates=["date"]).set_index("date")[["users"]]
        found.append(_record("Tor, the world", "tor.relay-users", table, "1D", "UTC"))
    path = home / "tor" / "snowflake-paper_userstats-bridge-transport.csv"
    if path.exists():
        rows = pd.read_csv(path, comment="#", parse_dates=["date"])
        table = rows.pivot_table(index="date", columns="transport", values="users")
        found.append(_record("Tor, by transport", "tor.bridge-users", table, "1D", "UTC"))
    path = home / "ooni" / "detector_query_ww_BR_2018.json"
    if path.exists():
        days = [row["measurement_start_time"] for row in json.loads(path.read_text())]
        counts = pd.Series(1.0, index=pd.DatetimeIndex(days).normalize()).groupby(level=0).sum()
        table = counts.resample("1D").sum().to_frame("country/BR")
        found.append(
            _record("OONI, one site in Brazil", "ooni.measurement-count", table, "1D", "UTC")
        )
    path = home / "monash" / "irn-2019-11-11_gif.csv"
    if path.exists():
        rows = pd.read_csv(path)
        shown = pd.to_datetime(rows["time_e_str"], format="%d-%b-%Y %H:%M:%S")
        rows["time"] = shown - pd.Timedelta("3h30min")
        table = rows.pivot_table(index="time", columns="name_2", values="connectivity")
        table = table[table.index < pd.Timestamp("2019-11-15")]
        found.append(
            _record("Monash, counties of Iran", "connectivity", table, "1h", "Asia/Tehran")
        )
    path = home / "ripestat" / "AS49666_neighbour_history_2025-10_2026-01.csv"
    if path.exists():
        spans = pd.read_csv(path, parse_dates=["start", "end"])
        times = pd.date_range("2025-10-15", JANUARY, freq="8h", inclusive="left")
        inside = [((spans["start"] <= time) & (spans["end"] > time)).sum() for time in times]
        table = pd.DataFrame({"asn/49666": inside}, index=times)
        found.append(_record("RIPEstat, AS49666", "ripestat.neighbours", table, "8h", "UTC"))
    path = home / "cloudflare" / "tonga_netflows_daily_2022-01_03.csv"
    if path.exists():
        rows = pd.read_csv(path)
        rows["time"] = pd.to_datetime(rows["time"]).dt.tz_localize(None)
        rows = rows[rows["time"] >= pd.Timestamp("2022-02-23")]
        table = rows.set_index("time")[["value"]].set_axis(["country/TO"], axis=1)
        found.append(_record("Cloudflare, Tonga", "cloudflare.netflows", table, "1D", "UTC"))
    return found


def _record(what: str, datasource: str, table: pd.DataFrame, step: str, zone: str) -> Record:
    width = pd.Timedelta(step)
    grid = table.groupby(table.index.floor(width)).mean()
    grid = grid.reindex(pd.date_range(grid.index[0], grid.index[-1], freq=width))
    return Record(what, datasource, grid, width, zone)


def sensitivities(data: Path) -> str:
    """Return the table: false outages as they are, and the depth found half of the time."""
    rows = [_row(one) for one in records(data)]
    if not rows:
        return f"No records at {data}: not measured."
    head = (
        "| datasource | record | signals, days | entries a year, default | false a year, default "
        "| least depth for one a year | found half the time, short | found half the time, long |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    note = (
        "Default: outages of 10 % or more found in the record as it is, a year of signal: all that "
        "are listed, and those that may become findings, which no label sets aside (lasting, rise, "
        "low day, rhythm, candidate); the columns after them are of the latter. A record of a few "
        "weeks without any says only that there is less than one in those weeks. *Least "
        "depth*: what `min_depth` has to be for at most one a year there. *Found half the time*: "
        "depth at which half of the outages put in at that setting are found (overlap at least "
        f"half), {PLACES} places a signal, drawn once; short is 5 hours or 3 bins, long is 36 "
        "hours or 5 bins, whichever is more. Real records hold real outages that nobody listed: "
        "false is an upper bound. Fourteen days of OONI's counts of Iran are too few to be judged."
    )
    return "\n".join([head, *rows]) + f"\n\n{note}"


def _row(record: Record) -> str:
    days = (record.table.index[-1] - record.table.index[0] + record.step) / pd.Timedelta(days=1)
    title = f"| {record.datasource} | {record.what} | {record.table.shape[1]}, {days:.0f} |"
    prepared, _ = prepare_all(record.tree(), record.time_zone)
    if not prepared:
        return f"{title} not judged: too short | - | - | - | - |"
    years = days * pd.Timedelta(days=1) / YEAR * len(prepared)
    analyses = analyse_all(prepared, 0.95)
    tables = {depth: outages_of(analyses, min_depth=depth) for depth in _settings()}
    found = {depth: len(trusted(table)) for depth, table in tables.items()}
    title = f"{title} {len(tables[0.1]) / years:.1f} |"
    usable = [depth for depth, count in found.items() if count <= max(years, 0.999)]
    if not usable:
        return f"{title} {found[0.1] / years:.1f} | none | - | - |"
    least = usable[0]
    halves = [
        _half(record, least, max(pd.Timedelta(hours=hours), bins * record.step))
        for hours, bins in ((5, 3), (36, 5))
    ]
    shown = " | ".join("not even 100 %" if half is None else f"{half:.0%}" for half in halves)
    return f"{title} {found[0.1] / years:.1f} | {least:.0%} | {shown} |"


def _settings() -> list[float]:
    return [round(float(depth), 2) for depth in np.arange(0.1, 1.0, 0.05)]


def _half(record: Record, min_depth: float, lasts: pd.Timedelta) -> float | None:
    """Return the depth at which half of the outages put in are found, between those tried."""
    rng = np.random.default_rng(3)
    bins = int(lasts / record.step)
    room = len(record.table) - 2 * bins
    columns = list(record.table.columns)[:20]
    starts = rng.integers(bins, max(room, bins + 1), size=PLACES)
    shares = []
    for depth in DEPTHS:
        hits = total = 0
        for start in starts:
            hit, tried = _found(record, columns, int(start), bins, depth, min_depth)
            hits, total = hits + hit, total + tried
        shares.append(hits / total if total else 0.0)
    above = np.flatnonzero(np.array(shares) >= 0.5)
    if above.size == 0:
        return None
    number = int(above[0])
    if number == 0 or shares[number] == shares[number - 1]:
        return DEPTHS[number]
    part = (0.5 - shares[number - 1]) / (shares[number] - shares[number - 1])
    return DEPTHS[number - 1] + part * (DEPTHS[number] - DEPTHS[number - 1])


def _found(
    record: Record, columns: list[str], start: int, bins: int, depth: float, min_depth: float
) -> tuple[int, int]:
    changed: NDArray[np.float64] = record.table[columns].to_numpy(np.float64).copy()
    inside = slice(start, start + bins)
    whole = bool((np.nan_to_num(changed) == np.round(np.nan_to_num(changed))).all())
    lower = changed[inside] * (1 - depth)
    changed[inside] = np.round(lower) if whole else lower
    seen = np.isfinite(changed[inside]).mean(axis=0) >= 0.5
    table = pd.DataFrame(changed, index=record.table.index, columns=columns)
    prepared, _ = prepare_all(record.tree(table), record.time_zone)
    found = trusted(outages_of(analyse_all(prepared, 0.95), min_depth=min_depth))
    begin, end = table.index[start], table.index[start] + bins * record.step
    hits = set()
    for row in found.itertuples():
        first = row.first_seen if pd.isna(row.onset) else row.onset
        last = row.last_seen if pd.isna(row.recovery) else row.recovery
        first, last = first.tz_localize(None), last.tz_localize(None)
        both = (min(last, end) - max(first, begin)) / (max(last, end) - min(first, begin))
        if both >= 0.5:
            hits.add(row.entity)
    judged = [name for name, enough in zip(columns, seen, strict=True) if enough]
    return sum(name in hits for name in judged), len(judged)
