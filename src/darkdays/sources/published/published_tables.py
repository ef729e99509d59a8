"""Tables that public reports printed, embedded in ``data/published/<case>/``.

Their forms are described in ``data/SOURCES.md``. ``ooni-measurements``: single measurements,
``time,network,input,blocking,failure``. ``reported-durations``: how long somebody said that it
lasted, ``source,hours_low,hours_high,start,end,statement,reference``; an empty bound was not
stated. ``shares``: how much of something the largest holder has, from tables of the dates
``first`` to ``last``, ``entity,measure,first,last,tables,share,herfindahl,largest,reference``.
``block-pages``: ``input,category,first,last,network,block_pages``, how often a block page was seen.
``listed-outages``: outages that somebody found and listed, each time to so many minutes,
``entity,start,end,minutes,statement,reference``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from darkdays.errors import InputError
from darkdays.files.packaged import toml_of
from darkdays.sources.citizenlab import domain_of
from darkdays.sources.ooni.ooni_measurements import COLUMNS
from darkdays.sources.services import columns_of

_SECOND: Final = "%Y-%m-%dT%H:%M:%SZ"
_MINUTE: Final = "%Y-%m-%dT%H:%MZ"
_TERMS: Final = toml_of("sources/published/terms.toml")
DURATION_COLUMNS: Final = columns_of("reported-durations")


def requests(case_name: str, table: str) -> list[str]:
    """Return the embedded file of a table, relative to ``data/``."""
    return [f"published/{case_name}/{table}.csv"]


def read(replies: Mapping[str, bytes]) -> pd.DataFrame:
    """Read an embedded table.

    Parameters
    ----------
    replies
        File name, as :func:`requests` gave it, to content.

    Returns
    -------
    pandas.DataFrame
        For ``ooni-measurements`` as :func:`darkdays.sources.ooni.ooni_measurements.read` gives it;
        whether a measurement confirmed a known block page was not published, and is missing. For
        ``reported-durations`` its columns, ``start`` and ``end`` as UTC. Attributes ``licence``
        and ``citation``.

    Raises
    ------
    InputError
        If it is not in its form.
    """
    ((path, content),) = replies.items()
    name = path.rsplit("/", 1)[-1].removesuffix(".csv")
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    try:
        found = TABLES[name](table)
    except (KeyError, ValueError) as error:
        raise InputError(f"{path}: {error}; its form is described in data/SOURCES.md.") from None
    found.attrs = {**_TERMS[name], "complete": True}
    return found


def _measurements(table: pd.DataFrame) -> pd.DataFrame:
    kinds = {"ok", "dns", "tcp_ip", "http-diff", "http-failure"}
    if unknown := sorted(set(table["blocking"]) - kinds):
        raise ValueError(f"blocking {unknown[0]!r} is not one of {', '.join(sorted(kinds))}")
    if not table["network"].str.fullmatch("asn/[0-9]{1,10}").all():
        raise ValueError("a network is not written as asn/27725")
    blocked = table["blocking"] != "ok"
    found = pd.DataFrame(
        {
            "measurement_start_time": pd.to_datetime(table["time"], format=_SECOND, utc=True),
            "probe_cc": None,
            "probe_asn": table["network"].str.removeprefix("asn/").astype("Int64"),
            "test_name": "web_connectivity",
            "input": table["input"],
            "domain": table["input"].map(domain_of),
            "anomaly": blocked.astype("boolean"),
            "confirmed": pd.array([pd.NA] * len(table), dtype="boolean"),
            "failure": pd.array([False] * len(table), dtype="boolean"),
            "blocking_type": table["blocking"].where(blocked, None),
        }
    )
    return found[list(COLUMNS)]


def _durations(table: pd.DataFrame) -> pd.DataFrame:
    hours = {name: pd.to_numeric(table[name]) for name in ("hours_low", "hours_high")}
    if (hours["hours_low"] > hours["hours_high"]).any():
        raise ValueError("hours_low is above hours_high")
    times = {
        name: pd.to_datetime(table[name].replace("", None), format=_MINUTE, utc=True)
        for name in ("start", "end")
    }
    return table.assign(**hours, **times)[list(DURATION_COLUMNS)]


def _shares(table: pd.DataFrame) -> pd.DataFrame:
    numbers = {name: pd.to_numeric(table[name]) for name in ("share", "herfindahl")}
    found = table.assign(**numbers, **_days(table), tables=table["tables"].astype(int))
    shares = found[["share", "herfindahl"]]
    if shares.isna().all(axis=1).any() or not shares.fillna(1).gt(0).all(axis=None):
        raise ValueError("a row has neither a share nor a concentration above 0")
    if shares.gt(1).any(axis=None):
        raise ValueError("a share is above 1")
    return found[list(columns_of("shares"))]


def _block_pages(table: pd.DataFrame) -> pd.DataFrame:
    counts = table["block_pages"].astype(int)
    found = table.assign(block_pages=counts, **_days(table), domain=table["input"].map(domain_of))
    return found[[*columns_of("block-pages"), "domain"]]


def _listed(table: pd.DataFrame) -> pd.DataFrame:
    times = {
        name: pd.to_datetime(table[name], format=_MINUTE, utc=True) for name in ("start", "end")
    }
    if (times["end"] <= times["start"]).any():
        raise ValueError("an outage ends before it starts")
    found = table.assign(**times, minutes=pd.to_numeric(table["minutes"]))
    return found[list(columns_of("listed-outages"))]


def _days(table: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        name: pd.to_datetime(table[name], format="%Y-%m-%d", utc=True) for name in ("first", "last")
    }


TABLES: Final[Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    "block-pages": _block_pages,
    "listed-outages": _listed,
    "ooni-measurements": _measurements,
    "reported-durations": _durations,
    "shares": _shares,
}
"""How each embedded table is read."""
