"""Every file that reads replies, once, with its name."""

from __future__ import annotations

from importlib import import_module

from darkdays.sources import registry

_TABLES = (
    registry.DATASOURCES,
    registry.INSTEAD,
    registry.EVENTS,
    registry.LISTS,
    registry.TABLES,
)
SOURCES = {
    name.rpartition(".")[2]: import_module(f"darkdays.sources.{name}")
    for name in sorted({name for table in _TABLES for name in table.values()})
}
