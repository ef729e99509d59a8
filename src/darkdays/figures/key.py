"""The key of a figure, and where it is from: inside the picture, so that it can stand alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from darkdays.case.case import Case
from darkdays.figures.plot import BLIND, COLOURS, DOWN, PROTEST, Plot, is_narrow

_LINE: Final = 0.17
"""Inches a line of small print takes."""
_READABLE: Final = 8.5
"""Points of the smallest letters on a telephone."""
_SIGNS_PER_INCH: Final = 13
"""Of such letters."""
_LONGEST: Final = 90
_LABEL: Final = 26
_NOT_STATED: Final = "see data/SOURCES.md"
_NETWORKS: Final = {
    "country": "whole country", "region": "region", "mobile": "mobile network",
    "fixed": "fixed-line network", "transit": "transit or other network",
}  # fmt: skip


def network_key(kinds: Iterable[str], *, alpha: float = 1.0) -> list[Artist]:
    """Return the entries of a key for kinds of networks, in the order of their colours."""
    present = set(kinds)
    return [
        Patch(facecolor=colour, alpha=alpha, label=_NETWORKS[kind])
        for kind, colour in COLOURS.items()
        if kind in present
    ]


def timeline_key(drawn: Mapping[str, bool]) -> list[Artist]:
    """Return the entries of what is drawn over signals, of those that are drawn."""
    entries: dict[str, Artist] = {
        "outage": Line2D([], [], color=DOWN, lw=2.5, label="outage until its main recovery"),
        "doubtful": Line2D([], [], color=BLIND, lw=2.5, label="fall that is no outage"),
        "protest": Patch(facecolor=PROTEST, alpha=0.45, label="protest day (local)"),
        "blind": Patch(
            facecolor="none", edgecolor=BLIND, hatch="////", lw=0, label="instrument blind"
        ),
    }
    return [entry for name, entry in entries.items() if drawn[name]]


def key_below(figure: Figure, entries: Sequence[Artist]) -> None:
    """Put a key below everything a figure has so far, in as many lines as its width needs."""
    if not entries:
        return
    width = float(figure.get_figwidth())
    signs = max(len(str(one.get_label())) for one in entries) + 7
    size, per_inch = (_READABLE, _SIGNS_PER_INCH) if is_narrow(width) else (7.5, 15)
    columns = max(1, min(len(entries), int(width * per_inch // signs)))
    if is_narrow(width):  # where nothing moves apart for the longer words of other languages
        columns = 1
    lines = -(-len(entries) // columns)
    _add_room(figure, _LINE * lines)
    figure.legend(
        handles=list(entries), loc="lower left", bbox_to_anchor=(0.005, 0.0), ncols=columns,
        fontsize=size, frameon=False, borderpad=0.2, labelspacing=0.3, handlelength=1.6,
    )  # fmt: skip


def sourced(plot: Plot, line: str) -> Plot:
    """Return a figure that says below where its numbers are from, on what terms, on what clock."""
    figure = plot.figure
    width = float(figure.get_figwidth())
    size, per_inch = (_READABLE, _SIGNS_PER_INCH) if is_narrow(width) else (6.5, 17)
    lines = textwrap.wrap(line, max(40, int(width * per_inch)))
    _add_room(figure, _LINE * len(lines) + 0.04)
    y = 0.03 / figure.get_figheight()
    figure.text(0.01, y, "\n".join(lines), ha="left", va="bottom", fontsize=size, color="#444444")
    return replace(plot, figure=figure)


def source_line(case: Case, sources: Iterable[Mapping[str, Any]]) -> str:
    """Return what stands below every figure of a case: sources with their terms, and the clock."""
    told = [
        f"{textwrap.shorten(str(one['citation']), _LONGEST, placeholder=' …')} ({one['licence']})"
        for one in sources
        if one["citation"] != _NOT_STATED
    ]
    named = f"Source: {'; '.join(dict.fromkeys(told))}. " if told else ""
    return f"{named}Made with darkdays. {clock(case)}."


def clock(case: Case) -> str:
    """Return how the clocks of a place go beside UTC, in the window of its case."""
    if case.time_zone == "UTC":
        return "Times in UTC"
    edges = pd.DatetimeIndex([case.window.start, case.window.end]).tz_convert(case.time_zone)
    said = dict.fromkeys(f"{one:%z}" for one in edges)
    ahead = " or ".join(f"{one[:3]}:{one[3:]}" for one in said)
    return f"Times in UTC unless said; {case.time_zone} is UTC{ahead}"


def wrapped(name: str, most: int = _LABEL) -> str:
    """Return a name in at most two lines of so many signs, which fit beside an axis."""
    if len(name) <= most:
        return name
    first, *rest = textwrap.wrap(name, most)
    # What tells long names apart is often their end.
    last = rest[0] if len(rest) == 1 else f"… {name[2 - most :].partition(' ')[2] or name[-20:]}"
    return f"{first}\n{last}"


def in_a_line(name: str) -> str:
    """Return a name in one line as wide as a telephone."""
    return wrapped(name, 22).replace("\n", " ")


def beside(name: str, most: int = 18) -> str:
    """Return a name as a telephone has room for it beside an axis, with its begin and its end."""
    half = most // 2
    return name if len(name) <= most else f"{name[: half - 1].strip()}…{name[-half:].strip()}"


def _add_room(figure: Figure, inches: float) -> None:
    """Make a figure taller at its lower edge, everything it has staying as it is."""
    height = float(figure.get_figheight())
    share, below = height / (height + inches), inches / (height + inches)
    places = [(axis, axis.get_position()) for axis in figure.axes]
    anchors = [
        (one, one.get_bbox_to_anchor().transformed(figure.transFigure.inverted()))
        for one in figure.legends
    ]
    figure.set_figheight(height + inches)
    for axis, box in places:
        axis.set_position((box.x0, box.y0 * share + below, box.width, box.height * share))
    for text in figure.texts:
        x, y = text.get_position()
        text.set_position((x, y * share + below))
    for legend, box in anchors:
        legend.set_bbox_to_anchor((box.x0, box.y0 * share + below), figure.transFigure)
