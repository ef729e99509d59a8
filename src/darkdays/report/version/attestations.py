"""Who has executed a published version again, when, on what, and what came out.

Records stand outside the immutable folder of a version, in ``attestations/<version>.jsonl`` of its
case. Each is one line, names the digest of the manifest it is about and that of the record before
it, and carries its own: a line that is changed or taken out is seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from darkdays.files import bounded, writing
from darkdays.files.staging import locked
from darkdays.files.system_errors import cannot

FOLDER: Final = "attestations"
_DIGEST: Final = "digest"
SIGNATURE: Final = "signature"
"""Of a record that was signed; it is of the record's other bytes, :func:`bytes_of_record`."""
_LARGEST: Final = 64 * 2**20


@dataclass(frozen=True)
class Attestation:
    """A record, and whether it is as it was written.

    Attributes
    ----------
    record
        What was attested.
    whole
        Whether its own digest and that of the record before it fit.
    """

    record: dict[str, Any]
    whole: bool


def path_of(home: Path, version: str) -> Path:
    """Return where the records of a version are."""
    return home / FOLDER / f"{version}.jsonl"


def attestations(home: Path, version: str) -> list[Attestation]:
    """Return the records of a version, oldest first; what cannot be read is no longer whole."""
    path = path_of(home, version)
    if not path.is_file():
        return []
    found, before = [], ""
    for line in _lines(path):
        try:
            record = bounded.json_of(line)
            whole = record["previous"] == before and record[_DIGEST] == digest_of(record)
            before = str(record[_DIGEST])
        except (ValueError, KeyError, TypeError, AttributeError):
            record, whole = {}, False
        found.append(Attestation(record, whole))
    return found


def _lines(path: Path) -> list[str]:
    return bounded.bytes_of(path, _LARGEST).decode("utf-8", "replace").splitlines()


def append(
    home: Path,
    version: str,
    record: dict[str, Any],
    sign: Callable[[bytes], str] | None = None,
) -> dict[str, Any]:
    """Add a record to those of a version and return it with its digest; others wait meanwhile.

    Parameters
    ----------
    home, version
        Folder of the case, and which version.
    record
        What is put on record.
    sign
        Returns the signature of the record, which thereby is of all before it, too.

    Raises
    ------
    DarkdaysError
        If the records cannot be read or written.
    """
    path = path_of(home, version)
    try:
        with locked(path.parent):
            before = attestations(home, version)
            chained = {**record, "previous": before[-1].record.get(_DIGEST, "") if before else ""}
            chained[_DIGEST] = digest_of(chained)
            if sign is not None:
                chained[SIGNATURE] = sign(bytes_of_record(chained))
            line = json.dumps(chained, ensure_ascii=False, allow_nan=False)
            content = path.read_bytes() if before else b""
            writing.write_bytes(path, content + f"{line}\n".encode())
            return chained
    except OSError as error:
        raise cannot("write", path, error, "--reports") from None


def digest_of(record: dict[str, Any]) -> str:
    """Return the SHA-256 of a record without its own digest and signature."""
    return writing.sha256(bytes_of_record(record))


def bytes_of_record(record: dict[str, Any]) -> bytes:
    """Return what is hashed and signed of a record: all of it but digest and signature."""
    rest = {key: value for key, value in record.items() if key not in {_DIGEST, SIGNATURE}}
    return json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
