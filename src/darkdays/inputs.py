"""Everything a case names, read: signals, events, and the digest of every file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd
import xarray as xr

from darkdays import files, paths, signals
from darkdays.case import Case
from darkdays.errors import InputError
from darkdays.events import read_csv
from darkdays.sources import facts, published

_NO_EVENTS: Final = b"kind,start,end,time_zone,precision,place,network,statement,source,conflict\n"


def read_inputs(case: Case) -> tuple[xr.DataTree, pd.DataFrame, dict[str, Any]]:
    """Read what a case names, without changing anything in it.

    Returns
    -------
    signals : xarray.DataTree
        Within the window of the case, of the entities it asks for.
    events : pandas.DataFrame
        See :mod:`darkdays.events`.
    inputs : dict
        Digests of the case and of every file read.

    Raises
    ------
    InputError
        If a file is not there or not in its form.
    """
    data = paths.data()
    contents: dict[str, bytes] = {}
    nodes = {}
    for wanted in case.signals:
        names = published.requests(wanted.dataset or case.name, [wanted.datasource])
        contents |= (replies := {name: _content(data, name) for name in names})
        node = published.read(replies)[wanted.datasource].to_dataset()
        if wanted.entities == "listed":
            listed = {entity.id for entity in case.entities}
            node = node.sel(entity=[name for name in node["entity"].values if name in listed])
        window = pd.Timestamp(case.window.start), pd.Timestamp(case.window.end)
        nodes[wanted.datasource] = signals.crop(node, *window)
    tables = []
    for source in case.events:
        names = facts.requests(source.dataset or case.name)
        contents |= (replies := {name: _content(data, name) for name in names})
        tables.append(facts.read(replies))
    events = pd.concat(tables, ignore_index=True) if tables else read_csv(_NO_EVENTS, "no events")
    inputs = {
        "case": case.digest(),
        "data": {name: files.sha256(contents[name]) for name in sorted(contents)},
    }
    return xr.DataTree.from_dict(nodes), events, inputs


def _content(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise InputError(
            f"data/{name} is not there; name the folder or file to read with dataset:, or add it."
        ) from None
