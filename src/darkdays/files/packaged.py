"""Files of data inside the package: names, labels and terms that stand beside the code."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from typing import Any


def text_of(name: str) -> str:
    """Return a text, by its path in the package."""
    return (files("darkdays") / name).read_text(encoding="utf-8")


def toml_of(name: str) -> dict[str, Any]:
    """Return what a TOML file states."""
    return tomllib.loads(text_of(name))


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV table, by the names of its header."""
    return list(csv.DictReader(text_of(name).splitlines()))
