"""Executed notebooks side by side, cell by cell."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, Final

from darkdays.files.bounded import json_of
from darkdays.report.version.compare import DIFFERS, IDENTICAL, WITHIN, Outcome
from darkdays.report.version.json_values import texts_are_close
from darkdays.review.verify.pictures import same_picture

CELL: Final = "cell"
_PICTURE: Final = "image/png"


def compare_notebooks(
    before: Sequence[tuple[str, bytes]], after: Sequence[tuple[str, bytes]]
) -> list[Outcome]:
    """Compare executed notebooks by name, each cell by cell: code, outputs, pictures."""
    old, new = dict(before), dict(after)
    found: list[Outcome] = []
    for name in sorted({*old, *new}):
        stem = name.removesuffix(".ipynb")
        if name not in old or name not in new:
            words = "it was not there" if name in new else "it is not made any more"
            found.append(Outcome(CELL, stem, DIFFERS, words))
        else:
            found += _compare(stem, old[name], new[name])
    return found


def _compare(stem: str, before: bytes, after: bytes) -> list[Outcome]:
    try:
        old, new = (json_of(one) for one in (before, after))
        pairs = list(zip(old.pop("cells"), new.pop("cells"), strict=True))
    except (ValueError, KeyError, AttributeError, TypeError):
        return [Outcome(CELL, stem, DIFFERS, "it has other cells, or is no notebook any more")]
    found = [_outcome(f"{stem} cell-{number}", *pair) for number, pair in enumerate(pairs, 1)]
    if old != new:
        found.append(Outcome(CELL, stem, DIFFERS, "its metadata"))
    untouched = _written(after) != after or _written(before) == before
    if before != after and (not untouched or all(one.outcome == IDENTICAL for one in found)):
        found.append(Outcome(CELL, stem, DIFFERS, "how it is written, not what it says"))
    return found


def _written(notebook: bytes) -> bytes:
    """Return a notebook as nbformat writes it: a key twice, or a space more, is not."""
    text = json.dumps(
        json_of(notebook), indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": ")
    )
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _outcome(name: str, before: Any, after: Any) -> Outcome:
    if before == after:
        return Outcome(CELL, name, IDENTICAL)
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return Outcome(CELL, name, DIFFERS, "it is no cell any more")
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if keys == ["outputs"] and _alike(before.get("outputs"), after.get("outputs")):
        return Outcome(CELL, name, WITHIN, "last digits of its outputs")
    return Outcome(CELL, name, DIFFERS, f"its {' and '.join(keys)}")


def _alike(before: Any, after: Any, kind: str = "") -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            _alike(before[key], after[key], key) for key in before
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_alike, before, after))
    if isinstance(before, str) and isinstance(after, str):
        return _same_image(before, after) if kind == _PICTURE else texts_are_close(before, after)
    return bool(before == after)


def _same_image(before: str, after: str) -> bool:
    try:
        return same_picture(*(_decoded(text) for text in (before, after)))
    except (binascii.Error, ValueError):
        return False


def _decoded(text: str) -> bytes:
    """Return what base64 holds; what is no part of it, which decoders skip, is refused."""
    return base64.b64decode(text.replace("\n", ""), validate=True)
