"""Ways to change one thing of a published report that somebody could see, or that it was made from.

A change is a function of the folder of a version and a random generator. It returns what it did in
a few words, nothing if there was nothing to change.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import nbformat
import numpy as np
from matplotlib import image
from tamperings import tamperings

from darkdays.files import writing
from darkdays.report.version.seal import MANIFEST

_NUMBER: Final = re.compile(r"(?<![\w.\-:/#])\d+\.\d+(?![\w.:/%])")
_DECIMAL: Final = re.compile(r"\d+\.\d{2,}")
_WORD: Final = re.compile(r">[^<>{}&]*?\b([a-z]{4,})\b[^<>{}&]*?<")
Change = Callable[[Path, random.Random], str]

nbf: Any = nbformat  # its functions carry no types


def one_of(folder: Path, pattern: str, rng: random.Random) -> Path:
    """Return a random file."""
    return rng.choice(sorted(path for path in folder.glob(pattern) if path.is_file()))


def other_digit(text: str, rng: random.Random) -> str:
    """Return a number with another last digit."""
    return text[:-1] + rng.choice([one for one in "0123456789" if one != text[-1]])


def replaced(path: Path, found: re.Match[str], group: int, new: str) -> str:
    """Put other words where a pattern was found and say so."""
    start, end = found.span(group)
    text = found.string
    path.write_text(text[:start] + new + text[end:], encoding="utf-8")
    return f"{path.name}: {found[group][:20]} -> {new[:20]}"


def number_in_findings(folder: Path, rng: random.Random) -> str:
    """Change the last digit of a number."""
    path = folder / "findings.json"
    found = rng.choice(list(_NUMBER.finditer(path.read_text(encoding="utf-8"))))
    return replaced(path, found, 0, other_digit(found[0], rng))


def text_in_findings(folder: Path, rng: random.Random) -> str:
    """Change a letter of a text: a verdict, a unit, a note, an id."""
    path = folder / "findings.json"
    found = rng.choice(list(re.finditer(r'": "([^"\\]{3,})"', path.read_text(encoding="utf-8"))))
    at = rng.randrange(len(found[1]))
    letter = rng.choice([one for one in "abcxyz" if one != found[1][at]])
    return replaced(path, found, 1, found[1][:at] + letter + found[1][at + 1 :])


def number_of_a_figure(folder: Path, rng: random.Random) -> str:
    """Change the last digit of a number a figure shows."""
    paths = sorted((folder / "figures").glob("*.csv"))
    for path in rng.sample(paths, len(paths)):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        places = [
            (i, j)
            for i, row in enumerate(rows[1:], start=1)
            for j, cell in enumerate(row)
            if _DECIMAL.fullmatch(cell)
        ]
        if places:
            i, j = rng.choice(places)
            # The last digits of seventeen are none that every processor agrees on.
            rows[i][j] = other_digit(rows[i][j][:10], rng)
            path.write_text(_csv(rows), encoding="utf-8")
            return f"{path.name}: row {i}, {rows[0][j]}"
    return ""


def pixel(folder: Path, rng: random.Random) -> str:
    """Change a pixel of a picture."""
    path = one_of(folder, "figures/*.png", rng)
    picture = image.imread(path, format="png").copy()
    y, x = rng.randrange(picture.shape[0]), rng.randrange(picture.shape[1])
    picture[y, x, :3] = 1 - np.round(picture[y, x, :3])
    image.imsave(path, picture)
    return f"{path.name}: pixel {x}, {y}"


def line_of_a_drawing(folder: Path, rng: random.Random) -> str:
    """Move a point of a drawing by a pixel or more."""
    paths = sorted((folder / "figures").glob("*.svg"))
    for path in rng.sample(paths, len(paths)):
        points = list(re.finditer(r"[ML] (\d+\.\d+) ", path.read_text(encoding="utf-8")))
        if points:
            found = rng.choice(points)
            return replaced(path, found, 1, f"{float(found[1]) + rng.uniform(1, 20):.6f}")
    return ""


def word_of_the_page(folder: Path, rng: random.Random) -> str:
    """Change a word of a page."""
    path = folder / rng.choice(["report.html", "report.html", "CHANGES.md", "CITATION.cff"])
    text = path.read_text(encoding="utf-8")
    pattern = _WORD if path.suffix == ".html" else re.compile(r"\b([a-z]{4,})\b")
    found = rng.choice(list(pattern.finditer(text)))
    return replaced(path, found, 1, found[1][::-1] if found[1][::-1] != found[1] else "other")


def byte_of_the_pdf(folder: Path, rng: random.Random) -> str:
    """Change a bit of the PDF."""
    return flipped(folder / "report.pdf", rng)


def metadata(folder: Path, rng: random.Random) -> str:
    """Change a letter of the crate's metadata."""
    return flipped(folder / "ro-crate-metadata.json", rng)


def carried(folder: Path, rng: random.Random) -> str:
    """Change a byte of the case or of the data a report carries along."""
    return flipped(rng.choice([folder / "case.yaml", one_of(folder, "data/**/*.csv", rng)]), rng)


def another_file(folder: Path, rng: random.Random) -> str:
    """Add a file, or take one away."""
    if rng.random() < 0.5:
        name = f"more-{rng.randrange(1000)}.txt"
        writing.write_text(folder / name, "more")
        return f"{name} added"
    path = rng.choice(sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST))
    path.unlink()
    return f"{path.name} gone"


def flipped(path: Path, rng: random.Random) -> str:
    """Flip a bit of a file."""
    whole = bytearray(path.read_bytes())
    at = rng.randrange(len(whole))
    whole[at] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(whole))
    return f"{path.name}: byte {at}"


def cells() -> Iterator[tuple[str, Change]]:
    """Go through the ways to tamper with an executed notebook."""
    for tamper in tamperings():

        def change(folder: Path, rng: random.Random, tamper: Any = tamper) -> str:
            paths = sorted((folder / "notebooks").glob("*.ipynb"))
            for path in rng.sample(paths, len(paths)):
                notebook = nbf.read(path, as_version=4)
                before = nbf.writes(notebook)
                if tamper(notebook, rng) and nbf.writes(notebook) != before:
                    path.write_text(nbf.writes(notebook) + "\n", encoding="utf-8")
                    return path.name
            return ""

        yield "cell", change


CHANGES: Final[tuple[tuple[str, Change], ...]] = (
    ("number of a finding", number_in_findings),
    ("text of a finding", text_in_findings),
    ("number of a figure", number_of_a_figure),
    ("pixel", pixel),
    ("line of a drawing", line_of_a_drawing),
    ("word of a page", word_of_the_page),
    ("bit of the PDF", byte_of_the_pdf),
    ("bit of the metadata", metadata),
    ("byte of case or data", carried),
    ("file added or gone", another_file),
)


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
