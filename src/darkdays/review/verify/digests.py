"""Whether the files of a version are as its manifest, and the list of manifests, say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from darkdays.files import bounded, writing
from darkdays.report.version.compare import DIFFERS, IDENTICAL, Outcome
from darkdays.report.version.seal import LEDGER, MANIFEST, ledger, wrong_files

FILE: Final = "file"
DIGEST: Final = "digest"
_WORDS: Final = {
    "changed": "it was changed after it was published",
    "missing": "it is gone",
    "added": "it is no part of the version",
}


def check_files(folder: Path, manifest: Mapping[str, Any]) -> list[Outcome]:
    """Compare every file of a version with its manifest, and the manifest with the list of all."""
    wrong = wrong_files(folder, manifest)
    found = [
        Outcome(FILE, name, DIFFERS, _WORDS[wrong[name]])
        if name in wrong
        else Outcome(FILE, name, IDENTICAL)
        for name in sorted({*manifest["files"], *wrong})
    ]
    return [*found, *_manifest(folder)]


def is_listed(folder: Path) -> bool:
    """Whether the manifest of a version is in the list of all."""
    return _name(folder) in ledger(bounded.real(folder).parents[1])


def check_digests(stated: Mapping[str, Any], found: Mapping[str, Any]) -> list[Outcome]:
    """Compare the digests a manifest states with those of what was executed."""
    return [
        Outcome(DIGEST, name, IDENTICAL)
        if name in found and stated.get(name, "") == ("" if found[name] is None else found[name])
        else Outcome(DIGEST, name, DIFFERS, "it was made from something else")
        for name in dict.fromkeys([*stated, *found])
    ]


def _manifest(folder: Path) -> Iterator[Outcome]:
    digest = writing.sha256((folder / MANIFEST).read_bytes())
    listed = ledger(bounded.real(folder).parents[1]).get(_name(folder))
    if listed is not None:
        same = listed == digest
        words = "" if same else f"{LEDGER} lists another one"
        yield Outcome(FILE, MANIFEST, IDENTICAL if same else DIFFERS, words)


def _name(folder: Path) -> str:
    resolved = bounded.real(folder)
    return f"{resolved.parent.name}/{resolved.name}/{MANIFEST}"
