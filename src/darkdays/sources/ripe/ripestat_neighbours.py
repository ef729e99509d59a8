"""RIPEstat: the neighbours of a network in the routing tables.

Contract: https://stat.ripe.net/docs/02.data-api/asn-neighbours-history.html, a point every 8 hours
(00:00, 08:00, 16:00 UTC, when RIPE dumps its routing tables). A timeline of a neighbour names its
first and last point, both included. The point at the end of what was asked, or of what there is,
is not complete: every neighbour stops before it, so it is never read as a fall to zero. History
reaches back about seven years from the day of asking (``earliest_time``); what is older is
missing. A person's own file may be a CSV instead, ``neighbor_asn,start,end``, a row a timeline, as
others have published it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.archive.request import USER_SUPPLIED, Reply, Request
from darkdays.errors import InputError
from darkdays.sources.event_rows import text_table
from darkdays.sources.json_reply import items, mapping, moment, whole
from darkdays.sources.query import Query
from darkdays.sources.ripe.ripestat import SERVICE, ask, counts, covered, data

__all__ = ["SERVICE", "STEP", "known_bins", "over_the_window", "read", "requests"]

STEP: Final = pd.Timedelta(hours=8)
"""How often RIPE dumps its routing tables, from midnight UTC."""

_MOST_ROWS: Final = 20_000
# Where the service cuts the list of its own accord.
_CUTS: Final = frozenset({1800, _MOST_ROWS})
_NEIGHBOUR: Final = ("neighbor_asn", "neighbour_asn", "neighbour", "asn")


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request a network (``asn/44244``) among the entities, for the whole window.

    Parameters
    ----------
    query
        ``ripestat.neighbours`` of networks; other entities have no neighbours.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the datasource is not ``ripestat.neighbours``, or no entity is a network.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read how many networks are neighbours of a network (a number every 8 hours).

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a network without one was not read.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it: 0 where no neighbour was seen,
        NaN outside of what the service has or was asked for, the last point included.

    Raises
    ------
    SourceError
        If a reply is no such answer, or its list of neighbours was cut off.
    InputError
        If the datasource is not ``ripestat.neighbours``, or no entity is a network.
    """
    return counts(query, _asked(query), replies, _neighbours)


def _asked(query: Query) -> dict[str, Request]:
    if query.datasource != "ripestat.neighbours":
        raise InputError(f"{query.datasource} is not a datasource of RIPEstat's neighbours.")
    numbers = [e.removeprefix("asn/") for e in query.entities if e.startswith("asn/")]
    numbers = sorted({n for n in numbers if re.fullmatch("[0-9]{1,10}", n)}, key=int)
    if not numbers:
        raise InputError("ripestat.neighbours: name at least one network, such as asn/49666.")
    return {
        f"asn/{n}": ask(
            "asn-neighbours-history",
            f"neighbours of AS{n}",
            resource=f"AS{n}",
            **over_the_window(query),
            max_rows=str(_MOST_ROWS),
        )
        for n in numbers
    }


def over_the_window(query: Query) -> dict[str, str]:
    """Return the parameters that ask for a window, one point more at its end.

    The last point of an answer is not complete.
    """
    end = query.end.tz_convert("UTC").ceil(STEP) + STEP
    return {
        "starttime": f"{query.start.tz_convert('UTC').floor(STEP):%Y-%m-%dT%H:%M}",
        "endtime": f"{end:%Y-%m-%dT%H:%M}",
    }


def known_bins(reply: Reply, content: Mapping[str, Any], grid: pd.DatetimeIndex) -> NDArray[Any]:
    """Return which bins an answer speaks of, as booleans: not its last point, nor beyond."""
    limits = {
        key: moment(reply, content.get(key), key)
        for key in ("query_starttime", "query_endtime", "earliest_time", "latest_time")
    }
    begin = max(limits["query_starttime"], limits["earliest_time"]).floor(STEP)
    end = min(limits["query_endtime"], limits["latest_time"])
    return np.asarray((grid >= begin) & (grid < end))


def _neighbours(reply: Reply, grid: pd.DatetimeIndex) -> NDArray[np.float64]:
    if reply.origin == USER_SUPPLIED and reply.body.lstrip()[:1] != b"{":
        return _from_csv(reply, grid)
    content = data(reply)
    listed = items(reply, content.get("neighbours"), "neighbours")
    if len(listed) in _CUTS:
        raise reply.error(
            f"the list was cut off after {len(listed)} neighbours", "ask for a smaller network"
        )
    lines: dict[int, NDArray[np.bool_]] = {}
    for row in listed:
        entry = mapping(reply, row, "a neighbour")
        asn = whole(reply, entry.get("neighbour"), "neighbour")
        for line in items(reply, entry.get("timelines"), "timelines"):
            _mark(lines, asn, covered(reply, line, grid), len(grid))
    return np.where(known_bins(reply, content, grid), _counted(lines, len(grid)), np.nan)


def _from_csv(reply: Reply, grid: pd.DatetimeIndex) -> NDArray[np.float64]:
    remedy = "give a table with the columns neighbor_asn, start and end"
    lines: dict[int, NDArray[np.bool_]] = {}
    edges: list[pd.Timestamp] = []
    _, rows = text_table(reply)
    for row in rows:
        name = next((name for name in _NEIGHBOUR if name in row), "")
        if not name or "start" not in row or "end" not in row:
            raise reply.error(
                "it is neither an answer of RIPEstat nor a table of timelines", remedy
            )
        asn = whole(reply, row[name].strip(), name)
        line = {"starttime": row["start"].strip(), "endtime": row["end"].strip()}
        edges += [moment(reply, value, "a time") for value in line.values()]
        _mark(lines, asn, covered(reply, line, grid), len(grid))
    if not edges:
        raise reply.error("the table has no rows", remedy)
    # The file does not say what was asked: its own ends are the most it can speak of.
    known = (grid >= min(edges).floor(STEP)) & (grid <= max(edges))
    return np.where(np.asarray(known), _counted(lines, len(grid)), np.nan)


def _mark(lines: dict[int, NDArray[np.bool_]], asn: int, part: slice, size: int) -> None:
    lines.setdefault(asn, np.zeros(size, dtype=bool))[part] = True


def _counted(lines: Mapping[int, NDArray[np.bool_]], size: int) -> NDArray[np.float64]:
    return np.sum(list(lines.values()), axis=0, dtype=np.float64) if lines else np.zeros(size)
