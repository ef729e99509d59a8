"""Claims about numbers that studies of lists give."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from darkdays.case.studies import FindingAbove, PublishedFigures
from darkdays.claims.judging import verdicts
from darkdays.claims.judging.verdicts import Judgement, Number
from darkdays.labels.finding import Finding

_FETCH: Final = re.compile(r"`darkdays fetch [^`]*`")


def published_figures(
    claim: PublishedFigures, findings: Mapping[str, Finding], unread: Mapping[str, str]
) -> Judgement:
    """Judge whether published numbers came out again, to within what rounding explains."""
    missing = [name for name in claim.figures if not _known(findings.get(name))]
    if missing:
        return _untested(missing, unread)
    differing = [
        f"{name} is {findings[name].value:g} here and {printed:g} there"
        for name, printed in claim.figures.items()
        # A difference of the last bit is none.
        if abs(findings[name].value - printed) > claim.tolerance + 1e-9 * abs(printed)
    ]
    same = len(claim.figures) - len(differing)
    return Judgement(
        verdicts.CONTRADICTED if differing else verdicts.SUPPORTED,
        f"{same} of {len(claim.figures)} figures came out as published"
        + (f": {'; '.join(differing)}." if differing else "."),
        "Another version of a list, or a rule read differently.",
        tuple(
            _number(findings[name], f"published {printed:g}")
            for name, printed in claim.figures.items()
        ),
    )


def finding_above(
    claim: FindingAbove, findings: Mapping[str, Finding], unread: Mapping[str, str]
) -> Judgement:
    """Judge whether a number, with its interval, is above a threshold."""
    found = findings.get(claim.finding)
    if found is None or not _known(found):
        return _untested([claim.finding], unread)
    verdict = above(found.value, found.low, found.high, claim.above)
    bounds = "" if math.isnan(found.low) else f" ({found.low:.3g} to {found.high:.3g})"
    return Judgement(
        verdict,
        f"{claim.finding} is {found.value:.3g}{bounds}, against a threshold of {claim.above:g}.",
        f"An interval of {claim.finding} that reaches {claim.above:g}."
        if verdict == verdicts.SUPPORTED
        else f"An interval of {claim.finding} that lies above {claim.above:g}.",
        (_number(found, ""),),
    )


def above(value: float, low: float, high: float, threshold: float) -> str:
    """Return the verdict on "it is above the threshold"; a bound that is not known is the value."""
    least = value if math.isnan(low) else low
    most = value if math.isnan(high) else high
    return verdicts.either(least > threshold, most <= threshold)


def _known(finding: Finding | None) -> bool:
    return finding is not None and not math.isnan(finding.value)


def _number(finding: Finding, note: str) -> Number:
    return Number(
        finding.id,
        finding.value,
        finding.unit,
        None if math.isnan(finding.low) else finding.low,
        None if math.isnan(finding.high) else finding.high,
        finding.n,
        note,
        is_finding=True,
    )


def _untested(missing: list[str], unread: Mapping[str, str]) -> Judgement:
    more = f" (nor {len(missing) - 1} more)" if len(missing) > 1 else ""
    told = [f"There is no {missing[0]}{more}."]
    if unread:
        told.append(f"Lists were not read: {', '.join(f'`{name}`' for name in unread)}.")
        # How each is got is said once, where the report says what was not read.
        commands = dict.fromkeys(_FETCH.findall(" ".join(unread.values())))
        told += [f"{one} would fetch them." for one in commands]
        told += [
            f"`{name}` was not read: {reason.removesuffix('.')}."
            for name, reason in unread.items()
            if not _FETCH.search(reason)
        ]
    return Judgement(
        verdicts.UNTESTED,
        " ".join(told),
        "The lists it is counted from would start a test.",
    )
