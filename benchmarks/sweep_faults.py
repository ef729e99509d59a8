"""Kill workers, the scheduler and the client of a sweep at random, and compare what comes out.

Run ``python benchmarks/sweep_faults.py [--kills N | --kills worker,scheduler,client] [--save]``
from the project's root. A sweep is run undisturbed, and again on a cluster whose processes are
killed with SIGKILL while it is under way; whatever died is started again, with the same command.
Exits with 1 unless every table of both is the same, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

WORKERS = 2
KINDS = ("worker", "scheduler", "client")
PATIENCE = 3600.0
_CLI = "from darkdays.cli.main import main; main()"
_UNDER_WAY = "darkdays: Dask:"


class Cluster:
    """A scheduler, workers and a client, each a process that can be killed and started again.

    Parameters
    ----------
    words
        Of ``darkdays sweep``, without where it runs.
    folder
        For what they say.
    """

    def __init__(self, words: list[str], folder: Path) -> None:
        self.words, self.folder = words, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.starts: Counter[str] = Counter()

    def keep(self) -> None:
        """Start whatever is not running."""
        for name in ("scheduler", *(f"worker-{number}" for number in range(WORKERS)), "client"):
            process = self.running.get(name)
            if process is None or (process.poll() is not None and not self.ended):
                self._start(name)

    @property
    def ended(self) -> bool:
        """Whether the client came to the end of the sweep."""
        client = self.running.get("client")
        return client is not None and client.poll() == 0

    @property
    def under_way(self) -> bool:
        """Whether the client that runs now has found its cluster."""
        log = self._log("client")
        return log.is_file() and _UNDER_WAY in log.read_text(encoding="utf-8")

    def kill(self, kind: str, rng: np.random.Generator) -> None:
        """Kill a process of a kind, as the system would that has no memory left."""
        name = f"worker-{rng.integers(WORKERS)}" if kind == "worker" else kind
        _kill(self.running[name])

    def close(self) -> None:
        """End everything."""
        for process in self.running.values():
            _kill(process)

    def _start(self, name: str) -> None:
        self.starts[name] += 1
        dask = [sys.executable, "-m"]
        words = {
            "scheduler": [
                *(*dask, "distributed.cli.dask_scheduler", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--no-dashboard"),
            ],
            "client": [
                *(sys.executable, "-c", _CLI, "sweep", *self.words),
                *("--scheduler", self.address, "--workers", "1"),
            ],
        }.get(
            name,
            [
                *(*dask, "distributed.cli.dask_worker", self.address, "--no-nanny"),
                *("--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder)),
            ],
        )
        with self._log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                words, stdout=log, stderr=log, start_new_session=True
            )

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}-{self.starts[name]}.log"


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def disturbed(
    words: list[str], folder: Path, kinds: list[str], wait: float, rng: np.random.Generator
) -> Counter[str]:
    """Run a sweep through so many kills; return how often what was killed.

    Parameters
    ----------
    words
        Of ``darkdays sweep``.
    folder
        For what the processes say.
    kinds
        What to kill, in this order.
    wait
        Longest time between two kills, seconds; each is drawn.
    rng
        Of the moments and the workers.

    Raises
    ------
    SystemExit
        If the sweep does not end.
    """
    cluster, killed = Cluster(words, folder), Counter[str]()
    until = time.monotonic() + PATIENCE
    try:
        for kind in kinds:
            _until_under_way(cluster, until)
            if cluster.ended:
                break
            time.sleep(rng.uniform(0, wait))
            cluster.kill(kind, rng)
            killed[kind] += 1
            print(f"killed {sum(killed.values())}: {kind}", file=sys.stderr, flush=True)
        while not cluster.ended:
            _until_under_way(cluster, until)
            time.sleep(0.5)
    finally:
        cluster.close()
    return killed


def _until_under_way(cluster: Cluster, until: float) -> None:
    while True:
        cluster.keep()
        if cluster.ended or cluster.under_way:
            return
        if time.monotonic() > until:
            raise SystemExit(f"the sweep did not end within {PATIENCE:.0f} s")
        time.sleep(0.5)


def digests(out: Path) -> dict[str, str]:
    """Return the SHA-256 of every table of a sweep."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.glob("*.parquet"))
    }


def order(stated: str, rng: np.random.Generator) -> list[str]:
    """Return what to kill: as stated, or so many at random, half of them workers."""
    if not stated.isdigit():
        return stated.split(",")
    return [str(kind) for kind in rng.choice(KINDS, int(stated), p=[0.5, 0.2, 0.3])]


def main() -> None:
    """Compare an undisturbed sweep with one that was disturbed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entities", type=int, default=60)
    parser.add_argument("--years", type=float, default=0.5)
    parser.add_argument("--kills", default="20", help="how many, or which one after the other")
    parser.add_argument("--wait", type=float, default=10.0, help="most seconds between two")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true", help="write results/sweep.md")
    stated = parser.parse_args()
    rng = np.random.default_rng(stated.seed)
    words = ["--simulate", "--entities", str(stated.entities), "--years", str(stated.years)]
    kinds = order(stated.kills, rng)
    with tempfile.TemporaryDirectory(
        prefix="darkdays-faults-", ignore_cleanup_errors=True
    ) as scratch:
        folder = Path(scratch)
        alone, other = folder / "alone", folder / "disturbed"
        begun = time.monotonic()
        subprocess.run(
            [sys.executable, "-c", _CLI, "sweep", *words, "--workers", "2", "--out", str(alone)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        middle = time.monotonic()
        killed = disturbed([*words, "--out", str(other)], folder, kinds, stated.wait, rng)
        end = time.monotonic()
        before, after = digests(alone), digests(other)
    same = before == after and bool(before)
    rows = [
        ["kills", str(sum(killed.values()))],
        *([f"of them {kind}", str(killed[kind])] for kind in KINDS),
        ["undisturbed, s", f"{middle - begun:.0f}"],
        ["disturbed, s", f"{end - middle:.0f}"],
        ["tables", str(len(before))],
        ["of them identical", str(sum(after.get(name) == one for name, one in before.items()))],
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    title = (
        f"## Killed at random: {stated.entities} entities, 3 datasources, {stated.years:g} years"
    )
    text = "\n".join([title, "", *lines, ""])
    print(text)
    if stated.save:
        from sweep_results import machine, save

        save("faults", f"{text}\n{machine()}\n")
    if not same or sum(killed.values()) < len(kinds):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
