"""Figures as pictures, drawn here or beside."""

from __future__ import annotations

from typing import Final

from darkdays.figures.drawn import Drawn
from darkdays.figures.plot import PHONE, Make
from darkdays.nbcheck.figure_data import fingerprint

NARROW: Final = frozenset(
    {"overview", "timeline", "onsets", "recovery", "bounds", "specifications"}
)
"""Figures that are laid out for a telephone as well, by their names."""


def draw(make: Make) -> Drawn:
    """Make a figure and draw it, the same bytes in any process."""
    plot = make()
    narrow = b""
    if plot.name in NARROW:
        narrow = make(width=PHONE).rendered("svg", letters="none")
    return Drawn(
        plot.name,
        plot.title,
        plot.caption,
        plot.alt,
        plot.data,
        plot.rendered("svg"),
        narrow,
        plot.rendered("png"),
        fingerprint(plot.figure),
    )
