"""Citizen Lab test lists: which web sites are tested for blocking, and of which category.

Contract: https://github.com/citizenlab/test-lists, one CSV a country below ``lists/`` and
``lists/global.csv``, with ``url``, ``category_code``, ``category_description``, ``date_added``,
``source`` and ``notes``. The lists change every week: to pin them, give the address of one commit
as the base URL. Who suggested a site (``source``) and the notes are dropped on read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import pandas as pd

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.sources.query import Query
from darkdays.sources.services import service
from darkdays.sources.tor import rows_of

SERVICE: Final = service("citizenlab")

COLUMNS: Final = ("list", "url", "domain", "category_code", "category", "date_added")
"""Columns of the table :func:`read` returns, all of them text."""

_REMEDY: Final = "fetch it again, or give the list's CSV as a local file"
_LIST: Final = re.compile(r"[a-z]{2,12}")


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:  # noqa: ARG001
    """Return one request a list: that of the country, then the global one.

    Parameters
    ----------
    query
        Option ``lists`` names others, separated by commas (``ir,cis,global``).
    replies
        Not needed: everything is known from the start.

    Raises
    ------
    InputError
        If a list has a name that none can have.
    """
    return list(_asked(query).values())


def read(query: Query, replies: Mapping[str, Reply]) -> pd.DataFrame:
    """Read lists into one table.

    Parameters
    ----------
    query
        As it was asked.
    replies
        By :attr:`~darkdays.archive.request.Request.key`; a list without one is left out.

    Returns
    -------
    pandas.DataFrame
        A row a list and address, in order of both: ``list`` (``ir``, ``global``), ``url`` as
        listed, ``domain`` (host in lower case, empty if there is none), ``category_code`` (Citizen
        Lab's own, such as ``NEWS``; unknown ones are kept), ``category`` in words, ``date_added``
        (``YYYY-MM-DD``; the last two are empty where the list has none). Attributes ``licence``
        and ``citation``.

    Raises
    ------
    SourceError
        If a reply is not such a list.
    InputError
        If a list has a name that none can have.
    """
    rows = set()
    for name, request in _asked(query).items():
        if request.key not in replies:
            continue
        for row in rows_of(replies[request.key], ("url", "category_code"), _REMEDY):
            cells = {column: text.strip() for column, text in row.items()}
            if cells["url"]:
                rows.add(
                    (
                        name,
                        cells["url"],
                        domain_of(cells["url"]),
                        cells["category_code"],
                        cells.get("category_description", ""),
                        cells.get("date_added", ""),
                    )
                )
    table = pd.DataFrame(sorted(rows), columns=list(COLUMNS), dtype=str)
    table.attrs = SERVICE.terms
    return table


def domain_of(url: str) -> str:
    """Return the host of an address in lower case, without port; empty if there is none.

    What OONI tests is not always an address of the web: ``dot://dns.quad9.net/`` and
    ``example.org:443`` have a host too.
    """
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname
    except ValueError:
        return ""
    return (host or "").rstrip(".")


def _asked(query: Query) -> dict[str, Request]:
    stated = query.options.get("lists", f"{query.country.lower()},global")
    # A list named twice is asked once.
    names = list(dict.fromkeys(name.strip() for name in stated.split(",")))
    for name in names:
        if not _LIST.fullmatch(name):
            raise InputError(
                f"Citizen Lab has no test list {name!r}; name lists as their files are, ir or "
                "global, separated by commas."
            )
    return {
        name: Request(SERVICE.name, f"/lists/{name}.csv", about=f"test list {name}")
        for name in names
    }
