"""A report as one file to deposit: the version, what may be passed on of its data, how to check it.

The file is an RO-Crate of its own: the version lies in it as it was published, with its own
metadata, so that every digest in it still holds.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from darkdays.archive.exchange import export_snapshot, stored
from darkdays.archive.listing import SHORT
from darkdays.archive.snapshot import Snapshot
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, writing
from darkdays.files.packaged import template_of
from darkdays.report.version.crate import CONTEXT, METADATA
from darkdays.report.version.seal import LEDGER, MANIFEST, read_manifest, wrong_files
from darkdays.review.signatures import sign
from darkdays.review.verify.comparison import read_all
from darkdays.sources.services import open_services

_CITATION: Final = "CITATION.cff"
README: Final = "README.md"
_KEPT: Final = ("name", "description", "version", "datePublished", "license", "author")


@dataclass(frozen=True)
class Packed:
    """What packing a report came to.

    Attributes
    ----------
    path
        The file.
    sha256
        Its digest.
    left_out
        Replies whose terms forbid passing them on, in words.
    absent
        Whether the report read a snapshot that is not here, so that none of it came along.
    """

    path: Path
    sha256: str
    left_out: tuple[str, ...]
    absent: bool


def pack(folder: Path, snapshots: Path, to: Path, *, key: Path | None = None) -> Packed:
    """Write a version as one zip file ready for a repository: the same version, the same bytes.

    Parameters
    ----------
    folder
        The version, such as ``reports/iran-2019/1.0.0``.
    snapshots
        The folder of snapshots; of the one the version read, only what may be passed on is taken.
    to
        The file to write; its name ends in ``.zip``.
    key
        The SSH key to sign it with, into a file of the same name and ``.sig``.

    Raises
    ------
    InputError
        If the folder is no version, or the file is to have another ending or to lie in it.
    DarkdaysError
        If a file of the version is not as it was published, or it was published in an earlier
        form that has no metadata.
    """
    folder = bounded.real(folder)
    manifest = read_manifest(folder)
    name = f"{manifest['case']} {manifest['version']}"
    if to.suffix != ".zip" or bounded.real(to).is_relative_to(folder):
        raise InputError(f"{to.name} cannot be written: give a name outside it that ends in .zip.")
    if wrong := wrong_files(folder, manifest):
        first = next(iter(wrong))
        raise DarkdaysError(f"{name} is not as published: {first} is {wrong[first]}; restore it.")
    for one in (METADATA, _CITATION):
        if not (folder / one).is_file():
            raise DarkdaysError(
                f"{name} has no {one}: its form is an earlier one; "
                "run its case again and publish the version that makes."
            )
    place = f"reports/{manifest['case']}/{manifest['version']}"
    inside = {f"{place}/{name}": content for name, content in read_all(folder).items()}
    digest = writing.sha256(inside[f"{place}/{MANIFEST}"])
    inside[f"reports/{LEDGER}"] = (
        f"{digest}  {manifest['case']}/{manifest['version']}/{MANIFEST}\n".encode()
    )
    top = f"{manifest['case']}-{manifest['version']}"
    identity = str(manifest["digests"]["snapshot"])
    left_out: tuple[str, ...] = ()
    here = bool(identity) and (snapshots / identity[:SHORT] / MANIFEST).is_file()
    if here:
        body, left_out = _exported(Snapshot.open(snapshots, identity))
        inside[f"snapshots/{identity[:SHORT]}.zip"] = body
    inside[_CITATION] = inside[f"{place}/{_CITATION}"]
    inside[README] = template_of("review/deposit.md.j2").render(
        name=name, top=top, place=place, identity=identity, short=identity[:SHORT], here=here,
        left_out=left_out, program=metadata.version("darkdays"), address=_address(),
        python=str(manifest.get("machine", {}).get("python", "")),
        commit=str(manifest.get("machine", {}).get("commit") or ""),
    ).encode()  # fmt: skip
    try:
        crate = bounded.json_of(inside[f"{place}/{METADATA}"])
        inside[METADATA] = _crate(crate, place, inside).encode()
    except (ValueError, LookupError, TypeError, AttributeError):
        raise DarkdaysError(
            f"{name} cannot be packed: its {METADATA} is not in its form; restore it, or run its "
            "case again and publish the version that makes."
        ) from None
    with writing.replacing(to) as partial:
        with zipfile.ZipFile(partial, "w") as archive:
            for one in sorted(inside):
                archive.writestr(stored(f"{top}/{one}"), inside[one])
        # Before it is in place: what was to be signed is not left behind unsigned.
        signature = sign(partial.read_bytes(), key) if key is not None else ""
    if signature:
        writing.write_text(to.with_name(f"{to.name}.sig"), signature)
    return Packed(to, writing.sha256(to.read_bytes()), left_out, bool(identity) and not here)


def _exported(snapshot: Snapshot) -> tuple[bytes, tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="darkdays-publish-") as scratch:
        to = Path(scratch) / "snapshot.zip"
        done = export_snapshot(snapshot, to, open_services=open_services())
        return done.path.read_bytes(), done.left_out


def _address() -> str:
    """Return where the project is, as it says itself; empty where it does not."""
    urls = metadata.metadata("darkdays").get_all("Project-URL") or []
    return str(urls[0]).partition(", ")[2] if urls else ""


def _crate(crate: Mapping[str, Any], place: str, inside: Mapping[str, bytes]) -> str:
    """Return the metadata of the whole file: the version as a part with metadata of its own."""
    entities = {one["@id"]: one for one in crate["@graph"]}
    root = entities["./"]
    version = f"{place}/"
    loose = sorted(one for one in inside if not one.startswith(version))
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            **{key: root[key] for key in _KEPT},
            "hasPart": [{"@id": one} for one in [version, *loose]],
        },
        {
            "@id": version,
            "@type": "Dataset",
            "name": root["name"],
            "conformsTo": root["conformsTo"],
            "subjectOf": {"@id": f"{version}{METADATA}"},
        },
        {
            "@id": f"{version}{METADATA}",
            "@type": "CreativeWork",
            "encodingFormat": "application/ld+json",
        },
        *(entities[root[key]["@id"]] for key in ("license", "author")),
        *(
            {
                "@id": one,
                "@type": "File",
                "name": one,
                "contentSize": str(len(inside[one])),
                "sha256": writing.sha256(inside[one]),
            }
            for one in loose
        ),
    ]
    return writing.json_text({"@context": CONTEXT, "@graph": graph})
