"""What is said beside a verdict: the claim's note and, where data are missing, how to get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from darkdays.case.case import Case
from darkdays.case.records import OutageReported, SingleProvider
from darkdays.case.studies import StudyClaim
from darkdays.claims.judging.verdicts import UNTESTED, Judgement
from darkdays.claims.records.providers import CONCENTRATION, SHARE
from darkdays.fetch.plan import how_to_get


def explained(judgement: Judgement, claim: Any, case: Case, unread: Mapping[str, str]) -> Judgement:
    """Return a judgement with the claim's note and, if it is untested, how to get the data.

    Parameters
    ----------
    judgement
        As it was judged.
    claim
        Of any type; only some have a note.
    case
        The case.
    unread
        What the case names and is not there, name to reason. Where everything was read nothing
        can be fetched, and no command is named.
    """
    because = judgement.because
    if judgement.verdict == UNTESTED:
        missing = [name for name in _looked_into(claim, case) if name in unread]
        if missing:
            because = f"{because} {how_to_get(case, missing)}".rstrip()
        # What was fetched and cannot be read has its own reason.
        because += "".join(
            f" {name} was not read: {unread[name].removesuffix('.')}."
            for name in missing
            if "`darkdays " not in unread[name]
        )
    if note := getattr(claim, "note", ""):
        because += f" {note}"
    return replace(judgement, because=because)


def _looked_into(claim: Any, case: Case) -> list[str]:
    """Return the names of all that a claim is judged by."""
    if isinstance(claim, StudyClaim):
        # These say themselves which lists were not read, and why.
        return []
    if isinstance(claim, SingleProvider):
        return [SHARE, CONCENTRATION]
    tables = getattr(claim, "tables", ())
    if tables and not isinstance(claim, OutageReported):
        return list(tables)
    return [one.datasource for one in case.signals] + [one.source for one in case.events]
