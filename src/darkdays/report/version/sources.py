"""Where the numbers of a report come from: every source with its files, terms and citation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import xarray as xr

from darkdays.archive.entry import Entry
from darkdays.archive.snapshot import Snapshot
from darkdays.case.case import Case
from darkdays.fetch.plan import wanted_of
from darkdays.files import paths

_EMBEDDED: Final = "data/"
_REPLY: Final = "reply/"
_IN_THE_CASE: Final = "see data/SOURCES.md"


def sources_of(
    case: Case,
    origins: Mapping[str, Sequence[str]],
    tree: xr.DataTree,
    inputs: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
) -> list[dict[str, Any]]:
    """Return every source a case was read from, in the order of its names.

    Parameters
    ----------
    case
        Whose they are.
    origins
        Files and replies by datasource, kind of events, table or list.
    tree
        Signals, which carry the terms of embedded figures.
    inputs
        Digests of what was read, the id of the ``snapshot`` among them.
    tables
        By name; embedded ones carry their terms too.

    Returns
    -------
    list of dict
        ``name``, ``citation``, ``licence``, the embedded ``files``, how many ``replies``, the
        ``url`` of the first of them, and whether all may be passed on.
    """
    services = {one.name: one.source.SERVICE for one in wanted_of(case)}
    entries = _entries(inputs["snapshot"])
    rows = []
    for name in sorted(origins):
        replies = [entries[key] for one in origins[name] if (key := _key(one)) in entries]
        read = tree if name in tree.children else tables
        attrs = read[name].attrs if name in read else {}
        service = services.get(name)
        rows.append(
            {
                "name": name,
                "citation": service.citation if service else attrs.get("citation", _IN_THE_CASE),
                "licence": service.licence if service else attrs.get("licence", _IN_THE_CASE),
                "files": [one for one in origins[name] if one.startswith(_EMBEDDED)],
                "replies": len(replies),
                "url": next((one.url for one in replies if one.url), ""),
                "redistributable": all(one.redistributable for one in replies),
            }
        )
    return rows


def _entries(snapshot: str) -> dict[str, Entry]:
    if not snapshot:
        return {}
    manifest = Snapshot.open(paths.snapshots(), snapshot).manifest
    return {one.request.key: one for one in manifest.replies}


def _key(origin: str) -> str:
    return origin.removeprefix(_REPLY) if origin.startswith(_REPLY) else ""
