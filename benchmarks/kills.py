"""Commands killed with SIGKILL at random moments, and what is to be found afterwards.

A world of its own: a service on the loopback, a case of forty countries for ``fetch``, a case of
published figures for ``run`` and ``verify``, a simulated rehearsal for ``sweep``. After every kill
everything that is on disk is read; after every few, and in the end, every command has to work.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from darkdays.archive.snapshot import list_snapshots  # noqa: E402
from darkdays.archive.store import Store, expand  # noqa: E402
from darkdays.errors import DarkdaysError  # noqa: E402
from darkdays.report.version.seal import read_manifest, wrong_files  # noqa: E402
from darkdays.report.version.version import versions  # noqa: E402
from darkdays.sources.countries import NAMES  # noqa: E402
from services import Server, whole  # noqa: E402

_COUNTRIES = sorted(set(NAMES) - {"IR"})[:40]
_FETCHED = f"""\
name: fetched
title: Forty countries
question: Is every reply kept?
summary: Made up for kills.
window: {{start: 2019-11-01T00:00Z, end: 2019-12-01T00:00Z}}
place: IR
time_zone: Asia/Tehran
entities: [{{id: country/IR, name: Iran, network: country}}]
donors: [{", ".join(f"{{id: country/{one}, name: {one}, network: country}}" for one in _COUNTRIES)}]
signals: [{{datasource: tor.relay-users, source: service}}]
"""
_RUN = """\
name: killed
title: A study to be killed
question: Is no report ever half?
summary: Made up for kills, of published figures.
window: {start: 2019-11-14T00:00Z, end: 2019-11-20T00:00Z}
place: IR
time_zone: Asia/Tehran
entities: [{id: country/IR, name: Iran, network: country}]
signals: [{datasource: ioda.bgp, source: published, dataset: iran-2019}]
claims:
  - {id: dark, type: outage_in_window, statement: It went dark., origin: us, entity: country/IR,
     at_least_hours: 24}
"""
_ORPHANS = 30.0  # seconds a kernel may take to notice that nobody is there


@dataclass
class World:
    """Folders and a service of their own, and what was lost in them."""

    home: Path
    server: Server
    rng: random.Random
    losses: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    spent: dict[str, float] = field(default_factory=dict)
    number: int = 0

    def words(self, command: str) -> list[str]:
        """Return a command; every run is of other parameters, so that it makes a version."""
        self.number += 1
        case = str(self.home / "killed.yaml")
        if command == "fetch":
            base = f"tor={self.server.base}"
            fresh = ["--fresh"] * (self.number % 2)
            return ["fetch", str(self.home / "fetched.yaml"), "--base-url", base, *fresh]
        if command == "run":
            level = 0.8 + 0.0001 * self.number
            return ["run", case, "--offline", "-p", f"level={level:.4f}"]
        if command == "verify":
            return ["verify", str(self.home / "reports" / "killed" / "1.0.0")]
        folder = self.home / "sweeps" / str(self.number // 3)  # some go on, some begin
        return ["sweep", "--simulate", "--entities", "3", "--years", "0.05", "--workers", "1",
                "--out", str(folder)]  # fmt: skip

    def start(self, words: list[str]) -> subprocess.Popen[str]:
        """Start a command in this world."""
        told = {"RUNS": "runs", "REPORTS": "reports", "SNAPSHOTS": "snapshots"}
        settings = {f"DARKDAYS_{name}": str(self.home / place) for name, place in told.items()}
        return subprocess.Popen(
            [sys.executable, "-c", "from darkdays.cli.main import main; main()", *words],
            env={**os.environ, **settings, "TMPDIR": str(self.home / "tmp")},
            cwd=self.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def whole(self, command: str) -> None:
        """Let a command run to its end; whatever it was killed at before, it has to work."""
        begun = time.monotonic()
        process = self.start(self.words(command))
        _, said = process.communicate()
        if process.returncode != 0:
            self.losses.append(f"{command} does not work any more: {said.strip()[-300:]}")
        self.spent[command] = time.monotonic() - begun

    def kill(self, command: str) -> None:
        """Start a command, kill it at a random moment, and look at what is there."""
        before = self.replies()
        process = self.start(self.words(command))
        # Half of them while the last things are written.
        late = self.rng.random() < 0.5
        share = self.rng.uniform(0.8, 1.05) if late else self.rng.random()
        try:
            process.wait(self.spent[command] * share)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            self.kills[command] += 1
        process.communicate()
        self.look(command, before)

    def replies(self) -> set[tuple[str, str]]:
        """Return every reply that is kept, by request and digest."""
        folder = self.home / "snapshots"
        found = {(key, one.sha256) for key, one in Store(folder).kept("fetched").items()}
        for snapshot in list_snapshots(folder):
            found |= {(one.request.key, one.sha256) for one in snapshot.manifest.replies}
        return found

    def look(self, command: str, before: set[tuple[str, str]]) -> None:
        """Read everything that is on disk."""
        folder = self.home / "snapshots"
        for path in (folder / "objects").glob("*.gz"):
            name = path.name.removesuffix(".gz")
            if expand(path.read_bytes(), 2**24) is None:
                self.losses.append(f"{command}: object {name} is corrupt")
        try:
            for snapshot in list_snapshots(folder):
                snapshot.verify()
            if lost := before - self.replies():
                # What was asked again may have replaced what was there, with the same bytes.
                kept = {digest for _, digest in self.replies()}
                if any(digest not in kept for _, digest in lost):
                    self.losses.append(f"{command}: {len(lost)} replies are lost")
            for number in versions(self.home / "reports" / "killed"):
                place = self.home / "reports" / "killed" / number
                if wrong := wrong_files(place, read_manifest(place)):
                    self.losses.append(f"{command}: version {number} is half: {wrong}")
        except DarkdaysError as error:
            self.losses.append(f"{command}: {error}")
        self.losses += [f"{command}: process {pid} lives on" for pid in self.orphans()]

    def orphans(self) -> list[int]:
        """Return processes of this world that are still there after a while, and end them."""
        mark = f"TMPDIR={self.home / 'tmp'}".encode()
        end = time.monotonic() + _ORPHANS
        while (found := _with(mark)) and time.monotonic() < end:
            time.sleep(0.2)
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return found


def _with(mark: bytes) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
        except OSError:
            continue
    return found


def killed(plan: dict[str, int], seed: int = 1) -> World:
    """Kill each command so many times and return the world with what was lost.

    Parameters
    ----------
    plan
        Kills by command: ``fetch``, ``run``, ``verify``, ``sweep``.
    seed
        Of the moments.
    """
    with tempfile.TemporaryDirectory(prefix="dd-kills-") as name, Server() as server:
        home = Path(name)
        (home / "tmp").mkdir()
        (home / "fetched.yaml").write_text(_FETCHED)
        (home / "killed.yaml").write_text(_RUN)
        server.pause = 0.03
        rows = "".join(f"2019-11-{day:02d},{{}},{day * 7},1,9,50\n" for day in range(1, 31))
        header = "date,country,users,lower,upper,frac\n"
        for path in ("/userstats-relay-country.csv",):
            server.on(path, _Table(header, rows))
        rng = random.Random(seed)  # noqa: S311 - draws, not secrets
        world = World(home, server, rng)
        for command in ("fetch", "run", "verify", "sweep"):
            if plan.get(command):
                world.whole("run" if command == "verify" else command)
                world.whole(command)
        for command, count in plan.items():
            while world.kills[command] < count:
                world.kill(command)
                number = world.kills[command]
                told = f"{command} killed {number} times, {len(world.losses)} losses in all"
                told += f" {world.losses[-1:]}"
                sys.stderr.write(f"{told}\n")
                if number % 25 == 0:
                    world.whole(command)
        for command in plan:
            world.whole(command)
        return world


class _Table:
    """Answers with the table of the country that is asked for."""

    def __init__(self, header: str, rows: str) -> None:
        self.header, self.rows = header, rows

    def __call__(self, handler: object) -> None:
        from urllib.parse import parse_qs, urlsplit

        asked = parse_qs(urlsplit(handler.path).query)  # type: ignore[attr-defined]
        code = asked["country"][0]
        whole((self.header + self.rows.format(*[code] * 30)).encode())(handler)
