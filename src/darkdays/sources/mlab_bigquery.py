"""M-Lab's single tests in BigQuery: the question to ask, and how to read its exported answer.

Contract: https://www.measurementlab.net/data/docs/bq/quickstart/ and the views
``measurement-lab.ndt.unified_downloads`` and ``unified_uploads``. Asking needs a Google login and
membership of M-Lab's free discussion group, so that darkdays does not ask: :func:`sql` writes the
question, a person runs it, exports the rows as CSV or JSON (a list, or a row a line) and gives
the file for the request of :func:`requests`. Times are UTC days, speeds Mbit/s.

The test itself changed while Iran was cut off: web100 ends on 2019-11-20, ndt5 begins on
2019-07-18 and ndt7 on 2020-03-12. A step on those days can be the instrument.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import re
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.errors import DarkdaysError, InputError
from darkdays.sources.json_reply import AGAIN, items, mapping, moment, number, parse
from darkdays.sources.mlab import SERVICE
from darkdays.sources.query import Query

__all__ = ["COLUMNS", "SERVICE", "driver", "read", "requests", "sql"]

COLUMNS: Final = ("date", "region", "tests", "addresses", "q25", "median", "q75", "slow_share")
FEWEST_ADDRESSES: Final = 30

_NUMBERS: Final = COLUMNS[2:]
_VIEWS: Final = {"download": "unified_downloads", "upload": "unified_uploads"}


def sql(query: Query) -> str:
    """Return the question: quantiles of the speed for each day and region of a country.

    Parameters
    ----------
    query
        Window (whole UTC days) and country. Option ``direction`` is ``download`` (if not given)
        or ``upload``.

    Returns
    -------
    str
        GoogleSQL with the columns of :data:`COLUMNS`. It is limited by ``date``, the partition,
        so that no more than the window is billed; cells of fewer than 30 addresses are dropped.
        No address leaves the query, only how many there were.

    Raises
    ------
    InputError
        If the country is no code, or the direction is none.
    """
    direction = query.options.get("direction", "download")
    if direction not in _VIEWS:
        raise InputError(f"{query.datasource}: direction {direction!r} is not download or upload.")
    if not re.fullmatch("[A-Z]{2}", query.country):
        raise InputError(f"M-Lab: {query.country!r} is not a country code such as IR.")
    first = query.start.tz_convert("UTC").date()
    after = query.end.tz_convert("UTC").ceil("D").date()
    # Country and dates were checked or made here: nothing a person typed reaches the text as is.
    return f"""\
SELECT
  date,
  CONCAT(client.Geo.CountryCode, '-', client.Geo.Subdivision1ISOCode) AS region,
  COUNT(*) AS tests,
  COUNT(DISTINCT client.IP) AS addresses,
  APPROX_QUANTILES(a.MeanThroughputMbps, 100)[OFFSET(25)] AS q25,
  APPROX_QUANTILES(a.MeanThroughputMbps, 100)[OFFSET(50)] AS median,
  APPROX_QUANTILES(a.MeanThroughputMbps, 100)[OFFSET(75)] AS q75,
  COUNTIF(a.MeanThroughputMbps < 0.562) / COUNT(*) AS slow_share
FROM `measurement-lab.ndt.{_VIEWS[direction]}`
WHERE date >= '{first}' AND date < '{after}' AND client.Geo.CountryCode = '{query.country}'
GROUP BY date, region
HAVING addresses >= {FEWEST_ADDRESSES}
ORDER BY date, region
"""  # noqa: S608


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return the one request that the exported file stands in for, named by its question."""
    digest = hashlib.sha256(sql(query).encode()).hexdigest()[:16]
    return [Request(SERVICE.name, f"/bigquery/{digest}", (), f"BigQuery export of {query.country}")]


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read an exported answer.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`: day (UTC), ISO 3166-2 code (empty if not known), counts, Mbit/s and a
        share; NaN where the export is empty; only days of the window, in order.

    Raises
    ------
    SourceError
        If the file is neither CSV nor JSON, a column is missing, or a day and region come twice.
    """
    (request,) = requests(query, {})
    reply = replies.get(request.key)
    rows = _rows(reply) if reply is not None else []
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(_NUMBERS, "float64"))
    table["date"] = pd.to_datetime(table["date"], utc=True)
    if reply is not None and table.duplicated(["date", "region"]).any():
        raise reply.error("a day and region come twice", "export the answer again, ungrouped")
    first, after = (edge.tz_convert("UTC") for edge in (query.start, query.end))
    inside = (table["date"] >= first.floor("D")) & (table["date"] < after)
    return table[inside].sort_values(["date", "region"], ignore_index=True)


def driver() -> Any:
    """Return Google's client library, which only this extra needs.

    Raises
    ------
    DarkdaysError
        If it is not installed.
    """
    try:
        return importlib.import_module("google.cloud.bigquery")
    except ImportError:
        raise DarkdaysError(
            "M-Lab in BigQuery needs the package google-cloud-bigquery, which is not installed; "
            "install it, or run the question in Google's console and give the exported file."
        ) from None


def _rows(reply: Reply) -> list[tuple[Any, ...]]:
    found = []
    for entry in _entries(reply):
        for column in COLUMNS:
            if column not in entry:
                raise reply.error(f"column {column} is missing", "export all columns of the answer")
        day = moment(reply, entry["date"], "date").floor("D")
        region = str(entry["region"] or "")
        numbers = (
            number(reply, entry[column] or None, column) if entry[column] != 0 else 0.0
            for column in _NUMBERS
        )
        found.append((day, region, *numbers))
    return found


def _entries(reply: Reply) -> list[dict[str, Any]]:
    body = reply.body.strip()
    if body[:1] == b"[":
        return [mapping(reply, row, "a row") for row in items(reply, parse(reply), "the file")]
    if body[:1] == b"{":
        lines = [Reply(reply.request, line) for line in body.splitlines() if line.strip()]
        return [mapping(reply, parse(line), "a row") for line in lines]
    try:
        table = pd.read_csv(io.BytesIO(reply.body), dtype=str, keep_default_na=False)
    except ValueError:
        raise reply.error("the file is neither CSV nor JSON", AGAIN) from None
    return [dict(zip(map(str, table.columns), row, strict=True)) for row in table.to_numpy()]
