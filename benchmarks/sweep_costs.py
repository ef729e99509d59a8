"""The cost model of ``darkdays sweep --plan``: what each kind of work takes, measured.

``benchmarks/sweep.py --parts costs --save`` measures it and stores it in
``src/darkdays/sweep/plan/cost_model.json``.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from parse_ioda import made_up, query_of
from sweep_timing import YEAR, memory_of_tasks, one_study, scratch, timed

from darkdays.archive.request import Reply
from darkdays.case import case as cases
from darkdays.contracts.signals import Signal
from darkdays.simulate.sweeps import INSTRUMENTS, simulated_node
from darkdays.sources.ioda import ioda
from darkdays.sweep.plan import cluster
from darkdays.sweep.plan.blocks import batches_of, blocks_of
from darkdays.sweep.plan.grid import Grid, Parameters
from darkdays.sweep.plan.machine_speed import seconds as reference
from darkdays.sweep.plan.rehearsal import made_place
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.plan.work import Block, Family, Question, Settings
from darkdays.sweep.report import merging, page
from darkdays.sweep.report.findings import document_of, seen
from darkdays.sweep.running.state import Standing
from darkdays.sweep.tasks import store, tasks
from darkdays.sweep.tasks.change_points import changes_of
from darkdays.sweep.tasks.detecting import judge
from darkdays.sweep.tasks.engine import engine


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


def costs() -> dict[str, float]:
    """Measure every number of the cost model."""
    found: dict[str, float] = {"reference": reference()}
    with scratch() as folder:
        found |= _signals(folder) | _judging(folder) | _changes(folder)
        found |= _studies(folder) | _cluster()
    with scratch() as folder:
        base, each = memory_of_tasks(folder)
        found |= {"worker_bytes": base, "block_sample_bytes": each}
    with scratch() as folder:
        found |= _smallest(folder / "out", found)
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
                    zone = study.case.time_zone
                    judge(entity.id, names, reader.signal, zone, stated.pairs)

        found[years] = spent(partial(everyone, settings)), spent(partial(everyone, many))
    alone, sample = line(found[1.0][0], found[0.25][0], (30 * YEAR, 30 * YEAR // 4))
    return {
        "judge_sample": sample,
        "judge_signal": alone / 30,
        "setting_signal": (found[1.0][1] - found[1.0][0]) / 3 / 30,
    }


def _changes(folder: Path) -> dict[str, float]:
    """Measure change-points of daily medians, and of signals as they are, where that is longer.

    On signals with seasons, outages and gaps: on noise alone nothing has to be tested, and the
    same call takes a third of the time.
    """
    found = {}
    for name, kind, years in (("short", "day", 1.0), ("long", "native", 0.1)):
        grid, study, _ = one_study(10, years, change_points=kind)
        settings = Settings.of(grid, engine())
        block = blocks_of(study, settings.engine)[0]
        path = folder / f"changes-{name}.zarr"
        store.write(tasks._made(block), path)
        with store.Reader(path) as reader:
            signals = [
                reader.signal(entity.id, one)
                for entity in study.case.entities
                for one in reader.datasources(entity.id)
            ]
        bins = signals[0].values.size
        count = len(signals) * (bins // 288 if kind == "day" else bins)

        def everyone(settings: Settings = settings, signals: list[Signal] = signals) -> None:
            for one in signals:
                changes_of(one, settings)

        found[f"change_points_{name}_sample"] = spent(everyone, 2) / count
    return found


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
    _, merge_signal = line(after[100], after[20], (300, 60))
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
    question = Question(family, "", (), 0.95, 0.1)

    def ask() -> None:
        shutil.rmtree(question.path(out), ignore_errors=True)
        tasks.answer_question(question, str(out))

    _, combine_signal = line(combine[100], combine[20], (300, 60))
    return {
        "combine_signal": combine_signal,
        "block": max(combine[20] - combine_signal * 60, 0.0),
        "merge_signal": merge_signal,
        "claims": spent(ask, 2),
    }


def _cluster() -> dict[str, float]:
    """Measure handing out a task that does nothing."""
    count = 300
    with cluster.connected(None, 1) as client:
        client.submit(engine).result()
        begun = time.process_time()
        client.gather(client.map(_nothing, range(count), pure=False))
        handing = time.process_time() - begun
    return {"task": handing / count}


def _smallest(out: Path, model: dict[str, float]) -> dict[str, float]:
    """Measure the smallest sweep there is: starting the command and workers, and the report.

    What its few signals take by the rest of the model is not counted twice.
    """
    words = "from darkdays.cli.main import main; main()"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    subprocess.run(
        [
            *(sys.executable, "-c", words, "sweep", "--simulate", "--entities", "2"),
            *("--years", "0.1", "--workers", "2", "--out", str(out)),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seconds = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    within = 2 * model["block"] + 6 * model["judge_signal"]
    return {"start": seconds - within / 2, "start_processor": processor - within}


def _nothing(number: int) -> int:
    return number


def _sharing() -> dict[str, float]:
    """Measure how much longer two workers together compute than one alone, caches being shared."""
    spent_by = {}
    for workers in (1, 2):
        with scratch() as out:
            _, spent_by[workers], _ = timed(40, 0.5, workers, out)
    return {"sharing": max(spent_by[2] / spent_by[1], 1.0)}
