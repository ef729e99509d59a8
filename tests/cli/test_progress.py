"""How far a fetch has come: a bar in a terminal, at most a line a second elsewhere."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from darkdays.archive.client.step import Step
from darkdays.cli.progress import FetchProgress
from darkdays.files.terminal import duration


def step(done, note="", seconds=2.0, known=8):
    return Step("tor", f"page {done}", done, known, done, done * 1024, seconds, note)


def test_a_step_tells_rate_and_time_left():
    assert step(4).rate == 2048
    assert step(4).remaining == 2
    assert step(8).remaining == 0
    assert step(0).remaining is None
    assert [duration(seconds) for seconds in (0, 61, 3600, 7325)] == [
        "0 s", "1 min 1 s", "1 h 0 min", "2 h 2 min",
    ]  # fmt: skip


def test_elsewhere_than_in_a_terminal_there_is_a_line_a_second_at_most(capsys):
    now = [0.0]
    with FetchProgress(clock=lambda: now[0]) as progress:
        for number in range(1, 8):
            now[0] += 0.3
            progress(step(number))
        progress(step(7, "HTTP 503; again in 2 s"))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "1/8 tor: page 1, 1 KiB, 0 KiB/s, 14 s left",
        "5/8 tor: page 5, 5 KiB, 2 KiB/s, 1 s left",
        "7/8 tor: page 7 (HTTP 503; again in 2 s), 7 KiB, 4 KiB/s, 0 s left",
    ]


def test_the_last_reply_is_always_told(capsys):
    with FetchProgress(clock=lambda: 5.0) as progress:
        progress(step(1))
        progress(step(2))
        progress(step(8))
    assert capsys.readouterr().err.splitlines()[-1].startswith("8/8 tor: page 8")


PROGRAM = """
from darkdays.archive.client.step import Step
from darkdays.cli.progress import FetchProgress
with FetchProgress() as progress:
    for done in range(1, 5):
        progress(Step("ioda", "a [bold]window[/bold]", done, 4, done, done * 1024, done * 1.0,
                      "HTTP 503" if done == 2 else ""))
print("done")
"""


def test_in_a_terminal_there_is_a_bar_with_rate_and_time_left_and_faults_above_it():
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=side, stderr=side, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(side)
    shown = b""
    while True:
        try:
            piece = os.read(main, 4096)
        except OSError:  # how the other end closes
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    assert running.wait(timeout=30) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert "4/4" in text
    assert "4 KiB, 1 KiB/s, 0 s left" in text
    assert "ioda: a [bold]window[/bold]" in text, "what services are asked is no markup"
    assert text.count("(HTTP 503)") == 1
    assert text.rstrip().endswith("done")
