"""Forgeries of what a version consists of: fonts, tables, translations, metadata, names.

Each takes a copy of a version and a random number generator, changes one place, and returns the
name of the file, empty where there is no such place. :mod:`forgeries` runs them.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

Forgery = Callable[[Path, random.Random], str]
_WORDS: Final = "The Guards ordered it."
_FONT: Final = "data:font/woff2;base64,d09GMgABAAAAAAAA"


def files(folder: Path) -> Iterator[Path]:
    """Go through the files of a version but its manifest."""
    yield from (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "manifest.json")


def in_place(ending: str, pattern: str, new: str) -> Forgery:
    """Return a forgery of one of the places that are of a pattern, in files of such names."""

    def forge(folder: Path, rng: random.Random) -> str:
        texts = {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.name.endswith(ending)}
        spots = [
            (path, spot)
            for path, content in texts.items()
            for spot in re.finditer(pattern, content.decode("utf-8"))
        ]
        if not spots:
            return ""
        path, spot = rng.choice(spots)
        text = spot.string
        text = text[: spot.start()] + spot.expand(new) + text[spot.end() :]
        path.write_bytes(text.encode())
        return path.relative_to(folder).as_posix()

    return forge


def in_bytes(ending: str, change: Callable[[bytes, random.Random], bytes]) -> Forgery:
    """Return a forgery of the bytes of one file of such a name."""

    def forge(folder: Path, rng: random.Random) -> str:
        found = [path for path in files(folder) if path.name.endswith(ending)]
        if not found:
            return ""
        path = rng.choice(found)
        content = path.read_bytes()
        new = change(content, rng)
        path.write_bytes(new)
        return path.relative_to(folder).as_posix() * (new != content)

    return forge


def in_notebook(change: Callable[[dict[str, Any], random.Random], bool]) -> Forgery:
    """Return a forgery of an executed notebook, written as it was."""

    def forge(folder: Path, rng: random.Random) -> str:
        path = rng.choice(sorted((folder / "notebooks").glob("*.ipynb")))
        notebook = json.loads(path.read_bytes())
        if not change(notebook, rng):
            return ""
        text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(f"{text}\n", "utf-8")
        return path.relative_to(folder).as_posix()

    return forge


def in_cell(change: Callable[[dict[str, Any]], object]) -> Forgery:
    """Return a forgery of a code cell."""

    def at(notebook: dict[str, Any], rng: random.Random) -> bool:
        change(rng.choice([one for one in notebook["cells"] if one["cell_type"] == "code"]))
        return True

    return in_notebook(at)


def in_output(change: Callable[[dict[str, Any]], object], key: str) -> Forgery:
    """Return a forgery of an output that has something."""

    def at(notebook: dict[str, Any], rng: random.Random) -> bool:
        shown = [one for cell in notebook["cells"] for one in cell.get("outputs", ())]
        shown = [one for one in shown if key in one or key in one.get("data", {})]
        if shown:
            change(rng.choice(shown))
        return bool(shown)

    return in_notebook(at)


def repacked(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a PNG whose packed pixels are changed."""
    place, head, packed, tail = 8, b"", b"", b""
    while place < len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        whole = content[place : place + 12 + length]
        place += 12 + length
        if kind == b"IDAT":
            packed += whole[8:-4]
        elif packed:
            tail += whole
        else:
            head += whole
    data = change(packed)
    made = struct.pack(">I", len(data)) + b"IDAT" + data
    made += struct.pack(">I", zlib.crc32(b"IDAT" + data))
    return content[:8] + head + made + tail


def drawn_by(note: bytes) -> Callable[[bytes, random.Random], bytes]:
    """Return a change that puts one more note into a PNG."""
    made = struct.pack(">I", len(note)) + b"tEXt" + note
    made += struct.pack(">I", zlib.crc32(b"tEXt" + note))
    return lambda content, _: content[:33] + made + content[33:]


def in_a_font(content: bytes, rng: random.Random) -> bytes:
    """Change a byte of a font in a PDF."""
    fonts = list(re.finditer(rb"/Subtype/(CIDFontType0C|OpenType)[^>]*>>\s*stream\n", content))
    if not fonts:
        return content
    place = rng.choice(fonts).end() + rng.randrange(64)
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def updated(content: bytes, _: random.Random) -> bytes:
    """Put an incremental update behind a PDF, as an editor does."""
    begin = content.rindex(b"startxref")
    (old,) = re.findall(rb"\d+", content[begin : begin + 30])[:1]
    made = b"9999 0 obj\n<</Type/Annot/Subtype/FreeText/Contents(forged)>>\nendobj\n"
    table = b"xref\n9999 1\n%010d 00000 n \n" % len(content)
    trailer = b"trailer\n<</Size 10000/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
    return content + made + table + trailer % (old, len(content) + len(made))


def without_language(folder: Path, rng: random.Random) -> str:
    """Take one translation out, from the metadata too."""
    name = f"report.{rng.choice(['es', 'fa'])}.html"
    path = folder / "ro-crate-metadata.json"
    crate = json.loads(path.read_bytes())
    crate["@graph"] = [one for one in crate["@graph"] if one["@id"] != name]
    for one in crate["@graph"]:
        if isinstance(one.get("hasPart"), list):
            one["hasPart"] = [part for part in one["hasPart"] if part["@id"] != name]
    path.write_text(json.dumps(crate, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (folder / name).unlink()
    return name


def named(name: str) -> Forgery:
    """Return a forgery that adds a file whose name looks like another's."""

    def forge(folder: Path, _: random.Random) -> str:
        (folder / name).write_text("forged", "utf-8")
        return name

    return forge


def pipe(folder: Path, rng: random.Random) -> str:
    """Put a named pipe in the place of a file."""
    path = rng.choice(list(files(folder)))
    path.unlink()
    os.mkfifo(path)
    return path.relative_to(folder).as_posix()


def empty_folder(folder: Path, _: random.Random) -> str:
    """Add a folder of nothing, whose name says something."""
    (folder / "figures" / _WORDS).mkdir()
    return f"figures/{_WORDS}"


def written_otherwise(folder: Path, rng: random.Random) -> str:
    """Move a last digit in a notebook, and hide another source behind a key that comes twice."""
    path = rng.choice(sorted((folder / "notebooks").glob("*.ipynb")))
    text = path.read_text("utf-8")
    hidden = text.replace('"source": [', f'"source": ["{_WORDS}"],\n   "source": [', 1)
    moved = re.sub(r"(?<=[ >])0\.\d{3,8}(?=[ <])", lambda m: f"{m[0]}0000001", hidden, count=1)
    path.write_text(moved, "utf-8")
    return path.relative_to(folder).as_posix() * (moved != hidden != text)


def _hidden(cell: dict[str, Any]) -> None:
    cell["metadata"]["jupyter"] = {"source_hidden": True, "outputs_hidden": True}


def _junk(output: dict[str, Any]) -> None:
    seen = "".join(output["data"]["image/png"])
    output["data"]["image/png"] = f"{seen[:8]}!{_WORDS.replace(' ', '.')[:3]}!{seen[8:]}"


def _pixels(output: dict[str, Any]) -> None:
    seen = base64.b64decode("".join(output["data"]["image/png"]))
    grown = repacked(seen, lambda packed: packed + b"forged")
    output["data"]["image/png"] = base64.b64encode(grown).decode()


_CRATE: Final = "ro-crate-metadata.json"
_TRANSLATED: Final = (".es.html", ".fa.html")
PARTS: Final[dict[str, Forgery]] = {
    "report.html: a font": in_place(
        "report.html", "<style>", rf"\g<0>@font-face{{font-family:x;src:url({_FONT})}}"
    ),
    "report.html: another font": in_place("report.html", "font: ", r"\g<0>italic "),
    "report.html: a font, and its policy": in_place(
        "report.html", "img-src data:", r"\g<0>; font-src data:"
    ),
    "*.svg: a font": in_place(".svg", r"<defs>", rf"<style>@font-face{{src:url({_FONT})}}</style>"),
    "report.pdf: a byte of a font": in_bytes("report.pdf", in_a_font),
    "report.pdf: an incremental update": in_bytes("report.pdf", updated),
    "report.pdf: cut": in_bytes("report.pdf", lambda content, _: content[:-6]),
    **{
        f"*{ending}: a {what}": in_place(ending, pattern, new)
        for ending in (".tex", ".bib")
        for what, pattern, new in (
            ("digit", "[0-6]", "9"),
            ("letter", "[b-y](?=[a-z])", "z"),
            ("comment", r"\n", r"\n% forged\n"),
            ("command", r"\n", r"\n\\input{/etc/passwd}\n"),
        )
    },
    **{
        f"*{ending}: {what}": in_place(ending, pattern, new)
        for ending in _TRANSLATED
        for what, pattern, new in (
            ("a word", "(?<=[ >])(la|los|و|از)(?=[ <])", "no"),
            ("a digit", "[\u06f0-\u06f6]|[0-6]", "\u06f9"),
            ("a direction", r"<(p|td|h2|bdi)\b", r'\g<0> dir="ltr"'),
            ("a language", 'lang="en"', 'lang="ar"'),
            ("alternative text", 'alt="', r"\g<0>forged "),
            ("an address", 'href="', r"\g<0>https://example.org/"),
            ("a picture's address", "src='figures/", r"\g<0>../../../"),
            ("another figure", "figures/(lags|onsets).svg", "figures/overview.svg"),
            ("a style", "</style>", r"td{display:none}\g<0>"),
            ("hidden", r"<(p|td|tr|li)\b", r"\g<0> hidden"),
            ("its policy", "default-src &#39;none&#39;", "default-src *"),
            ("a script", "</body>", r"<script>1</script>\g<0>"),
            ("a comment", "</h1>", r"\g<0><!-- forged -->"),
            ("a letter unseen", "(?<=[a-z\u0628-\u06cc])(?=[a-z\u0628-\u06cc])", "\u200b"),
            ("letters turned around", " (?=[a-z]{4})", " \u202e"),
        )
    },
    "a translation removed": without_language,
    "a translation added": named("report.de.html"),
    f"{_CRATE}: a key twice": in_place(_CRATE, r'"name": ', rf'"name": "{_WORDS}", \g<0>'),
    f"{_CRATE}: an author": in_place(_CRATE, r'"author": ', r'"editor": "The Guards", \g<0>'),
    f"{_CRATE}: its vocabulary": in_place(_CRATE, "w3id.org/ro/crate/1.1", "w3id.org/ro/crate/9"),
    f"{_CRATE}: a number written otherwise": in_place(_CRATE, r": (\d+\.\d+)(?=,)", r": \g<1>0"),
    "CITATION.cff: an author": in_place(
        "CITATION.cff", "authors:\n", r"\g<0>- name: The Guards" + "\n"
    ),
    "CITATION.cff: a comment": in_place("CITATION.cff", "\n", "\n# forged\n"),
    "CITATION.cff: a key twice": in_place("CITATION.cff", "\ntitle:", "\ntitle: forged\ntitle:"),
    "*.ipynb: its kernel": in_notebook(
        lambda one, _: bool(one["metadata"].setdefault("kernelspec", {}).update(name="forged"))
        or True
    ),
    "*.ipynb: its seal": in_notebook(
        lambda one, _: bool(one["metadata"].pop("nbcheck", None))
    ),
    "*.ipynb: a cell folded": in_cell(_hidden),
    "*.ipynb: a tag": in_cell(lambda cell: cell["metadata"].update(tags=["hide-input"])),
    "*.ipynb: an attachment": in_cell(
        lambda cell: cell.update(attachments={"a.txt": {"text/plain": _WORDS}})
    ),
    "*.ipynb: a count": in_cell(lambda cell: cell.update(execution_count=99)),
    "*.ipynb: no output": in_cell(lambda cell: cell.update(outputs=[{"forged": 1}])),
    "*.ipynb: another stream": in_output(lambda one: one.update(name="stderr"), "name"),
    "*.ipynb: base64 and more": in_output(_junk, "image/png"),
    "*.ipynb: behind its pixels": in_output(_pixels, "image/png"),
    "*.ipynb: one more kind": in_output(
        lambda one: one["data"].update({"text/markdown": _WORDS}), "text/plain"
    ),
    "*.ipynb: a key twice": written_otherwise,
    "*.png: behind its pixels": in_bytes(
        ".png", lambda content, _: repacked(content, lambda packed: packed + b"forged")
    ),
    "*.png: more pixels": in_bytes(
        ".png",
        lambda content, _: repacked(
            content, lambda packed: zlib.compress(zlib.decompress(packed) + _WORDS.encode())
        ),
    ),
    "*.png: drawn by another": in_bytes(
        ".png", drawn_by(b"Software\0Matplotlib version3.Ordered_by.Guards, https://matplotlib.org/")
    ),
    "*.png: drawn by two": in_bytes(
        ".png", drawn_by(b"Software\0Matplotlib version3.10.1, https://matplotlib.org/")
    ),
    "*.svg: a style sheet": in_place(".svg", r"<svg", '<?xml-stylesheet href="x.css"?>\\g<0>'),
    "*.svg: an entity": in_place(".svg", r"<svg", '<!DOCTYPE svg [<!ENTITY a "forged">]>\\g<0>'),
    "*.svg: moved": in_place(".svg", r"<g id", '<g transform="scale(0)" id'),
    "*.svg: a number written otherwise": in_place(".svg", r'"(\d+)\.(\d+)"', r'"\g<1>.\g<2>00"'),
    "*.svg: a colour": in_place(".svg", "#[0-9a-f]{6}", "#00e100"),
    "*.svg: nothing seen": in_place(".svg", "stroke-width: 1", "stroke-width: 1e-9"),
    "*.csv: marks around": in_place(".csv", r"(?<=,)([^,\"\n]+)(?=,)", r'"\g<1>"'),
    "*.csv: another end of line": in_place(".csv", "\n", "\r\n"),
    "*.csv: a mark ahead": in_place(".csv", r"\A", "\ufeff"),
    "*.csv: a formula": in_place(".csv", r"(?<=,)([a-z]{3})", r"=\g<1>"),
    "*.csv: a zero more": in_place(".csv", r"(?<=,)(\d+\.\d+)(?=,)", r"\g<1>0"),
    "*.csv: no line at its end": in_place(".csv", r"\n\Z", ""),
    "*.html: a zero more": in_place(".html", r"(?<=[ >])(0\.\d+)(?=[ <])", r"\g<1>0"),
    "manifest.json: a key twice": in_place(
        "manifest.json", r'"version": ', r'"version": "9.9.9", "version": '
    ),
    "manifest.json: a space": in_place("manifest.json", r"\Z", " \n"),
    "manifest.json: a file that is not there": in_place(
        "manifest.json", r'"files": \{', r'\g<0>"approved.txt": "0", '
    ),
    "manifest.json: another version": in_place(
        "manifest.json", r'"version": "\d+\.', '"version": "7.'
    ),
    "any file: a pipe": pipe,
    "a folder of nothing": empty_folder,
    **{
        f"a file added: {name!a}": named(name)
        for name in (
            "report.html ",
            "r\u0435port.html",
            "report.html.",
            "REPORT.HTML",
            unicodedata.normalize("NFD", "r\u00e9port.html"),
            "report.html\nreport.pdf",
            "findings.json~",
            "tables\uff0fclaims.csv",
        )
    },
}  # fmt: skip
