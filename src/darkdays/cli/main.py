"""The command line: one verb a function, no logic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkdays import __version__
from darkdays.cli.cases import cases, new_case
from darkdays.cli.doctor import doctor
from darkdays.cli.fetch import (
    BaseUrlOption,
    FileOption,
    JsonOption,
    fetch,
    print_json,
    snapshot_for,
)
from darkdays.cli.review import attest, diff, envelope, publish, review, verify
from darkdays.cli.signals import STATUSES
from darkdays.cli.snapshot import app as snapshots
from darkdays.cli.sweep import sweep
from darkdays.cli.workspace import init, stated, without_a_home
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import paths, terminal
from darkdays.files.bounded import real
from darkdays.files.system_errors import cannot
from darkdays.runner.fast_imports import uncollected
from darkdays.runner.kernel import Kernel

if TYPE_CHECKING:
    from rich.table import Table

_SHOWN = 200
_TOO_MUCH = "darkdays: what was read is nested too deeply or too large; give something smaller.\n"
_STOPPED = "darkdays: stopped; what was finished stays.\n"

# Heavy imports wait until a command needs them: help and mistakes should answer at once.
app = typer.Typer(
    help="Was the internet shut down because of the protest? Reproducible evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.callback()(stated)
app.add_typer(snapshots, name="snapshot")


app.command()(cases)
app.command("new-case")(new_case)
app.command()(init)


@app.command()
def run(
    case: Annotated[str, typer.Argument(help="A case by name, or the path of a case file.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A notebook parameter."),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            help="Never try the network: embedded data, files given, and the newest snapshot.",
        ),
    ] = False,
    snapshot: Annotated[
        str | None, typer.Option("--snapshot", metavar="ID", help="Replay this snapshot.")
    ] = None,
    base_url: BaseUrlOption = None,
    file: FileOption = None,
    reports: Annotated[
        Path | None, typer.Option("--reports", help="Folder of reports.", file_okay=False)
    ] = None,
    runs: Annotated[
        Path | None, typer.Option("--runs", help="Folder of run folders.", file_okay=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a case through its notebooks to a versioned report."""
    if snapshot is not None and offline:
        raise InputError("--snapshot already replays without the network; leave --offline out.")
    if snapshot is not None and (base_url or file):
        raise InputError("--snapshot replays what it holds; leave --base-url and --file out.")
    with Kernel.start() as kernel:  # it imports while this process does
        with uncollected():
            from darkdays.cli.progress import TerminalProgress
            from darkdays.runner import run as running

        prepared = running.prepare(case, parameter or ())
        chosen = snapshot_for(prepared.case, snapshot, offline, base_url or (), file or ())
        with TerminalProgress(list(running.STAGES)) as progress:
            published = running.execute(
                prepared,
                snapshot=chosen,
                runs=runs or paths.runs(),
                reports=reports or paths.reports(),
                progress=progress,
                kernel=kernel,
            )
    document = running.result(published)
    if as_json:
        print_json(document)
        return
    if document["simulated"]:
        typer.echo("SIMULATED: made from generated data. It says nothing about the world.")
    print_table(
        ["claim", "verdict", "holds in"],
        [
            {
                "claim": claim["statement"],
                "verdict": claim["verdict"],
                "holds in": f"{claim['sensitivity']['holds']} of {claim['sensitivity']['of']}",
            }
            for claim in document["claims"]
        ],
    )
    change = published.change
    if not change.is_new:
        typer.echo(f"Nothing changed since version {change.version}: no new version.")
    elif change.previous is not None:
        typer.echo(f"New version {change.version} after {change.previous}: {change.reasons[0]}.")
    typer.echo(f"Report: {_shown(published.page)}")


app.command()(fetch)
app.command()(doctor)
app.command()(verify)
app.command()(attest)
app.command()(review)
app.command()(diff)
app.command()(envelope)
app.command()(publish)
app.command()(sweep)


@app.command()
def detect(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A CSV file with a header.")],
    time_column: Annotated[
        str | None, typer.Option("--time-column", help="Column of times; 'time' or the first.")
    ] = None,
    value_column: Annotated[
        list[str] | None,
        typer.Option("--value-column", help="Column of values; 'value' or the other. Repeatable."),
    ] = None,
    entity_column: Annotated[
        str | None, typer.Option("--entity-column", help="Column that says whose row it is.")
    ] = None,
    entity: Annotated[
        list[str] | None, typer.Option("--entity", help="Only this one of them. Repeatable.")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at", metavar="DATE", help="Test a change at this date, fixed beforehand. Repeatable."
        ),
    ] = None,
    time_zone: Annotated[
        str, typer.Option("--time-zone", help="Of times that do not state one.")
    ] = "UTC",
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
    if entity and entity_column is None:
        raise InputError("--entity needs --entity-column, the column it is looked for in.")
    from darkdays.cli import answers
    from darkdays.cli.detect import read_series

    kind = answers.picture_kind(figure) if figure is not None else ""
    listed = read_series(
        file,
        time_column=time_column,
        value_columns=value_column or (),
        entity_column=entity_column,
        entities=entity or (),
        time_zone=time_zone,
    )
    if figure is not None and len(listed) > 1:
        raise InputError("--figure draws one series; choose one by --entity or --value-column.")
    asked = None if period == "auto" else period
    found, rates = answers.answer_all(
        listed, at=at or (), period=asked, time_zone=time_zone, level=level
    )
    document = answers.as_document(file.name, listed, found, rates, level)
    if figure is not None:
        answers.draw(listed[0], found[0], figure, kind)
    if as_json:
        print_json(document)
        return
    for rows in filter(None, answers.tables(document, time_zone)):
        print_table(list(rows[0]), rows)
    for line in answers.sentences(document, time_zone):
        typer.echo(line)


@app.command()
def notebooks() -> None:
    """Re-run the notebooks with their defaults and store their outputs in them."""
    with Kernel.start() as kernel:  # it imports while this process does
        with uncollected():
            from darkdays.cli.progress import TerminalProgress
            from darkdays.runner import run as running

        names = sorted(path.stem for path in paths.notebooks().glob("*.ipynb"))
        with TerminalProgress(names) as progress:
            stored = running.store_outputs(progress=progress, kernel=kernel)
    for path in stored:
        typer.echo(f"stored: {_shown(path)}")


@app.command()
def version() -> None:
    """Print the version of darkdays."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line: a person's mistake is one sentence on stderr, never a traceback."""
    try:
        without_a_home()
        with terminal.guarding():
            app(standalone_mode=True)
    except DarkdaysError as error:
        sys.stderr.write(f"darkdays: {terminal.plain(str(error))}\n")
        sys.exit(error.exit_status)
    except (RecursionError, MemoryError):
        sys.stderr.write(_TOO_MUCH)
        sys.exit(InputError.exit_status)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        # Whatever was not foreseen of a path, such as a name longer than the system allows.
        what = str(error.filename or "what was named")[:_SHOWN]
        sys.stderr.write(f"darkdays: {cannot('use', terminal.plain(what), error)}\n")
        sys.exit(1)
    except SystemExit as end:
        if end.code in STATUSES.values():  # Typer makes 130 of Ctrl-C
            sys.stderr.write(_STOPPED)
        raise
    except KeyboardInterrupt:
        sys.stderr.write(_STOPPED)
        sys.exit(STATUSES["SIGINT"])


def print_table(columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Print rows as a table."""
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


def _shown(path: Path) -> str:
    """Return a path relative to where the person is, if it lies below."""
    resolved, here = real(path), Path.cwd()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(resolved)
