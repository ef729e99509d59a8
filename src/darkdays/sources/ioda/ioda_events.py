"""IODA's own alerts and outage events as dated events of a case, to compare with ours.

What they are is said in :mod:`darkdays.sources.ioda.ioda_outages`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply
from darkdays.sources.event_rows import event_table, remarks
from darkdays.sources.ioda import ioda_outages
from darkdays.sources.ioda.ioda_outages import requests
from darkdays.sources.query import Query

__all__ = ["SERVICE", "read", "requests"]

SERVICE: Final = ioda_outages.SERVICE


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read alerts or events as dated events, one each.

    Parameters
    ----------
    query, replies
        As for :func:`darkdays.sources.ioda.ioda_outages.table`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`darkdays.contracts.events.COLUMNS`, UTC. An event is a ``disruption``; an
        alert is one too, or a ``restoration`` if its level is ``normal``.

    Raises
    ------
    SourceError, InputError
        As :func:`darkdays.sources.ioda.ioda_outages.table`.
    """
    found = ioda_outages.table(query, replies)
    as_event = _event if query.datasource == "ioda-events" else _alert
    rows = [
        {**_place(query, row), **as_event(query, row)} for row in found.to_dict(orient="records")
    ]
    return event_table(query, rows, SERVICE.terms)


def _place(query: Query, row: Mapping[Any, Any]) -> dict[str, str]:
    entity = str(row["entity"])
    is_network = entity.startswith("asn/")
    return {
        "time_zone": "UTC",
        "precision": "10-minutes",
        "place": query.country if is_network else entity.removeprefix("country/"),
        "network": entity if is_network else "",
        "source": "IODA, https://ioda.inetintel.cc.gatech.edu/",
    }


def _event(query: Query, row: Mapping[Any, Any]) -> dict[str, str]:
    return {
        "kind": "disruption",
        "start": f"{row['start']:%Y-%m-%dT%H:%M}",
        "end": f"{row['end']:%Y-%m-%dT%H:%M}",
        "statement": remarks(
            f"IODA event in {row['datasource']}",
            _number("score {} percent x minutes", row["score"]),
            f"method {row['method']}" if row["method"] else "",
        ),
        "conflict": "not over at the end of what was asked" * bool(row["end"] >= query.end),
    }


def _alert(query: Query, row: Mapping[Any, Any]) -> dict[str, str]:  # noqa: ARG001
    return {
        "kind": "restoration" if row["level"] == "normal" else "disruption",
        "start": f"{row['time']:%Y-%m-%dT%H:%M}",
        "statement": remarks(
            f"IODA alert in {row['datasource']}: {row['level']} ({row['condition']})",
            _number("{} seen", row["value"]),
            _number("{} usual", row["history_value"]),
            f"method {row['method']}" if row["method"] else "",
        ),
    }


def _number(form: str, value: float) -> str:
    return "" if math.isnan(value) else form.format(f"{value:.6g}")
