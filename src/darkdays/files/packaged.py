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


def template_of(name: str) -> Any:
    """Return a text with places to fill in, as a template of Jinja: lines of tags alone go."""
    import jinja2

    return jinja2.Template(
        text_of(name),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
