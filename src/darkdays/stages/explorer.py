"""Case, signal and confidence level to choose by hand, and the onset that moves with them.

In JupyterLab there are controls; a notebook that is run by a program, or read, has the same
figure and table for the values in its cells. Nothing is fetched from anywhere to show them.
"""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import pandas as pd

from darkdays import stages
from darkdays.case import case as cases
from darkdays.case.parts import nearest
from darkdays.contracts.moments import bounds, when
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.outages import analyse_all, outages_of, prepare_all
from darkdays.detect.outages.prepared import Prepared
from darkdays.errors import DarkdaysError, InputError
from darkdays.figures.levels import onset_by_level
from darkdays.figures.plot import Plot, signal_name
from darkdays.files.writing import rows_of
from darkdays.stages.products import Fetched

LEVELS: Final = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
DEPTHS: Final = (0.05, 0.10, 0.20, 0.30, 0.50)
FIRST: Final = "first"
"""Instead of the name of a signal: the one that went down first."""


@dataclass
class Signals:
    """The signals of a case, ready to be looked at under any level.

    Attributes
    ----------
    fetched
        What the case has to work with.
    """

    fetched: Fetched
    _prepared: list[Prepared] = field(init=False)
    _seen: dict[tuple[float, float], tuple[list[Analysis], pd.DataFrame]] = field(
        init=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Prepare every signal once."""
        self._prepared, _ = prepare_all(self.fetched.connectivity, self.fetched.case.time_zone)

    @property
    def names(self) -> list[str]:
        """The signals that can be judged, as a reader calls them."""
        return [
            signal_name(self.fetched.case, one.entity, one.datasource)
            for one in self._at(LEVELS[0], stages.MIN_DEPTH)[0]
        ]

    def first(self, level: float, min_depth: float) -> str:
        """Return the signal that went down first; the first of all if none did."""
        dated = self._at(level, min_depth)[1]
        if dated.empty:
            return self.names[0]
        one = dated.iloc[0]
        return signal_name(self.fetched.case, one["entity"], one["datasource"])

    def plot(self, signal: str, level: float, min_depth: float) -> Plot:
        """Draw where each level puts the onset of a signal.

        Raises
        ------
        InputError
            If the case has no signal of that name.
        """
        if signal not in self.names:
            raise InputError(
                f"{self.fetched.case.name} has no signal {signal!r}{nearest(signal, self.names)} "
                f"Its signals are {', '.join(self.names)}."
            )
        place = self.names.index(signal)
        onsets = {
            one: self._onset(place, one, min_depth) for one in sorted({*LEVELS, float(level)})
        }
        return onset_by_level(signal, self._at(level, min_depth)[0][place], onsets, float(level))

    def _onset(self, place: int, level: float, min_depth: float) -> pd.Series | None:
        analyses, dated = self._at(level, min_depth)
        one = analyses[place]
        mine = dated[(dated["entity"] == one.entity) & (dated["datasource"] == one.datasource)]
        return None if mine.empty else mine.iloc[0]

    def _at(self, level: float, min_depth: float) -> tuple[list[Analysis], pd.DataFrame]:
        """Return analyses and dated outages: of all signals, as a report corrects over all."""
        key = float(level), float(min_depth)
        if key not in self._seen:
            analyses = analyse_all(self._prepared, level)
            found = trusted(outages_of(analyses, min_depth=min_depth))
            dated = found[found["onset"].notna()].sort_values("onset", kind="stable")
            self._seen[key] = analyses, dated
        return self._seen[key]


def onset_table(plot: Plot) -> pd.DataFrame:
    """Return the table of an :meth:`Signals.plot` for people, times in UTC."""
    rows = [
        (f"{one.level:g}", when(one.onset), bounds((one.onset_low, one.onset_high)))
        for one in rows_of(plot.data)
    ]
    return pd.DataFrame(rows, columns=["level", "onset", "bounds"])


def has_controls() -> bool:
    """Return whether a person is at a front end that draws controls.

    Jupyter's servers tell a kernel which notebook it was started for; who runs notebooks by a
    program does not.
    """
    return "JPY_SESSION_NAME" in os.environ and find_spec("ipywidgets") is not None


def explore(
    case: str = "iran-2019",
    signal: str = FIRST,
    level: float = stages.LEVEL,
    min_depth: float = stages.MIN_DEPTH,
) -> None:
    """Show the onset of a signal by level, with controls where they can be drawn.

    Parameters
    ----------
    case
        Name of a shipped case, or the path of a case file.
    signal
        As a figure names it, such as ``Shatel probing``; :data:`FIRST` for the one that went
        down first.
    level, min_depth
        As for :func:`darkdays.stages.detect`.
    """
    from IPython import display

    if has_controls():
        display.display(_controls(case, signal, level, min_depth))  # type: ignore[no-untyped-call]
        return
    found = Signals(stages.fetch(case))
    if not found.names:
        display.display(display.Markdown(_nothing(case)))  # type: ignore[no-untyped-call]
        return
    plot = found.plot(_chosen(found, signal, level, min_depth), level, min_depth)
    plot.show()
    display.display(onset_table(plot))  # type: ignore[no-untyped-call]


def _chosen(found: Signals, signal: str, level: float, min_depth: float) -> str:
    return found.first(level, min_depth) if signal == FIRST else signal


def _nothing(case: str) -> str:
    return (
        f"{case} has no signals here yet, so nothing can move: `darkdays cases` says what it needs."
    )


def _controls(case: str, signal: str, level: float, min_depth: float) -> Any:
    widgets: Any = import_module("ipywidgets")
    layout = {"layout": widgets.Layout(width="32em"), "style": {"description_width": "9em"}}
    kept: dict[str, Signals] = {}
    names = list(dict.fromkeys([case, *cases.known()]))
    choose_case = widgets.Dropdown(options=names, value=case, description="Case", **layout)
    # The chooser of signals is made anew for each case: one whose list is exchanged looks empty.
    choose_signal: Any = None
    choose_level = _slider("Detector level", {*LEVELS, float(level)}, level, "{:g}", layout)
    choose_depth = _slider("Least share gone", {*DEPTHS, min_depth}, min_depth, "{:.0%}", layout)
    shown = widgets.HTML()

    def settings() -> tuple[float, float]:
        return choose_level.value, choose_depth.value

    def draw(_: object = None) -> None:
        name, chosen = choose_case.value, choose_signal.value if choose_signal else None
        try:
            shown.value = (
                _sentence(_nothing(name).replace("`", ""))
                if chosen is None
                else _page(kept[name].plot(chosen, *settings()))
            )
        except DarkdaysError as error:
            shown.value = _sentence(str(error))

    controls = widgets.VBox([choose_case, choose_level, choose_depth, shown])

    def change_case(_: object = None, wanted: str = FIRST) -> None:
        nonlocal choose_signal
        name = choose_case.value
        try:
            found = kept.get(name) or kept.setdefault(name, Signals(stages.fetch(name)))
            chosen = _chosen(found, wanted, *settings()) if found.names else None
            if chosen is not None and chosen not in found.names:
                found.plot(chosen, *settings())
        except DarkdaysError as error:
            shown.value = _sentence(str(error))
            return
        choose_signal = widgets.Dropdown(
            options=found.names, value=chosen, description="Signal", **layout
        )
        choose_signal.observe(draw, "value")
        controls.children = [choose_case, choose_signal, choose_level, choose_depth, shown]
        draw()

    change_case(wanted=signal)
    choose_case.observe(change_case, "value")
    choose_level.observe(draw, "value")
    choose_depth.observe(draw, "value")
    return controls


def _slider(
    what: str, values: Iterable[float], value: float, pattern: str, layout: dict[str, Any]
) -> Any:
    options = [(pattern.format(one), float(one)) for one in sorted(values)]
    widgets: Any = import_module("ipywidgets")
    return widgets.SelectionSlider(
        options=options, value=float(value), description=what, continuous_update=False, **layout
    )


def _sentence(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _page(plot: Plot) -> str:
    picture = base64.b64encode(plot.rendered("png")).decode()
    table = onset_table(plot).to_html(index=False, border=0)
    return (
        f'<img alt="{html.escape(plot.alt)}" src="data:image/png;base64,{picture}" '
        f'style="max-width: 100%">{table}'
    )
