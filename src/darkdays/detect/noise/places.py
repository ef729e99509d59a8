"""When a change was: the posterior of its place between its neighbours.

Under flat priors; levels, the scale of the noise and its autocorrelation are integrated out.
Taking the best autocorrelation for the right one would date changes too surely.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.noise.sieve import Rest
from darkdays.detect.noise.uncertainty import shortest_interval
from darkdays.detect.segmentation.costs import LINE, of_splits
from darkdays.detect.segmentation.likelihood import scale_of

Floats = NDArray[np.float64]

_LUCK: Final = 0.275  # standard errors of its size that a change which was found owes to luck
_LEAST_TRUST: Final = 0.1
_TINY: Final = float(np.finfo(float).tiny)
_ERRORS: Final = np.linspace(-6, 6, 17)  # levels that are tried, around the most likely one
_ROUNDS: Final = 15
_ENOUGH: Final = 20_000  # samples that tell the scale


class Around(NamedTuple):
    """A change between its neighbours.

    Attributes
    ----------
    values
        Samples of the two segments beside it, wild ones drawn in, shape ``(m,)``.
    rest
        The series around them.
    kinds
        Level or line before and after the change.
    place
        First sample of the second segment, as found.
    """

    values: Floats
    rest: Rest
    kinds: tuple[int, int]
    place: int


def of_squares(around: Around, slopes: int) -> Floats:
    """Return the log-posterior in Gaussian noise, up to a constant.

    Parameters
    ----------
    around
        The change.
    slopes
        How many segments of the series slope.

    Returns
    -------
    numpy.ndarray
        A row an autocorrelation, a column a place, slopes and levels integrated out.
    """
    values, rest, kinds, _ = around
    segments = rest.segments + 1
    # What a place spends on its levels says nothing of the scale.
    freedom = max(rest.total - 2 * segments - slopes, 1)
    posterior = np.full((rest.grid.size, values.size), -np.inf)
    for row, phi in enumerate(rest.grid):
        costs, known = of_splits(values, float(phi), *kinds)
        squares = np.maximum(rest.costs[row] + costs, rest.total * rest.floor)
        begun = segments * np.log(1 - phi * phi) - np.log(known)
        posterior[row] = (begun - freedom * np.log(squares)) / 2
    return posterior


def of_tails(around: Around, wild: Floats, others: Floats, phi: float, freedom: float) -> Floats:
    """Return the log-posterior in Student t noise of one autocorrelation.

    Wild samples drawn in to the levels found make these levels surer than they are.

    Parameters
    ----------
    around
        The change.
    wild
        Its samples as they are, shape ``(m,)``.
    others
        Innovations of the other segments.
    phi, freedom
        Autocorrelation of the noise, and degrees of freedom of its innovations.

    Returns
    -------
    numpy.ndarray
        Of every place, shape ``(m,)``; the scale is the most likely one, slopes are as fitted.
    """
    lines = _lines(around, wild)
    parts = lines[0][:, : around.place], lines[1][:, around.place :]
    # How much the level of its segment moves an innovation.
    moves = [_innovations(np.ones_like(part), phi) for part in parts]
    levels = [float(np.median(part[0])) for part in parts]
    for _ in range(_ROUNDS):
        left = [_innovations(part - level, phi) for part, level in zip(parts, levels, strict=True)]
        known = np.concatenate([others, *left])
        scale = scale_of(known[:: known.size // _ENOUGH + 1], freedom, around.rest.floor)
        for side, (away, move) in enumerate(zip(left, moves, strict=True)):
            trusted = move / (freedom + away**2 / scale)
            levels[side] += float(trusted @ away) / float(trusted @ move)
    # Noise that is none of this kind is known less well than if it were.
    away = np.concatenate([others, *left])
    spread = freedom * scale + away**2
    scores = (freedom + 1) * away / spread
    alike = max(float(scores[1:] @ scores[:-1]) / max(float(scores @ scores), _TINY), 0.0)
    varied = float(np.mean(scores**2)) * (1 + alike) / (1 - min(alike, 0.9)) + _TINY
    curved = float(np.mean((2 * freedom * scale - spread) / spread**2)) * (freedom + 1)
    trust = min(max(curved / varied, _LEAST_TRUST), 1.0)
    errors = [1 / np.sqrt(trust * max(curved, trust * varied) * (move @ move)) for move in moves]

    def cost(away: Floats) -> Floats:
        return np.asarray(trust * (freedom + 1) / 2 * np.log1p(away**2 / (freedom * scale)))

    before, after = np.full(wild.size, -np.inf), np.full(wild.size, -np.inf)
    for step in _ERRORS:
        spent = cost(_innovations(lines[0] - levels[0] - step * errors[0], phi))
        before[1:] = np.logaddexp(before[1:], -np.cumsum(spent)[:-1])
        line = lines[1] - levels[1] - step * errors[1]
        later = np.append(np.cumsum(cost(_innovations(line, phi))[:0:-1])[::-1], 0.0)
        after = np.logaddexp(after, -later - cost(np.sqrt(1 - phi * phi) * line[0]))
    posterior: Floats = before + after
    # A segment has two samples.
    posterior[[1, -1]] = -np.inf
    posterior -= np.logaddexp.reduce(posterior)
    return posterior


def credible(posterior: Floats, grid: Floats, gain: float, level: float) -> tuple[int, int]:
    """Return the first and last place of the shortest stretch that holds a change at a level.

    Parameters
    ----------
    posterior
        Its logarithm, a row an autocorrelation, a column a place.
    grid
        The autocorrelations.
    gain
        Of the change in twice the log-likelihood. Only what gained much was found: it owes a part
        to luck, the more the less it gained.
    level
        Probability of the stretch.
    """
    # A size known to one part in the root of the gain counts squared.
    trusted = posterior * max(1 - 2 * _LUCK / np.sqrt(max(gain, _LUCK)), _LEAST_TRUST)
    if grid.size > 1:
        trusted += np.log(np.gradient(grid))[:, None]
    return shortest_interval(np.logaddexp.reduce(trusted), level)


def _lines(around: Around, wild: Floats) -> list[Floats]:
    """Return the samples, wild and calm, without the slope before, and without that after it."""
    lines = []
    for kind, span in zip(
        around.kinds, np.split(np.arange(wild.size), [around.place]), strict=True
    ):
        slope = np.polyfit(span, around.values[span], 1)[0] if kind == LINE else 0.0
        tilt = slope * (np.arange(wild.size) - around.place)
        lines.append(np.stack([wild, around.values]) - tilt)
    return lines


def _innovations(away: Floats, phi: float) -> Floats:
    """Return what the noise brought to every sample of one segment, beyond what was before.

    A wild sample before it echoes, as one of the noise, or does not, as one of the instrument:
    whichever fits better. A segment that began behind it would be spared an echo that is none.

    Parameters
    ----------
    away
        Wild and calm samples around their level, shape ``(2, m)``.
    phi
        Autocorrelation of the noise.
    """
    echoing, single = away[0, 1:] - phi * away[:, :-1]
    left = np.where(np.abs(single) < np.abs(echoing), single, echoing)
    return np.append(np.sqrt(1 - phi * phi) * away[0, :1], left)
