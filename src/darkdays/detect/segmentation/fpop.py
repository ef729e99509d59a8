"""The compiled kernel of exact least-squares segmentation: functional pruning.

Maidstone, Hocking, Rigaill & Fearnhead 2017, "On optimal multiple changepoint algorithms for
large data", Statistics and Computing 27, 519-533. As a function of the level of the current
segment, the best cost of every earlier last change is a parabola; the lower envelope of all of
them holds a handful of pieces, whatever the length of the series. Here the part all parabolas
share (the squares of the samples) is left out, so that a piece never changes once it is there:
only the two ends of the envelope move, and they are the two ends of a queue.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkdays.detect.compiled.kernel import kernel

# No infinities or NaN get here; nothing is reordered or fused, so that every processor agrees.
_OPTIONS = {"nnan", "ninf", "nsz"}
_ROOM = 1024
# Rows of the queue. Piece i lies between border i and i + 1 and belongs to the change at its
# start, where the sum of the samples was its total and the best cost its cost.
_BORDER, _START, _TOTAL, _COST, _LEAST = range(5)


@kernel(error_model="numpy", fastmath=_OPTIONS)
def last_changes(values: NDArray[np.float64], penalty: float) -> NDArray[np.int32]:
    """Return, for every prefix, where the last segment of its best segmentation begins.

    Parameters
    ----------
    values
        Finite samples, at least one, shape ``(n,)``.
    penalty
        Price of one more segment, above 0.

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
    queue = np.zeros((5, _ROOM))
    head = _ROOM // 2
    queue[_BORDER, head], queue[_BORDER, head + 1] = lowest, highest
    queue[_COST, head] = -penalty
    tail, done, summed = head + 1, 0, 0.0
    while done < values.size:
        done, head, tail, summed = _advance(
            values, penalty, lowest, highest, last, queue, done, head, tail, summed
        )
        # The envelope has drifted to an end of its room, or grown out of it.
        held = tail - head
        room = queue.shape[1] if 8 * held + 64 < queue.shape[1] else 4 * queue.shape[1]
        moved = np.zeros((5, room))
        first = room // 2 - held // 2
        moved[:, first : first + held + 1] = queue[:, head : tail + 1]
        queue, head, tail = moved, first, first + held
    return last


@kernel(error_model="numpy", fastmath=_OPTIONS)
def _advance(
    values: NDArray[np.float64],
    penalty: float,
    lowest: float,
    highest: float,
    last: NDArray[np.int32],
    queue: NDArray[np.float64],
    done: int,
    head: int,
    tail: int,
    summed: float,
) -> tuple[int, int, int, float]:
    border, start, total = queue[_BORDER], queue[_START], queue[_TOTAL]
    cost, least = queue[_COST], queue[_LEAST]
    room = start.size
    # Room for a cut that makes three pieces of each.
    while done < values.size and 2 * head - tail > 8 and 2 * tail - head + 8 < room:
        summed += values[done]
        done += 1
        now = float(done)
        best = np.inf
        winner = head
        for piece in range(head, tail):
            length = now - start[piece]
            rise = summed - total[piece]
            level = min(max(rise / length, border[piece]), border[piece + 1])
            reached = cost[piece] + level * (length * level - 2.0 * rise)
            least[piece] = reached
            if reached < best:
                best = reached
                winner = piece
        last[done] = int(start[winner])
        # A new segment from here on costs this much at any level: the envelope is cut off there.
        price = best + penalty
        while least[head] > price:
            head += 1
        length, rise = now - start[head], summed - total[head]
        level = rise / length
        reach = np.sqrt(max(level * level - (cost[head] - price) / length, 0.0))
        left = min(max(level - reach, border[head]), border[head + 1])
        tail -= 1
        while least[tail] > price:
            tail -= 1
        length, rise = now - start[tail], summed - total[tail]
        level = rise / length
        reach = np.sqrt(max(level * level - (cost[tail] - price) / length, 0.0))
        right = max(min(level + reach, border[tail + 1]), border[tail])
        pierced = False
        for piece in range(head + 1, tail + 1):
            level = border[piece]
            length, rise = now - start[piece], summed - total[piece]
            if cost[piece] + level * (length * level - 2.0 * rise) > price:
                pierced = True
        tail += 1
        border[head], border[tail] = left, right
        if pierced:
            head, tail = _cut_inside(queue, head, tail, now, summed, price)
        if left > lowest:
            head -= 1
            border[head], start[head], total[head], cost[head] = lowest, now, summed, price
        if right < highest:
            start[tail], total[tail], cost[tail] = now, summed, price
            tail += 1
            border[tail] = highest
    return done, head, tail, summed


@kernel(error_model="numpy", fastmath=_OPTIONS)
def _cut_inside(
    queue: NDArray[np.float64], head: int, tail: int, now: float, summed: float, price: float
) -> tuple[int, int]:
    """Cut the envelope off at the price somewhere inside too, which is rare."""
    held = tail - head
    kept = np.empty((4, 3 * held))
    at = 0
    for piece in range(head, tail):
        low, high = queue[_BORDER, piece], queue[_BORDER, piece + 1]
        length, rise = now - queue[_START, piece], summed - queue[_TOTAL, piece]
        level = rise / length
        square = level * level - (queue[_COST, piece] - price) / length
        reach = np.sqrt(max(square, 0.0))
        keep_low, keep_high = max(low, level - reach), min(high, level + reach)
        stays = square >= 0.0 and keep_low <= keep_high
        if (not stays or keep_low > low) and (at == 0 or kept[_START, at - 1] != now):
            kept[_BORDER, at], kept[_START, at] = low, now
            kept[_TOTAL, at], kept[_COST, at] = summed, price
            at += 1
        if stays:
            kept[_BORDER, at], kept[_START, at] = keep_low, queue[_START, piece]
            kept[_TOTAL, at], kept[_COST, at] = queue[_TOTAL, piece], queue[_COST, piece]
            at += 1
            if keep_high < high:
                kept[_BORDER, at], kept[_START, at] = keep_high, now
                kept[_TOTAL, at], kept[_COST, at] = summed, price
                at += 1
    highest = queue[_BORDER, tail]
    first = head - (at - held) // 2
    queue[:4, first : first + at] = kept[:, :at]
    queue[_BORDER, first + at] = highest
    return first, first + at
