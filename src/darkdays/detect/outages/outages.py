"""Outages: intervals in which a signal is significantly and materially below its normal level."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.contracts.signals import each
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import (
    LOW_DAY,
    OUTAGE,
    RHYTHM,
    Recorded,
    check_controls,
    label_outages,
)
from darkdays.detect.outages.family import corrected
from darkdays.detect.outages.instrument import instrument_hours
from darkdays.detect.outages.lasting import LASTING, RISE, lasting
from darkdays.detect.outages.low_runs import Spell, onset, spells
from darkdays.detect.outages.prepared import Prepared, prepare
from darkdays.detect.outages.recovery import main_recovery, rise
from darkdays.detect.outages.recurrence import rhythm
from darkdays.detect.outages.sizes import (
    UNKNOWN,
    depth,
    durations,
    kind,
    kind_of_depth,
    last_stage,
    like_a_holiday,
)  # fmt: skip
from darkdays.errors import InputError

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
    "first_seen",
    "duration",
    "duration_low",
    "duration_high",
    "depth",
    "depth_low",
    "depth_high",
    "kind",
    "label",
    "p",
    "q",
    "samples",
    "baseline",
)
TIMES: Final = COLUMNS[COLUMNS.index("onset") : COLUMNS.index("duration")]
"""The columns of times, UTC."""
_DEPTHS: Final = ("depth", "depth_low", "depth_high")
_DAY: Final = pd.Timedelta(days=1)
ALL_BUT_NOTHING: Final = 0.98
"""Share that is gone from a signal that is dark."""


def outages(
    signals: xr.DataTree,
    *,
    level: float = 0.95,
    min_depth: float = 0.10,
    controls: Collection[str] = (),
    time_zone: str = "UTC",
) -> pd.DataFrame:
    """Find the outages of every signal.

    Parameters
    ----------
    signals
        A node a datasource, see :mod:`darkdays.contracts.signals`.
    level
        Confidence of every interval; an outage is reported if its p-value is at most
        ``1 - level``.
    min_depth
        Smallest share of the normal level that has to be gone for two samples or more.
    controls
        Entities outside the place, or the sum over a whole datasource, that only the instrument
        can take down; see :func:`darkdays.detect.outages.controls.label_outages`.
    time_zone
        Whose clock the season of the signals keeps.

    Returns
    -------
    pandas.DataFrame
        A row an outage, times in UTC. ``onset`` is the first bin more than ``min_depth`` below
        normal; ``recovery`` the beginning of the rise that brings back more than half of what was
        lost, ``restored`` the first bin within ``min_depth`` of normal again; both NaT if not
        observed by ``last_seen``, the end of the record. An outage that begins in the first or
        second bin has no onset: nothing says what was normal before. ``*_low`` and ``*_high`` bound
        the moment itself (those of ``recovery`` the return to normal where no main rise is dated),
        ``duration`` (hours, from onset to :func:`~darkdays.contracts.outages.ends`; NaN where the
        record does not show both, and without an upper bound then) and ``depth``, the median share
        lost until the recovery, NaN where the signal counts too few units to size anything.
        ``kind`` is ``cut`` or
        ``degradation`` (:func:`darkdays.detect.outages.sizes.kind`), ``label`` is ``outage``,
        ``instrument``, ``control``, or ``candidate`` where ``q``, ``p`` corrected over all signals
        (:mod:`darkdays.detect.outages.family`), is above ``1 - level``. ``p`` itself is corrected
        for the search within the signal. ``attrs["not_assessed"]`` names the signals that cannot be
        judged, ``attrs["notes"]`` says of each of the others what season it was relieved of.

    Raises
    ------
    InputError
        If a parameter is out of range, a control is not among the signals, or a signal holds
        infinite or negative values.
    """
    check_controls(signals, controls)
    prepared, skipped = prepare_all(signals, time_zone)
    analyses = analyse_all(prepared, level)
    table = outages_of(analyses, min_depth=min_depth, controls=controls)
    table.attrs["not_assessed"] = skipped
    table.attrs["notes"] = {f"{one.datasource} {one.entity}": one.notes for one in analyses}
    return table


def prepare_all(signals: xr.DataTree, time_zone: str = "UTC") -> tuple[list[Prepared], list[str]]:
    """Prepare every signal once; also return the ones that cannot be judged, by name."""
    done, skipped = [], []
    for signal in each(signals):
        prepared = prepare(signal, time_zone)
        if prepared is None:
            skipped.append(f"{signal.datasource} {signal.entity}")
        else:
            done.append(prepared)
    return done, skipped


def analyse_all(prepared: Iterable[Prepared], level: float) -> list[Analysis]:
    """Analyse every prepared signal at a confidence level.

    Raises
    ------
    InputError
        If the level is not a confidence.
    """
    if not 0.5 <= level < 1:
        raise InputError(f"level {level} is not a confidence; give one from 0.5 up to below 1.")
    return [one.analyse(level) for one in prepared]


def outages_of(
    analyses: Iterable[Analysis], *, min_depth: float, controls: Collection[str] = ()
) -> pd.DataFrame:
    """Find the outages of signals already analysed; see :func:`outages`."""
    if not 0 < min_depth < 1:
        raise InputError(f"min_depth {min_depth} is not a share; give one between 0 and 1.")
    listed = list(analyses)
    level = listed[0].segments.level if listed else 0.0
    hours = instrument_hours(listed, controls, min_depth)
    return together(found_in(listed, min_depth), listed, level, controls, hours)


def found_in(analyses: Iterable[Analysis], min_depth: float) -> pd.DataFrame:
    """Find the outages of signals each by itself, without what only all of them together tell.

    Returns
    -------
    pandas.DataFrame
        As :func:`outages` gives it, no label of other signals and every ``q`` missing.
    """
    listed = list(analyses)
    rows = [row for analysis in listed for row in _of_one(analysis, min_depth)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"p": np.float64, "q": np.float64})
    for name in TIMES:
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    believed = table[table["label"] == OUTAGE]
    for analysis in listed:
        table.loc[rhythm(believed, analysis, min_depth), "label"] = RHYTHM
    return in_order(table.assign(**durations(table)))


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Return outages in the one order they are listed in."""
    by = ["onset", "datasource", "entity"]
    return table.sort_values(by, kind="stable", ignore_index=True)


def together(
    table: pd.DataFrame, judged: Collection[Recorded], level: float, controls: Collection[str],
    hours: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Label and correct the outages of a study, which may have been found in several processes.

    Parameters
    ----------
    table
        Outages of all its signals, as :func:`found_in` gives them; they are put in order.
    judged
        Every signal that was judged, controls' and those without an outage too.
    level
        Confidence they were found at.
    controls
        As for :func:`outages`.
    hours
        Samples that are the instrument's, as
        :func:`~darkdays.detect.outages.instrument.instrument_hours` gives them.

    Returns
    -------
    pandas.DataFrame
        As :func:`outages` gives it.
    """
    labelled = in_order(label_outages(in_order(table), judged, controls, hours))
    assessed = sum(one.entity not in controls for one in judged)
    return corrected(labelled, assessed, level, OUTAGE)[list(COLUMNS)]


def _of_one(analysis: Analysis, min_depth: float) -> list[dict[str, Any]]:
    floor = analysis.floor_of_normal(min_depth)
    whole: dict[str, Any] = dict.fromkeys(TIMES, pd.NaT) | {
        "entity": analysis.entity,
        "datasource": analysis.datasource,
        "first_seen": analysis.times[0],
        "last_seen": analysis.times[-1],
        "label": OUTAGE,
        "q": np.nan,
        "baseline": analysis.baseline,
    }
    rows = []
    for spell in spells(analysis, min_depth):
        row = whole | {"p": spell.p, "samples": spell.end - spell.start}
        if spell.first > 0:
            begun = onset(analysis, spell.first, floor)
            row |= begun if begun["onset"] > analysis.times[1] else {}
        row |= _ending(analysis, spell) if analysis.sizable else _back(analysis, spell)
        row["kind"] = kind(analysis, spell, row)
        row["label"] = LOW_DAY if spell.low_day else OUTAGE
        rows.append(row)
    for fall in lasting(analysis, min_depth):
        rows = [*_apart_from(fall, rows), whole | fall]
        rows[-1]["kind"] = UNKNOWN if pd.isna(rows[-1]["onset"]) else kind_of_depth(fall["depth"])
    for row in rows:
        if _may_have_grown(row, rows):
            row["label"] = RISE
        elif like_a_holiday(row, analysis.time_zone):
            row["label"] = LOW_DAY
    return rows


def _apart_from(fall: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the outages that are no stage of a fall that lasts: what never came back is one."""
    apart = []
    for row in rows:
        if fall["label"] == LASTING and pd.isna(fall.get("recovery")) and pd.isna(row["restored"]):
            left = 1 - fall["depth"]
            fall |= {name: 1 - left * (1 - row[name]) for name in ("depth",)}
            fall["depth_low"] = 1 - (1 - fall["depth_low"]) * (1 - row["depth_low"])
            fall["depth_high"] = 1 - (1 - fall["depth_high"]) * (1 - row["depth_high"])
        else:
            apart.append(row)
    return apart


def _may_have_grown(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Say whether a record begins low, and nothing tells that it was dark before it rose.

    It was where it was down to nothing, or where it was as low again later.
    """
    if not pd.isna(row["onset"]) or pd.isna(row["recovery"]) or pd.isna(row["depth"]):
        return False
    again = [other["depth"] for other in rows if not pd.isna(other["onset"])]
    deep = row["depth"] < ALL_BUT_NOTHING
    return bool(deep and max(again, default=0.0) < 0.9 * row["depth"])


def _back(analysis: Analysis, spell: Spell) -> dict[str, Any]:
    """Return when a signal of few units was back, which are too few to say how much was gone."""
    found: dict[str, Any] = dict.fromkeys(_DEPTHS, np.nan)
    if spell.last < analysis.levels.size:
        found |= rise(analysis, spell.last).as_row()
        found["restored"] = analysis.moment(spell.end)
    return found


def _ending(analysis: Analysis, spell: Spell) -> dict[str, Any]:
    """Return the depth of an outage until its main recovery, and when that and its end came."""
    found: dict[str, Any] = depth(analysis, spell.start, spell.end)
    recovered = main_recovery(analysis, spell.first, spell.last, found["depth"])
    if recovered is not None:
        until = max(recovered.sample, spell.start + 1)
        found = recovered.as_row() | depth(analysis, spell.start, until)
    elif spell.last == analysis.levels.size:
        unseen = (analysis.times[spell.end - 1] - analysis.times[spell.start]) / _DAY
        found = depth(analysis, last_stage(analysis, spell), spell.end, unseen=unseen)
    if spell.last < analysis.levels.size:
        found["restored"] = analysis.moment(spell.end)
        if recovered is None:
            back = rise(analysis, spell.last)
            found |= {"recovery_low": back.low, "recovery_high": back.high}
    return found
