"""The command line of asking the services how they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from darkdays.cli.fetch import BaseUrlOption, JsonOption, print_json


def doctor(
    service: Annotated[
        list[str] | None, typer.Argument(help="Services to ask; all of them if not given.")
    ] = None,
    base_url: BaseUrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask each service one question, and say whether it answers as this version expects."""
    from darkdays.cli.own_files import print_table
    from darkdays.fetch.doctor import as_rows, examine

    found = examine(service or (), base_url or ())
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        rows = as_rows(found)
        print_table(list(rows[0]), rows)
        for one in found:
            if one.says:
                typer.echo(one.says)
    if not all(one.well for one in found):
        raise typer.Exit(3)
