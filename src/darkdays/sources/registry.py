"""Which file reads which datasource, kind of events or table, as ``registry.toml`` states it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Final, Protocol

from darkdays.archive.request import Reply, Request, Service
from darkdays.files.packaged import toml_of
from darkdays.sources.query import Query

_STATED: Final = toml_of("sources/registry.toml")
DATASOURCES: Final[Mapping[str, str]] = _STATED["datasources"]
"""How the name of a datasource begins, to the file that reads it from its own service."""

INSTEAD: Final[Mapping[str, str]] = _STATED["instead"]
"""Where signals may come from instead of the datasource's own service."""

EVENTS: Final[Mapping[str, str]] = _STATED["events"]
LISTS: Final[Mapping[str, str]] = _STATED["lists"]
"""Lists read whole, row by row, of every country."""
TABLES: Final[Mapping[str, str]] = _STATED["tables"]


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
