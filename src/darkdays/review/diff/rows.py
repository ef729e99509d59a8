"""Two tables row by row: what is new, what is gone, and what was said again otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

Row = tuple[str, ...]
_AS_LIKE: Final = 0.5
"""Share of cells that two rows share at least where one is the other, restated."""
_MOST_COMPARED: Final = 400


@dataclass(frozen=True)
class Restated:
    """A row that is there in both tables and says something else.

    Attributes
    ----------
    row
        Its first cells that did not change.
    changed
        By column: what it said, and what it says.
    """

    row: Row
    changed: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class RowChanges:
    """How a table differs from an earlier one.

    Attributes
    ----------
    columns
        Of the later one.
    added, removed
        Rows that only one of the two has.
    restated
        Rows that both have, differently.
    same
        How many are as they were.
    """

    columns: tuple[str, ...]
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    restated: tuple[Restated, ...]
    same: int

    @property
    def words(self) -> str:
        """How many, in words."""
        counts = ((self.restated, "restated"), (self.added, "new"), (self.removed, "gone"))
        said = [f"{len(rows)} {word}" for rows, word in counts if rows]
        return f"rows: {', '.join(said)}, {self.same} as before" if said else "the same rows"

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def row_changes(
    before: tuple[Sequence[str], Sequence[Row]], after: tuple[Sequence[str], Sequence[Row]]
) -> RowChanges:
    """Compare two tables, each its columns and rows of texts.

    A row that is gone and a new one are taken for one, restated, if at least half of their cells
    agree and no other agrees more. Columns are compared by name.
    """
    columns = [name for name in after[0] if name in before[0]]
    old, new = (_projected(table, columns) for table in (before, after))
    counts_old, counts_new = Counter(old), Counter(new)
    same = sum((counts_old & counts_new).values())
    gone, added = (
        list((counts_old - counts_new).elements()),
        list((counts_new - counts_old).elements()),
    )
    pairs = list(_pairs(gone, added))
    taken_old, taken_new = {i for i, _ in pairs}, {j for _, j in pairs}
    return RowChanges(
        tuple(columns),
        tuple(row for j, row in enumerate(added) if j not in taken_new),
        tuple(row for i, row in enumerate(gone) if i not in taken_old),
        tuple(_restated(columns, gone[i], added[j]) for i, j in pairs),
        same,
    )


def _projected(table: tuple[Sequence[str], Sequence[Row]], columns: Sequence[str]) -> list[Row]:
    places = [list(table[0]).index(name) for name in columns]
    return [tuple(row[at] if at < len(row) else "" for at in places) for row in table[1]]


def _pairs(gone: Sequence[Row], added: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Go through the pairs of rows that are most alike, the most alike first, each row once."""
    alike = [
        (-shared, i, j)
        for i, j in _candidates(gone, added)
        if (shared := _shared(gone[i], added[j])) >= _AS_LIKE
    ]
    used_old: set[int] = set()
    used_new: set[int] = set()
    for _, i, j in sorted(alike):
        if i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            yield i, j


def _candidates(gone: Sequence[Row], added: Sequence[Row]) -> Iterator[tuple[int, int]]:
    if len(gone) * len(added) <= _MOST_COMPARED**2:
        yield from ((i, j) for i in range(len(gone)) for j in range(len(added)))
        return
    # Of many, only those that share a rare cell.
    places: dict[tuple[int, str], list[int]] = defaultdict(list)
    for j, row in enumerate(added):
        for at, cell in enumerate(row):
            places[at, cell].append(j)
    for i, row in enumerate(gone):
        near = {
            j
            for at, cell in enumerate(row)
            if len(found := places.get((at, cell), [])) <= _MOST_COMPARED // 10
            for j in found
        }
        yield from ((i, j) for j in sorted(near))


def _shared(one: Row, other: Row) -> float:
    """Return the share of cells that agree, of those that one of the two fills."""
    filled = [(a, b) for a, b in zip(one, other, strict=True) if a or b]
    return sum(a == b for a, b in filled) / len(filled) if filled else 0.0


def _restated(columns: Sequence[str], before: Row, after: Row) -> Restated:
    pairs = list(zip(columns, before, after, strict=True))
    kept = tuple(new for _, old, new in pairs if old == new and new)[:4]
    return Restated(kept, {name: (old, new) for name, old, new in pairs if old != new})
