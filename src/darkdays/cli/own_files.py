"""The command line of a person's own files: what changed in one, and how one is understood."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkdays.cli.fetch import (
    Below,
    Calendar,
    DateFormat,
    Decimal,
    JsonOption,
    Missing,
    form_of,
    print_json,
)
from darkdays.errors import InputError
from darkdays.files import terminal

if TYPE_CHECKING:
    from rich.table import Table

_FIRST: int = 5
_MMAP_THRESHOLD: int = -3  # of malloc.h
FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV, workbook, Parquet or JSON; also packed.")
]
TimeColumn = Annotated[
    str | None,
    typer.Option("--time-column", help="Column of times; found by its name and what is in it."),
]
ValueColumn = Annotated[
    list[str] | None,
    typer.Option("--value-column", help="Column of values; all of numbers else. Repeatable."),
]
EntityColumn = Annotated[
    str | None, typer.Option("--entity-column", help="Column that says whose row it is.")
]
TimeZone = Annotated[str, typer.Option("--time-zone", help="Of times that do not state one.")]


def detect(
    file: FileArgument,
    time_column: TimeColumn = None,
    value_column: ValueColumn = None,
    entity_column: EntityColumn = None,
    entity: Annotated[
        list[str] | None, typer.Option("--entity", help="Only this one of them. Repeatable.")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at", metavar="DATE", help="Test a change at this date, fixed beforehand. Repeatable."
        ),
    ] = None,
    time_zone: TimeZone = "UTC",
    decimal: Decimal = None,
    below: Below = None,
    missing: Missing = None,
    date_format: DateFormat = None,
    calendar: Calendar = None,
    period: Annotated[
        str, typer.Option("--period", help="Season to take out: auto, day, week or none.")
    ] = "auto",
    level: Annotated[float, typer.Option("--level", help="Confidence.")] = 0.95,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw the series here, as .png or .svg.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find when your own series changed and when it was down, with bounds and p-values."""
    if period not in {"auto", "day", "week", "none"}:
        raise InputError(f"unknown period {period!r}; use auto, day, week or none.")
    from darkdays.cli import answers
    from darkdays.cli.detect import read_file, series_of

    _give_memory_back()
    kind = answers.picture_kind(figure) if figure is not None else ""
    form = form_of(time_zone, decimal, below, missing, date_format, calendar)
    found = read_file(
        file,
        time_column=time_column,
        value_columns=value_column or (),
        entity_column=entity_column,
        form=form,
    )
    if entity and not found.columns.entity:
        raise InputError("--entity needs --entity-column, the column it is looked for in.")
    listed, line = series_of(found, entity or ()), found.line
    del found  # the cells of a large file would stand beside all that is made of them
    if figure is not None and len(listed) > 1:
        raise InputError("--figure draws one series; choose one by --entity or --value-column.")
    asked = None if period == "auto" else period
    judged, rates = answers.answer_all(
        listed, at=at or (), period=asked, time_zone=time_zone, level=level
    )
    sys.stderr.write(f"darkdays: {terminal.plain(line)}\n")
    document = answers.as_document(file.name, listed, judged, rates, level)
    if figure is not None:
        answers.draw(listed[0], judged[0], figure, kind)
    if as_json:
        print_json(document)
        return
    for rows in filter(None, answers.tables(document, time_zone)):
        print_table(list(rows[0]), rows)
    for line in answers.sentences(document, time_zone):
        typer.echo(line)


def _give_memory_back() -> None:
    """Have what a large series no longer needs go back to the system at once (glibc)."""
    if sys.platform == "linux":
        limit = getattr(ctypes.CDLL(None), "mallopt", None)
        if limit is not None:
            limit(_MMAP_THRESHOLD, 2**20)


def read(
    file: FileArgument,
    time_column: TimeColumn = None,
    value_column: ValueColumn = None,
    entity_column: EntityColumn = None,
    time_zone: TimeZone = "UTC",
    decimal: Decimal = None,
    below: Below = None,
    missing: Missing = None,
    date_format: DateFormat = None,
    calendar: Calendar = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a file of your own is understood, and compute nothing."""
    from darkdays.cli.detect import as_understood, read_file

    found = read_file(
        file,
        time_column=time_column,
        value_columns=value_column or (),
        entity_column=entity_column,
        form=form_of(time_zone, decimal, below, missing, date_format, calendar),
    )
    document = as_understood(file.name, found, time_zone, _FIRST)
    if as_json:
        print_json(document)
        return
    typer.echo(terminal.plain(f"{file.name}, {document['read_as']}"))
    print_table(list(document["first_rows"][0]), document["first_rows"])
    print_table(list(document["series"][0]), document["series"])


def print_table(columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Print rows as a table for people."""
    from rich.console import Console
    from rich.table import Table

    table: Table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        cells = ("" if row[column] is None else str(row[column]) for column in columns)
        table.add_row(*map(terminal.plain, cells))
    console = Console(highlight=False, markup=False, file=terminal.unguarded(sys.stdout))
    console.print(table)
