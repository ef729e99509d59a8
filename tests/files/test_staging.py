"""Side by side on one disk: in threads, processes, and containers with ids of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

import pytest

from darkdays.files import writing
from darkdays.files.staging import locked, remove_abandoned, staging

CONTAINER = ("unshare", "--pid", "--fork", "--map-root-user")
LONG_AGO = (0, 0)


@cache
def can_contain():
    try:
        return (
            subprocess.run([*CONTAINER, "true"], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


contained = pytest.mark.skipif(
    not can_contain(), reason="this system gives nobody process ids of their own"
)


def python(program, *words, before=()):
    return subprocess.Popen(
        [*before, sys.executable, "-c", program, *map(str, words)],
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_writers_of_one_process_id_never_tear_a_file(tmp_path):
    path, wrong = tmp_path / "x.bin", []

    def write(number):
        for _ in range(60):
            try:
                writing.write_bytes(path, bytes([number]) * 200_000)
                content = path.read_bytes()
            except Exception as error:  # noqa: BLE001  # a thread's end is nobody's
                wrong.append(error)
            else:
                if len(content) != 200_000 or len(set(content)) != 1:
                    wrong.append(len(content))

    threads = [threading.Thread(target=write, args=(number,)) for number in (1, 2, 3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    assert [one.name for one in tmp_path.iterdir()] == ["x.bin"]


WRITER = """
import os, sys
from pathlib import Path
from darkdays.files import writing
with writing.replacing(Path(sys.argv[1])) as partial:
    partial.write_bytes(b"whole")
    os.utime(partial.parent, (0, 0))
    print(os.getpid(), partial.parent, flush=True)
    sys.stdin.readline()
"""


@contained
def test_a_container_leaves_alone_what_another_writes(tmp_path):
    """Both are process 1 where they are, and the file takes longer than a day to write."""
    writer = python(WRITER, tmp_path / "x.gz", before=CONTAINER)
    pid, _, partial = writer.stdout.readline().strip().partition(" ")
    assert pid == "1"
    program = "import sys, pathlib; from darkdays.files.staging import remove_abandoned as remove\n"
    other = python(f"{program}remove(pathlib.Path(sys.argv[1]))", tmp_path, before=CONTAINER)
    other.communicate(timeout=60)
    assert other.returncode == 0
    assert [one.name for one in Path(partial).iterdir()] == ["x.gz"]
    writer.communicate("go on\n", timeout=60)
    assert writer.returncode == 0
    assert (tmp_path / "x.gz").read_bytes() == b"whole"


def test_what_killed_processes_left_goes_after_a_day_and_what_is_in_use_stays(tmp_path):
    writer = python(WRITER, tmp_path / "a.csv")
    writer.stdout.readline()
    writer.kill()
    writer.communicate()
    # As earlier versions of darkdays called them: by the id of a process that lives, or not.
    for name in (f".b.{os.getpid()}.partial", ".c.999999999.partial", ".d.partial"):
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, LONG_AGO)
    (tmp_path / ".e.partial").mkdir()
    with staging(tmp_path) as mine:
        os.utime(mine, LONG_AGO)
        remove_abandoned(tmp_path)
        assert {one.name for one in tmp_path.iterdir()} == {mine.name, ".e.partial"}
    assert [one.name for one in tmp_path.iterdir()] == [".e.partial"]


def test_what_links_lead_to_is_never_removed(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "x").write_text("mine")
    link = tmp_path / "y" / ".x.partial"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "kept")
    os.utime(link, LONG_AGO, follow_symlinks=False)
    remove_abandoned(tmp_path / "y")
    assert not link.is_symlink()
    assert (tmp_path / "kept" / "x").read_text() == "mine"


COUNT = """
import sys
from pathlib import Path
from darkdays.files.staging import locked
folder = Path(sys.argv[1])
for _ in range(40):
    with locked(folder):
        path = folder / "count"
        path.write_text(str(int(path.read_text()) + 1))
"""


def test_a_lock_is_held_by_one_at_a_time(tmp_path):
    (tmp_path / "count").write_text("0")
    every = [python(COUNT, tmp_path) for _ in range(4)]
    for one in every:
        one.communicate(timeout=120)
        assert one.returncode == 0
    assert (tmp_path / "count").read_text() == "160"
    assert [one.name for one in tmp_path.iterdir()] == ["count"]


def test_threads_wait_for_each_other(tmp_path):
    order, inside = [], threading.Event()

    def first():
        with locked(tmp_path):
            inside.set()
            time.sleep(0.3)
            order.append("first")

    waiting = threading.Thread(target=first)
    waiting.start()
    inside.wait()
    with locked(tmp_path):
        order.append("second")
    waiting.join()
    assert order == ["first", "second"]


def test_a_killed_process_holds_no_lock(tmp_path):
    program = f"""
import time
from pathlib import Path
from darkdays.files.staging import locked
with locked(Path({str(tmp_path)!r})):
    print("inside", flush=True); time.sleep(60)
"""
    holder = python(program)
    assert holder.stdout.readline() == "inside\n"
    holder.kill()
    holder.communicate()
    begun = time.monotonic()
    with locked(tmp_path):
        pass
    assert time.monotonic() - begun < 10
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_vanishes_is_made_again(tmp_path, monkeypatch):
    """As when another fetch of the case ends and takes its empty journal away."""
    from tempfile import TemporaryDirectory

    turns = []

    def vanishing(**how):
        turns.append(how["dir"])
        if len(turns) < 3:
            how["dir"].rmdir()
        return TemporaryDirectory(**how)

    monkeypatch.setattr("darkdays.files.staging.tempfile.TemporaryDirectory", vanishing)
    writing.write_text(tmp_path / "pending" / "x" / "a.json", "{}")
    assert len(turns) == 3
    assert (tmp_path / "pending" / "x" / "a.json").read_text() == "{}"


def test_folders_that_come_and_go_are_no_obstacle(tmp_path):
    """Others begin and end fetches while this one looks for what was left."""
    ended = threading.Event()

    def write():
        number = 0
        while not ended.is_set():
            number += 1
            writing.write_text(tmp_path / "pending" / "x" / "a.json", str(number))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            remove_abandoned(tmp_path)
    finally:
        ended.set()
        writer.join()
    assert (tmp_path / "pending" / "x" / "a.json").is_file()
