"""The answer a report begins with: what its verdicts say together, and never more than they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from darkdays.contracts.verdict_words import CONTRADICTED, INCONCLUSIVE, SUPPORTED, UNTESTED
from darkdays.files.packaged import toml_of

_CLAUSES: Final[Mapping[str, str]] = toml_of("report/findings/clauses.toml")
_MOST: Final = 4
_STAMP: Final = "SIMULATED, and so about nothing in the world. "
_SENTENCES: Final = {
    SUPPORTED: ("The data show that {}.", "and"),
    CONTRADICTED: ("It is not so that {}.", "or that"),
    INCONCLUSIVE: ("The data do not tell whether {}.", "or"),
    UNTESTED: ("No data are here to tell whether {}.", "or"),
}


def answer_of(claims: Sequence[tuple[Any, str]], *, simulated: bool = False) -> str:
    """Return the answer that claims with their verdicts give together.

    What the data show is said first, and never with a *yes*: a case may ask "because of?", and have
    nothing supported but "after". What they do not decide, and what there are no data on, is said
    as such, in the order in which the case asks. Claims with the same words are told once, by the
    weakest of their verdicts.

    Parameters
    ----------
    claims
        Claims of a case in its order, and the verdict of each.
    simulated
        Whether the data were generated.
    """
    verdicts: dict[str, set[str]] = {}
    types = Counter(claim.type for claim, _ in claims if not claim.short)
    for claim, verdict in claims:
        # What is said of a type tells several of its claims apart no more.
        usual = _CLAUSES.get(claim.type) if types[claim.type] == 1 else None
        clause = claim.short or usual or claim.statement.rstrip(".")
        verdicts.setdefault(clause, set()).add(verdict)
    by: dict[str, list[str]] = {}
    for clause, found in verdicts.items():
        by.setdefault(_weakest(found), []).append(clause)
    said = [
        text.format(_joined(by[verdict], last))
        for verdict in sorted(by, key=lambda one: one != SUPPORTED)
        for text, last in [_SENTENCES[verdict]]
    ]
    return (_STAMP if simulated else "") + " ".join(said)


def _weakest(verdicts: set[str]) -> str:
    if UNTESTED not in verdicts and {SUPPORTED, CONTRADICTED} <= verdicts:
        return INCONCLUSIVE
    order = (UNTESTED, INCONCLUSIVE, CONTRADICTED, SUPPORTED)
    return next(one for one in order if one in verdicts)


def _joined(clauses: Sequence[str], last: str) -> str:
    shown = list(clauses if len(clauses) <= _MOST else clauses[: _MOST - 1])
    if more := len(clauses) - len(shown):
        return f"{', '.join(shown)} (and {more} more)"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"
