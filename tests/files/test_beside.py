"""What is made beside is what would be made here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from darkdays.figures import drawing
from darkdays.figures.plot import Plot, captioned, subplots
from darkdays.files import beside


@pytest.fixture
def pool(monkeypatch):
    """Have a process beside, for one test."""
    monkeypatch.setattr(beside, "_beside", [])
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    beside.begin("darkdays.figures.drawing")
    (begun,) = beside._beside
    yield begun
    begun.shutdown()


ALONE = """
import os, sys
from functools import partial
from darkdays.figures import drawing
from darkdays.files import beside
from test_beside import figure
os.cpu_count = lambda: 2
beside.begin("darkdays.figures.drawing", alone=True)
draw = partial(drawing.draw, partial(figure, 7))
asked = [beside.Later(os.getpid), beside.Later(draw)]
theirs, mine = [one.result() for one in asked], draw()
print(theirs[0] != os.getpid(), theirs[1].png == mine.png, theirs[1].svg == mine.svg)
"""


def figure(number, *, width=12.0) -> Plot:
    drawn, axes = subplots(1, 2, figsize=(width, 4))
    axes[0].plot([1, 10, 100], [3, number, 2])
    axes[0].set_xscale("log")
    axes[1].bar(["a", "$b"], [1, number])
    drawn.tight_layout()
    return captioned("onsets", drawn, pd.DataFrame(), f"number {number}")


def where(number):
    return number, os.getpid()


def refused():
    raise ValueError("no such figure")


@pytest.mark.slow
def test_a_figure_drawn_beside_has_the_same_bytes(monkeypatch, pool):
    asked = [beside.Later(partial(drawing.draw, partial(figure, number))) for number in range(5)]
    found = [one.result() for one in asked]
    for number, one in enumerate(found):
        here = drawing.draw(partial(figure, number))
        assert (one.svg, one.png, one.fingerprint) == (here.svg, here.png, here.fingerprint)
        assert one.alt == here.alt == f"number {number}"
    assert len({one.png for one in found}) == 5


def test_each_thing_is_made_once_and_beside(pool):
    asked = [_later(number) for number in range(40)]
    found = [one.result() for one in asked]
    assert [number for number, _ in found] == list(range(40))
    assert {process for _, process in found} <= set(pool._processes)
    assert [one.result() for one in asked] == found


def _later(number):
    return beside.Later(partial(where, number))


def test_what_a_process_that_was_killed_should_have_made_is_made_here(pool):
    assert pool.submit(where, 1).result()[1] in pool._processes
    waiting = [beside.Later(partial(time.sleep, 60)) for _ in range(2)] + [_later(2)]
    for process in pool._processes:
        os.kill(process, signal.SIGKILL)
    assert waiting[2].result() == (2, os.getpid())
    assert _later(3).result() == (3, os.getpid())


def test_what_is_asked_is_what_it_was_when_it_was_asked(pool):
    held, numbers = [beside.Later(partial(time.sleep, 0.5)) for _ in range(2)], [1]
    asked = beside.Later(partial(len, numbers))
    numbers.append(2)
    for one in held:
        one.result()
    assert asked.result() == 1


def test_an_error_beside_is_the_error_here(pool):
    with pytest.raises(ValueError, match="no such figure"):
        beside.Later(refused).result()


def test_on_one_core_no_process_is_begun(monkeypatch):
    monkeypatch.setattr(beside, "_beside", [])
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    beside.begin("darkdays.figures.drawing")
    assert beside._beside == []
    assert _later(1).result() == (1, os.getpid())


def test_a_copy_of_a_process_without_threads_draws_the_same():
    command = [sys.executable, "-W", "error", "-c", ALONE]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, env=here, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["True"] * 3, "")


@pytest.mark.skipif(sys.platform != "linux", reason="a process is copied on Linux only")
def test_a_copy_does_not_outlive_a_process_that_was_killed():
    program = (
        "import os, time\nfrom darkdays.files import beside\nos.cpu_count = lambda: 2\n"
        'beside.begin("json", alone=True)\n'
        "print(beside.Later(os.getppid).result(), *beside._beside[0]._processes, flush=True)\n"
        "time.sleep(60)"
    )
    killed = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with killed:
        parent, *copies = map(int, killed.stdout.readline().split())
        assert parent == killed.pid
        assert len(copies) == 2
        killed.kill()
    deadline = time.monotonic() + 20
    for copy in copies:
        while Path(f"/proc/{copy}/stat").exists() and time.monotonic() < deadline:
            if Path(f"/proc/{copy}/stat").read_text(encoding="utf-8").split(") ")[1][0] == "Z":
                break
            time.sleep(0.05)
        else:
            assert not Path(f"/proc/{copy}").exists()


def test_where_what_brings_results_has_ended_it_is_made_here(pool, monkeypatch):
    monkeypatch.setattr(beside, "_SECONDS", 0.01)
    with monkeypatch.context() as broken:
        broken.setattr(pool, "submit", lambda *_: Future())  # never brought
        broken.setattr(pool, "_executor_manager_thread", threading.Thread())  # as without memory
        assert beside.Later(partial(where, 5)).result() == (5, os.getpid())
