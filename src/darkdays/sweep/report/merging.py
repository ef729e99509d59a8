"""The results of a sweep as one dataset: a Parquet file a table, sorted, study by study."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from darkdays.detect.outages.controls import OUTAGE
from darkdays.detect.outages.family import CANDIDATE, corrected
from darkdays.sweep.plan.blocks import blocks_of
from darkdays.sweep.running.state import Standing
from darkdays.sweep.tasks import parts
from darkdays.sweep.tasks.tasks import truth_of_block

TABLES: Final = ("outages", "change-points", "findings", "agreement", "signals", "failures")


@dataclass(frozen=True)
class Written:
    """A table of the dataset: its rows, and the digest of its file."""

    rows: int
    sha256: str


def merge(studies: Iterable[Standing], out: Path) -> dict[str, Written]:
    """Write the tables of all studies into the folder of the sweep, and remove all others.

    Parameters
    ----------
    studies
        In order of their names, each put together or lost.
    out
        Folder of the sweep.

    Returns
    -------
    dict
        What was written, by the name of the table.
    """
    listed = [one for one in studies if one.family is not None]
    rates = _rates(listed, out)
    found = {name: _written(name, listed, out, rates) for name in TABLES}
    if any(one.questions for one in listed):
        found["verdicts"] = _written("verdicts", listed, out, rates)
    if any(one.study.made is not None for one in listed):
        found["truth"] = _written("truth", listed, out, rates)
    for name in parts.SCHEMAS:
        if name not in found:
            # Of a former grid, whose rows would pass for this one's.
            (out / f"{name}.parquet").unlink(missing_ok=True)
    return found


def table_of(one: Standing, name: str, out: Path) -> pd.DataFrame:
    """Return a table of a study; findings and verdicts are its stages', where it has claims."""
    assert one.family is not None
    if name == "truth":
        blocks = blocks_of(one.study, one.family.settings.engine)
        found = parts.stacked((truth_of_block(block) for block in blocks), name)
        return found.sort_values(["start", "entity"], kind="stable", ignore_index=True)
    if name == "verdicts":
        return parts.load_all((question.path(out) for question in one.questions), name)
    found = parts.load(one.family.path(out), name)
    if name == "failures":
        return pd.concat([found, pd.DataFrame(_losses(one))], ignore_index=True)
    if name != "findings":
        return found
    theirs = [parts.load(question.path(out), name) for question in one.questions]
    for question in one.questions:
        found = found.drop(parts.under(found, (question.level, question.min_depth)).index)
    return parts.stacked([found, *theirs], name)


def _written(
    name: str, studies: Iterable[Standing], out: Path, rates: Mapping[str, np.ndarray]
) -> Written:
    layout = parts.schema(name, parts.BEFORE, "q_sweep:f" if name == "outages" else "")
    path, rows = out / f"{name}.parquet", 0
    with parts.written(path, layout) as writer:
        for one in studies:
            table = table_of(one, name, out)
            if not len(table):
                continue
            table = table.assign(
                study=one.study.name, place=one.study.case.place, simulated=one.simulated
            )
            if name == "outages":
                table = table.assign(q_sweep=rates[one.study.name])
            writer.write_table(parts.as_arrow(table, layout))
            rows += len(table)
    return Written(rows, hashlib.sha256(path.read_bytes()).hexdigest())


def _rates(studies: list[Standing], out: Path) -> dict[str, np.ndarray]:
    """Return the p-values of every outage corrected over all signals of the sweep, by study.

    Benjamini & Yekutieli, as within a study; under each setting of the detector by itself.
    """
    slim, assessed = [], 0
    for one in studies:
        assert one.family is not None
        folder = one.family.path(out)
        table = parts.load(folder, "outages")
        signals = parts.load(folder, "signals")
        controls = set(one.family.controls)
        assessed += int((signals["assessed"] & ~signals["entity"].isin(controls)).sum())
        columns = ["level", "min_depth", "entity", "datasource", "p", "label"]
        mine = table[columns].assign(study=one.study.name)
        mine["entity"] = one.study.name + " " + mine["entity"]
        mine["label"] = mine["label"].where(mine["label"] != CANDIDATE, OUTAGE)
        slim.append(mine)
    everything = pd.concat(slim, ignore_index=True) if slim else pd.DataFrame()
    rates = np.full(len(everything), np.nan)
    if len(everything):
        for _, rows in everything.groupby(["level", "min_depth"], sort=True):
            level = float(rows["level"].iloc[0])
            rates[rows.index] = corrected(rows, assessed, level, OUTAGE)["q"]
    places = everything.groupby("study").indices if len(everything) else {}
    return {one.study.name: rates[places.get(one.study.name, [])] for one in studies}


def _losses(one: Standing) -> Iterator[dict[str, Any]]:
    for datasource, reason in sorted(one.unread.items()):
        yield {"entity": "", "datasource": datasource, "reason": f"not read: {reason}"}
    for reason in sorted(set(one.complaints)):
        yield {"entity": "", "datasource": "", "reason": f"not fetched: {reason}"}
    for reason in sorted(set(one.lost)):
        yield {"entity": "", "datasource": "", "reason": f"not finished: {reason}"}
