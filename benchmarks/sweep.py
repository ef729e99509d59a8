"""What a sweep costs: the cost model of ``darkdays sweep --plan``, scaling, memory, a rehearsal.

Run ``python benchmarks/sweep.py [--parts costs,scaling,memory,rehearsal] [--save]`` from the
project's root. ``--save`` stores the model in ``src/darkdays/sweep/plan/cost_model.json`` and the
tables in ``benchmarks/results/sweep.md``, each part replacing its own. Costs are processor time;
scaling and the rehearsal are what a clock shows, so that nothing else should run beside them; the
load of the machine is printed with them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sweep_costs import costs
from sweep_results import RESULTS, machine, save, table
from sweep_timing import scratch, timed

from darkdays.sweep.plan.planning import plan_of
from darkdays.sweep.plan.rehearsal import rehearsal
from darkdays.sweep.tasks import parts

MODEL = Path(__file__).parents[1] / "src" / "darkdays" / "sweep" / "plan" / "cost_model.json"


def scaling(entities: int, rounds: int) -> Iterator[list[str]]:
    """Sweep the same on one worker and on two, in turn."""
    best: dict[int, float] = {}
    work: dict[int, float] = {}
    for number in range(rounds):
        for workers in (1, 2):
            with scratch() as out:
                seconds, processor, _ = timed(entities, 1.0, workers, out)
            if seconds < best.get(workers, float("inf")):
                best[workers], work[workers] = seconds, processor
            load = os.getloadavg()[0]
            yield [
                f"round {number + 1}, {workers} workers", f"{seconds:.1f}", f"{processor:.1f}",
                f"{processor / seconds / workers:.2f}", f"{load:.1f}",
            ]  # fmt: skip
    yield ["**speed-up, best rounds**", f"{best[1] / best[2]:.2f}", "", "", ""]
    # What the clock would show if every worker had its processor to itself.
    yield ["**speed-up, by processor time**", f"{2 * work[1] / work[2]:.2f}", "", "", ""]


def memory() -> Iterator[list[str]]:
    """Memory of the largest of two workers, as sweeps grow."""
    for entities in (25, 100, 400):
        with scratch() as out:
            seconds, _, largest = timed(entities, 1.0, 2, out)
        yield [f"{entities:,}", f"{largest / 2**20:,.0f}", f"{seconds:.0f}"]


def rehearsed(entities: int, years: float, workers: int) -> Iterator[list[str]]:
    """Hold a rehearsal against its plan."""
    grid, studies = rehearsal(entities, years)
    plan = plan_of(grid, studies, workers)
    with scratch() as out:
        begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [
                *(sys.executable, "-c", "from darkdays.cli.main import main; main()", "sweep"),
                *("--simulate", "--entities", str(entities), "--years", str(years)),
                *("--workers", str(workers), "--out", str(out)),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.monotonic() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        signals = sum(
            path.stat().st_size for path in (out / "signals").rglob("*") if path.is_file()
        )
        found = parts.dataset(out, "outages")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rows = (
        ("hours", plan.hours, seconds / 3600),
        ("processor hours", plan.cpu_hours, processor / 3600),
        ("GiB on disk", plan.stored_bytes / 2**30, signals / 2**30),
    )
    for name, stated, measured in rows:
        yield [name, f"{stated:.3f}", f"{measured:.3f}", f"{100 * (measured / stated - 1):+.0f} %"]
    yield ["outages found", "", f"{len(found):,}", ""]
    yield ["load of the machine", "", f"{os.getloadavg()[0]:.1f}", ""]


def main() -> None:
    """Measure the parts asked for, and store them if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--parts", default="costs,scaling,memory,rehearsal")
    parser.add_argument("--entities", type=int, default=300, help="of the rehearsal")
    parser.add_argument("--years", type=float, default=1.0, help="of the rehearsal")
    parser.add_argument("--workers", type=int, default=2, help="of the rehearsal")
    parser.add_argument("--scaled", type=int, default=60, help="entities of the scaling")
    parser.add_argument("--rounds", type=int, default=3, help="of the scaling")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name} and the model")
    stated = parser.parse_args()
    for part in stated.parts.split(","):
        text = _part(part, stated)
        if stated.save:
            save(part, f"{text}\n{machine()}\n")


def _part(part: str, stated: argparse.Namespace) -> str:
    if part == "costs":
        found = costs()
        if stated.save:
            model = {
                "machine": machine(),
                "costs": {k: float(f"{v:.4g}") for k, v in found.items()},
            }
            MODEL.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")
        rows = ([name, f"{value:.4g}"] for name, value in found.items())
        return table("Cost model: seconds of processor, or bytes", ["of what", "cost"], rows)
    if part == "scaling":
        title = f"Strong scaling: {stated.scaled} entities, 3 datasources, 1 year"
        columns = ["", "s", "processor s", "processors a worker", "load"]
        return table(title, columns, scaling(stated.scaled, stated.rounds))
    if part == "memory":
        title = "Memory of a worker: 3 datasources, 1 year, 2 workers"
        return table(title, ["entities", "largest worker, MiB", "s"], memory())
    if part.startswith("rehearsal"):
        title = f"Rehearsal: {stated.entities:,} entities, 3 datasources, {stated.years:g} years"
        rows = rehearsed(stated.entities, stated.years, stated.workers)
        return table(title, ["", "planned", "measured", "off by"], rows)
    raise SystemExit(f"there is no part {part!r}")


if __name__ == "__main__":
    main()
