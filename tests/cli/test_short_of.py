"""Little memory, few open files, nobody who reads on: one sentence, or the usual end."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import DARKDAYS, LONGEST
from darkdays.errors import InputError
from darkdays.files import limits
from darkdays.files.terminal import UNREAD
from darkdays.runner.kernel import Kernel

ROOT = Path(__file__).resolve().parents[2]
REPORT = str(max((ROOT / "reports" / "iran-2019").glob("*/manifest.json")).parent)


def program(*words, before=None, stdout=subprocess.PIPE):
    """Run the command line in a process whose system was told something before."""
    return subprocess.run(
        [*DARKDAYS, *words], cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True,
        check=False, timeout=LONGEST, preexec_fn=before,
    )  # fmt: skip


def allow(limit, amount):
    return lambda: resource.setrlimit(limit, (amount, amount))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts addresses")
@pytest.mark.parametrize(
    ("words", "limit", "amount"),
    [
        (("cases",), resource.RLIMIT_AS, 250 * 2**20),
        (("detect", "x.csv"), resource.RLIMIT_AS, 600 * 2**20),
        (("run", "iran-2019"), resource.RLIMIT_AS, 900 * 2**20),
        (("run", "iran-2019"), resource.RLIMIT_NOFILE, 40),
    ],
)
def test_too_little_is_one_sentence_before_anything_is_loaded(words, limit, amount):
    done = program(*words, before=allow(limit, amount))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("darkdays: this process may have "), done.stderr
    assert done.stderr.endswith("allow more with `ulimit`.\n")
    assert done.stderr.count("\n") == 1


def test_what_is_enough_is_not_refused(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    limits.need("it", (2**60, 2**30))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    limits.need("it", (64, 64))
    with pytest.raises(InputError, match="64 open files, and it takes 65"):
        limits.need("it", (64, 65))
    with pytest.raises(InputError, match="a kernel takes"):
        Kernel.start(())


@pytest.mark.parametrize("words", [("cases",), ("verify", REPORT, "--digests")])
def test_a_reader_that_went_away_is_no_error(words):
    read, write = os.pipe()
    os.close(read)
    try:
        done = program(*words, stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (UNREAD, "")


def test_a_folder_that_is_gone_is_named_as_what_it_is(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *DARKDAYS, "cases"],
        cwd=gone, capture_output=True, text=True, check=False, timeout=LONGEST,
    )  # fmt: skip
    said = "darkdays: the folder one is in is gone; change to one that is there.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.skipif(shutil.which("setpriv") is None or os.getuid() != 0, reason="needs root")
@pytest.mark.parametrize("home", [None, "/", "/nonexistent"])
def test_nobody_in_particular_can_use_it(tmp_path, home):
    tmp_path.chmod(0o777)
    known = {k: v for k, v in os.environ.items() if k not in {"HOME", "USER", "LOGNAME"}}
    # Reading is allowed wherever the interpreter lies; writing is not.
    become = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]
    become += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    done = subprocess.run(
        [*become, *DARKDAYS, "cases"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=known | ({"HOME": home} if home else {}), timeout=LONGEST,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "iran-2019" in done.stdout
