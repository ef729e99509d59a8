"""Which snapshots a folder holds, of which case and since when, without parsing their manifests.

A manifest begins with its case, when it was sealed and whether it is complete. Of a snapshot only
these first bytes are read, once a process, for its name is the digest of all of it. The folder is
listed again when something was added or removed, by whomever: there is no index that could be out
of date.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from darkdays.files import bounded
from darkdays.files.system_errors import cannot

SHORT: Final = 16
MANIFEST: Final = "manifest.json"
_NAME: Final = re.compile(f"[0-9a-f]{{{SHORT}}}")
_HEAD: Final = re.compile(
    rb'\s*\{\s*"format":\s*\d+,\s*"case":\s*"([A-Za-z0-9._-]+)",'
    rb'\s*"sealed":\s*"([0-9TZ:.+-]+)",\s*"complete":\s*(true|false),'
)
_HEAD_BYTES: Final = 512
# A folder that changed so recently may change again without another time of change.
_SETTLED_SECONDS: Final = 5.0


class Head(NamedTuple):
    """How a manifest begins; sorted by time.

    Attributes
    ----------
    sealed
        When, as the manifest has it; empty where it does not begin as expected.
    name
        Of the folder of the snapshot.
    complete
        What the manifest says.
    """

    sealed: str
    name: str
    complete: bool


@dataclass
class _Known:
    """What is known of a folder.

    Attributes
    ----------
    changed
        Time of change of the folder when it was listed, None if it has to be listed again.
    bare
        Names of snapshots without a manifest: being written, or left by a process that ended.
    cases
        By name of snapshot; empty where a manifest does not begin as expected.
    heads
        By case.
    """

    changed: int | None = None
    bare: set[str] = field(default_factory=set)
    cases: dict[str, str] = field(default_factory=dict)
    heads: dict[str, dict[str, Head]] = field(default_factory=lambda: defaultdict(dict))


_known: dict[Path, _Known] = defaultdict(_Known)
_lock: Final = threading.Lock()


def heads(folder: Path, case: str = "") -> list[Head]:
    """Return how the manifests of a case begin, or all, oldest first.

    Those that do not begin as expected are among them, whatever their case, and come last.

    Raises
    ------
    DarkdaysError
        If a manifest cannot be read.
    """
    with _lock:
        known = _known[folder.absolute()]
        _refresh(known, folder)
        groups = [known.heads[case], known.heads[""]] if case else list(known.heads.values())
        found = [one for group in groups for one in group.values()]
    return sorted(found, key=lambda one: (not one.sealed, one))


def _refresh(known: _Known, folder: Path) -> None:
    try:
        changed = folder.stat().st_mtime_ns
        if changed != known.changed:
            with os.scandir(folder) as listed:
                names = {one.name for one in listed if _NAME.fullmatch(one.name)}
            for name in known.cases.keys() - names:
                del known.heads[known.cases.pop(name)][name]
            known.bare = names - known.cases.keys()
            is_settled = abs(time.time() - changed / 1e9) > _SETTLED_SECONDS
            known.changed = changed if is_settled else None
    except FileNotFoundError:
        known.changed, known.bare, known.cases = None, set(), {}
        known.heads.clear()
    except OSError as error:
        raise cannot("read", folder, error) from None
    for name in sorted(known.bare):
        if (head := _beginning(folder / name / MANIFEST)) is not None:
            match = _HEAD.match(head)
            case, sealed, complete = map(bytes.decode, match.groups() if match else (b"",) * 3)
            known.cases[name] = case
            known.heads[case][name] = Head(sealed, name, complete == "true")
            known.bare.discard(name)


def _beginning(path: Path) -> bytes | None:
    try:
        return bounded.bytes_of(path, _HEAD_BYTES, cut=True)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise cannot("read", path, error) from None
