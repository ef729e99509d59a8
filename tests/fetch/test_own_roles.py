"""A person's own files by their roles: what becomes of each row, and what stops a run early."""

from __future__ import annotations

import pytest

from darkdays.case import case as cases
from darkdays.case import starting
from darkdays.errors import InputError
from darkdays.fetch.own_files import OwnFiles, told_of_files


@pytest.fixture
def study(tmp_path):
    path = starting.write("BY", "Belarus", start="2020-08-01", end="2020-08-31", folder=tmp_path)
    return cases.load(path)


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


HOURS = "time,value\n" + "".join(f"2020-08-09 {hour:02}:00,{hour}\n" for hour in range(24))


def told(study, signals=(), events=(), **form):
    return told_of_files(study, (), OwnFiles(signals, events, form))


def test_rows_are_accounted_for_whatever_the_files_are_called(study, written):
    other = "time,value\n2020-08-10 00:00,5\n2020-07-01 00:00,6\n2020-08-10 01:00,\n"
    found = told(
        study, [written("a.csv", HOURS), written("b.csv", other)],
        [written("days.csv", "day\n09/08/2020\n10/09/2020\n")], date_format="DD/MM/YYYY",
    )  # fmt: skip
    assert not found.problems
    account = found.accounts["own.signal"]
    assert "27 rows read, 25 used, 1 outside the window, 1 without a value" in account
    assert "2 rows read, 1 used, 1 outside the window" in found.accounts["user-csv"]


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ("day\n02/01/2022\n05/01/2022\n", "2 January or 1 February"),
        ("day\n2019-01-01\n", "nothing is left to use"),
        ("who\nme\n", "state the option start|is not a time"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem_before_anything_runs(
    study, written, events, sentence
):
    found = told(study, [written("a.csv", HOURS)], [written("days.csv", events)])
    (problem,) = found.problems
    assert any(part in problem for part in sentence.split("|")), problem


def test_what_is_named_has_to_be_there(study, written, tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        told(study, [tmp_path / "none.csv"])
    bare = study.model_copy(update={"signals": study.signals[:1]})
    with pytest.raises(InputError, match="source: csv"):
        told(bare, [written("a.csv", HOURS)])
