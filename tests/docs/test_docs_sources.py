"""The page about sources lists what there is, and nothing else."""

from __future__ import annotations

import re

import pytest

from darkdays.contracts.datasources import DATASOURCES
from darkdays.files import paths
from darkdays.sources import registry
from every_source import SOURCES

PAGE = (paths.root() / "docs" / "sources.md").read_text(encoding="utf-8")


def cells(heading):
    """The code words in the rows below a heading, cell by cell."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    below = part.partition("|---")[2].splitlines()[1:]
    rows = [line.strip("|").split("|") for line in below if line.startswith("| ")]
    return [[re.findall(r"`([^`]+)`", cell) for cell in row] for row in rows]


def test_every_datasource_event_source_and_table_is_listed():
    signals = cells("Signals")
    assert {name for row in signals for name in row[0]} == {*DATASOURCES, "own.NAME"}
    assert {name for row in signals for name in row[1]} == {
        "service",
        "published",
        *registry.INSTEAD,
    }
    assert {name for row in cells("Events") for name in row[0]} == {"facts", *registry.EVENTS}
    assert {name for row in cells("Tables") for name in row[0]} == set(registry.TABLES)


@pytest.mark.parametrize("heading", ["Signals", "Events", "Tables"])
def test_services_are_those_that_are_asked(heading):
    known = {source.SERVICE.name for source in SOURCES.values()}
    for row in cells(heading):
        stated = [name for name in row[2 if heading == "Signals" else 1] if name in known]
        assert stated or row[0] in (["facts"], ["gdelt", "gdelt2"]) or "published" in row[1], row


def test_declared_stores_are_those_of_the_services():
    stores = {store for source in SOURCES.values() for store in source.SERVICE.stores}
    assert stores
    for store in stores:
        assert store.removeprefix(".") in PAGE
