"""What stands beside the answer: three numbers with bounds, and what is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from darkdays.contracts.verdict_words import CONTRADICTED, INCONCLUSIVE, SUPPORTED, UNTESTED

_MOST: Final = 3
_TIMES_SAID: Final = 2
"""From so many claims on, a sentence that is the same for all is said once."""
_ORDER: Final = (SUPPORTED, CONTRADICTED)
# Of how sure one is, not of what was measured.
_NOT_SAID: Final = frozenset({"probability", "share of the time of events"})
_UNITS: Final = {"h": ("hour", "hours"), "d": ("day", "days"), "min": ("minute", "minutes")}
_SHARES: Final = "share"
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
_FIRST: Final = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True)
class KeyNumber:
    """A number a report begins with.

    Attributes
    ----------
    value, bounds
        As read; bounds are empty where there are none.
    about
        What it is, in words.
    finding
        The id of the finding it is.
    """

    value: str
    bounds: str
    about: str
    finding: str


def key_numbers(document: Mapping[str, Any]) -> list[KeyNumber]:
    """Return the numbers that decided claims of a findings document rest on, at most three.

    A claim gives its first number that is known at all; those with bounds come before those
    without.
    """
    known = {str(one["id"]): one for one in document["findings"]}
    found = [
        (_rank(claim, one), at, _told(claim, one))
        for at, claim in enumerate(document["claims"])
        if claim["verdict"] in _ORDER
        for one in _first(claim, known)
    ]
    found.sort(key=lambda one: one[:2])
    return [told for _, _, told in found[:_MOST]]


def not_known(document: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what claims are not decided, by what is said of all of them: a cause, and them."""
    causes: dict[str, list[str]] = {}
    for claim in document["claims"]:
        if claim["verdict"] in {INCONCLUSIVE, UNTESTED}:
            cause = _FIRST.split(claim["because"], maxsplit=1)[0]
            causes.setdefault(cause, []).append(claim["statement"])
    return list(causes.items())


def said_once(claims: Sequence[Mapping[str, Any]], part: str) -> tuple[list[str], list[str]]:
    """Return sentences that several claims share, and of each claim what is its own.

    Parameters
    ----------
    claims
        Of a findings document.
    part
        Which of their texts: ``because`` or ``overturned_by``.
    """
    texts = [_sentences(claim[part]) for claim in claims]
    times: dict[str, int] = {}
    for sentences in texts:
        for one in dict.fromkeys(sentences):
            times[one] = times.get(one, 0) + 1
    shared = [sentence for sentence, count in times.items() if count > _TIMES_SAID]
    own = [" ".join(one for one in sentences if one not in shared) for sentences in texts]
    return shared, own


def _first(
    claim: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    numbers = [known[name] for name in claim["rests_on"] if name in known]
    for one in sorted(numbers, key=lambda one: not _has_bounds(one)):
        said = one["value"] is not None or any(bound is not None for bound in one["interval"])
        if said and one["unit"] not in _NOT_SAID:
            yield one
            return


def _rank(claim: Mapping[str, Any], one: Mapping[str, Any]) -> tuple[bool, int]:
    return not _has_bounds(one), _ORDER.index(claim["verdict"])


def _has_bounds(one: Mapping[str, Any]) -> bool:
    return any(bound is not None for bound in one["interval"])


def _told(claim: Mapping[str, Any], one: Mapping[str, Any]) -> KeyNumber:
    value, (low, high) = one["value"], one["interval"]
    bounds = ""
    if low is not None and high is not None:
        bounds = f"{_written(low, one['unit'])} to {_written(high, one['unit'])}"
    elif low is not None:
        bounds = f"at least {_written(low, one['unit'])}"
    elif high is not None:
        bounds = f"at most {_written(high, one['unit'])}"
    said = bounds if value is None else _written(value, one["unit"])
    note = one["witnesses"].get("note") or ""
    about = claim["statement"] + (f" ({note})" if note else "")
    unit = _unit(one["unit"], said)
    return KeyNumber(f"{said}{unit}", "" if value is None else bounds, about, str(one["id"]))


def _written(number: float | str, unit: str) -> str:
    if isinstance(number, str):
        return number.replace("T", " ").replace("Z", " UTC")
    if unit.startswith(_SHARES):
        return f"{number * 100:.3g} %"
    return f"{number:,.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def _unit(unit: str, said: str) -> str:
    if unit.startswith(_SHARES):
        return unit.removeprefix(_SHARES)
    if unit == "ratio":
        return ", ratio"
    one, many = _UNITS.get(unit, (unit, unit))
    return f" {one if said == '1' else many}"


def _sentences(text: str) -> list[str]:
    return _SENTENCE.split(text)
