"""What stands behind a version that its re-execution cannot show: its list, inputs and machine.

The judged party wrote the manifest and brought the inputs. Where the history of this checkout lists
the manifest, every byte is held against it. Elsewhere inputs are held against those here, and what
is left is named as not compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from darkdays.files import bounded, writing
from darkdays.report.languages.file_names import KINDS
from darkdays.report.version.compare import DIFFERS, IDENTICAL, UNCOMPARED, Outcome
from darkdays.report.version.inputs_copy import CASE, ENVELOPE
from darkdays.report.version.provenance import machine
from darkdays.report.version.seal import MANIFEST
from darkdays.review.rerun.checkouts import LARGEST, places_of
from darkdays.review.rerun.history import holds_this_code
from darkdays.review.verify.digests import FILE

_KEYS: Final = frozenset({"case", "version", "digests", "files", "machine"})


def check_standing(
    folder: Path,
    manifest: Mapping[str, Any],
    *,
    vouched: bool,
    compared: Collection[Outcome],
    tree: Path,
) -> Iterator[Outcome]:
    """Go through what nothing else of a check looks at.

    Parameters
    ----------
    folder, manifest
        The version.
    vouched
        Whether the history of this checkout lists its manifest.
    compared
        What came of what was made again: figures, cells and pages.
    tree
        Where the code is that it was made again with; inputs are looked for there, and here.
    """
    if unknown := sorted(manifest.keys() - _KEYS):
        yield Outcome(FILE, MANIFEST, DIFFERS, f"{unknown[0][:40]} is no part of a manifest")
    elif writing.json_text(dict(manifest)).encode() != (folder / MANIFEST).read_bytes():
        yield Outcome(FILE, MANIFEST, DIFFERS, "how it is written")
    if vouched:
        return
    stated, here = manifest.get("machine") or {}, machine()
    if holds_this_code(str(stated.get("commit"))):
        here["commit"] = stated["commit"]
    if stated != here:
        words = "what it says of the machine that made it"
        yield Outcome(FILE, f"{MANIFEST}, machine", UNCOMPARED, words)
    names = set(_files_of(compared))
    for name in sorted(manifest["files"]):
        if place := _place_of(name, str(manifest["case"])):
            yield _input(folder / name, name, places_of(tree, place))
        elif name not in names:
            yield Outcome(FILE, name, UNCOMPARED, "the code that made it does not lay it out here")


def _files_of(compared: Collection[Outcome]) -> Iterator[str]:
    """Go through the files that a comparison looked at."""
    yield "findings.json"
    for one in compared:
        if one.kind == "figure":
            yield from (f"figures/{one.name}.{kind}" for kind in KINDS)
        elif one.kind == "cell":
            yield f"notebooks/{one.name.partition(' ')[0]}.ipynb"
        elif one.kind == "page":
            yield one.name


def _place_of(name: str, case: str) -> str:
    """Return where an input is kept, nothing of what is none."""
    if name in {CASE, ENVELOPE}:
        return {CASE: f"cases/{case}.yaml", ENVELOPE: f"cases/envelopes/{case}.json"}[name]
    return name if name.startswith("data/") else ""


def _input(path: Path, name: str, places: list[Path]) -> Outcome:
    known = [bounded.bytes_of(one, LARGEST) for one in places if one.is_file()]
    if path.is_file() and bounded.bytes_of(path, LARGEST) in known:
        return Outcome(FILE, name, IDENTICAL)
    if name == ENVELOPE:
        return Outcome(FILE, name, UNCOMPARED, "tolerances of its own, which were not used")
    if known:
        return Outcome(FILE, name, DIFFERS, "this checkout holds another one")
    return Outcome(FILE, name, UNCOMPARED, "it came with the report; nothing here is to compare")
