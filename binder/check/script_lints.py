"""Traps in the scripts that build an image and start its server."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

from binder.check.lint import Lint, text_of, tracked

SCRIPTS: Final = ("postBuild", "start", "verify")
_NETWORK: Final = re.compile(
    r"(?<![\w-])(curl|wget|apt|apt-get|conda|mamba|micromamba|npm|jlpm|git)(?![\w./=-])"
)
_EXPORTS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def strict_bash(root: Path) -> list[str]:
    """Say which scripts are not there, not executable, or not what bash takes."""
    found = []
    for name in SCRIPTS:
        path = root / "binder" / name
        if not path.is_file():
            found.append(f"binder/{name} is missing")
            continue
        text = path.read_bytes()
        lines = text.decode(errors="replace").splitlines()
        if not os.access(path, os.X_OK):
            found.append(f"binder/{name} is not executable")
        if b"\r" in text:
            found.append(f"binder/{name} has Windows line ends")
        if not lines or lines[0] != "#!/usr/bin/env bash" or "set -euo pipefail" not in lines:
            found.append(f"binder/{name} is not strict bash")
        words = ["bash", "-n", str(path)]
        if subprocess.run(words, capture_output=True, check=False).returncode:
            found.append(f"binder/{name} is not valid bash")
    return found


def hands_over(root: Path) -> list[str]:
    """Say whether ``start`` starts anything."""
    lines = text_of(root, "binder/start").rstrip().splitlines()
    return [] if lines and lines[-1] == 'exec "$@"' else ['binder/start does not end in exec "$@"']


def no_permission_needed(root: Path) -> list[str]:
    """Say which files are run by their path: an archive keeps no permission to execute them."""
    names = [name for name in tracked(root) if _is_script(root, name)]
    found = []
    for script in SCRIPTS:
        for line in _code(root, script):
            words = re.split(r"\s+|&&|\|\||;|\|", line.strip())
            first = words[0].removeprefix("./") if words else ""
            if first in names:
                found.append(f"binder/{script} runs {first} itself: write bash {first}")
    return found


def no_network(root: Path) -> list[str]:
    """Say what the scripts would fetch, and what needs the history a Zenodo archive lacks."""
    found = []
    for script in SCRIPTS:
        for line in _code(root, script):
            word = _NETWORK.search(line)
            if word:
                found.append(f"binder/{script} calls {word[1]}")
            if re.search(r"\bpip\s+install\b", line) and "--no-index" not in line:
                found.append(f"binder/{script} installs with pip from an index")
    project = tomllib.loads(text_of(root, "pyproject.toml") or "[project]").get("project", {})
    if "version" in project.get("dynamic", []):
        found.append("pyproject.toml: the version comes from git, and an archive has none")
    return found


def one_core(root: Path) -> list[str]:
    """Say which limits of threads ``start`` does not export."""
    code = "\n".join(_code(root, "start"))
    return [f"binder/start does not export {n}=1" for n in _EXPORTS if f"{n}=1" not in code]


def same_machine_code(root: Path) -> list[str]:
    """Say whether kernels are compiled for another processor than they will run on."""
    wanted = "NUMBA_CPU_NAME=generic"
    found = [
        f"binder/{script} does not export {wanted}"
        for script in ("postBuild", "start")
        if wanted not in "\n".join(_code(root, script))
    ]
    if "darkdays.detect.compiled" not in "\n".join(_code(root, "postBuild")):
        found.append("binder/postBuild does not run python -m darkdays.detect.compiled")
    return found


def _code(root: Path, script: str) -> list[str]:
    """Return the lines of a script without comments and with continued lines joined."""
    text = text_of(root, f"binder/{script}").replace("\\\n", " ")
    lines = (line.split(" # ")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _is_script(root: Path, name: str) -> bool:
    path = root / name
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


LINTS: Final = (
    Lint("scripts are executable, strict, valid bash", "the build fails, or goes on after an error",
         strict_bash),
    Lint("start hands over to the server", "the server never starts", hands_over),
    Lint("scripts need no permission to be run",
         "from a Zenodo archive: Permission denied, and no image", no_permission_needed),
    Lint("scripts need no network and no git", "another image next month, none from an archive",
         no_network),
    Lint("threads are limited to the one core", "threads that only wait for each other", one_core),
    Lint("compiled kernels fit any processor",
         "half a minute of compiling at the first cell, where the pod has another processor",
         same_machine_code),
)  # fmt: skip
