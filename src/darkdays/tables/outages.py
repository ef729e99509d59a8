"""Tables for people: names instead of identifiers, times as one says them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.case.case import Case
from darkdays.claims import Verdict
from darkdays.contracts.moments import bounds, when
from darkdays.contracts.outages import ended
from darkdays.contracts.signals import each
from darkdays.detect.outages.analysis import Analysis
from darkdays.detect.outages.controls import OUTAGE
from darkdays.detect.outages.recurrence import in_words, recurring
from darkdays.evidence.explanations import Explained
from darkdays.files.writing import rows_of
from darkdays.studies import Results


def signal_table(case: Case, analyses: Iterable[Analysis]) -> pd.DataFrame:
    """Return what was judged: bins, normal level, and whether it is large enough to size."""
    rows = [
        (
            case.name_of(one.entity),
            one.datasource,
            one.values.size,
            round(one.baseline),
            "yes" if one.sizable else "dates only",
        )
        for one in analyses
    ]
    columns = ["network", "datasource", "bins measured", "normal level", "can be sized"]
    return pd.DataFrame(rows, columns=columns)


def steepest_fall(tree: xr.DataTree) -> pd.DataFrame:
    """Return the measured values around the steepest fall of any signal, as an example."""
    steepest, rows = 0.0, []
    for one in each(tree):
        times, values = one.observed()
        if values.size < 2 or values.max() == 0:
            continue
        falls = (values[:-1] - values[1:]) / values.max()
        place = int(np.argmax(falls))
        if falls[place] > steepest:
            steepest = float(falls[place])
            around = slice(max(place - 2, 0), place + 4)
            rows = [
                (one.entity, one.datasource, when(time), value)
                for time, value in zip(times[around], values[around], strict=True)
            ]
    return pd.DataFrame(rows, columns=["entity", "datasource", "bin (UTC)", "value"])


def outage_table(case: Case, outages: pd.DataFrame) -> pd.DataFrame:
    """Return outages with their bounds (UTC), the share lost and the p-value.

    What comes at the same hours again is said first, on the clock of the place, and then all the
    outages one by one.
    """
    rows = [
        (
            f"{case.name_of(pattern.entity)}, {pattern.datasource}",
            _within(in_words(pattern), f"{pattern.clock_start_low} to {pattern.clock_start_high}"),
            _within(
                f"{pattern.clock_end} {pattern.time_zone}",
                f"{pattern.clock_end_low} to {pattern.clock_end_high}",
            ),
            "",
            "not sized" if pd.isna(pattern.depth) else f"{pattern.depth:.0%}",
            "again and again",
            f"{pattern.p:.1g}",
        )
        for pattern in rows_of(recurring(outages, time_zone=case.time_zone))
    ]
    rows += [
        (
            f"{case.name_of(one.entity)}, {one.datasource}",
            _within(when(one.onset), bounds((one.onset_low, one.onset_high))),
            _within(when(one.end), bounds((one.end_low, one.end_high))),
            _hours(one),
            "not sized"
            if pd.isna(one.depth)
            else f"{one.depth:.0%} ({one.depth_low:.0%} to {one.depth_high:.0%})",
            one.kind if one.label == OUTAGE else one.label,
            f"{one.p:.1g}",
        )
        for one in rows_of(ended(outages))
    ]
    columns = [
        "signal", "onset (bounds)", "recovery (bounds)", "hours", "lost (bounds)",
        "kind", "p",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _within(moment: str, between: str) -> str:
    return f"{moment} ({between})" if between else moment


def _hours(outage: Any) -> str:
    if pd.isna(outage.duration):
        return f"more than {outage.duration_low:.1f}"
    return f"{outage.duration:.1f}"


def agreement_table(case: Case, sides: pd.DataFrame) -> pd.DataFrame:
    """Return the datasources of each network side by side, with what they disagree about."""
    rows = [
        (
            case.name_of(one.entity),
            one.datasource,
            one.state,
            when(one.onset),
            when(one.recovery),
            "not sized" if pd.isna(one.depth) else f"{one.depth:.0%}",
            "" if pd.isna(one.later) else f"{one.later_low:.1f} to {one.later_high:.1f}",
            one.disagrees.replace(" ", ", "),
        )
        for one in rows_of(sides)
    ]
    columns = [
        "network", "datasource", "state", "onset", "recovery", "lost", "hours after the first",
        "disagrees about",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def stage_table(case: Case, stages: pd.DataFrame) -> pd.DataFrame:
    """Return the lasting stages of return (UTC) with the levels before and after."""
    rows = [
        (
            case.name_of(one.entity),
            one.datasource,
            _within(when(one.start), bounds((one.start_low, one.start_high))),
            when(one.end),
            f"{one.level_before:.0%}",
            f"{one.level_after:.0%}",
        )
        for one in rows_of(stages[stages["new_ground"] & stages["sustained"]])
    ]
    columns = ["network", "datasource", "from (bounds)", "until", "level before", "after"]
    return pd.DataFrame(rows, columns=columns)


def gap_table(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps of the instrument (UTC)."""
    rows = [
        (one.datasource, one.label, when(one.start), when(one.end), one.bins, one.entities)
        for one in rows_of(gaps)
    ]
    return pd.DataFrame(rows, columns=["datasource", "label", "from", "until", "bins", "entities"])


def short_table(case: Case, short: pd.DataFrame) -> pd.DataFrame:
    """Return short events of unexplained cause (UTC)."""
    rows = [
        (
            _within(when(one.start), bounds((one.start_low, one.start_high))),
            when(one.end),
            ", ".join(map(case.name_of, one.entities.split())),
            one.datasources.replace(" ", ", "),
            one.falling,
        )
        for one in rows_of(short)
    ]
    columns = ["from (bounds)", "until", "entities", "datasources", "signals falling"]
    return pd.DataFrame(rows, columns=columns)


def verdict_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return the verdicts, in how many specifications each is the same, and why."""
    rows = [
        (
            one.claim.statement,
            one.judgement.verdict,
            f"{one.holds} of {one.of}",
            one.judgement.because,
        )
        for one in verdicts
    ]
    return pd.DataFrame(rows, columns=["claim", "verdict", "same verdict in", "because"])


def number_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return the numbers the verdicts rest on, with their bounds."""
    rows = [
        (one.claim.id, number.name, number.value, number.low, number.high, number.unit)
        for one in verdicts
        for number in one.judgement.numbers
    ]
    columns = ["claim", "number", "value", "low", "high", "unit"]
    return pd.DataFrame(rows, columns=columns).round({"value": 2, "low": 2, "high": 2})


def rival_table(explained: Explained | None) -> pd.DataFrame:
    """Return what each known feature weighs for a shutdown against each rival (logarithms)."""
    if explained is None:
        return pd.DataFrame(columns=["feature", "value", "basis"])
    table = explained.weighing.table
    return (
        table[table["value"] != ""]
        .drop(columns=["incidents", "reason"])
        .round(2)
        .reset_index(drop=True)
    )


def list_table(results: Results) -> pd.DataFrame:
    """Return what studies of lists counted: every number, of how many, and its bounds."""
    rows = [
        (one.id, one.value, one.unit, one.count, one.n, one.low, one.high)
        for one in results.findings
    ]
    columns = ["finding", "value", "unit", "count", "of", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).round({"value": 4, "low": 4, "high": 4})
    return table.astype({"count": "Int64", "of": "Int64"})
