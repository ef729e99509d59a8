"""What a report carries along so that it can be made again: case, embedded data, snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from darkdays.archive.manifest import text_of
from darkdays.archive.snapshot import Snapshot
from darkdays.files import paths

CASE: Final = "case.yaml"
SNAPSHOT: Final = "snapshot.json"
ENVELOPE: Final = "envelope.json"


def carried(case_file: Path, inputs: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files a report carries along, by their name in it.

    Parameters
    ----------
    case_file
        The file of the case; a measured envelope is looked for beside it.
    inputs
        Digests of what was read: ``data`` by name below ``data/``, and the ``snapshot``.

    Returns
    -------
    dict
        The case, every embedded file read, and the manifest of the snapshot: what was asked and
        the digest of what came back, without the replies.
    """
    found = {CASE: case_file.read_bytes()}
    for name in inputs["data"]:
        found[f"data/{name}"] = (paths.data() / name).read_bytes()
    if inputs["snapshot"]:
        manifest = Snapshot.open(paths.snapshots(), inputs["snapshot"]).manifest
        found[SNAPSHOT] = text_of(manifest).encode()
    envelope = envelope_of(case_file)
    if envelope.is_file():
        found[ENVELOPE] = envelope.read_bytes()
    return found


def envelope_of(case_file: Path) -> Path:
    """Return where the measured envelope of a case is kept."""
    return case_file.parent / "envelopes" / f"{case_file.stem}.json"
