"""Every specification of a claim at once: effects in order, and the choices behind each."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from darkdays.correlate.multiverse import SpecificationCurve, Summary
from darkdays.figures.key import beside, key_below
from darkdays.figures.plot import (
    TITLES,
    Plot,
    captioned,
    framed,
    is_narrow,
    lines_of,
    say,
    significant,
    subplots,
)

_HOLDS: Final = "#0064a8"
_NOT: Final = "#6b6b6b"
_CHOICE_GAP: Final = 1.0
_MOST_DRAWN: Final = 120


def specification_curve(
    curve: SpecificationCurve,
    *,
    claim: str,
    alpha: float = 0.05,
    level: float = 0.95,
    name: str = "specification-curve",
    adjusted: str = "",
    width: float = 9,
) -> Plot:
    """Draw the effects of all specifications with their intervals, above the options of each.

    Where it is narrow, choices are named above their options.

    Parameters
    ----------
    curve
        As :func:`darkdays.correlate.multiverse.specification_curve` gives it.
    claim
        What is claimed, in a few words.
    alpha
        Level at which a specification counts as holding.
    level
        Confidence of the curve's intervals.
    name
        Of the figure's files.
    adjusted
        What p-values were adjusted for, in a few words.
    """
    table = curve.table.rename(columns={"value": "effect"})
    table["holds"] = (table["effect"].fillna(table["low"]) > 1) & (table["p"] <= alpha)
    answered = _ordered(table)
    drawn = _evenly(answered)
    summary = curve.summary(alpha=alpha)
    lines = sum(len(options) for options in curve.choices.values()) + len(curve.choices)
    upper, row = (2.2, 0.19) if is_narrow(width) else (3.0, 0.17)
    figure, axes = subplots(
        2,
        1,
        figsize=(width, upper + 0.4 + row * lines),
        sharex=True,
        height_ratios=[upper, row * lines + 0.2],
    )
    if drawn.empty:
        say(axes[0], "No specification has an answer.")
    else:
        _effects(axes[0], drawn)
    _options(axes[1], drawn, curve, len(answered), width)
    title = lines_of(f"{claim}: {summary.sentence()}", width - 0.3)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    unanswered = len(table) - len(answered)
    data = pd.concat([answered, table[~table.index.isin(answered.index)]], ignore_index=True)
    rest = _not_all(len(drawn), len(answered)) + _without_answer(unanswered)
    plot = captioned(
        "specification-curve",
        figure,
        significant(data),
        _in_words(curve, summary, claim, alpha, unanswered),
        name=name,
        level=level,
        alpha=alpha,
        adjusted=adjusted and f", {adjusted}",
        rest=rest,
    )
    key_below(
        plot.figure,
        [
            Line2D([], [], marker="o", lw=0, color=_HOLDS, label="holds"),
            Line2D([], [], marker="o", lw=0, color=_NOT, mfc="white", label="does not"),
        ],
    )
    return plot


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the specifications with an answer by size of effect; unbounded ones last."""
    answered = table[table["effect"].notna() | table["low"].notna()]
    keys = pd.DataFrame({"effect": answered["effect"].fillna(np.inf), "low": answered["low"]})
    return answered.loc[keys.sort_values(["effect", "low"], kind="stable").index]


def _evenly(answered: pd.DataFrame) -> pd.DataFrame:
    """Return as many specifications as can be told apart, evenly along the curve."""
    if len(answered) <= _MOST_DRAWN:
        return answered
    return answered.iloc[np.linspace(0, len(answered) - 1, _MOST_DRAWN).round().astype(int)]


def _effects(axis: Axes, drawn: pd.DataFrame) -> None:
    places = np.arange(len(drawn))
    # A ratio of 0 has no place on a logarithmic axis: it is drawn at the lower edge.
    positive = pd.concat([drawn["effect"], drawn["low"], drawn["high"]])
    positive = positive[(positive > 0) & np.isfinite(positive)]
    floor, roof = min(positive.min() / 1.5, 0.8), max(positive.max() * 1.5, 1.25)
    value = drawn["effect"].clip(lower=floor).to_numpy()
    low = drawn["low"].fillna(drawn["effect"]).clip(lower=floor).to_numpy()
    high = drawn["high"].fillna(drawn["effect"]).fillna(roof).to_numpy()
    holds = drawn["holds"].to_numpy(bool)
    colours = np.where(holds, _HOLDS, _NOT)
    axis.vlines(places, low, high, colors=list(colours), lw=1.4, alpha=0.6)
    for chosen, face in ((holds, _HOLDS), (~holds, "white")):
        axis.plot(
            places[chosen],
            value[chosen],
            "o",
            ms=4.5,
            color=_HOLDS if face == _HOLDS else _NOT,
            mfc=face,
        )
    unbounded = drawn["effect"].isna().to_numpy()
    axis.scatter(
        places[unbounded],
        np.full(unbounded.sum(), roof),
        marker="^",
        s=25,
        c=list(colours[unbounded]),
    )
    axis.axhline(1, color="#222222", lw=0.9, ls="--")
    axis.set(yscale="log", ylim=(floor / 1.05, roof * 1.1))
    ticks = [one for one in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if floor <= one <= roof]
    axis.set_yticks(ticks, [f"{one:g}" for one in ticks], minor=False)
    axis.set_yticks([], minor=True)
    framed(axis, grid="y", ylabel="rate ratio")


def _options(
    axis: Axes, drawn: pd.DataFrame, curve: SpecificationCurve, answered: int, width: float
) -> None:
    narrow = is_narrow(width)
    ticks: list[float] = []
    labels: list[str] = []
    height = 0.0
    holds = drawn["holds"].to_numpy(bool)
    for name, options in curve.choices.items():
        if narrow:
            axis.text(
                0.01, height - _CHOICE_GAP, name, va="center", fontsize=8.5,
                transform=axis.get_yaxis_transform(),
            )  # fmt: skip
        for option in options:
            chosen = np.array([bool(one == option) for one in drawn[name]], dtype=bool)
            for mark, colour in ((chosen & holds, _HOLDS), (chosen & ~holds, _NOT)):
                begins, ends = _runs(mark)
                axis.hlines([height] * begins.size, begins - 0.4, ends + 0.4, color=colour, lw=6)
            ticks.append(height)
            shown = _label(option)
            labels.append(beside(shown) if narrow else f"{name}: {shown}")
            height += 1
        height += _CHOICE_GAP
    axis.set_yticks(ticks, labels, fontsize=8.5 if narrow else 8)
    top = -1 - _CHOICE_GAP / 2 if narrow else -1
    axis.set(ylim=(height - _CHOICE_GAP, top), xlim=(-0.8, max(len(drawn), 1) - 0.2), xticks=[])
    some = f"{len(drawn):,} of " if len(drawn) < answered else ""
    told = f"{some}{answered:,} specifications, in order of their effect"
    axis.set_xlabel(lines_of(told, width - 1.2, size=8.5), fontsize=8.5)


def _runs(chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where runs of true values begin and where they end, both included."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]])))
    return edges[::2], edges[1::2] - 1


def _not_all(drawn: int, answered: int) -> str:
    if drawn == answered:
        return ""
    return f"{drawn:,} of {answered:,} are drawn, evenly in that order; all are in the numbers. "


def _label(option: Any) -> str:
    if isinstance(option, bool):
        return "yes" if option else "no"
    if isinstance(option, float):
        return f"{option:g}"
    return " + ".join(TITLES.get(one, one) for one in str(option).split(" + "))


def _without_answer(number: int) -> str:
    if not number:
        return ""
    return f"{number} specification{' has' if number == 1 else 's have'} no answer and no column."


def _in_words(
    curve: SpecificationCurve,
    summary: Summary,
    claim: str,
    alpha: float,
    unanswered: int,
) -> str:
    if not summary.answered:
        return f"{claim}: none of {summary.of} specifications has an answer."
    spread = ""
    if summary.least is not None and summary.greatest is not None:
        spread = f" Finite effects run from {summary.least:.2g} to {summary.greatest:.2g}."
    middle = (
        f" The median rate ratio is {summary.median:.2g}."
        if summary.median is not None
        else " The median rate ratio has no upper bound."
    )
    options = "; ".join(
        f"{row['choice']} {_label(row['option'])}: {row['holds']} of {row['of']}"
        for row in curve.summaries(alpha=alpha)
    )
    return (
        f"{claim}: {summary.sentence()}.{middle}{spread} By option, it holds with {options}. "
        f"{_without_answer(unanswered)}"
    ).strip()
