"""The command line of sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkdays.cli.fetch import BaseUrlOption, FileOption, JsonOption, print_json
from darkdays.cli.signals import ended_by_signals
from darkdays.errors import InputError
from darkdays.files import paths

if TYPE_CHECKING:
    from darkdays.sweep.plan.grid import Grid
    from darkdays.sweep.plan.studies import Study

_SHOWN = 10
_ENTITIES = 200


def sweep(
    grid: Annotated[
        Path | None, typer.Argument(metavar="[GRID.yaml]", help="What to sweep.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="A running Dask cluster, tcp://HOST:PORT."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Workers to start here, or to wait for there."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the results.", file_okay=False)
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what it would take, and start nothing.")
    ] = False,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Rehearse with made-up signals, stamped SIMULATED.")
    ] = False,
    entities: Annotated[
        int | None, typer.Option("--entities", metavar="N", help="Made-up entities.")
    ] = None,
    years: Annotated[
        float | None, typer.Option("--years", metavar="Y", help="Years made up for each.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of what is made up.")] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Never try the network: files and snapshots only.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask everything again, also what was fetched before.")
    ] = False,
    tidy: Annotated[
        bool,
        typer.Option("--tidy", help="Remove what former grids left in the folder of the results."),
    ] = False,
    base_url: BaseUrlOption = None,
    file: FileOption = None,
    reports: Annotated[
        Path | None, typer.Option("--reports", help="Folder of reports.", file_okay=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sweep many places, windows and parameters on Dask."""
    if simulate == (grid is not None):
        raise InputError("give a GRID.yaml to sweep, or --simulate to rehearse, and not both.")
    if not simulate and (entities, years, seed) != (None, None, None):
        raise InputError("--entities, --years and --seed are for --simulate; leave them out.")
    if workers is not None and workers < 1:
        raise InputError(f"{workers} workers cannot work; give --workers at least 1.")
    if fresh and offline:
        raise InputError("--fresh asks everything again, and --offline nobody; leave one out.")
    from darkdays.sweep.plan import cluster

    if not plan:
        cluster.need_scale()
    stated, studies = _studies(grid, entities, years, seed)
    if plan:
        _plan(stated, studies, scheduler, workers, fresh=fresh, as_json=as_json)
        return
    from darkdays.sweep.run import sweep as run
    from darkdays.sweep.running.fetch import Asking
    from darkdays.sweep.running.progress import Tally

    folder = out or paths.runs() / "sweeps" / stated.name
    given = {text.partition("=")[0] for text in file or ()}
    own = stated.files_in(grid.parent) if grid else []
    files = [*(file or ()), *(text for text in own if text.partition("=")[0] not in given)]
    with ended_by_signals(), Tally() as tally:
        result = run(
            stated,
            studies,
            out=folder,
            reports=reports or folder / "reports",
            scheduler=scheduler,
            workers=workers,
            asking=Asking(tuple(base_url or ()), tuple(files), offline, fresh),
            tidy=tidy,
            tally=tally,
        )
    _say(result, as_json=as_json)
    if not result.is_finished:
        raise typer.Exit(3)


def _studies(
    grid: Path | None, entities: int | None, years: float | None, seed: int | None
) -> tuple[Grid, list[Study]]:
    if grid is None:
        from darkdays.sweep.plan.rehearsal import rehearsal

        return rehearsal(
            _ENTITIES if entities is None else entities,
            1.0 if years is None else years,
            seed=1 if seed is None else seed,
        )
    from darkdays.sweep.plan.grid import load
    from darkdays.sweep.plan.studies import studies_of

    loaded = load(grid)
    return loaded, studies_of(loaded, grid.parent)


def _plan(
    grid: Grid,
    studies: list[Study],
    scheduler: str | None,
    workers: int | None,
    *,
    fresh: bool,
    as_json: bool,
) -> None:
    """Print what a sweep would take: on this machine, or on so many workers elsewhere."""
    from darkdays.sweep.plan.planning import plan_of, sentences

    if scheduler is not None and workers is None:
        raise InputError("say with --workers how many workers that cluster has.")
    found = plan_of(grid, studies, workers, fresh=fresh)
    if as_json:
        print_json(found.document())
        return
    for line in sentences(found):
        typer.echo(line)


def _say(result: Any, *, as_json: bool) -> None:
    published = result.published
    change = published.change if published else None
    if as_json:
        print_json(
            {
                **result.document,
                "version": change.version if change else None,
                "new_version": bool(change and change.is_new),
                "changes": list(change.reasons) if change else [],
                "report": str(published.page) if published else None,
                "out": str(result.out),
                "not_finished": list(result.lost),
            }
        )
        return
    if result.document["simulated"]:
        typer.echo("SIMULATED: made from generated data. It says nothing about the world.")
    for name, one in result.written.items():
        typer.echo(f"{result.out / name}.parquet: {one.rows:,} rows")
    _say_what_is_missing(result)
    if result.removed:
        typer.echo(f"Removed {result.removed:,} pieces of former grids.")
    if published is None:
        typer.echo("No report: there is nothing to report of.")
        return
    if not published.change.is_new:
        typer.echo(f"Nothing changed since version {published.change.version}: no new version.")
    typer.echo(f"Report: {published.page}")


def _say_what_is_missing(result: Any) -> None:
    for title, listed in (
        ("Could not be judged", result.document["signals_not_assessed"]),
        ("Not read", result.document["not_read"]),
    ):
        if listed:
            typer.echo(f"{title} ({len(listed):,}, all in failures.parquet):")
            for line in listed[:_SHOWN]:
                typer.echo(f"  {line}")
    if result.lost:
        typer.echo(f"Not finished ({len(result.lost):,}); the same command goes on:")
        for line in result.lost[:_SHOWN]:
            typer.echo(f"  {line}")
    if empty := result.document["empty"]:
        listed = ", ".join(empty[:_SHOWN]) + (", …" if len(empty) > _SHOWN else "")
        typer.echo(
            f"Empty ({len(empty):,} of {result.document['studies']:,} studies): {listed}; nothing "
            "was read for them. The same command asks for what is missing, with --fresh for all."
        )
