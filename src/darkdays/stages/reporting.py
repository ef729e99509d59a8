"""The fourth stage: findings, figures and the report, as a draft."""

from __future__ import annotations

from darkdays.case import case as cases
from darkdays.report.findings.findings import findings_document
from darkdays.report.findings.study import Study
from darkdays.report.version.build import write_draft
from darkdays.report.version.draft import Draft
from darkdays.report.version.inputs_copy import carried
from darkdays.report.version.sources import sources_of
from darkdays.stages.correlating import stored_correlation
from darkdays.stages.pictures import pictures
from darkdays.stages.products import Correlated


def report(case: str = "iran-2019", run: str = "") -> Draft:
    """Write findings, figures and the report of a run into its folder, as a draft.

    The command line gives the draft its version and puts it into ``reports/``.
    """
    correlated = stored_correlation(case, run)
    study = study_of(correlated)  # first: what it asks of the detection, figures show as well
    drawn = pictures(correlated)  # while findings are written
    fetched = correlated.detected.fetched
    findings = findings_document(study)
    return write_draft(
        folder=fetched.folder / "report",
        study=study,
        findings=findings,
        pictures=drawn(),
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
        accounts=fetched.accounts,
        simulated=fetched.simulated,
        sites=detected.sites,
        tables=fetched.tables,
        bounds=correlated.bounds,
    )
