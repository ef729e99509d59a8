"""Which files, replies and rows two versions were made from differently."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from darkdays.case.file import read_yaml
from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.report.version.inputs_copy import CASE, SNAPSHOT
from darkdays.report.version.json_values import leaves
from darkdays.review.diff.rows import RowChanges, row_changes

_LARGEST: Final = 256 * 2**20


@dataclass(frozen=True)
class InputChange:
    """Something that was read and is not the same.

    Attributes
    ----------
    name
        ``case``, a file below ``data/``, a reply or a list.
    words
        What happened to it.
    rows
        Which rows are new, gone or restated, where that can be told.
    """

    name: str
    words: str
    rows: RowChanges | None = None


def input_changes(
    before: Path, old: Mapping[str, Any], after: Path, new: Mapping[str, Any], snapshots: Path
) -> Iterator[InputChange]:
    """Go through what two versions were made from differently.

    Parameters
    ----------
    before, after
        Their folders.
    old, new
        Digests of what they were made from.
    snapshots
        The folder of snapshots.
    """
    if old["case"] != new["case"]:
        yield InputChange("case", _case_changes(before / CASE, after / CASE))
    for name in sorted({*old["data"], *new["data"]}):
        if old["data"].get(name) == new["data"].get(name):
            continue
        pair = [folder / "data" / name for folder in (before, after)]
        if all(path.is_file() for path in pair):
            changes = row_changes(*(_rows(path) for path in pair))
            yield InputChange(f"data/{name}", changes.words, changes)
        else:
            yield InputChange(f"data/{name}", "other bytes")
    if old["snapshot"] != new["snapshot"]:
        yield from _of_snapshots(before, old, after, new, snapshots)


def _of_snapshots(
    before: Path, old: Mapping[str, Any], after: Path, new: Mapping[str, Any], snapshots: Path
) -> Iterator[InputChange]:
    # Validating manifests takes its time, and most versions have no snapshot.
    from darkdays.archive.manifest import diff, parse_manifest

    if not all((folder / SNAPSHOT).is_file() for folder in (before, after)):
        sides = [str(side["snapshot"])[:16] or "none" for side in (old, new)]
        yield InputChange("snapshot", f"{sides[0]} before, {sides[1]} now")
        return
    earlier, later = (
        parse_manifest(bounded.bytes_of(folder / SNAPSHOT, _LARGEST), folder.name)
        for folder in (before, after)
    )
    found = diff(earlier, later)
    for line in found.lines():
        what, _, name = line.partition(": ")
        yield InputChange(name, what)
    if found.changed:
        from darkdays.review.diff.restated import restated

        yield from (
            InputChange(name, changes.words, changes)
            for name, changes in restated(after / CASE, (earlier.id, later.id), snapshots)
        )


def _case_changes(before: Path, after: Path) -> str:
    if not (before.is_file() and after.is_file()):
        return "another one"
    try:
        old, new = (dict(leaves(read_yaml(path))) for path in (before, after))
    except InputError:
        return "changed, and one of them cannot be read"
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
    return f"changed in {', '.join(changed[:5])}{more}" if changed else "changed in its form"


def _rows(path: Path) -> tuple[list[str], list[tuple[str, ...]]]:
    text = bounded.bytes_of(path, _LARGEST).decode("utf-8", "replace")
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error:
        rows = []
    return (rows[0], [tuple(row) for row in rows[1:]]) if rows else ([], [])
