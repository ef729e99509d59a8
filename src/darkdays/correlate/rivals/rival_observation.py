"""From a table of outages and the signals behind it to the features rivals are weighed by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.contracts.outages import ended
from darkdays.correlate.rivals import rival_features as features
from darkdays.correlate.rivals.rival_shapes import fall_shape, recovery_shape
from darkdays.files.writing import rows_of

_SAME_EVENT: Final = pd.Timedelta(hours=12)
_AROUND: Final = pd.Timedelta(hours=6)
_OPERATORS: Final = ("mobile", "fixed", "transit")


@dataclass(frozen=True)
class Shape:
    """One signal as it was measured.

    Attributes
    ----------
    times
        Of the measured bins, UTC without a zone, shape ``(n,)``.
    values
        Shape ``(n,)``.
    baseline
        Its normal level.
    """

    times: pd.DatetimeIndex
    values: NDArray[np.float64]
    baseline: float


@dataclass(frozen=True)
class Surroundings:
    """What else is known beside the place itself.

    Attributes
    ----------
    networks
        Kind of every entity that was measured in the place: ``country``, ``region``, ``mobile``,
        ``fixed`` or ``transit``.
    neighbours, controls
        Onsets (UTC, missing where it stayed up) in places under other governments, and in places
        that have nothing to do with this one; one a place that was measured.
    exams
        Local days of exams; without any there is no calendar.
    recurring
        How the outages of an entity come again at about the same hours, ``daily`` or ``weekly``,
        by entity and datasource, where a pattern was found that the main outage is part of.
    pattern
        First and last moments (UTC) of the outages of that pattern.
    stages
        Lasting stages of the return of the main outage that were found; None if nobody looked.
    listed
        What dated lists and reports of its time and place say it was, values of that feature.
    """

    networks: Mapping[str, str]
    neighbours: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([], tz="UTC"))
    controls: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([], tz="UTC"))
    exams: Collection[date] = ()
    recurring: Mapping[tuple[str, str], str] = field(default_factory=dict)
    pattern: Collection[tuple[pd.Timestamp, pd.Timestamp]] = ()
    stages: int | None = None
    listed: frozenset[str] = frozenset()


def observe(
    outages: pd.DataFrame,
    entity: str,
    time_zone: str,
    record: tuple[pd.Timestamp, pd.Timestamp],
    surroundings: Surroundings,
    shapes: Mapping[tuple[str, str], Shape] | None = None,
) -> dict[str, str | frozenset[str] | None]:
    """Read the features of the main outage of an entity.

    The main outage is the longest, in whichever datasource; what its entity and others lost
    within twelve hours of its onset is part of the same event.

    Parameters
    ----------
    outages
        Columns ``entity``, ``datasource``, ``onset``, ``onset_low``, ``onset_high``,
        ``recovery``, ``recovery_low``, ``recovery_high``, ``restored`` and ``last_seen`` (UTC,
        aware).
    entity
        Usually the country or region; its operators and regions are in ``surroundings``.
    time_zone
        IANA name.
    record
        First and last moment looked at (UTC).
    surroundings
        What else was measured, and known.
    shapes
        Signals by entity and datasource; without one the shape of fall and recovery is unknown.

    Returns
    -------
    dict
        By feature; None where the data do not say. Everything is None without a dated outage.
    """
    main = main_outage(outages, entity)
    if main is None:
        return dict.fromkeys(features.FEATURES)
    mine = outages[(outages["entity"] == entity) & (outages["datasource"] == main.datasource)]
    firsts = _first_of_event(outages, main.onset)
    kinds = surroundings.networks
    least = (main.end_low - main.onset_high) / pd.Timedelta(hours=1)
    most = (main.end_high - main.onset_low) / pd.Timedelta(hours=1)
    most = np.inf if pd.isna(most) else most
    last = main.last_seen if pd.isna(main.end_high) else main.end_high
    shape = (shapes or {}).get((entity, main.datasource))
    fall, recovery = _shapes(shape, main) if shape is not None else (None, None)
    if (surroundings.stages or 0) >= 2:
        recovery = "staged"
    others = mine.loc[mine["onset"].notna() & (mine["onset"] != main.onset), "onset"]
    again = features.repetition(main.onset, list(others), record, time_zone)
    if again in (None, "none"):
        # Hours that are kept less exactly than to the quarter, often enough to be no chance.
        again = surroundings.recurring.get((entity, main.datasource), again)
    operators = [name for name, kind in kinds.items() if kind in _OPERATORS]
    down = sum(name in firsts for name in operators)
    regions = [firsts[name] for name, kind in kinds.items() if kind == "region" and name in firsts]
    return {
        "minute": features.minute_of_hour(main.onset_low, main.onset_high, time_zone),
        "hours": features.duration_classes(max(least, 0.0), max(most, 0.0)),
        "repetition": again,
        "clock": features.clock(main.onset, time_zone),
        "school hours": features.school_hours(main.onset, last, time_zone),
        "rest": features.rest(surroundings.pattern or [(main.onset, last)], time_zone),
        "season": features.season(main.onset, time_zone),
        "neighbours": features.neighbours(
            main.onset, list(surroundings.neighbours.dropna()), len(surroundings.neighbours)
        ),
        "fall": fall,
        "recovery": recovery,
        "synchrony": features.synchrony(pd.DatetimeIndex(regions)),
        "mobile": features.mobile_against_fixed(
            _of_kind(kinds, firsts, "mobile"), _of_kind(kinds, firsts, "fixed")
        ),
        "reach": features.reach(down, len(operators)),
        "controls": features.controls(
            int((abs(surroundings.controls - main.onset) <= _SAME_EVENT / 24).sum()),
            len(surroundings.controls),
        ),
        "exam day": features.exam_day(main.onset, surroundings.exams, time_zone),
        "listed": surroundings.listed or None,
    }


def main_outage(outages: pd.DataFrame, entity: str) -> Any:
    """Return the longest dated outage of an entity, with its end; None if it has none."""
    mine = outages[(outages["entity"] == entity) & outages["onset"].notna()]
    if mine.empty:
        return None
    timed = ended(mine)
    ordered = timed.assign(length=timed["end_low"] - timed["onset"]).sort_values(
        ["length", "datasource", "onset"], ascending=[False, True, True], kind="stable"
    )
    return next(rows_of(ordered))


def _first_of_event(outages: pd.DataFrame, onset: pd.Timestamp) -> dict[str, pd.Timestamp]:
    """Return the first onset of every entity within twelve hours of another."""
    near = outages[(outages["onset"] - onset).abs() <= _SAME_EVENT]
    return {str(name): group.min() for name, group in near.groupby("entity")["onset"]}


def _of_kind(
    kinds: Mapping[str, str], firsts: Mapping[str, pd.Timestamp], wanted: str
) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(
        [firsts.get(name, pd.NaT) for name, kind in kinds.items() if kind == wanted]
    )


def _shapes(shape: Shape, main: Any) -> tuple[str | None, str | None]:
    onset: pd.Timestamp = main.onset.tz_localize(None)
    back = not pd.isna(main.end)
    last: pd.Timestamp = main.end_low.tz_localize(None) if back else shape.times[-1]
    falling = (shape.times >= onset - _AROUND) & (shape.times <= last)
    fall = fall_shape(shape.times[falling], shape.values[falling], shape.baseline)
    if not back:
        return fall, None
    rising = np.asarray(shape.times >= onset)
    if not pd.isna(main.restored):
        rising &= shape.times <= main.restored.tz_localize(None) + _AROUND
    recovery = recovery_shape(shape.times[rising], shape.values[rising], shape.baseline)
    return fall, recovery
