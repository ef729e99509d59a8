"""One entity judged: everything that its own signals tell, without those of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.contracts.signals import Signal
from darkdays.detect.outages.agreement import agreement
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.fall_steps import falls_of
from darkdays.detect.outages.outages import analyse_all, found_in, in_order
from darkdays.detect.outages.prepared import prepare
from darkdays.detect.outages.recovery import stages_of
from darkdays.errors import DarkdaysError
from darkdays.files.writing import rows_of
from darkdays.sweep.tasks.parts import Tables, columns, empty, stacked
from darkdays.sweep.tasks.store import DamagedError, UnreadableError

_STATED_AT: Final = 0.95
"""Confidence at which a signal is described; its normal level hangs on none."""
_TABLES: Final = ("outages", "agreement", "change-points")
_ROWS: Final = ("signals", "stages", "steps", "failures")
Pair = tuple[float, float]
"""Level and least depth."""
At = Callable[[float], Analysis | None]
"""A signal prepared once, with intervals of a confidence; None where it cannot be judged."""
_MOMENTS: Final = {
    "signals": ("first", "last"),
    "stages": ("start", "start_low", "start_high", "end"),
    "steps": ("time", "low", "high"),
}


@dataclass
class Judged:
    """What is known of one entity so far.

    Attributes
    ----------
    rows
        Of tables that are made of rows, by name.
    tables
        Of the others, whole.
    """

    entity: str
    rows: dict[str, list[dict[str, Any]]]
    tables: dict[str, list[pd.DataFrame]]

    @classmethod
    def of(cls, entity: str) -> Judged:
        """Return an entity of which nothing is known yet."""
        return cls(entity, {name: [] for name in _ROWS}, {name: [] for name in _TABLES})

    def add(self, name: str, table: pd.DataFrame, **more: Any) -> None:
        """Add a table, with the columns that say what it belongs to."""
        if len(table):
            self.tables[name].append(table.assign(**more))

    def fail(self, datasource: str, reason: str) -> None:
        """Drop the rows of a signal, and note why it cannot be judged."""
        for name, rows in self.rows.items():
            self.rows[name] = [row for row in rows if row["datasource"] != datasource]
        for name, tables in self.tables.items():
            # A table is of one signal, as long as signals are judged.
            self.tables[name] = [one for one in tables if one["datasource"].iloc[0] != datasource]
        row = {"entity": self.entity, "datasource": datasource, "reason": reason}
        self.rows["failures"].append(row)

    @contextmanager
    def failing(self, datasource: str, hide: str) -> Iterator[None]:
        """Note why a signal cannot be judged, whatever it is: the others go on.

        What the system refuses is no fault of the signal, and ends the task.
        """
        try:
            yield
        except (MemoryError, OSError, DamagedError, UnreadableError):
            raise
        except Exception as error:  # noqa: BLE001
            self.fail(datasource, _reason(error, hide))

    def outages(self) -> pd.DataFrame:
        """Return the outages of all its signals."""
        mine = self.tables["outages"]
        return in_order(pd.concat(mine, ignore_index=True)) if mine else empty("outages")


def judge(
    entity: str,
    datasources: Iterable[str],
    read: Callable[[str, str], Signal],
    time_zone: str,
    pairs: Iterable[Pair],
    hide: str = "",
) -> dict[Pair, Judged]:
    """Judge the signals of an entity; one that cannot be judged is named and keeps no other.

    Parameters
    ----------
    entity, datasources
        Whose signals.
    read
        Reads one of them.
    time_zone
        Whose clock their season keeps.
    pairs
        Level and least depth; what is found under one hangs on no other.
    hide
        A path that must not end up in a reason.
    """
    found = {pair: Judged.of(entity) for pair in pairs}
    judged: dict[Pair, list[At]] = {pair: [] for pair in found}
    for datasource in datasources:
        at: At | None = None
        for pair, one in found.items():
            with one.failing(datasource, hide):
                if at is None:
                    signal = read(entity, datasource)
                    prepared = prepare(signal, time_zone)
                    at = cache(prepared.analyse) if prepared is not None else lambda _: None
                _one_signal(one, signal, at, pair)
                judged[pair].append(at)
    for (level, depth), one in found.items():
        mine = one.outages()
        if len(mine):
            analyses = [each for at in judged[level, depth] if (each := at(level))]
            one.add("agreement", agreement(mine, analyses), level=level, min_depth=depth)
    return found


def tables_of(judged: Iterable[Judged]) -> Tables:
    """Return the tables of several entities."""
    listed = list(judged)
    found = {}
    for name in _TABLES:
        found[name] = stacked((table for one in listed for table in one.tables[name]), name)
    for name in _ROWS:
        rows = [row for one in listed for row in one.rows[name]]
        table = pd.DataFrame(rows, columns=columns(name)) if rows else empty(name)
        found[name] = as_moments(table, *_MOMENTS.get(name, ()))
    return found


def analyses_of(
    entity: str, datasources: Iterable[str], read: Callable[[str, str], Signal], time_zone: str,
    level: float,
) -> list[Analysis]:  # fmt: skip
    """Analyse the signals of an entity once more; each of them was judged before."""
    prepared = [prepare(read(entity, datasource), time_zone) for datasource in datasources]
    return analyse_all([one for one in prepared if one is not None], level)


def _one_signal(found: Judged, signal: Signal, at: At, pair: Pair) -> None:
    level, depth = pair
    found.rows["signals"].append(_description(signal, at(_STATED_AT)))
    analysis = at(level)
    if analysis is None:
        return
    setting = {"level": level, "min_depth": depth}
    outages = found_in([analysis], depth)
    found.add("outages", outages, **setting)
    # Each by itself: whether an outage may become a finding is known only in the end.
    for number, outage in enumerate(rows_of(outages)):
        of = {**setting, "outage": number}
        found.rows["stages"] += [of | row for row in stages_of(analysis, outage)]
        found.rows["steps"] += [of | row for row in falls_of(analysis, outage)]


def _description(signal: Signal, analysis: Analysis | None) -> dict[str, Any]:
    seen = np.flatnonzero(np.isfinite(signal.values))
    return {
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


def as_moments(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Turn columns into moments (UTC), to the second."""
    for name in names:
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    return table


def _reason(error: Exception, hide: str) -> str:
    said = str(error).splitlines()[0] if str(error) else ""
    if not isinstance(error, DarkdaysError):
        said = f"{type(error).__name__}: {said}"
    return said.replace(hide, "") if hide else said
