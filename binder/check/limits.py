"""The limits of a session on mybinder: 2 GiB of memory, one core, two outgoing TCP ports.

Memory and processor by control groups, of either version, where they can be written to; else by
``RLIMIT_DATA`` and an affinity, which limit every process by itself. What is in force is said.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from binder.check import ports

MEMORY: Final = 2 * 2**30
PORTS: Final = (80, 443)
_PERIOD: Final = 100_000  # microseconds: the usual one
_NAMES: Final = {  # of the files of both versions
    1: ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
    2: ("memory.max", "memory.peak"),
}


@dataclass
class Limits:
    """Limits in force, as words to put before a command.

    Attributes
    ----------
    words
        Put before a command, they make it run within the limits.
    means
        What each limit is enforced by.
    """

    words: list[str] = field(default_factory=list)
    means: list[str] = field(default_factory=list)
    _memory: Path | None = None
    _version: int = 0
    _without_ports: int | None = None

    def without_ports(self) -> list[str]:
        """Return the words without the limit of ports, for a server that talks to its kernels."""
        return self.words[: self._without_ports]

    @property
    def peak(self) -> int | None:
        """The most memory that all processes together had, in bytes; None if not known."""
        if self._memory is None:
            return None
        with contextlib.suppress(OSError, ValueError):
            return int((self._memory / _NAMES[self._version][1]).read_text())
        return None


@contextlib.contextmanager
def limited(name: str, memory: int = MEMORY) -> Iterator[Limits]:
    """Open the limits for commands, and take them away in the end.

    Parameters
    ----------
    name
        Of the control group.
    memory
        Bytes.
    """
    limits = Limits()
    with contextlib.ExitStack() as undo:
        try:
            _by_control_groups(limits, f"{name}-{os.getpid()}", memory, undo)
        except OSError:
            _by_process(limits, memory)
        _ports(limits)
        yield limits


def _by_control_groups(limits: Limits, name: str, memory: int, undo: contextlib.ExitStack) -> None:
    version, parents = _mounted()
    for kind, parent in parents.items():
        group = parent / name
        group.mkdir()
        undo.callback(_remove, group)
        if kind == "memory":
            (group / _NAMES[version][0]).write_text(str(memory))
            limits._memory, limits._version = group, version
            if version == 2:
                (group / "memory.swap.max").write_text("0")
        if kind == "cpu" and version == 1:
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(_PERIOD))
        if version == 2:
            (group / "cpu.max").write_text(f"{_PERIOD} {_PERIOD}")
        limits.words += ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]
    limits.means.append(f"{memory / 2**30:g} GiB and 1 core by control groups, version {version}")


def _mounted() -> tuple[int, dict[str, Path]]:
    """Return the version of control groups and the folders in which groups can be made.

    Raises
    ------
    OSError
        If there are none.
    """
    mounts: dict[str, Path] = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, options = after.split(" ")[0], after.split(" ")[-1].split(",")
        where = Path(before.split(" ")[4])
        if kind == "cgroup2":
            mounts["2"] = where
        elif kind == "cgroup":
            mounts.update({name: where for name in ("memory", "cpu") if name in options})
    if {"memory", "cpu"} <= mounts.keys():
        return 1, {name: mounts[name] for name in ("memory", "cpu")}
    root = mounts.get("2")
    if root is None:
        raise FileNotFoundError("no control groups")
    (root / "cgroup.subtree_control").write_text("+memory +cpu")
    return 2, {"memory": root}


def _remove(group: Path) -> None:
    with contextlib.suppress(OSError):
        group.rmdir()


def _by_process(limits: Limits, memory: int) -> None:
    if shutil.which("prlimit"):
        limits.words += ["prlimit", f"--data={memory}"]
        limits.means.append(f"{memory / 2**30:g} GiB a process by RLIMIT_DATA")
    else:
        limits.means.append("memory not limited: no control group can be made, and no prlimit")
    if shutil.which("taskset") and hasattr(os, "sched_getaffinity"):
        limits.words += ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
        limits.means.append("1 core by affinity")


def _ports(limits: Limits) -> None:
    shown, limits._without_ports = " and ".join(map(str, PORTS)), len(limits.words)
    if ports.is_possible():
        limits.words += [sys.executable, ports.__file__, ",".join(map(str, PORTS))]
        limits.means.append(f"outgoing TCP to ports {shown} only, by Landlock")
    elif _can_unshare():
        limits.words += ["unshare", "-rn"]
        limits.means.append("no network at all, by a namespace")
    else:
        limits.means.append("outgoing TCP not limited: neither Landlock 4 nor namespaces here")


def _can_unshare() -> bool:
    if not shutil.which("unshare"):
        return False
    words = ["unshare", "-rn", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0
