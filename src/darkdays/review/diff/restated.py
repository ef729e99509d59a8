"""Which rows of lists, events and tables a later snapshot states otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd
from pydantic import ValidationError

from darkdays.archive.request import SourceError
from darkdays.archive.snapshot import Snapshot
from darkdays.case.case import Case
from darkdays.case.file import read_yaml
from darkdays.errors import DarkdaysError
from darkdays.fetch.plan import wanted_of
from darkdays.review.diff.rows import Row, RowChanges, row_changes

# Position in the list: of every row below a new one it changes.
_POSITION: Final = "row"


def restated(
    case_file: Path, identities: tuple[str, str], snapshots: Path
) -> Iterator[tuple[str, RowChanges]]:
    """Go through the tables of a case that two snapshots give differently, row by row.

    Parameters
    ----------
    case_file
        The case, as a report carries it along.
    identities
        Ids of the earlier and the later snapshot; nothing is said unless both are here.
    snapshots
        The folder of snapshots.
    """
    try:
        replies = [Snapshot.open(snapshots, one).reading() for one in identities]
        case = Case.model_validate(read_yaml(case_file))
    except (DarkdaysError, ValidationError):
        return
    for one in wanted_of(case):
        if one.kind == "signals":
            continue
        tables = []
        for mine in replies:
            try:
                chosen, missing = one.sorted_out(mine)
                found = None if missing else one.source.read(one.query, chosen)
            except SourceError:
                found = None
            if found is not None:
                tables.append(_texts(found))
        if len(tables) == len(replies):
            changes = row_changes(*tables)
            if changes.added or changes.removed or changes.restated:
                yield f"{one.kind} {one.name}", changes


def _texts(table: pd.DataFrame) -> tuple[list[str], list[Row]]:
    kept = table.drop(columns=[_POSITION], errors="ignore")
    lines = kept.astype(object).where(kept.notna(), "").astype(str)
    return list(kept.columns), [tuple(row) for row in lines.itertuples(index=False)]
