"""Make what a run needs import in less time."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

IRI_GRAMMAR = "rfc3987_syntax"
"""A grammar of international web addresses, compiled for more than a second at its import.

jsonschema takes it along when it is installed; it only serves the formats ``iri`` and
``iri-reference``, which no notebook schema has.
"""
_NEW_OBJECTS = 50_000  # after which to look for rubbish: tables and figures are many that stay


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Import what can do without some modules as if these were not installed.

    Parameters
    ----------
    *modules
        One that is loaded already stays.
    """
    left_out = [name for name in modules if name not in sys.modules]
    sys.modules |= dict.fromkeys(left_out)  # type: ignore[arg-type]  # imports of them fail at once
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]


@contextmanager
def uncollected() -> Iterator[None]:
    """Import without looking for cycles in what is imported, which stays: a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS)
        gc.enable()
