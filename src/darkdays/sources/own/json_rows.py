"""The rows of a JSON document, however services and programs wrap them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

Row = dict[str, Any]
_MOST_DEPTH: Final = 4
_ABOUT: Final = frozenset({"metadata", "meta", "_note"})


def rows(found: Any, depth: int = 0) -> Iterator[Row]:
    """Go through the rows of a document: the first list of them, however deep it is wrapped.

    Series that state where they begin and their step (IODA), lists side by side (Cloudflare) and
    columns by label (pandas) are rows as well.

    Parameters
    ----------
    found
        What a JSON document holds.
    depth
        How deep it stands.
    """
    if isinstance(found, list):
        yield from _of_list(found, depth)
    elif isinstance(found, dict) and depth <= _MOST_DEPTH:
        beside = _beside(found)
        if beside:
            yield from beside
            return
        # What is about the data comes last, lists before what wraps them.
        for _, inner in sorted(
            found.items(), key=lambda item: (item[0] in _ABOUT, not isinstance(item[1], list))
        ):
            if isinstance(inner, dict) or (
                isinstance(inner, list) and inner and isinstance(inner[0], dict | list)
            ):
                deeper = list(rows(inner, depth + 1))
                if deeper:
                    yield from deeper
                    return


def _of_list(found: list[Any], depth: int) -> Iterator[Row]:
    if found and all(isinstance(one, list) for one in found):
        if any(isinstance(cell, dict | list) for cell in found[0]):
            if depth <= _MOST_DEPTH:
                for one in found:
                    yield from rows(one, depth + 1)
            return
        first = found[0]
        named = len(found) > 1 and all(isinstance(cell, str) for cell in first)
        named = named and any(not isinstance(cell, str) for cell in found[1])
        header = first if named else [f"column {at + 1}" for at in range(len(first))]
        for row in found[named:]:
            yield dict(zip(header, row, strict=False))
        return
    for one in found:
        if not isinstance(one, dict):
            yield {"value": one}
        elif "series" in one and isinstance(one.get("data"), list) and depth <= _MOST_DEPTH:
            yield from ({**row, "series": one["series"]} for row in rows(one["data"], depth + 1))
        else:
            yield from _stretched(one)


def _beside(found: Row) -> list[Row]:
    """Return the rows of lists of one length, or of columns by label, none if it is no such."""
    lists = {key: one for key, one in found.items() if isinstance(one, list)}
    lengths = {len(one) for one in lists.values()}
    plain = not any(isinstance(cell, dict) for one in lists.values() for cell in one[:1])
    if len(lists) > 1 and len(lengths) == 1 and min(lengths) and plain:
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    columns = {key: one for key, one in found.items() if isinstance(one, dict)}
    labels = {tuple(one) for one in columns.values()}
    cells = (cell for one in columns.values() for cell in one.values())
    if len(columns) > 1 and len(labels) == 1 and not any(isinstance(c, dict | list) for c in cells):
        return [{key: one[label] for key, one in columns.items()} for label in labels.pop()]
    return []


def _stretched(one: Row) -> Iterator[Row]:
    """Go through the samples of a series that states where it begins and its step."""
    begins, step, values = one.get("from"), one.get("step"), one.get("values")
    if not (
        isinstance(values, list)
        and isinstance(begins, int | float)
        and isinstance(step, int | float)
    ):
        if isinstance(inner := one.get("timeline"), list) and inner and isinstance(inner[0], dict):
            one = {**{k: v for k, v in one.items() if k != "timeline"}, **inner[0]}
        yield one
        return
    label = "/".join(str(one[key]) for key in ("entityType", "entityCode") if key in one)
    for at, value in enumerate(values):
        yield {
            "time": int(begins + at * step),
            "entity": label,
            "datasource": one.get("datasource", ""),
            "value": value,
        }
