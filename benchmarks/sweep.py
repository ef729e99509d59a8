"""What a sweep costs: the cost model of ``darkdays sweep --plan``, scaling, memory, a rehearsal.

Run ``python benchmarks/sweep.py [--parts costs,scaling,memory,rehearsal] [--save]`` from the
project's root. ``--save`` stores the model in ``src/darkdays/sweep/cost_model.json`` and the tables
in ``benchmarks/results/sweep.md``, each part replacing its own. Costs are processor time; scaling
and the rehearsal are what a clock shows, so that nothing else should run beside them; the load of
the machine is printed with them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from parse_ioda import made_up, query_of
from sweep_results import RESULTS, machine, save, table

from darkdays import case as cases
from darkdays.archive.request import Reply
from darkdays.detect import change_points
from darkdays.simulate.sweeps import INSTRUMENTS, simulated_node
from darkdays.sources import ioda
from darkdays.sweep import cluster, merging, page, parts, store, tasks
from darkdays.sweep.cutting import batches_of, blocks_of
from darkdays.sweep.detecting import judge
from darkdays.sweep.document import document_of
from darkdays.sweep.engine import engine
from darkdays.sweep.findings import seen
from darkdays.sweep.grid import Grid, Parameters
from darkdays.sweep.pace import seconds as reference
from darkdays.sweep.planning import plan_of
from darkdays.sweep.progress import Tally
from darkdays.sweep.rehearsal import made_place, rehearsal
from darkdays.sweep.running import Sweep
from darkdays.sweep.standing import Standing
from darkdays.sweep.studies import Study
from darkdays.sweep.work import Block, Family, Question, Settings

MODEL = Path(__file__).parents[1] / "src" / "darkdays" / "sweep" / "cost_model.json"
YEAR = 105_120


def spent(do: Callable[[], object], rounds: int = 3) -> float:
    """Return the least processor time of several rounds, all threads of this process."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        do()
        best = min(best, time.process_time() - begun)
    return best


def line(long: float, short: float, at: tuple[int, int]) -> tuple[float, float]:
    """Return cost at nothing, and per unit, through two points."""
    slope = (long - short) / (at[0] - at[1])
    return max(short - slope * at[1], 0.0), slope


def one_study(entities: int, years: float, **grid: Any) -> tuple[Grid, Study, Settings]:
    """Return a simulated grid, its first study, and its settings."""
    stated, studies = rehearsal(entities, years, **grid)
    return stated, studies[0], Settings.of(stated, engine())


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="darkdays-sweep-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def costs() -> dict[str, float]:
    """Measure every number of the cost model."""
    found: dict[str, float] = {"reference": reference()}
    with scratch() as folder:
        found |= _signals(folder) | _judging(folder) | _changes()
        found |= _studies(folder) | _cluster()
    with scratch() as folder:
        found |= _memory_of_tasks(folder)
    return found | _sharing()


def _signals(folder: Path) -> dict[str, float]:
    """Measure making, parsing and storing."""
    times: dict[float, tuple[float, float]] = {}
    sizes: dict[float, int] = {}
    for years in (1.0, 0.1):
        _, study, settings = one_study(10, years)
        block = blocks_of(study, settings.engine)[0]
        place = made_place(block.case, block.place, block.seed)
        names = [entity.id for entity in block.case.entities]

        def make(names: list[str] = names, block: Block = block, place: Any = place) -> Any:
            return {n: simulated_node(place, names, block.numbers, n) for n in INSTRUMENTS}

        tree = tasks._made(block)
        paths = iter(folder / f"{years}-{number}.zarr" for number in range(9))

        def keep(tree: Any = tree, paths: Iterator[Path] = paths) -> None:
            store.write(tree, next(paths))

        times[years] = spent(make), spent(keep)
        sizes[years] = 30 * place.times.size
    made = folder / "1.0-0.zarr"
    stored = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    _, store_sample = line(times[1.0][1], times[0.1][1], (sizes[1.0], sizes[0.1]))
    query, rng = query_of(10), np.random.default_rng(1)
    replies = {}
    for request in ioda.requests(query, {}):
        body = made_up(request, rng)
        replies[request.key] = Reply(request, body)
    samples = 10 * YEAR
    return {
        "make_sample": times[1.0][0] / sizes[1.0],
        "store_sample": store_sample,
        "store_signal": max(times[0.1][1] - store_sample * sizes[0.1], 0.0) / 30,
        "stored_sample_bytes": stored / sizes[1.0],
        "parse_sample": spent(lambda: ioda.read(query, replies), 2) / samples,
        "reply_sample_bytes": sum(len(one.body) for one in replies.values()) / samples,
    }


def _judging(folder: Path) -> dict[str, float]:
    """Measure reading and judging, with one setting and with four."""
    found = {}
    for years in (1.0, 0.25):
        grid, study, _ = one_study(10, years, change_points="none")
        settings = Settings.of(grid, engine())
        several = Parameters(level=(0.95, 0.9), min_depth=(0.1, 0.2))
        many = Settings.of(grid.model_copy(update={"parameters": several}), engine())
        block = blocks_of(study, settings.engine)[0]
        path = block.path(folder)
        store.write(tasks._made(block), path)

        def everyone(stated: Settings, path: Path = path, study: Study = study) -> None:
            with store.Reader(path) as reader:
                for entity in study.case.entities:
                    names = list(reader.datasources(entity.id))
                    judge(entity.id, names, reader.signal, study.case.time_zone, stated)

        found[years] = spent(partial(everyone, settings)), spent(partial(everyone, many))
    alone, sample = line(found[1.0][0], found[0.25][0], (30 * YEAR, 30 * YEAR // 4))
    return {
        "judge_sample": sample,
        "judge_signal": alone / 30,
        "setting_signal": (found[1.0][1] - found[1.0][0]) / 3 / 30,
    }


def _changes() -> dict[str, float]:
    """Measure change-points of days, and of a longer series."""
    rng = np.random.default_rng(2)
    days = [rng.normal(size=365) for _ in range(10)]
    hours = rng.normal(size=20_000)
    return {
        "change_points_short_sample": spent(lambda: [change_points(one) for one in days]) / 3650,
        "change_points_long_sample": spent(lambda: change_points(hours)) / hours.size,
    }


def _studies(folder: Path) -> dict[str, float]:
    """Measure putting studies together, merging, the report; and claims."""
    combine, after = {}, {}
    for entities in (100, 20):
        out = folder / f"study-{entities}"
        grid, study, settings = one_study(entities, 0.25, change_points="none")
        standing = Standing(study, settings, simulated=True)
        for block in blocks_of(study, settings.engine):
            stored = tasks.store_block(block, str(out))
            for batch in batches_of(study.name, block, out, stored.entities, settings):
                tasks.judge_batch(batch, str(out))
                standing.done.append(batch)
        standing.family = family = Family(
            study.name, tuple(standing.done), (), study.case, settings
        )

        def again(family: Family = family, out: Path = out) -> None:
            shutil.rmtree(family.path(out), ignore_errors=True)
            tasks.combine_study(family, str(out))

        def tell(standing: Standing = standing, out: Path = out, grid: Grid = grid) -> None:
            written = merging.merge([standing], out)
            told = seen([standing], standing.settings, out)
            document = document_of(grid, told, written)
            shutil.rmtree(out / "reports", ignore_errors=True)
            page.publish(grid, told, document, out / "reports", inputs="")

        combine[entities], after[entities] = spent(again), spent(tell, 2)
    alone, merge_signal = line(after[100], after[20], (300, 60))
    case = cases.load("iran-2019")
    grid = Grid(name="one", title="-", question="-", summary="-", cases=({"case": case.name},))
    settings = Settings.of(grid, engine())
    out = folder / "claims"
    block = blocks_of(Study(case), settings.engine)[0]
    stored = tasks.store_block(block, str(out))
    batches = tuple(batches_of(case.name, block, out, stored.entities, settings))
    for batch in batches:
        tasks.judge_batch(batch, str(out))
    family = Family(case.name, batches, (), case, settings)
    tasks.combine_study(family, str(out))
    question = Question(family, "", 0.95, 0.1)

    def ask() -> None:
        shutil.rmtree(question.path(out), ignore_errors=True)
        tasks.answer_question(question, str(out))

    _, combine_signal = line(combine[100], combine[20], (300, 60))
    return {
        "combine_signal": combine_signal,
        "block": max(combine[20] - combine_signal * 60, 0.0),
        "merge_signal": merge_signal,
        "report": alone,
        "claims": spent(ask, 2),
    }


def _cluster() -> dict[str, float]:
    """Measure starting workers, and handing out a task that does nothing."""
    count, worker = 300, resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.process_time()
    with cluster.connected(None, 1) as client:
        client.submit(engine).result()
        start = time.process_time() - begun
        begun = time.process_time()
        client.gather(client.map(_nothing, range(count), pure=False))
        handing = time.process_time() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    start += after.ru_utime + after.ru_stime - worker.ru_utime - worker.ru_stime
    return {"start": start, "task": handing / count}


def _nothing(number: int) -> int:
    return number


def _sharing() -> dict[str, float]:
    """Measure how much longer two workers together compute than one alone, caches being shared."""
    spent_by = {}
    for workers in (1, 2):
        with scratch() as out:
            _, spent_by[workers], _ = timed(40, 0.5, workers, out)
    return {"sharing": max(spent_by[2] / spent_by[1], 1.0)}


def _memory_of_tasks(folder: Path) -> dict[str, float]:
    """Measure the peak of a process that judges, and of one that stores, as blocks grow."""
    judging = _peak("judge", 10, folder)
    storing = {count: _peak("store", count, folder) for count in (10, 50)}
    samples = 3 * YEAR
    each = (storing[50] - storing[10]) / (40 * samples)
    base = max(judging, storing[10] - each * 10 * samples)
    return {"worker_bytes": base, "block_sample_bytes": each}


def _peak(what: str, entities: int, folder: Path) -> float:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import sweep; sweep.peak_of(*sys.argv[2:])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), what, str(entities), str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def peak_of(what: str, entities: str, out: str) -> None:
    """Print the peak memory of this process after one task, bytes."""
    _, study, settings = one_study(int(entities), 1.0)
    block = blocks_of(study, settings.engine)[0]
    stored = (
        tasks.store_block(block, out)
        if what == "store" or not block.path(Path(out)).exists()
        else None
    )
    if what == "judge":
        names = tuple(entity.id for entity in block.case.entities)
        for batch in batches_of(study.name, block, Path(out), names, settings):
            tasks.judge_batch(batch, out)
    assert stored is None or stored.simulated
    sys.stdout.write(str(_largest()))


def timed(entities: int, years: float, workers: int, out: Path) -> tuple[float, float, float]:
    """Sweep on warm workers; return seconds, their processor time, and the largest one's bytes."""
    grid, studies = rehearsal(entities, years)
    settings = Settings.of(grid, engine())
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        sys.stderr, stderr = nowhere, sys.stderr
        try:
            with Tally() as tally, cluster.connected(None, workers) as client:
                client.run(_warm)
                before = sum(client.run(time.process_time).values())
                begun = time.monotonic()
                run = Sweep(client, studies, settings, out, tally)
                for block in run.blocks():
                    run.give(block)
                run.run()
                seconds = time.monotonic() - begun
                processor = sum(client.run(time.process_time).values()) - before
                largest = max(client.run(_largest).values())
        finally:
            sys.stderr = stderr
    merging.merge(run.studies.values(), out)
    return seconds, processor, largest


def _warm() -> None:
    reference()
    rng = np.random.default_rng(1)
    change_points(rng.normal(size=365))


def _largest() -> float:
    """Return the peak memory of this process; what it was forked from does not count."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024.0 for line in lines if line.startswith("VmHWM"))


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
                *(sys.executable, "-c", "from darkdays.cli import main; main()", "sweep"),
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
