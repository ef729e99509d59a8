"""What the system refuses is told with its true cause, and is never taken for damage."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from contextlib import contextmanager

import httpx
import pytest

from darkdays.archive.client.faults import fault_of
from darkdays.archive.entry import entry_of
from darkdays.archive.snapshot import Snapshot
from darkdays.archive.store import Store
from darkdays.errors import DarkdaysError, InputError
from darkdays.files import bounded, writing
from darkdays.files.system_errors import cannot
from darkdays.report.version.seal import ledger, wrong_files
from made_up_snapshots import OPEN, reply, sealed


@contextmanager
def no_descriptor_left():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = [os.open("/dev/null", os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (held[0] + 1, hard))
    while len(held) < 9:
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            break
    assert len(held) < 9, "the limit does not hold"
    try:
        yield
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full; free the disk or choose another folder with --reports"),
        (errno.EMFILE, "too many open files in this process; allow more with `ulimit -n`"),
        (errno.ENOENT, "is not there; check the path"),
        (errno.EIO, "the disk fails to read or write; check the disk"),
        (errno.ESTALE, "the shared disk has lost sight of it; give the same command again"),
        (errno.EROFS, "the disk can only be read; choose another folder with --reports"),
        (errno.ELOOP, "; check the path"),
    ],
)
def test_each_cause_has_its_own_words(number, words):
    said = str(cannot("write", "x", OSError(number, os.strerror(number)), "--reports"))
    assert words in said
    assert said.startswith("cannot write x: ")
    assert said.endswith(".")
    assert ("free the disk" in said) == (number == errno.ENOSPC)


def test_without_a_descriptor_a_sound_reply_is_not_damaged(tmp_path):
    one = reply(OPEN, "/a", b"alpha")
    snapshot = sealed(tmp_path, (OPEN, one))
    store = Store(tmp_path)
    store.keep("trial", entry_of(one, OPEN), one.body)
    for read in (
        snapshot.replies,
        snapshot.verify,
        lambda: store.kept("trial"),
        lambda: store.holds(snapshot.manifest.replies[0]),
        lambda: store.put(one.body),
        lambda: Snapshot.open(tmp_path, snapshot.id),
    ):
        with (
            no_descriptor_left(),
            pytest.raises(DarkdaysError, match="too many open files") as said,
        ):
            read()
        assert "damaged" not in str(said.value)
    assert snapshot.replies() == {one.request.key: one}
    assert list(store.kept("trial")) == [one.request.key]


def test_without_a_descriptor_a_version_is_not_changed(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "SHA256SUMS").write_text("0  x/1.0.0/manifest.json\n")
    manifest = {"files": {"a.txt": writing.sha256(b"a")}}
    path = tmp_path / "a.txt"
    before = bounded.sha256_of(path)
    with no_descriptor_left(), pytest.raises(DarkdaysError, match="too many open files"):
        ledger(tmp_path)
    assert ledger(tmp_path) == {"x/1.0.0/manifest.json": "0"}
    assert bounded.sha256_of(path) == before == manifest["files"]["a.txt"]


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EMFILE])
def test_a_disk_that_fails_changes_no_version(tmp_path, monkeypatch, number):
    (tmp_path / "a.txt").write_text("a")
    manifest = {"files": {"a.txt": writing.sha256(b"a")}}

    def fails(path):
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(bounded, "sha256_of", fails)
        with pytest.raises(DarkdaysError, match="cannot read"):
            wrong_files(tmp_path, manifest)
    assert wrong_files(tmp_path, manifest) == {}


def test_writing_without_a_descriptor_names_the_cause(tmp_path):
    with no_descriptor_left(), pytest.raises(DarkdaysError, match="too many open files"):
        writing.write_text(tmp_path / "x", "x")
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_a_service_is_not_blamed_for_this_machine():
    error = httpx.ConnectError("no way")
    error.__cause__ = OSError(errno.EMFILE, "Too many open files")
    fault = fault_of(error)
    assert "too many open files" in fault.problem
    assert not fault.passing


def test_input_that_cannot_be_read_is_still_input():
    assert cannot("read", "x", OSError(errno.EACCES, "no"), kind=InputError).exit_status == 2
