from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkdays.errors import InputError
from darkdays.runner.parameters import Parameter, assign, read_parameters

TYPED = """\
# What this stage can be told.
case: str = "iran-2019"  # the study
bins: int = 6  # bins to an hour
level: float = 0.05  # significance # level
fast: bool = False
places: list[str] = ["IR", "CU"]  # where
lags: list[float] = [0.5, 2]
"""


def notebook(path: Path, source: str | list[str], tag: str = "parameters") -> Path:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Title"},
        {"cell_type": "code", "metadata": {"tags": [tag]}, "source": source},
    ]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    return notebook(tmp_path / "2-detect.ipynb", TYPED)


def test_every_type_is_read_with_its_default_and_help(typed):
    assert read_parameters(typed) == [
        Parameter("case", "str", "iran-2019", "the study"),
        Parameter("bins", "int", 6, "bins to an hour"),
        Parameter("level", "float", 0.05, "significance # level"),
        Parameter("fast", "bool", False, ""),
        Parameter("places", "list[str]", ["IR", "CU"], "where"),
        Parameter("lags", "list[float]", [0.5, 2.0], ""),
    ]


def test_source_stored_as_lines_and_no_parameters_cell(tmp_path):
    lines = notebook(tmp_path / "a.ipynb", ["a: int = 1\n", "b: int = 2  # two"])
    assert [p.name for p in read_parameters(lines)] == ["a", "b"]
    assert read_parameters(notebook(tmp_path / "b.ipynb", "a: int = 1", tag="other")) == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a: int = 1\nb = 2", "line 2 of its parameters cell is not a typed parameter"),
        ("a: int", "is not a typed parameter"),
        ("import os", "is not a typed parameter"),
        ("a: dict = {}", "has type dict, not one of str, int"),
        ("a: int = 1.5", "has a default that is no literal int"),
        ("a: float = float('nan')", "has a default that is no literal float"),
        ("a: bool = 1", "has a default that is no literal bool"),
        ("a: int = 1\na: int = 2", "line 2 of its parameters cell declares a again"),
        ("a: int = = 1", "line 1 of its parameters cell is not Python"),
    ],
)
def test_a_malformed_line_is_refused(tmp_path, source, complaint):
    with pytest.raises(InputError, match=complaint):
        read_parameters(notebook(tmp_path / "a.ipynb", source))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": [1]}', "\udcff"])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, content):
    path = tmp_path / "a.ipynb"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match="is not a Jupyter notebook"):
        read_parameters(path)
    with pytest.raises(InputError, match="cannot read the notebook"):
        read_parameters(tmp_path / "missing.ipynb")


def test_a_value_goes_to_every_notebook_that_declares_it(typed, tmp_path):
    other = notebook(tmp_path / "3-correlate.ipynb", "level: float = 0.1\nseed: int = 0")
    given = ["level=1", "seed=7", "places=[no, CU]", "fast=TRUE", "case=a=b", "lags=[1, .5]"]
    assigned = assign(given, [typed, other])
    assert assigned == {
        typed: {
            "level": 1.0,
            "places": ["no", "CU"],
            "fast": True,
            "case": "a=b",
            "lags": [1.0, 0.5],
        },
        other: {"level": 1.0, "seed": 7},
    }
    assert isinstance(assigned[other]["level"], float)
    assert assign({"bins": "-3"}, [typed, other]) == {typed: {"bins": -3}, other: {}}
    assert assign({"case": "1e-3"}, [typed])[typed] == {"case": "1e-3"}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("bins=hello", "int"),
        ("bins=1.5", "int"),
        ("bins=true", "int"),
        ("bins=", "int"),
        ("level=high", "float"),
        ("level=nan", "float"),
        ("level=1e999", "float"),
        ("level=True", "float"),
        ("fast=1", "bool"),
        ("fast=yes", "bool"),
        ("places=IR", "list"),
        ("places=[[IR]]", "list"),
        ("places=[IR", "list"),
        ("lags=[1, x]", "list"),
    ],
)
def test_a_value_of_another_type_is_refused(typed, given, kind):
    name, _, text = given.partition("=")
    with pytest.raises(InputError) as caught:
        assign([given], [typed])
    sentence = str(caught.value)
    assert sentence.startswith(f"parameter {name} of 2-detect.ipynb must be {kind}")
    assert repr(text) in sentence


def test_an_unknown_name_is_refused_with_the_nearest(typed):
    with pytest.raises(InputError) as caught:
        assign(["levle=1"], [typed])
    assert "no notebook of this run has a parameter levle. Did you mean level?" in str(caught.value)
    assert "bins, case, fast, lags, level, places" in str(caught.value)
    assert caught.value.exit_status == 2


def test_reserved_repeated_and_valueless_names_are_refused(typed):
    with pytest.raises(InputError, match="case is set by the run itself") as caught:
        assign(["case=x"], [typed], reserved={"case", "run"})
    assert "given: bins, fast" in str(caught.value)
    with pytest.raises(InputError, match="bins is given twice"):
        assign(["bins=1", "bins=2"], [typed])
    for given in ("bins", "=1"):
        with pytest.raises(InputError, match="write it as name=value"):
            assign([given], [typed])
