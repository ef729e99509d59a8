"""What a long record is looked at for: its noise, and the places where it may change.

A record too long to try every place is cut exactly under a bounded loss, in units of its long-run
noise, as it is and around its slow curve; segments then begin and end at those cuts, or at one of
a hundred places spread evenly, which is as well as a bend can be placed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.noise.noise import MAX_AUTOCORRELATION, Noise, estimate
from darkdays.detect.segmentation.segment import default_penalty, optimal_partition

ENOUGH: Final = 50_000
"""So many samples tell the scale of noise to a part in several hundred."""
_STRETCHES: Final = 20
_BLOCKS: Final = 100
_DEGREE: Final = 5
_CURVED: Final = 0.5  # share of the variance of blocks that a curve leaves, if there is one
_MOST: Final = 1200  # places
_FAR: Final = 200.0  # standard deviations beyond which a sample need not be told apart
_FAR_FROM_LEVEL: Final = 4.0
_NORMAL: Final = 1.4826  # standard deviations in a median absolute deviation

Floats = NDArray[np.float64]


def sampled(values: Floats) -> Floats:
    """Return samples enough to take a median of, spread evenly over the record."""
    return values[:: -(-values.size // ENOUGH)]


def noise_of(values: Floats) -> Noise:
    """Measure the noise; of a very long record, in stretches spread evenly over it.

    Where most samples do not move at all, by those that do: never by the few that move far.
    """
    if values.size > ENOUGH:
        length = ENOUGH // _STRETCHES
        starts = np.linspace(0, values.size - length, _STRETCHES).astype(np.intp)
        # A stretch begins where the last one ended up to a step, which counts as one change more.
        values = np.concatenate([values[first : first + length] for first in starts])
    noise = estimate(values)
    if noise.scale > 0:
        return noise
    steps = np.abs(np.diff(values))
    if not steps.any():
        return noise
    reach = 6 * float(np.median(steps[steps > 0]))
    return Noise(float(np.sqrt(np.mean(np.minimum(steps, reach) ** 2) / 2)), 0.0)


def cut(values: Floats, noise: Noise, dearer: float = 1.0) -> NDArray[np.intp]:
    """Cut a record exactly under the bounded loss, in units of its long-run noise."""
    if noise.long_run_scale == 0:
        return np.empty(0, np.intp)
    price = dearer * default_penalty(values.size)
    return optimal_partition(_in_units_of(values, noise), penalty=price, loss="biweight")


def _in_units_of(values: Floats, noise: Noise) -> Floats:
    scaled = (values - np.median(sampled(values))) / noise.long_run_scale
    # The cut costs time with every level a sample is alone on; far ones need not be told apart.
    if max(scaled.max(), -scaled.min()) > _FAR:
        beyond = np.maximum(np.abs(scaled) - _FAR, 0.0)
        scaled = np.sign(scaled) * np.minimum(np.abs(scaled), _FAR + np.log1p(beyond))
    return np.asarray(scaled)


def near_levels(values: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Draw samples far from the level of their stretch in, before anything else is known.

    The levels are those of an exact cut under a bounded loss, which wild samples cannot move.

    Parameters
    ----------
    values
        Finite samples, shape ``(n,)``.

    Returns
    -------
    calm : numpy.ndarray
        Shape ``(n,)``.
    cuts : numpy.ndarray
        First samples of new levels.
    """
    noise = noise_of(values)
    cuts = cut(values, noise)
    rest = values.copy()
    for first, end in pairwise([0, *cuts.tolist(), values.size]):
        rest[first:end] -= np.median(values[first:end])
    # Where most samples sit on their level, noise is what it was measured by.
    spread = _NORMAL * float(np.median(np.abs(sampled(rest)))) or noise.scale
    reach = _FAR_FROM_LEVEL * spread
    if reach == 0:
        return values, cuts
    rest -= np.clip(rest, -reach, reach)
    return values - rest, cuts


def candidates(calm: Floats, cuts: NDArray[np.intp]) -> tuple[NDArray[np.int64], float]:
    """Return where segments of a long record may begin and end, and its autocorrelation.

    Parameters
    ----------
    calm
        Samples with wild ones drawn in, shape ``(n,)``.
    cuts
        Of the record as it is.
    """
    count = calm.size
    found = [cuts]
    if cuts.size:
        heights = [float(np.median(block)) for block in np.array_split(calm, _BLOCKS)]
        centres = (np.arange(_BLOCKS) + 0.5) / _BLOCKS
        curve = np.polynomial.Polynomial.fit(centres, heights, _DEGREE, domain=[0, 1])
        if np.var(heights - curve(centres)) < _CURVED * np.var(heights):
            flat = calm - np.interp(np.arange(count), centres * count, curve(centres))
            found.append(cut(flat, noise_of(flat)))
    dearer = 1.0
    while sum(map(len, found)) > _MOST:
        dearer *= 2
        found = [cut(calm, noise_of(calm), dearer)]
    spread = np.linspace(0, count, _BLOCKS + 1).astype(np.int64) if cuts.size else [0, count]
    places = np.unique(np.concatenate([*found, spread]).astype(np.int64))
    # Around levels that are known, the autocorrelation is told to a hair.
    rest = np.repeat(np.add.reduceat(calm, places[:-1]) / np.diff(places), np.diff(places))
    np.subtract(calm, rest, out=rest)
    squared, near = (float(np.einsum("i,i", rest[lag:], rest[: rest.size - lag])) for lag in (0, 1))
    phi = min(max(near / squared, 0.0), MAX_AUTOCORRELATION) if squared > 0 else 0.0
    return places, phi
