"""The folder one works in: where it is, and what it begins with."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from darkdays import __version__
from darkdays.errors import InputError
from darkdays.files import limits, paths

_FIRST_CASE = "iran-2019"


def _said(version: bool) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def stated(
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            metavar="FOLDER",
            help="Work in this folder: its runs, reports, snapshots, own cases and notebooks. "
            "Without it: the checkout one is in, else the current folder.",
            file_okay=False,
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_said, is_eager=True
        ),
    ] = False,
) -> None:
    """Was the internet shut down because of the protest? Reproducible evidence."""
    del version  # said already
    try:
        Path.cwd()
    except FileNotFoundError:
        raise InputError("the folder one is in is gone; change to one that is there.") from None
    if home is not None:
        os.environ["DARKDAYS_HOME"] = str(home.absolute())
    limits.need("what reads tables", limits.TABLES)


def without_a_home() -> None:
    """Give matplotlib a folder for its list of fonts where nobody's home is one to write to.

    Where the system knows of no home at all, which kernels ask for, that folder is it.
    """
    if not os.environ.get("HOME"):  # set to nothing, it would be the root of everything
        os.environ.pop("HOME", None)
    home = os.path.expanduser("~")  # noqa: PTH111
    if home == "~" or ("MPLCONFIGDIR" not in os.environ and not os.access(home, os.W_OK)):
        folder = tempfile.mkdtemp(prefix=paths.PASSING)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ.setdefault("MPLCONFIGDIR", folder)
        if home == "~":
            os.environ["HOME"] = folder


def init(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Made if need be.", file_okay=False),
    ] = None,
) -> None:
    """Copy the notebooks and one case into a folder, to begin with; nothing is overwritten."""
    from darkdays.files.writing import write_bytes

    home = folder or paths.workspace()
    shipped = paths.of_this_code()
    wanted = [*sorted((shipped / "notebooks").glob("*.ipynb"))]
    wanted.append(shipped / "cases" / f"{_FIRST_CASE}.yaml")
    copies = {path: home / path.relative_to(shipped) for path in wanted}
    if there := [copy for copy in copies.values() if copy.exists()]:
        raise InputError(f"{there[0]} is there already; name another folder.")
    for path, copy in copies.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(copy, path.read_bytes())
    typer.echo(f"{home} has the notebooks and the case {_FIRST_CASE} now.")
    typer.echo(f"Next: darkdays --home {home} run {_FIRST_CASE}")
