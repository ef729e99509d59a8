"""Put on record that somebody checked a report, beside its immutable folder."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.files.staging import locked
from darkdays.report.page.index import write_index
from darkdays.report.version.attestations import append
from darkdays.report.version.compare import FINDING, IDENTICAL
from darkdays.report.version.provenance import machine
from darkdays.review.verify.verification import OUTCOMES, Verification, outcomes_document

_LONGEST: Final = 100


def attest(
    folder: Path, found: Verification, name: str, *, when: datetime | None = None
) -> dict[str, Any]:
    """Add a record of a check: who, when, on what machine, and what came of every finding.

    Parameters
    ----------
    folder
        The version that was checked, inside ``reports/<case>/``.
    found
        What came of it.
    name
        Who checked it, as they want to be named.
    when
        Now if not given.

    Returns
    -------
    dict
        The record, with its digest.

    Raises
    ------
    InputError
        If the name is none.
    DarkdaysError
        If the report was not executed, or is not where reports are kept.
    """
    said = " ".join(name.split())
    if not said or len(said) > _LONGEST or any(unicodedata.category(c) == "Cc" for c in said):
        raise InputError(
            f"{name[:40]!r} is no name to put on record; give 1 to {_LONGEST} letters."
        )
    if not found.executed:
        raise DarkdaysError("the report was not executed again: there is nothing to put on record.")
    home = folder.parent
    if (folder.name, home.name) != (found.version, found.case):
        raise DarkdaysError(
            f"{folder.name} is not kept as <case>/<version>; check it where reports are kept."
        )
    moment = (when or datetime.now(UTC)).astimezone(UTC)
    counts = {word: sum(one.outcome == word for one in found.outcomes) for word in OUTCOMES}
    record = {
        "case": found.case,
        "version": found.version,
        "manifest": found.manifest,
        "name": said,
        "when": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "machine": {**machine(), "processor_model": processor_model()},
        "network_out_of_reach": found.isolated,
        "outcome": found.outcome,
        "counts": counts,
        "findings": {one.name: one.outcome for one in found.outcomes if one.kind == FINDING},
        "not_identical": outcomes_document(
            [one for one in found.outcomes if one.outcome != IDENTICAL]
        ),
    }
    written = append(home, found.version, record)
    with locked(home.parent):
        write_index(home.parent)
    return written


def processor_model() -> str:
    """Return what this machine calls its processor, ``unknown`` where it does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "unknown"
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "unknown")
