"""The command line: one verb a function, no logic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from darkdays import __version__
from darkdays.cli.cases import cases, new_case
from darkdays.cli.doctor import doctor
from darkdays.cli.fetch import (
    BaseUrlOption,
    Below,
    Calendar,
    DateFormat,
    Decimal,
    EventsOption,
    FileOption,
    JsonOption,
    Missing,
    SignalOption,
    WaitOption,
    fetch,
    form_of,
    own_files,
    print_json,
    seconds,
    snapshot_for,
)
from darkdays.cli.own_files import detect, print_table, read
from darkdays.cli.review import attest, diff, envelope, publish, review, verify
from darkdays.cli.signals import STATUSES
from darkdays.cli.snapshot import app as snapshots
from darkdays.cli.sweep import sweep
from darkdays.cli.workspace import init, stated, without_a_home
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import paths, terminal
from darkdays.files.bounded import real
from darkdays.files.fast_imports import uncollected
from darkdays.files.system_errors import cannot
from darkdays.runner.kernel import Kernel

_SHOWN = 200
_TOO_DEEP = "darkdays: what was read is nested too deeply; give something simpler.\n"
_TOO_MUCH = (
    "darkdays: the memory of this process is used up; give something smaller, end other programs, "
    "or allow more with `ulimit -v`.\n"
)
_UNLOADED = "darkdays: {} cannot be loaded; install darkdays again.\n"
# How the system says that a library does not fit into the memory of a process.
_NO_ROOM = ("failed to map segment", "cannot allocate memory")
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
    signal: SignalOption = None,
    events: EventsOption = None,
    decimal: Decimal = None,
    below: Below = None,
    missing: Missing = None,
    date_format: DateFormat = None,
    calendar: Calendar = None,
    wait: WaitOption = "10m",
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="Run without what cannot be used of the files named."),
    ] = False,
    reports: Annotated[
        Path | None, typer.Option("--reports", help="Folder of reports.", file_okay=False)
    ] = None,
    runs: Annotated[
        Path | None, typer.Option("--runs", help="Folder of run folders.", file_okay=False)
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", hidden=True)] = False,  # all that verify needs
    as_json: JsonOption = False,
) -> None:
    """Run a case through its notebooks to a versioned report."""
    if snapshot is not None and offline:
        raise InputError("--snapshot already replays without the network; leave --offline out.")
    if snapshot is not None and (base_url or file or signal or events):
        raise InputError(
            "--snapshot replays what it holds; leave --base-url, --file, --signal and --events out."
        )
    longest = seconds(wait)
    with Kernel.start() as kernel:  # it imports while this process does
        with uncollected():
            from darkdays.cli.progress import TerminalProgress
            from darkdays.runner import run as running

        form = form_of(None, decimal, below, missing, date_format, calendar)
        own = own_files(signal, events, form)
        prepared = running.prepare(case, parameter or ())
        chosen = snapshot_for(
            prepared.case, snapshot, offline=offline, base_url=base_url or (), file=file or (),
            own=own, keep_going=keep_going, wait=longest,
        )  # fmt: skip
        home = runs or paths.runs()
        with TerminalProgress(list(running.STAGES), note=kernel.note) as progress:
            if draft:
                with running.executed(prepared, chosen, home, progress, kernel):
                    return
            published = running.execute(
                prepared,
                snapshot=chosen,
                runs=home,
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
        ["claim", "verdict", "same verdict in"],
        [
            {
                "claim": claim["statement"],
                "verdict": claim["verdict"],
                "same verdict in": "{holds} of {of}".format_map(claim["sensitivity"]),
            }
            for claim in document["claims"]
        ],
    )
    typer.echo(document["answer"])
    change = published.change
    if not change.is_new:
        typer.echo(f"Nothing changed since version {change.version}: no new version.")
    elif change.previous is not None:
        typer.echo(f"New version {change.version} after {change.previous}: {change.reasons[0]}.")
    typer.echo(f"Report: {_shown(published.page)}")
    if missing := prepared.case.unwritten():
        typer.echo(missing, err=True)


app.command()(fetch)
app.command()(doctor)
app.command()(verify)
app.command()(attest)
app.command()(review)
app.command()(diff)
app.command()(envelope)
app.command()(publish)
app.command()(sweep)


app.command()(detect)
app.command("read")(read)


@app.command()
def notebooks() -> None:
    """Re-run the notebooks with their defaults and store their outputs in them."""
    with Kernel.start() as kernel:  # it imports while this process does
        with uncollected():
            from darkdays.cli.progress import TerminalProgress
            from darkdays.runner import run as running

        names = sorted(path.stem for path in paths.notebooks().glob("*.ipynb"))
        with TerminalProgress(names, note=kernel.note) as progress:
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
            try:
                app(standalone_mode=True)
            finally:
                sys.stdout.flush()
    except DarkdaysError as error:
        sys.stderr.write(f"darkdays: {terminal.plain(str(error))}\n")
        sys.exit(error.exit_status)
    except RecursionError:
        sys.stderr.write(_TOO_DEEP)
        sys.exit(InputError.exit_status)
    except (MemoryError, SystemError):  # the latter is what is left where C loses the former
        sys.stderr.write(_TOO_MUCH)
        sys.exit(InputError.exit_status)
    except ImportError as error:
        is_full = any(words in str(error).lower() for words in _NO_ROOM)
        name = terminal.plain(error.name or "a library it needs")
        sys.stderr.write(_TOO_MUCH if is_full else _UNLOADED.format(name))
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


def _shown(path: Path) -> str:
    """Return a path relative to where the person is, if it lies below."""
    resolved, here = real(path), Path.cwd()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(resolved)
