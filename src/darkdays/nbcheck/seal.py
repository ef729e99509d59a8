"""The seal of a notebook: what its cells were when their outputs were stored.

Running a notebook again shows whether its outputs are those of its code. It does not show that a
cell was deleted at the very end, that a sentence between two tables now says something else, or
that a tag now keeps a cell from being checked. The seal does: a short digest of every cell, code
and prose, in their order, in the notebook's own metadata.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

KEY: Final = "nbcheck"
"""Where the seal is in the metadata of a notebook."""
# What a run or a front end writes and no reader sees.
_VOLATILE: Final = {"papermill", "execution", "ExecuteTime", "widgets", "language_info", KEY}


def seal_of(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the seal of a notebook as it is now.

    Parameters
    ----------
    notebook
        A notebook of format 4, as nbformat or JSON gives it.

    Returns
    -------
    dict
        ``notebook``: digest of its own metadata; ``cells``: a digest of each cell's kind, text,
        tags and attachments. Outputs are not in it: running the notebook checks these.
    """
    return {
        "notebook": _digest(_kept(notebook["metadata"])),
        "cells": [_digest(_cell(cell)) for cell in notebook["cells"]],
    }


def broken(notebook: Mapping[str, Any]) -> list[str]:
    """Say where a notebook differs from its seal: one clause each."""
    stored = notebook["metadata"].get(KEY)
    if stored is None:
        return ["it carries none, so that what was cut out or re-worded cannot be told"]
    now = seal_of(notebook)
    try:
        cells = [str(digest) for digest in stored["cells"]]
        same = stored["notebook"] == now["notebook"]
    except (KeyError, TypeError):
        return ["its seal cannot be read"]
    found = [] if same else ["its metadata are not those that were sealed"]
    return found + list(_changes(cells, now["cells"], notebook["cells"]))


def _changes(
    before: Sequence[str], after: Sequence[str], cells: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for change, old, old_end, new, new_end in matcher.get_opcodes():
        if change == "equal":
            continue
        names = ", ".join(_name(cells[place], place) for place in range(new, new_end))
        if change == "replace" and old_end - old == new_end - new:
            yield f"edited since: {names}"
            continue
        if change in {"replace", "insert"}:
            yield f"not among the cells that were sealed: {names}"
        if change in {"replace", "delete"}:
            where = f"after {_name(cells[new - 1], new - 1)}" if new else "at the beginning"
            yield f"{old_end - old} of the sealed cells missing {where}"


def _name(cell: Mapping[str, Any], place: int) -> str:
    """Name a cell by its place among all cells, its kind and its first words."""
    first = _text(cell).strip().partition("\n")[0]
    return f"cell {place + 1} of the notebook ({cell['cell_type']}: {first[:50]})"


def _cell(cell: Mapping[str, Any]) -> list[Any]:
    return [cell["cell_type"], _text(cell), _kept(cell["metadata"]), cell.get("attachments") or {}]


def _text(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _kept(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key not in _VOLATILE}


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
