"""Put on record that somebody checked a report, beside its immutable folder."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.files.staging import locked
from darkdays.report.page.index import write_index
from darkdays.report.version.attestations import (
    SIGNATURE,
    append,
    attestations,
    bytes_of_record,
)
from darkdays.report.version.compare import FINDING, IDENTICAL
from darkdays.report.version.provenance import machine
from darkdays.review.signatures import sign, signer_of
from darkdays.review.verify.verification import (
    AGREES,
    OUTCOMES,
    Verification,
    outcomes_document,
)

_LONGEST: Final = 100
_WORDS: Final = (*OUTCOMES, AGREES)


def attest(
    folder: Path,
    found: Verification,
    name: str,
    *,
    when: datetime | None = None,
    key: Path | None = None,
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
    key
        The SSH key it is signed with; not signed if not given.

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
    signing = None if key is None else partial(sign, key=key)
    written = append(home, found.version, record, signing)
    with locked(home.parent):
        write_index(home.parent)
    return written


def attested(home: Path, version: str, manifest: str, signers: Path | None) -> list[str]:
    """Return who put on record that they checked a version, and what of that is signed.

    Parameters
    ----------
    home, version
        Folder of the case, and which version.
    manifest
        SHA-256 of its manifest now.
    signers
        File of the signers that are trusted.
    """
    said = []
    for one in attestations(home, version):
        record, signature = one.record, one.record.get(SIGNATURE)
        outcome = str(record.get("outcome"))  # anything could stand there, such as a signer's name
        words = "not signed"
        if isinstance(signature, str):
            _, words = signer_of(bytes_of_record(record), signature, signers)
        if not one.whole:
            words += "; its record was changed, or one before it is gone"
        if record.get("manifest") != manifest:
            words += "; it is about another state of this version"
        said.append(
            f"checked by {str(record.get('name'))[:_LONGEST]!r} on {str(record.get('when'))[:20]}: "
            f"{outcome if outcome in _WORDS else 'no outcome there is'} ({words})"
        )
    return said


def processor_model() -> str:
    """Return what this machine calls its processor, ``unknown`` where it does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "unknown"
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "unknown")
