"""Everything a case names, read: signals, events, and the digest of every file and reply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import Reply, SourceError
from darkdays.archive.snapshot import Snapshot
from darkdays.case.case import Case
from darkdays.case.sources import EventSource, SignalSource, TableSource
from darkdays.contracts import signals
from darkdays.contracts.events import COLUMNS, read_csv
from darkdays.errors import InputError
from darkdays.fetch.plan import Wanted, given_with, wanted_of
from darkdays.files import paths, writing
from darkdays.sources import facts
from darkdays.sources.published import published, published_tables

_NO_EVENTS: Final = (",".join(COLUMNS) + "\n").encode()


@dataclass(frozen=True)
class Inputs:
    """What a case has to work with.

    Attributes
    ----------
    signals
        Within the window of the case, of the entities it asks for.
    events
        See :mod:`darkdays.contracts.events`; ``origin`` is the event source of the case a row is
        from.
    lists
        Lists that the studies of the case read, row by row, by name.
    digests
        Of the case and of every file and reply read; ``snapshot`` is its id, empty without one.
    unread
        What the case names and is not there, or not all of it, name to reason: claims on what is
        missing are ``untested``.
    tables
        By what the case calls them; of sources in :data:`darkdays.sources.registry.TABLES`.
    origins
        Where everything came from, by datasource, kind of events, table or list: ``data/`` files,
        and replies as ``reply/`` with the key of their request.
    accounts
        Of a person's own files, how each was understood and what became of its rows.
    """

    signals: xr.DataTree
    events: pd.DataFrame
    lists: dict[str, pd.DataFrame]
    digests: dict[str, Any]
    unread: dict[str, str]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    origins: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)


def account_of(found: xr.Dataset | pd.DataFrame) -> str:
    """Return how a person's own file was understood and what became of its rows; else nothing."""
    said = found.attrs
    return f"{said['read_as']}: {said['rows']}" if "rows" in said and "read_as" in said else ""


def read_inputs(case: Case, snapshot: str = "", command: str = "") -> Inputs:
    """Read what a case names, without changing anything in it.

    Parameters
    ----------
    case
        The case.
    snapshot
        Id of the snapshot with the replies of services; without one they are unread.
    command
        That gets what is not there; ``darkdays fetch`` or ``run`` with the case if not given.

    Raises
    ------
    InputError
        If an embedded file is not there or not in its form.
    DarkdaysError
        If the snapshot is not there or damaged.
    """
    read = _Read()
    files: dict[str, bytes] = {}
    for part, found in _embedded(case):
        files |= found
        if isinstance(part, SignalSource):
            called = part.datasource
            read.nodes[called] = published.read(found)[called].to_dataset()
        elif isinstance(part, EventSource):
            called = part.source
            read.events.append(facts.read(found).assign(origin=called))
        else:
            called = part.called
            read.tables[called] = published_tables.read(found)
        read.origins.setdefault(called, []).extend(f"data/{name}" for name in found)
    _read_services(case, snapshot, read, command)
    by_name = {signal.datasource: signal for signal in case.signals}
    cropped = {name: _within(case, by_name[name], node) for name, node in read.nodes.items()}
    events = read.events or [read_csv(_NO_EVENTS, "none").assign(origin="")]
    return Inputs(
        signals=xr.DataTree.from_dict(cropped),
        events=pd.concat(events, ignore_index=True),
        lists=read.lists,
        digests=_digests(case, snapshot, files),
        unread=read.unread,
        tables=read.tables,
        origins=read.origins,
        accounts=read.accounts,
    )


def digests_of(case: Case, snapshot: str = "") -> dict[str, Any]:
    """Return the digests that :func:`read_inputs` would give, and read nothing but bytes."""
    files = {name: body for _, found in _embedded(case) for name, body in found.items()}
    return _digests(case, snapshot, files)


def _digests(case: Case, snapshot: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    data = {name: writing.sha256(files[name]) for name in sorted(files)}
    return {"case": case.digest(), "snapshot": snapshot, "data": data}


def _embedded(
    case: Case,
) -> Iterator[tuple[SignalSource | EventSource | TableSource, dict[str, bytes]]]:
    """Go through what a case reads from ``data/``, each with its files."""
    parts: list[SignalSource | EventSource | TableSource]
    parts = [*case.signals, *case.events, *case.tables]
    for one in parts:
        whose = one.dataset or case.name
        if isinstance(one, SignalSource):
            names = published.requests(whose, [one.datasource])
        elif isinstance(one, TableSource):
            names = published_tables.requests(whose, str(one.table))
        else:
            names = facts.requests(whose)
        if one.source in ("facts", "published"):
            yield one, {name: _content(paths.data(), name) for name in names}


@dataclass(frozen=True)
class _Read:
    """What has been read so far."""

    nodes: dict[str, xr.Dataset] = field(default_factory=dict)
    events: list[pd.DataFrame] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    lists: dict[str, pd.DataFrame] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    origins: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)


def _read_services(case: Case, snapshot: str, read: _Read, command: str) -> None:
    """Read what services sent; nothing but what is looked at is held in memory."""
    replies: Mapping[str, Reply] = {}
    if snapshot:
        replies = Snapshot.open(paths.snapshots(), snapshot).reading()
    for one in wanted_of(case):
        try:
            mine, missing = one.sorted_out(replies)
            if missing and one.is_optional:
                continue
            if missing:
                lacks = "1 reply is" if len(missing) == 1 else f"{len(missing)} replies are"
                read.unread[one.name] = f"{lacks} not there; {_remedy(case, one, command)}"
                continue
            found = one.source.read(one.query, mine)
        except SourceError as error:
            read.unread[one.name] = str(error)
            continue
        read.origins.setdefault(one.name, []).extend(f"reply/{key}" for key in mine)
        if said := found.attrs.get("incomplete"):
            read.unread[one.name] = said
        if account := account_of(found):
            read.accounts[one.name] = account
        if one.kind == "events":
            content = writing.csv_text(found[list(COLUMNS)]).encode()
            read.events.append(read_csv(content, one.name).assign(origin=one.name))
        elif one.kind == "table":
            read.tables[one.name] = found
        elif one.kind == "list":
            read.lists[one.name] = found
        else:
            read.nodes[one.name] = found


def _remedy(case: Case, one: Wanted, command: str) -> str:
    """Say how to get what is not there."""
    service = one.source.SERVICE
    if not service.base_url:
        run = command or f"darkdays run {case.spoken}"
        return f"`{run} {given_with(service.name)}` reads a file of your own"
    copy = f", and --file {service.name}=PATH reads a local copy" if one.kind == "list" else ""
    return f"`{command or f'darkdays fetch {case.spoken}'}` would fetch it{copy}"


def _within(case: Case, wanted: SignalSource, node: xr.Dataset) -> xr.Dataset:
    """Keep the entities a case lists, if it asks for these only, and its window."""
    if wanted.entities == "listed":
        listed = [entity.id for entity in case.measured]
        inside = np.isin(node["entity"].values.astype(str), listed)
        if not inside.all():
            node = node.isel(entity=inside)
    window = pd.Timestamp(case.window.start), pd.Timestamp(case.window.end)
    return signals.crop(node, *window)


def _content(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise InputError(
            f"data/{name} is not there; name the folder or file to read with dataset:, or add it."
        ) from None
