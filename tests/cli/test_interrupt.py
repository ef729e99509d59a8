"""Ctrl-C in the middle of a run: one sentence, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


def with_mark(mark: str) -> set[int]:
    """Every process whose environment holds a text, zombies aside."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except OSError:  # not ours, or gone
            continue
    return found - {os.getpid()}


def wait_until(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_ctrl_c_leaves_no_kernel_behind(tmp_path):
    runs = tmp_path / "runs"
    running = subprocess.Popen(
        [sys.executable, "-c", "from darkdays.cli.main import main; main()", "run", "iran-2019",
         "--offline", "--reports", str(tmp_path / "reports")],
        env={**os.environ, "DARKDAYS_RUNS": str(runs)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,  # a terminal sends Ctrl-C to the whole group
    )  # fmt: skip
    try:
        fetched = runs / "iran-2019" / "0001" / "signals.nc"
        assert wait_until(fetched.exists, 120)
        assert with_mark(str(runs)) - {running.pid}, "the kernel"
        os.killpg(running.pid, signal.SIGINT)
        out, said = running.communicate(timeout=30)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 130
    assert out == ""
    assert said.splitlines()[-1] == "darkdays: stopped; what was finished stays."
    assert "Traceback" not in said
    assert wait_until(lambda: not with_mark(str(runs)), 5), with_mark(str(runs))
    assert not (tmp_path / "reports").exists()
