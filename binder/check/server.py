"""The server of a session, started as mybinder starts it, on this machine only."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PATIENCE: Final = 120.0
"""Seconds until the server has to answer."""
_BAD_WORDS: Final = ("Traceback", " ERROR ", "[E ", "[C ")


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes
    ----------
    address
        Its base URL, with a slash at the end.
    token
        What it asks for.
    log
        The file it writes its log to.
    seconds
        From its start to its first answer.
    """

    address: str
    token: str
    log: Path
    seconds: float

    def url(self, path: str) -> str:
        """Return the address of a page, with the token."""
        return f"{self.address}{path}?token={self.token}"

    def complaints(self) -> list[str]:
        """Return the lines of the log that tell of an error."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in _BAD_WORDS)]


def command(tree: Path, port: int, base: str, token: str) -> list[str]:
    """Return the command BinderHub runs in an image of a tree.

    It gives every setting twice, for the old and the new server. Two words are ours: only this
    machine is listened to, and nobody's browser is opened.
    """
    settings = {"base_url": base, "token": token, "trust_xheaders": "True"}
    words = [str(tree / "binder" / "start"), "jupyter-lab", "--ip=127.0.0.1", f"--port={port}"]
    for kind in ("NotebookApp", "ServerApp"):
        words += [f"--{kind}.{name}={value}" for name, value in settings.items()]
    words += ["--no-browser", "--ServerApp.port_retries=0"]
    return words + (["--allow-root"] if os.geteuid() == 0 else [])


@contextlib.contextmanager
def running(
    tree: Path, variables: Mapping[str, str], log: Path, before: Sequence[str] = ()
) -> Iterator[Server]:
    """Start the server of a tree, wait until ``/lab`` answers, and stop it in the end.

    Parameters
    ----------
    tree
        The repository.
    variables
        The whole environment of the server.
    log
        Where its log goes.
    before
        Words to put before the command, such as those of limits.

    Raises
    ------
    RuntimeError
        If it ends or does not answer; the last lines of its log say why.
    """
    port, base = _free_port(), f"/user/visitor-{secrets.token_hex(4)}/"
    token = secrets.token_hex(16)
    begun = time.monotonic()
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            [*before, *command(tree, port, base, token)],
            cwd=tree,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}{base}", token, log, 0.0)
    try:
        while not _answers(server.url("lab")):
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                text = log.read_text(encoding="utf-8", errors="replace").strip()
                raise RuntimeError(" / ".join(text.splitlines()[-3:]) or "it ended without a word")
            time.sleep(0.2)
        yield Server(server.address, token, log, time.monotonic() - begun)
    finally:
        _stop(process)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:  # noqa: S310 - our own server
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, which ends its kernels; then make sure."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
