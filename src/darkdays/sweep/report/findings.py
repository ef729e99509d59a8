"""What the report of a sweep states: numbers with bounds and witnesses, and whose data they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from darkdays.detect.outages.controls import trusted
from darkdays.fetch.plan import wanted_of
from darkdays.files.writing import rows_of
from darkdays.report.findings.formats import finding, rounded
from darkdays.sweep.plan.grid import Grid
from darkdays.sweep.plan.studies import Study
from darkdays.sweep.plan.work import Settings
from darkdays.sweep.report.merging import Written
from darkdays.sweep.report.overview import Watched, events_of, ranking, recall, watched
from darkdays.sweep.report.pairs import pairs
from darkdays.sweep.report.rhythms import PHASES, rhythm
from darkdays.sweep.running.state import Standing
from darkdays.sweep.tasks import parts

LEAST_DEPTHS: Final = 2.5
"""An outage that was put in should be found if it is this many times the least depth, or more."""
_CONFIDENCE: Final = 0.95
_IN_THE_PROJECT: Final = "see data/SOURCES.md"


@dataclass(frozen=True)
class Seen:
    """What a sweep found under its chosen settings, ready to be told.

    Attributes
    ----------
    settings
        Of the sweep; its first level and least depth are the chosen ones.
    outages, sides, signals, failures, verdicts
        Rows of the dataset, outages and sides under the chosen settings.
    by_setting
        A row a setting: outages, events and entities that had one.
    events, of
        See :mod:`darkdays.sweep.report.overview`.
    put_in
        What became of simulated outages; empty where nothing is simulated.
    names
        What people call an entity.
    studies, empty
        Their names; of those for which nothing was read.
    """

    settings: Settings
    outages: pd.DataFrame
    sides: pd.DataFrame
    signals: pd.DataFrame
    failures: pd.DataFrame
    verdicts: pd.DataFrame
    by_setting: pd.DataFrame
    events: pd.DataFrame
    of: Watched
    put_in: Mapping[str, float]
    names: Mapping[str, str]
    studies: tuple[str, ...]
    empty: tuple[str, ...]

    @property
    def simulated(self) -> bool:
        """Whether any of it is."""
        return bool(self.signals["simulated"].any())


def seen(studies: Iterable[Standing], settings: Settings, out: Path) -> Seen:
    """Read the dataset of a sweep, and return what it says."""
    listed = list(studies)
    zones = {one.study.name: one.study.case.time_zone for one in listed}
    chosen = settings.pairs[0]
    signals, sides = parts.dataset(out, "signals"), parts.dataset(out, "agreement")
    outages = trusted(parts.dataset(out, "outages"))
    truth = parts.dataset(out, "truth")
    events = events_of(parts.under(sides, chosen), zones)
    counted = [
        {
            "level": pair[0],
            "min_depth": pair[1],
            "outages": len(parts.under(outages, pair)),
            "events": len(there[["study", "entity", "event"]].drop_duplicates()),
            "entities": len(there[["place", "entity"]].drop_duplicates()),
        }
        for pair in settings.pairs
        for there in (parts.under(sides, pair),)
    ]
    return Seen(
        settings=settings,
        outages=parts.under(outages, chosen),
        sides=parts.under(sides, chosen),
        signals=signals,
        failures=parts.dataset(out, "failures"),
        verdicts=parts.dataset(out, "verdicts"),
        by_setting=pd.DataFrame(counted),
        events=events,
        of=watched(_own(signals, listed), zones),
        put_in=recall(events, truth, LEAST_DEPTHS * chosen[1]) if len(truth) else {},
        names={entity.id: entity.name for one in listed for entity in one.study.case.measured},
        studies=tuple(one.study.name for one in listed),
        empty=tuple(one.study.name for one in listed if one.is_empty),
    )


def _own(signals: pd.DataFrame, studies: Iterable[Standing]) -> pd.DataFrame:
    """Return the signals of what is studied, without those it is only held against."""
    beside = {
        (one.study.name, other.id)
        for one in studies
        for case in (one.study.case,)
        for other in (*case.controls, *case.neighbours, *case.donors)
    }
    pairs = zip(signals["study"], signals["entity"], strict=True)
    return signals[[pair not in beside for pair in pairs]] if beside else signals


def named(seen: Seen, by: str) -> pd.DataFrame:
    """Return the ranking of entities or places with what people call them."""
    table = ranking(seen.events, seen.of, by)
    if by == "place":
        return table.assign(name=table["place"])
    return table.assign(name=[seen.names.get(one, one) for one in table["entity"]])


def findings_of(seen: Seen) -> list[dict[str, Any]]:
    """Return every number of the report, in order of their ids."""
    return sorted(_findings(seen), key=lambda one: str(one["id"]))


def _findings(seen: Seen) -> Iterator[dict[str, Any]]:
    level = seen.settings.levels[0]
    judged = int(seen.signals["assessed"].sum())

    def count(name: str, value: float, unit: str, n: int | None, **witnesses: Any) -> Any:
        return finding(f"sweep.{name}", rounded(value), unit, (None, None), None, n, **witnesses)

    yield count("studies-empty", len(seen.empty), "studies", len(seen.studies))
    yield count("signals-judged", judged, "signals", len(seen.signals))
    yield count("signals-failed", int((seen.failures["entity"] != "").sum()), "signals", None)
    yield count("entity-years", seen.of.years, "years", len(seen.of.table))
    also = int((seen.outages["q_sweep"] <= 1 - level).sum())
    yield count(
        "outages", len(seen.outages), "outages", judged, significant_over_the_whole_sweep=also
    )
    dated = int(seen.events["onset"].notna().sum())
    yield count("events", len(seen.events), "events", len(seen.of.table), onset_seen=dated)
    years = max(seen.of.years, 1e-9)
    yield count("events-a-year", len(seen.events) / years, "events an entity and year", dated)
    hours = seen.events["hours"]
    yield count("median-hours", hours.median(), "h", int(hours.notna().sum()))
    for row in rows_of(named(seen, "place")):
        yield count(
            f"place.{row.place}.events-a-year", row.events_a_year, "events an entity and year",
            int(row.events), entities=int(row.entities), hours_a_year=rounded(row.hours_a_year),
        )  # fmt: skip
    for unit in PHASES:
        for row in rows_of(rhythm(seen.events, seen.of, unit)):
            bounds = (rounded(row.low), rounded(row.high))
            yield finding(
                f"sweep.{unit}.{row.phase}", rounded(row.ratio), "rate over that at all times",
                bounds, _CONFIDENCE, int(row.onsets), years=rounded(row.years),
            )  # fmt: skip
    for row in rows_of(pairs(seen.sides)):
        bounds = (rounded(row.low), rounded(row.high))
        yield finding(
            f"sweep.seen-too.{row.first}.{row.second}", rounded(row.share), "share of events",
            bounds, _CONFIDENCE, int(row.events), median_hours_later=rounded(row.hours_later),
        )  # fmt: skip
    if seen.put_in:
        found, put_in = int(seen.put_in["found"]), int(seen.put_in["put_in"])
        yield count("simulated.found", found / put_in if put_in else float("nan"), "share", put_in)
        yield count("simulated.false-events", int(seen.put_in["false"]), "events", len(seen.events))


def document_of(grid: Grid, seen: Seen, written: Mapping[str, Written]) -> dict[str, Any]:
    """Return the document stored as ``findings.json``, without its version."""
    failed = seen.failures
    return {
        "schema": 1,
        "kind": "sweep",
        "case": grid.name,
        "title": grid.title,
        "simulated": seen.simulated,
        "parameters": {
            "level": list(seen.settings.levels),
            "min_depth": list(seen.settings.min_depths),
            "change_points": seen.settings.change_points,
        },
        "studies": len(seen.studies),
        "empty": sorted(seen.empty),
        "signals_assessed": int(seen.signals["assessed"].sum()),
        "signals_not_assessed": sorted(
            f"{row.study} {row.datasource} {row.entity}: {row.reason}"
            for row in rows_of(failed[failed["entity"] != ""])
        ),
        "not_read": sorted(
            f"{row.study} {row.datasource}: {row.reason}".replace(" : ", ": ")
            for row in rows_of(failed[failed["entity"] == ""])
        ),
        "claims": _claims(seen),
        "findings": findings_of(seen),
        "outages": {
            name: {"rows": one.rows, "sha256": one.sha256} for name, one in written.items()
        },
    }


def sources_of(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """Return every source measured studies are read from, in the order of its names.

    Returns
    -------
    list of dict
        ``name``, ``citation`` and ``licence``.
    """
    found: dict[str, dict[str, Any]] = {}
    for study in studies:
        if study.made is not None:
            continue
        services = {one.name: one.source.SERVICE for one in wanted_of(study.case)}
        for name in (*services, *(one.datasource for one in study.case.signals)):
            service = services.get(name)
            found[name] = {
                "name": name,
                "citation": service.citation if service else _IN_THE_PROJECT,
                "licence": service.licence if service else _IN_THE_PROJECT,
            }
    return [found[name] for name in sorted(found)]


def _claims(seen: Seen) -> list[dict[str, Any]]:
    """Return the verdicts under the chosen settings, and in how many of all settings they hold."""
    found = []
    for (study, claim), rows in seen.verdicts.groupby(["study", "claim"], sort=True):
        first = rows.iloc[0]
        found.append(
            {
                "id": f"{study}.{claim}",
                "statement": f"{study}: {first['statement']}",
                "verdict": first["verdict"],
                "because": first["because"],
                "sensitivity": {
                    "holds": int((rows["verdict"] == first["verdict"]).sum()),
                    "of": len(rows),
                },
            }
        )
    return found
