"""Figures as pictures, drawn here or beside."""

from __future__ import annotations

from darkdays.figures.drawn import Drawn
from darkdays.figures.plot import PHONE, Make
from darkdays.nbcheck.figure_data import fingerprint


def draw(make: Make) -> Drawn:
    """Make a figure and draw it, for paper and for a telephone, the same bytes in any process."""
    plot = make()
    return Drawn(
        plot.name,
        plot.title,
        plot.caption,
        plot.alt,
        plot.data,
        plot.rendered("svg"),
        make(width=PHONE).rendered("svg", letters="none"),
        plot.rendered("png"),
        fingerprint(plot.figure),
    )
