#!/usr/bin/env python3
"""Write every pinned environment of the project from ``uv.lock``, or check them.

``python binder/lock.py`` resolves ``pyproject.toml`` with uv into ``uv.lock`` and writes
the files below from it. ``python binder/lock.py --check`` needs neither uv nor a network:
it walks ``uv.lock`` itself and compares, for every Python and platform supported, what
each file would install, hash by hash.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

PROJECT = "darkdays"
# What each file installs beside the dependencies of the project itself: the dependency
# groups of pyproject.toml.
LOCKS = {
    "locks/run.txt": ("build",),
    "locks/audit.txt": ("audit",),
    "locks/docs.txt": ("build", "docs"),
    "locks/fuzz.txt": ("fuzz",),
    "locks/release.txt": ("build", "release"),
    "locks/all.txt": ("browser", "build", "lab", "lint", "scale", "test", "widgets"),
}
CONDA = {
    "environment.yml": ("build", "lab", "test", "widgets"),
    "environment-sweep.yml": ("build", "lab", "scale", "test", "widgets"),
    # No lab: repo2docker brings a JupyterLab and server of its own, pinned by itself.
    "binder/environment.yml": ("build", "test", "widgets"),
}
# What a person reads first, and the name of the environment; conda has no other place for it.
PEOPLE = {
    "environment.yml": (PROJECT, "Sweeps of many cases need environment-sweep.yml in its place."),
    "environment-sweep.yml": (f"{PROJECT}-sweep", "With Dask, Zarr and Arrow, as sweeps need."),
}
# repo2docker reads the Python version in exactly this form and takes 3.10 for any other;
# its own environment for 3.13 holds this pip.
CONDA_PYTHON, CONDA_PIP = "3.13", "25.2"
PYTHONS = ("3.11.0", "3.11.9", "3.12.0", "3.13.0", "3.14.0")
PLATFORMS = (
    ("linux", "x86_64"),
    ("linux", "aarch64"),
    ("darwin", "x86_64"),
    ("darwin", "arm64"),
)
# Written into the files, so that even a plain `pip install -r` takes nothing unhashed and
# runs nobody's setup script.
PIP_OPTIONS = "--require-hashes\n--only-binary :all:\n"
_TABLE = dict[str, Any]


@dataclass(frozen=True, order=True)
class Pin:
    """One package at one version, with the digests that are accepted for it."""

    name: str
    version: str
    hashes: frozenset[str]


@cache
def read(lock_bytes: bytes) -> _TABLE:
    """Return ``uv.lock`` as tables; not to be changed."""
    return tomllib.loads(lock_bytes.decode())


_marker = cache(Marker)


def machine(python: str, system: str, processor: str) -> dict[str, str]:
    """Return what environment markers are evaluated against."""
    return {
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": processor,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": system.capitalize(),
        "platform_version": "",
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": system,
        "extra": "",
    }


def locked(lock: _TABLE, groups: Iterable[str], environment: dict[str, str]) -> dict[str, _TABLE]:
    """Return the packages of ``uv.lock`` that the project and ``groups`` need, by name."""
    versions: dict[str, list[_TABLE]] = {}
    for package in lock["package"]:
        versions.setdefault(package["name"], []).append(package)
    project = versions[PROJECT][0]
    waiting = list(project["dependencies"])
    for group in groups:
        waiting += project["dev-dependencies"][group]
    found: dict[str, _TABLE] = {}
    seen: set[tuple[str, str]] = set()
    while waiting:
        needed = waiting.pop()
        if "marker" in needed and not _marker(needed["marker"]).evaluate(environment):
            continue
        (package,) = (
            package
            for package in versions[needed["name"]]
            if needed.get("version", package["version"]) == package["version"]
        )
        if found.setdefault(package["name"], package) is not package:
            raise SystemExit(f"uv.lock needs two versions of {package['name']} at once.")
        for extra in ("", *needed.get("extra", ())):
            if (package["name"], extra) not in seen:
                seen.add((package["name"], extra))
                optional = package.get("optional-dependencies", {})
                waiting += optional[extra] if extra else package.get("dependencies", [])
    return found


def pin(package: _TABLE) -> Pin:
    """Return a package with every digest ``uv.lock`` knows for it."""
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
    return Pin(package["name"], package["version"], frozenset(file["hash"] for file in files))


def conda_wheels(package: _TABLE) -> list[str]:
    """Return the digests of the wheels that CPython 3.13 can use on the platforms supported.

    No source archive is among them, so nothing is ever built on the way.
    """
    minor = int(CONDA_PYTHON.partition(".")[2])
    usable = []
    for wheel in package.get("wheels", ()):
        filename = wheel["url"].rpartition("/")[2].replace("%2B", "+")
        for tag in parse_wheel_filename(filename)[3]:
            interpreter, abi, system = tag.interpreter, tag.abi, tag.platform
            pure = interpreter == "py3" and abi == "none"
            stable = (
                interpreter.startswith("cp3")
                and abi == "abi3"
                and int(interpreter.removeprefix("cp3")) <= minor
            )
            own = interpreter == f"cp3{minor}" and abi in {interpreter, "none"}
            here = system == "any" or (
                system.startswith(("manylinux", "linux", "macosx"))
                and system.endswith(("x86_64", "aarch64", "arm64", "universal2"))
            )
            if (pure or stable or own) and here:
                usable.append(wheel["hash"])
                break
    if not usable:
        raise SystemExit(f"uv.lock has no wheel of {package['name']} for Python {CONDA_PYTHON}.")
    return sorted(usable)


def header(lock_bytes: bytes) -> str:
    """Return the first lines of every generated file."""
    digest = hashlib.sha256(lock_bytes).hexdigest()
    return f"# Generated by `make lock`; do not edit.\n# SHA-256 of uv.lock: {digest}\n"


def for_people(file: str) -> str:
    """Return the five lines that a person reads, where a file has such readers."""
    if file not in PEOPLE:
        return ""
    name, more = PEOPLE[file]
    commands = (
        f"conda env create -f {file}",
        f"conda activate {name}",
        "pip install --no-deps -e .",
    )
    lines = ["What cases and notebooks need, for conda:", *(f"    {one}" for one in commands), more]
    return "".join(f"# {line}\n" for line in lines)


def conda_text(file: str, lock_bytes: bytes) -> str:
    """Return a conda environment: Python and pip from conda, the rest hashed from ``uv.lock``."""
    groups, lock = CONDA[file], read(lock_bytes)
    systems: dict[str, set[str]] = {}
    packages: dict[str, _TABLE] = {}
    for system, processor in PLATFORMS:
        found = locked(lock, groups, machine(f"{CONDA_PYTHON}.0", system, processor))
        for key, package in found.items():
            if packages.setdefault(key, package) is not package:
                raise SystemExit(f"{key} is locked at two versions for Python {CONDA_PYTHON}.")
            systems.setdefault(key, set()).add(system)
    lines = [for_people(file), header(lock_bytes)]
    lines += [f"name: {PEOPLE[file][0]}\n"] if file in PEOPLE else []
    lines += ["channels:\n", "  - conda-forge\n", "  - nodefaults\n", "dependencies:\n"]
    lines += [f"  - python={CONDA_PYTHON}\n", f"  - pip={CONDA_PIP}\n", "  - pip:\n"]
    for key in sorted(packages):
        hashes = " ".join(f"--hash={digest}" for digest in conda_wheels(packages[key]))
        only = f" ; sys_platform == '{min(systems[key])}'" if len(systems[key]) == 1 else ""
        lines.append(f"    - {key}=={packages[key]['version']}{only} {hashes}\n")
    return "".join(lines)


def parse(lines: Iterable[str]) -> Iterator[tuple[Pin, Marker | None]]:
    """Read hashed requirements, one a line, as pip reads them."""
    for line in lines:
        text, *hashes = line.split(" --hash=")
        requirement = Requirement(text)
        (specifier,) = requirement.specifier
        yield (
            Pin(requirement.name, specifier.version, frozenset(h.strip() for h in hashes)),
            requirement.marker,
        )


def requirement_lines(text: str) -> list[str]:
    """Return the requirements of a pip file: continued lines joined, no options or comments."""
    lines = text.replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line and not line.startswith(("#", "-"))]


def lock_differences(root: Path, file: str, groups: Iterable[str], lock_bytes: bytes) -> list[str]:
    """Say where a pip file differs from ``uv.lock`` on any machine that is supported."""
    lock = read(lock_bytes)
    text = (root / file).read_text(encoding="utf-8")
    problems = []
    if not text.startswith(header(lock_bytes) + PIP_OPTIONS):
        problems.append(f"{file}: its header is not that of this uv.lock")
    pins = list(parse(requirement_lines(text)))
    for python, (system, processor) in product(PYTHONS, PLATFORMS):
        environment = machine(python, system, processor)
        wanted = {pin(package) for package in locked(lock, groups, environment).values()}
        found = {pin for pin, marker in pins if marker is None or marker.evaluate(environment)}
        names = ", ".join(sorted({f"{pin.name}=={pin.version}" for pin in wanted ^ found}))
        if names:
            problems.append(f"{file}: on Python {python}, {system} {processor}: {names}")
    return problems


def stated(entries: Iterable[str | _TABLE]) -> set[tuple[str, str]]:
    """Return requirements of pyproject.toml or uv.lock in one form: (name, versions)."""
    pairs: set[tuple[str, str]] = set()
    for entry in entries:
        if isinstance(entry, str):
            requirement = Requirement(entry)
            if requirement.marker or requirement.extras or requirement.url:
                raise SystemExit(f"binder/lock.py compares plain requirements only, not {entry}.")
            pairs.add((canonicalize_name(requirement.name), _ordered(str(requirement.specifier))))
        else:
            pairs.add((entry["name"], _ordered(entry.get("specifier", ""))))
    return pairs


def _ordered(specifier: str) -> str:
    return ",".join(sorted(specifier.replace(" ", "").split(",")))


def project_differences(root: Path, lock_bytes: bytes) -> list[str]:
    """Say what ``pyproject.toml`` asks for and ``uv.lock`` was not resolved from."""
    lock = read(lock_bytes)
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (package,) = (package for package in lock["package"] if package["name"] == PROJECT)
    metadata = package["metadata"]
    plain: list[_TABLE] = []
    optional: list[_TABLE] = []
    for entry in metadata["requires-dist"]:
        (optional if "extra ==" in entry.get("marker", "") else plain).append(entry)
    extras = [
        entry
        for entries in pyproject["project"]["optional-dependencies"].values()
        for entry in entries
    ]
    pairs = [
        ("dependencies", pyproject["project"]["dependencies"], plain),
        ("optional-dependencies", extras, optional),
    ]
    for group in {group for groups in (LOCKS | CONDA).values() for group in groups}:
        entries = pyproject["dependency-groups"][group]
        pairs.append((group, entries, metadata["requires-dev"].get(group, [])))
    if lock["requires-python"] != pyproject["project"]["requires-python"]:
        pairs.append(("requires-python", ["python"], []))
    return [
        f"pyproject.toml: {what} differ from what uv.lock was resolved from"
        for what, wanted, found in sorted(pairs, key=lambda pair: pair[0])
        if stated(wanted) != stated(found)
    ]


def differences(root: Path) -> list[str]:
    """Return every way in which the pinned files under ``root`` are out of step."""
    lock_bytes = (root / "uv.lock").read_bytes()
    problems = project_differences(root, lock_bytes)
    for file in (*LOCKS, *CONDA):
        if not (root / file).is_file() or (root / file).is_symlink():
            problems.append(f"{file}: is not a regular file")
        elif file in LOCKS:
            problems += lock_differences(root, file, LOCKS[file], lock_bytes)
        elif (root / file).read_text(encoding="utf-8") != conda_text(file, lock_bytes):
            problems.append(f"{file}: is not what uv.lock gives")
    return problems


def write(root: Path, *, upgrade: bool) -> None:
    """Resolve with uv, then write every file made from ``uv.lock``."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise SystemExit("uv was not found: install it, or set UV to where it is.")
    settings = {"UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"} | os.environ
    resolve = [uv, "lock", "--quiet", *(["--upgrade"] if upgrade else [])]
    subprocess.run(resolve, cwd=root, env=settings, check=True)
    lock_bytes = (root / "uv.lock").read_bytes()
    for file, groups in LOCKS.items():
        export = [uv, "export", "--quiet", "--frozen", "--format=requirements.txt"]
        export += ["--no-default-groups", *(f"--group={group}" for group in groups)]
        export += ["--no-emit-project", "--no-header", "--no-annotate"]
        done = subprocess.run(
            export, cwd=root, env=settings, check=True, text=True, stdout=subprocess.PIPE
        )
        replace(root / file, header(lock_bytes) + PIP_OPTIONS + done.stdout)
    for file in CONDA:
        replace(root / file, conda_text(file, lock_bytes))


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all; one that would not change keeps its time for make."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def main() -> int:
    """Write the files, or with ``--check`` print what is out of step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on differences")
    parser.add_argument("--upgrade", action="store_true", help="move to the newest versions")
    arguments = parser.parse_args()
    root = Path(__file__).resolve().parents[1]
    if not arguments.check:
        write(root, upgrade=arguments.upgrade)
    problems = differences(root)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("The pinned environments are out of step: run `make lock`.", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
