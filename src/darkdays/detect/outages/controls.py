"""Control channels: telling an outage of a network from one of the instrument.

A network cannot take others down with it, an instrument can. What is measured the same way
somewhere else, a *control*, says which it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final, Protocol

import pandas as pd
import xarray as xr

from darkdays.contracts.outages import ends
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.family import CANDIDATE
from darkdays.detect.outages.instrument import EDGES, SHARED, own_edges
from darkdays.detect.outages.lasting import LASTING, RISE
from darkdays.detect.outages.sizes import durations
from darkdays.errors import InputError
from darkdays.files.writing import rows_of

OUTAGE: Final = "outage"
INSTRUMENT: Final = "instrument"
CONTROL: Final = "control"
LOW_DAY: Final = "holiday-like"
"""A fall of less than 30 % on whole local days, as holidays make, where nothing tells if it is."""
ORDINARY: Final = "ordinary low"
"""The same where a control was low on that day as well, or the signal in another year."""
RHYTHM: Final = "daily rhythm"
"""Low by a part at the same hours of most days of a record too short to tell a season from it."""
NEIGHBOUR: Final = "neighbour"
"""Of a place under another government: an outage like any other, and not one of the case."""
_SAME_DAY: Final = 2.0  # days
_DAY: Final = pd.Timedelta(days=1)
SHIFT: Final = "shift"
SHIFT_COLUMNS: Final = (
    "entity",
    "datasource",
    "time",
    "low",
    "high",
    "level_after",
    "entities",
    "label",
)


class Recorded(Protocol):
    """A signal that was judged, or what is left to say of it: whose it is, and how far it goes."""

    @property
    def entity(self) -> str:
        """Whose signal."""

    @property
    def datasource(self) -> str:
        """How it was measured."""

    @property
    def times(self) -> pd.DatetimeIndex:
        """Of its measured samples (UTC, naive); the first and the last will do."""


def trusted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the outages that may become findings: of networks, and no chance among signals."""
    set_aside = {
        INSTRUMENT, CONTROL, CANDIDATE, NEIGHBOUR, LASTING, RISE, LOW_DAY, ORDINARY, RHYTHM,
    }  # fmt: skip
    if "label" not in table or set_aside.isdisjoint(table["label"]):
        return table
    return table[~table["label"].isin(set_aside)]


def set_apart(table: pd.DataFrame, neighbours: Collection[str]) -> pd.DataFrame:
    """Label the outages of neighbouring places, which are looked at and are not the case's own."""
    theirs = table["entity"].isin(list(neighbours)) & (table["label"] == OUTAGE)
    return table.assign(label=table["label"].mask(theirs, NEIGHBOUR)) if theirs.any() else table


def check_controls(signals: xr.DataTree, controls: Collection[str]) -> None:
    """Refuse a control that no datasource measures.

    Raises
    ------
    InputError
        If there is one.
    """
    nodes = [signals[name].to_dataset() for name in signals.children]
    known = {str(label) for node in nodes for label in node["entity"].values}
    for control in sorted(set(controls) - known):
        raise InputError(
            f"control {control!r} is not among the signals; fetch it, or leave it out."
        )


def label_outages(
    table: pd.DataFrame, analyses: Iterable[Recorded], controls: Collection[str],
    hours: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Label each outage ``outage``, ``instrument``, or ``control`` if it is a control's own.

    An outage is the instrument's if more than half of the controls that the same datasource had
    on record when it began went down with it: their onsets cannot be told from its, and they were
    down for half of it or more, and lost half of its depth or more. Entities of the place itself
    are no controls, however many: a national shutdown takes them all down at once. Without a
    control on record nothing is the instrument's. Hours at the edge of an outage in which most
    controls fell too are none of it (:func:`darkdays.detect.outages.instrument.own_edges`).

    Parameters
    ----------
    table
        Outages, controls' included.
    analyses
        Of all signals, controls' included.
    controls
        Entities outside the place, or the sum over a whole datasource.
    hours
        As :func:`darkdays.detect.outages.instrument.instrument_hours` gives them.
    """
    table = ordinary_lows(table, controls)
    if not controls:
        return table
    records = [
        (one.datasource, one.entity, *one.times[[0, -1]].tz_localize("UTC"))
        for one in analyses
        if one.entity in controls
    ]
    timed = table.join(ends(table)["until"])
    theirs = timed[timed["entity"].isin(list(controls))]
    labels = []
    for row in rows_of(timed):
        began = row.first_seen if pd.isna(row.onset) else row.onset
        present = {
            entity
            for datasource, entity, first, last in records
            if datasource == row.datasource and first <= began <= last
        }
        with_it = {
            other.entity
            for other in rows_of(theirs[theirs["datasource"] == row.datasource])
            if other.entity in present and _goes_with(other, row)
        }
        if row.entity in controls:
            labels.append(CONTROL)
        else:
            shared = row.label in (OUTAGE, LASTING) and 2 * len(with_it) > len(present)
            labels.append(INSTRUMENT if shared else row.label)
    labelled = table.assign(label=pd.Series(labels, index=table.index, dtype=object))
    return _without_hours(labelled, hours)


def _without_hours(table: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """Return outages without the hours at their edges that are the instrument's."""
    theirs = table["label"].isin([OUTAGE, LASTING]).to_numpy()
    if hours.empty or not theirs.any():
        return table
    moved = own_edges(table[theirs], hours)
    table = table.copy()
    for name in EDGES:
        table.loc[theirs, name] = moved[name]
    table.loc[moved.index[~moved["own"]], "label"] = INSTRUMENT
    return table.assign(**durations(table))


def ordinary_lows(
    table: pd.DataFrame,
    elsewhere: Collection[str],
    holidays: pd.DatetimeIndex | None = None,
    time_zone: str = "UTC",
) -> pd.DataFrame:
    """Label low days that are ordinary: low elsewhere too, in another year, or on a holiday.

    Parameters
    ----------
    table
        Outages.
    elsewhere
        Entities of other places: controls or donors.
    holidays
        Local dates, naive.
    time_zone
        Of the place.
    """
    low = table[(table["label"] == LOW_DAY) & table["onset"].notna() & table["recovery"].notna()]
    if low.empty:
        return table
    beside = low[low["entity"].isin(list(elsewhere))]
    dated = set() if holidays is None else set(holidays)
    ordinary = [
        row.Index
        for row in rows_of(low)
        if any(
            other.onset < row.recovery and row.onset < other.recovery
            for other in rows_of(beside[beside["entity"] != row.entity])
        )
        or any(
            _years_apart(row.onset, other.onset)
            for other in rows_of(low[(low["entity"] == row.entity)])
        )
        or _on_holidays(row, dated, time_zone)
    ]
    labels = table["label"].copy()
    labels[ordinary] = ORDINARY
    return table.assign(label=labels)


def _on_holidays(row: Any, dated: set[pd.Timestamp], time_zone: str) -> bool:
    """Return whether most of the local days of an outage are holidays."""
    begin, end = (
        moment.tz_convert(time_zone).tz_localize(None) for moment in (row.onset, row.recovery)
    )
    # An hour or two beside midnight make no day.
    days = pd.date_range(begin.round("D"), max(end.round("D"), begin.round("D") + _DAY) - _DAY)
    return 2 * sum(day in dated for day in days) > len(days)


def _years_apart(one: pd.Timestamp, other: pd.Timestamp) -> bool:
    days = abs((one - other).days)
    years = round(days / 365.25)
    return years > 0 and abs(days - years * 365.25) <= _SAME_DAY


def level_shifts(analyses: Iterable[Analysis], controls: Collection[str] = ()) -> pd.DataFrame:
    """List the levels that were never left again, which no outage table holds.

    Parameters
    ----------
    analyses
        Of all signals.
    controls
        As for :func:`label_outages`.

    Returns
    -------
    pandas.DataFrame
        A row a shift (UTC, dated to the day): ``level_after`` as a share of the level before, how
        many ``entities`` of the datasource shifted the same way at the same time, and the label:
        ``instrument`` where more than half of the controls did, ``shift`` otherwise, because a
        network that moved, a change of geolocation and a cut for good look the same.
    """
    listed = list(analyses)
    day = pd.Timedelta(days=1)
    rows: list[dict[str, Any]] = []
    for one in listed:
        for sample, ratio in zip(one.shifts, one.shift_ratios, strict=True):
            moment = one.moment(int(sample))
            rows.append(
                {
                    "entity": one.entity,
                    "datasource": one.datasource,
                    "time": moment,
                    "low": moment - day,
                    "high": moment + day,
                    "level_after": ratio,
                }
            )
    for row in rows:
        together = {
            other["entity"]
            for other in rows
            if other["datasource"] == row["datasource"]
            and other["low"] <= row["high"]
            and row["low"] <= other["high"]
            and (other["level_after"] > 1) == (row["level_after"] > 1)
        }
        present = {
            one.entity
            for one in listed
            if one.entity in controls
            and one.datasource == row["datasource"]
            and one.times[0] <= row["time"] <= one.times[-1]
        }
        row["entities"] = len(together)
        row["label"] = INSTRUMENT if 2 * len(together & present) > len(present) else SHIFT
    table = pd.DataFrame(rows, columns=list(SHIFT_COLUMNS))
    for name in ("time", "low", "high"):
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("s")
    return table.sort_values(["time", "datasource", "entity"], kind="stable", ignore_index=True)


def _goes_with(control: Any, row: Any) -> bool:
    """Return whether a control's outage is the same event as another outage."""
    begin, end = _span(row)
    control_begin, control_end = _span(control)
    if pd.isna(row.onset) or pd.isna(control.onset):
        together = pd.isna(row.onset) and pd.isna(control.onset)
    else:
        together = control.onset_low <= row.onset_high and row.onset_low <= control.onset_high
    shared = (min(end, control_end) - max(begin, control_begin)) / max(
        end - begin, pd.Timedelta(seconds=1)
    )
    sized = not (pd.isna(row.depth) or pd.isna(control.depth))
    deep = not sized or control.depth >= SHARED * row.depth
    return bool(together and shared >= SHARED and deep)


def _span(row: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
    begin = row.first_seen if pd.isna(row.onset) else row.onset
    return begin, row.until
