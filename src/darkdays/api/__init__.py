"""What other programs call: few functions, kept stable, that ``import darkdays as dd`` offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.case.case import Case
from darkdays.case.case import load as load_case
from darkdays.detect.answers import Answer
from darkdays.detect.answers import answer as detect
from darkdays.detect.outages.outages import outages as outages_of_signals
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, paths
from darkdays.report.version.form import fault_of

__all__ = [
    "Answer", "Case", "DarkdaysError", "InputError", "Report", "detect", "load_case",
    "load_report", "outages", "run",
]  # fmt: skip
_LARGEST: Final = 64 * 2**20
_DATASOURCE: Final = "own.series"


@dataclass(frozen=True)
class Report:
    """A version of a report, as it is stored.

    Attributes
    ----------
    folder
        Where it lies.
    document
        All that its ``findings.json`` says.
    """

    folder: Path
    document: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Its version, such as ``1.2.0``."""
        return str(self.document["version"])

    @property
    def is_simulated(self) -> bool:
        """Whether it is about generated data, and so about nothing in the world."""
        return bool(self.document["simulated"])

    @property
    def claims(self) -> pd.DataFrame:
        """A row a claim: id, type, statement, verdict, and why."""
        names = ["id", "type", "statement", "verdict", "because", "overturned_by"]
        return pd.DataFrame(self.document["claims"]).reindex(columns=names)

    @property
    def findings(self) -> pd.DataFrame:
        """A row a finding: id, value, unit, the bounds of its interval, level, n.

        ``findings.set_index("id").to_xarray()`` gives them with names for dimensions.
        """
        rows = [
            {**one, **dict(zip(("low", "high"), one["interval"], strict=True))}
            for one in self.document["findings"]
        ]
        names = ["id", "value", "unit", "low", "high", "level", "n", "cell"]
        return pd.DataFrame(rows).reindex(columns=names)

    @property
    def outages(self) -> pd.DataFrame:
        """A row an outage as the report states it; times in UTC, an interval in two columns."""
        table = pd.DataFrame(self.document["outages"])
        for name in [name for name in map(str, table) if name.endswith("_interval")]:
            bounds = pd.DataFrame(table.pop(name).tolist(), table.index)
            table[[f"{name[:-9]}_low", f"{name[:-9]}_high"]] = bounds
        times = [name for name in map(str, table) if name.startswith(("onset", "reco", "rest"))]
        return table.assign(**{name: pd.to_datetime(table[name], utc=True) for name in times})


def load_report(path: str | Path) -> Report:
    """Read a version of a report.

    Parameters
    ----------
    path
        Its folder, such as ``reports/iran-2019/1.2.0``.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> import darkdays as dd
    >>> report = dd.load_report("reports/iran-2019/1.2.2")
    >>> report.claims.set_index("id")["verdict"]["shutdown-after-protests"]
    'supported'
    >>> [name for name in report.findings.set_index("id").to_xarray()][:3]
    ['value', 'unit', 'low']
    """
    folder = Path(path)
    file = folder / "findings.json"
    if not file.is_file():
        raise InputError(f"{folder} is no version of a report: it has no findings.json.")
    document = bounded.json_of(bounded.bytes_of(file, _LARGEST))
    if fault := fault_of("findings.json", document):
        raise InputError(f"{file}: {fault}")
    return Report(folder, document)


def run(case: str | Path, *, reports: str | Path | None = None, snapshot: str = "") -> Report:
    """Run a case through its notebooks to a versioned report, without the network.

    Parameters
    ----------
    case
        By name, or the path of a case file.
    reports
        Folder of reports; that of the workspace if not given.
    snapshot
        Id of the snapshot to read services' replies from; embedded data only if empty.

    Returns
    -------
    Report
        The new version, or the last one if nothing changed.

    Raises
    ------
    InputError, DarkdaysError
        If the case is not valid, a notebook fails or the report cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import darkdays as dd
    >>> report = dd.run("iran-2019", reports=tempfile.mkdtemp())
    >>> report.version
    '1.0.0'
    >>> report.claims["verdict"].value_counts().to_dict()
    {'supported': 4, 'inconclusive': 1}
    """
    from darkdays.runner import run as running
    from darkdays.runner.kernel import Kernel

    with Kernel.start() as kernel:
        published = running.execute(
            running.prepare(str(case)),
            snapshot=snapshot,
            runs=paths.runs(),
            reports=paths.reports() if reports is None else Path(reports),
            kernel=kernel,
        )
    return load_report(published.folder)


def outages(
    signals: pd.Series | pd.DataFrame | xr.DataTree,
    *,
    level: float = 0.95,
    min_depth: float = 0.10,
    time_zone: str | None = None,
) -> pd.DataFrame:
    """Find when signals were down.

    Parameters
    ----------
    signals
        A series over times, a table with a column a place, or a tree of signals as runs keep
        them. Times are regular, UTC where they name no zone; NaN is missing.
    level, min_depth
        As for :func:`darkdays.detect.outages.outages.outages`.
    time_zone
        Whose clock the season keeps: that of the times, or UTC, if not given.

    Returns
    -------
    pandas.DataFrame
        As :func:`darkdays.detect.outages.outages.outages` gives it, ``entity`` being the name of
        a column.

    Raises
    ------
    InputError
        If it is no series over regular times, or a parameter is out of range.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import darkdays as dd
    >>> hours = pd.date_range("2021-07-01", periods=240, freq="h", tz="UTC")
    >>> noise = np.random.default_rng(7).normal(size=(240, 2))
    >>> table = pd.DataFrame(100 + noise, hours, ["Ahvaz", "Tehran"])
    >>> table.loc["2021-07-06", "Ahvaz"] = 4
    >>> dd.outages(table)[["entity", "onset", "depth"]].round({"depth": 2}).to_dict("records")
    [{'entity': 'Ahvaz', 'onset': Timestamp('2021-07-06 00:00:00+0000', tz='UTC'), 'depth': 0.96}]
    """
    tree = signals if isinstance(signals, xr.DataTree) else _as_tree(signals)
    stated = getattr(getattr(signals, "index", None), "tz", None)
    zone = time_zone or str(stated or "UTC")
    return outages_of_signals(tree, level=level, min_depth=min_depth, time_zone=zone)


def _as_tree(signals: Any) -> xr.DataTree:
    table = signals
    if isinstance(signals, pd.Series):
        table = signals.to_frame("series" if signals.name is None else signals.name)
    if not isinstance(table, pd.DataFrame) or not isinstance(table.index, pd.DatetimeIndex):
        raise InputError(
            "signals are a pandas Series or DataFrame whose index is times; "
            f"this is a {type(signals).__name__}."
        )
    index = table.index.tz_localize("UTC") if table.index.tz is None else table.index
    if len(index) < 2 or not index.is_monotonic_increasing or index.has_duplicates:
        raise InputError("times ascend, each once, and there are two at least; sort them first.")
    step = np.diff(index.asi8).min()
    regular = pd.date_range(index[0], index[-1], freq=pd.Timedelta(step, index.unit))
    if not index.isin(regular).all():
        raise InputError(f"times are not regular: not all are whole steps of {regular.freq} apart.")
    values = table.set_axis(index).reindex(regular).astype(np.float64)
    node = xr.Dataset(
        {"value": (("entity", "time"), values.to_numpy().T)},
        coords={
            "entity": np.array([str(name) for name in table.columns], dtype=object),
            "time": regular.tz_convert("UTC").tz_localize(None),
        },
        attrs={
            "datasource": _DATASOURCE,
            "title": "own series",
            "step_seconds": int((regular[1] - regular[0]).total_seconds()),
        },
    )
    return xr.DataTree.from_dict({_DATASOURCE: node})
