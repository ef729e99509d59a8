"""The compiled kernel of exact segmentation under a bounded loss.

Fearnhead & Rigaill 2019, "Changepoint detection in the presence of outliers", JASA 114,
169-183. A sample costs its squared distance to the level of its segment, but never more than
``bound ** 2``: a short burst of wild values cannot pay for a segment of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel

_OPTIONS = {"nnan", "ninf", "nsz"}
_ROOM = 256
# Rows of an envelope. Over the level x a piece is low + quad * x ** 2 - 2 * lin * x, less
# bound ** 2 for every sample seen, so that pieces no sample comes near stay as they are.
_BORDER, _START, _QUAD, _LIN, _LOW = range(5)


@kernel(short=True, error_model="numpy", fastmath=_OPTIONS)
def last_changes(values: NDArray[np.float64], penalty: float, bound: float) -> NDArray[np.int32]:
    """Return, for every prefix, where the last segment of its best segmentation begins.

    Linear in time as long as samples keep to few levels; the number of pieces, and with it the
    time of a step, grows with the number of levels more than ``bound`` apart.

    Parameters
    ----------
    values
        Finite samples, at least one, shape ``(n,)``.
    penalty
        Price of one more segment, above 0.
    bound
        Distance from the level beyond which a sample costs no more.

    Returns
    -------
    numpy.ndarray
        Shape ``(n + 1,)``; entry ``t`` belongs to the first ``t`` samples.
    """
    last = np.zeros(values.size + 1, np.int32)
    lowest = highest = values[0]
    for index in range(values.size):
        lowest = min(lowest, values[index])
        highest = max(highest, values[index])
    envelope, bent = np.zeros((5, _ROOM)), np.zeros((5, _ROOM))
    envelope[_BORDER, 0], envelope[_BORDER, 1] = lowest, highest
    done, held = 0, 1
    while done < values.size:
        done, held = _advance(values, penalty, bound, highest, last, envelope, bent, done, held)
        if _is_short(held, envelope.shape[1]):
            grown = np.zeros((5, 4 * envelope.shape[1]))
            grown[:, : held + 1] = envelope[:, : held + 1]
            envelope, bent = grown, np.zeros_like(grown)
    return last


@kernel(inline="always")
def _is_short(held: int, room: int) -> bool:
    # A sample bends a few pieces into three, and the price cuts each of them into three.
    return 3 * held + 16 > room


@kernel(error_model="numpy", fastmath=_OPTIONS)
def _advance(  # noqa: C901  # one loop: a call a sample would cost more than the work
    values: NDArray[np.float64],
    penalty: float,
    bound: float,
    highest: float,
    last: NDArray[np.int32],
    envelope: NDArray[np.float64],
    bent: NDArray[np.float64],
    done: int,
    held: int,
) -> tuple[int, int]:
    border, start = envelope[_BORDER], envelope[_START]
    quad, lin, low = envelope[_QUAD], envelope[_LIN], envelope[_LOW]
    border_, start_ = bent[_BORDER], bent[_START]
    quad_, lin_, low_ = bent[_QUAD], bent[_LIN], bent[_LOW]
    while done < values.size and not _is_short(held, border.size):
        sample = values[done]
        done += 1
        now = float(done)
        near_low, near_high = sample - bound, sample + bound
        square = sample * sample - bound * bound
        best = np.inf
        winner = 0.0
        made = 0
        for piece in range(held):
            a, b, c = quad[piece], lin[piece], low[piece]
            left, until = border[piece], border[piece + 1]
            while True:
                # The sample bends the part of a piece within its reach, and no other.
                a_, b_, c_ = a, b, c
                right = until
                if left < near_low:
                    right = min(until, near_low)
                elif left < near_high:
                    right = min(until, near_high)
                    a_, b_, c_ = a + 1.0, b + sample, c + square
                level = left
                if a_ > 0.0:
                    level = min(max(b_ / a_, left), right)
                reached = c_ + level * (a_ * level - 2.0 * b_)
                if reached < best:
                    best = reached
                    winner = start[piece]
                border_[made], start_[made] = left, start[piece]
                quad_[made], lin_[made], low_[made] = a_, b_, c_
                made += 1
                left = right
                if left >= until:
                    break
        border_[made] = highest
        last[done] = int(winner)
        # A new segment from here on costs this much at any level: the envelope is cut off there.
        price = best + penalty
        held = 0
        for piece in range(made):
            a, b, c = quad_[piece], lin_[piece], low_[piece]
            left, right = border_[piece], border_[piece + 1]
            keep_low, keep_high = left, right
            at_left = c + left * (a * left - 2.0 * b)
            at_right = c + right * (a * right - 2.0 * b)
            if at_left > price or at_right > price:
                keep_low = keep_high = right
                if a > 0.0:
                    level = b / a
                    inside = level * level - (c - price) / a
                    if inside > 0.0:
                        reach = np.sqrt(inside)
                        keep_low, keep_high = max(left, level - reach), min(right, level + reach)
                        if keep_low >= keep_high:
                            keep_low = keep_high = right
            if keep_low > left and (held == 0 or start[held - 1] != now):
                border[held], start[held] = left, now
                quad[held], lin[held], low[held] = 0.0, 0.0, price
                held += 1
            if keep_low < keep_high or left == right:
                border[held], start[held] = keep_low, start_[piece]
                quad[held], lin[held], low[held] = a, b, c
                held += 1
                if keep_high < right:
                    border[held], start[held] = keep_high, now
                    quad[held], lin[held], low[held] = 0.0, 0.0, price
                    held += 1
        border[held] = highest
    return done, held
