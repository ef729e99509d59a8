"""A figure that was drawn: what is left of it, for those who show it and write it down.

Nothing that draws is loaded with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from darkdays.figures.display import show_png


@dataclass(frozen=True)
class Drawn:
    """A figure that was drawn.

    Attributes
    ----------
    name, title, caption, alt, data
        As of :class:`darkdays.figures.plot.Plot`.
    svg, png
        Its pictures.
    narrow
        As it is laid out for a telephone, as SVG.
    fingerprint
        Of the numbers it shows, see :mod:`darkdays.nbcheck.figure_data`.
    """

    name: str
    title: str
    caption: str
    alt: str
    data: pd.DataFrame
    svg: bytes
    narrow: bytes
    png: bytes
    fingerprint: str

    def show(self) -> None:
        """Show it in a notebook, with its alt text."""
        show_png(self.png, self.alt, self.fingerprint)
