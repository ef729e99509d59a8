"""The grid of a sweep: places, windows and parameters, read from a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from darkdays.case.file import explain, read_yaml
from darkdays.case.parts import Part, nearest
from darkdays.case.sources import TimeZone, Window
from darkdays.errors import InputError
from darkdays.files.bounded import is_inside
from darkdays.sources.countries import NAMES

WORLD: Final = "world"
_MOST_SETTINGS: Final = 1000
ChangePoints = Literal["auto", "day", "native", "none"]


def _several(value: Any) -> Any:
    """Let one of something stand for a list of one."""
    return (value,) if isinstance(value, (str, dict)) else value


def _place(code: str) -> str:
    if code not in (WORLD, *NAMES):
        raise ValueError(f"unknown place {code!r}{nearest(code, NAMES)}")
    return code


def _share(number: float) -> float:
    if not 0 < number < 1:
        raise ValueError(f"{number} is not a share; give one between 0 and 1")
    return number


def _confidence(number: float) -> float:
    if not 0.5 <= number < 1:
        raise ValueError(f"{number} is not a confidence; give one from 0.5 up to below 1")
    return number


class Parameters(Part):
    """Settings of the detector; every level is combined with every depth.

    The first of each are the ones the report is about, the others say how much hangs on them.
    """

    level: tuple[Annotated[float, AfterValidator(_confidence)], ...] = Field(
        default=(0.95,), min_length=1, description="Confidence of intervals and tests."
    )
    min_depth: tuple[Annotated[float, AfterValidator(_share)], ...] = Field(
        default=(0.10,), min_length=1, description="Least share of normal that has to be gone."
    )

    @model_validator(mode="after")
    def _each_once(self) -> Parameters:
        for name in ("level", "min_depth"):
            numbers = getattr(self, name)
            if len(set(numbers)) < len(numbers):
                raise ValueError(f"a {name} is listed twice; keep one")
        if len(self.level) * len(self.min_depth) > _MOST_SETTINGS:
            raise ValueError(
                f"every level with every depth are more than {_MOST_SETTINGS} settings; leave out "
                "some"
            )
        return self


class Windows(Window):
    """A window, or several of one length one after the other."""

    every: Literal["year", "quarter", "month"] | None = Field(
        default=None,
        description="Cut at every first of a year, quarter or month (UTC); not at all if left out.",
    )


class Stated(Part):
    """A case as it is, or the same case over other windows."""

    case: str = Field(
        min_length=1,
        description="A case by name, or the path of a case file, from the folder of the grid.",
    )
    windows: tuple[Window, ...] = Field(default=(), description="Instead of the case's own.")


class Template(Part):
    """What every place is studied by: parts of a case in which {place} and {country} are replaced.

    They are checked as parts of a case once a place has been put in.
    """

    entities: tuple[dict[str, Any], ...] = ()
    entities_file: str | None = Field(
        default=None, description="CSV of further entities: place,id,name,network."
    )
    controls: tuple[dict[str, Any], ...] = ()
    signals: tuple[dict[str, Any], ...] = Field(min_length=1)
    events: tuple[dict[str, Any], ...] = ()
    claims: tuple[dict[str, Any], ...] = ()
    time_zone: TimeZone | None = Field(
        default=None, description="Of every place; the place's first zone if not given."
    )


class Grid(Part):
    """Many studies: cases, or one template over places and windows, under several parameters."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="The file's name without .yaml.")
    title: str = Field(min_length=1)
    question: str = Field(min_length=1, description="What the sweep wants to know.")
    summary: str = Field(
        min_length=1, description="What is swept, for a reader without background."
    )
    cases: tuple[Stated, ...] = ()
    places: Annotated[
        tuple[Annotated[str, AfterValidator(_place)], ...], BeforeValidator(_several)
    ] = Field(default=(), description="Countries, ISO 3166-1 alpha-2, or world for all of them.")
    windows: Annotated[tuple[Windows, ...], BeforeValidator(_several)] = ()
    template: Template | None = None
    files: dict[str, str] = Field(
        default={},
        description=(
            "A file or a folder of one's own instead of the downloads of a service, from the "
            "folder of the grid: {user-csv: traffic} is --file user-csv=traffic."
        ),
    )
    parameters: Parameters = Parameters()
    change_points: ChangePoints = Field(
        default="auto",
        description=(
            "In which series change-points are looked for: native, the signal as measured; day, "
            "the medians of its days; auto, native up to 1,000 samples and day beyond; none."
        ),
    )

    @model_validator(mode="after")
    def _has_studies(self) -> Grid:
        if not self.cases and not self.places:
            raise ValueError("there is nothing to sweep; list cases, places or both")
        if bool(self.places) != bool(self.template):
            raise ValueError("places and template go together; add the one that is missing")
        if self.places and not self.windows:
            raise ValueError("places are looked at over a time; add windows")
        return self

    def files_in(self, folder: Path) -> list[str]:
        """Return its files as ``NAME=PATH`` texts.

        Raises
        ------
        InputError
            If one lies outside the folder of the grid.
        """
        for name, path in self.files.items():
            if not is_inside(path):
                raise InputError(
                    f"files: {name}: {path!r} leads out of the folder of the grid; "
                    f"give it with --file {name}={path}."
                )
        return [f"{name}={folder / path}" for name, path in self.files.items()]

    @property
    def countries(self) -> tuple[str, ...]:
        """The places, each once, in order of their codes."""
        return tuple(sorted(NAMES if WORLD in self.places else set(self.places)))


def load(path: Path) -> Grid:
    """Read a grid.

    Raises
    ------
    InputError
        If there is no such file, it is not YAML, or it is not a valid grid.
    """
    content = read_yaml(path, "grid", "name, places, windows, template")
    try:
        grid = Grid.model_validate(content)
    except ValidationError as error:
        said = explain(error, (), _keys(), "grid")
        raise InputError(f"{path}: {said}") from None
    if grid.name != path.stem:
        raise InputError(
            f"{path}: the name is {grid.name!r}; it must be the file's, {path.stem!r}."
        )
    return grid


def _keys() -> list[str]:
    models = (Grid, Template, Parameters, Windows, Stated)
    return sorted({name for model in models for name in model.model_fields})
