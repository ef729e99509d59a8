"""How well found changes agree with those that people marked.

The two scores of the Turing Change Point Dataset (van den Burg & Williams 2020, "An evaluation
of change point detection algorithms", arXiv 2003.06222), both over several annotators.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np


def f1_score(
    marked: Sequence[Collection[int]], found: Collection[int], *, margin: int = 5
) -> float:
    """Return the F1 score of found changes.

    Parameters
    ----------
    marked
        Indices each annotator marked.
    found
        Indices found. The beginning of the series, 0, counts as marked and found by everybody.
    margin
        A found index this near to a marked one is that one.

    Returns
    -------
    float
        Precision is held against what anybody marked, recall is the mean over annotators.
    """
    ours = {0, *(int(one) for one in found)}
    theirs = [{0, *(int(one) for one in each)} for each in marked]
    precision = _matched(set().union(*theirs), ours, margin) / len(ours)
    recall = float(np.mean([_matched(each, ours, margin) / len(each) for each in theirs]))
    return 2 * precision * recall / (precision + recall)


def covering(marked: Sequence[Collection[int]], found: Collection[int], count: int) -> float:
    """Return how well the found segments cover the marked ones, mean over annotators.

    Parameters
    ----------
    marked
        Indices each annotator marked.
    found
        Indices found.
    count
        Samples of the series.

    Returns
    -------
    float
        Each marked segment scores the Jaccard index of the found one most like it, weighted by
        its length.
    """
    ours = _segments(found, count)
    scores = []
    for each in marked:
        total = 0.0
        for start, end in _segments(each, count):
            best = max(
                (min(end, until) - max(start, first)) / (max(end, until) - min(start, first))
                for first, until in ours
            )
            total += (end - start) * best
        scores.append(total / count)
    return float(np.mean(scores))


def _matched(marked: set[int], found: set[int], margin: int) -> int:
    """Count the marked indices with a found one near, each found one used once."""
    left = set(found)
    matched = 0
    for place in sorted(marked):
        near = [one for one in left if abs(one - place) <= margin]
        if near:
            left.remove(min(near, key=lambda one: (abs(one - place), one)))
            matched += 1
    return matched


def _segments(changes: Collection[int], count: int) -> list[tuple[int, int]]:
    edges = sorted({0, count, *(int(one) for one in changes if 0 < one < count)})
    return list(pairwise(edges))
