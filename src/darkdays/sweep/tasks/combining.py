"""A study put together from its batches: labels, corrected p-values, agreement, findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays.detect.outages.agreement import agreement
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.instrument import instrument_hours
from darkdays.detect.outages.outages import together
from darkdays.evidence.apart import apart
from darkdays.files.writing import rows_of
from darkdays.report.findings.findings import findings_of
from darkdays.report.findings.formats import written
from darkdays.report.findings.study import Study
from darkdays.sweep.plan.work import Batch, Family
from darkdays.sweep.tasks import parts, store
from darkdays.sweep.tasks.detecting import analyses_of
from darkdays.sweep.tasks.parts import Tables, columns

_SIGNAL: Final = ["entity", "datasource"]


@dataclass(frozen=True)
class Recorded:
    """What is left to say of a signal that was judged in another process."""

    entity: str
    datasource: str
    times: pd.DatetimeIndex


def combined(family: Family, out: Path) -> Tables:
    """Return the tables of a study, equal to those of its stages.

    Parameters
    ----------
    family
        The study and its batches, all of which are done.
    out
        Folder of the sweep.
    """
    pairs = family.settings.pairs
    folders = {pair: [one.path(out, pair) for one in family.batches] for pair in pairs}
    failures = failures_of(family.batches, out)
    signals = _judgeable(parts.load_all(folders[pairs[0]], "signals"), failures)
    signals = signals.sort_values(_SIGNAL[::-1], ignore_index=True)
    changes = parts.load_all([one.changes(out) for one in family.batches], "change-points")
    found = {
        "signals": signals,
        "failures": failures.sort_values(_SIGNAL[::-1], ignore_index=True),
        "change-points": _judgeable(changes, failures).sort_values(
            ["time", "datasource", "entity"], kind="stable", ignore_index=True
        ),
    }
    rows: dict[str, list[pd.DataFrame]] = {"outages": [], "agreement": [], "findings": []}
    # Controls are analysed once more, for the hours in which they fell.
    controls = {level: _controls(family, out, failures, level) for level in {a for a, _ in pairs}}
    for level, depth in pairs:
        setting = {"level": level, "min_depth": depth}
        here = {
            name: _judgeable(parts.load_all(folders[level, depth], name), failures).drop(
                columns=list(setting)
            )
            for name in ("outages", "stages", "steps", "agreement")
        }
        hours = instrument_hours(controls[level], family.controls, depth)
        outages = together(here["outages"], _judged(signals), level, family.controls, hours)
        outages = apart(family.case, outages)
        rows["outages"].append(outages.assign(**setting))
        donors = [one.id for one in family.case.donors]
        # A study is only compared with donors.
        shown = outages[~outages["entity"].isin(donors)].reset_index(drop=True)
        beside = _agreement(family, out, shown, here["agreement"], failures, level)
        rows["agreement"].append(beside.assign(**setting))
        findings = _findings(family, setting, shown, here)
        rows["findings"].append(findings)
    return {**found, **{name: parts.stacked(tables, name) for name, tables in rows.items()}}


def failures_of(batches: Iterable[Batch], out: Path) -> pd.DataFrame:
    """Return the signals of batches that could not be judged under some setting, each once."""
    folders = [
        path
        for one in batches
        for path in (*(one.path(out, pair) for pair in one.settings.pairs), one.changes(out))
    ]
    return parts.load_all(folders, "failures").drop_duplicates(_SIGNAL, ignore_index=True)


def _judgeable(table: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that are of signals which could be judged under every setting."""
    failed = pd.MultiIndex.from_frame(failures[_SIGNAL])
    return table[~pd.MultiIndex.from_frame(table[_SIGNAL]).isin(failed)].reset_index(drop=True)


def as_rows(findings: list[dict[str, Any]], setting: Mapping[str, float]) -> pd.DataFrame:
    """Return findings as a table: what is a number as a number, what is text or a time as text."""
    rows = []
    for one in findings:
        low, high = one["interval"]
        row: dict[str, Any] = {**setting, "id": one["id"], "unit": one["unit"]}
        for name, value in (("value", one["value"]), ("low", low), ("high", high)):
            text = "text" if name == "value" else f"text_{name}"
            is_text = isinstance(value, str)
            row |= {name: None if is_text else value, text: value if is_text else None}
        row |= {"confidence": one["level"], "n": one["n"]}
        row["witnesses"] = json.dumps(one["witnesses"], sort_keys=True, ensure_ascii=False)
        rows.append(row)
    table = pd.DataFrame(rows, columns=columns("findings"))
    numbers = dict.fromkeys(("value", "low", "high", "confidence"), "float64")
    return table.astype({**numbers, "n": "Int64"})


def _judged(signals: pd.DataFrame) -> list[Recorded]:
    assessed = signals[signals["assessed"]]
    return [
        Recorded(
            row.entity,
            row.datasource,
            pd.DatetimeIndex([row.first, row.last]).tz_localize(None),
        )
        for row in rows_of(assessed)
    ]


def _agreement(
    family: Family, out: Path, outages: pd.DataFrame, sides: pd.DataFrame,
    failures: pd.DataFrame, level: float,
) -> pd.DataFrame:  # fmt: skip
    """Return the datasources side by side; anew where some outages or signals are set aside."""
    believed = trusted(outages)
    kept = believed.groupby("entity").size()
    of = outages.groupby("entity").size().reindex(kept.index)
    whole = set(kept.index[kept == of]) - set(failures["entity"])
    tables = [sides[sides["entity"].isin(whole)]]
    for entity in sorted(set(kept.index) - whole):
        mine = outages[outages["entity"] == entity]
        failed = failures.loc[failures["entity"] == entity, "datasource"]
        tables.append(agreement(mine, _analyses(family, out, entity, failed, level)))
    found = pd.concat([one for one in tables if len(one)] or [sides.iloc[:0]], ignore_index=True)
    return found.sort_values("entity", kind="stable", ignore_index=True)


def _analyses(
    family: Family, out: Path, entity: str, failed: Iterable[str], level: float
) -> list[Any]:
    batch = next(one for one in family.batches if entity in one.entities)
    with store.Reader(out / batch.signals) as reader:
        names = [one for one in reader.datasources(entity) if one not in set(failed)]
        return analyses_of(entity, names, reader.signal, batch.time_zone, level)


def _controls(family: Family, out: Path, failures: pd.DataFrame, level: float) -> list[Any]:
    """Analyse the controls of all batches."""
    found = []
    for entity in sorted({one for batch in family.batches for one in batch.entities}):
        if entity in family.controls:
            failed = failures.loc[failures["entity"] == entity, "datasource"]
            found += _analyses(family, out, entity, failed, level)
    return found


def _findings(
    family: Family, setting: Mapping[str, float], outages: pd.DataFrame,
    here: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:  # fmt: skip
    believed = _numbered(outages)
    stages = _of_outages(here["stages"], believed, "start")
    steps = _of_outages(here["steps"], believed, "time")
    study = Study(
        case=family.case.model_copy(update={"claims": ()}),
        level=setting["level"],
        min_depth=setting["min_depth"],
        verdicts=[],
        outages=outages,
        stages=stages,
        steps=steps,
    )
    return as_rows(findings_of(study), setting)


def _numbered(outages: pd.DataFrame) -> pd.DataFrame:
    """Return the outages that may become findings, each with its number within its signal."""
    numbers = outages.groupby(_SIGNAL, sort=False).cumcount()
    return trusted(outages.assign(outage=numbers))[[*_SIGNAL, "outage"]]


def _of_outages(table: pd.DataFrame, believed: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the rows of outages that may become findings, in the order of the stages."""
    mine = table.merge(believed, on=[*_SIGNAL, "outage"], how="inner")
    order = [by, "datasource", "entity"]
    return mine.sort_values(order, kind="stable", ignore_index=True).drop(columns="outage")


def verdict_rows(verdicts: list[Any], setting: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """Return what claims came to, a row each."""
    for one in verdicts:
        yield {
            **setting,
            **written(one.claim, "claim=id statement"),
            **written(one.judgement, "verdict because"),
            **written(one, "holds of"),
        }
