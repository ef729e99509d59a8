"""The specification curve: every defensible way to ask the question, and how often it holds.

After Simonsohn, Simmons & Nelson (2020, Nature Human Behaviour 4, 1208): name the choices, run
them all, show them all, and test them together, since specifications of one data set are no
independent witnesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from darkdays.correlate.crossover.stratified import Ratio
from darkdays.errors import InputError

RESULTS: Final = ("effect", "low", "high", "p", "reason")


@dataclass(frozen=True)
class Summary:
    """What a curve comes to.

    Attributes
    ----------
    holds, of
        In how many of how many specifications the effect is in the stated direction with
        ``p <= alpha``; ``of`` counts those without an answer too.
    answered
        Specifications with an effect.
    same_sign
        Specifications whose effect is in that direction, significant or not.
    median, least, greatest
        Of the effects; None without any. A ratio without an upper bound is the greatest: infinite
        effects are left out of ``greatest`` and counted in the median as the largest.
    """

    holds: int
    of: int
    answered: int
    same_sign: int
    median: float | None
    least: float | None
    greatest: float | None

    def sentence(self) -> str:
        """Return it in words."""
        return f"holds in {self.holds} of {self.of} specifications"


@dataclass(frozen=True)
class SpecificationCurve:
    """Every specification with its effect.

    Attributes
    ----------
    choices
        Names of the choices with their options, in the order declared.
    table
        A row a specification in the order of the grid: a column a choice, then :data:`RESULTS`.
        Effects are rate ratios; one without an answer has a reason instead.
    """

    choices: dict[str, tuple[Any, ...]]
    table: pd.DataFrame

    def summary(self, *, alpha: float = 0.05) -> Summary:
        """Count the specifications in which the rate is raised."""
        effects, p_values = self.table["effect"], self.table["p"]
        low = self.table["low"]
        raised = (effects > 1) | (effects.isna() & (low > 1))
        known = np.sort(effects.dropna().to_numpy(np.float64))
        # Without an upper bound: above every effect there is.
        ordered = np.concatenate(
            [known, np.full(int((effects.isna() & low.notna()).sum()), np.inf)]
        )
        median = float(ordered[(ordered.size - 1) // 2]) if ordered.size else None
        return Summary(
            holds=int((raised & (p_values <= alpha)).sum()),
            of=len(self.table),
            answered=ordered.size,
            same_sign=int(raised.sum()),
            median=None if median is None or np.isinf(median) else median,
            least=float(known[0]) if known.size else None,
            greatest=float(known[-1]) if known.size else None,
        )

    def by_choice(self, *, alpha: float = 0.05) -> pd.DataFrame:
        """Return, for each option, in how many specifications with it the claim holds.

        Columns ``choice``, ``option``, ``holds``, ``of`` and ``median`` effect: what the answer
        hangs on.
        """
        rows = []
        for name, options in self.choices.items():
            for option in options:
                mine = SpecificationCurve(
                    self.choices,
                    self.table[[bool(value == option) for value in self.table[name]]],
                ).summary(alpha=alpha)
                rows.append(
                    {
                        "choice": name,
                        "option": option,
                        "holds": mine.holds,
                        "of": mine.of,
                        "median": mine.median,
                    }
                )
        return pd.DataFrame(rows, columns=["choice", "option", "holds", "of", "median"])


def specifications(choices: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Go through every combination of options, the last choice fastest.

    Raises
    ------
    InputError
        If there is no choice, a choice has no option or one twice, or its name is that of a
        column of results.
    """
    if not choices:
        raise InputError("a specification curve needs at least one choice.")
    for name, options in choices.items():
        if name in RESULTS:
            raise InputError(f"a choice cannot be called {name!r}; that is a column of results.")
        if not options or len({repr(option) for option in options}) < len(options):
            raise InputError(f"the choice {name!r} needs options, each once.")
    for combination in product(*choices.values()):
        yield dict(zip(choices, combination, strict=True))


def specification_curve(
    choices: Mapping[str, Sequence[Any]],
    evaluate: Callable[[Mapping[str, Any]], tuple[Ratio, float | None]],
) -> SpecificationCurve:
    """Evaluate every combination of choices.

    Parameters
    ----------
    choices
        Options by choice, such as ``{"window": [1, 2, 3], "stratum": ["month", 28]}``.
    evaluate
        Gives the effect with its interval and the p-value of one combination; the p-value is
        separate because the one to quote comes from shifts, not from the interval.

    Returns
    -------
    SpecificationCurve
    """
    rows = []
    for one in specifications(choices):
        ratio, p_value = evaluate(one)
        found = (ratio.value, ratio.low, ratio.high, p_value, ratio.reason)
        rows.append(one | dict(zip(RESULTS, found, strict=True)))
    table = pd.DataFrame(rows, columns=[*choices, *RESULTS])
    numbers = dict.fromkeys(RESULTS[:-1], "float64")
    return SpecificationCurve(
        {name: tuple(options) for name, options in choices.items()}, table.astype(numbers)
    )


@dataclass(frozen=True)
class JointTest:
    """All specifications together against the same shifted calendars.

    Attributes
    ----------
    significant, of
        Specifications whose p-value is at most ``alpha``.
    expected
        Mean of that number over shifted calendars.
    p_significant
        Probability of at least as many by chance.
    stouffer, p_stouffer
        Sum of the normal scores of the p-values over the root of their number, and the
        probability of as large a one by chance: sensitive to many weak effects.
    """

    significant: int
    of: int
    expected: float
    p_significant: float
    stouffer: float
    p_stouffer: float


def joint_test(
    observed: NDArray[np.integer],
    shifted: NDArray[np.integer],
    *,
    alpha: float = 0.05,
    weights: NDArray[np.integer] | None = None,
) -> JointTest:
    """Test all specifications at once, with their dependence kept.

    Every shifted calendar is treated as the data: its specifications get p-values of their own,
    and the number of significant ones is compared.

    Parameters
    ----------
    observed
        Coincidences of each specification, shape ``(specifications,)``.
    shifted
        The same under each draw, shape ``(specifications, draws)``. Both are the totals of
        :func:`darkdays.correlate.shifts.sampled_shifts.shift_counts`.
    alpha
        Level of the single specifications.
    weights
        How many specifications come to these very counts, shape ``(specifications,)``; 1 each if
        not given.

    Returns
    -------
    JointTest
    """
    counts, draws = shifted.shape
    each = np.ones(counts, dtype=np.int64) if weights is None else weights
    of = int(each.sum())
    p_values = np.empty((counts, draws + 1))
    for number in range(counts):
        every = np.concatenate([observed[number : number + 1], shifted[number]])
        ordered = np.sort(every)
        # The calendar in question is one of those that reach its own count.
        p_values[number] = (every.size - np.searchsorted(ordered, every)) / every.size
    significant = each @ (p_values <= alpha)
    scores = stats.norm.isf(np.minimum(p_values, 1 - 1 / (2 * draws + 2)))
    scores = (each[:, None] * scores).sum(axis=0) / np.sqrt(of)
    return JointTest(
        significant=int(significant[0]),
        of=of,
        expected=float(significant[1:].mean()),
        p_significant=float((significant >= significant[0]).mean()),
        stouffer=float(scores[0]),
        p_stouffer=float((scores >= scores[0] - 1e-9).mean()),
    )
