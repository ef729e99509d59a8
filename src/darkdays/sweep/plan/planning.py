"""What a sweep would take, before anything starts: from a cost model that was measured once.

``benchmarks/sweep.py`` measures the model and stores it in ``cost_model.json`` beside this file.
Times are processor time of the machine it was measured on; they are scaled by how fast this one is
at a reference (:mod:`darkdays.sweep.plan.machine_speed`).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.contracts.datasources import DATASOURCES
from darkdays.detect.changepoints.changes import SHORT
from darkdays.fetch.fetch import held
from darkdays.fetch.plan import plan_of as requests_of
from darkdays.files.packaged import text_of
from darkdays.simulate.sweeps import INSTRUMENTS
from darkdays.sweep.plan import machine_speed
from darkdays.sweep.plan.blocks import BATCH, blocks_of
from darkdays.sweep.plan.cluster import cores
from darkdays.sweep.plan.grid import Grid
from darkdays.sweep.plan.rehearsal import STEP
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.plan.work import Block

SECONDS_A_REQUEST: Final = 2.0
"""Assumed, because nobody is asked to find out: one request at a time goes to a service."""
_YEAR: Final = pd.Timedelta(days=365.25)


@dataclass(frozen=True)
class Plan:
    """What a sweep would take.

    Attributes
    ----------
    studies, entities, signals, samples
        What there is to do; entities that only a reply will name are not counted.
    tasks
        By kind.
    requests
        By service, those known beforehand, without those a snapshot answers.
    reply_bytes
        Of IODA's replies, uncompressed; what other services send is not known.
    stored_bytes
        Of signals on disk.
    worker_bytes
        Most memory of one worker.
    workers
        At work at once.
    pace
        How many times as long this machine takes as the model's.
    cpu_hours, hours
        Processor time of the command and its workers, and time until the report, without fetching.
    fetch_hours
        At :data:`SECONDS_A_REQUEST` each, services side by side.
    place_years
        Places times years.
    """

    studies: int
    entities: int
    signals: int
    samples: int
    tasks: dict[str, int]
    requests: dict[str, int]
    reply_bytes: float
    stored_bytes: float
    worker_bytes: float
    workers: int
    pace: float
    cpu_hours: float
    hours: float
    fetch_hours: float
    place_years: float

    def document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return asdict(self)


def model() -> dict[str, float]:
    """Return the stored cost model: seconds, bytes, and what one process takes."""
    text = text_of("sweep/plan/cost_model.json")
    stated: dict[str, float] = json.loads(text)["costs"]
    return stated


def plan_of(
    grid: Grid, studies: Sequence[Study], workers: int | None = None, speed: float | None = None,
    *, fresh: bool = False,
) -> Plan:  # fmt: skip
    """Return what a sweep would take.

    Parameters
    ----------
    grid, studies
        The sweep.
    workers
        At work at once; one a processor of this machine if not given.
    speed
        How many times as long this machine takes as the model's; measured now if not given.
    fresh
        Whether everything is asked again.
    """
    costs = model()
    at_work = workers or cores()
    slower = machine_speed.seconds() / costs["reference"] if speed is None else speed
    settings = len(grid.parameters.level) * len(grid.parameters.min_depth)
    tasks: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    spent = 0.0
    samples = signals = entities = most = 0
    replies = 0
    for study in studies:
        blocks = blocks_of(study, "")
        tasks["studies"] += 1
        claims = bool(study.case.claims or study.case.studies)
        tasks["claims"] += settings * claims
        for block in blocks:
            shapes = list(_shapes(block.case, made_up=bool(block.numbers)))
            here = sum(count * bins for count, bins in shapes)
            tasks["signals"] += 1
            tasks["entities"] += math.ceil(len(block.case.measured) / BATCH)
            entities += len(block.case.measured)
            signals += sum(count for count, _ in shapes)
            samples += here
            most = max(most, here)
            spent += _seconds(block, shapes, costs, settings, grid.change_points, claims=claims)
            asked = _requests(block, fresh=fresh)
            requests.update(asked)
            replies += _from_ioda(block.case) if asked.get("ioda") else 0
    spent += sum(tasks.values()) * costs["task"]
    merging = signals * settings * costs["merge_signal"]
    # Several workers share caches and memory: they take longer than one of them alone.
    shared = 1.0 if at_work == 1 else costs["sharing"]
    years = sum(
        (study.case.window.end - study.case.window.start) / _YEAR.to_pytimedelta()
        for study in studies
    )
    return Plan(
        studies=len(studies),
        entities=entities,
        signals=signals,
        samples=samples,
        tasks=dict(tasks),
        requests=dict(sorted(requests.items())),
        reply_bytes=replies * costs["reply_sample_bytes"],
        stored_bytes=samples * costs["stored_sample_bytes"],
        worker_bytes=costs["worker_bytes"] + most * costs["block_sample_bytes"],
        workers=at_work,
        pace=slower,
        cpu_hours=slower * (costs["start_processor"] + spent * shared + merging) / 3600,
        hours=slower * (costs["start"] + spent * shared / at_work + merging) / 3600,
        fetch_hours=max(requests.values(), default=0) * SECONDS_A_REQUEST / 3600,
        place_years=years,
    )


def sentences(plan: Plan) -> Iterator[str]:
    """Say what a sweep would take."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in plan.tasks.items() if count)
    yield (
        f"{plan.studies:,} studies of {plan.entities:,} entities: {plan.signals:,} signals, "
        f"{plan.samples / 1e6:,.1f} million samples."
    )
    yield f"Tasks: {kinds}; {sum(plan.tasks.values()):,} in all."
    if plan.requests:
        asked = ", ".join(f"{count:,} to {name}" for name, count in plan.requests.items())
        yield (
            f"Requests: {asked}, known beforehand; {plan.reply_bytes / 2**30:.2f} GiB from IODA, "
            f"{plan.fetch_hours:.2f} h at an assumed {SECONDS_A_REQUEST:g} s each, services side "
            "by side. What other services send is not known."
        )
    else:
        yield "Requests: none."
    yield (
        f"Disk: {plan.stored_bytes / 2**30:.2f} GiB of signals. "
        f"Memory: {plan.worker_bytes / 2**20:,.0f} MiB a worker at most."
    )
    yield (
        f"Time: {plan.hours:.2f} h on {plan.workers} workers ({plan.cpu_hours:.2f} h of "
        f"processor), fetching apart. This machine takes {plan.pace:.2f} times as long as the "
        "model's."
    )
    if plan.place_years:
        yield (
            f"A place and year: {plan.cpu_hours * 3600 / plan.place_years:.3g} s of processor, "
            f"{plan.stored_bytes / 2**20 / plan.place_years:.3g} MiB on disk."
        )


def _shapes(case: Case, *, made_up: bool) -> Iterator[tuple[int, int]]:
    """Go through the datasources of a case: how many signals, and how many bins each."""
    length = pd.Timedelta(case.window.end - case.window.start)
    if made_up:
        yield from [(len(case.entities), math.ceil(length / STEP))] * len(INSTRUMENTS)
        return
    for signal in case.signals:
        stated = signal.options.get("step", "1D")
        known = DATASOURCES.get(signal.datasource)
        step = known.step if known is not None else pd.Timedelta(stated)
        yield len(case.measured), math.ceil(length / step)


def _from_ioda(case: Case) -> int:
    """Return how many bins a case asks IODA for."""
    pairs = zip(case.signals, _shapes(case, made_up=False), strict=True)
    return sum(
        count * bins for signal, (count, bins) in pairs if signal.datasource.startswith("ioda.")
    )


def _seconds(
    block: Block, shapes: list[tuple[int, int]], costs: dict[str, float], settings: int,
    change_points: str, *, claims: bool,
) -> float:  # fmt: skip
    """Return the processor time that a block and what follows from it take."""
    made_up = bool(block.numbers)
    total = costs["block"]
    for count, bins in shapes:
        samples = count * bins
        total += samples * costs["make_sample" if made_up else "parse_sample"]
        total += samples * costs["store_sample"] + count * costs["store_signal"]
        total += samples * costs["judge_sample"] + count * costs["judge_signal"]
        total += (settings - 1) * count * costs["setting_signal"]
        total += count * _change_points(bins, change_points, costs)
        total += settings * count * costs["combine_signal"]
        if claims:
            total += settings * samples * costs["judge_sample"]
    return total + settings * costs["claims"] * claims


def _change_points(bins: int, kind: str, costs: dict[str, float]) -> float:
    if kind == "none":
        return 0.0
    days = max(bins // 288, 1)
    native = kind == "native" or (kind == "auto" and bins <= SHORT)
    count = bins if native else days
    if count <= SHORT:
        return count * costs["change_points_short_sample"]
    return count * costs["change_points_long_sample"]


def _requests(block: Block, *, fresh: bool) -> dict[str, int]:
    """Return how many requests a block would begin with, by service."""
    if block.numbers:
        return {}
    asked = requests_of(block.case)({}) if fresh else held(block.case).missing
    return dict(Counter(one.service for one in asked))
