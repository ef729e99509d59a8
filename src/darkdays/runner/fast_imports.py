"""Make what a run needs import in less time."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_GRAMMAR = "rfc3987_syntax"
_NEW_OBJECTS = 50_000  # after which to look for rubbish: tables and figures are many that stay


@contextmanager
def without_iri_grammar() -> Iterator[None]:
    """Import notebook libraries without compiling the grammar of international web addresses.

    jsonschema takes it along when it is installed, which costs more than a second; it
    only serves the formats ``iri`` and ``iri-reference``, which no notebook schema has.
    """
    if _GRAMMAR in sys.modules:
        yield
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  # an import of it fails at once
    try:
        yield
    finally:
        del sys.modules[_GRAMMAR]


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
