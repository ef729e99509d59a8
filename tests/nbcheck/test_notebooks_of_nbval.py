"""Notebooks that nbval tests itself with, where its sources are: which cells do not pass, and why.

Its wheel has none: unpack its sdist and set ``NBVAL_TESTS`` to the folder ``tests`` in it.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import nbval
import pytest
from test_nbcheck import run_pytest

FOLDER = Path(os.environ.get("NBVAL_TESTS") or Path(nbval.__file__).parents[1] / "tests")
SAMPLES = "ipynb-test-samples"
# Of each, the cells that do not pass, and words of why. Those that need sympy are left out.
FAILING = {
    "exceptions": {  # stored by an IPython that wrote tracebacks otherwise
        0: "the traceback differs",
        3: "the traceback differs",
        4: "the traceback differs",
    },
    "minimal_example": {},
    # A date, another matplotlib, and cells that nbval is told to leave out.
    "sample_notebook": {8: "Last executed", 9: "image/png", **dict.fromkeys((10, 11, 12), "Skip")},
    "test_coalesce": {5: "its stored execution count"},
    f"{SAMPLES}/test-exceptions-fail-storedmismatch": {0: "differs"},
    f"{SAMPLES}/test-stream-fail-missingoutput": {
        1: "stdout is not stored",
        2: "its stored execution count",
    },
    f"{SAMPLES}/test-stream-pass-missing-unexecuted-output": {1: "was never executed"},
}

pytestmark = pytest.mark.skipif(
    not (FOLDER / SAMPLES).is_dir(),
    reason="nbval came without its tests: unpack its sdist, and set NBVAL_TESTS to its tests",
)


def test_of_what_nbval_tests_itself_with_what_is_untrue_fails_and_nothing_else(tmp_path):
    names = {one: one.rpartition("/")[2] for one in FAILING}
    read = {name: nbformat.read(FOLDER / f"{one}.ipynb", 4) for one, name in names.items()}
    options = ("--nbval", "--darkdays-nbcheck", "--nbval-current-env", "-W", "default")
    checked = run_pytest(tmp_path / "notebooks", read, *options)
    found = {one: checked.failed(name) for one, name in names.items()}
    assert {one: list(cells) for one, cells in found.items()} == {
        one: list(cells) for one, cells in FAILING.items()
    }
    wrong = [
        (one, cell, found[one][cell])
        for one, cells in FAILING.items()
        for cell, words in cells.items()
        if words not in found[one][cell]
    ]
    assert not wrong
