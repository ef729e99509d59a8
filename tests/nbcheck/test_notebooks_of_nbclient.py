"""Notebooks that nbclient tests itself with, where its sources are: which cells do not pass.

Its wheel has none: unpack its sdist and set ``NBCLIENT_TESTS`` to the folder ``tests/files`` in it.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from test_nbcheck import run_pytest

FOLDER = Path(os.environ.get("NBCLIENT_TESTS") or "nowhere")
# Of each, the cells that do not pass, and words of why; those that end a kernel are left out.
FAILING = {
    "Check History in Memory": {1: "AssertionError"},  # nbclient's tests keep no history
    "Clear Output": {},
    "Empty Cell": {},
    "Error": {0: "it stores an error"},
    "Factorials": {},
    "HelloWorld": {},
    "JupyterWidgets": {},
    "Other Comms": {},
    # Stored by an ipywidgets that displayed what it now returns.
    "Output": dict.fromkeys((0, 3, 5, 7, 9, 11, 12), "(execute_result) is produced"),
    "SVG": {1: "image/svg+xml differs"},  # a Python that put attributes in order
    # Stored by IPythons that wrote tracebacks otherwise.
    "Skip Exceptions": {0: "it stores an error"},
    "Skip Exceptions with Cell Tags": {0: "the traceback differs"},
    "Skip Execution with Cell Tag": {0: "Skip"},
    "Unicode": {},
    "UnicodePy3": {},
    "update-display-id": {},
}

pytestmark = pytest.mark.skipif(
    not (FOLDER / "SVG.ipynb").is_file(),
    reason="nbclient comes without its tests: unpack its sdist, and set NBCLIENT_TESTS to them",
)


def test_of_what_nbclient_tests_itself_with_what_is_untrue_fails_and_nothing_else(tmp_path):
    names = {one: one.lower().replace(" ", "-") for one in FAILING}
    read = {name: nbformat.read(FOLDER / f"{one}.ipynb", 4) for one, name in names.items()}
    options = ("--nbval", "--darkdays-nbcheck", "--nbval-current-env")
    checked = run_pytest(tmp_path / "notebooks", read, *options)
    found = {one: checked.failed(name) for one, name in names.items()}
    assert {one: list(cells) for one, cells in found.items()} == {
        one: list(cells) for one, cells in FAILING.items()
    }
    for one, cells in FAILING.items():
        for cell, words in cells.items():
            assert words in found[one][cell]
