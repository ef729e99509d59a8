"""Which changes of a model stand at a confidence, how surely they are, and when they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.changepoints.description import GRID, Model
from darkdays.detect.changepoints.winsorize import drawn_in, reach_of
from darkdays.detect.noise.noise import Noise
from darkdays.detect.noise.places import Around, credible, of_squares, of_tails
from darkdays.detect.noise.sieve import Rest, Stretch, gain_of_change, large_sample_p_value, p_value
from darkdays.detect.segmentation.costs import LINE, innovations
from darkdays.detect.segmentation.likelihood import GAUSSIAN

SIMULATED_UP_TO: Final = 2000
"""Longer records are judged by limit laws instead of a sieve."""
_RULED_OUT: Final = 20.0  # less likely by so much in logs
_BESIDE: Final = 1000  # samples on both sides of where it may have been that tell its levels
_FROM_ROUNDING: Final = 3.5  # standard deviations
_LEAST: Final = 1e-12  # of the variance of a series is lost to arithmetic


@dataclass(frozen=True)
class Judged:
    """The changes of a model that are significant.

    Attributes
    ----------
    model
        With these changes only.
    p_values
        Of each, corrected for the search over the series, shape ``(k,)``.
    bounds
        First and last plausible first sample of the new segment, shape ``(k, 2)``.
    innovations
        What the model leaves, drawn in where wild, shape ``(n,)``; of the steps for a walk.
    """

    model: Model
    p_values: NDArray[np.float64]
    bounds: NDArray[np.intp]
    innovations: NDArray[np.float64]

    def noise(self) -> Noise:
        """Return the noise on the scale of the model; of a walk, of its steps."""
        phi = self.model.phi
        innovation = float(np.sqrt(np.mean(self.innovations**2)))
        return Noise(innovation / float(np.sqrt(1 - phi * phi)), phi)


def significant(model: Model, level: float, rng: np.random.Generator) -> Judged:
    """Take out the weakest change until every one left is significant at ``1 - level``.

    Parameters
    ----------
    model
        Of the series.
    level
        Confidence of the tests and of the intervals.
    rng
        For the sieve.
    """
    plain = model.plain
    shift = 0
    if model.noise == "walk":
        # A change of drift is a change of level of the steps, one sample later.
        plain, shift = np.diff(plain), 1
    edges = np.maximum(model.edges - shift, 0)
    if edges.size == 2:
        kinds = np.minimum(model.kinds, LINE)
        left = innovations(plain, model.phi, edges, kinds)
        return Judged(model, np.empty(0), np.empty((0, 2), np.intp), left)
    calm = drawn_in(plain, model.phi, edges, model.kinds)
    grid = GRID if plain.size <= SIMULATED_UP_TO else np.array([model.phi])
    cut = _Cut(plain, calm, edges, model, grid)
    p_values = [cut.p_value(number, rng) for number in range(edges.size - 2)]
    while p_values and max(p_values) > 1 - level:
        weakest = int(np.argmax(p_values))
        model = model.without(weakest)
        cut.join(weakest)
        del p_values[weakest]
        for number in range(max(weakest - 1, 0), min(weakest + 1, len(p_values))):
            p_values[number] = cut.p_value(number, rng)
    bounds = [cut.interval(number, level) for number in range(len(p_values))]
    spans = np.array(bounds, dtype=np.intp).reshape(-1, 2) + shift
    left = innovations(calm, model.phi, cut.edges, cut.kinds)
    return Judged(model, np.array(p_values), spans, left)


class _Cut:
    """A series cut into segments, with what each costs at every autocorrelation."""

    def __init__(
        self,
        plain: NDArray[np.float64],
        values: NDArray[np.float64],
        edges: NDArray[np.int64],
        model: Model,
        grid: NDArray[np.float64],
    ) -> None:
        kinds = model.kinds
        self.plain, self.values, self.edges, self.kinds, self.grid = (
            plain,
            values,
            edges,
            kinds,
            grid,
        )
        self.freedom = model.freedom
        # Where nothing moves at all, rounding is still there.
        self.floor = max(model.floor**2, _LEAST * float(np.var(values)), np.finfo(float).tiny)
        self.costs = np.empty((kinds.size, grid.size))
        left, least = values, np.inf
        for column, phi in enumerate(grid):
            tried = innovations(values, float(phi), edges, kinds)
            self.costs[:, column] = np.add.reduceat(tried**2, edges[:-1])
            if (total := float(self.costs[:, column].sum())) < least:
                left, least = tried, total
        self.total = self.costs.sum(axis=0)
        # Samples that all sit on their level are no finer known than they are rounded.
        farthest = (
            _FROM_ROUNDING * np.sqrt(self.floor) if self.freedom > GAUSSIAN else np.abs(left).max()
        )
        self.reach = max(reach_of(left), float(farthest))

    def join(self, number: int) -> None:
        """Take change ``number`` out."""
        kind = max(self.kinds[number], self.kinds[number + 1])
        self.edges = np.delete(self.edges, number + 1)
        self.kinds = np.delete(self.kinds, number + 1)
        self.kinds[number] = kind
        start, end = self.edges[number], self.edges[number + 1]
        alone = np.array([0, end - start]), np.array([kind])
        stretch = self.values[start:end]
        joined = [(innovations(stretch, float(phi), *alone) ** 2).sum() for phi in self.grid]
        self.total = self.total - self.costs[number] - self.costs[number + 1] + joined
        self.costs = np.delete(self.costs, number + 1, axis=0)
        self.costs[number] = joined

    def _around(self, number: int) -> tuple[slice, Rest, tuple[int, int]]:
        where = slice(int(self.edges[number]), int(self.edges[number + 2]))
        others = np.maximum(self.total - self.costs[number] - self.costs[number + 1], 0.0)
        rest = Rest(self.grid, others, self.kinds.size - 1, self.values.size, self.floor)
        return where, rest, (int(self.kinds[number]), int(self.kinds[number + 1]))

    def p_value(self, number: int, rng: np.random.Generator) -> float:
        """Return the p-value of a change, all others kept.

        Where noise has heavy tails, what is wild is wild as seen *without* the change: a few
        large samples in a row must not make a level of their own and then belong to it.
        """
        where, rest, kinds = self._around(number)
        count = where.stop - where.start
        shortest = int(np.diff(self.edges[number : number + 3]).min())
        beside = Stretch(count, shortest, kinds)
        whole = np.array([0, count]), np.array([max(kinds)])
        values = self.values[where]
        gain, without, with_ = gain_of_change(values, rest, kinds)
        if self.freedom > GAUSSIAN:
            # In noise as it is with the change: a fall that lasts is no echo of its first sample.
            values = drawn_in(values, float(self.grid[with_]), *whole, self.reach)
            gain, without, _ = gain_of_change(values, rest, kinds)
        phi = float(self.grid[without])
        if rest.total > SIMULATED_UP_TO:
            return large_sample_p_value(gain, beside, phi, rest.total)
        shocks = innovations(self.values, phi, self.edges, self.kinds)
        # The step in question is what is tested; it is not one of the shocks noise is made of.
        shocks[where] = np.clip(innovations(values, phi, *whole), -self.reach, self.reach)
        return p_value(gain, beside, rest, phi, shocks, rng)

    def interval(self, number: int, level: float) -> tuple[int, int]:
        """Return the first and last plausible place of a change."""
        where, rest, kinds = self._around(number)
        around = Around(self.values[where], rest, kinds, int(self.edges[number + 1]) - where.start)
        gain, *_ = gain_of_change(around.values, rest, kinds)
        posterior = of_squares(around, int(self.kinds.sum()))
        if self.freedom > GAUSSIAN:
            # The autocorrelation is that of the calm series: single wild samples hide it.
            sure = np.logaddexp.reduce(posterior, axis=1)
            places = np.logaddexp.reduce(posterior, axis=0)
            near = np.append(np.flatnonzero(places > places.max() - _RULED_OUT), around.place)
            reach = int(np.ptp(near)) + _BESIDE
            first, end = max(int(near.min()) - reach, 0), int(near.max()) + reach
            window = slice(where.start + first, min(where.start + end, where.stop))
            around = around._replace(
                values=self.values[window], place=where.start + around.place - window.start
            )
            wild = self.plain[window]
            posterior[:] = -np.inf
            for row in np.flatnonzero(sure > sure.max() - _RULED_OUT):
                phi = float(self.grid[row])
                left = np.delete(self._wild_innovations(phi), window)
                tails = of_tails(around, wild, left, phi, self.freedom)
                posterior[row, first : first + tails.size] = sure[row] + tails
        low, high = credible(posterior, self.grid, gain, level)
        found = int(self.edges[number + 1])
        return min(where.start + low, found), max(where.start + high, found)

    def _wild_innovations(self, phi: float) -> NDArray[np.float64]:
        """Return the innovations with what was drawn in, around the same levels."""
        away = self.plain - self.values
        wild = np.append(away[:1], away[1:] - phi * away[:-1])
        wild[self.edges[:-1]] = np.sqrt(1 - phi * phi) * away[self.edges[:-1]]
        return wild + innovations(self.values, phi, self.edges, self.kinds)
