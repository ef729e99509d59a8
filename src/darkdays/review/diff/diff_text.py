"""How a difference between two versions is told: in lines for a person, as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from darkdays.review.diff.diff import Difference, Moved
from darkdays.review.diff.input_changes import InputChange
from darkdays.review.diff.rows import RowChanges
from darkdays.review.verify.verification import outcomes_document

if TYPE_CHECKING:
    from darkdays.review.diff.attribution import Attribution

_MOST: Final = 25
_WIDEST: Final = 100


def diff_lines(found: Difference, why: Attribution | None = None) -> Iterator[str]:
    """Go through the lines that tell how two versions differ, the weightiest first."""
    if why is not None:
        yield from (f"cause unknown: {words}" for words in why.unknown)
    reasons = {(one.kind, one.name): one.words for one in why.reasons} if why else {}
    yield f"{found.before.name} and {found.after.name}"
    yield from _section("claims with another verdict", _moved("claim", found.claims, reasons))
    yield from _section(
        f"findings beyond tolerance ({found.within} more moved within it)",
        _moved("finding", found.findings, reasons),
    )
    yield from _section("other parts", (f"{one.name}: {one.detail}" for one in found.parts))
    yield from _section("inputs", (line for one in found.inputs for line in _input(one)))
    yield from _section("parameters", _moved("", found.parameters, {}))
    yield from _section("code", [found.code] if found.code else [])
    yield from _section("environment", _moved("", found.environment, {}))
    if why is not None:
        yield from _section("could not be tried", why.not_tried)
    if not (found.claims or found.findings or found.parts):
        yield "every claim and finding is the same"


def diff_document(found: Difference, why: Attribution | None = None) -> dict[str, Any]:
    """Return a difference as ``darkdays diff --json`` prints it."""
    document: dict[str, Any] = {
        "before": found.before.name,
        "after": found.after.name,
        "claims": [vars(one) for one in found.claims],
        "findings": [vars(one) for one in found.findings],
        "findings_within_tolerance": found.within,
        "parts": outcomes_document(found.parts),
        "inputs": [
            {"name": one.name, "words": one.words}
            | ({"rows": one.rows.document()} if one.rows else {})
            for one in found.inputs
        ],
        "parameters": [vars(one) for one in found.parameters],
        "code": found.code,
        "environment": [vars(one) for one in found.environment],
        "made_differently": found.factors,
    }
    if why is not None:
        document["why"] = {
            "unknown": list(why.unknown),
            "reasons": [
                {name: value for name, value in vars(one).items() if name != "untried"}
                for one in why.reasons
            ],
            "tried": list(why.tried),
            "not_tried": list(why.not_tried),
        }
    return document


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    shown = list(lines)
    if not shown:
        return
    yield f"{title}:"
    yield from (f"  {line}" for line in shown[:_MOST])
    if len(shown) > _MOST:
        yield f"  and {len(shown) - _MOST} more; --json lists all of them"


def _moved(
    kind: str, changes: Iterable[Moved], reasons: dict[tuple[str, str], str]
) -> Iterator[str]:
    for one in changes:
        said = f"{one.name}: {_value(one.before)} -> {_value(one.after)}"
        if kind == "finding" and one.before == one.after:
            said = f"{one.name}: {one.detail}"
        reason = reasons.get((kind, one.name))
        yield said + (f"  [because of: {reason}]" if reason else "")


def _value(value: Any) -> str:
    return "not there" if value is None else str(value)


def _input(change: InputChange) -> Iterator[str]:
    yield f"{change.name}: {change.words}"
    if change.rows is not None:
        yield from (f"  {line}" for line in _rows(change.rows))


def _rows(changes: RowChanges) -> Iterator[str]:
    for one in changes.restated[:_MOST]:
        told = ", ".join(
            f"{name}: {old or 'nothing'} -> {new or 'nothing'}"
            for name, (old, new) in one.changed.items()
        )
        yield _cut(f"restated {' | '.join(one.row)}: {told}")
    for word, rows in (("new", changes.added), ("gone", changes.removed)):
        for row in rows[:_MOST]:
            yield _cut(f"{word} {' | '.join(cell for cell in row if cell)}")
    counts = (len(rows) for rows in (changes.restated, changes.added, changes.removed))
    if hidden := sum(max(0, count - _MOST) for count in counts):
        yield f"and {hidden} more rows"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."
