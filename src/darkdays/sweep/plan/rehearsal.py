"""A grid of made-up places, to rehearse a sweep at full size: SIMULATED, never evidence."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.sources import Entity, SignalSource, Window
from darkdays.contracts.moments import on_clock
from darkdays.errors import InputError
from darkdays.simulate.sweeps import INSTRUMENTS, Place
from darkdays.sources.countries import NAMES
from darkdays.sweep.plan.grid import ChangePoints, Grid, Parameters, Template, Windows
from darkdays.sweep.plan.studies import Made, Study, windows_of

STEP: Final = pd.Timedelta(minutes=5)
FIRST: Final = pd.Timestamp("2021-01-01", tz="UTC")
PER_PLACE: Final = 125
"""Entities of a place, as long as there are codes for so many places."""
# Codes that ISO 3166-1 leaves to users; Kosovo has taken one of them.
_CODES: Final = [
    code
    for code in (
        *(f"X{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        *(f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"),
        "AA",
        "ZZ",
    )
    if code not in NAMES
][:40]
_ZONES: Final = ("Asia/Tehran", "America/Havana", "Africa/Lagos", "Asia/Kolkata", "UTC")
# Numbers of networks that RFC 6996 leaves to private use.
_PRIVATE: Final = 4_200_000_000
_MOST: Final = 1_000_000
_LONGEST_YEARS: Final = 100.0


def rehearsal(
    entities: int,
    years: float,
    *,
    seed: int = 1,
    parameters: Parameters | None = None,
    change_points: ChangePoints = "auto",
) -> tuple[Grid, list[Study]]:
    """Return the grid and the studies of a simulated sweep.

    Parameters
    ----------
    entities
        How many, in places of :data:`PER_PLACE` or more: a country each, and networks.
    years
        From 2021 on, cut into calendar years; a part of a year is so many days.
    seed
        Of everything drawn.
    parameters, change_points
        As in a grid.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    if not 1 <= entities <= _MOST:
        raise InputError(
            f"{entities} entities cannot be made up; give --entities at least 1, at most {_MOST:,}."
        )
    if not 7 / 365 <= years <= _LONGEST_YEARS:
        raise InputError(
            f"{years:g} years is out of range; give --years from 0.02 (a week) to "
            f"{_LONGEST_YEARS:g}."
        )
    together = max(PER_PLACE, math.ceil(entities / len(_CODES)))
    grid = Grid(
        name="simulated",
        title=f"SIMULATED sweep: {entities:,} entities, {years:g} years",
        question="Does a sweep of this size run, in which time, and does it find what was put in?",
        summary=(
            "Made-up networks with made-up outages, at the shape of IODA's signals: three "
            "datasources, 5-minute bins. It says nothing about the world."
        ),
        places=("world",),
        windows=(_stretch(years),),
        template=Template(signals=tuple({"datasource": name} for name in INSTRUMENTS)),
        parameters=parameters or Parameters(),
        change_points=change_points,
    )
    studies = []
    for place, first in enumerate(range(0, entities, together)):
        numbers = range(first, min(first + together, entities))
        for window in windows_of(grid):
            case = _case(grid, place, numbers, window)
            studies.append(Study(case, Made(seed, place, numbers[0])))
    return grid, sorted(studies, key=lambda study: study.name)


def made_place(case: Case, number: int, seed: int) -> Place:
    """Return the made-up place of a simulated case, over its window."""
    start, end = on_clock(case.window.start, case.window.end)
    times = pd.date_range(start, end, freq=STEP, inclusive="left").as_unit("ns")
    return Place(number, case.time_zone, times, seed)


def numbers_of(study: Study, entities: tuple[str, ...]) -> list[int]:
    """Return the numbers that set entities of a simulated study apart."""
    assert study.made is not None
    place = {entity.id: number for number, entity in enumerate(study.case.entities)}
    return [study.made.first + place[entity] for entity in entities]


def _stretch(years: float) -> Windows:
    whole, part = divmod(years, 1)
    end = FIRST + pd.DateOffset(years=int(whole)) + pd.Timedelta(days=round(365 * part))
    return Windows(start=FIRST.to_pydatetime(), end=end.to_pydatetime(), every="year")


def _case(grid: Grid, place: int, numbers: range, window: Window) -> Case:
    code = _CODES[place]
    entities = [Entity(id=f"country/{code}", name=f"Simulated country {code}", network="country")]
    entities += [
        Entity(id=f"asn/{_PRIVATE + number}", name=f"Simulated network {number}", network="fixed")
        for number in numbers[1:]
    ]
    return Case(
        name=f"simulated-{code.lower()}-{window.start:%Y%m%d}",
        title=f"SIMULATED country {code}, {window.start:%Y}",
        question=grid.question,
        summary=grid.summary,
        window=window,
        place=code,
        time_zone=_ZONES[place % len(_ZONES)],
        entities=tuple(entities),
        signals=tuple(SignalSource(datasource=name, source="service") for name in INSTRUMENTS),
    )
