"""The pinned environments agree, and every check of it notices when they do not."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
FILES = ("pyproject.toml", "uv.lock", "environment.yml", "locks", "binder")


def _load_generator():
    spec = importlib.util.spec_from_file_location("binder_lock", ROOT / "binder" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


lock = _load_generator()


@pytest.fixture
def copy(tmp_path):
    """A copy of everything that pins, to spoil."""
    for name in FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, symlinks=True)
        else:
            shutil.copy2(source, tmp_path / name)
    return tmp_path


def _conda(root, file):
    content = yaml.safe_load((root / file).read_text(encoding="utf-8"))
    (pip,) = (entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict))
    return content, pip


def conda_problems(root):
    """What repo2docker, conda or a Zenodo launch would stumble over, file by file."""
    problems = []
    lock_text = (root / "uv.lock").read_text(encoding="utf-8")
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    direct = {Requirement(text).name for text in pyproject["project"]["dependencies"]}
    for file in ("environment.yml", "binder/environment.yml"):
        content, pip = _conda(root, file)
        if (root / file).is_symlink():
            problems.append(f"{file} is a link, which a Zenodo launch turns into a text file")
        if "python=3.13" not in content["dependencies"]:
            problems.append(f"{file}: repo2docker reads only python=3.13 and takes 3.10 otherwise")
        if content["channels"] != ["conda-forge", "nodefaults"]:
            problems.append(f"{file}: channels")
        names = set()
        for line in pip:
            found = re.fullmatch(
                r"([a-z0-9-]+)==(\S+)( ; sys_platform == '(linux|darwin)')?"
                r"(( --hash=sha256:[0-9a-f]{64})+)",
                line,
            )
            if not found:
                problems.append(f"{file}: not a pinned, hashed package: {line[:60]}")
                continue
            name, version = found[1], found[2]
            names.add(name)
            if f'name = "{name}"\nversion = "{version}"\n' not in lock_text:
                problems.append(f"{file}: {name}=={version} is not in uv.lock")
            if any(part not in lock_text for part in found[5].split(" --hash=")[1:]):
                problems.append(f"{file}: a digest of {name} is not in uv.lock")
        if direct - names:
            problems.append(f"{file}: lacks {', '.join(sorted(direct - names))}")
        server = {"jupyterlab", "notebook", "jupyter-server"} & names
        if file.startswith("binder") and server:
            problems.append(f"{file}: replaces repo2docker's own {', '.join(sorted(server))}")
    return problems


def script_problems(root):
    """What would keep a Binder image from being built or its server from starting."""
    problems = []
    for name in ("postBuild", "start", "verify"):
        path = root / "binder" / name
        lines = path.read_text(encoding="utf-8").splitlines()
        if not os.access(path, os.X_OK):
            problems.append(f"{name} is not executable")
        if lines[0] != "#!/usr/bin/env bash" or "set -euo pipefail" not in lines:
            problems.append(f"{name} is not strict bash")
        if subprocess.run(["bash", "-n", path], capture_output=True, check=False).returncode:
            problems.append(f"{name} is not valid bash")
    if (root / "binder" / "start").read_text(encoding="utf-8").rstrip().splitlines()[-1] != (
        'exec "$@"'
    ):
        problems.append('start does not end with exec "$@"')
    return problems


def test_everything_pinned_is_in_step():
    assert lock.differences(ROOT) == []
    assert conda_problems(ROOT) == []
    assert script_problems(ROOT) == []


def test_check_works_without_uv_and_with_nothing_to_write():
    command = [sys.executable, str(ROOT / "binder" / "lock.py"), "--check"]
    done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _edit(path, pattern, replacement):
    text = path.read_text(encoding="utf-8")
    changed, times = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
    assert times == 1, f"{pattern} is not in {path.name}"
    path.write_text(changed, encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "complaint"),
    [
        ("pyproject.toml", r'"numpy>=2\.2"', '"numpy>=2.3"', "pyproject.toml: dependencies"),
        ("pyproject.toml", r'"nbval>=0\.11"', '"nbval>=0.12"', "pyproject.toml: test"),
        ("pyproject.toml", r'^requires-python = ">=3\.11"', 'requires-python = ">=3.12"',
         "pyproject.toml: requires-python"),
        ("uv.lock", r"\Z", "\n", "locks/run.txt: its header"),
        ("uv.lock", r"\Z", "\n", "binder/environment.yml: is not what uv.lock gives"),
        ("locks/run.txt", r"^--require-hashes\n", "", "locks/run.txt: its header"),
        ("locks/run.txt", r"^(scipy==)[\d.]+( ; python_full_version <)", r"\g<1>1.0\g<2>",
         "on Python 3.11.0, linux x86_64: scipy=="),
        ("locks/all.txt", r"--hash=sha256:.{4}", "--hash=sha256:0000", "locks/all.txt: on Python"),
        ("locks/all.txt", r"^nbval==(.*\n)+?(?=[a-z])", "", "linux x86_64: nbval=="),
        ("environment.yml", r"--hash=sha256:.{4}", "--hash=sha256:0000", "environment.yml: is not"),
    ],
)  # fmt: skip
def test_check_notices(copy, file, pattern, replacement, complaint):
    _edit(copy / file, pattern, replacement)
    assert any(complaint in problem for problem in lock.differences(copy))


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "complaint"),
    [
        ("environment.yml", r"python=3\.13", "python>=3.13", "reads only python=3.13"),
        ("binder/environment.yml", r"python=3\.13", "python 3.13", "reads only python=3.13"),
        ("environment.yml", r"  - nodefaults\n", "", "channels"),
        ("environment.yml", r"    - numpy==.*\n", "", "lacks numpy"),
        ("environment.yml", r"    - numpy==.*\n", "    - numpy\n", "not a pinned, hashed package"),
        ("environment.yml", r"    - numpy==.*\n", "    - -e .\n", "not a pinned, hashed package"),
        ("environment.yml", r"numpy==\S+", "numpy==0.1", "numpy==0.1 is not in uv.lock"),
        ("environment.yml", r"(numpy==.*sha256:).{4}", r"\g<1>0000", "a digest of numpy"),
    ],
)  # fmt: skip
def test_conda_problems_are_noticed(copy, file, pattern, replacement, complaint):
    _edit(copy / file, pattern, replacement)
    problems = conda_problems(copy)
    assert problems
    assert all(problem.startswith(file) for problem in problems)
    assert any(complaint in problem for problem in problems)


def test_a_server_in_the_binder_environment_is_noticed(copy):
    shutil.copy2(copy / "environment.yml", copy / "binder" / "environment.yml")
    (problem,) = conda_problems(copy)
    assert "replaces repo2docker's own jupyter-server, jupyterlab" in problem


def test_a_link_is_noticed(copy):
    (copy / "binder" / "environment.yml").rename(copy / "elsewhere.yml")
    (copy / "binder" / "environment.yml").symlink_to("../elsewhere.yml")
    assert conda_problems(copy) == [
        "binder/environment.yml is a link, which a Zenodo launch turns into a text file"
    ]
    assert lock.differences(copy) == ["binder/environment.yml: is not a regular file"]


def test_script_problems_are_noticed(copy):
    (copy / "binder" / "postBuild").chmod(0o644)
    _edit(copy / "binder" / "start", r'^exec "\$@"', "true")
    _edit(copy / "binder" / "verify", r"^set -euo pipefail\n", "if\n")
    assert script_problems(copy) == [
        "postBuild is not executable",
        "verify is not strict bash",
        "verify is not valid bash",
        'start does not end with exec "$@"',
    ]


def test_start_hands_over_to_the_server():
    done = subprocess.run(
        [ROOT / "binder" / "start", "bash", "-c", 'echo "$OMP_NUM_THREADS $0"', "served"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1 served\n"


def test_the_citation_names_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
