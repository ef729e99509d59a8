"""What a sweep stored and somebody spoiled is set aside, made again, and comes out the same."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil

import pytest

from darkdays.sweep.plan.rehearsal import rehearsal
from darkdays.sweep.tasks import parts, store
from sweeping import swept, tables

pytest.importorskip("distributed")
pytest.importorskip("zarr")

pytestmark = pytest.mark.slow
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def made(out, cluster):
    return swept(rehearsal(3, 0.06, seed=11), out, cluster)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, cluster):
    return made(tmp_path_factory.mktemp("undisturbed"), cluster)


def flipped(path):
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


SPOILED = {
    "a bit": flipped,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a text": lambda path: path.write_bytes(b"PAR1 and nothing else PAR1"),
    "deep": lambda path: path.write_bytes(b"[" * 100_000),
}


@pytest.mark.parametrize("how", SPOILED)
@pytest.mark.parametrize("which", ["chunk", "outages", "failures-signals"])
def test_what_is_spoiled_is_made_again(copied, cluster, undisturbed, how, which):
    if which == "chunk":
        path = next(path for path in sorted(copied.glob("signals/*.zarr/*/value/c/*/*")))
    else:
        name = which.rpartition("-")[2]
        path = next(path for path in sorted(copied.glob(f"parts/*/*/*/{name}.parquet")))
    SPOILED[how](path)
    again = made(copied, cluster)
    assert not again.lost
    assert tables(copied) == tables(undisturbed.out)
    assert not again.published.change.is_new
    # Nothing is thrown away that somebody may want to look at.
    aside = [path for path in copied.rglob(".*.damaged") if path.is_dir()]
    assert len(aside) == 1


@pytest.mark.parametrize("how", ["empty", "a text", "deep", "zeros"])
def test_metadata_of_signals(copied, cluster, undisturbed, how):
    SPOILED[how](next(iter(sorted(copied.glob("signals/*.zarr/zarr.json")))))
    again = made(copied, cluster)
    assert not again.lost
    assert tables(copied) == tables(undisturbed.out)


def test_a_table_that_was_taken_away_is_missed(copied, cluster, undisturbed):
    """A piece without rows of a kind has no file of it: the list says which there were."""
    next(iter(sorted(copied.glob("parts/judged/*/*/outages.parquet")))).unlink()
    again = made(copied, cluster)
    assert not again.lost
    assert tables(copied) == tables(undisturbed.out)
    assert len(list(copied.rglob(".*.damaged"))) == 1


def test_a_table_of_other_columns_is_no_table_of_ours(tmp_path):
    place = tmp_path / "piece"
    place.mkdir()
    pq.write_table(pa.table({"__class__": ["x"]}), place / "outages.parquet")
    with pytest.raises(store.DamagedError, match="set aside"):
        parts.load(place, "outages")
    assert not place.exists()
    assert not parts.is_there(place)


def test_what_may_not_be_read_stays_where_it_is(tmp_path, monkeypatch):
    place = tmp_path / "piece"
    place.mkdir()

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(parts, "_read", refuse)
    (place / "outages.parquet").write_bytes(b"x")
    with pytest.raises(Exception, match="make it readable"):
        parts.load(place, "outages")
    assert place.exists()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.ESTALE, errno.ENOSPC])
@pytest.mark.parametrize("kind", [OSError, RuntimeError])
def test_what_the_system_refuses_is_no_damage(tmp_path, number, kind):
    """Libraries raise errors of their own after those of the system."""
    piece = tmp_path / "piece"
    piece.mkdir()

    def fail():
        refused = OSError(number, os.strerror(number))
        if kind is OSError:
            raise refused
        raise RuntimeError("the codec failed") from refused

    with pytest.raises(store.UnreadableError, match=os.strerror(number)), store.reading(piece):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["piece"]


def test_no_descriptor_left(copied, cluster, undisturbed):
    """Sound pieces stay where they are, and nothing becomes a fault of their signals."""
    piece = next(iter(sorted(copied.glob("parts/studies/*/*"))))
    signals = next(iter(sorted(copied.glob("signals/*.zarr"))))
    assert parts.is_there(piece)
    assert store.is_there(signals)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (held[0] + 1, hard))
    said = []
    try:
        with contextlib.suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        for there, path in ((parts.is_there, piece), (store.is_there, signals)):
            try:
                there(path)
            except store.UnreadableError as error:
                said.append(str(error))
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [os.strerror(errno.EMFILE) in one for one in said] == [True, True]
    assert not list(copied.rglob(".*.damaged"))
    assert parts.is_there(piece)
    assert store.is_there(signals)


def test_a_refused_read_is_not_a_signal_that_cannot_be_judged(copied, cluster, monkeypatch):
    shutil.rmtree(copied / "parts" / "judged")

    def refuse(*_):
        raise store.UnreadableError("cannot read it: Stale file handle; give the command again.")

    with monkeypatch.context() as once:
        once.setattr(store.Reader, "signal", refuse)
        lost = made(copied, cluster)
    assert len(lost.lost) == 1
    assert "Stale file handle" in lost.lost[0]
    assert not len(parts.dataset(copied, "failures").query("entity != ''"))
    assert not made(copied, cluster).lost
