"""OONI: a window in stretches that halve where one is too much for the service at once.

OONI allows 51,000 rows of an answer and 30 seconds of a query. What is more ends in HTTP 400 with
"Database query error", in HTTP 500 or 504, or in silence; each is kept as the answer to its
stretch, and the halves are asked for instead, so that a later fetch and a run find their way again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.sources.ooni.ooni_answers import AGAIN

MOST_ROWS: Final = 51_000
"""Rows that OONI gives in one answer, as its server is set up in production."""

_TOO_MANY_ROWS: Final = 400


@dataclass(frozen=True)
class Stretch:
    """What is asked of ``[since, until)``, and whether it was too much at once."""

    since: pd.Timestamp
    until: pd.Timestamp
    requests: tuple[Request, ...]
    refused: bool = False


def stretches(
    span: tuple[pd.Timestamp, pd.Timestamp],
    longest: pd.Timedelta,
    least: pd.Timedelta,
    ask: Callable[[pd.Timestamp, pd.Timestamp, bool], list[Request]],
    replies: Mapping[str, Reply],
) -> Iterator[Stretch]:
    """Go through the stretches of a window that are known to be needed.

    Parameters
    ----------
    span
        First moment of the window, and first after it, UTC.
    longest
        Of a stretch; it is halved down to ``least``. After rows were too many no stretch is as
        long again; after a failure, which may pass, it grows again until the second of its kind.
    least
        What is not divided any more; stretches are whole multiples of it.
    ask
        Returns the requests for a stretch that are known so far, given its edges and whether it
        can be divided.
    replies
        By request key.

    Raises
    ------
    SourceError
        If the least stretch was too much.
    """
    since, after = span
    size = most = longest
    failed: Counter[pd.Timedelta] = Counter()
    while since < after:
        until = min(since + size, after)
        asked = tuple(ask(since, until, until - since > least))
        found = [replies.get(one.key) for one in asked]
        refusal = next((one for one in found if one is not None and one.is_absence), None)
        yield Stretch(since, until, asked, refusal is not None)
        if refusal is None:
            if failed and None in found:
                return  # how long the next one may be depends on this one
            since, size = until, min(2 * size, most)
            continue
        if until - since <= least:
            raise refusal.error("it is too much for OONI even by itself", AGAIN)
        failed[size] += 1
        size = max(((until - since) / 2).floor(least), least)
        if refusal.status == _TOO_MANY_ROWS or max(failed.values()) > 1:
            most = size
