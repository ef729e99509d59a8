"""The command line of fetching: what is asked, and which snapshot a run reads."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkdays.errors import InputError

if TYPE_CHECKING:
    from darkdays.case.case import Case
    from darkdays.fetch.fetch import Outcome

BaseUrlOption = Annotated[
    list[str] | None,
    typer.Option("--base-url", metavar="SOURCE=URL", help="Where a service answers instead."),
]
FileOption = Annotated[
    list[str] | None,
    typer.Option("--file", metavar="SOURCE=PATH", help="A local file instead of a download."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def fetch(
    case: Annotated[str, typer.Argument(help="A case by name, or the path of a case file.")],
    base_url: BaseUrlOption = None,
    file: FileOption = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask everything again, into a snapshot of its own.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what would be asked first, and ask nothing.")
    ] = False,
    wait: Annotated[
        str,
        typer.Option(
            "--wait", metavar="TIME", help="Longest wait that a service may ask for: 30s, 10m, 2h."
        ),
    ] = "10m",
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
            wait=_seconds(wait),
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


def _seconds(text: str) -> float:
    """Return how long a text such as ``10m`` is."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip())
    if found is None:
        raise InputError(f"--wait {text}: write a number and s, m, h or d, as in 10m or 2h.")
    return int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}[found[2]]


def snapshot_for(
    case: Case, stated: str | None, offline: bool, base_url: Sequence[str], file: Sequence[str]
) -> str:
    """Return the id of the snapshot to run on, and say on stderr which it is."""
    from darkdays.cli.progress import FetchProgress
    from darkdays.fetch import fetch as fetching
    from darkdays.fetch.plan import services_of

    if stated is not None:
        chosen = fetching.stated(stated)
    elif not (base_url or file or services_of(case)):
        return ""
    elif offline and not file:
        chosen = fetching.newest(case)
    else:
        with FetchProgress() as progress:
            outcome = fetching.fetch_case(
                case, base_urls=base_url, files=file, progress=progress, offline=offline
            )
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
