"""What every figure of a report has: alt text, a caption, and a table of what it draws."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import seaborn as sns
from matplotlib import dates, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogFormatter

from darkdays.case.case import Case
from darkdays.contracts.datasources import DATASOURCES
from darkdays.figures.display import show_png
from darkdays.files.packaged import toml_of
from darkdays.nbcheck.figure_data import fingerprint

COLOURS: Final = dict(
    zip(
        ("country", "region", "mobile", "fixed", "transit"),
        ("#222222", "#6a3d9a", "#c44e00", "#0064a8", "#6b6b6b"),
        strict=True,
    )
)
"""Told apart in grey and with any colour vision; at least 4.5:1 on white."""
DOWN: Final = "#d7191c"
BLIND: Final = "#999999"
"""Of the instrument."""
PROTEST: Final = "#f3dc8a"
"""Of days of protest, and other times that a figure points to."""
PHONE: Final = 3.72
"""Inches a figure is wide on a telephone of 390 CSS pixels, which shows it as large as it is."""
TITLES: Final = {"ioda.bgp": "BGP", "ioda.ping-slash24": "probing"}
_METADATA: Final = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "darkdays",
    "svg.fonttype": "path",
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "font.family": "DejaVu Sans",
    "font.sans-serif": "DejaVu Sans",
}


# A hundredth of a point is enough: what is finer makes a page heavier and nothing clearer.
_BRIEF: Final = re.compile(rb"(?<=[ \"LM])(-?\d{1,4}\.\d\d)\d+(?=[ \"])")
_CAPTIONS: Final = toml_of("figures/captions.toml")


@dataclass(frozen=True)
class Plot:
    """A figure with everything a reader who cannot see it needs."""

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure
    data: pd.DataFrame

    def rendered(self, kind: str, *, letters: str = "path") -> bytes:
        """Return the figure as ``svg`` or ``png``, the same bytes every time.

        Its letters are drawn (``path``), or text (``none``): lighter, in a font of who reads.
        """
        buffer = io.BytesIO()
        with rc_context({**_STYLE, "svg.fonttype": letters}):
            self.figure.savefig(buffer, format=kind, metadata=_METADATA[kind])
        return _BRIEF.sub(rb"\1", buffer.getvalue()) if kind == "svg" else buffer.getvalue()

    def show(self) -> None:
        """Show the figure in a notebook, with its alt text and the fingerprint of what it draws."""
        show_png(self.rendered("png"), self.alt, fingerprint(self.figure))


def captioned(
    key: str,
    figure: Figure,
    data: pd.DataFrame,
    alt: str,
    *,
    name: str = "",
    tight: bool = True,
    **values: Any,
) -> Plot:
    """Return a figure, laid out, with the title and the caption that ``captions.toml`` has for it.

    Parameters
    ----------
    key
        What it is called there.
    figure, data, alt
        Of the figure.
    name
        What it is called in the report, if not so.
    tight
        Lay it out by its texts; not where it is laid out otherwise.
    **values
        What is put into title and caption.
    """
    if tight:
        figure.tight_layout()
    else:
        as_written(figure)
    words = {part: text.format(**values).strip() for part, text in _CAPTIONS[key].items()}
    return Plot(name=name or key, alt=alt, figure=figure, data=data, **words)


Make = Callable[..., Plot]
"""Makes a figure when it is called, also one of a ``width``; it can be pickled."""


def is_narrow(width: float) -> bool:
    """Whether a figure of so many inches is laid out for a telephone."""
    return width < 1.5 * PHONE


def lines_of(text: str, width: float, *, size: float = 11) -> str:
    """Return a text in lines that fit into so many inches in letters of a size."""
    return "\n".join(textwrap.fill(one, int(width * 122 / size)) for one in text.splitlines())


def few_days(axis: Axes, most: int = 4) -> None:
    """Have few enough times named on an axis for a telephone."""
    where = dates.AutoDateLocator(tz="UTC", minticks=2, maxticks=most)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(where)


def named_above(axis: Axes, names: Sequence[str], colours: Sequence[str]) -> None:
    """Name the rows of an axis above each, where a telephone has no room beside them."""
    axis.set_yticks([])
    for place, (name, colour) in enumerate(zip(names, colours, strict=True)):
        axis.text(
            0.01, place - 0.25, name, va="bottom", fontsize=8.5, color=colour,
            transform=axis.get_yaxis_transform(),
        )  # fmt: skip
    axis.set_ylim(max(len(names), 1) - 0.5, -0.8)


def as_written(figure: Figure) -> None:
    """Let every text of a figure stand as it is, also one with dollars in it, which is no formula.

    Exponents on logarithmic axes are matplotlib's own and stay.
    """
    powers: set[int] = set()
    drawn = (axis for one in figure.axes for axis in (one.xaxis, one.yaxis) if axis.get_visible())
    for axis in drawn:
        labels = axis.get_ticklabels(which="both")  # from here on they are there
        if isinstance(axis.get_major_formatter(), LogFormatter):
            powers.update(map(id, labels))
    for text in figure.findobj(Text):
        if id(text) not in powers:
            text.set_parse_math(False)


class _AsWritten(Figure):
    """A figure that is laid out by its texts as they are."""

    def tight_layout(self, **options: Any) -> None:
        as_written(self)
        super().tight_layout(**options)
        self.set_layout_engine(None)  # or else all is drawn twice whenever it is saved


def signal_name(case: Case, entity: str, datasource: str) -> str:
    """Return what a reader calls a signal, such as ``Shatel probing``."""
    title = TITLES.get(datasource) or getattr(DATASOURCES.get(datasource), "title", datasource)
    return f"{case.name_of(entity)} {title}"


def hours(axis: Axes, pattern: str, time_zone: str = "UTC") -> None:
    """Label an axis of times by a pattern of strftime, on the clock of a zone."""
    axis.xaxis.set_major_formatter(dates.DateFormatter(pattern, tz=time_zone))  # type: ignore[no-untyped-call]


def subplots(
    rows: int, columns: int, *, figsize: tuple[float, float], layout: Any = None, **options: Any
) -> tuple[Figure, Any]:
    """Return a figure in the one style, and its axes; it is not shown by itself."""
    with rc_context(_STYLE), sns.axes_style("white"):
        figure = _AsWritten(figsize=figsize, layout=layout)
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, **options)
    for axis in figure.axes:
        axis.set_title("", y=1.0)  # or else its place is searched for whenever it is drawn
    return figure, axes


def stamped(plot: Plot) -> Plot:
    """Return a figure of generated data that says so wherever it goes: picture, words, table."""
    size = min(44.0, 10 * plot.figure.get_figwidth())
    plot.figure.text(
        0.5, 0.5, "SIMULATED", ha="center", va="center", rotation=20, fontsize=size, color=DOWN,
        alpha=0.25,
    )  # fmt: skip
    said = "SIMULATED: nothing here was measured."
    return replace(
        plot,
        title=f"SIMULATED: {plot.title}",
        caption=f"{said} {plot.caption}",
        alt=f"{said} {plot.alt}",
        data=plot.data.assign(origin="SIMULATED"),
    )


def bar(
    axis: Axes, low: Any, high: Any, place: float, colour: str, *, lw: float, alpha: float = 0.45
) -> None:
    """Draw an interval of an axis as a bar that ends where it ends."""
    axis.plot([low, high], [place, place], color=colour, lw=lw, alpha=alpha, solid_capstyle="butt")


def framed(axis: Axes, title: str = "", *, grid: Any = "", size: int = 11, **more: Any) -> None:
    """Put a title to the left of a panel, faint lines across it, and what else its axes are set to.

    Parameters
    ----------
    axis
        The panel.
    title
        Its title; none if empty.
    grid
        The axis lines are drawn from: ``x``, ``y`` or ``both``; none if empty.
    size
        Of the title, in points.
    **more
        As of :meth:`matplotlib.axes.Axes.set`: labels, limits.
    """
    axis.set(**more)
    if grid:
        axis.grid(axis=grid, color="#dddddd")
    if title:
        axis.set_title(title, loc="left", fontsize=size)


def say(axis: Axes, sentence: str) -> None:
    """Write a sentence where there is nothing to draw."""
    axis.text(0.5, 0.5, sentence, ha="center", va="center", transform=axis.transAxes)
    axis.set(xticks=[], yticks=[])


def significant(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its numbers at six significant digits, as findings have them."""
    floats = table.select_dtypes("float").columns
    return table.assign(
        **{name: [float(f"{number:.6g}") for number in table[name]] for name in floats}
    )


def in_words(moment: Any) -> str:
    """Return a time as a reader says it, in UTC."""
    if pd.isna(moment):
        return "no observed time"
    return f"{moment.day} {moment:%B %H:%M} UTC"
