"""The real lists beside this checkout, read the way a case reads them."""

from __future__ import annotations

from functools import cache

import pandas as pd

from darkdays.archive.request import USER_SUPPLIED, Reply
from darkdays.sources import registry
from darkdays.sources.query import Query
from shared_data import SHARED, needs

FILES = {
    "stop": SHARED / "events" / "stop" / "stop_combined_2016-2025.csv",
    "ioda-curated": SHARED / "events" / "ioda-curated" / "ioda_investigated_outages.csv",
    "mass-mobilization": SHARED / "events" / "mass-mobilization" / "mm_master.csv",
}


def needs_lists(leaves_open):
    """Mark a test that needs all the lists."""
    return needs(*FILES.values(), leaves_open=leaves_open)


def read_list(name, body):
    """Read a list from the bytes of a file a person supplied."""
    start, end = pd.Timestamp("2018-01-01", tz="UTC"), pd.Timestamp("2021-08-01", tz="UTC")
    query = Query(name, start, end, "world")
    source = registry.module_of(registry.LISTS[name])
    (request,) = source.requests(query, {})
    return source.read(query, {request.key: Reply(request, body, origin=USER_SUPPLIED)})


@cache
def lists():
    """Every real list, by name; nobody changes what comes out."""
    return {name: read_list(name, path.read_bytes()) for name, path in FILES.items()}
