"""What was found of a series, in its own unit: places, bounds, and levels on both sides."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.changepoints.description import Floats, fitted
from darkdays.detect.changepoints.significance import Judged
from darkdays.detect.changepoints.windows import confirmed
from darkdays.detect.noise.noise import Noise
from darkdays.detect.noise.uncertainty import SMALLEST_P

_BESIDE: Final = 5  # samples that tell the level of a walk beside a change


class Found(NamedTuple):
    """Changes by their places among the measured samples."""

    places: NDArray[np.intp]
    p_values: Floats
    bounds: NDArray[np.intp]
    confirmed: NDArray[np.bool_]
    levels: Floats
    before: Floats
    after: Floats
    noise: Noise


def without_noise(values: Floats, places: NDArray[np.intp]) -> Found:
    """Return steps of a series without noise, which nothing casts doubt on."""
    levels = np.array([np.median(part) for part in np.split(values, places)])
    bounds = np.column_stack([places, places])
    sure = np.ones(places.size, np.bool_)
    p_values = np.full(places.size, SMALLEST_P)
    return Found(places, p_values, bounds, sure, levels, levels[:-1], levels[1:], Noise(0.0, 0.0))


def with_noise(observed: Floats, judged: Judged, level: float) -> tuple[Found, Floats]:
    """Return the changes and jumps that stand, and the series without its season."""
    model = judged.model
    work = model.scale.of(observed)
    seasonal = model.season.size > 0
    flat = model.scale.back(work - model.season) if seasonal else observed
    places = np.concatenate([model.changes, model.jumps])
    order = np.argsort(places, kind="stable")
    places = places[order]
    edges = np.concatenate([[0], places, [observed.size]]).astype(np.intp)
    levels = np.add.reduceat(flat, edges[:-1]) / np.diff(edges)
    before, after = levels[:-1].copy(), levels[1:].copy()
    if places.size and model.noise == "walk":
        for number, place in enumerate(places):
            first, end = edges[number], edges[number + 2]
            before[number] = np.median(flat[max(first, place - _BESIDE) : place])
            after[number] = np.median(flat[place : min(end, place + _BESIDE)])
    elif places.size and model.kinds.any():
        line = model.scale.back(fitted(model))
        before, after = line[places - 1], line[places]
        levels[0], levels[-1] = before[0], after[-1]
    jumps = np.column_stack([model.jumps, model.jumps])
    sure = np.concatenate([confirmed(model, 1 - level), np.ones(model.jumps.size, np.bool_)])
    found = Found(
        places,
        np.concatenate([judged.p_values, model.jump_p])[order],
        np.concatenate([judged.bounds, jumps])[order],
        sure[order],
        levels,
        before,
        after,
        judged.noise(),
    )
    # The noise is told in the unit of the series, at its middle.
    unit = float(model.scale.slope(np.median(observed, keepdims=True))[0])
    noise = Noise(found.noise.scale / unit, found.noise.autocorrelation)
    return found._replace(noise=noise), flat
