"""The specification curve: every defensible way to ask the question, and how often it holds.

After Simonsohn, Simmons & Nelson (2020, Nature Human Behaviour 4, 1208): name the choices, run
them all, show them all, and test them together, since specifications of one data set are no
independent witnesses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

NUMBERS: Final = ("value", "low", "high", "p", "p_without", "p_fewer")
_LISTED: Final = 20
"""Specifications with another verdict that are named one by one."""


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
    """Every specification of a claim.

    Attributes
    ----------
    choices
        Names of the choices with their options, the chosen one first.
    table
        A row a specification, the chosen one first, the last choice fastest: a column a choice,
        then ``value`` with its bounds ``low`` and ``high``, and what else came out, such as its
        ``verdict``. ``value`` is missing where there is none, or several.
    unit
        Of the values.
    """

    choices: dict[str, tuple[Any, ...]]
    table: pd.DataFrame
    unit: str = ""

    @property
    def same(self) -> pd.Series:
        """Whether each specification has the verdict of the chosen one."""
        return self.table["verdict"].eq(self.table["verdict"].iloc[0])

    @property
    def holds(self) -> int:
        """How many specifications have the verdict of the chosen one."""
        return int(self.same.sum())

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.table)

    def by_choice(self) -> list[dict[str, Any]]:
        """Return, for each option of each choice, how many specifications agree."""
        found = []
        for name, options in self.choices.items():
            counts = self.same.groupby(self.table[name]).agg(["sum", "size"])
            found += [
                {
                    "choice": name,
                    "option": option,
                    "holds": int(counts.loc[option, "sum"]),
                    "of": int(counts.loc[option, "size"]),
                }
                for option in options
                if len(options) > 1
            ]
        return found

    def differing(self) -> tuple[tuple[str, str], ...]:
        """Name the first specifications with another verdict."""
        rows = self.table[~self.same].head(_LISTED)
        return tuple(
            (_label(row, self.choices), str(row["verdict"])) for row in rows.to_dict("records")
        )

    def summary(self, *, alpha: float = 0.05) -> Summary:
        """Count the specifications in which a rate ratio is raised, by the column ``p``."""
        values, low = self.table["value"], self.table["low"]
        raised = (values > 1) | (values.isna() & (low > 1))
        known = np.sort(values.dropna().to_numpy(np.float64))
        # Without an upper bound: above every value there is.
        open_ended = int((values.isna() & low.notna()).sum())
        ordered = np.concatenate([known, np.full(open_ended, np.inf)])
        median = float(ordered[(ordered.size - 1) // 2]) if ordered.size else None
        return Summary(
            holds=int((raised & (self.table["p"] <= alpha)).sum()),
            of=len(self.table),
            answered=ordered.size,
            same_sign=int(raised.sum()),
            median=None if median is None or np.isinf(median) else median,
            least=float(known[0]) if known.size else None,
            greatest=float(known[-1]) if known.size else None,
        )

    def summaries(self, *, alpha: float = 0.05) -> list[dict[str, Any]]:
        """Return, for each option, how often a raised ratio holds, and the median ratio."""
        found = []
        for name, options in self.choices.items():
            rows: dict[Any, list[int]] = {option: [] for option in options}
            for row, option in enumerate(self.table[name]):
                rows[option].append(row)
            for option in options:
                mine = replace(self, table=self.table.iloc[rows[option]]).summary(alpha=alpha)
                found.append(
                    {
                        "choice": name,
                        "option": option,
                        "holds": mine.holds,
                        "of": mine.of,
                        "median": mine.median,
                    }
                )
        return found


def specification_curve(
    choices: Mapping[str, Sequence[Any]],
    evaluate: Callable[[Mapping[str, Any]], dict[str, Any]],
    *,
    unit: str = "",
) -> SpecificationCurve:
    """Evaluate every combination of choices.

    Parameters
    ----------
    choices
        Options by choice, such as ``{"window": [1, 2, 3], "stratum": ["month", 28]}``, of each
        the chosen one first.
    evaluate
        Gives the other columns of one combination: ``value``, ``low``, ``high`` and more.
    unit
        Of the values.
    """
    rows = []
    for options in product(*choices.values()):
        one = dict(zip(choices, options, strict=True))
        rows.append(one | evaluate(one))
    table = pd.DataFrame(rows)
    numbers = {name: "float64" for name in NUMBERS if name in table}
    kept = {name: tuple(options) for name, options in choices.items()}
    return SpecificationCurve(kept, table.astype(numbers), unit)


def _label(row: Mapping[Any, Any], choices: Mapping[str, Any]) -> str:
    said = {"level": "level {}", "depth": "depth {}", "datasources": "{}"}
    return ", ".join(
        said.get(name, f"{name} {{}}").format(
            f"{row[name]:g}" if isinstance(row[name], float) else row[name]
        )
        for name in choices
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
        The same under each draw, shape ``(specifications, draws)``. Both are of
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
    scores = -special.ndtri(np.minimum(p_values, 1 - 1 / (2 * draws + 2)))
    scores = (each[:, None] * scores).sum(axis=0) / np.sqrt(of)
    return JointTest(
        significant=int(significant[0]),
        of=of,
        expected=float(significant[1:].mean()),
        p_significant=float((significant >= significant[0]).mean()),
        stouffer=float(scores[0]),
        p_stouffer=float((scores >= scores[0] - 1e-9).mean()),
    )
