"""What a person's own file holds: cells with the lines they stand in, and how to read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from darkdays.errors import InputError
from darkdays.files.terminal import plain

_SHOWN: Final = 80
BOUND: Final = "bound"
DECIMALS: Final = (".", ",")
CALENDARS: Final = ("gregorian", "jalali")


@dataclass(frozen=True)
class Form:
    """How a file is to be read, where it does not say so itself.

    Attributes
    ----------
    decimal
        Decimal sign, ``.`` or ``,``.
    below
        Number to take for a bound such as ``<1``, or ``bound`` for the bound itself.
    missing
        Further texts that stand where there is no value.
    date_format
        Order of a date, such as ``DD/MM/YYYY``, or a format of ``strptime``.
    calendar
        ``gregorian`` or ``jalali``.
    time_zone
        IANA name, of times that do not state one.
    """

    decimal: str = ""
    below: str = ""
    missing: tuple[str, ...] = ()
    date_format: str = ""
    calendar: str = "gregorian"
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.decimal and self.decimal not in DECIMALS:
            raise InputError(f"{self.decimal!r} is no decimal sign; use . or , as one.")
        if self.calendar not in CALENDARS:
            raise InputError(
                f"{self.calendar!r} is no calendar I can read; use {' or '.join(CALENDARS)}."
            )
        try:
            float("0" if self.below in {"", BOUND} else self.below)
        except ValueError:
            raise InputError(
                f"--below {self.below!r} is no number; write one such as 0, or {BOUND}."
            ) from None

    @classmethod
    def of(cls, options: Mapping[str, str], **more: Any) -> Self:
        """Return what the options of a case, or of a command, say."""
        stated = {name: options[name] for name in FORM_OPTIONS if options.get(name)}
        if "missing" in stated:
            more["missing"] = tuple(stated.pop("missing").split())
        return cls(**{**stated, **more})


FORM_OPTIONS: Final = ("decimal", "below", "missing", "date_format", "calendar", "time_zone")


@dataclass(frozen=True)
class Table:
    """The cells of a file.

    Attributes
    ----------
    name
        What the file is called.
    cells
        A column each; text, but for columns whose numbers or times are beyond doubt. The index
        holds the number of the line (of a workbook the row) each stands in.
    said
        How it was understood.
    separator
        Between the cells of a text; empty where nothing is.
    typed
        Whether numbers came as numbers, so that a point is a decimal point.
    unit
        What a row is called: a line, a row, an item.
    commas
        Columns that hold numbers already, and had decimal commas.
    """

    name: str
    cells: pd.DataFrame
    said: tuple[str, ...] = ()
    separator: str = ""
    typed: bool = False
    unit: str = "line"
    commas: Collection[str] = ()

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return [str(one) for one in self.cells.columns]

    def wrong(
        self, where: Collection[bool] | pd.Series, column: str, what: str, *, named: bool = True
    ) -> InputError:
        """Return the error of the first cell that is marked: its line, its text, and what it is."""
        at = int(np.argmax(np.asarray(where)))
        text = plain(str(self.cells[column].iloc[at]))[:_SHOWN]
        inside = f" in column {plain(column)[:_SHOWN]!r}" if named else ""
        return InputError(
            f"{self.name}, {self.unit} {self.cells.index[at]}: {text!r}{inside} {what}."
        )
