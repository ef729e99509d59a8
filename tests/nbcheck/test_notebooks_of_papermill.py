"""Notebooks that papermill tests itself with: as it ships them, and as it runs and stores them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
import pytest
from test_nbcheck import run_pytest

FOLDER = Path(papermill.__file__).parent / "tests" / "notebooks"
# Of each, the code cells that fail: most were shipped as they were written, never run.
SHIPPED = {
    "broken1": [0, 1, 2],
    "complex_parameters": [0],
    "nb_version_4.4": [0],
    "no_parameters": [0, 1],
    "report_mode_test": [0, 1, 2],
    "result_no_exec": [0],
    "simple_execute": [0, 1],
    "sysexit": [0, 1, 2],
}
RUN = ("no_parameters", "report_mode_test", "simple_execute")
OPTIONS = ("--nbval", "--darkdays-nbcheck", "--nbval-current-env")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="papermill came without its tests")


@pytest.mark.slow
def test_what_was_never_run_fails_and_what_papermill_stores_passes(tmp_path):
    read = {f"shipped-{one}": nbformat.read(FOLDER / f"{one}.ipynb", 4) for one in SHIPPED}
    for one in RUN:
        read[f"run-{one}"] = papermill.execute_notebook(
            FOLDER / f"{one}.ipynb", None, kernel_name="python3", progress_bar=False
        )
    checked = run_pytest(tmp_path / "notebooks", read, *OPTIONS)
    assert {one: sorted(checked.failed(f"shipped-{one}")) for one in SHIPPED} == SHIPPED
    assert {one: checked.failed(f"run-{one}") for one in RUN} == {one: {} for one in RUN}
    assert "was never executed" in checked.failed("shipped-simple_execute")[0]
    assert f"{len(read)} of {len(read)} notebooks carry no seal" in checked.text
