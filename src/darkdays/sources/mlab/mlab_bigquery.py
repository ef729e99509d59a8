"""M-Lab's single tests in BigQuery: medians a day by country, region and network.

Contract: https://www.measurementlab.net/data/docs/bq/quickstart/ and the views
``measurement-lab.ndt.unified_downloads`` and ``unified_uploads``. Asking needs a Google login and
membership of M-Lab's free discussion group. With the extra ``bigquery`` installed a fetch asks by
itself; without it a person asks the questions, which a fetch prints with ``--plan``, in Google's
console and exports the rows as CSV or JSON (a list, or a row a line). Times are UTC days, speeds
Mbit/s. **The SQL is parsed, and its columns held against
M-Lab's schema, in a test; it was never run.**

The test itself changed while Iran was cut off: web100 ends on 2019-11-20, ndt5 begins on
2019-07-18 and ndt7 on 2020-03-12. A step on those days can be the instrument. Unlike the
statistics of :mod:`darkdays.sources.mlab.mlab` every test counts, not one an address and day.
"""

from __future__ import annotations

import io
import re
from collections.abc import Container, Mapping
from typing import Any, Final

import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.files.packaged import text_of
from darkdays.sources.json_reply import AGAIN, mapping, moment, number, objects, parse
from darkdays.sources.mlab.mlab import iso_region
from darkdays.sources.query import Query
from darkdays.sources.samples import signals
from darkdays.sources.services import service

SERVICE: Final = service("mlab-bigquery")
COLUMNS: Final = ("date", "place", "tests", "addresses", "q25", "median", "q75", "slow_share")
FEWEST_ADDRESSES: Final = 30

_NUMBERS: Final = COLUMNS[2:]
_VIEWS: Final = {"download": "unified_downloads", "upload": "unified_uploads"}
_VALUE: Final = {"mlab.download": "median", "mlab.lost-share": "slow_share"}
_PLACES: Final = {
    "country": "CONCAT('country/', client.Geo.CountryCode)",
    "region": ("CONCAT('region/', client.Geo.CountryCode, '-', client.Geo.Subdivision1ISOCode)"),
    "asn": "CONCAT('asn/', CAST(client.Network.ASNumber AS STRING))",
}


def sql(query: Query, kind: str) -> str:
    """Return the question: quantiles of the speed for each day and place of a country.

    Parameters
    ----------
    query
        Window (whole UTC days) and country. Option ``direction`` is ``download`` (if not given)
        or ``upload``.
    kind
        ``country``, ``region`` or ``asn``.

    Returns
    -------
    str
        GoogleSQL with the columns of :data:`COLUMNS`. It is limited by ``date``, the partition,
        so that no more than the window is billed; cells of fewer than 30 addresses are dropped,
        tests of 0 Mbit/s are left out as in M-Lab's own statistics. No address leaves the query,
        only how many there were.

    Raises
    ------
    InputError
        If the country is no code, or the direction is none.
    """
    if not re.fullmatch("[A-Z]{2}", query.country):
        raise InputError(f"M-Lab: {query.country!r} is not a country code such as IR.")
    first = query.start.tz_convert("UTC").date()
    after = query.end.tz_convert("UTC").ceil("D").date()
    # Country and dates were checked or made here: nothing a person typed reaches the text as is.
    return text_of("sources/mlab/speed_tests.sql").format(
        place=_PLACES[kind],
        view=_VIEWS[_direction(query)],
        first=first,
        after=after,
        country=query.country,
        fewest=FEWEST_ADDRESSES,
    )


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request a kind of place among the entities; its question is part of it.

    Parameters
    ----------
    query
        Entities are ``country/IR``, ``asn/44244`` or ``region/IR-06`` (ISO 3166-2); option
        ``regions`` as for :func:`darkdays.sources.mlab.mlab.requests`. None means the country and
        its regions. Other countries than the query's are not asked for.
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If the datasource, an entity or an option cannot be asked for.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read the median speed, or the share of tests slower than M-Lab's lowest bucket, a day.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it, for ``mlab.download`` in
        Mbit/s, for ``mlab.lost-share`` a share; and ``samples``, the tests of each day. A day
        without at least 30 addresses is missing at the source.

    Raises
    ------
    SourceError
        If a reply is neither CSV nor JSON, a column is missing, or a day and place come twice.
    InputError
        As :func:`requests`.
    """
    asked = _asked(query)
    rows = [
        row
        for kind, request in asked.items()
        if request.key in replies
        for row in _rows(replies[request.key], kind)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(_NUMBERS, "float64"))
    table["time"] = pd.to_datetime(table["date"], utc=True)
    names = _entities(query)
    calls = {code: name for name, code in names.items()}
    table["entity"] = table["place"].map(lambda place: calls.get(place, "" if calls else place))
    table = table[table["entity"] != ""]
    entities = list(names) or [f"country/{query.country}"]
    absent = {kind for kind, request in asked.items() if request.key not in replies}
    return signals(
        query,
        SERVICE,
        table.rename(columns={_VALUE[query.datasource]: "value", "tests": "samples"}),
        entities,
        unread=[one for one in entities if one.partition("/")[0] in absent],
        beside={"samples": "tests"},
        direction=_direction(query),
    )


def _direction(query: Query) -> str:
    direction = query.options.get("direction", "download")
    if direction not in _VIEWS:
        raise InputError(f"{query.datasource}: direction {direction!r} is not download or upload.")
    return direction


def _entities(query: Query) -> dict[str, str]:
    """Return the place each entity is in the answers, by what the query calls it."""
    found = {}
    for entity in sorted(set(query.entities)):
        kind, _, code = entity.partition("/")
        if kind == "region":
            found[entity] = f"region/{iso_region(query, entity)}"
        elif (kind == "asn" and re.fullmatch("[0-9]{1,10}", code)) or (
            entity == f"country/{query.country}"
        ):
            found[entity] = entity
        elif kind not in ("asn", "country"):
            raise InputError(f"{query.datasource}: {entity} is no country, network or region.")
    return found


def _asked(query: Query) -> dict[str, Request]:
    if query.datasource not in _VALUE:
        raise InputError(
            f"M-Lab's tests do not give {query.datasource!r}; use one of {', '.join(_VALUE)}."
        )
    kinds = {name.partition("/")[0] for name in _entities(query)} or {"country", "region"}
    return {
        kind: Request(
            SERVICE.name,
            f"/{kind}.json",
            (("sql", sql(query, kind)),),
            f"speed tests of {query.country} by {kind}",
        )
        for kind in sorted(kinds)
    }


def _rows(reply: Reply, kind: str) -> list[tuple[Any, ...]]:
    """Return the rows about one kind of place; a person's own export may hold others too."""
    found: dict[tuple[Any, str], tuple[Any, ...]] = {}
    for entry in _entries(reply):
        _check_columns(reply, entry)
        day = moment(reply, entry["date"], "date").floor("D")
        place = str(entry["place"] or "")
        if not place.startswith(f"{kind}/"):
            continue
        if (day, place) in found:
            raise reply.error("a day and place come twice", "export the answer again, ungrouped")
        numbers = (
            number(reply, None if entry[column] == "" else entry[column], column)
            for column in _NUMBERS
        )
        found[day, place] = (day, place, *numbers)
    return list(found.values())


def _check_columns(reply: Reply, names: Container[str]) -> None:
    for column in COLUMNS:
        if column not in names:
            raise reply.error(f"column {column} is missing", "export all columns of the answer")


def _entries(reply: Reply) -> list[dict[str, Any]]:
    body = reply.body.strip()
    if body[:1] == b"[":
        return list(objects(reply, parse(reply), "the file", "a row"))
    if body[:1] == b"{":
        lines = [Reply(reply.request, line) for line in body.splitlines() if line.strip()]
        return [mapping(reply, parse(line), "a row") for line in lines]
    try:
        table = pd.read_csv(io.BytesIO(reply.body), dtype=str, keep_default_na=False)
    except ValueError:
        raise reply.error("the file is neither CSV nor JSON", AGAIN) from None
    _check_columns(reply, table.columns)
    return [dict(zip(map(str, table.columns), row, strict=True)) for row in table.to_numpy()]
