"""Reproducible evidence on whether the internet was shut down because of a protest.

What other programs call is in :mod:`darkdays.api`, and is offered here: ``import darkdays as dd``,
then ``dd.detect(series)``, ``dd.outages(table)``, ``dd.run("iran-2019")``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
_OFFERED = (
    "Answer", "Case", "DarkdaysError", "InputError", "Report", "detect", "load_case",
    "load_report", "outages", "run",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    # Nothing is imported before it is asked for: help and mistakes should answer at once.
    if name in _OFFERED:
        return getattr(import_module("darkdays.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
