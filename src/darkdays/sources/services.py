"""The services that are asked: where each is, and on what terms. They stand in services.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from darkdays.archive.request import Absence, Service


def service(name: str) -> Service:
    """Return the service that is called so."""
    stated = dict(_all()[name])
    absences = tuple(Absence(one[0], *map(str.encode, one[1:])) for one in stated.pop("absent", ()))
    stores = tuple(stated.pop("stores", ()))
    largest = stated.pop("largest_mib", 256) * 2**20
    return Service(name, **stated, largest=largest, absences=absences, stores=stores)


@cache
def _all() -> dict[str, Any]:
    return tomllib.loads((files("darkdays.sources") / "services.toml").read_text(encoding="utf-8"))
