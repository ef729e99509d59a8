"""Which sites were blocked when: a cell a site and day, with what is not known left blank."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from darkdays.detect.blocking.blocking import BLOCKED, INSUFFICIENT, NOT_BLOCKED, OK
from darkdays.detect.blocking.sites import Sites
from darkdays.figures.key import in_a_line, key_below
from darkdays.figures.plot import Plot, captioned, is_narrow, subplots
from darkdays.files.writing import rows_of

_COLOURS: Final = {BLOCKED: "#8c2d04", OK: "#9ecae1", INSUFFICIENT: "#ffffff"}
"""Dark, light and hatched: told apart in grey as well."""
_INK: Final = {BLOCKED: "#ffffff", OK: "#000000", INSUFFICIENT: "#000000"}
_SHORT: Final = {"tcp_ip": "TCP/IP", "http-diff": "page", "http-failure": "HTTP", "dns": "DNS"}
_MOST_COLUMNS: Final = 40
_MOST_ROWS: Final = 60
_CELL: Final = 0.38
"""Inches in which the words of a cell have room."""
_MOST_NAMED: Final = 12
"""Periods that are named on the axis on a telephone."""
_WIDTHS: Final = {"day": "D", "week": "W-SUN", "month": "M"}
_GREY: Final = "#777777"
_DATA: Final = (
    "name", "table", "network", "site", "begins", "state", "method", "measurements", "blocked",
)  # fmt: skip


def blocking_states(sites: Sites, *, width: float = 7) -> Plot:
    """Draw the state of every site in every stretch of time it was measured in.

    Columns are days with a measurement, weeks or months where there are too many; time in between
    in which nothing was measured takes no room, and is marked. Where it is narrow, sites are named
    above their rows, and cells that have no room for words have none.

    Parameters
    ----------
    sites
        With at least one measurement.
    """
    narrow = is_narrow(width)
    cells, unit = _cells(sites)
    names = list(dict.fromkeys(cells["name"]))
    shown = names[:_MOST_ROWS]
    periods = sorted(set(cells["period"]))
    if not narrow:
        width = max(width, 2.2 + 0.6 * len(periods))
    row = 0.6 if narrow else 0.4
    figure, axis = subplots(1, 1, figsize=(width, 1.6 + row * len(shown)))
    size = 8.25 if narrow else 7.0
    if width - 0.6 < _CELL * len(periods):
        size = 0.0
    top = 0.4 if narrow else 0.06
    for cell in rows_of(cells[cells["name"].isin(shown)]):
        _draw(axis, periods.index(cell.period), shown.index(cell.name), cell, top, size)
    for place in range(1, len(periods)):
        if periods[place].ordinal - periods[place - 1].ordinal > 1:
            axis.axvline(place, color="#000000", lw=1.4, ls=(0, (1, 1)))
    axis.set(xlim=(0, len(periods)), ylim=(len(shown), 0))
    every = -(-len(periods) // _MOST_NAMED) if narrow else 1
    named = range(0, len(periods), every)
    labels = [_label(periods[one], unit) for one in named]
    turned = {"rotation": 90} if narrow else {"rotation": 60, "ha": "right"}
    axis.set_xticks([place + 0.5 for place in named], labels, **turned)
    if narrow:
        axis.set_yticks([])
        for place, name in enumerate(shown):
            axis.text(0.03, place + 0.36, in_a_line(name), va="bottom", fontsize=8.5)
    else:
        axis.set_yticks([place + 0.5 for place in range(len(shown))], shown)
    axis.tick_params(length=0, labelsize=8.5)
    for edge in axis.spines.values():
        edge.set_visible(False)
    handles = [
        Patch(facecolor=_COLOURS[BLOCKED], label="blocked"),
        Patch(facecolor=_COLOURS[OK], label="not blocked"),
        Patch(facecolor="#ffffff", edgecolor=_GREY, hatch="////", label="too few to say"),
    ]
    rest = f" The first {_MOST_ROWS} of {len(names)} rows." if len(names) > _MOST_ROWS else ""
    begins = cells["period"].map(lambda one: f"{one.start_time:%Y-%m-%d}")
    data = cells.assign(begins=begins)[list(_DATA)]
    plot = captioned("blocking", figure, data, _alt(sites), width=unit, rest=rest)
    key_below(plot.figure, handles)
    return plot


def _cells(sites: Sites) -> tuple[pd.DataFrame, str]:
    """Return a row a site and period measured, with the state of the stretch it lies in."""
    seen = sites.observed
    times = pd.DatetimeIndex(seen["time"]).tz_localize(None)
    width = next(
        (
            name
            for name, frequency in _WIDTHS.items()
            if times.to_period(frequency).nunique() <= _MOST_COLUMNS
        ),
        "month",
    )
    marked = seen.assign(period=times.to_period(_WIDTHS[width]))
    order = ["table", "network", "site", "period"]
    ambiguous = [name for name in ("network", "table") if len(set(seen[name])) > 1]
    rows = []
    for key, mine in marked.groupby(order, sort=True):
        table, network, site, period = key
        state, method = _state(sites.stretches, (table, network, site), mine["time"].max())
        where = ", ".join(str(mine[name].iloc[0]) for name in ambiguous)
        name = f"{site} ({where})" if where else str(site)
        blocked = int((mine["method"] != NOT_BLOCKED).sum())
        if state == (OK if 2 * blocked >= len(mine) else BLOCKED):
            # What the stretch is, its own measurements here do not show.
            state = INSUFFICIENT
        rows.append((name, table, network, site, period, state, method, len(mine), blocked))
    columns = ["name", *order, "state", "method", "measurements", "blocked"]
    return pd.DataFrame(rows, columns=columns), width


def _state(
    stretches: pd.DataFrame, key: tuple[Any, Any, Any], time: pd.Timestamp
) -> tuple[str, str]:
    table, network, site = key
    mine = stretches[
        (stretches["table"] == table)
        & (stretches["network"] == network)
        & (stretches["site"] == site)
        & (stretches["first"] <= time)
    ]
    return str(mine["state"].iloc[-1]), str(mine["method"].iloc[-1])


def _draw(axis: Axes, x: int, y: int, cell: Any, top: float, size: float) -> None:
    unsure = cell.state == INSUFFICIENT
    axis.add_patch(
        Rectangle(
            (x + 0.03, y + top),
            0.94,
            0.94 - top,
            facecolor=_COLOURS[cell.state],
            edgecolor=_GREY if unsure else "none",
            hatch="////" if unsure else None,
            lw=0,
        )
    )
    if not size:
        return
    way = _SHORT.get(cell.method, "") if cell.blocked else ""
    text = f"{way}\n{cell.measurements}" if way else str(cell.measurements)
    box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1.0} if unsure else None
    ink = _INK[cell.state]
    axis.text(
        x + 0.5, y + (top + 0.94) / 2, text, ha="center", va="center", fontsize=size, color=ink,
        bbox=box,
    )  # fmt: skip


def _label(period: pd.Period, width: str) -> str:
    begin = period.start_time
    return f"{begin:%b %Y}" if width == "month" else f"{begin.day} {begin:%b %Y}"


def _alt(sites: Sites) -> str:
    """Say which sites were blocked how, and since when."""
    told = []
    for row in rows_of(sites.stretches):
        span = f"{_day(row.first)} to {_day(row.last)}"
        if row.state == BLOCKED:
            told.append(
                f"{row.site} blocked ({row.method}) {span}, {row.blocked} of {row.units} hours"
            )
        elif row.state == OK:
            told.append(f"{row.site} not blocked {span}")
        else:
            told.append(f"{row.site} too few to say {span}")
    most = 40
    more = f"; and {len(told) - most} stretches more" if len(told) > most else ""
    return f"States of sites over time: {'; '.join(told[:most])}{more}."


def _day(moment: pd.Timestamp) -> str:
    return f"{moment.day} {moment:%B %Y}"
