"""Sweeps of made-up places, and what they leave behind."""

from __future__ import annotations

from darkdays.sweep.run import sweep
from darkdays.sweep.running.progress import Tally


def swept(made_up, out, cluster):
    """Sweep a grid and its studies, such as a rehearsal's, on a running cluster."""
    grid, studies = made_up
    with Tally() as tally:
        return sweep(
            grid, studies, out=out, reports=out / "reports", scheduler=cluster, tally=tally
        )


def tables(out):
    """Every table of the dataset, by the name of its file."""
    return {path.name: path.read_bytes() for path in out.glob("*.parquet")}
