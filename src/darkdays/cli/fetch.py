"""The command line of fetching: what is asked, and which snapshot a run reads."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkdays.errors import InputError
from darkdays.files import terminal

if TYPE_CHECKING:
    from darkdays.case.case import Case
    from darkdays.fetch.fetch import Outcome
    from darkdays.fetch.own_files import OwnFiles

BaseUrlOption = Annotated[
    list[str] | None,
    typer.Option("--base-url", metavar="SOURCE=URL", help="Where a service answers instead."),
]
FileOption = Annotated[
    list[str] | None,
    typer.Option("--file", metavar="SOURCE=PATH", help="A local file instead of a download."),
]
SignalOption = Annotated[
    list[Path] | None,
    typer.Option("--signal", metavar="FILE", help="Measurements of your own. Repeatable."),
]
EventsOption = Annotated[
    list[Path] | None,
    typer.Option("--events", metavar="FILE", help="Dated events of your own. Repeatable."),
]
Decimal = Annotated[
    str | None, typer.Option("--decimal", metavar=". or ,", help="Decimal sign of numbers.")
]
Below = Annotated[
    str | None,
    typer.Option("--below", metavar="NUMBER", help="What to take for <1; bound: the 1 itself."),
]
Missing = Annotated[
    str | None,
    typer.Option("--missing", metavar="TEXT", help="What else stands for no value, such as -999."),
]
DateFormat = Annotated[
    str | None,
    typer.Option("--date-format", metavar="DD/MM/YYYY", help="Order of dates that leave it open."),
]
Calendar = Annotated[
    str | None, typer.Option("--calendar", help="Of the dates: gregorian or jalali.")
]
WaitOption = Annotated[
    str,
    typer.Option(
        "--wait", metavar="TIME", help="Longest wait that a service may ask for: 30s, 10m, 2h."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def fetch(
    case: Annotated[str, typer.Argument(help="A case by name, or the path of a case file.")],
    base_url: BaseUrlOption = None,
    file: FileOption = None,
    signal: SignalOption = None,
    events: EventsOption = None,
    decimal: Decimal = None,
    below: Below = None,
    missing: Missing = None,
    date_format: DateFormat = None,
    calendar: Calendar = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask everything again, into a snapshot of its own.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what would be asked first, and ask nothing.")
    ] = False,
    wait: WaitOption = "10m",
    as_json: JsonOption = False,
) -> None:
    """Fetch what a case names into a snapshot; what was fetched stays fetched."""
    from darkdays.case import case as case_files
    from darkdays.cli.progress import FetchProgress
    from darkdays.fetch.fetch import fetch_case

    loaded = case_files.load(case)
    if plan:
        _print_plan(loaded, base_url or (), as_json=as_json)
        return
    with FetchProgress() as progress:
        outcome = fetch_case(
            loaded,
            base_urls=base_url or (),
            files=file or (),
            progress=progress,
            fresh=fresh,
            wait=seconds(wait),
            own=own_files(
                signal, events, form_of(None, decimal, below, missing, date_format, calendar)
            ),
        )
    _tell(outcome)
    if as_json:
        print_json(
            {
                "case": loaded.name,
                "snapshot": outcome.snapshot or None,
                "complete": outcome.complete,
                "unanswered": outcome.unanswered,
                "unreadable": outcome.unreadable,
                "failures": list(outcome.failures),
                "remarks": list(outcome.remarks),
            }
        )
    elif outcome.snapshot:
        typer.echo(f"Snapshot: {outcome.snapshot[:16]} ({outcome.state})")
    elif outcome.complete:
        typer.echo("Nothing to fetch: the case has embedded data only.")
    else:
        typer.echo("Nothing was fetched: no service answered.")
    if not outcome.complete:
        raise typer.Exit(3)


def _tell(outcome: Outcome) -> None:
    for sentence in (*outcome.failures, *outcome.remarks):
        sys.stderr.write(f"darkdays: {sentence}\n")


def seconds(text: str) -> float:
    """Return how long a text such as ``10m`` is.

    Raises
    ------
    InputError
        If it is no time.
    """
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip())
    if found is None:
        raise InputError(f"--wait {text}: write a number and s, m, h or d, as in 10m or 2h.")
    return int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}[found[2]]


def form_of(
    time_zone: str | None,
    decimal: str | None,
    below: str | None,
    missing: str | None,
    date_format: str | None,
    calendar: str | None,
) -> dict[str, str]:
    """Return how a file is to be read, of what was stated, as the options of a case name it."""
    if time_zone == "":
        raise InputError("--time-zone is empty; give an IANA name such as Asia/Tehran.")
    stated = {
        "time_zone": time_zone, "decimal": decimal, "below": below, "missing": missing,
        "date_format": date_format, "calendar": calendar,
    }  # fmt: skip
    return {name: value for name, value in stated.items() if value}


def own_files(
    signals: Sequence[Path] | None, events: Sequence[Path] | None, form: Mapping[str, str]
) -> OwnFiles:
    """Return a person's own files by their roles.

    Raises
    ------
    InputError
        If an option of how to read them is none.
    """
    from darkdays.fetch.own_files import OwnFiles
    from darkdays.sources.own.table import Form

    Form.of(form)
    return OwnFiles(signals or (), events or (), form)


def snapshot_for(
    case: Case,
    stated: str | None,
    *,
    offline: bool,
    base_url: Sequence[str],
    file: Sequence[str],
    own: OwnFiles,
    keep_going: bool,
    wait: float,
) -> str:
    """Return the id of the snapshot to run on, and say on stderr which it is.

    Raises
    ------
    InputError
        If a file that was named cannot be used, and the rest is not to be run without it.
    """
    from darkdays.cli.progress import FetchProgress
    from darkdays.fetch import fetch as fetching
    from darkdays.fetch.own_files import told_of_files
    from darkdays.fetch.plan import services_of

    given = bool(file or own.signals or own.events)
    if stated is not None:
        chosen = fetching.stated(stated)
    elif not (base_url or given or services_of(case)):
        return ""
    elif offline and not given:
        chosen = fetching.newest(case)
    else:
        if given:
            told = told_of_files(case, file, own)
            for name, account in told.accounts.items():
                sys.stderr.write(f"darkdays: {name}, {terminal.plain(account)}\n")
            if told.problems and not keep_going:
                raise InputError(told.problems[0])
        with FetchProgress() as progress:
            outcome = fetching.fetch_case(
                case, base_urls=base_url, files=file, progress=progress, offline=offline, wait=wait,
                own=own,
            )  # fmt: skip
        _tell(outcome)
        chosen = outcome.snapshot
    sys.stderr.write(f"darkdays: runs {fetching.described(case, chosen)}\n")
    return chosen


def _print_plan(case: Case, base_url: Sequence[str], *, as_json: bool) -> None:
    """Print the requests a fetch would begin with, each with where it goes."""
    from darkdays.fetch.fetch import first_requests

    rows = first_requests(case, base_url)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['service']}: {row['about']}\n  {row['url']}")
        if row["sql"]:
            typer.echo(row["sql"])
    typer.echo(f"{len(rows)} to ask first; answers may lead to more.")


def print_json(document: Any) -> None:
    """Print the one document of a command on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
