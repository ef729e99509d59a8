"""Which outages of one list are the shutdowns of another, by country and day.

The rule is that of Bischof et al. (2023), Destination Unreachable, SIGCOMM
(https://github.com/InetIntel/internet_outages, ``merge-kio-ioda.ipynb``): an outage belongs to a
shutdown of the same country that cut the full network if it begins between the day before the
shutdown's first day and the day after it, or any time until the shutdown's last day is over. It
does not ask in which province either of them was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from darkdays.labels.zones import local_times

_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """What makes an outage a shutdown.

    Attributes
    ----------
    before, after
        Days before the first day of a shutdown from which on, and days after it before which, an
        outage has to begin. Two days after the first day means that day and the next one.
    after_end
        The same after its last day: one day means until that day is over.
    ordered
        Causes that make an outage a shutdown without any other list.
    """

    before: int = 1
    after: int = 2
    after_end: int = 1
    ordered: tuple[str, ...] = ("Government-Ordered", "Exams")


def matches(shutdowns: pd.DataFrame, outages: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Return every pair of a shutdown and an outage that the rule puts together.

    Parameters
    ----------
    shutdowns
        Columns ``row``, ``country``, ``start``, ``end`` (days without a zone, ``end`` may be
        missing) and ``full_network``; rows that did not cut the full network match nothing.
    outages
        Columns ``row``, ``country`` and ``start`` (UTC).

    Returns
    -------
    pandas.DataFrame
        Columns ``shutdown`` and ``outage``, the ``row`` of each, in their order. Days are
        compared as UTC days, for the list of shutdowns states no zone.
    """
    full = shutdowns.loc[shutdowns["full_network"], ["row", "country", "start", "end"]]
    begun = outages[["row", "country", "start"]].rename(columns={"row": "outage", "start": "begun"})
    pairs = full.rename(columns={"row": "shutdown"}).merge(begun, on="country")
    begun_at = pairs["begun"].dt.tz_localize(None)
    early_enough = (begun_at < pairs["start"] + rule.after * _DAY) | (
        begun_at < pairs["end"] + rule.after_end * _DAY
    )
    kept = pairs[(begun_at >= pairs["start"] - rule.before * _DAY) & early_enough]
    found: pd.DataFrame = kept[["shutdown", "outage"]].drop_duplicates()
    return found.sort_values(["shutdown", "outage"], ignore_index=True)


def labelled(
    outages: pd.DataFrame,
    pairs: pd.DataFrame,
    ordered: Sequence[str],
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> pd.DataFrame:
    """Return the outages of a window, each labelled as a shutdown or not.

    Parameters
    ----------
    outages
        Columns ``row``, ``country``, ``start``, ``end`` (UTC) and ``cause``.
    pairs
        Of :func:`matches`.
    ordered
        Causes that make an outage a shutdown.
    start, end
        Window ``[start, end)`` the outages begin in (UTC).

    Returns
    -------
    pandas.DataFrame
        In order of country, start and row, with ``shutdown`` (bool), ``local_start`` and
        ``local_end`` (by the clocks of the country) and ``hours`` as written, which is negative
        where an outage ends before it begins. Rows of no country, such as the European Union's,
        are left out.
    """
    inside = outages[(outages["start"] >= start) & (outages["start"] < end)]
    table = inside.assign(
        shutdown=inside["row"].isin(pairs["outage"]) | inside["cause"].isin(list(ordered)),
        local_start=local_times(inside["start"], inside["country"]),
        local_end=local_times(inside["end"], inside["country"]),
        hours=(inside["end"] - inside["start"]).dt.total_seconds() / 3600,
    )
    known = table[table["local_start"].notna()]
    return known.sort_values(["country", "start", "row"], ignore_index=True)
