"""The study in four functions, fetch, detect, correlate, report: each hands on by the run folder.

This is the one place where the parts below are put together; notebooks and the command line call
it. A stage whose product is missing, or was made from other inputs, makes sure of it first, with
the default settings, so that any notebook can be opened and run on its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xarray as xr

from darkdays import case as cases
from darkdays import claims, figures, files, paths, signals
from darkdays.case import Case
from darkdays.case_studies import StudyClaim
from darkdays.collect import lists_of
from darkdays.correlate.order import first_onsets, onset_order
from darkdays.detect.analysis import Analysis
from darkdays.detect.controls import trusted
from darkdays.detect.descent import descents
from darkdays.detect.excursions import short_events
from darkdays.detect.instrument import instrument_gaps
from darkdays.detect.outages import TIMES, analyse_all, outages_of, prepare_all
from darkdays.detect.recovery import recovery_stages
from darkdays.evidence import Evidence, grid, specifications
from darkdays.explanations import explain
from darkdays.inputs import Inputs, read_inputs
from darkdays.products import Correlated, Detected, Fetched
from darkdays.report.build import Draft, write_draft
from darkdays.report.findings import Study, findings_document
from darkdays.report.provenance import code_digest
from darkdays.studies import Results, study_lists
from darkdays.studies.results import load as load_results
from darkdays.studies.results import save as save_results

LEVEL: Final = 0.95
MIN_DEPTH: Final = 0.10
DETECTOR: Final = 2
"""Goes up when outages of the same signals may come out differently."""
_STAGE_TIMES: Final = ("start", "start_low", "start_high", "end")


def fetch(case: str = "iran-2019", run: str = "", snapshot: str = "") -> Fetched:
    """Read everything a case needs into the run folder.

    Parameters
    ----------
    case
        Name of a shipped case, or the path of a case file.
    run
        Run folder; ``runs/<case>/work`` if empty.
    snapshot
        Id of the snapshot to read services' replies from; embedded data only if empty.

    Raises
    ------
    InputError
        If the case is not valid or data it names are not there.
    """
    study = cases.load(case)
    folder = _folder(study, run)
    inputs = read_inputs(study, snapshot)
    signals.save(inputs.signals, folder / "signals.nc")
    files.write_text(folder / "events.csv", files.csv_text(inputs.events))
    for name, table in inputs.tables.items():
        files.write_text(folder / "tables" / f"{name}.csv", files.csv_text(table))
    files.write_text(folder / "inputs.json", files.json_text(inputs.digests))
    return _as_fetched(study, folder, inputs, inputs.signals)


def detect(
    case: str = "iran-2019", run: str = "", level: float = LEVEL, min_depth: float = MIN_DEPTH
) -> Detected:
    """Find the outages of every signal, under the chosen settings and the ones around them.

    Parameters
    ----------
    case, run
        As for :func:`fetch`.
    level
        Confidence of intervals and tests.
    min_depth
        Least share of the normal level that has to be gone.
    """
    fetched = _fetched(case, run)
    prepared, not_assessed = prepare_all(fetched.signals, fetched.case.time_zone)
    controls = _controls(fetched)
    settings = grid(level, min_depth)
    by_level = {one: analyse_all(prepared, one) for one in sorted({pair[0] for pair in settings})}
    every: dict[str, list[pd.DataFrame]] = {"outages": [], "stages": []}
    for one_level, one_depth in settings:
        found = outages_of(by_level[one_level], min_depth=one_depth, controls=controls)
        stages = recovery_stages(by_level[one_level], trusted(found))
        every["outages"].append(found.assign(level=one_level, min_depth=one_depth))
        every["stages"].append(stages.assign(level=one_level, min_depth=one_depth))
    for name, tables in every.items():
        table = pd.concat(tables, ignore_index=True)
        files.write_text(fetched.folder / f"{name}.csv", files.csv_text(table))
    frozen = {"level": level, "min_depth": min_depth, **_what_was_judged(fetched)}
    files.write_text(fetched.folder / "detector.json", files.json_text(frozen))
    return _detected(fetched, by_level[level], not_assessed, level, min_depth)


def correlate(case: str = "iran-2019", run: str = "") -> Correlated:
    """Hold the outages against the events, and bring every claim to a verdict."""
    detected = _stored_detection(case, run)
    case_file, folder = detected.fetched.case, detected.fetched.folder
    outages = files.read_table(folder / "outages.csv", TIMES)
    stages = files.read_table(folder / "stages.csv", _STAGE_TIMES)
    datasources = sorted({one.datasource for one in detected.analyses})
    evidence = []
    for one in specifications(detected.level, detected.min_depth, datasources):
        mine, theirs = (
            table[
                (table["level"] == one.level)
                & (table["min_depth"] == one.min_depth)
                & table["datasource"].isin(one.datasources)
            ]
            for table in (outages, stages)
        )
        measured = frozenset(
            analysis.entity
            for analysis in detected.analyses
            if analysis.datasource in one.datasources
        )
        evidence.append(
            Evidence(
                case_file, one, mine, theirs, detected.fetched.events, detected.record, measured
            )
        )
    results = _studied(detected.fetched)
    verdicts = [
        claims.decide_figure(claim, results.by_id, _unread_lists(detected.fetched))
        if isinstance(claim, StudyClaim)
        else claims.decide(claim, evidence)
        for claim in case_file.claims
    ]
    order = onset_order(first_onsets(trusted(detected.outages)))
    files.write_text(folder / "order.csv", files.csv_text(order))
    record = (detected.record[0], detected.record[1])
    explained = explain(case_file, trusted(detected.outages), detected.analyses, record)
    return Correlated(detected, verdicts, order, results, explained)


def report(case: str = "iran-2019", run: str = "") -> Draft:
    """Write findings, figures and the report of a run into its folder, as a draft.

    The command line gives the draft its version and puts it into ``reports/``.
    """
    correlated = correlate(case, run)
    detected = correlated.detected
    fetched = detected.fetched
    study = Study(
        case=fetched.case,
        level=detected.level,
        min_depth=detected.min_depth,
        verdicts=correlated.verdicts,
        outages=detected.outages,
        stages=detected.stages,
        steps=detected.steps,
        gaps=detected.gaps,
        short=detected.short,
        shifts=detected.shifts,
        recurring=detected.recurring,
        agreement=detected.agreement,
        not_assessed=detected.not_assessed,
        assessed=len(detected.analyses),
        results=correlated.results,
        explained=correlated.explained,
        unread=fetched.unread,
        simulated=any(
            node.attrs.get("simulated", False) for node in fetched.signals.children.values()
        ),
    )
    return write_draft(
        folder=fetched.folder / "report",
        study=study,
        findings=findings_document(study),
        plots=plots(correlated),
        events=fetched.events,
        order=correlated.order,
        inputs=fetched.inputs,
    )


def plots(correlated: Correlated) -> list[figures.Plot]:
    """Draw every figure of a report."""
    detected = correlated.detected
    fetched = detected.fetched
    drawn = figures.of_lists(correlated.results.tables)
    if fetched.case.signals:
        drawn += [
            figures.timeline(
                fetched.case, detected.analyses, detected.outages, detected.gaps, fetched.events
            ),
            figures.onset_times(fetched.case, detected.outages, detected.steps),
            figures.recovery(fetched.case, detected.analyses, detected.stages),
        ]
    counts = _counts(fetched)
    return [*drawn, figures.measurement_counts(counts)] if len(counts) else drawn


def _folder(case: Case, run: str) -> Path:
    return Path(run) if run else paths.runs() / case.name / "work"


def _as_fetched(study: Case, folder: Path, inputs: Inputs, tree: xr.DataTree) -> Fetched:
    return Fetched(
        case=study,
        folder=folder,
        signals=tree,
        events=inputs.events,
        lists=inputs.lists,
        inputs=inputs.digests,
        unread=inputs.unread,
        tables=inputs.tables,
    )


def _fetched(case: str, run: str) -> Fetched:
    """Return the fetched data of a run, fetching unless the folder holds those very inputs."""
    study = cases.load(case)
    folder = _folder(study, run)
    try:
        stored = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
        inputs = read_inputs(study, stored["snapshot"])
        if stored == inputs.digests:
            return _as_fetched(study, folder, inputs, signals.load(folder / "signals.nc"))
    except (OSError, ValueError, KeyError):
        pass
    return fetch(case, run)


def _stored_detection(case: str, run: str) -> Detected:
    fetched = _fetched(case, run)
    try:
        stored = json.loads((fetched.folder / "detector.json").read_text(encoding="utf-8"))
        level, min_depth = float(stored["level"]), float(stored["min_depth"])
        frozen = _what_was_judged(fetched).items() <= stored.items()
    except (OSError, ValueError, KeyError, AttributeError):
        return detect(case, run)
    if not frozen:
        return detect(case, run)
    prepared, not_assessed = prepare_all(fetched.signals, fetched.case.time_zone)
    return _detected(fetched, analyse_all(prepared, level), not_assessed, level, min_depth)


def _detected(
    fetched: Fetched,
    analyses: list[Analysis],
    not_assessed: list[str],
    level: float,
    min_depth: float,
) -> Detected:
    outages = outages_of(analyses, min_depth=min_depth, controls=_controls(fetched))
    believed = trusted(outages)
    return Detected(
        fetched=fetched,
        level=level,
        min_depth=min_depth,
        analyses=analyses,
        not_assessed=not_assessed,
        outages=outages,
        stages=recovery_stages(analyses, believed),
        steps=descents(analyses, believed),
        gaps=instrument_gaps(fetched.signals),
        short=short_events(analyses),
    )


def _studied(fetched: Fetched) -> Results:
    """Return what the studies of a case come to; of the same inputs only once."""
    made_from = files.sha256(files.json_text([fetched.inputs, code_digest()]).encode())
    path = fetched.folder / "studies.json"
    stored = load_results(path, made_from)
    if stored is not None:
        return stored
    found = study_lists(fetched.case, fetched.lists, list(signals.each(fetched.signals)))
    save_results(found, path, made_from)
    return found


def _unread_lists(fetched: Fetched) -> dict[str, str]:
    wanted = lists_of(fetched.case)
    return {name: reason for name, reason in fetched.unread.items() if name in wanted}


def _what_was_judged(fetched: Fetched) -> dict[str, Any]:
    """Return what a detection depends on besides its settings."""
    return {
        "detector": DETECTOR,
        "signals": signals.digest(fetched.signals),
        "time_zone": fetched.case.time_zone,
        "controls": sorted(_controls(fetched)),
    }


def _controls(fetched: Fetched) -> frozenset[str]:
    """Return the controls of a case; those that were not measured tell nothing."""
    return frozenset(control.id for control in fetched.case.controls)


def _counts(fetched: Fetched) -> pd.DataFrame:
    """Return OONI measurements per day and kind of network; empty where the case has none."""
    name = "ooni.measurement-count"
    if name not in fetched.signals.children:
        return pd.DataFrame()
    table = fetched.signals[name]["value"].to_series().rename("measurements").reset_index()
    kinds = table["entity"].map(lambda entity: fetched.case.network_of(str(entity)) or "other")
    counts = table.assign(network=kinds, day=table["time"].dt.strftime("%d %b"))
    return counts.pivot_table(
        index=["day", "network"], values="measurements", aggfunc="sum", sort=False
    ).reset_index()
