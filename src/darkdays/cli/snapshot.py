"""The command line of snapshots: one verb a function, no logic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from darkdays.cli.fetch import print_json
from darkdays.files import paths

app = typer.Typer(
    help="List, check, pass on and compare snapshots of replies.", no_args_is_help=True
)

Identity = Annotated[str, typer.Argument(metavar="ID", help="A snapshot, by the start of its id.")]


@app.command("list")
def list_all(
    case: Annotated[str, typer.Argument(help="Of this case only.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List snapshots, oldest first."""
    from darkdays.archive.snapshot import list_snapshots

    found = list_snapshots(paths.snapshots(), case)
    rows = [
        {
            "id": one.id,
            "case": one.manifest.case,
            "sealed": one.manifest.sealed,
            "complete": one.complete,
            "replies": len(one.manifest.replies),
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = "complete" if row["complete"] else "incomplete"
        typer.echo(
            f"{str(row['id'])[:16]}  {row['case']}  {row['sealed']}  "
            f"{state}, {_counted(row['replies'], 'reply', 'replies')}"
        )
    if not rows:
        typer.echo("No snapshots; `darkdays fetch CASE` makes one.")


@app.command()
def show(identity: Identity) -> None:
    """Print the manifest of a snapshot: every request, reply, digest, licence and host."""
    from darkdays.archive.snapshot import Snapshot

    manifest = Snapshot.open(paths.snapshots(), identity).manifest
    sys.stdout.write(manifest.model_dump_json(indent=2) + "\n")


@app.command()
def verify(identity: Identity) -> None:
    """Read every reply and compare it with its digest."""
    from darkdays.archive.snapshot import Snapshot

    snapshot = Snapshot.open(paths.snapshots(), identity)
    count = snapshot.verify()
    said = "1 reply is as it came" if count == 1 else f"{count} replies are as they came"
    missing = len(snapshot.absent())
    withheld = f"; {_counted(missing, 'reply', 'replies')} did not come along" if missing else ""
    typer.echo(f"{snapshot.id[:16]}: {said}{withheld}.")


@app.command("export")
def export(
    identity: Identity,
    to: Annotated[Path, typer.Option("--to", metavar="FILE.zip", help="Where to.")],
    private: Annotated[
        bool,
        typer.Option("--private", help="Include what may not be passed on, for yourself only."),
    ] = False,
) -> None:
    """Write a snapshot as one file; what may not be passed on is left out and named."""
    from darkdays.archive.exchange import export_snapshot
    from darkdays.archive.snapshot import Snapshot
    from darkdays.sources.services import open_services

    snapshot = Snapshot.open(paths.snapshots(), identity)
    done = export_snapshot(snapshot, to, private=private, open_services=open_services())
    typer.echo(f"Written: {done.path.name}")
    for words in done.left_out:
        typer.echo(f"left out, its terms forbid passing it on: {words}")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What export wrote.")],
) -> None:
    """Read a snapshot that was exported; nothing is kept if anything in it is wrong."""
    from darkdays.archive.exchange import import_snapshot

    snapshot = import_snapshot(paths.snapshots(), file)
    typer.echo(f"Snapshot: {snapshot.id[:16]} of {snapshot.manifest.case}")
    if snapshot.imported:
        typer.echo(f"A run uses it only where it is named: --snapshot {snapshot.id[:16]}")


@app.command()
def diff(earlier: Identity, later: Identity) -> None:
    """Say which requests are new or gone, and which brought other bytes."""
    from darkdays.archive.manifest import diff as compare
    from darkdays.archive.snapshot import Snapshot

    first, second = (Snapshot.open(paths.snapshots(), one).manifest for one in (earlier, later))
    lines = compare(first, second).lines()
    for line in lines or ["The replies are the same, byte for byte."]:
        typer.echo(line)


def _counted(count: object, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
