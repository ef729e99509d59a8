"""The fourth stage: findings, figures and the report, as a draft."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from darkdays import figures
from darkdays.case import case as cases
from darkdays.report.findings.findings import findings_document
from darkdays.report.findings.study import Study
from darkdays.report.version.build import write_draft
from darkdays.report.version.draft import Draft
from darkdays.report.version.inputs_copy import carried
from darkdays.report.version.sources import sources_of
from darkdays.stages.correlating import stored_correlation
from darkdays.stages.products import Correlated, Fetched


def report(case: str = "iran-2019", run: str = "") -> Draft:
    """Write findings, figures and the report of a run into its folder, as a draft.

    The command line gives the draft its version and puts it into ``reports/``.
    """
    correlated = stored_correlation(case, run)
    study = study_of(correlated)
    fetched = correlated.detected.fetched
    return write_draft(
        folder=fetched.folder / "report",
        study=study,
        findings=findings_document(study),
        plots=plots(correlated),
        events=fetched.events,
        order=correlated.order,
        inputs=fetched.inputs,
        sources=sources_of(
            fetched.case, fetched.origins, fetched.signals, fetched.inputs, fetched.tables
        ),
        carried=carried(cases.path_of(case), fetched.inputs),
    )


def study_of(correlated: Correlated) -> Study:
    """Return everything a report is written from."""
    detected = correlated.detected
    fetched = detected.fetched
    return Study(
        case=fetched.case,
        level=detected.level,
        min_depth=detected.min_depth,
        verdicts=correlated.verdicts,
        outages=detected.shown,
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
        simulated=fetched.simulated,
        sites=detected.sites,
        tables=fetched.tables,
        bounds=correlated.bounds,
    )


def plots(correlated: Correlated) -> Iterator[figures.Plot]:
    """Draw every figure of a report, one after the other."""
    simulated = correlated.detected.fetched.simulated
    return map(figures.stamped, _plots(correlated)) if simulated else _plots(correlated)


def _plots(correlated: Correlated) -> Iterator[figures.Plot]:
    detected = correlated.detected
    fetched = detected.fetched
    yield from figures.of_lists(correlated.results.tables)
    if len(detected.sites.observed):
        yield figures.blocking_states(detected.sites)
    if speeds := figures.speed_records(fetched.case, fetched.tables):
        yield figures.speed_quantiles(speeds)
    if (shares := figures.address_shares(fetched.case, fetched.signals)) is not None:
        yield shares
    if fetched.case.signals:
        told = [one.id for one in (*fetched.case.entities, *fetched.case.controls)]
        analyses = [one for one in detected.analyses if one.entity in told]
        outages = detected.outages[detected.outages["entity"].isin(told)]
        yield figures.timeline(fetched.case, analyses, outages, detected.gaps, fetched.events)
        yield figures.onset_times(fetched.case, outages, detected.steps)
        yield figures.recovery(fetched.case, analyses, detected.stages)
        yield from figures.comparisons(
            fetched.case, detected.shown, detected.agreement, correlated.bounds
        )
        yield from figures.of_verdicts(correlated.verdicts)
    counts = _counts(fetched)
    if len(counts):
        yield figures.measurement_counts(counts)


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
