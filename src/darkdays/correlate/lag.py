"""How long after the first event an outage began."""

from __future__ import annotations

import pandas as pd

from darkdays.correlate.intervals import Lag, Moment, beginning_of, lag_between, onset_of
from darkdays.correlate.order import first_onsets
from darkdays.files.writing import rows_of


def first_event(events: pd.DataFrame) -> Moment | None:
    """Return when the first event of a table can have begun, None for an empty table."""
    if events.empty:
        return None
    earliest = events.sort_values(["start_low", "start_high"], kind="stable")
    return beginning_of(next(rows_of(earliest.head(1))))


def lag_after_first_event(events: pd.DataFrame, table: pd.DataFrame, entity: str) -> Lag | None:
    """Return the hours from the first event to the first onset of an entity.

    Parameters
    ----------
    events
        Events of one kind, with ``start_low`` and ``start_high`` (UTC).
    table
        Outages.
    entity
        Whose onset.

    Returns
    -------
    Lag or None
        None without an event or a dated outage. The interval holds every hour that a day of the
        first event and the bounds of the onset allow.
    """
    begun = first_event(events)
    mine = table[(table["entity"] == entity) & table["onset"].notna()]
    if begun is None or mine.empty:
        return None
    return lag_between(begun, onset_of(next(rows_of(first_onsets(mine).head(1)))))
