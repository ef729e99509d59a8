"""Notebooks, pictures and tables of a version that were made to do harm, beside good ones."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from darkdays.files import bounded
from darkdays.report.version.compare import DIFFERS, IDENTICAL
from darkdays.report.version.json_values import is_close, texts_are_close
from darkdays.review.verify.cells import compare_notebooks
from darkdays.review.verify.pictures import compare_figure, same_picture

CELL = {
    "cell_type": "code", "source": "1", "outputs": [{"text": "5"}], "execution_count": 1,
    "metadata": {}, "id": "a",
}  # fmt: skip
GOOD = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
NOTEBOOKS: dict[str, Any] = {
    "a list": [], "nothing": None, "a number": 7, "no cells": {"cells": 1}, "cells": {"cells": [1]},
    "a list as cell": {**GOOD, "cells": [[]]}, "nothing as cell": {**GOOD, "cells": [None]},
    "no outputs": {**GOOD, "cells": [{k: v for k, v in CELL.items() if k != "outputs"}]},
    "a number as outputs": {**GOOD, "cells": [{**CELL, "outputs": 5}]},
    "a list as text": {**GOOD, "cells": [{**CELL, "outputs": [{"text": ["5"]}]}]},
    "a number too large": {**GOOD, "cells": [{**CELL, "outputs": [{"text": "1e999"}]}]},
    "digits": {**GOOD, "cells": [{**CELL, "outputs": [{"text": "9" * 9999}]}]},
    "deep": b'{"cells": ' + b"[" * 900 + b"]" * 900 + b"}", "deeper": b"[" * 100_000, "empty": b"",
    "latin": b"\xff", "no number": b'{"cells": [NaN]}', "infinite": b'{"cells": [1e999]}',
}  # fmt: skip


def written(document):
    return document if isinstance(document, bytes) else json.dumps(document).encode()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks(name):
    bad, good = written(NOTEBOOKS[name]), written(GOOD)
    for pair in ((bad, good), (good, bad)):
        found = compare_notebooks(*([("a.ipynb", one)] for one in pair))
        assert DIFFERS in {one.outcome for one in found}
    same = compare_notebooks([("a.ipynb", good)], [("a.ipynb", good)])
    assert {one.outcome for one in same} == {IDENTICAL}


def png(width, height, body=b""):
    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(body or b"\0" * ((width + 1) * height))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


PICTURES = {
    "a bomb": png(60_000, 60_000, b"\0" * 100), "larger still": png(2**31 - 1, 2**31 - 1, b"\0"),
    "empty": b"", "cut": png(4, 4)[:40], "no picture": b"GIF89a", "other size": png(5, 4),
    "too short": png(4, 4, b"\0" * 3), "too long": png(4, 4, b"\1" * 10**6),
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name):
    assert same_picture(png(4, 4), png(4, 4))
    assert not same_picture(PICTURES[name], png(4, 4))
    assert not same_picture(png(4, 4), PICTURES[name])
    outputs = [{"data": {"image/png": base64.b64encode(PICTURES[name]).decode()}}]
    good = [{"data": {"image/png": base64.b64encode(png(4, 4)).decode()}}]
    pair = (written({**GOOD, "cells": [{**CELL, "outputs": one}]}) for one in (outputs, good))
    found = compare_notebooks(*([("a.ipynb", one)] for one in pair))
    assert found[0].outcome == DIFFERS


SVG = b'<svg width="10"><path d="M 1 2 L 3 4"/></svg>'
FIGURE = {"csv": b"time,value\n2020,5\n", "png": png(4, 4), "svg": SVG}
FIGURES = {
    "no number": {"csv": b"time,value\n2020,nan\n"},
    "infinite": {"csv": b"time,value\n2020,inf\n"},
    "too large": {"csv": b"time,value\n2020,1e999\n"},
    "a field without end": {"csv": b"time,value\n2020," + b"5" * 200_000 + b"\n"},
    "empty": {"csv": b""},
    "other bytes": {"csv": b"\xff\xfe" * 20},
    "a line without end": {"svg": SVG.replace(b"3", b"1e999")},
    "digits": {"svg": SVG.replace(b"3", b"9" * 5000)},
    "a bomb": {"png": PICTURES["a bomb"]},
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures(name):
    for before, after in (
        ({**FIGURE, **FIGURES[name]}, FIGURE), (FIGURE, {**FIGURE, **FIGURES[name]}),
    ):  # fmt: skip
        for tolerance in (0.0, 1e-3, 1e308):
            found = compare_figure("x", before, after, same_libraries=True, tolerance=tolerance)
            if tolerance < 1:
                assert found.outcome == DIFFERS
    assert compare_figure("x", FIGURE, FIGURE, same_libraries=True).outcome == IDENTICAL


@pytest.mark.parametrize("large", ["1e999", "-1e999", "9" * 400])
def test_no_number_is_close_to_one_that_is_too_large(large):
    """A share of infinity is infinite: anything would be within it."""
    assert not texts_are_close("p = 5", f"p = {large}")
    assert not texts_are_close(f"p = {large}", "p = 5")
    assert not is_close(5.0, float(large))


def test_a_file_that_would_take_hours_is_not_read(tmp_path):
    with (tmp_path / "x").open("wb") as file:
        file.truncate(2**42)
    with pytest.raises(OSError, match="size to be read"):
        bounded.sha256_of(tmp_path / "x")


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e999", "[-1e999]", "9" * 301, "1" + "0" * 9999]
)
def test_numbers_that_are_none(text):
    with pytest.raises(ValueError, match=r"number|digits"):
        bounded.json_of(text)


def test_numbers_that_are():
    assert bounded.json_of("[1.5, -2, 1e300, 12345678901234567890]") == [
        1.5, -2, 1e300, 12345678901234567890,
    ]  # fmt: skip
