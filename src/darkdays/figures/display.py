"""What a notebook shows of a report, without anything that it takes to draw it."""

from __future__ import annotations

from typing import Any

from darkdays.nbcheck.figure_data import KEY


def show_png(content: bytes, alt: str, drawn: str = "") -> None:
    """Show a picture in a notebook, with a description for those who cannot see it.

    Parameters
    ----------
    content
        A PNG file.
    alt
        The description.
    drawn
        The fingerprint of the numbers it shows, see :mod:`darkdays.nbcheck.figure_data`.
    """
    from IPython import display

    picture: Any = display.Image(content, alt=alt, format="png")  # type: ignore[no-untyped-call]
    kept = {"alt": alt} | ({KEY: drawn} if drawn else {})
    display.display(picture, metadata={"image/png": kept})  # type: ignore[no-untyped-call]


def say_nothing_to_show() -> None:
    """Say in a notebook that there is no figure, because nothing was read to draw one from."""
    from IPython import display

    sentence: Any = display.Markdown("No figure: nothing was read to draw one from.")  # type: ignore[no-untyped-call]
    display.display(sentence)  # type: ignore[no-untyped-call]
