"""What reads as the same number, or as nothing at all, and is not what the report was made as."""

from __future__ import annotations

import base64
import json
import struct
import zlib

import pytest

from darkdays.files.png import chunks
from darkdays.report.version.compare import DIFFERS, IDENTICAL
from darkdays.report.version.json_values import is_close, texts_are_close
from darkdays.report.version.seal import wrong_files
from darkdays.review.verify.cells import compare_notebooks
from darkdays.review.verify.comparison import _shape
from darkdays.review.verify.digests import check_digests
from darkdays.review.verify.pictures import compare_figure, relative_distance, same_picture


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("depth 0.91", "depth 0.\uff191"),  # a digit as wide as an ideogram
        ("depth 0.91", "depth 0.\u06691"),
        ("version 1.3.0", "version 1.30.0"),
        ("doi:10.5281/zenodo.7", "doi:10.52810000000001/zenodo.7"),
        ("from 10.1.0.0", "from 10.10.0.0"),
        ("depth 0.91", "depth 0.910000000000000000084104101032071117"),
        ("3 places", "3.0 places"),
        ("depth 0.91", "depth 0.910000"),
        ("depth 0.91", "depth 9.1e-1"),
    ],
)
def test_what_looks_alike_is_not_close(one, other):
    assert not texts_are_close(one, other)


@pytest.mark.parametrize("other", ["depth 0.30000000000000004.", "depth 3.0000000000000004e-1."])
def test_last_bits_are(other):
    assert texts_are_close("depth 0.3.", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("1", "\uff11"), ("0.5", "0.\uff15"), ("1000", "1_000"), ("1", " 1")],
        *[("0.5", "0.50"), ("7", "007"), ("5e-1", "0.5")],
    ],
)
def test_cells_of_a_table_are_numbers_as_they_are_written(one, other):
    assert relative_distance(one, other) == float("inf")
    assert relative_distance("0.3", "0.30000000000000004") < 1e-15


def test_a_moment_has_digits():
    assert not is_close("2019-11-16T12:00:00Z", "\uff12019-11-16T12:00:00Z")


@pytest.mark.parametrize(
    ("one", "other"), [(1000, 1000.0), ("2019-11-16T12:00Z", "2019-11-16T12:00:00Z"), (1, True)]
)
def test_a_value_in_another_form_is_another_document(one, other):
    assert _shape({"n": [one]}) != _shape({"n": [other]})


@pytest.mark.parametrize("nothing", ["", None, False, 0, []])
def test_a_digest_of_nothing_is_no_digest(nothing):
    made = {"case": "ab", "envelope": ""}
    said = {"case": "ab", "envelope": "", "approved by the court": nothing}
    found = {one.name: one.outcome for one in check_digests(said, made)}
    assert found == {"case": IDENTICAL, "envelope": IDENTICAL, "approved by the court": DIFFERS}
    (one,) = check_digests({}, {"envelope": ""})  # of an earlier form
    assert one.outcome == IDENTICAL


def test_the_name_of_an_empty_folder_says_something_too(tmp_path):
    (tmp_path / "figures" / "The Guards ordered it").mkdir(parents=True)
    assert wrong_files(tmp_path, {"files": {}}) == {"figures/The Guards ordered it": "added"}


def png(packed, *notes):
    """Return a grey picture of two pixels by two."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))]
    parts += [*((b"tEXt", note) for note in notes), (b"IDAT", packed), (b"IEND", b"")]
    made = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


ROWS = b"\0ab\0cd"
DRAWN = b"Software\0Matplotlib version%s, https://matplotlib.org/"


def test_other_packing_is_the_same_picture():
    one, other = (png(zlib.compress(ROWS, level), DRAWN % b"3.10.1") for level in (0, 9))
    assert one != other
    assert same_picture(one, other)
    assert [kind for kind, _ in chunks(one)] == ["IHDR", "IEND"]


@pytest.mark.parametrize(
    "packed",
    [zlib.compress(ROWS) + b"forged", zlib.compress(ROWS + b"forged"), zlib.compress(ROWS)[:-5]],
)
def test_pixels_end_where_the_picture_does(packed):
    assert not same_picture(png(zlib.compress(ROWS)), png(packed))


@pytest.mark.parametrize(
    "notes", [[DRAWN % b"3.Ordered_by.Guards"], [DRAWN % b"3.10.1", DRAWN % b"3.10.2"]]
)
def test_a_note_of_who_drew_it_says_nothing_else(notes):
    assert not same_picture(png(zlib.compress(ROWS)), png(zlib.compress(ROWS), *notes))


@pytest.mark.parametrize("table", [b'time,value\n1,"0.5"\n', b"time,value\r\n1,0.5\r\n"])
def test_a_table_is_written_one_way(table):
    honest = {"csv": b"time,value\n1,0.5\n", "svg": b"<svg/>", "png": png(zlib.compress(ROWS))}
    forged = {**honest, "csv": table}
    assert compare_figure("a", forged, honest, same_libraries=True).outcome == DIFFERS
    counts = {**honest, "csv": b"time,value\n1573862401,0.5\n"}
    others = {**honest, "csv": b"time,value\n1573862400,0.5\n"}
    assert compare_figure("a", counts, others, same_libraries=True).outcome == DIFFERS


def notebook(picture, text="0.3"):
    data = {"image/png": picture, "text/plain": text}
    cell = {"outputs": [{"data": data}], "source": ["draw()"]}
    written = json.dumps({"cells": [cell]}, indent=1, sort_keys=True, separators=(",", ": "))
    return f"{written}\n".encode()


def test_a_last_digit_in_a_notebook_excuses_nothing_else():
    seen = base64.b64encode(png(zlib.compress(ROWS))).decode()
    made, close = notebook(seen), notebook(seen, "0.30000000000000004")
    twice = close.replace(b'"source"', b'"source": ["forged()"], "source"')
    junk = notebook(f"{seen[:8]}!for!ged{seen[8:]}")

    def found(one):
        return {each.outcome for each in compare_notebooks([("a", one)], [("a", made)])}

    assert found(close) == {"within tolerance"}
    assert DIFFERS in found(twice)
    assert DIFFERS in found(junk)
