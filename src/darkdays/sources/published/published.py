"""Figures that public reports printed, embedded in ``data/published/<case>/``.

The tidy form is described in ``data/SOURCES.md``: ``entity,first,last,value``, a value holding
for every bin from ``first`` to ``last``; an empty value is missing at the source.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import pandas as pd
import xarray as xr

from darkdays.contracts.datasources import DATASOURCES
from darkdays.contracts.signals import dataset
from darkdays.errors import InputError
from darkdays.files.packaged import toml_of

_TERMS: Final = toml_of("sources/published/terms.toml")


def requests(case_name: str, datasources: list[str]) -> list[str]:
    """Return the embedded files a case needs, relative to ``data/``."""
    return [f"published/{case_name}/{name}.csv" for name in datasources]


def read(replies: Mapping[str, bytes]) -> xr.DataTree:
    """Read embedded files into signals.

    Parameters
    ----------
    replies
        File name, as :func:`requests` gave it, to content.

    Returns
    -------
    xarray.DataTree
        A node a datasource.

    Raises
    ------
    InputError
        If a file is not in the tidy form.
    """
    nodes = {}
    for path in sorted(replies):
        name = path.rsplit("/", 1)[-1].removesuffix(".csv")
        nodes[name] = _read_one(name, path, replies[path])
    return xr.DataTree.from_dict(nodes)


def _read_one(name: str, path: str, content: bytes) -> xr.Dataset:
    try:
        table = pd.read_csv(io.BytesIO(content), dtype={"entity": str, "value": float})
        runs = table.assign(
            first=pd.to_datetime(table["first"], format="%Y-%m-%dT%H:%MZ", utc=True),
            last=pd.to_datetime(table["last"], format="%Y-%m-%dT%H:%MZ", utc=True),
        )
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{path}: {error}; the form is entity,first,last,value with times in UTC."
        ) from None
    terms = {"citation": "", "licence": "", **_TERMS.get(name, {})}
    return dataset(runs, DATASOURCES[name], terms)
