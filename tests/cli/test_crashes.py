"""Full disks, folders that cannot be written to, two at once, and ends without warning."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from urllib.parse import parse_qs, urlsplit

import pytest

from darkdays.archive.snapshot import list_snapshots
from darkdays.archive.store import Store, expand
from darkdays.files import paths, writing
from darkdays.runner import run as running
from services import Server, whole

COUNTRIES = ("AF", "AM", "AZ", "IQ", "PK", "TM", "TR")
CASE = f"""\
name: x
title: Countries
question: Is anything lost?
summary: Made up.
window: {{start: 2019-11-01T00:00Z, end: 2019-12-01T00:00Z}}
place: IR
time_zone: Asia/Tehran
entities: [{{id: country/IR, name: Iran, network: country}}]
donors: [{", ".join(f"{{id: country/{one}, name: {one}, network: country}}" for one in COUNTRIES)}]
signals: [{{datasource: tor.relay-users, source: service}}]
"""
RUN = """\
name: y
title: A study
question: Is no report ever half?
summary: Of published figures.
window: {start: 2019-11-14T00:00Z, end: 2019-11-18T00:00Z}
place: IR
time_zone: Asia/Tehran
entities: [{id: country/IR, name: Iran, network: country}]
signals: [{datasource: ioda.bgp, source: published, dataset: iran-2019}]
claims:
  - {id: dark, type: outage_in_window, statement: It went dark., origin: us, entity: country/IR,
     at_least_hours: 24}
"""
# Runs a command on a small disk, and says what is on it afterwards.
PROGRAM = """
import json, subprocess, sys
from pathlib import Path
disk, told, words = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
done = subprocess.run([sys.executable, "-c", "from darkdays.cli.main import main; main()", *words],
                      capture_output=True, text=True)
left = {str(path.relative_to(disk)): path.read_bytes().hex()
        for path in disk.rglob("*") if path.is_file()}
told.write_text(json.dumps([done.returncode, done.stderr, left]))
"""


@cache
def can_mount():
    command = ["unshare", "--map-root-user", "--mount", "true"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


small_disk = pytest.mark.skipif(not can_mount(), reason="this system lets nobody mount a disk")


def table(handler):
    code = parse_qs(urlsplit(handler.path).query)["country"][0]
    # What cannot be compressed well fills a disk.
    noise = "".join(f"# {writing.sha256(f'{code}{n}'.encode())}\n" for n in range(150))
    rows = "".join(f"2019-11-{day:02d},{code},{day * 7},1,9,50\n" for day in range(1, 31))
    whole(f"{noise}date,country,users,lower,upper,frac\n{rows}".encode())(handler)


@pytest.fixture
def server():
    with Server() as one:
        yield one.on("/userstats-relay-country.csv", table)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "x.yaml").write_text(CASE)
    (tmp_path / "y.yaml").write_text(RUN)
    return tmp_path


def settings(home, **more):
    stated = {"SNAPSHOTS": "snapshots", "REPORTS": "reports", "RUNS": "runs"} | more
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("DARKDAYS_")},
        "DARKDAYS_ROOT": str(paths.root()),
        **{f"DARKDAYS_{name}": str(home / place) for name, place in stated.items()},
    }


def start(home, *words):
    return subprocess.Popen(
        [sys.executable, "-c", "from darkdays.cli.main import main; main()", *map(str, words)],
        env=settings(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def on_a_disk(home, size, words, options="", **more):
    """Run a command with one of its folders on a disk of so many bytes."""
    disk, told = home / "disk", home / "told.json"
    disk.mkdir(exist_ok=True)
    shell = f'mount -t tmpfs -o size={size} none "$0" {options} && exec "$@"'
    subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", shell, str(disk),
         sys.executable, "-c", PROGRAM, str(disk), str(told), *map(str, words)],
        env=settings(home, **more), check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    status, said, left = json.loads(told.read_text())
    return status, said, {name: bytes.fromhex(body) for name, body in left.items()}


def one_sentence(said):
    assert "Traceback" not in said
    last = said.splitlines()[-1]
    assert last.startswith("darkdays: cannot write")
    assert last.endswith(".")
    assert sum(line.startswith("darkdays: cannot") for line in said.splitlines()) == 1


@small_disk
@pytest.mark.parametrize("size", ["4k", "16k", "40k", "64k"])
def test_a_full_disk_ends_a_fetch_and_keeps_what_came(home, server, size):
    words = ["fetch", home / "x.yaml", "--base-url", f"tor={server.base}"]
    status, said, left = on_a_disk(home, size, words, SNAPSHOTS="disk")
    assert status == 1
    one_sentence(said)
    assert not [name for name in left if name.endswith(".partial")]
    objects = {name: body for name, body in left.items() if "objects/" in name}
    for name, body in objects.items():
        content = expand(body, 10**6)
        assert content is not None
        assert writing.sha256(content) in name
    # What is in the journal can be gone on from.
    for name, body in left.items():
        if "pending/" in name and name.endswith(".json"):
            assert f"objects/{json.loads(body)['sha256']}.gz" in left


@small_disk
def test_a_disk_that_is_large_enough_does(home, server):
    words = ["fetch", home / "x.yaml", "--base-url", f"tor={server.base}"]
    status, _, left = on_a_disk(home, "2m", words, SNAPSHOTS="disk")
    assert status == 0
    assert [name for name in left if name.endswith("manifest.json")]


@pytest.mark.slow
@small_disk
@pytest.mark.parametrize("folder", ["SNAPSHOTS", "REPORTS", "RUNS"])
def test_a_folder_that_cannot_be_written_to(home, server, folder):
    words = ["run", home / "y.yaml", "--offline"]
    if folder == "SNAPSHOTS":
        words = ["fetch", home / "x.yaml", "--base-url", f"tor={server.base}"]
    options = '&& mount -o remount,ro "$0"'
    status, said, left = on_a_disk(home, "1m", words, options, **{folder: "disk"})
    assert status in (1, 2)
    one_sentence(said)
    assert left == {}


@pytest.mark.slow
@small_disk
def test_a_full_disk_leaves_no_half_report(home):
    words = ["run", home / "y.yaml", "--offline"]
    status, said, left = on_a_disk(home, "200k", words, REPORTS="disk")
    assert status == 1
    one_sentence(said)
    assert left == {}


@pytest.mark.slow
def test_six_fetches_at_once(home, server):
    """Of one case: each ends well, and what any of them sealed is whole."""
    server.pause = 0.05
    words = ["fetch", home / "x.yaml", "--base-url", f"tor={server.base}"]
    every = [start(home, *words) for _ in range(6)]
    for one in every:
        _, said = one.communicate(timeout=300)
        assert one.returncode == 0, said
    folder = home / "snapshots"
    assert list_snapshots(folder)
    for snapshot in list_snapshots(folder):
        assert snapshot.complete
        assert snapshot.verify() == 1 + len(COUNTRIES)
    assert Store(folder).kept("x") == {}
    assert not list(folder.rglob("*.partial"))


@pytest.mark.slow
def test_seven_runs_of_one_case_at_once(home):
    """None takes the folder of another that is still at work."""
    depths = [f"min_depth=0.1{n}" for n in range(1, 8)]
    words = ["run", home / "y.yaml", "--offline", "--parameter"]
    started = [start(home, *words, depth) for depth in depths]
    said = [one.communicate(timeout=600)[1] for one in started]
    assert [one.returncode for one in started] == [0] * len(depths), said
    runs = home / "runs" / "y"
    assert {path.name for path in runs.iterdir()} >= {f"000{n}" for n in range(3, 8)}
    assert len(list((home / "reports" / "y").glob("*/report.html"))) == len(depths)


def test_old_runs_are_forgotten_by_number_and_never_while_at_work(tmp_path):
    for number in (2, 9998, 9999, 10000, 10001, 10002, 10003):
        (tmp_path / f"{number:04d}").mkdir()
    program = f"""
import time
from contextlib import ExitStack
from pathlib import Path
from darkdays.runner import run
with ExitStack() as at_work:
    print(run._new_folder(Path({str(tmp_path)!r}), at_work).name, flush=True); time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "10004\n"
    for number in range(10005, 10010):
        (tmp_path / f"{number}").mkdir()
    running._forget_old(tmp_path)
    kept = [10004, *range(10005, 10010)]
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == kept
    holder.kill()
    holder.communicate()
    running._forget_old(tmp_path)
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == kept[1:]
