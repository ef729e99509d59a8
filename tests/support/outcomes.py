"""What a reader makes of whatever it is given: values in their form or one sentence, no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from darkdays.archive.request import SourceError
from darkdays.contracts import events
from darkdays.files.writing import csv_text


def outcome(read, *given, about):
    """Return what was read, or the sentence in which it was refused, after a look at its form."""
    try:
        found = read(*given)
    except SourceError as error:
        return one_sentence(error, about)
    return usable(found)


def one_sentence(error, about=""):
    """Return what an error says: one line that ends, names its source, and pours out no reply."""
    text = str(error)
    assert about in text
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 4000
    return text


def usable(found):
    """Return what was read if it can be handed on: regular times, units, no infinite value."""
    if isinstance(found, xr.Dataset):
        assert found["value"].dims == found["coverage"].dims == ("entity", "time")
        assert {"unit", "step_seconds", "licence", "citation", "title"} <= found.attrs.keys()
        assert found.attrs["licence"]
        steps = np.diff(found["time"].values) / np.timedelta64(1, "s")
        assert (steps == found.attrs["step_seconds"]).all()
        assert not np.isinf(found["value"].values).any()
        measured = np.isfinite(found["value"].values)
        assert np.array_equal(measured, found["coverage"].values == 0)
        return found
    assert isinstance(found, pd.DataFrame)
    assert {"licence", "citation"} <= found.attrs.keys()
    written = csv_text(found).encode()
    if tuple(found.columns) == events.COLUMNS:
        events.read_csv(written, "events")
    return found


def measured(found):
    """Return the values there are."""
    values = found["value"].values
    return set(values[np.isfinite(values)].tolist())


def invented(found, document, *, rows=0):
    """Return what was read that a reply does not state: values, or rows beyond so many."""
    if isinstance(found, xr.Dataset):
        return measured(found) - _numbers(document)
    return set() if isinstance(found, str) else set(found.index[rows:])


def _numbers(document):
    """Return every number in a JSON document, as a number or as text."""
    if isinstance(document, dict | list):
        inner = document.values() if isinstance(document, dict) else document
        return set().union(*map(_numbers, inner))
    if isinstance(document, bool):
        return set()
    try:
        return {float(document)}
    except (TypeError, ValueError, OverflowError):
        return set()
