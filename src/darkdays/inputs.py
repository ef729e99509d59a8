"""Everything a case names, read: signals, events, and the digest of every file and reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xarray as xr

from darkdays import files, paths, signals
from darkdays.archive.request import Reply, SourceError
from darkdays.archive.snapshot import Snapshot
from darkdays.case import Case, SignalSource
from darkdays.collect import wanted_of
from darkdays.errors import InputError
from darkdays.events import COLUMNS, read_csv
from darkdays.sources import facts, published

_NO_EVENTS: Final = (",".join(COLUMNS) + "\n").encode()


@dataclass(frozen=True)
class Inputs:
    """What a case has to work with.

    Attributes
    ----------
    signals
        Within the window of the case, of the entities it asks for.
    events
        See :mod:`darkdays.events`.
    digests
        Of the case and of every file and reply read; ``snapshot`` is its id, empty without one.
    unread
        What the case names and is not there, name to reason: its claims are ``untested``.
    """

    signals: xr.DataTree
    events: pd.DataFrame
    digests: dict[str, Any]
    unread: dict[str, str]


def read_inputs(case: Case, snapshot: str = "") -> Inputs:
    """Read what a case names, without changing anything in it.

    Parameters
    ----------
    case
        The case.
    snapshot
        Id of the snapshot with the replies of services; without one they are unread.

    Raises
    ------
    InputError
        If an embedded file is not there or not in its form.
    DarkdaysError
        If the snapshot is not there or damaged.
    """
    replies = Snapshot.open(paths.snapshots(), snapshot).replies() if snapshot else {}
    contents: dict[str, bytes] = {}
    nodes: dict[str, xr.Dataset] = {}
    tables: list[pd.DataFrame] = []
    unread: dict[str, str] = {}
    for wanted in case.signals:
        if wanted.source == "published":
            names = published.requests(wanted.dataset or case.name, [wanted.datasource])
            contents |= (found := {name: _content(paths.data(), name) for name in names})
            nodes[wanted.datasource] = published.read(found)[wanted.datasource].to_dataset()
    for source in case.events:
        if source.source == "facts":
            names = facts.requests(source.dataset or case.name)
            contents |= (found := {name: _content(paths.data(), name) for name in names})
            tables.append(facts.read(found))
    _read_services(case, replies, nodes, tables, unread)
    by_name = {signal.datasource: signal for signal in case.signals}
    cropped = {name: _within(case, by_name[name], node) for name, node in nodes.items()}
    return Inputs(
        signals=xr.DataTree.from_dict(cropped),
        events=pd.concat(tables, ignore_index=True) if tables else read_csv(_NO_EVENTS, "none"),
        digests={
            "case": case.digest(),
            "snapshot": snapshot,
            "data": {name: files.sha256(contents[name]) for name in sorted(contents)},
        },
        unread=unread,
    )


def _read_services(
    case: Case,
    replies: Mapping[str, Reply],
    nodes: dict[str, xr.Dataset],
    tables: list[pd.DataFrame],
    unread: dict[str, str],
) -> None:
    command = f"`darkdays fetch {case.name}` would fetch it"
    for one in wanted_of(case):
        name = one.query.datasource
        try:
            mine, missing = one.sorted_out(replies)
            if missing:
                unread[name] = f"{len(missing)} replies are not there; {command}"
                continue
            found = one.source.read(one.query, mine)
        except SourceError as error:
            unread[name] = str(error)
            continue
        if one.is_events:
            content = files.csv_text(found[list(COLUMNS)]).encode()
            tables.append(read_csv(content, name))
        else:
            nodes[name] = found


def _within(case: Case, wanted: SignalSource, node: xr.Dataset) -> xr.Dataset:
    """Keep the entities a case lists, if it asks for these only, and its window."""
    if wanted.entities == "listed":
        listed = {entity.id for entity in case.measured}
        node = node.sel(entity=[name for name in node["entity"].values if name in listed])
    window = pd.Timestamp(case.window.start), pd.Timestamp(case.window.end)
    return signals.crop(node, *window)


def _content(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise InputError(
            f"data/{name} is not there; name the folder or file to read with dataset:, or add it."
        ) from None
