"""Whose a country's addresses are, over time: the largest share, and how concentrated they are."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import dates

from darkdays.case.case import Case
from darkdays.claims.records.providers import CONCENTRATION, SHARE
from darkdays.figures.plot import (
    Plot,
    captioned,
    few_days,
    framed,
    is_narrow,
    significant,
    subplots,
)
from darkdays.files.writing import rows_of

_PANELS: Final = {SHARE: "share of the largest network", CONCENTRATION: "Herfindahl index"}
_LINES: Final = (("#222222", "-"), ("#0064a8", "--"), ("#c44e00", "-."), ("#6a3d9a", ":"))
"""Told apart in grey, and with any colour vision."""


def address_shares(daily: pd.DataFrame, *, width: float = 9.5) -> Plot:
    """Draw both signals of every country, the least of each day.

    Parameters
    ----------
    daily
        As :func:`daily_shares` gives it.
    """
    narrow = is_narrow(width)
    lines, columns = (2, 1) if narrow else (1, 2)
    size = (width, 2.4 * lines if narrow else 3.2)
    figure, axes = subplots(lines, columns, figsize=size, sharex=True, sharey=True)
    names = list(dict.fromkeys(daily["country"]))
    for axis, (measure, title) in zip(axes, _PANELS.items(), strict=True):
        for place, name in enumerate(names):
            mine = daily[(daily["country"] == name) & (daily["measure"] == measure)]
            colour, style = _LINES[place % len(_LINES)]
            axis.plot(mine["day"], mine["value"], color=colour, ls=style, lw=1.6, label=name)
        framed(axis, title, size=10, ylim=(0, 1.03))
        few_days(axis, 4 if narrow else 6)
        where = axis.xaxis.get_major_locator()
        as_text = dates.ConciseDateFormatter(where, tz="UTC")  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_formatter(as_text)
        axis.tick_params(labelsize=8.5)
        axis.grid(axis="y", color="#dddddd", lw=0.7)
    axes[0].legend(fontsize=8.5, frameon=False, loc="center left")
    data = daily.dropna().assign(day=daily["day"].dt.strftime("%Y-%m-%d"))
    return captioned("providers", figure, significant(data), _alt(daily))


def daily_shares(case: Case, signals: xr.DataTree) -> pd.DataFrame:
    """Return the least of each day of both signals, a row a country, measure and day.

    Parameters
    ----------
    case
        For names.
    signals
        With :data:`darkdays.claims.records.providers.SHARE` and ``CONCENTRATION``, where they were
        read.
    """
    rows = []
    for measure in (one for one in _PANELS if one in signals.children):
        node = signals[measure].to_dataset()
        for entity in node["entity"].values.astype(str):
            series = node["value"].sel(entity=entity).to_series()
            if not np.isfinite(series).any():
                continue
            least = series.resample("1D").min().rename_axis("day").rename("value").reset_index()
            rows.append(least.assign(country=case.name_of(entity), measure=measure))
    columns = ["country", "measure", "day", "value"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def _alt(daily: pd.DataFrame) -> str:
    spans = daily.groupby(["measure", "country"], sort=False)["value"].agg(["min", "max"])
    told = [
        f"{row.country}, {_PANELS[str(row.measure)]}, between {row.min:.3g} and {row.max:.3g}"
        for row in rows_of(spans.reset_index())
    ]
    return f"Lines over time. {'; '.join(told)}."
