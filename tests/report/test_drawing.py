"""Pictures are the same wherever they are drawn."""

from __future__ import annotations

import os
import signal

import pandas as pd
import pytest

from darkdays.figures import drawing
from darkdays.figures.plot import Plot, subplots


@pytest.fixture
def beside(monkeypatch):
    """Have a process to draw, for one test."""
    monkeypatch.setattr(drawing, "_beside", [])
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    drawing.begin()
    (pool,) = drawing._beside
    yield pool
    pool.shutdown()


def plots(count):
    for number in range(count):
        figure, axes = subplots(1, 2)
        axes[0].plot([1, 10, 100], [3, number, 2])
        axes[0].set_xscale("log")
        axes[1].bar(["a", "$b"], [1, number])
        figure.tight_layout()
        yield Plot(f"figure-{number}", "", "", "", figure, pd.DataFrame())


def pictures(count=5):
    return {plot.name: found for plot, found in drawing.drawn(plots(count), "svg", "png")}


def test_a_process_beside_draws_the_same_bytes(monkeypatch, beside):
    found = pictures()
    assert beside._processes
    monkeypatch.setattr(drawing, "_beside", [])
    assert found == pictures()
    assert list(found) == [f"figure-{number}" for number in range(5)]
    assert {tuple(one) for one in found.values()} == {("svg", "png")}
    assert len({one["png"] for one in found.values()}) == 5


def test_what_a_process_that_was_killed_should_have_drawn_is_drawn_here(monkeypatch, beside):
    assert len(pictures(1)) == 1
    (process,) = beside._processes.values()
    os.kill(process.pid, signal.SIGKILL)
    found = [pictures(2), pictures(2)]
    monkeypatch.setattr(drawing, "_beside", [])
    assert found == [pictures(2)] * 2


def test_on_one_core_no_process_is_begun(monkeypatch):
    monkeypatch.setattr(drawing, "_beside", [])
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    drawing.begin()
    assert drawing._beside == []
    assert len(pictures(1)) == 1
