"""Anyone's own files of measurements, with a map of their columns in the case.

See :mod:`darkdays.sources.own.user_rows` for how columns are mapped. The datasource is one the kit
knows, or one of a person's own (``own.traffic``), which may say its unit and step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.archive.request import Reply, Request, Service
from darkdays.errors import InputError
from darkdays.sources.countries import code_of
from darkdays.sources.event_rows import answered, cleaned
from darkdays.sources.own import bins, reading, user_rows
from darkdays.sources.own.column_names import listed
from darkdays.sources.own.reading import Reading
from darkdays.sources.query import Query
from darkdays.sources.samples import signals

SERVICE: Final[Service] = user_rows.SERVICE

_ID: Final = re.compile(r"(country|region|asn)/.+")
_NETWORK: Final = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)


def requests(query: Query, replies: Mapping[str, Reply]) -> list[Request]:
    """Return the requests that files have to stand in for.

    Option ``file`` is the name of the first, ``signal.csv`` if not given.

    Raises
    ------
    SourceError
        If a file is named by more than its name.
    """
    return user_rows.requests_of(query, "signal", replies)


def read(query: Query, replies: Mapping[str, Reply]) -> xr.Dataset:
    """Read the files into a signal.

    Options ``time``, ``value`` and ``entity`` name columns; ``entity: =country/IR`` holds for all
    rows. Of a table without a column of entities, columns that are called as entities are a series
    each; one series is of the only entity the case lists, or of its country. Times are local to
    option ``time_zone``, UTC if not given, unless they state an offset; they are the starts of
    bins. Options ``step`` (``10min``), ``unit`` and ``title`` replace those of the datasource; a
    step that nobody states is the commonest of the file. Further options are those of
    :class:`darkdays.sources.own.table.Form`. Missing values are missing, the numbers of option
    ``missing_values`` and bins without a row too.

    Returns
    -------
    xarray.Dataset
        As :func:`darkdays.contracts.signals.from_samples` makes it; bins begin where the file's do,
        also if that is at half past. Attributes ``rows`` and ``read_as`` say what became of every
        row, and how the files were understood; ``used`` how many rows count.

    Raises
    ------
    SourceError
        If a file is not there or cannot be read, two rows are of one bin, or the step is none; the
        sentence names the line.
    """
    files = answered(query, requests(query, replies), replies)
    found, said, count = [], [], 0
    for reply in files:
        with user_rows.told(reply):
            one = _read(query, reply)
            said.append(one.line)
            count += len(one.table.cells)
            found.append(_samples(query, one))
    samples = pd.concat(found, ignore_index=True)
    datasource = bins.datasource_of(query, samples)
    samples, offset = bins.on_clock(samples, datasource.step)
    bins.refuse_two_in_a_bin(files[-1], samples, datasource.step, offset)
    wanted = (
        samples["entity"].isin(query.entities)
        if query.entities
        else samples["value"] == samples["value"]
    )
    inside = (samples["time"] >= query.start) & (samples["time"] < query.end)
    used = inside & samples["value"].notna()
    node = signals(
        query, SERVICE, samples[["entity", "time", "value"]], query.entities,
        datasource=datasource, offset=offset,
    )  # fmt: skip
    left = {
        "of entities the case does not list": count - samples["row"].nunique(),
        "outside the window": samples["row"][~inside & wanted].nunique(),
        "without a value": samples["row"][inside & ~used].nunique(),
    }
    rows = int(samples["row"][used].nunique())
    return node.assign_attrs(
        user_rows.terms_of(query), rows=user_rows.account(query, count, rows, left), used=rows,
        read_as="; ".join(said),
    )  # fmt: skip


def _read(query: Query, reply: Reply) -> Reading:
    stated = query.options
    entity, value = stated.get("entity", ""), stated.get("value")
    return reading.read(
        reply.body, user_rows.name_of(reply), user_rows.form_of(query, reply, "UTC"),
        time=stated.get("time"), values=[value] if value else [],
        entity=None if entity.startswith("=") or not entity else entity,
    )  # fmt: skip


def _samples(query: Query, found: Reading) -> pd.DataFrame:
    """Return a row a sample: ``entity``, ``time`` (UTC), ``value``, ``row`` and the day."""
    if found.moments is None:
        raise InputError(f"{found.table.name} has no column of times; state the option time.")
    stated = query.options.get("entity", "")
    names = list(found.values)
    if stated.startswith("=") or found.columns.entity or len(names) == 1:
        if len(names) > 1:
            raise InputError(
                f"{found.table.name} has the columns {listed(names)}; state the option value, the "
                "one to use."
            )
        whose = {names[0]: _whose(query, found, stated)}
    else:
        whose = {
            name: pd.Series(one, index=found.table.cells.index)
            for name in names
            if (one := entity_of(name, query)) in query.entities
        }
        if not whose:
            raise InputError(
                f"{found.table.name} has the columns {listed(names)}, none of which is called as "
                "an entity of the case; state the option value, the one to use."
            )
    local = found.moments.local if found.moments.days else None
    table = pd.concat(
        pd.DataFrame(
            {
                "entity": whose[name].to_numpy(),
                "time": found.moments.times,
                "value": _measured(query, found, name),
                "row": [f"{found.table.name} {at}" for at in found.table.cells.index],
                "day": pd.NaT if local is None else local,
            }
        )
        for name in whose
    )
    kept = table[table["entity"].isin(query.entities)] if query.entities else table
    if kept.empty and len(table):
        raise InputError(
            f"{found.table.name} holds {listed(list(dict.fromkeys(table['entity'])))}, none of "
            f"which is an entity of the case: {listed(query.entities)}; state the option entity, "
            f"such as ={query.entities[0]}."
        )
    return kept


def _measured(query: Query, found: Reading, name: str) -> NDArray[np.float64]:
    """Return the values of a column, without the numbers that stand for none."""
    codes = [float(one) for one in query.options.get("missing_values", "").split()]
    values = found.values[name]
    values = np.where(np.isin(values, codes), np.nan, values)
    if (values < 0).any() and query.options.get("below_zero") != "allowed":
        raise found.table.wrong(
            values < 0,
            name,
            f"has the value {values[values < 0][0]:g}, below 0, which no count can be; "
            "write missing_values: "
            f"[{values[values < 0][0]:g}] in the signal if it means that nothing was measured",
        )
    return values


def _whose(query: Query, found: Reading, stated: str) -> pd.Series:
    """Return the entity of every row."""
    index = found.table.cells.index
    if stated.startswith("="):
        return pd.Series(cleaned(stated[1:]), index=index)
    if found.columns.entity:
        known = {one: entity_of(one, query) for one in found.entities().unique()}
        return found.entities().map(known)
    country = f"country/{query.country}"
    if len(query.entities) == 1:
        (country,) = query.entities
    elif query.entities and country not in query.entities:
        raise InputError(
            f"{found.table.name} does not say whose its rows are; state the option entity, such as "
            f"={query.entities[0]}."
        )
    return pd.Series(country, index=index)


def entity_of(label: str, query: Query) -> str:
    """Return the entity that a file calls so: an id, a country, a network, or a region's name."""
    label = cleaned(label)
    if _ID.fullmatch(label):
        return label
    if code := code_of(label) or code_of(label.upper()):
        return f"country/{code}"
    if found := _NETWORK.fullmatch(label):
        return f"asn/{int(found[1])}"
    region = f"region/{label}"
    return region if region in query.entities else label
