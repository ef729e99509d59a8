"""Numbers that are times: epochs, day numbers of spreadsheets, years and their fractions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.sources.own.table import Form, Table
from darkdays.sources.own.times.iso_8601 import without_midnight

_EPOCH: Final = re.compile(r"\d{9,19}(?:\.\d+)?")
_DIVISORS: Final = {"s": 1, "ms": 10**3, "µs": 10**6, "ns": 10**9}
_PANDAS: Final[dict[str, Any]] = {"µs": "us"}
_BEGIN, _END = 631_152_000, 4_133_980_800
_CLOSE_TO_A_MONTH: Final = 0.1


def looks_like_epoch(text: str) -> bool:
    """Whether a cell can be seconds, or parts of them, since 1970, of the years of the internet."""
    return _EPOCH.fullmatch(text) is not None and bool(_unit(float(text)))


def epoch_unit(cells: pd.Series, form: Form) -> str:
    """Return the unit of integers that are epochs; empty if they are not, or a form is stated."""
    if cells.dtype != np.int64 or form.date_format or form.calendar != "gregorian":
        return ""
    return _unit_of_all(cells.to_numpy())


def of_epochs(numbers: NDArray[Any], unit: str) -> pd.DatetimeIndex:
    """Return the times of epochs, UTC."""
    return pd.DatetimeIndex(pd.to_datetime(numbers, unit=_PANDAS.get(unit, unit), utc=True))


def of_numbers(table: Table, column: str, texts: pd.Series) -> tuple[pd.Series, list[str]] | None:
    """Return times that are written as numbers as ISO 8601, and what they count; None if none are.

    Raises
    ------
    InputError
        If epochs are not all in one unit.
    """
    if texts.str.fullmatch(_EPOCH.pattern).all():
        return _epochs(table, column, texts)
    if texts.str.fullmatch(r"[23]\d{4}|[4-7]\d{4}(\.\d+)?").all():
        days = pd.to_numeric(texts).map(lambda one: timedelta(seconds=round(one * 86_400)))
        base = datetime(1899, 12, 30)  # noqa: DTZ001 - day numbers of spreadsheets are local
        return days.map(lambda gone: without_midnight((base + gone).isoformat())), [
            "day numbers of a spreadsheet"
        ]
    if texts.str.fullmatch(r"\d{4}").all():
        return texts + "-01-01", ["years"]
    if texts.str.fullmatch(r"(?:19|20)\d{2}(?:\.\d+)?").all() and (
        texts.str.fullmatch(r"\d{4}\.\d{2,}").any() or texts.str.endswith(".5").any()
    ):
        return _of_fractions(pd.to_numeric(texts))
    return None


def _epochs(table: Table, column: str, texts: pd.Series) -> tuple[pd.Series, list[str]]:
    numbers = pd.to_numeric(texts).to_numpy(np.float64)
    unit = _unit_of_all(numbers)
    if not unit:
        odd = np.array([_unit(one) != _unit(numbers[0]) or not _unit(one) for one in numbers])
        raise table.wrong(
            odd, column, "is no time since 1970 in the unit of the others, between 1990 and 2100"
        )
    if texts.str.contains(".", regex=False).any():
        parts = np.round(numbers / _DIVISORS[unit] * 1e6).astype(np.int64)
        stamps = of_epochs(parts, "µs")
    else:
        stamps = of_epochs(texts.astype(np.int64).to_numpy(), unit)
    found = pd.Series(stamps.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), index=texts.index)
    return found, [f"epoch in {unit}"]


def _unit_of_all(numbers: NDArray[Any]) -> str:
    unit, last = (_unit(float(one)) for one in (numbers.min(), numbers.max()))
    return unit if unit == last else ""


def _unit(number: float) -> str:
    return next((n for n, by in _DIVISORS.items() if _BEGIN <= number / by < _END), "")


def _of_fractions(years: pd.Series) -> tuple[pd.Series, list[str]]:
    """Return years with fractions, as series of R have them: months if they are twelfths."""
    whole = years.astype(int)
    twelfths = (years - whole) * 12
    month = twelfths.round().astype(int)
    if ((twelfths - month).abs() < _CLOSE_TO_A_MONTH).all():
        months = (whole + month // 12).astype(str) + "-" + (month % 12 + 1).map("{:02}-01".format)
        return months, ["months as fractions of years"]
    begins = pd.to_datetime(whole.astype(str) + "-01-01")
    days = (years - whole) * np.where(begins.dt.is_leap_year, 366, 365)
    found = (begins + pd.to_timedelta(days.round(), unit="D")).dt.strftime("%Y-%m-%d")
    return found, ["days as fractions of years"]
