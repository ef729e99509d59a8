"""Which file reads which datasource or kind of events, and every service there is."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Final, Protocol

from darkdays.archive.request import Reply, Request, Service
from darkdays.sources.query import Query

_SIGNALS: Final = {
    "ioda.": "ioda",
    "ooni.": "ooni",
    "tor.": "tor",
    "ripestat.routed": "ripestat",
    "ripestat.": "ripestat_networks",
    "ripe-atlas.": "ripe_atlas",
    "mlab.": "mlab",
    "cloudflare.": "cloudflare",
}
EVENTS: Final = {
    "acled": "acled",
    "cloudflare": "cloudflare_outages",
    "gdelt": "gdelt",
    "gdelt2": "gdelt2",
    "ioda-curated": "ioda_curated",
    "mass-mobilization": "mass_mobilization",
    "stop": "stop",
    "user-csv": "user_csv",
}
LISTS: Final = {
    "stop": "stop_rows",
    "ioda-curated": "ioda_curated_rows",
    "mass-mobilization": "mass_mobilization_rows",
}
"""Lists read whole, row by row, of every country."""


class Source(Protocol):
    """What every file of :mod:`darkdays.sources` offers."""

    SERVICE: Service

    def requests(self, query: Query, replies: Mapping[str, Reply]) -> list[Request]:
        """Return every request known to be needed."""

    def read(self, query: Query, replies: Mapping[str, Reply]) -> Any:
        """Read replies into signals, events or rows of a list."""


def of_datasource(name: str) -> Source:
    """Return the source that reads a datasource."""
    prefix = next(known for known in _SIGNALS if name.startswith(known))
    return _module(_SIGNALS[prefix])


def of_events(name: str) -> Source:
    """Return the source that reads a kind of events."""
    return _module(EVENTS[name])


def of_list(name: str) -> Source:
    """Return the source that reads a list row by row."""
    return _module(LISTS[name])


def _module(name: str) -> Source:
    # Most runs need a few of them only.
    module: Any = importlib.import_module(f"darkdays.sources.{name}")
    return module  # type: ignore[no-any-return]
