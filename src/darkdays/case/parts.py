"""What every part of a case file is: frozen, and strict about its keys."""

from __future__ import annotations

import ast
import difflib
import inspect
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from darkdays.contracts import events
from darkdays.contracts.events import KINDS

_COMMON: Final = {
    "about": "What the signals are of: an entity that the case lists.",
    "at_least_stages": "Least number of stages in which it came back.",
    "claims": "What is claimed, each with a verdict.",
    "direction": "Which way the speed is of: download or upload.",
    "end": "Last day, or first moment after.",
    "entities": "What is measured: the place, parts of it, networks.",
    "entity": "Of whom it is claimed: the id of an entity that the case lists.",
    "event": "Kind of dated events it is about, such as protest.",
    "events": "Where dated events come from: protests, and what else can explain an outage.",
    "rule": "How rows of a list are matched with days and places.",
    "signals": "What is read over time, and from where.",
    "start": "First day or moment.",
    "studies": "Studies of whole lists that people kept.",
    "tables": "Lists that are neither signals nor events.",
    "title": "Of the report.",
    "weekday": "Day of the week.",
    "window": "The stretch of time the case looks at.",
}
"""What keys say of themselves that have no docstring of their own, in the schema."""


def _described(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Describe keys in a schema by the docstrings below them.

    Pydantic would read them whenever a model is made, at a tenth of a second for all models here.
    """
    described: dict[str, str] = {}
    for one in reversed([base for base in model.__mro__ if issubclass(base, Part)]):
        (made,) = ast.parse(inspect.getsource(one)).body
        for key, text in pairwise(made.body if isinstance(made, ast.ClassDef) else ()):
            match key, text:
                case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(words))):
                    described[name] = " ".join(words.split())
    for name, stated in schema.get("properties", {}).items():
        said = described.get(name) or _COMMON.get(name)
        if name == "type" and model.__doc__:
            said = f"Which kind: {' '.join(model.__doc__.split(chr(10) * 2)[0].split())}"
        if said:
            stated["description"] = said


def _kinds_described(schema: dict[str, Any]) -> None:
    """Say in the schema what an event of each kind is."""
    schema["oneOf"] = [{"const": kind, "description": KINDS[kind]} for kind in schema.pop("enum")]


EventKind = Annotated[events.EventKind, Field(json_schema_extra=_kinds_described)]
"""Kind of event that a claim is asked of."""


class Part(BaseModel):
    """A part of a case; an unknown key is refused, spaces around text do not count."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        json_schema_extra=_described,
    )


class ClaimPart(Part):
    """What every claim has, whatever it is about."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    """Short name, used in findings."""
    statement: str = Field(min_length=1)
    """The claim, in our own words."""
    short: str = Field(default="", max_length=100)
    """The claim as a clause of the answer a report begins with, such as *it lasted for days*."""
    origin: str = Field(min_length=1)
    """Who says so."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: what was perhaps meant."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else "."
