"""Every command that reads a file, on files meant to harm: one sentence, nothing done, in time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

import hostile_files as hostile
from darkdays.errors import InputError
from darkdays.files import bounded, paths

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("command", [("run",), ("fetch", "--plan"), ("sweep", "--plan")])
@pytest.mark.parametrize("name", hostile.YAML)
def test_what_is_no_case(run, outside, command, name):
    (outside / "x.yaml").write_bytes(hostile.YAML[name])
    said = run(*command, outside / "x.yaml", statuses=(2,))
    assert said.err.startswith("darkdays: ")
    assert said.err.count("\n") == 1
    assert said.out == ""


# What is hostile in these is a file to fetch: offline nobody looks at it.
ONLY_FETCHED = {"file leads out", "step is no step"}


@pytest.mark.parametrize("name", hostile.VALUES)
def test_cases_with_one_hostile_value(run, outside, name):
    (outside / "x.yaml").write_bytes(hostile.case("x", **hostile.VALUES[name]))
    fetched = name in ONLY_FETCHED
    words = ("fetch",) if fetched else ("run", "--offline")
    said = run(*words, outside / "x.yaml", statuses=(3,) if fetched else (1, 2))
    assert said.err.splitlines()[-1].startswith("darkdays: ")


@pytest.mark.parametrize("name", sorted(ONLY_FETCHED))
def test_what_is_only_fetched_is_not_read_offline(run, outside, name):
    (outside / "x.yaml").write_bytes(hostile.case("x", **hostile.VALUES[name]))
    said = run("run", outside / "x.yaml", "--offline", "--json", statuses=(0,))
    document = json.loads(said.out)
    assert document["not_read"]
    assert document["signals_assessed"] == 0


def test_a_plain_case_is_read(outside):
    (outside / "x.yaml").write_bytes(hostile.case("x"))
    from darkdays.case.case import load

    assert load(outside / "x.yaml").name == "x"


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link to a device", "missing"])
@pytest.mark.parametrize("command", [("run",), ("sweep", "--plan"), ("detect",)])
def test_what_is_no_file(run, outside, command, kind):
    path = outside / "x.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.symlink_to("/dev/zero" if kind == "device" else "/dev/tty")
    run(*command, path, statuses=(2,))


@pytest.mark.parametrize("name", hostile.SERIES)
def test_series(run, outside, name):
    (outside / "x.csv").write_bytes(hostile.SERIES[name])
    run("detect", outside / "x.csv", statuses=(0, 2))


def test_a_series_may_come_through_a_pipe(outside):
    """``darkdays detect <(command)``: a pipe that is being written to is read to its end."""
    path = outside / "x.csv"
    os.mkfifo(path)
    rows = "".join(f"2020-01-{day:02d},{day}\n" for day in range(1, 29))
    writer = subprocess.Popen([sys.executable, "-c", f"""
import time
with open({str(path)!r}, "w") as pipe:
    pipe.write("time,value\\n"); pipe.flush(); time.sleep(0.3); pipe.write({rows!r})
"""])  # fmt: skip
    content = b""
    while not content:  # until the writer has opened it
        content = bounded.bytes_of(path, 10_000, pipes=True)
    assert content.count(b"\n") == 29
    assert writer.wait() == 0


@pytest.mark.parametrize("name", hostile.MANIFESTS)
def test_manifests_of_versions(run, outside, name):
    folder = hostile.version(outside / "reports", hostile.MANIFESTS[name])
    run("verify", folder, "--digests", statuses=(1, 2, 3))
    run("diff", folder, folder, statuses=(0, 1, 2, 3))
    run("verify", "--all", "--digests", statuses=(1, 2, 3))


@pytest.mark.parametrize("name", hostile.FINDINGS)
def test_findings_of_versions(run, outside, name):
    folder = hostile.version(outside / "reports", findings=hostile.FINDINGS[name])
    run("verify", folder, "--digests")
    run("diff", folder, folder, statuses=(1,))


@pytest.mark.parametrize("name", hostile.FOLDERS)
def test_folders_of_versions(run, outside, name):
    folder = hostile.FOLDERS[name](outside / "reports")
    run("verify", folder, "--digests", statuses=(1, 2, 3))


def test_a_huge_file_in_a_version_takes_no_memory(outside):
    with (outside / "big").open("wb") as file:
        file.truncate(2**28)
    import tracemalloc

    tracemalloc.start()
    bounded.sha256_of(outside / "big")
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_data_that_lead_out_of_a_version_are_not_written(outside):
    """A version with its own data may name them as it likes; they land nowhere else."""
    from darkdays.files.writing import sha256
    from darkdays.review.rerun.checkouts import data_of

    folder = hostile.version(outside / "reports")
    (outside / "reports" / "evil").write_bytes(b"evil")
    name = "../../../evil"
    assert (folder / "data" / name).resolve() != (folder / "data").resolve()
    (folder / "data").mkdir()
    assert (folder / "data" / name).read_bytes() == b"evil"
    found, missing = data_of(folder, {"digests": {"data": {name: sha256(b"evil")}}})
    assert found == {}
    assert [one.name for one in missing] == [f"data/{name}"]


@pytest.mark.parametrize("name", hostile.snapshots())
def test_archives_of_snapshots(run, outside, name):
    hostile.snapshots()[name](outside / "x.zip")
    run("snapshot", "import", outside / "x.zip", statuses=(1, 2))
    assert not (outside / "snapshots" / "objects").exists()


@pytest.mark.parametrize("name", [*hostile.SERIES])
def test_files_of_ones_own(run, outside, name):
    """A file in place of a download: kept, and told if it cannot be read."""
    (outside / "x.yaml").write_bytes(hostile.case("x"))
    (outside / "speed.csv").write_bytes(hostile.SERIES[name])
    given = f"user-csv={outside / 'speed.csv'}"
    run("fetch", outside / "x.yaml", "--file", given, statuses=(0, 2, 3))


def test_entities_of_a_grid_stay_in_its_folder(run, outside):
    (outside / "secret.csv").write_text("place,id,name,network\nIR,asn/1,secret,mobile\n")
    folder = outside / "grids"
    folder.mkdir()
    (folder / "x.yaml").write_text(
        "name: x\ntitle: t\nquestion: q\nsummary: s\nplaces: IR\n"
        "windows: {start: 2019-01-01T00:00Z, end: 2019-02-01T00:00Z}\n"
        "template: {entities_file: ../secret.csv,"
        " signals: [{datasource: ioda.bgp, source: service}]}\n"
    )
    said = run("sweep", "--plan", folder / "x.yaml", statuses=(2,))
    assert "secret.csv" in said.err


def test_nothing_is_run_by_a_formula_or_a_template(outside):
    """The name of every hostile deed is ``pwned``; the fixture looks for it in the end."""
    assert shutil.which("pwned") is None
    assert not (paths.root() / "pwned").exists()


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a/../../x", "", ".", "a//b", "a\\b", "a\x00b", "a\nb", "./a", "a/"]
)
def test_names_that_lead_out(name):
    assert not bounded.is_inside(name)


@pytest.mark.parametrize("name", ["a", "a/b.csv", "published/iran-2019/ioda.bgp.csv", "..a", "a.."])
def test_names_that_stay(name):
    assert bounded.is_inside(name)


def test_files_are_read_within_bounds(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert bounded.bytes_of(tmp_path / "a", 5) == b"12345"
    with pytest.raises(InputError, match="larger than"):
        bounded.bytes_of(tmp_path / "a", 4)
    with pytest.raises(InputError, match="no plain file"):
        bounded.bytes_of(tmp_path.joinpath("/dev/zero"), 4)
    with pytest.raises(ValueError, match="deeply"):
        bounded.json_of("[" * 100_000)
