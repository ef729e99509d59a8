"""Full disks and read-only folders on whatever writes, and two of everything at once."""

from __future__ import annotations

import json
import shutil

import pytest
from test_crashes import home, on_a_disk, one_sentence, small_disk, start

from darkdays.files import paths
from darkdays.report.version.seal import read_manifest, wrong_files
from darkdays.report.version.version import versions

pytest.importorskip("distributed")

pytestmark = pytest.mark.slow

__all__ = ["home"]  # a fixture
READ_ONLY = '&& mount -o remount,ro "$0"'
SMALL = ("sweep", "--simulate", "--entities", "2", "--years", "0.03", "--workers", "1")


@small_disk
@pytest.mark.parametrize(("size", "options"), [("1m", READ_ONLY), ("16k", ""), ("120k", "")])
def test_a_sweep_says_that_it_cannot_write(home, size, options):
    words = [*SMALL, "--out", home / "disk" / "sweep"]
    status, said, left = on_a_disk(home, size, words, options)
    assert status in (1, 3)
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("darkdays: ")
    assert not [name for name in left if "reports/" in name and name.endswith("manifest.json")]


@small_disk
def test_a_sweep_goes_on_where_there_is_room(home):
    """What was finished on a disk that filled up is there, and only the rest is made."""
    words = [*SMALL, "--out", home / "disk" / "sweep"]
    status, said, left = on_a_disk(home, "120k", words)
    assert status != 0
    for name, content in left.items():
        place = home / "room" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    done = start(home, *SMALL, "--out", home / "room" / "sweep")
    _, said = done.communicate(timeout=600)
    assert done.returncode == 0, said


@small_disk
@pytest.mark.parametrize(("size", "options"), [("64k", READ_ONLY), ("8k", "")])
def test_a_picture_that_cannot_be_written(home, size, options):
    rows = "".join(f"2020-01-{day:02d},{day // 15}\n" for day in range(1, 29))
    (home / "s.csv").write_text(f"time,value\n{rows}")
    words = ["detect", home / "s.csv", "--figure", home / "disk" / "s.png"]
    status, said, left = on_a_disk(home, size, words, options)
    assert status == 1
    one_sentence(said)
    assert left == {}


@small_disk
@pytest.mark.parametrize("options", [READ_ONLY, ""])
def test_checking_and_packing_need_room_only_where_they_write(home, options):
    """A version on a disk without room or rights is checked; packing onto it says why not."""
    shipped = paths.root() / "reports" / "iran-2019"
    version = shipped / versions(shipped)[-1]
    words = ["verify", version, "--digests", "--json"]
    status, said, left = on_a_disk(home, "8k", words, options, RUNS="disk", SNAPSHOTS="disk")
    assert status == 0, said
    assert left == {}
    words = ["publish", version, "--to", home / "disk" / "x.zip"]
    status, said, left = on_a_disk(home, "64k", words, options)
    assert status == 1
    one_sentence(said)
    assert left == {}


@small_disk
@pytest.mark.parametrize("size", ["4k", "200k"])
def test_running_a_report_again_without_room_for_it(home, size):
    shipped = paths.root() / "reports" / "iran-2019"
    words = ["verify", shipped / versions(shipped)[-1]]
    before = {path: path.stat().st_mtime_ns for path in shipped.rglob("*")}
    status, said, _ = on_a_disk(home, size, words, '&& export TMPDIR="$0"')
    assert status in (1, 3)
    assert "Traceback" not in said
    assert said.strip()
    assert {path: path.stat().st_mtime_ns for path in shipped.rglob("*")} == before


def test_two_runs_at_once(home):
    """Both end well, and whatever they published is whole."""
    both = [start(home, "run", home / "y.yaml", "--offline") for _ in range(2)]
    for one in both:
        _, said = one.communicate(timeout=900)
        assert one.returncode == 0, said
    folder = home / "reports" / "y"
    assert versions(folder) == ["1.0.0"]
    assert wrong_files(folder / "1.0.0", read_manifest(folder / "1.0.0")) == {}
    assert not list((home / "reports").rglob("*.partial"))
    runs = [path for path in (home / "runs" / "y").iterdir() if path.name.isdigit()]
    assert len(runs) == 2


def test_two_sweeps_in_one_folder(home):
    """One works; the other says so, and goes on from there when it is asked again."""
    both = [start(home, *SMALL, "--out", home / "sweep", "--json") for _ in range(2)]
    ended = []
    for one in both:
        out, said = one.communicate(timeout=900)
        ended.append(one.returncode)
        if one.returncode:
            assert "another sweep is at work" in said
        else:
            assert json.loads(out)["version"] == "1.0.0"
    assert 0 in ended
    assert set(ended) <= {0, 2}
    folder = home / "sweep" / "reports" / "simulated"
    assert versions(folder) == ["1.0.0"]
    shutil.rmtree(home / "sweep" / "reports")
    again = start(home, *SMALL, "--out", home / "sweep")
    _, said = again.communicate(timeout=900)
    assert again.returncode == 0, said
