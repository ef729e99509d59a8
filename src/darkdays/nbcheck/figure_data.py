"""What a figure draws, as a few lines of text: its fingerprint.

The pixels of a figure change with the version of a library and the fonts of a machine; the
numbers it is drawn from do not. And of 10,000 points one may move without a pixel changing.
Kept beside a picture in a notebook, the fingerprint tells whether it still shows the same numbers.

A figure that matplotlib shows in a notebook carries its fingerprint by itself once
``%load_ext darkdays.nbcheck.figure_data`` was run there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

KEY: Final = "figure_data"
"""Where the fingerprint is in the metadata of an output, below its kind, such as ``image/png``."""
_NOISE: Final = 1e-9  # of the largest number: what is smaller may be rounding


def fingerprint(figure: Figure) -> str:
    """Return a fingerprint of the numbers and words a figure shows.

    Parameters
    ----------
    figure
        A matplotlib figure, in whatever state; it is not drawn.

    Returns
    -------
    str
        For the figure and every axes a line with a digest of its words, and for every kind of
        artist a line with how many there are and, of each of their coordinates, how many are
        finite, the least and the greatest, and where between these their mean is, plain and
        weighted by position. No hash: fingerprints are compared with a tolerance, so that a last
        bit does not matter.
    """
    lines = [f"figure: words {_short_digest(text.get_text() for text in figure.texts)}"]
    for number, axes in enumerate(figure.axes, start=1):
        lines.append(f"axes {number}: words {_short_digest(_words(axes))}")
        drawn: dict[str, list[NDArray[np.float64]]] = {}
        for artist in (one for one in axes.get_children() if one is not axes.patch):
            for what, values in _numbers(artist):
                drawn.setdefault(f"{type(artist).__name__} {what}", []).append(values)
        lines += [f"axes {number}: {name} {_summary(found)}" for name, found in drawn.items()]
    return "\n".join(lines)


def _words(axes: Axes) -> Iterator[str]:
    from matplotlib.ticker import FixedLocator

    yield from (axes.get_title(), axes.get_xlabel(), axes.get_ylabel())
    for axis in (axes.xaxis, axes.yaxis):  # ticks that were placed, not those that follow a scale
        if isinstance(locator := axis.get_major_locator(), FixedLocator):
            name_of = axis.get_major_formatter()
            yield from (name_of(tick, place) for place, tick in enumerate(locator()))
    legend = axes.get_legend()
    for text in [*axes.texts, *(legend.get_texts() if legend is not None else ())]:
        yield text.get_text()


def _short_digest(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


def _numbers(artist: Artist) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield what an artist draws, in data coordinates; nothing for words, ticks and frames."""
    from matplotlib.collections import Collection
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.spines import Spine

    if isinstance(artist, Line2D):
        yield from _xy(artist.get_xydata())
    elif isinstance(artist, Collection):
        yield from _xy(artist.get_offsets())
        for path in artist.get_paths():
            yield from _xy(path.vertices)
        if (mapped := artist.get_array()) is not None:
            yield "colour", _floats(mapped).ravel()
    elif isinstance(artist, AxesImage):
        yield "extent", _floats(artist.get_extent())
        if (pixels := artist.get_array()) is not None:
            yield "colour", _floats(pixels).ravel()
    elif isinstance(artist, Patch) and not isinstance(artist, Spine):
        yield from _xy(artist.get_patch_transform().transform(artist.get_path().vertices))


def _xy(points: Any) -> Iterator[tuple[str, NDArray[np.float64]]]:
    yield from zip("xy", _floats(points).reshape(-1, 2).T, strict=True)


def _floats(values: Any) -> NDArray[np.float64]:
    """Return numbers with the masked ones as missing."""
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)


def _summary(arrays: list[NDArray[np.float64]]) -> str:
    values = np.concatenate(arrays)
    seen = np.isfinite(values)
    known = values[seen]
    text = f"x{len(arrays)}, {values.size} numbers, {known.size} finite"
    if not known.size:
        return text
    least, greatest = float(known.min()), float(known.max())
    # Within their range: of dates, which are far from zero, a moved one would not show.
    within = (known - least) / ((greatest - least) or 1.0)
    places = np.flatnonzero(seen) + 1.0
    numbers = {
        "from": least,
        "to": greatest,
        "mean": float(within.mean()),
        "by place": float((within * places).sum() / places.sum()),
    }
    largest = max(abs(least), abs(greatest))
    for name in ("from", "to"):
        if abs(numbers[name]) <= _NOISE * largest:
            numbers[name] = 0.0
    return ", ".join([text, *(f"{name} {one:.11e}" for name, one in numbers.items())])


def load_ipython_extension(shell: Any) -> None:
    """Let every figure that matplotlib shows inline carry its fingerprint."""
    from matplotlib.figure import Figure

    shell.enable_matplotlib("inline")
    png = shell.display_formatter.formatters["image/png"]
    draw = png.lookup_by_type(Figure)
    png.for_type(Figure, lambda figure: (draw(figure), {KEY: fingerprint(figure)}))
