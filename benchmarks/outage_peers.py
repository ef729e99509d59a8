"""What other packages, and a rule in use, make of a series: spans in which it is down."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.baseline.baseline import running_baseline

Span = tuple[pd.Timestamp, pd.Timestamp]
Cut = Callable[[NDArray[np.float64]], NDArray[np.intp]]
DEPTH = 0.10


def seven_day_median(times: pd.DatetimeIndex, values: NDArray[np.float64]) -> list[Span]:
    """Return where a series is below 80 % of the median of the seven days before (IODA's rule)."""
    series = pd.Series(values, index=times).dropna()
    usual = series.shift().rolling("7D", min_periods=24).median()
    return _spans(series.index, (series < 0.8 * usual).to_numpy(), least=1)


def _raw(cut: Cut) -> Callable[[pd.DatetimeIndex, NDArray[np.float64]], list[Span]]:
    def spans(times: pd.DatetimeIndex, values: NDArray[np.float64]) -> list[Span]:
        seen = np.isfinite(values)
        return _down(times[seen], np.log(np.maximum(values[seen], 1.0)), cut)

    return spans


def _relative(cut: Cut) -> Callable[[pd.DatetimeIndex, NDArray[np.float64]], list[Span]]:
    def spans(times: pd.DatetimeIndex, values: NDArray[np.float64]) -> list[Span]:
        seen = np.isfinite(values)
        times, values = times[seen], values[seen]
        normal = running_baseline(values, times, times[1] - times[0]).expected
        return _down(times, np.log(np.maximum(values, 1.0) / normal), cut)

    return spans


def _down(times: pd.DatetimeIndex, logs: NDArray[np.float64], cut: Cut) -> list[Span]:
    """Cut a series and keep the pieces well below its usual level."""
    scale = 1.4826 * np.median(np.abs(np.diff(logs))) / np.sqrt(2)
    borders = np.concatenate([[0], cut(logs / scale), [logs.size]]).astype(int)
    down = np.zeros(logs.size, bool)
    for start, end in itertools.pairwise(borders):
        down[start:end] = np.median(logs[start:end]) < np.median(logs) + np.log(1 - DEPTH)
    return _spans(times, down, least=2)


def _spans(times: pd.DatetimeIndex, down: NDArray[np.bool_], *, least: int) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], down.astype(int), [0]])))
    step = times[1] - times[0]
    return [
        (times[start], times[end - 1] + step)
        for start, end in edges.reshape(-1, 2)
        if end - start >= least
    ]


def _bic(count: int) -> float:
    return 2.0 * float(np.log(count))


def _ruptures(values: NDArray[np.float64]) -> NDArray[np.intp]:
    ruptures = importlib.import_module("ruptures")
    found = ruptures.KernelCPD(kernel="linear", min_size=1).fit(values[:, None])
    return np.array(found.predict(pen=_bic(values.size))[:-1], dtype=np.intp)


def _skchange_fpop(values: NDArray[np.float64]) -> NDArray[np.intp]:
    detectors = importlib.import_module("skchange.detectors")
    found = detectors.FPOP(penalty=_bic(values.size)).fit_predict(values[:, None])
    return np.asarray(found, np.intp)


def _skchange_capa(values: NDArray[np.float64]) -> NDArray[np.intp]:
    detectors = importlib.import_module("skchange.detectors")
    found = detectors.CAPA().fit_predict((values - np.median(values))[:, None])
    return np.asarray(found, np.intp)


def _fastcpd(values: NDArray[np.float64]) -> NDArray[np.intp]:
    segmentation = importlib.import_module("fastcpd.segmentation")
    return np.asarray(segmentation.mean(values[:, None]).cp_set, np.intp)


_PACKAGES = {
    "ruptures": ("ruptures KernelCPD linear, BIC", _ruptures),
    "skchange": ("skchange FPOP, BIC", _skchange_fpop),
    "skchange.detectors": ("skchange CAPA", _skchange_capa),
    "fastcpd": ("fastcpd mean", _fastcpd),
}
METHODS: dict[str, Callable[[pd.DatetimeIndex, NDArray[np.float64]], list[Span]]] = {
    "7-day median times 0.8": seven_day_median
}
for _package, (_name, _cut) in _PACKAGES.items():
    if importlib.util.find_spec(_package.partition(".")[0]) is not None:
        METHODS[f"{_name}, raw"] = _raw(_cut)
        METHODS[f"{_name}, on our baseline"] = _relative(_cut)
