"""A sweep whose worker, scheduler and client are killed comes to the bytes of one left alone."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed")
pytest.importorskip("zarr")
pytest.importorskip("pyarrow")

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "sweep_faults.py"


def test_one_kill_of_each(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, SCRIPT, "--entities", "6", "--years", "0.06", "--wait", "3"),
            *("--kills", "worker,scheduler,client"),
        ],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| kills | 3 |" in done.stdout
    assert "| tables | 7 |" in done.stdout
    assert "| of them identical | 7 |" in done.stdout
