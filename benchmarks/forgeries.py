"""Whether `verify` accepts a forged report, or refuses an honest one.

Run ``python benchmarks/forgeries.py [--count 500] [--seed 1] [--save]`` from the project's root. A
case is run and published anew; each forgery changes one thing in a copy of that version, makes the
manifest fit, as somebody would who forges, and leaves out the list of manifests. Kinds are taken in
turn, places at random. What the code gives for the same inputs is made once and compared with every
copy.

A forgery is *accepted* if the word is ``identical`` or ``within tolerance``, or if the word is
another without failing and the place is not listed as not compared. What stands within the
tolerance of a number is no forgery and is not made.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from forged_parts import PARTS, Forgery, files, in_place
from forged_zips import ZIPS

from darkdays.errors import DarkdaysError
from darkdays.files import writing
from darkdays.report.version import publishing
from darkdays.report.version.compare import UNCOMPARED
from darkdays.report.version.crate import METADATA
from darkdays.report.version.draft import Draft
from darkdays.review.as_packed import check_packing
from darkdays.review.packing import pack
from darkdays.review.rerun.rerun import Rerun, rerun
from darkdays.review.unpacking import unpacked
from darkdays.review.verify import pages
from darkdays.review.verify import verify as verifying
from darkdays.review.verify.verification import AGREES, Verification

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "forgeries.md"
CASE = "iran-2019"
MANIFEST = "manifest.json"


class Kept:
    """Runs the same inputs once, and hands out copies of what came out."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, itertools.count()
        self.made: dict[str, Rerun] = {}

    def __call__(self, root: Path, case: str, **stated: Any) -> Rerun:
        """Stand in for `rerun`."""
        laid_out = [
            (path.relative_to(root).as_posix(), writing.sha256(path.read_bytes()))
            for part in ("cases", "data", "notebooks")
            for path in sorted((root / part).rglob("*"))
            if path.is_file()
        ]
        told = [str(stated[one]) for one in ("code", "snapshot", "parameters")]
        key = writing.sha256(json.dumps([case, laid_out, told]).encode())
        if key not in self.made:
            made = rerun(root, case, **stated)
            kept = shutil.copytree(made.draft.folder, self.folder / key)
            self.made[key] = replace(made, draft=replace(made.draft, folder=kept))
        made = self.made[key]
        draft = self.folder / str(next(self.number)) / "report"
        shutil.copytree(made.draft.folder, draft)
        return replace(made, draft=replace(made.draft, folder=draft))


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through the places of a JSON document."""
    items = document.items() if isinstance(document, dict) else ()
    items = enumerate(document) if isinstance(document, list) else items
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(value: Any) -> Any:
    """Return a value that says something else."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value * 1.5 + 1
    if isinstance(value, str):
        return f"{value[:-1]}{'x' if value[-1:] != 'x' else 'y'}"
    return "forged" if value is None else None


def in_json(name: str, what: str) -> Forgery:
    """Return a forgery of one field of a JSON file."""

    def forge(folder: Path, rng: random.Random) -> str:
        document = json.loads((folder / name).read_bytes())
        *way, last = rng.choice([one for one in places(document) if one[0] != "files"])
        inside = document
        for key in way:
            inside = inside[key]
        if what == "changed":
            inside[last] = changed(inside[last])
        elif what == "removed":
            del inside[last]
        elif isinstance(inside, dict):
            inside["forged"] = "The Guards ordered it."
        else:
            inside.append(inside[last])
        (folder / name).write_text(writing.json_text(document), encoding="utf-8")
        return name

    return forge


def in_text(ending: str, what: str) -> Forgery:
    """Return a forgery of a digit, a letter or a line of one text."""

    def forge(folder: Path, rng: random.Random) -> str:
        path = rng.choice([one for one in files(folder) if one.name.endswith(ending)])
        text = path.read_text(encoding="utf-8")
        if what == "line":
            lines = text.splitlines(keepends=True)
            lines.insert(rng.randrange(1, len(lines) + 1), "forged\n")
            new = "".join(lines)
        else:
            kind = str.isdigit if what == "digit" else str.isalpha
            spots = [i for i, letter in enumerate(text) if letter.isascii() and kind(letter)]
            spot = rng.choice(spots)
            other = str((int(text[spot]) + 3) % 10) if what == "digit" else changed(text[spot])
            new = text[:spot] + other + text[spot + 1 :]
        path.write_text(new, encoding="utf-8")
        return path.relative_to(folder).as_posix()

    return forge


def picture(change: Callable[[bytes], bytes]) -> Forgery:
    """Return a forgery of one PNG."""

    def forge(folder: Path, rng: random.Random) -> str:
        path = rng.choice([one for one in files(folder) if one.suffix == ".png"])
        path.write_bytes(change(path.read_bytes()))
        return path.relative_to(folder).as_posix()

    return forge


def chunk(kind: bytes, data: bytes) -> Callable[[bytes], bytes]:
    """Return a change that puts a chunk before the pixels."""
    made = len(data).to_bytes(4, "big") + kind + data
    made += zlib.crc32(kind + data).to_bytes(4, "big")
    return lambda content: content[:33] + made + content[33:]


def other_picture(content: bytes) -> bytes:
    """Draw over a picture."""
    import io

    from PIL import Image, ImageDraw

    image = Image.open(io.BytesIO(content)).convert("RGBA")
    ImageDraw.Draw(image).rectangle((60, 60, 160, 160), fill=(200, 30, 120, 255))
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


def anything(folder: Path, rng: random.Random) -> str:
    """Change one byte of any file."""
    path = rng.choice(list(files(folder)))
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(content))
    return path.relative_to(folder).as_posix()


def removed(folder: Path, rng: random.Random) -> str:
    """Take a file out."""
    path = rng.choice(list(files(folder)))
    path.unlink()
    return path.relative_to(folder).as_posix()


def added(folder: Path, rng: random.Random) -> str:
    """Put a file in."""
    place = rng.choice([folder, folder / "figures", folder / "notebooks", folder / "data"])
    (place / "more.png").write_bytes(b"forged")
    return (place / "more.png").relative_to(folder).as_posix()


def swapped(folder: Path, rng: random.Random) -> str:
    """Show one figure for another."""
    ending = rng.choice([".png", ".svg", ".csv"])
    one, other = rng.sample([p for p in files(folder) if p.suffix == ending], 2)
    one.write_bytes(other.read_bytes())
    return one.relative_to(folder).as_posix()


def excused(forgery: Forgery) -> Forgery:
    """Return a forgery that also states other libraries in the manifest."""

    def forge(folder: Path, rng: random.Random) -> str:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        manifest["machine"]["libraries"] |= {"matplotlib": "3.10.0", "typst": "0.13.0"}
        (folder / MANIFEST).write_text(writing.json_text(manifest), encoding="utf-8")
        return forgery(folder, rng)

    return forge


def tolerated(folder: Path, rng: random.Random) -> str:
    """Move a finding, and state a tolerance that covers it, in the report's own envelope, too."""
    document = json.loads((folder / "findings.json").read_bytes())
    numbers = [one for one in document["findings"] if isinstance(one.get("value"), float)]
    finding = rng.choice(numbers)
    finding["value"] += 1 + abs(finding["value"])
    finding["tolerance"] = {"value": 99999.0}
    (folder / "findings.json").write_text(writing.json_text(document), encoding="utf-8")
    path = folder / "envelope.json"
    if path.is_file():
        envelope = json.loads(path.read_bytes())
        envelope["findings"][finding["id"]] = {"value": 99999.0}
        path.write_text(writing.json_text(envelope), encoding="utf-8")
    return "findings.json"


def in_notebook(folder: Path, rng: random.Random) -> str:
    """Change what a cell of an executed notebook shows or says."""
    path = rng.choice(sorted((folder / "notebooks").glob("*.ipynb")))
    notebook = json.loads(path.read_bytes())
    cell = rng.choice([one for one in notebook["cells"] if one.get("outputs") or one["source"]])
    if cell.get("outputs") and "image/png" in cell["outputs"][0].get("data", {}):
        data = cell["outputs"][0]["data"]
        seen = base64.b64decode("".join(data["image/png"]))
        data["image/png"] = base64.b64encode(chunk(b"acTL", b"\0" * 8)(seen)).decode()
    else:
        cell["source"] = ["forged", *cell["source"]]
    path.write_text(writing.json_text(notebook), encoding="utf-8")
    return path.relative_to(folder).as_posix()


def later(folder: Path, rng: random.Random) -> str:
    """Change a number in the page, and call the manifest's schema one that is not known yet."""
    path = folder / MANIFEST
    path.write_text(re.sub(r'("schema[^"]*": *)\d+', r"\g<1>999", path.read_text("utf-8")), "utf-8")
    return in_text(".html", "digit")(folder, rng)


def linked(folder: Path, rng: random.Random) -> str:
    """Put a link to a file elsewhere in the place of one."""
    path = rng.choice(list(files(folder)))
    other = folder.parents[2] / "elsewhere"
    other.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(other)
    return path.relative_to(folder).as_posix()


def recased(folder: Path, rng: random.Random) -> str:
    """Give a file another name that looks the same on some systems."""
    path = rng.choice(list(files(folder)))
    path.rename(path.with_name(path.name.upper()))
    return path.relative_to(folder).as_posix()


def beside(name: str) -> Forgery:
    """Return a forgery that adds a file of this name."""

    def forge(folder: Path, _: random.Random) -> str:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"forged")
        return name

    return forge


FORGERIES: dict[str, Forgery] = {
    "*.json: a key twice": in_place("s.json", r'"value": ([^,\n]+)', r'"value": 7, "value": \1'),
    "*.json: no number": in_place("s.json", r'"value": [-\d.]+', '"value": NaN'),
    "*.html: alternative text": in_place(".html", r'alt="', r"\g<0>Ordered by the Guards. "),
    "*.html: a title to hover over": in_place(".html", r"<(p|td|h2)\b", r'\g<0> title="forged"'),
    "*.html: hidden by style": in_place(".html", r"<(p|td|tr)\b", r"\g<0> hidden"),
    "*.html: a script": in_place(".html", r"<h2", r"<script>1</script><h2"),
    "*.svg: its text": in_place(".svg", r"<!-- (?=\w)", r"\g<0>forged "),
    "*.svg: an element unseen before": in_place(".svg", r"</g>", r"<!-- 1 --><image/></g>"),
    "*.html: a letter that looks alike": in_place(".html", "a(?=[a-z]+[ .<])", "\u0430"),
    "*.csv: a letter that looks alike": in_place(".csv", "e", "\u0435"),
    "*.md: a letter unseen": in_place(".md", "[a-z] ", "\\g<0>\u200b"),
    "*.csv: a row twice": in_place(".csv", r"\n[^\n]+\n", r"\g<0>\g<0>"),
    "*.ipynb: a field of its own": in_place(".ipynb", r'"metadata": \{', '\\g<0>"forged": "1", '),
    "report.pdf: behind its end": lambda folder, _: put(
        folder / "report.pdf", (folder / "report.pdf").read_bytes() + b"\n% forged\n"
    ),
    "manifest.json: a later schema": later,
    "any file: a link": linked,
    "any file: another case": recased,
    **{
        f"a file added: {name}": beside(name)
        for name in (
            ".hidden",
            "figures/.DS_Store",
            "inputs/more.csv",
            "report.htm",
            "CITATION.cff.bak",
            "report\u202ehtml.exe",
            "__pycache__/darkdays.pyc",
            "pyproject.toml",
        )
    },
    **{
        f"{name}: a field {what}": in_json(name, what)
        for name in ("findings.json", "ro-crate-metadata.json", MANIFEST)
        for what in ("changed", "removed", "added")
    },
    "envelope.json: a field changed": in_json("envelope.json", "changed"),
    **{
        f"*{ending}: a {what}": in_text(ending, what)
        for ending in (".html", ".csv", ".svg", ".md", ".cff", ".yaml", ".ipynb")
        for what in ("digit", "letter", "line")
    },
    "*.png: more images": picture(chunk(b"acTL", b"\0\0\0\2\0\0\0\0")),
    "*.png: orientation": picture(chunk(b"eXIf", b"MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\2\0\0")),
    "*.png: brightness": picture(chunk(b"gAMA", b"\0\0\0\1")),
    "*.png: words": picture(chunk(b"tEXt", b"Comment\0The Guards ordered it.")),
    "*.png: behind its end": picture(lambda content: content + b"forged"),
    "*.png: drawn over": picture(other_picture),
    "*.png: drawn over, excused": excused(picture(other_picture)),
    "*.svg: a digit, excused": excused(in_text(".svg", "digit")),
    "report.pdf: another": lambda folder, _: put(folder / "report.pdf", b"%PDF-1.7 forged"),
    "report.pdf: another, excused": excused(
        lambda folder, _: put(folder / "report.pdf", b"%PDF-1.7 forged")
    ),
    "any file: a bit": anything,
    "any file: removed": removed,
    "any folder: a file added": added,
    "figures: swapped": swapped,
    "a finding moved, its tolerance widened": tolerated,
    "a cell of a notebook": in_notebook,
    **PARTS,
}


def put(path: Path, content: bytes) -> str:
    """Write a file and return its name."""
    path.write_bytes(content)
    return path.name


def fitted(folder: Path) -> None:
    """Make the metadata and the manifest state the digests of the files as they are."""
    _crate_fitted(folder)
    path = folder / MANIFEST
    manifest = json.loads(path.read_bytes())
    if isinstance(manifest.get("files"), dict):
        manifest["files"] = {
            one.relative_to(folder).as_posix(): writing.sha256(one.read_bytes())
            for one in files(folder)
        }
        path.write_text(writing.json_text(manifest), encoding="utf-8")


def _crate_fitted(folder: Path) -> None:
    path = folder / METADATA
    try:
        crate = json.loads(path.read_bytes())
        text = path.read_text("utf-8")
        for one in crate["@graph"]:
            file = folder / str(one.get("@id"))
            if "sha256" in one and file.is_file() and file != path:
                content = file.read_bytes()
                text = text.replace(one["sha256"], writing.sha256(content))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return  # it was forged itself
    path.write_text(text, "utf-8")


def accepted(found: Verification, name: str) -> bool:
    """Whether a forgery of a file went through unnamed."""
    if found.exit_status:
        return False
    open_to = [one for one in found.outcomes if one.outcome == UNCOMPARED]
    named = [one for one in open_to if name == one.kind or name.startswith(_of(one.name))]
    return found.outcome != AGREES or not named


def _of(outcome: str) -> str:
    """Return the file that an outcome is about: a figure's is called without folder and ending."""
    name = outcome.partition(",")[0]
    return name if "." in name else f"figures/{name}."


def checked(folder: Path, scratch: Path) -> Verification | None:
    """Check a copy; None where it is refused in a sentence."""
    try:
        return verifying.verify(folder, scratch / "snapshots")
    except DarkdaysError:
        return None


def checked_zip(content: bytes, scratch: Path) -> Verification | None:
    """Check a zip; None where it is refused in a sentence."""
    path = scratch / "forged.zip"
    path.write_bytes(content)
    try:
        with unpacked(path, scratch / "snapshots") as report:
            found = verifying.verify(report.folder, report.snapshots)
            return replace(found, outcomes=(*found.outcomes, *check_packing(report)))
    except DarkdaysError:
        return None


def main() -> None:
    """Publish, forge, check; print what was accepted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="Which one to begin with.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", type=Path, help="One that this code published just now.")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if options.version:
            shutil.copytree(options.version, scratch / "reports" / CASE / options.version.name)
        words = ["run", CASE, "--offline", "--runs", str(scratch / "runs")]
        words += ["--reports", str(scratch / "reports")]
        if not options.version:
            subprocess.run([str(Path(sys.executable).parent / "darkdays"), *words], check=True)
        (version,) = (scratch / "reports" / CASE).glob("[0-9]*")
        (scratch / "kept").mkdir()
        told, through = Counter[str](), []
        with (
            patch.object(verifying, "rerun", Kept(scratch / "kept")),
            patch.object(pages, "contents_of", _kept_pages()),
        ):
            honest = checked(version, scratch)
            if honest is None or honest.exit_status:
                raise SystemExit(f"the honest report is refused: {honest and honest.striking}")
            to = scratch / "honest.zip"
            pack(version, scratch / "snapshots", to)
            packed = checked_zip(to.read_bytes(), scratch)
            if packed is None or packed.exit_status:
                raise SystemExit(f"the honest zip is refused: {packed and packed.striking}")
            for number in range(options.first, options.first + options.count):
                rng = random.Random(f"{options.seed} {number}")  # noqa: S311 - places to forge
                kind = [*FORGERIES, *ZIPS][number % (len(FORGERIES) + len(ZIPS))]
                home = scratch / "forged" / CASE / version.name
                try:
                    if kind in ZIPS:
                        place = "packed"
                        found = checked_zip(ZIPS[kind](to.read_bytes()), scratch)
                    else:
                        place, found = _forged(version, home, kind, rng, scratch)
                except Exception as error:  # noqa: BLE001 - a check that breaks down is a finding
                    through.append(f"{kind}: {type(error).__name__}: {error}"[:200])
                    place, found = "", None
                if not place:
                    sys.stderr.write(f"{number + 1}: {kind}: no such place\n")
                    told["no such place"] += 1
                    continue
                word = "refused in a sentence" if found is None else found.outcome
                if found is not None and accepted(found, place):
                    through.append(f"{kind} ({place}): {word}")
                told[word] += 1
                sys.stderr.write(f"{number + 1}: {kind} ({place}): {word}\n")
    told_to = f"--first {options.first} --count {options.count} --seed {options.seed}"
    lines = [
        "# Forged reports", "",
        f"`python benchmarks/forgeries.py {told_to}`", "",
        f"- kinds of forgeries: {len(FORGERIES) + len(ZIPS)}",
        f"- forgeries: {options.count}; accepted: {len(through)}",
        *(f"- {word}: {count}" for word, count in told.most_common()),
        f"- the honest report: {honest.outcome}; packed: {packed.outcome}",
        *(f"- accepted: {one}" for one in through),
    ]  # fmt: skip
    print("\n".join(lines))
    if options.save:
        RESULTS.write_text("\n".join([*lines, ""]), encoding="utf-8")
    if through:
        raise SystemExit(1)


def _forged(
    version: Path, home: Path, kind: str, rng: random.Random, scratch: Path
) -> tuple[str, Verification | None]:
    """Forge a copy of a version and check it; return the file that was forged as well."""
    shutil.copytree(version, home)
    for path in home.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        place = FORGERIES[kind](home, rng)
        if not place:
            return "", None
        if place != MANIFEST:
            fitted(home)
        return place, checked(home, scratch)
    finally:
        shutil.rmtree(scratch / "forged")


def _kept_pages() -> Callable[..., dict[str, bytes]]:
    """Return what lays a version out, the same parts once."""
    kept: dict[str, dict[str, bytes]] = {}

    def contents_of(draft: Draft, *parts: Any) -> dict[str, bytes]:
        drawn = [(one.name, writing.sha256(one.read_bytes())) for one in files(draft.folder)]
        key = writing.sha256(repr([drawn, draft.content, parts]).encode())
        if key not in kept:
            kept[key] = publishing.contents_of(draft, *parts)
        return dict(kept[key])

    return contents_of


if __name__ == "__main__":
    main()
