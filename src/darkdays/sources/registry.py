"""Which file reads which datasource, kind of events or table."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Final, Protocol

from darkdays.archive.request import Reply, Request, Service
from darkdays.sources.query import Query

DATASOURCES: Final[Mapping[str, str]] = {
    "ioda.": "ioda.ioda",
    "monash.": "monash",
    "ooni.": "ooni.ooni",
    "tor.": "tor",
    "ripestat.routed": "ripe.ripestat",
    "ripestat.neighbours": "ripe.ripestat_neighbours",
    "ripestat.": "ripe.ripestat_concentration",
    "ripe-atlas.": "ripe.ripe_atlas",
    "mlab.": "mlab.mlab",
    "cloudflare.": "cloudflare.cloudflare",
}
"""How the name of a datasource begins, to the file that reads it from its own service."""

INSTEAD: Final[Mapping[str, str]] = {
    "csv": "own.user_signals",
    "ioda-csv": "ioda.ioda_csv",
    "mlab-bigquery": "mlab.mlab_bigquery",
}
"""Where signals may come from instead of the datasource's own service."""

EVENTS: Final[Mapping[str, str]] = {
    "acled": "acled",
    "cloudflare": "cloudflare.cloudflare_outages",
    "gdelt": "gdelt.gdelt",
    "gdelt2": "gdelt.gdelt2",
    "ioda-alerts": "ioda.ioda_outages",
    "ioda-curated": "ioda.ioda_curated",
    "ioda-events": "ioda.ioda_outages",
    "mass-mobilization": "mass_mobilization.mass_mobilization",
    "stop": "stop.stop",
    "user-csv": "own.user_csv",
}
LISTS: Final = {
    "stop": "stop.stop_rows",
    "ioda-curated": "ioda.ioda_curated_rows",
    "mass-mobilization": "mass_mobilization.mass_mobilization_rows",
}
"""Lists read whole, row by row, of every country."""
TABLES: Final[Mapping[str, str]] = {
    "citizenlab": "citizenlab",
    "mlab-histograms": "mlab.mlab_histograms",
    "ooni-headers": "ooni.ooni_headers",
    "ooni-measurements": "ooni.ooni_measurements",
    "ripestat-networks": "ripe.ripestat_networks",
}


class Source(Protocol):
    """What every file of :mod:`darkdays.sources` offers."""

    SERVICE: Service

    def requests(self, query: Query, replies: Mapping[str, Reply]) -> list[Request]:
        """Return every request known to be needed."""

    def read(self, query: Query, replies: Mapping[str, Reply]) -> Any:
        """Read replies into signals, events, a table or rows of a list."""


def of_signal(source: str, datasource: str) -> Source:
    """Return the file that reads a datasource from ``service`` or one of :data:`INSTEAD`."""
    if source in INSTEAD:
        return module_of(INSTEAD[source])
    prefix = next(known for known in DATASOURCES if datasource.startswith(known))
    return module_of(DATASOURCES[prefix])


def module_of(name: str) -> Source:
    """Return the file of that name; most runs need a few of them only."""
    module: Any = importlib.import_module(f"darkdays.sources.{name}")
    return module  # type: ignore[no-any-return]
