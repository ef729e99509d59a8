"""IODA: series of many windows and entities on one regular grid, and what is missing of them.

Windows are joined without a bin twice or left out: each bin is taken from the window it was asked
of. All times are UTC.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import xarray as xr

from darkdays.archive.request import Reply, Request
from darkdays.signals import DATASOURCES, MEASURED, MISSING_AT_SOURCE, NOT_READ
from darkdays.sources.ioda_entities import Entity
from darkdays.sources.ioda_series import Series

_GAPS_SAID: Final = 40


@dataclass(frozen=True)
class Part:
    """One request: some entities of a type over ``[since, until)``, Unix seconds."""

    entities: tuple[Entity, ...]
    since: int
    until: int
    request: Request


def common_step(
    datasource: str, pairs: list[tuple[Part, Series]], replies: Mapping[str, Reply]
) -> int:
    """Return the step, in seconds, that all values can be laid out on: the widest there is.

    Never finer than the datasource's usual one.

    Raises
    ------
    SourceError
        If a step is not a part of the widest.
    """
    usual = int(DATASOURCES[datasource].step.total_seconds())
    steps = {one.step: part for part, one in pairs if np.isfinite(one.values).any()}
    widest = max([usual, *steps])
    for step in sorted(steps):
        if widest % step:
            raise replies[steps[step].request.key].error(
                f"its step of {step} s does not fit the {widest} s of others",
                "study the times before and after the change in two cases",
            )
    return widest


def resampled(pairs: list[tuple[Part, Series]], step: int) -> str:
    """Say which steps were averaged to a wider one; empty if none was."""
    finer = {one.step for _, one in pairs if one.step < step and np.isfinite(one.values).any()}
    said = ", ".join(f"{own} s" for own in sorted(finer))
    return f"{said} averaged to {step} s" if finer else ""


def _over(reply: Reply) -> float:
    """Return when a reply was fetched, Unix seconds: bins that end later were not over."""
    try:
        moment = datetime.fromisoformat(reply.fetched)
    except ValueError:
        # A person's own file does not say.
        return math.inf
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def cut_off(
    parts: list[Part], pairs: list[tuple[Part, Series]], replies: Mapping[str, Reply]
) -> str:
    """Say, entity by entity, which stretches of what was asked no reply speaks of."""
    spoken = {(part.request.key, one.type, one.code): one for part, one in pairs}
    gaps: dict[str, list[list[int]]] = {}
    for part in parts:
        until = int(min(part.until, _over(replies[part.request.key])))
        for entity in part.entities:
            one = spoken.get((part.request.key, entity.type, entity.code))
            mine = gaps.setdefault(entity.label, [])
            edges = [(part.since, until)]
            if one is not None and one.values.size:
                edges = [(part.since, one.start), (one.start + one.values.size * one.step, until)]
            for since, after in edges:
                if after - since < (one.step if one is not None else 1):
                    continue
                if mine and mine[-1][1] == since:
                    mine[-1][1] = after
                else:
                    mine.append([since, after])
    said = [
        f"{label} from {moment_of(since):%Y-%m-%dT%H:%MZ} until {moment_of(after):%Y-%m-%dT%H:%MZ}"
        for label in sorted(gaps)
        for since, after in gaps[label]
    ]
    more = f"; and {len(said) - _GAPS_SAID} more" if len(said) > _GAPS_SAID else ""
    return "; ".join(said[:_GAPS_SAID]) + more


def moment_of(seconds: int) -> datetime:
    """Return a moment of Unix seconds, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def filled(
    node: xr.Dataset,
    step: int,
    parts: list[Part],
    pairs: list[tuple[Part, Series]],
    replies: Mapping[str, Reply],
) -> xr.Dataset:
    """Put series into a node of nothing, and say why the rest is missing."""
    size = node.sizes["time"]
    # Whole seconds: the grid is regular, so that a time's bin is told without a search.
    origin = int(node["time"].values[0].astype("datetime64[s]").astype(np.int64)) if size else 0
    row_of = {str(label): row for row, label in enumerate(node["entity"].values)}
    value, coverage = node["value"].values, node["coverage"].values
    coverage[:] = NOT_READ
    spans: dict[str, slice] = {}
    for part in parts:
        over = min(part.until, _over(replies[part.request.key])) // step * step
        first, after = (int(edge - origin) // step for edge in (part.since, over))
        spans[part.request.key] = span = slice(min(max(first, 0), size), min(max(after, 0), size))
        for entity in part.entities:
            coverage[row_of[entity.label], span] = MISSING_AT_SOURCE
    for part, one in pairs:
        # A bin that two windows hold is taken from the window it was asked of.
        span = spans[part.request.key]
        bins = (one.start + one.step * np.arange(one.values.size)) // step - origin // step
        known = (bins >= span.start) & (bins < span.stop) & np.isfinite(one.values)
        at, numbers = bins[known] - span.start, one.values[known]
        counts = np.bincount(at, minlength=max(span.stop - span.start, 0))
        seen = np.flatnonzero(counts)
        means = np.bincount(at, numbers, minlength=counts.size)[seen] / counts[seen]
        for entity in part.entities:
            if (entity.type, entity.code) == (one.type, one.code):
                row = row_of[entity.label]
                value[row, span.start + seen] = means
                coverage[row, span.start + seen] = MEASURED
    return node
