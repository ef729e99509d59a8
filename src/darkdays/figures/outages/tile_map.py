"""Which provinces went down before the others, a tile a province, arranged as they lie."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy
from matplotlib.patches import Patch, Rectangle
from scipy.optimize import linear_sum_assignment

from darkdays.case.case import Case
from darkdays.figures.key import key_below
from darkdays.figures.plot import (
    BLIND,
    COLOURS,
    PROTEST,
    Plot,
    captioned,
    framed,
    is_narrow,
    lines_of,
    subplots,
)
from darkdays.files.writing import rows_of
from darkdays.sources.places import position_of

FEWEST: Final = 8
"""With fewer provinces a list says as much."""
_ROOM: Final = 1.5
"""Tiles a province: some stay empty, which gives a map its shape."""
_FEW: Final = 5
"""Columns on a telephone."""
_EDGE: Final = "#444444"
_STATES: Final[dict[str, dict[str, Any]]] = {
    "before": {"facecolor": "#c44e00", "label": "before most"},
    "perhaps before": {"facecolor": "#f0a868", "label": "before most, or with them"},
    "with most": {"facecolor": PROTEST, "label": "in the hour of most"},
    "perhaps after": {"facecolor": "#c9b3e6", "label": "after most, or with them"},
    "after": {"facecolor": COLOURS["region"], "label": "after most"},
    "other": {"facecolor": "#b8d4e8", "label": "outage at another time, or not dated"},
    "none seen": {"facecolor": "#ffffff", "label": "no outage seen"},
    "no data": {
        "facecolor": "#eeeeee", "edgecolor": BLIND, "hatch": "////", "label": "no data"
    },
}  # fmt: skip
_DARK: Final = ("before", "after")


def provinces_of(case: Case) -> list[str]:
    """Return the regions a case is about, without parts of regions, that have a place on a map."""
    named = sorted({one.id for one in case.entities if one.id.startswith("region/")})
    return [one for one in named if "." not in one and _position(case, one) is not None]


def tile_map(
    case: Case,
    measured: Collection[str],
    outages: pd.DataFrame,
    down: pd.DataFrame,
    *,
    width: float = 9,
) -> Plot:
    """Draw whether each province went down before, with or after most.

    Where it is narrow, a map has few columns.

    Parameters
    ----------
    case
        Its provinces are drawn, with times in its time zone.
    measured
        Entities that have a signal.
    outages
        All that were found.
    down
        One outage a place, with ``onset`` and bounds (UTC): the one that is compared.
    """
    zone, places = case.time_zone, provinces_of(case)
    times = ["onset", "onset_low", "onset_high"]
    known = down.set_index("entity")[times].reindex(places).astype("datetime64[ns, UTC]")
    local = pd.DataFrame(
        {name: known[name].dt.tz_convert(zone).dt.tz_localize(None) for name in times}
    )
    hours = local["onset"].dt.floor("1h")
    hour = hours.mode().min()
    most = local[hours == hour]
    data = local.add_suffix("_local").reset_index(names="entity")
    data.insert(1, "place", [case.name_of(place) for place in places])
    narrow = is_narrow(width)
    where = [_position(case, place) or (0.0, 0.0) for place in places]
    data[["column", "row"]] = tiles(where, _FEW if narrow else None)
    data["state"] = [
        _against(one, most) if pd.notna(one.onset)
        else "other" if place in set(outages["entity"])
        else "none seen" if place in measured
        else "no data"
        for place, one in zip(places, rows_of(local), strict=True)
    ]  # fmt: skip
    columns, lines = (int(data[name].max()) + 1 for name in ("column", "row"))
    size = (width, 1.0 + 0.8 * lines) if narrow else (width, 0.6 + 0.95 * lines)
    figure, axis = subplots(1, 1, figsize=size)
    for one in rows_of(data):
        look = {"edgecolor": _EDGE, "lw": 0.6, **_STATES[one.state]}
        axis.add_patch(Rectangle((one.column - 0.48, one.row - 0.48), 0.96, 0.96, **look))
        words = textwrap.wrap(
            one.place, 9 if narrow else 13, max_lines=3 if narrow else 4, placeholder=" …"
        )
        if pd.notna(one.onset_local):
            words.append(format(one.onset_local, "%d %b\n%H:%M" if narrow else "%d %b %H:%M"))
        axis.text(
            one.column, one.row, "\n".join(words), ha="center", va="center",
            fontsize=8.25 if narrow else 7,
            color="#ffffff" if one.state in _DARK else "#000000",
            **({"bbox": {"fc": "#eeeeee", "lw": 0, "pad": 1}} if one.state == "no data" else {}),
        )  # fmt: skip
    title = "No outage to compare was seen"
    if len(most):
        title = (
            f"{len(most)} of {len(data)} provinces went down in the hour from {hour:%d %B %H:%M}"
        )
    told = lines_of(f"{title} ({zone})", width)
    framed(axis, told, xlim=(-0.5, columns - 0.5), ylim=(lines - 0.5, -0.5))
    axis.set_aspect("auto" if narrow else "equal")
    axis.axis("off")
    counts = data["state"].value_counts()
    drawn = [state for state in _STATES if state in counts]
    told = "; ".join(f"{_STATES[state]['label']}: {_names(data, state)}" for state in drawn)
    alt = f"{len(data)} provinces as tiles, arranged as they lie. {title} ({zone}). {told}."
    plot = captioned("tiles", figure, data, alt)
    key_below(plot.figure, [Patch(**{"edgecolor": _EDGE, **_STATES[state]}) for state in drawn])
    return plot


def tiles(positions: Iterable[tuple[float, float]], most_columns: int | None = None) -> np.ndarray:
    """Return the column and row of the tile of each position, no two on one.

    Positions (latitude, longitude) are spread half by where they lie and half by their ranks, so
    that small provinces have room; together they are moved by the least sum of squares.
    """
    latitudes, longitudes = np.array(list(positions), dtype=float).T
    flat = np.array([longitudes * np.cos(np.radians(latitudes.mean())), -latitudes])
    extent = np.maximum(np.ptp(flat, axis=1), 1e-9)
    most = latitudes.size * _ROOM
    shape = np.clip(extent[0] / extent[1], 0.5, 2.5)
    rows = max(1, round(float(np.sqrt(most / shape))))
    across = int(np.ceil(most / rows))
    if most_columns is not None and across > most_columns:
        across, rows = most_columns, int(np.ceil(most / most_columns))
    size = np.array([across, rows])
    by_place = (flat - flat.min(axis=1)[:, None]) / extent[:, None]
    by_rank = (scipy.stats.rankdata(flat, axis=1) - 1) / max(latitudes.size - 1, 1)
    wanted = ((by_place + by_rank) / 2).T * (size - 1)
    cells = np.array([(column, row) for row in range(rows) for column in range(size[0])])
    moved = ((wanted[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2)
    found = cells[linear_sum_assignment(moved)[1]]
    return np.asarray(found - found.min(axis=0))


def _against(one: Any, most: pd.DataFrame) -> str:
    """Return where an onset lies against those of the hour of most, as far as bounds tell."""
    if one.Index in most.index:
        return "with most"
    early = one.onset < most["onset"].min()
    apart = (
        one.onset_high <= most["onset_low"].min()
        if early
        else one.onset_low >= most["onset_high"].max()
    )
    return ("" if apart else "perhaps ") + ("before" if early else "after")


def _names(data: pd.DataFrame, state: str) -> str:
    return ", ".join(data.loc[data["state"] == state, "place"])


def _position(case: Case, entity: str) -> tuple[float, float] | None:
    return position_of(case.place[:2], entity.removeprefix("region/"))
