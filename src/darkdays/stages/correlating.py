"""The third stage: hold outages against events, and bring every claim to a verdict."""

from __future__ import annotations

from typing import Any, Final

from darkdays import claims
from darkdays.case.studies import StudyClaim
from darkdays.claims.records.records import JUDGED
from darkdays.contracts import signals
from darkdays.correlate.order import first_onsets, onset_order
from darkdays.detect.outages.controls import trusted
from darkdays.detect.outages.outages import TIMES
from darkdays.evidence.evidence import Evidence, specifications
from darkdays.evidence.explanations import explain
from darkdays.evidence.listed import TABLE, with_listed
from darkdays.fetch.plan import lists_of
from darkdays.files import writing
from darkdays.stages.bounding import with_bounds
from darkdays.stages.detecting import stored_detection
from darkdays.stages.products import Correlated, Detected, Fetched
from darkdays.stages.stored import mark, store, stored, without
from darkdays.studies import study_lists

_STAGE_TIMES: Final = ("start", "start_low", "start_high", "end")


def correlate(
    case: str = "iran-2019",
    run: str = "",
    level: float | None = None,
    min_depth: float | None = None,
) -> Correlated:
    """Hold the outages against the events, and bring every claim to a verdict.

    Parameters
    ----------
    case, run
        As for :func:`fetch`.
    level, min_depth
        As for :func:`detect`; unless said, those with which the outages in the run folder were
        found.
    """
    detected = stored_detection(case, run, level, min_depth)
    case_file, folder = detected.fetched.case, detected.fetched.folder
    outages = writing.read_table(folder / "outages.csv", TIMES)
    stages = writing.read_table(folder / "stages.csv", _STAGE_TIMES)
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
                case_file,
                one,
                mine,
                theirs,
                detected.fetched.events,
                detected.record,
                measured,
                tuple(each for each in detected.analyses if each.datasource in one.datasources),
                drivers=detected.fetched.drivers,
            )
        )
    evidence = with_bounds(evidence, detected)
    fetched = detected.fetched
    results = study_lists(fetched.case, fetched.lists, list(signals.each(fetched.signals)))
    records = claims.Records(
        case_file,
        detected.level,
        detected.fetched.signals,
        detected.fetched.tables,
        detected.sites.observed,
        detected.fetched.events,
    )
    tables = fetched.tables
    from_lists = with_listed(evidence, tables[TABLE]) if TABLE in tables else evidence
    only_listed = from_lists[0].measured - evidence[0].measured

    def decided(claim: Any) -> claims.Verdict:
        if isinstance(claim, StudyClaim):
            return claims.decide_figure(claim, results.by_id, _unread_lists(fetched))
        if isinstance(claim, JUDGED):
            return claims.decide_record(claim, records)
        if isinstance(claim, claims.LISTED) and claim.entity in only_listed:
            return claims.of_a_list(claims.decide(claim, from_lists))
        return claims.decide(claim, evidence)

    verdicts = [decided(claim) for claim in case_file.claims]
    partly = _read_in_part(fetched)
    verdicts = [claims.told(verdict, case_file, fetched.unread, partly) for verdict in verdicts]
    if detected.fetched.simulated:
        verdicts = [claims.withheld(verdict) for verdict in verdicts]
    listed = [entity.id for entity in case_file.entities]
    order = onset_order(first_onsets(trusted(detected.outages), listed))
    writing.write_text(folder / "order.csv", writing.csv_text(order))
    record = (detected.record[0], detected.record[1])
    explained = explain(
        case_file,
        detected.outages,
        detected.analyses,
        record,
        detected.fetched.events,
        detected.stages,
        detected.fetched.drivers,
    )
    correlated = Correlated(detected, verdicts, order, results, explained, evidence[0].bounds)
    store(folder, "correlate", _made_from(detected), without(correlated, "detected"))
    return correlated


def stored_correlation(case: str, run: str) -> Correlated:
    """Return the verdicts of a run, deciding anew unless they rest on its very detection."""
    detected = stored_detection(case, run)
    found = stored(detected.fetched.folder, "correlate", _made_from(detected))
    return correlate(case, run) if found is None else Correlated(detected, **found)


def _made_from(detected: Detected) -> list[Any]:
    return [detected.fetched.inputs, mark(detected.fetched.folder, "detect")]


def _read_in_part(fetched: Fetched) -> dict[str, set[str]]:
    """Return what was read and is not all there is, to the kinds of events it has."""
    events, sources = fetched.events, {one.source for one in fetched.case.events}
    return {
        # Without a row what it would have is not known, and protests are what cases ask for.
        name: (set(events.loc[events["origin"] == name, "kind"]) or {"protest"})
        if name in sources
        else set()
        for name in fetched.unread
        if name in fetched.origins
    }


def _unread_lists(fetched: Fetched) -> dict[str, str]:
    wanted = lists_of(fetched.case)
    return {name: reason for name, reason in fetched.unread.items() if name in wanted}
