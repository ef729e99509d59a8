"""The second stage: find the outages, before an event is looked at."""

from __future__ import annotations

import sys
from typing import Final

import pandas as pd

from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.excursions import short_events
from darkdays.detect.outages.fall_steps import descents
from darkdays.detect.outages.instrument import instrument_gaps
from darkdays.detect.outages.lasting import LASTING
from darkdays.detect.outages.outages import analyse_all, outages_of, prepare_all
from darkdays.detect.outages.recovery import recovery_stages
from darkdays.evidence.apart import apart
from darkdays.evidence.evidence import grid
from darkdays.files import writing
from darkdays.stages.fetching import stored_fetch
from darkdays.stages.products import Detected, Fetched
from darkdays.stages.stored import store, stored, without

LEVEL: Final = 0.95
MIN_DEPTH: Final = 0.10


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
    fetched = stored_fetch(case, run)
    prepared, not_assessed = prepare_all(fetched.connectivity, fetched.case.time_zone)
    controls = _controls(fetched)
    settings = grid(level, min_depth)
    by_level = {one: analyse_all(prepared, one) for one in sorted({pair[0] for pair in settings})}
    every: dict[str, list[pd.DataFrame]] = {"outages": [], "stages": []}
    for one_level, one_depth in settings:
        found = outages_of(by_level[one_level], min_depth=one_depth, controls=controls)
        found = apart(fetched.case, found, fetched.events)
        stages = recovery_stages(by_level[one_level], _shown(fetched, found))
        every["outages"].append(found.assign(level=one_level, min_depth=one_depth))
        every["stages"].append(stages.assign(level=one_level, min_depth=one_depth))
        if (one_level, one_depth) == (level, min_depth):
            chosen = found, stages
    for name, tables in every.items():
        table = pd.concat(tables, ignore_index=True)
        writing.write_text(fetched.folder / f"{name}.csv", writing.csv_text(table))
    detected = _detected(fetched, by_level[level], not_assessed, level, min_depth, *chosen)
    store(fetched.folder, "detect", fetched.inputs, without(detected, "fetched"))
    return detected


def stored_detection(
    case: str, run: str, level: float | None = None, min_depth: float | None = None
) -> Detected:
    """Return the detection of a run, detecting anew unless it was made of those very inputs.

    Settings that are named have to be those of the run folder, else they are detected with anew;
    where none is named those found are taken, and told unless they are the usual ones.
    """
    fetched = stored_fetch(case, run)
    found = stored(fetched.folder, "detect", fetched.inputs)
    named = {"level": level, "min_depth": min_depth}
    asked = {name: value for name, value in named.items() if value is not None}
    if found is None or any(found[name] != value for name, value in asked.items()):
        return detect(case, run, **asked)
    detected = Detected(fetched=fetched, **found)
    if not asked and (detected.level, detected.min_depth) != (LEVEL, MIN_DEPTH):
        sys.stderr.write(
            f"found outages of level {detected.level:g} and least depth {detected.min_depth:g} in "
            f"the run folder, not of the usual {LEVEL:g} and {MIN_DEPTH:g}: name another run to "
            "judge anew\n"
        )
    return detected


def _detected(
    fetched: Fetched,
    analyses: list[Analysis],
    not_assessed: list[str],
    level: float,
    min_depth: float,
    outages: pd.DataFrame,
    stages: pd.DataFrame,
) -> Detected:
    believed = _shown(fetched, outages)
    lasts = outages["label"] == LASTING
    return Detected(
        fetched=fetched,
        level=level,
        min_depth=min_depth,
        analyses=analyses,
        not_assessed=not_assessed,
        outages=outages,
        stages=stages,
        steps=descents(analyses, outages[outages.index.isin(believed.index) | lasts]),
        gaps=instrument_gaps(fetched.connectivity),
        short=short_events(analyses),
    )


def _shown(fetched: Fetched, outages: pd.DataFrame) -> pd.DataFrame:
    """Return the outages to believe, without those of donors: nobody asks how these came back."""
    believed = trusted(outages)
    return believed[~believed["entity"].isin([donor.id for donor in fetched.case.donors])]


def _controls(fetched: Fetched) -> frozenset[str]:
    """Return the controls of a case; those that were not measured tell nothing."""
    return frozenset(control.id for control in fetched.case.controls)
