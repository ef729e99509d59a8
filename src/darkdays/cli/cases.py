"""The command line of case files: list them, and begin a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkdays.cli.fetch import JsonOption, print_json
from darkdays.errors import InputError


def cases(
    as_json: JsonOption = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table of the README.")
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FILE",
            help="Put that table into a page, between its marks.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """List the cases: window, places, data needed, last report, verdicts."""
    if sum((as_json, markdown, into is not None)) > 1:
        raise InputError("--json, --markdown and --into are three ways to print; choose one.")
    from darkdays.cli import listing, listing_tables

    rows = listing.listed_cases()
    if as_json:
        print_json([one.document() for one in rows])
    elif markdown:
        typer.echo(listing_tables.markdown(rows), nl=False)
    elif into is not None:
        changed = listing_tables.put_into(into, listing_tables.markdown(rows))
        typer.echo(f"{'written' if changed else 'unchanged'}: {into}")
    else:
        for one in rows:
            typer.echo(f"{one.name}: {one.title}")
            typer.echo(f"  {one.question}")
            typer.echo(f"  {one.start} to {one.end}; {one.where}")
            typer.echo(f"  needs {one.needs}")
            report = f"report {one.version}: " if one.version else ""
            typer.echo(f"  {report}{one.outcome}")


def new_case(
    country: Annotated[
        str, typer.Argument(metavar="COUNTRY", help="BY, Belarus: a code or a name.")
    ],
    title: Annotated[str, typer.Argument(metavar="TITLE", help='"Belarus, August 2020"')],
    start: Annotated[str, typer.Option("--start", help="First day, such as 2020-08-01.")],
    end: Annotated[str, typer.Option("--end", help="Last day.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Of the file; made from the title if not given.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option("--region", help="A province to study, in any usual spelling; repeatable."),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option("--time-zone", help="Of the place; that of the country if it has one."),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where to write it.", file_okay=False)
    ] = Path(),
) -> None:
    """Write a starting case file for a country and a stretch of days."""
    from darkdays.case import starting

    path = starting.write(
        country, title, start=start, end=end, regions=region or (), name=name,
        time_zone=time_zone, folder=folder,
    )  # fmt: skip
    typer.echo(f"written: {path}")
    typer.echo(f"Read it through, then: darkdays run {path}")
    typer.echo(f"With files of your own: darkdays run {path} --signal FILE --events FILE")
