"""Figures as pictures: what is left of one when it is drawn, and can be drawn beside."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from darkdays.figures.display import show_png
from darkdays.figures.plot import Make, Plot
from darkdays.nbcheck.figure_data import fingerprint


@dataclass(frozen=True)
class Drawn:
    """A figure that was drawn.

    Attributes
    ----------
    plot
        Without what its figure holds.
    svg, png
        Its pictures.
    fingerprint
        Of the numbers it shows, see :mod:`darkdays.nbcheck.figure_data`.
    """

    plot: Plot
    svg: bytes
    png: bytes
    fingerprint: str

    def show(self) -> None:
        """Show it in a notebook, with its alt text."""
        show_png(self.png, self.plot.alt, self.fingerprint)


def draw(make: Make) -> Drawn:
    """Make a figure and draw it, the same bytes in any process."""
    plot = make()
    svg, png = plot.rendered("svg"), plot.rendered("png")
    return Drawn(replace(plot, figure=Figure()), svg, png, fingerprint(plot.figure))
