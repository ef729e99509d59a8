"""What repo2docker would build of a folder: its own plan, made without a container engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")
"""repo2docker and what it needs, each pinned by digest: close to what mybinder runs."""
_PIP: Final = ("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input")


@dataclass(frozen=True)
class Plan:
    """A build as repo2docker plans it.

    Attributes
    ----------
    dockerfile
        Its Dockerfile, empty where it refuses to build.
    said
        What it printed besides.
    """

    dockerfile: str
    said: str

    @property
    def python(self) -> str:
        """The version of Python, such as ``3.13``; empty if none was chosen."""
        found = re.search(r"conda environment for python=([\d.]+)", self.said)
        return found[1] if found else ""

    def problems(self, python: str) -> list[str]:
        """Say where the plan is not the one that was tested."""
        if not self.dockerfile:
            return [self.said.strip().splitlines()[-1] if self.said.strip() else "no plan"]
        found = []
        if self.python != python:
            found.append(f"Python {self.python or 'unknown'}, not {python}")
        lines = self.dockerfile.splitlines()
        environment = _first(lines, r"COPY .*binder/environment\.yml ")
        everything = _first(lines, r"COPY .*src/ ")
        if not 0 <= environment < everything:
            found.append("the environment is built anew at every commit")
        wanted = {
            r"RUN \./binder/postBuild": "postBuild is not run",
            r'ENV R2D_ENTRYPOINT="\$\{REPO_DIR\}/binder/start"': "start is not used",
            r".*env update .*binder/environment\.yml": "the environment is not installed",
        }
        for pattern, sentence in wanted.items():
            if _first(lines, pattern) < 0:
                found.append(sentence)
        return found


def _first(lines: list[str], pattern: str) -> int:
    return next((n for n, line in enumerate(lines) if re.match(pattern, line.strip())), -1)


def install(folder: Path) -> Path:
    """Install repo2docker into an environment of its own and return that folder.

    Raises
    ------
    subprocess.CalledProcessError
        If it cannot be installed.
    """
    stamp = folder / "installed"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        python = str(folder / "bin" / "python")
        locked = ["--require-hashes", "--no-deps", "--requirement", str(REQUIREMENTS)]
        subprocess.run([python, *_PIP, *locked], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return folder


def plan(repo2docker: Path, tree: Path) -> Plan:
    """Ask repo2docker for its plan of a folder, with mybinder's settings."""
    words = [str(repo2docker / "bin" / "jupyter-repo2docker"), "--no-build", "--debug"]
    words += ["--user-id", "1000", "--user-name", "jovyan"]
    words += ["--Repo2Docker.default_buildpack=None", str(tree)]
    # Outside of it, or it would take a configuration file of this repository for its own.
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=tree.parent, env=dict(os.environ)
    )
    return Plan("" if done.returncode else done.stdout, done.stderr)


def base_lock(repo2docker: Path, python: str) -> dict[str, str]:
    """Return the Python packages of repo2docker's own environment: conda name to version.

    Raises
    ------
    FileNotFoundError
        If it has none for this version of Python.
    """
    (folder,) = (repo2docker / "lib").glob("python3*/site-packages/repo2docker/buildpacks/conda")
    text = (folder / f"environment.py-{python}-linux-64.lock").read_text(encoding="utf-8")
    packages = {}
    for line in text.splitlines():
        match = re.search(r"/([^/]+)-([^-/]+)-([^-/]+)\.(?:conda|tar\.bz2)(?:#|$)", line)
        # The build of a Python package says so: py313h..., pyhd8ed1ab.
        if match and match[3].startswith("py"):
            packages[match[1]] = match[2]
    return packages
