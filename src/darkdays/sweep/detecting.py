"""One entity judged: everything that its own signals tell, without those of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.detect.agreement import agreement
from darkdays.detect.analysis import Analysis, Prepared, prepare
from darkdays.detect.changes import SHORT, change_points
from darkdays.detect.descent import descents
from darkdays.detect.outages import analyse_all, found_in, in_order
from darkdays.detect.recovery import recovery_stages
from darkdays.errors import DarkdaysError
from darkdays.signals import Signal
from darkdays.sweep.parts import Tables, columns, empty
from darkdays.sweep.work import Settings

_DAY: Final = pd.Timedelta(days=1)
_MEASURED: Final = 0.5
"""A day of which less was measured has no median."""
_NAMES: Final = ("signals", "outages", "stages", "steps", "agreement", "change-points", "failures")


@dataclass
class Judged:
    """What is known of one entity so far: rows of every table, and why signals have none."""

    entity: str
    rows: dict[str, list[pd.DataFrame]]

    @classmethod
    def of(cls, entity: str) -> Judged:
        """Return an entity of which nothing is known yet."""
        return cls(entity, {name: [] for name in _NAMES})

    def add(self, name: str, table: pd.DataFrame, **more: Any) -> None:
        """Add rows to a table, with the columns that say what they belong to."""
        if len(table):
            self.rows[name].append(table.assign(**more)[columns(name)])

    def fail(self, datasource: str, reason: str) -> None:
        """Note that a signal cannot be judged."""
        row = {"entity": self.entity, "datasource": datasource, "reason": reason}
        self.add("failures", pd.DataFrame([row]))

    def forget(self, datasource: str) -> None:
        """Drop the rows of a signal."""
        for name, tables in self.rows.items():
            self.rows[name] = [one[one["datasource"] != datasource] for one in tables]


def judge(
    entity: str,
    datasources: Iterable[str],
    read: Callable[[str, str], Signal],
    time_zone: str,
    settings: Settings,
    hide: str = "",
) -> Judged:
    """Judge the signals of an entity; one that cannot be judged is named and keeps no other.

    Parameters
    ----------
    entity, datasources
        Whose signals.
    read
        Reads one of them.
    time_zone
        Whose clock their season keeps.
    settings
        Of the sweep.
    hide
        A path that must not end up in a reason.
    """
    found = Judged.of(entity)
    prepared = []
    for datasource in datasources:
        try:
            one = _one_signal(found, read(entity, datasource), time_zone, settings)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the other signals go on
            found.forget(datasource)
            found.fail(datasource, _reason(error, hide))
        else:
            prepared += [one] if one is not None else []
    for level in settings.levels:
        analyses = analyse_all(prepared, level)
        for depth in settings.min_depths:
            mine = _outages(found, level, depth)
            setting = {"level": level, "min_depth": depth}
            found.add("agreement", agreement(mine, analyses), **setting)
    return found


def tables_of(judged: Iterable[Judged]) -> Tables:
    """Return the tables of several entities."""
    listed = list(judged)
    found = {}
    for name in _NAMES:
        rows = [table for one in listed for table in one.rows[name] if len(table)]
        found[name] = pd.concat(rows, ignore_index=True) if rows else empty(name)
    return found


def analyses_of(
    entity: str, datasources: Iterable[str], read: Callable[[str, str], Signal], time_zone: str,
    level: float,
) -> list[Analysis]:  # fmt: skip
    """Analyse the signals of an entity once more; each of them was judged before."""
    prepared = [prepare(read(entity, datasource), time_zone) for datasource in datasources]
    return analyse_all([one for one in prepared if one is not None], level)


def _one_signal(
    found: Judged, signal: Signal, time_zone: str, settings: Settings
) -> Prepared | None:
    prepared = prepare(signal, time_zone)
    found.add("signals", _description(signal, prepared))
    found.add("change-points", _changes(signal, settings))
    if prepared is None:
        return None
    for level in settings.levels:
        analysis = prepared.analyse(level)
        for depth in settings.min_depths:
            setting = {"level": level, "min_depth": depth}
            outages = found_in([analysis], depth)
            found.add("outages", outages, **setting)
            # Each by itself: whether an outage may become a finding is known only in the end.
            for number in range(len(outages)):
                one = outages.iloc[[number]]
                of = {**setting, "outage": number}
                found.add("stages", recovery_stages([analysis], one), **of)
                found.add("steps", descents([analysis], one), **of)
    return prepared


def _outages(found: Judged, level: float, depth: float) -> pd.DataFrame:
    tables = [
        table
        for table in found.rows["outages"]
        if len(table) and (table["level"].iloc[0], table["min_depth"].iloc[0]) == (level, depth)
    ]
    return in_order(pd.concat(tables, ignore_index=True) if tables else empty("outages"))


def _description(signal: Signal, prepared: Prepared | None) -> pd.DataFrame:
    seen = np.flatnonzero(np.isfinite(signal.values))
    analysis = None if prepared is None else prepared.analyse(0.95)
    row = {
        "entity": signal.entity,
        "datasource": signal.datasource,
        "assessed": analysis is not None,
        "samples": seen.size,
        "missing": signal.values.size - seen.size,
        "first": signal.times[seen[0]] if seen.size else pd.NaT,
        "last": signal.times[seen[-1]] if seen.size else pd.NaT,
        "step_seconds": int(signal.step.total_seconds()),
        "baseline": np.nan if analysis is None else analysis.baseline,
        "sizable": analysis is not None and analysis.sizable,
        "notes": "" if analysis is None else "; ".join(analysis.notes),
    }
    return _moments(pd.DataFrame([row]), "first", "last")


def _changes(signal: Signal, settings: Settings) -> pd.DataFrame:
    kind = settings.change_points
    times, values = signal.observed()
    if kind == "none" or not values.size:
        return empty("change-points")
    step = signal.step
    by_day = kind == "day" or (kind == "auto" and values.size > SHORT)
    if by_day and step < _DAY:
        times, values, step = *_medians_of_days(signal), _DAY
        if not values.size:
            return empty("change-points")
    level = settings.levels[0]
    changes = change_points(values, times=times, level=level)
    table = pd.DataFrame(
        {
            "time": changes.times,
            "low": changes.intervals[:, 0],
            "high": changes.intervals[:, 1],
            "p": changes.p_values,
            "confirmed": changes.confirmed,
            "level_before": changes.levels[:-1],
            "level_after": changes.levels[1:],
        }
    ).assign(entity=signal.entity, datasource=signal.datasource, step=step.isoformat(), level=level)
    return _moments(table, "time", "low", "high")


def _medians_of_days(signal: Signal) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Return the medians of the days (UTC) of which at least half was measured."""
    series = pd.Series(signal.values, index=signal.times)
    by_day = series.resample("1D")
    whole = _DAY / signal.step
    medians = by_day.median()[by_day.count() >= _MEASURED * whole]
    return pd.DatetimeIndex(medians.index), medians.to_numpy(np.float64)


def _moments(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    for name in names:
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    return table


def _reason(error: Exception, hide: str) -> str:
    said = str(error).splitlines()[0] if str(error) else ""
    if not isinstance(error, DarkdaysError):
        said = f"{type(error).__name__}: {said}"
    return said.replace(hide, "") if hide else said
