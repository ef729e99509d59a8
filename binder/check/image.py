"""An image without a container engine: the environment, the scripts and the server of a launch.

Packages come from PyPI where mybinder takes those of the base from conda-forge, in the same
versions; all else is what repo2docker runs, in its order.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from binder.check.environment_lints import dependencies

_PIP: Final = (
    *("-m", "pip", "install", "-qq"),
    *("--no-compile", "--no-input", "--disable-pip-version-check"),
)
# Packages that are called otherwise on PyPI; None where conda only splits what PyPI has whole.
_ON_PYPI: Final[dict[str, str | None]] = {
    "brotli-python": "brotli",
    "cached_property": None,
    "cpython": None,
    "jupyterhub-base": "jupyterhub",
    "nbconvert-core": "nbconvert",
    "pip": None,
    "python-fastjsonschema": "fastjsonschema",
}


def find_python(version: str) -> str | None:
    """Return an interpreter of a version, such as ``3.13``, wherever one keeps them."""
    homes = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")]
    kept = [path for home in homes for path in sorted(home.glob(f"versions/{version}*/bin/python"))]
    words = [[f"python{version}"], *([str(path)] for path in reversed(kept))]
    words += [["py", f"-{version}"], ["python3"], ["python"]]
    ask = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
    for candidate in words:
        if shutil.which(candidate[0]) is None:
            continue
        done = subprocess.run([*candidate, "-c", ask], capture_output=True, text=True, check=False)
        executable, _, found = done.stdout.strip().rpartition(" ")
        if done.returncode == 0 and found == version:  # a shim of pyenv may have none behind it
            return executable
    return None


@dataclass(frozen=True)
class Image:
    """A built environment, and the tree that is its user's home.

    Attributes
    ----------
    environment
        The folder of the environment, where repo2docker has ``/srv/conda/envs/notebook``.
    tree
        The repository; repo2docker makes it the home of the user.
    """

    environment: Path
    tree: Path

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the whole environment of a process in the image."""
        kept = {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}
        return {
            **kept,
            "PATH": f"{self.environment}/bin:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.tree),
            "REPO_DIR": str(self.tree),
            "USER": "jovyan",
            "SHELL": "/bin/bash",
            "LC_ALL": "C.UTF-8",
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "NB_PYTHON_PREFIX": str(self.environment),
            "KERNEL_PYTHON_PREFIX": str(self.environment),
            **(more or {}),
        }

    def run(self, words: list[str], **options: float) -> subprocess.CompletedProcess[str]:
        """Run something in the tree as a step of the build does."""
        return subprocess.run(
            words,
            cwd=self.tree,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=options.get("timeout"),
        )

    def build(self, before: Sequence[str] = ()) -> str:
        """Run ``postBuild`` as the Dockerfile does; return why it failed, or nothing.

        Parameters
        ----------
        before
            Words to put before the command, such as those of limits.
        """
        script = self.tree / "binder" / "postBuild"
        script.chmod(script.stat().st_mode | 0o111)
        done = self.run([*before, "./binder/postBuild"])
        start = self.tree / "binder" / "start"
        start.chmod(start.stat().st_mode | 0o111)
        return "" if done.returncode == 0 else _last_lines(done.stdout)


def install(python: str, target: Path, base: Mapping[str, str], tree: Path) -> str:
    """Make the environment: repo2docker's base, then the repository's ``environment.yml``.

    Returns
    -------
    str
        Why it failed, or nothing.
    """
    conda, pinned = dependencies(tree, "binder/environment.yml")
    wanted = {line.partition("==")[0].lower().replace("_", "-"): line for line in pinned}
    renamed = ((_ON_PYPI.get(name, name), version) for name, version in base.items())
    server = [
        f"{name}=={version}"
        for name, version in renamed
        # What the environment replaces at once need not be there first.
        if name is not None and name.lower().replace("_", "-") not in wanted
    ]
    files = {"base.txt": server, "environment.txt": [*wanted.values()]}
    # All conda does here is Python and pip; the version of the latter is in the file.
    (pip,) = [f"pip=={one.partition('=')[2]}" for one in conda if one.startswith("pip=")]
    steps = [
        [python, "-m", "venv", "--clear", str(target)],
        [str(target / "bin/python"), *_PIP, pip],
        [str(target / "bin/python"), *_PIP, "--only-binary=:all:", "--no-deps", "-r", "base.txt"],
        [str(target / "bin/python"), *_PIP, "--require-hashes", "-r", "environment.txt"],
        [str(target / "bin/python"), "-m", "pip", "check", "--disable-pip-version-check"],
    ]
    for number, words in enumerate(steps):
        if number == 1:
            for name, lines in files.items():
                (target / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
        cwd = target if number else tree
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
        if done.returncode:
            return _last_lines(done.stdout + done.stderr)
    # As pip would, but on every core; what does not compile is never imported.
    words = [str(target / "bin/python"), "-m", "compileall", "-qq", "-j", "0", str(target / "lib")]
    subprocess.run(words, capture_output=True, check=False)
    return ""


def _last_lines(text: str, count: int = 5) -> str:
    lines = [line for line in text.splitlines() if line.strip() and "WARNING: Location" not in line]
    return " / ".join(lines[-count:]) or "no word"
