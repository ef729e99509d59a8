"""Check a published report: every byte against its digest, every number by doing it again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, paths, writing
from darkdays.report.version.compare import CANNOT, DIFFERS, Outcome
from darkdays.report.version.provenance import machine
from darkdays.report.version.seal import MANIFEST, SWEPT, read_manifest
from darkdays.report.version.version import numbers, versions
from darkdays.review.rerun.checkouts import (
    LARGEST,
    Missing,
    carried_case,
    case_of,
    data_of,
    envelope_of,
    lay_out,
    places_of,
)  # fmt: skip
from darkdays.review.rerun.code import Code, this_code
from darkdays.review.rerun.history import find_code, vouched
from darkdays.review.rerun.isolation import RunError
from darkdays.review.rerun.rerun import Rerun, rerun
from darkdays.review.verify.digests import DIGEST, FILE, check_files, is_listed
from darkdays.review.verify.pinned import INPUT, check_snapshot
from darkdays.review.verify.standing import check_standing
from darkdays.review.verify.verification import Verification

# What versions published before did not state.
_LATER: Final = ("computation", "envelope")
_OF_CODE: Final = ("code", "computation")


def verify(
    folder: Path,
    snapshots: Path,
    *,
    execute: bool = True,
    trusted: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Check a version: its files, what it was made from, and what comes out when it is run again.

    Parameters
    ----------
    folder
        A version, such as ``reports/iran-2019/1.0.0``; nothing in it is written to.
    snapshots
        The folder of snapshots.
    execute
        Run it again; without, digests are compared and nothing else.
    trusted
        Refs whose history may bring code and lists of versions, besides HEAD's.
    tell
        Told in a few words what is being done.

    Raises
    ------
    InputError
        If the folder is no version of a report.
    """
    folder = bounded.real(folder)
    try:
        manifest = read_manifest(folder)
    except DarkdaysError as error:
        if error.exit_status != 1:
            raise
        damaged = Outcome(FILE, MANIFEST, DIFFERS, str(error))
        return Verification(
            folder.parent.name, folder.name, _digest(folder), (damaged,), False, None
        )
    outcomes = check_files(folder, manifest)
    notes = [] if is_listed(folder) else ["this version is not listed in SHA256SUMS beside it"]
    if identity := manifest["digests"].get("snapshot"):
        tell(f"snapshot {identity[:16]}")
        outcomes += check_snapshot(snapshots, identity)
    made: Rerun | None = None
    if execute and SWEPT in manifest["digests"]["data"]:
        # What a sweep was made of lies where it was made, and is no part of its report.
        words = (
            "sweep the same grid into the same folder again (darkdays sweep GRID --out FOLDER): "
            "where nothing changed, this version comes out"
        )
        outcomes.append(Outcome("run", "sweep", CANNOT, words))
    elif execute:
        with tempfile.TemporaryDirectory(prefix="darkdays-verify-") as scratch:
            made = _execute(
                folder, manifest, snapshots, Path(scratch), outcomes, notes, trusted, tell
            )
    return Verification(
        manifest["case"],
        manifest["version"],
        _digest(folder),
        tuple(outcomes),
        made is not None,
        made.isolated if made else None,
        tuple(notes),
    )


def verify_all(
    reports: Path,
    snapshots: Path,
    *,
    execute: bool = True,
    trusted: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Verification]:
    """Go through every version of every case, each checked as :func:`verify` does.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if not reports.is_dir():
        raise InputError(f"there is no folder of reports {reports}; run a case first.")
    for home in sorted(path for path in reports.iterdir() if path.is_dir()):
        for version in versions(home):
            folder = home / version
            tell(f"{home.name} {version}")
            try:
                yield verify(folder, snapshots, execute=execute, trusted=trusted, tell=tell)
            except InputError as error:
                # What is no version any more is one that differs, and the next follows.
                gone = Outcome(FILE, MANIFEST, DIFFERS, str(error))
                yield Verification(home.name, version, "", (gone,), False, None)


def make_again(
    folder: Path, manifest: Mapping[str, Any], code: Code, snapshots: Path, scratch: Path
) -> Rerun | list[Missing]:
    """Run what a manifest pins with some code, or say what of it is not here.

    Raises
    ------
    RunError
        If a notebook fails.
    """
    name = str(manifest["case"])
    # What runs here says which case it was, and that is compared; other code may not.
    case: bytes | Missing | None = carried_case(folder, name) if code.is_running else None
    case = case or case_of(folder, manifest, scratch, code.tree)
    data, missing = data_of(folder, manifest, code.tree)
    if isinstance(case, Missing):
        missing.append(case)
    if missing or isinstance(case, Missing):
        return missing
    digests = manifest["digests"]
    root = lay_out(
        scratch / "root", code=code, case=case, name=name, data=data, envelope=envelope_of(folder)
    )
    return rerun(
        root,
        name,
        code=code,
        scratch=scratch,
        snapshot=digests["snapshot"],
        snapshots=snapshots,
        parameters=digests["parameters"],
    )


def _execute(
    folder: Path,
    manifest: Mapping[str, Any],
    snapshots: Path,
    scratch: Path,
    outcomes: list[Outcome],
    notes: list[str],
    trusted: Sequence[str],
    tell: Callable[[str], None],
) -> Rerun | None:
    """Run a version again and add what came of it to the outcomes; None where it cannot be."""
    if any(one.kind == INPUT and one.outcome != "identical" for one in outcomes):
        notes.append("it was not executed: its snapshot is not here as it was")
        return None
    found = find_code(manifest, scratch, trusted)
    code = found or this_code()
    if found is None:
        words = "cannot check: code not in this history; executed with that of this checkout"
        outcomes.append(Outcome(DIGEST, "code", CANNOT, words))
    tell("executing its notebooks")
    try:
        with ThreadPoolExecutor(max_workers=1) as meanwhile:
            comparing = meanwhile.submit(_confront, folder, manifest, outcomes)
            made = make_again(folder, manifest, code, snapshots, scratch)
        confront = comparing.result()
    except RunError as error:
        outcomes.append(Outcome("run", str(manifest["case"]), CANNOT, str(error)))
        return None
    if isinstance(made, list):
        outcomes += [Outcome(INPUT, one.name, CANNOT, one.words) for one in made]
        return None
    tell("comparing")
    others = other_versions(manifest)
    same = not [one for one in others if not one.startswith("python")]
    listed = f"{manifest['case']}/{manifest['version']}/{MANIFEST}"
    known = vouched(listed, _digest(folder), trusted)
    measured = envelope_of(folder) if known else None
    (here,) = places_of(None, f"cases/envelopes/{manifest['case']}.json")
    if not known and here.is_file():
        measured = bounded.bytes_of(here, LARGEST)
    compared = confront(
        folder,
        manifest,
        made,
        code=code,
        same_libraries=same,
        measured=measured,
        earlier=_earlier(folder, manifest),
    )
    outcomes += compared if found else _by_other_code(compared)
    outcomes += check_standing(folder, manifest, vouched=known, compared=compared, tree=code.tree)
    if not code.is_running:
        notes.append("it was executed with its own code, by which its pages are not laid out again")
    if lacking := [name for name in _LATER if name not in manifest["digests"]]:
        notes.append(
            f"it is of an earlier form and states no digest of its {' or its '.join(lacking)}"
        )
    if others:
        notes.append(f"other versions than the report's: {', '.join(others)}")
    if not made.isolated:
        notes.append("this system gave no empty network: the run could have reached one")
    # What is compared was read; the scratch folder goes.
    shutil.rmtree(scratch / "root", ignore_errors=True)
    return made


def _by_other_code(compared: list[Outcome]) -> list[Outcome]:
    """Return outcomes of a run with other code: what is the same is; what is not says nothing."""
    return [
        replace(one, outcome=CANNOT, detail=f"with other code: {one.detail}")
        if one.outcome == DIFFERS
        else one
        for one in compared
        if one.kind != DIGEST or one.name not in _OF_CODE
    ]


def _earlier(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """Return where versions before it are: beside it, or in the reports of this checkout."""
    homes = (folder.parent, paths.reports() / str(manifest["case"]))
    own = numbers(str(manifest["version"]))
    older = [home for home in homes if any(numbers(one) < own for one in versions(home))]
    return older[0] if older else folder.parent


def _confront(
    folder: Path, manifest: Mapping[str, Any], outcomes: Sequence[Outcome]
) -> Callable[..., list[Outcome]]:
    """Get ready what compares, and set the PDF, which take as long as a part of the run."""
    from darkdays.report.page.page import warm
    from darkdays.review.verify.comparison import confront
    from darkdays.review.verify.pages import set_ahead

    warm()
    if all(one.outcome != DIFFERS for one in outcomes):  # every file is one, of the stated size
        set_ahead(folder, str(manifest["version"]))
    return confront


def other_versions(manifest: Mapping[str, Any]) -> list[str]:
    """Return in which versions this machine differs from the one that made a report."""
    here, there = machine(), manifest.get("machine", {})
    found = {"python": here["python"], **here["libraries"]}
    stated = {"python": there.get("python"), **there.get("libraries", {})}
    return [
        f"{name} {stated[name]} there and {found[name]} here"
        for name in stated
        if name in found and stated[name] != found[name]
    ]


def _digest(folder: Path) -> str:
    return writing.sha256((folder / MANIFEST).read_bytes())
