"""IODA: series of many windows and entities on one regular grid, and what is missing of them.

Windows are joined without a bin twice or left out: each bin is taken from the window it was asked
of. All times are UTC.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import xarray as xr

from darkdays.archive.request import Reply, Request, SourceError
from darkdays.contracts.signals import MEASURED, MISSING_AT_SOURCE
from darkdays.sources.ioda.ioda_entities import Entity
from darkdays.sources.ioda.ioda_series import Series, Span

_GAPS_SAID: Final = 40


@dataclass(frozen=True)
class Part:
    """One request: some entities of a type over ``[since, until)``, Unix seconds."""

    entities: tuple[Entity, ...]
    since: int
    until: int
    request: Request


@dataclass(frozen=True)
class Said:
    """What a reply said of itself: when it was fetched (ISO 8601) and what its series cover."""

    part: Part
    fetched: str
    spans: tuple[Span, ...]

    def error(self, problem: str, remedy: str) -> SourceError:
        """Return the error to raise about the reply."""
        return Reply(self.part.request, b"").error(problem, remedy)

    @property
    def over(self) -> float:
        """When it was fetched, Unix seconds: bins that end later were not over."""
        return _seconds_of(self.fetched)


def common_step(usual: int, said: Iterable[Said]) -> int:
    """Return the step, in seconds, that all values can be laid out on: the widest there is.

    Never finer than the datasource's usual one.

    Raises
    ------
    SourceError
        If a step is not a part of the widest.
    """
    steps = {span.step: one for one in said for span in one.spans if span.has_values}
    widest = max([usual, *steps])
    for step in sorted(steps):
        if widest % step:
            raise steps[step].error(
                f"its step of {step} s does not fit the {widest} s of others",
                "study the times before and after the change in two cases",
            )
    return widest


def resampled(said: Iterable[Said], step: int) -> str:
    """Say which steps were averaged to a wider one; empty if none was."""
    spans = [span for one in said for span in one.spans]
    finer = {span.step for span in spans if span.step < step and span.has_values}
    listed = ", ".join(f"{own} s" for own in sorted(finer))
    return f"{listed} averaged to {step} s" if finer else ""


def cut_off(said: Iterable[Said]) -> str:
    """Say, entity by entity, which stretches of what was asked no reply speaks of."""
    gaps: dict[str, list[list[int]]] = {}
    for one in said:
        part = one.part
        until = int(min(part.until, one.over))
        spoken = {(span.type, span.code): span for span in one.spans}
        for entity in part.entities:
            span = spoken.get((entity.type, entity.code))
            mine = gaps.setdefault(entity.label, [])
            edges = [(part.since, until)]
            if span is not None and span.size:
                edges = [(part.since, span.start), (span.end, until)]
            for since, after in edges:
                if after - since < (span.step if span is not None else 1):
                    continue
                if mine and mine[-1][1] == since:
                    mine[-1][1] = after
                else:
                    mine.append([since, after])
    listed = [
        f"{label} from {moment_of(since):%Y-%m-%dT%H:%MZ} until {moment_of(after):%Y-%m-%dT%H:%MZ}"
        for label in sorted(gaps)
        for since, after in gaps[label]
    ]
    more = f"; and {len(listed) - _GAPS_SAID} more" if len(listed) > _GAPS_SAID else ""
    return "; ".join(listed[:_GAPS_SAID]) + more


def moment_of(seconds: int) -> datetime:
    """Return a moment of Unix seconds, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


class Grid:
    """A node of nothing, filled in place with one series after the other.

    Parameters
    ----------
    node
        Of which nothing was read yet.
    """

    def __init__(self, node: xr.Dataset) -> None:
        self._step = int(node.attrs["step_seconds"])
        self._size = node.sizes["time"]
        # Whole seconds: the grid is regular, so that a time's bin is told without a search.
        times = node["time"].values
        self._origin = int(times[0].astype("datetime64[s]").astype(np.int64)) if self._size else 0
        self._row_of = {str(label): row for row, label in enumerate(node["entity"].values)}
        self._value, self._coverage = node["value"].values, node["coverage"].values
        self._span = slice(0, 0)

    def open(self, part: Part, fetched: str) -> None:
        """Begin with a reply: what it was asked for and was over when it was fetched was read."""
        over = min(part.until, _seconds_of(fetched)) // self._step * self._step
        first, after = (int(edge - self._origin) // self._step for edge in (part.since, over))
        self._span = slice(min(max(first, 0), self._size), min(max(after, 0), self._size))
        for entity in part.entities:
            self._coverage[self._row_of[entity.label], self._span] = MISSING_AT_SOURCE

    def fill(self, part: Part, one: Series) -> None:
        """Put in a series of the reply; one of a wider step than the grid's is left out."""
        rows = [
            self._row_of[entity.label]
            for entity in part.entities
            if (entity.type, entity.code) == (one.span.type, one.span.code)
        ]
        if one.span.step > self._step:
            return
        if one.span.step == self._step and one.span.start % self._step == 0:
            self._copy(rows, one)
        else:
            self._average(rows, one)

    def _copy(self, rows: list[int], one: Series) -> None:
        at = (one.span.start - self._origin) // self._step
        # A bin that two windows hold is taken from the window it was asked of.
        first, after = max(at, self._span.start), min(at + one.values.size, self._span.stop)
        if first >= after:
            return
        values = one.values[first - at : after - at]
        seen = np.isfinite(values)
        for row in rows:
            self._value[row, first:after] = values
            self._coverage[row, first:after][seen] = MEASURED

    def _average(self, rows: list[int], one: Series) -> None:
        span = self._span
        starts = one.span.start + one.span.step * np.arange(one.values.size)
        bins = starts // self._step - self._origin // self._step
        known = (bins >= span.start) & (bins < span.stop) & np.isfinite(one.values)
        at, numbers = bins[known] - span.start, one.values[known]
        counts = np.bincount(at, minlength=max(span.stop - span.start, 0))
        seen = np.flatnonzero(counts)
        means = np.bincount(at, numbers, minlength=counts.size)[seen] / counts[seen]
        for row in rows:
            self._value[row, span.start + seen] = means
            self._coverage[row, span.start + seen] = MEASURED


def _seconds_of(fetched: str) -> float:
    try:
        moment = datetime.fromisoformat(fetched)
    except ValueError:
        # A person's own file does not say.
        return math.inf
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
