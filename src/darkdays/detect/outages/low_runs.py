"""Stretches in which a signal is down, dated to the sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.existence import p_of_stretch

MIN_SAMPLES = 2
"""One sample is a dip of the instrument; an outage lasts two or more."""


@dataclass(frozen=True)
class Spell:
    """A stretch in which a signal is down.

    Attributes
    ----------
    first, last
        First segment of it, and the first after it.
    start, end
        The same in samples.
    """

    first: int
    last: int
    start: int
    end: int
    p: float


def spells(analysis: Analysis, min_depth: float) -> Iterator[Spell]:
    """Find the stretches that are down by more than ``min_depth`` and more than by chance."""
    edges = analysis.edges
    down = analysis.levels * analysis.baseline < analysis.floor_of_normal(min_depth)
    normal = np.repeat(~down, np.diff(edges))
    for first, last in _runs(down, edges):
        start, end = int(edges[first]), int(edges[last])
        if end - start < MIN_SAMPLES:
            continue
        values, noise = analysis.segments.values, analysis.segments.noise
        p_value = p_of_stretch(values, noise, slice(start, end), normal)
        if p_value <= 1 - analysis.segments.level:
            yield Spell(first, last, start, end, p_value)


def onset(analysis: Analysis, first: int, floor: float) -> dict[str, pd.Timestamp]:
    """Date the first sample below the floor, around the change that begins segment ``first``."""
    edges = analysis.edges
    position, earliest, latest = (
        int(edges[first]),
        int(edges[first - 1]) + 1,
        int(edges[first + 1]) - 1,
    )
    low, high = analysis.segments.interval(first - 1)
    while position > earliest and analysis.values[position - 1] < floor:
        position -= 1
    while position < latest and analysis.values[position] >= floor:
        position += 1
    onset_low, onset_high = analysis.bounds(min(low, position), max(high, position))
    return {"onset": analysis.moment(position), "onset_low": onset_low, "onset_high": onset_high}


def _runs(down: NDArray[np.bool_], edges: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return ``(first, last)`` segment ranges that are down; one lone sample up ends nothing."""
    runs: list[tuple[int, int]] = []
    for number in np.flatnonzero(down):
        begins = int(number)
        if runs and edges[begins] - edges[runs[-1][1]] < MIN_SAMPLES:
            runs[-1] = (runs[-1][0], begins + 1)
        else:
            runs.append((begins, begins + 1))
    return runs
