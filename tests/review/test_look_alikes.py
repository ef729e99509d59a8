"""What reads as the same number, or as nothing at all, and is not what the report was made as."""

from __future__ import annotations

import pytest

from darkdays.report.version.compare import DIFFERS, IDENTICAL
from darkdays.report.version.json_values import is_close, texts_are_close
from darkdays.report.version.seal import wrong_files
from darkdays.review.verify.comparison import _shape
from darkdays.review.verify.digests import check_digests
from darkdays.review.verify.pictures import relative_distance


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
    ],
)
def test_what_looks_alike_is_not_close(one, other):
    assert not texts_are_close(one, other)


@pytest.mark.parametrize("other", ["depth 0.30000000000000004.", "depth 3.0000000000000004e-1."])
def test_last_bits_are(other):
    assert texts_are_close("depth 0.3.", other)


@pytest.mark.parametrize(
    ("one", "other"), [("1", "\uff11"), ("0.5", "0.\uff15"), ("1000", "1_000"), ("1", " 1")]
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
