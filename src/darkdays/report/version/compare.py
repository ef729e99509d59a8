"""Two findings documents side by side: what is identical, within tolerance, or differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from darkdays.report.version.json_values import distance, is_close, leaves

IDENTICAL: Final = "identical"
WITHIN: Final = "within tolerance"
DIFFERS: Final = "differs"
UNCOMPARED: Final = "not compared"
CANNOT: Final = "cannot run"
_WORST: Final = (IDENTICAL, WITHIN, UNCOMPARED, CANNOT, DIFFERS)

FINDING: Final = "finding"
CLAIM: Final = "claim"
PART: Final = "part"
# What a version adds to a finding when it is published; it is held against nothing.
_ADDED: Final = ("tolerance", "cell", "sources")
_ASIDE: Final = frozenset({"version", "tolerances"})


@dataclass(frozen=True)
class Outcome:
    """How one thing of a report compares with another.

    Attributes
    ----------
    kind
        ``claim``, ``finding``, ``part`` of the findings document, ``figure``, ``cell``, ``file``,
        ``digest``, ``input``.
    name
        Which one.
    outcome
        ``identical``, ``within tolerance``, ``not compared``, ``cannot run`` or ``differs``.
    detail
        What is different, or why it was not compared; empty if nothing is.
    """

    kind: str
    name: str
    outcome: str
    detail: str = ""


def worst(outcomes: list[Outcome]) -> str:
    """Return the gravest outcome of all, ``identical`` of none."""
    return max((one.outcome for one in outcomes), key=_WORST.index, default=IDENTICAL)


def compare_findings(
    before: Mapping[str, Any], after: Mapping[str, Any], yardstick: Mapping[str, Any] | None = None
) -> list[Outcome]:
    """Compare two findings documents, claim by claim, finding by finding, then the rest.

    Parameters
    ----------
    before, after
        The documents.
    yardstick
        The document whose tolerances count, `before` if not given: of every finding, and under
        ``tolerances`` of the rest. A finding without a measured tolerance is allowed a relative
        difference of 1e-9.
    """
    yardstick = before if yardstick is None else yardstick
    return [
        *_by_id(CLAIM, before, after, yardstick),
        *_by_id(FINDING, before, after, yardstick),
        *_parts(before, after, yardstick),
    ]


def compare(
    kind: str, name: str, before: Any, after: Any, tolerance: Mapping[str, float] | None = None
) -> Outcome:
    """Compare two documents value by value.

    Parameters
    ----------
    tolerance
        Largest difference by path, in the unit of the value, minutes for times.
    """
    old, new = dict(leaves(before)), dict(leaves(after))
    found, outcome = [], IDENTICAL
    for path in [*old, *(path for path in new if path not in old)]:
        if path in old and path in new and distance(old[path], new[path]) == 0:
            continue
        words = f"{path or 'value'}: {_shown(old, path)} and {_shown(new, path)}"
        both = path in old and path in new
        if both and is_close(old[path], new[path], (tolerance or {}).get(path, 0.0)):
            if outcome == IDENTICAL:
                outcome = WITHIN
            found.append(words)
        else:
            found = [words] if outcome != DIFFERS else [*found, words]
            outcome = DIFFERS
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return Outcome(kind, name, outcome, "; ".join(found[:3]) + more)


def without_added(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finding as the study made it, without what publishing added."""
    return {key: value for key, value in finding.items() if key not in _ADDED}


def _by_id(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any], yardstick: Mapping[str, Any]
) -> Iterator[Outcome]:
    old, new, measured = (_items(one, f"{kind}s") for one in (before, after, yardstick))
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            yield Outcome(kind, name, DIFFERS, "disappeared")
        elif name not in old:
            yield Outcome(kind, name, DIFFERS, "appeared")
        else:
            tolerance = measured.get(name, {}).get("tolerance")
            yield compare(kind, name, without_added(old[name]), without_added(new[name]), tolerance)


def _items(document: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    return {str(item["id"]): item for item in document.get(key, [])}


def _parts(
    before: Mapping[str, Any], after: Mapping[str, Any], yardstick: Mapping[str, Any]
) -> Iterator[Outcome]:
    measured = (yardstick.get("tolerances") or {}).get("elsewhere") or {}
    for key in dict.fromkeys([*before, *after]):
        if key in _ASIDE or key in {"claims", "findings"}:
            continue
        old, new = before.get(key), after.get(key)
        tolerance = {
            path.removeprefix(key).removeprefix("."): value
            for path, value in measured.items()
            if path.startswith((f"{key}.", f"{key}[")) or path == key
        }
        yield compare(PART, key, old, new, tolerance)


def _shown(values: Mapping[str, Any], path: str) -> str:
    if path not in values:
        return "nothing"
    text = "none" if values[path] is None else str(values[path])
    return text if len(text) <= 80 else f"{text[:77]}..."
