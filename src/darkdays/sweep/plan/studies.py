"""From a grid to its studies: each is a case, as ``darkdays run`` would take it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml
from pydantic import ValidationError

from darkdays.case import case as cases
from darkdays.case.case import Case
from darkdays.case.file import explain
from darkdays.case.sources import Entity, Window
from darkdays.contracts.moments import in_utc
from darkdays.errors import InputError
from darkdays.files.bounded import is_inside, text_of
from darkdays.files.writing import holds, write_text
from darkdays.labels.zones import first_zones
from darkdays.sources.countries import NAMES
from darkdays.sweep.plan.grid import Grid, Stated, Template

_STARTS: Final = {"year": "YS", "quarter": "QS", "month": "MS"}
_LARGEST: Final = 64 * 2**20
MOST_STUDIES: Final = 20_000
"""Every country, every month for seven years."""
_MOST_LISTED: Final = 150_000
_COLUMNS: Final = ("place", "id", "name", "network")


@dataclass(frozen=True)
class Made:
    """How the signals of a study are simulated: SIMULATED, never evidence.

    Attributes
    ----------
    seed
        Of everything drawn.
    place
        Number of the place.
    first
        Number of its first entity; the others follow.
    """

    seed: int
    place: int
    first: int


@dataclass(frozen=True)
class Study:
    """One cell of a grid: a case, whose family of tests is its own.

    Attributes
    ----------
    case
        Its name is the study's.
    made
        How its signals are simulated; None if they are measured.
    """

    case: Case
    made: Made | None = None

    @property
    def name(self) -> str:
        """What the study is called."""
        return self.case.name


def studies_of(grid: Grid, folder: Path) -> list[Study]:
    """Return the studies of a grid in order of their names.

    Parameters
    ----------
    grid
        The grid.
    folder
        Where files it names are.

    Raises
    ------
    InputError
        If a case is not there, a template makes no valid case, or two studies are called alike.
    """
    found = [Study(case) for stated in grid.cases for case in _of_case(stated, folder)]
    if grid.template is not None:
        listed, windows = _listed(grid.template, folder), list(windows_of(grid))
        if len(grid.countries) * len(windows) > MOST_STUDIES:
            raise InputError(
                f"{grid.name} has {len(windows):,} windows at {len(grid.countries)} places, more "
                f"than {MOST_STUDIES:,} studies; make several grids of it."
            )
        found += [
            Study(_of_template(grid, grid.template, listed, place, window))
            for place in grid.countries
            for window in windows
        ]
    names = [study.name for study in found]
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise InputError(f"two studies of {grid.name} are called {twice[0]}; keep one of them.")
    return sorted(found, key=lambda study: study.name)


def windows_of(grid: Grid) -> Iterator[Window]:
    """Go through the windows of a grid, long ones cut."""
    for stated in grid.windows:
        start, end = in_utc(stated.start, stated.end)
        cuts = pd.DatetimeIndex([])
        if stated.every is not None:
            cuts = pd.date_range(start, end, freq=_STARTS[stated.every], normalize=True)
        edges = [start, *(cut for cut in cuts if start < cut < end), end]
        for first, after in pairwise(edges):
            yield Window(start=first.to_pydatetime(), end=after.to_pydatetime())


def write_case(case: Case, folder: Path) -> Path:
    """Write a study's case as a file that ``darkdays run`` takes, and return its path."""
    content = case.model_dump(mode="json", exclude_defaults=True)
    path = folder / f"{case.name}.yaml"
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    if not holds(path, text):
        write_text(path, text)
    return path


def _of_case(stated: Stated, folder: Path) -> Iterator[Case]:
    is_file = Path(stated.case).suffix in cases.SUFFIXES
    case = cases.load(folder / stated.case if is_file else stated.case)
    if not stated.windows:
        yield case
        return
    # What a case reads by its own name, it reads by that name still.
    named = {
        kind: tuple(
            one.model_copy(update={"dataset": one.dataset or case.name})
            if one.source == source
            else one
            for one in getattr(case, kind)
        )
        for kind, source in (("signals", "published"), ("tables", "published"), ("events", "facts"))
    }
    for window in stated.windows:
        content = case.model_dump(exclude_defaults=True) | {
            "name": f"{case.name}-{window.start:%Y%m%d}-{window.end:%Y%m%d}",
            "window": window,
            **named,
        }
        yield _checked(content, f"case {case.name} from {window.start:%Y-%m-%d}")


def _of_template(
    grid: Grid, template: Template, listed: dict[str, list[dict[str, str]]], place: str,
    window: Window,
) -> Case:  # fmt: skip
    country = NAMES[place]
    parts = template.model_dump(exclude={"entities_file", "time_zone"}, exclude_defaults=True)
    content = _put_in(parts, {"{place}": place, "{country}": country})
    content["entities"] = [*content.get("entities", ()), *listed.get(place, ())]
    span = f"{window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}"
    content |= {
        "name": f"{grid.name}-{place.lower()}-{window.start:%Y%m%d}",
        "title": f"{country}, {span}",
        "question": grid.question,
        "summary": grid.summary,
        "window": window,
        "place": place,
        "time_zone": template.time_zone or first_zones().get(place, "UTC"),
    }
    return _checked(content, f"template with {place}")


def _checked(content: dict[str, Any], what: str) -> Case:
    try:
        return Case.model_validate(content)
    except ValidationError as error:
        tags, keys = cases.vocabulary()
        raise InputError(f"{what}: {explain(error, tags, keys)}") from None


def _put_in(content: Any, words: dict[str, str]) -> Any:
    if isinstance(content, dict):
        return {key: _put_in(value, words) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_put_in(value, words) for value in content]
    if isinstance(content, str):
        for word, instead in words.items():
            content = content.replace(word, instead)
    return content


def _listed(template: Template, folder: Path) -> dict[str, list[dict[str, str]]]:
    """Read the file of further entities, by place."""
    if template.entities_file is None:
        return {}
    if not is_inside(template.entities_file):
        raise InputError(
            f"entities_file {template.entities_file!r} leads out of the folder of the grid."
        )
    path = folder / template.entities_file
    found: dict[str, list[dict[str, str]]] = {}
    try:
        with io.StringIO(text_of(path, _LARGEST), newline="") as lines:
            table = csv.DictReader(lines)
            if missing := [one for one in _COLUMNS if one not in (table.fieldnames or ())]:
                raise InputError(f"{path} has no column {missing[0]}; it needs {_COLUMNS}.")
            for number, row in enumerate(table, start=2):
                if number > _MOST_LISTED:
                    raise InputError(f"{path} lists more than {_MOST_LISTED:,} entities; cut it.")
                entity = {name: row[name] or "" for name in _COLUMNS[1:]}
                try:
                    Entity.model_validate(entity)
                except ValidationError as error:
                    said = explain(error, (), _COLUMNS)
                    raise InputError(f"{path}, line {number}: {said}") from None
                found.setdefault(row["place"], []).append(entity)
    except csv.Error as error:
        raise InputError(f"{path} is no CSV file: {error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"cannot read {path}: {reason}.") from None
    return found
