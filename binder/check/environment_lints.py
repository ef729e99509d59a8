"""Traps in the environment: which file repo2docker reads, and what it makes of it."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import yaml
from binder.check.lint import Lint, text_of, tracked
from packaging.requirements import Requirement

FILES: Final = ("environment.yml", "environment-sweep.yml", "binder/environment.yml")
SUPPORTED: Final = tuple(f"3.{minor}" for minor in range(8, 15))
"""The versions of Python that repo2docker 2026.4 has an environment for."""
# Beside environment.yml these are not read, or read instead of it.
_IGNORED: Final = (
    "requirements.txt", "runtime.txt", "Pipfile", "Pipfile.lock", "setup.py", "install.R",
    "DESCRIPTION", "Project.toml", "default.nix", "uv.lock", "pixi.lock", "pixi.toml",
)  # fmt: skip
_SERVER: Final = {"jupyterlab", "notebook", "jupyter-server", "jupyterhub", "nbclassic"}
_LOCAL: Final = re.compile(r"^(-|\.|/)|^[\w-]+ *@ *(file:|\.)|^file:|://")
_PINNED: Final = re.compile(
    r"([a-z0-9-]+)==(\S+)( ; sys_platform == '(linux|darwin)')?((?: --hash=sha256:[0-9a-f]{64})+)"
)


def dependencies(root: Path, name: str) -> tuple[list[str], list[str]]:
    """Return what conda and what pip would install, empty where the file cannot be read."""
    try:
        content = yaml.safe_load(text_of(root, name))
    except yaml.YAMLError:
        return [], []
    entries: list[Any] = content.get("dependencies", []) if isinstance(content, dict) else []
    conda = [entry for entry in entries if isinstance(entry, str)]
    pip = [line for entry in entries if isinstance(entry, dict) for line in entry.get("pip") or []]
    return conda, [str(line) for line in pip]


def is_there(root: Path) -> list[str]:
    """Say whether a folder hides the environment, or it is no file of its own."""
    path = root / "binder" / "environment.yml"
    if path.is_symlink():
        return ["binder/environment.yml is a link"]
    if not path.is_file():
        return ["binder/ holds no environment.yml and hides the one at the root"]
    if not isinstance(yaml.safe_load(text_of(root, "binder/environment.yml")), dict):
        return ["binder/environment.yml holds no dictionary"]
    return []


def is_the_only_one(root: Path) -> list[str]:
    """Say what else repo2docker would find."""
    found = [".binder/ stands beside binder/"] if (root / ".binder").exists() else []
    names = tracked(root)
    found += [f"{name} is built instead" for name in ("binder/Dockerfile",) if name in names]
    found += [f"binder/{name} is not read" for name in _IGNORED if f"binder/{name}" in names]
    return found


def python(root: Path) -> list[str]:
    """Say where Python is named in a way repo2docker does not read."""
    found = []
    for name in FILES:
        conda = dependencies(root, name)[0]
        versions = [re.fullmatch(r"python==?(\d+\.\d+)(\.\d+)?", one) for one in conda]
        minor = [match[1] for match in versions if match]
        if len(minor) != 1:
            found.append(f"{name}: no entry python=3.N, which is the only form it reads")
        elif minor[0] not in SUPPORTED:
            found.append(f"{name}: it has no environment for Python {minor[0]}")
    return found


def nothing_local(root: Path) -> list[str]:
    """Say which lines refer to the repository itself."""
    return [
        f"{name}: {line}"
        for name in FILES
        for line in dependencies(root, name)[1]
        if _LOCAL.search(line.partition(" --hash")[0])
    ]


def pinned(root: Path) -> list[str]:
    """Say which packages may be others tomorrow."""
    lock = text_of(root, "uv.lock")
    found = []
    for name in FILES:
        for line in dependencies(root, name)[1]:
            match = _PINNED.fullmatch(line)
            if match is None:
                found.append(f"{name}: not a pinned, hashed package: {line[:60]}")
                continue
            if f'name = "{match[1]}"\nversion = "{match[2]}"\n' not in lock:
                found.append(f"{name}: {match[1]}=={match[2]} is not in uv.lock")
            if any(part not in lock for part in match[5].split(" --hash=")[1:]):
                found.append(f"{name}: a digest of {match[1]} is not in uv.lock")
    return found


def channels(root: Path) -> list[str]:
    """Say where packages would come from other channels, or be installed by another installer."""
    found = []
    for name in FILES:
        content = yaml.safe_load(text_of(root, name)) or {}
        if isinstance(content, dict) and content.get("channels") != ["conda-forge", "nodefaults"]:
            found.append(f"{name}: channels are not conda-forge and nodefaults")
        conda = dependencies(root, name)[0]
        others = [one for one in conda if not re.match(r"(python|pip)=", one)]
        if others:
            found.append(f"{name}: conda would solve {', '.join(others)}")
    return found


def server(root: Path) -> list[str]:
    """Say which parts of repo2docker's own server would be replaced."""
    names = {_name(line) for line in dependencies(root, "binder/environment.yml")[1]}
    return [f"binder/environment.yml replaces {name}" for name in sorted(names & _SERVER)]


def complete(root: Path) -> list[str]:
    """Say what the project needs and the environment lacks or has at the wrong version."""
    project = tomllib.loads(text_of(root, "pyproject.toml"))["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    found = []
    for name in FILES:
        pins = dict(line.split(" ")[0].split("==") for line in dependencies(root, name)[1]
                    if _PINNED.fullmatch(line))  # fmt: skip
        for one in wanted:
            if one.name not in pins:
                found.append(f"{name} lacks {one.name}")
            elif not one.specifier.contains(pins[one.name]):
                found.append(f"{name}: {one.name} {pins[one.name]} is not {one.specifier}")
        found += [f"{name}: {what}" for what in _companions(pins)]
    return found


def _companions(pins: dict[str, str]) -> list[str]:
    found = []
    if "h5netcdf" in pins and "h5py" not in pins:
        found.append("h5netcdf without h5py, which it no longer installs")
    if pins.get("seaborn", "").startswith("0.13"):
        for name, first in (("matplotlib", "3.13"), ("pandas", "4")):
            version = [int(part) for part in re.findall(r"\d+", pins.get(name, "0"))]
            if version >= [int(part) for part in first.split(".")]:
                found.append(f"seaborn 0.13 with {name} {pins[name]}, not below {first}")
    return found


def apt(root: Path) -> list[str]:
    """Say which lines of apt.txt are no names."""
    lines = text_of(root, "binder/apt.txt").splitlines()
    named = re.compile(r"(#.*|\s*|[a-z0-9][a-z0-9.+-]+)")
    return [f"binder/apt.txt: {line}" for line in lines if not named.fullmatch(line)]


def dockerignore(root: Path) -> list[str]:
    """Say which files would not reach the image."""
    rules = []
    for name in (".dockerignore", "binder/.dockerignore"):
        lines = (line.strip() for line in text_of(root, name).splitlines())
        rules += [line.strip("/") for line in lines if line and not line.startswith(("#", "!"))]
    needed = [name for name in tracked(root) if not name.startswith((".", "tests/"))]
    lost = [n for n in needed if any(_is_hidden(n, rule.removeprefix("**/")) for rule in rules)]
    return [f"a .dockerignore leaves out {name}" for name in lost[:5]]


def _is_hidden(name: str, rule: str) -> bool:
    parts = name.split("/")
    heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(fnmatch.fnmatch(head, rule) for head in [*heads, *parts])


def _name(line: str) -> str:
    return re.split(r"[ =<>;@\[]", line)[0].lower().replace("_", "-")


LINTS: Final = (
    Lint("binder/environment.yml is a file of its own",
         "Python 3.10 with nothing in it, and from a Zenodo archive a TypeError", is_there),
    Lint("nothing else is built from",
         "a RuntimeError, or another environment than the one tested", is_the_only_one),
    Lint("Python is named as repo2docker reads it", "Python 3.10 without a word", python),
    Lint("the environment refers to nothing in the repository",
         "it is built anew at every commit, relative to binder/, and -e fails beside hashes",
         nothing_local),
    Lint("every package is pinned by digest", "another environment next month", pinned),
    Lint("conda solves only Python and pip", "a solve that takes minutes, or fails next year",
         channels),
    Lint("repo2docker's own server stays", "a server its launcher was not tested with", server),
    Lint("the environment holds what the project needs", "an ImportError at the first cell",
         complete),
    Lint("apt.txt holds names only", "apt does not know the package and the build fails", apt),
    Lint("no .dockerignore leaves out what is needed", "files missing in the image", dockerignore),
)  # fmt: skip
