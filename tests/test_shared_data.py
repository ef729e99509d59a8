"""What a run leaves open for want of data beside the checkout is said in the line that ends it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared_data import SHARED, left_open, needs

ROOT = Path(__file__).resolve().parents[1]
TESTS = """
from pathlib import Path
import pytest
from shared_data import needs

@needs(Path("nowhere"), leaves_open="the counts of one case (7 of 9)")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_count(number):
    assert False

@needs(Path(__file__), Path("nowhere"), leaves_open="replies of a service")
def test_a_reply():
    assert False

@needs(Path(__file__), leaves_open="what is here")
def test_here():
    pass

@pytest.mark.skip(reason="no browser")
def test_a_browser():
    pass
"""
LINE = (
    "not checked here, for want of data beside this checkout: the counts of one case (7 of 9) (3),"
    " replies of a service (1); 4 tests in all"
)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_run_ends_in_one_line_of_what_it_left_open(tmp_path, workers):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_small.py").write_text(TESTS, encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", *workers]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "support")}
    done = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *_, line, last = done.stdout.splitlines()
    assert line == LINE
    assert "1 passed, 5 skipped" in last


def test_where_nothing_is_missing_nothing_is_said():
    assert left_open(["Skipped: there is no browser here"]) == ""
    assert needs(Path(__file__), leaves_open="x").args == (False,)
    assert needs(Path(__file__), SHARED / "nowhere", leaves_open="x").args == (True,)


def test_no_other_file_says_where_the_data_are():
    naming = [
        path.name
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if re.search(r'parents\[.*\n?.*"shared', path.read_text(encoding="utf-8"))
    ]
    assert naming == ["shared_data.py"]
