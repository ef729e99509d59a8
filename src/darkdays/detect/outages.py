"""Outages: intervals in which a signal is significantly and materially below its normal level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.detect.analysis import Analysis, Prepared, prepare
from darkdays.detect.recovery import main_recovery
from darkdays.detect.spells import onset, spells
from darkdays.errors import InputError
from darkdays.signals import each

COLUMNS: Final = (
    "entity",
    "datasource",
    "onset",
    "onset_low",
    "onset_high",
    "recovery",
    "recovery_low",
    "recovery_high",
    "restored",
    "last_seen",
    "depth",
    "p",
    "samples",
    "baseline",
)
_TIMES: Final = tuple(
    name for name in COLUMNS if name.startswith(("onset", "reco", "rest", "last"))
)


def outages(signals: xr.DataTree, *, level: float = 0.95, min_depth: float = 0.10) -> pd.DataFrame:
    """Find the outages of every signal.

    Parameters
    ----------
    signals
        A node a datasource, see :mod:`darkdays.signals`.
    level
        Confidence of every interval; an outage is reported if its p-value is at most
        ``1 - level``.
    min_depth
        Smallest share of the normal level that has to be gone for two samples or more.

    Returns
    -------
    pandas.DataFrame
        A row an outage, times in UTC. ``onset`` is the first bin more than ``min_depth`` below
        normal; ``recovery`` the beginning of the rise that brings back more than half of what
        was lost, ``restored`` the first bin within ``min_depth`` of normal again; both NaT if not
        observed by ``last_seen``, the end of the record. ``*_low`` and ``*_high`` bound the moment
        itself. ``depth`` is the median share lost until the recovery, NaN where the signal counts
        too few units to size anything. ``p`` is corrected for the search within the signal.
        ``attrs["not_assessed"]`` names the signals too short to judge.

    Raises
    ------
    InputError
        If a parameter is out of range, or a signal holds infinite or negative values.
    """
    prepared, skipped = prepare_all(signals)
    table = outages_of(analyse_all(prepared, level), min_depth=min_depth)
    table.attrs["not_assessed"] = skipped
    return table


def prepare_all(signals: xr.DataTree) -> tuple[list[Prepared], list[str]]:
    """Prepare every signal once; also return the ones too short or never up, by name."""
    done, skipped = [], []
    for signal in each(signals):
        prepared = prepare(signal)
        if prepared is None:
            skipped.append(f"{signal.datasource} {signal.entity}")
        else:
            done.append(prepared)
    return done, skipped


def analyse_all(prepared: Iterable[Prepared], level: float) -> list[Analysis]:
    """Cut every prepared signal at a confidence level.

    Raises
    ------
    InputError
        If the level is not a confidence.
    """
    if not 0.5 <= level < 1:
        raise InputError(f"level {level} is not a confidence; give one from 0.5 up to below 1.")
    return [one.analyse(level) for one in prepared]


def outages_of(analyses: Iterable[Analysis], *, min_depth: float) -> pd.DataFrame:
    """Find the outages of signals already analysed; see :func:`outages`."""
    if not 0 < min_depth < 1:
        raise InputError(f"min_depth {min_depth} is not a share; give one between 0 and 1.")
    rows = [row for analysis in analyses for row in _of_one(analysis, min_depth)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in _TIMES:
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    return table.sort_values(["onset", "datasource", "entity"], kind="stable", ignore_index=True)


def _of_one(analysis: Analysis, min_depth: float) -> Iterator[dict[str, Any]]:
    floor = analysis.floor_of_normal(min_depth)
    for spell in spells(analysis, min_depth):
        first, last, start, end = spell.first, spell.last, spell.start, spell.end
        row: dict[str, Any] = dict.fromkeys(_TIMES, pd.NaT)
        row |= {
            "entity": analysis.entity,
            "datasource": analysis.datasource,
            "last_seen": analysis.times[-1],
            "p": spell.p,
            "baseline": analysis.baseline,
            "samples": end - start,
        }
        if first > 0:
            row |= onset(analysis, first, floor)
        lost = float(np.median(1 - analysis.values[start:end] / analysis.baseline))
        recovered = main_recovery(analysis, first, last, lost) if analysis.sizable else None
        if recovered is not None:
            row |= recovered.as_row()
            until = max(recovered.sample, start + 1)
            lost = float(np.median(1 - analysis.values[start:until] / analysis.baseline))
        if last < analysis.levels.size and analysis.sizable:
            row["restored"] = analysis.moment(end)
        row["depth"] = lost if analysis.sizable else np.nan
        yield row
        if not analysis.sizable:
            # So few units date a fall, but cannot say what is a return and what a new fall.
            return
