"""What every JSON reply needs: checked access that ends in a value or a :class:`SourceError`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply

AGAIN: Final = "fetch it again later, or give a complete reply as a local file"
# A shape of its own, because pandas would take "now" and "today" for times.
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)


def parse(reply: Reply, remedy: str = AGAIN) -> Any:
    """Return the JSON of a reply; ``NaN`` and ``Infinity`` are no JSON."""
    try:
        return json.loads(reply.body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise reply.error("the reply is not JSON", remedy) from None


def _refuse(name: str) -> float:
    raise ValueError(name)


def mapping(reply: Reply, value: Any, what: str) -> dict[str, Any]:
    """Return a value that has to be an object, or raise."""
    if not isinstance(value, dict):
        raise reply.error(f"{what} is not an object", AGAIN)
    return value


def items(reply: Reply, value: Any, what: str) -> list[Any]:
    """Return a value that has to be a list, or raise."""
    if not isinstance(value, list):
        raise reply.error(f"{what} is not a list", AGAIN)
    return value


def objects(reply: Reply, value: Any, what: str, each: str) -> Iterator[dict[str, Any]]:
    """Go through a list that has to be of objects."""
    return (mapping(reply, one, each) for one in items(reply, value, what))


def number(reply: Reply, value: Any, what: str) -> float:
    """Return a finite number, given as one or as text; NaN for null; raise for all else."""
    if value is None:
        return math.nan
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
        if math.isfinite(found):
            return found
    raise reply.error(f"{what} is not a number", AGAIN)


def whole(reply: Reply, value: Any, what: str) -> int:
    """Return a whole number below 2**53, not null, or raise."""
    found = number(reply, value, what)
    if not found.is_integer() or abs(found) >= 2**53:
        raise reply.error(f"{what} is not a whole number", AGAIN)
    return int(found)


def moment(reply: Reply, value: Any, what: str) -> pd.Timestamp:
    """Return an ISO 8601 time as UTC (which it is if it names no zone), or raise."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            stamp = datetime.fromisoformat(value)
            stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
            return pd.Timestamp(stamp).tz_convert("UTC").as_unit("ns")
        except (ValueError, OverflowError):
            pass
    raise reply.error(f"{what} is not an ISO 8601 time", AGAIN)
