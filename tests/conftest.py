"""A world of its own for commands that are given what should do harm, and a cluster for sweeps."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from darkdays.cli.main import main
from shared_run import shared_run

LONGEST = 60.0  # seconds on a busy machine; what is refused at once takes a hundredth
MOST = 4 * 2**30  # bytes of memory beyond what is there already
TOO_MUCH = re.compile("nested too deeply; give|memory of this process is used up")


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """Folders of its own, and whether anything was written where nothing should be."""
    for name in ("SNAPSHOTS", "REPORTS", "RUNS"):
        monkeypatch.setenv(f"DARKDAYS_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield tmp_path
    assert not list(tmp_path.rglob("*pwned*"))
    assert not os.path.lexists("/tmp/pwned")


@pytest.fixture
def run(outside, capsys, monkeypatch):
    """A command in this process: it ends in time and memory, with a status and a plain sentence."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST, before[1]))

    def run(*words, statuses=(1, 2, 3), exhausting=False):
        monkeypatch.setattr(sys, "argv", ["darkdays", *map(str, words)])
        begun = time.monotonic()
        signal.alarm(int(LONGEST))  # what waits for ever is ended, and found by the time it took
        with pytest.raises(SystemExit) as end:
            main()
        signal.alarm(0)
        assert time.monotonic() - begun < LONGEST
        said = capsys.readouterr()
        status = end.value.code or 0
        assert status in statuses, (status, said)
        for text in (said.out, said.err):
            assert "Traceback" not in text
            assert not any(sign < " " and sign not in "\n\t" for sign in text)
            assert len(text) < 20_000
        # Typer's own word for an option that is not there would let any test of it pass.
        assert "No such option" not in said.err
        assert exhausting or not TOO_MUCH.search(said.err)
        if status:
            assert said.out or said.err.strip()
        return said

    def stop(*_):
        raise TimeoutError

    old = signal.signal(signal.SIGALRM, stop)
    yield run
    signal.signal(signal.SIGALRM, old)
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture(scope="session")
def iran_2019(tmp_path_factory):
    """The one run of the case iran-2019, published, that the whole suite shares."""
    return shared_run(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def offline(tmp_path_factory):
    """The one run of a shipped case, by its name, on nothing but what is embedded."""
    return partial(shared_run, tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def cluster():
    """The address of a scheduler with one worker, in this process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as started:
        yield started.scheduler_address


@pytest.fixture
def copied(undisturbed, tmp_path):
    """A copy of the folder of a module's undisturbed sweep, to be damaged."""
    shutil.copytree(undisturbed.out, tmp_path / "copied")
    return tmp_path / "copied"
