"""The pinned environments agree, and every check of it notices when they do not."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def _load_generator():
    spec = importlib.util.spec_from_file_location("binder_lock", ROOT / "binder" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


lock = _load_generator()
FILES = ("pyproject.toml", "uv.lock", *lock.PEOPLE, "locks", "binder")


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


def test_everything_pinned_is_in_step():
    assert lock.differences(ROOT) == []


@pytest.mark.parametrize("file", lock.PEOPLE)
def test_an_environment_opens_with_five_lines_for_a_person(file):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert f"conda env create -f {file}" in lines[1]
    name = next(line for line in lines if line.startswith("name: ")).removeprefix("name: ")
    assert lines[2].endswith(f"conda activate {name}")
    assert lines[5].startswith("# Generated")
    assert ("dask" in "".join(lines)) == ("sweep" in file)


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


def test_a_link_is_noticed(copy):
    (copy / "binder" / "environment.yml").rename(copy / "elsewhere.yml")
    (copy / "binder" / "environment.yml").symlink_to("../elsewhere.yml")
    assert lock.differences(copy) == ["binder/environment.yml: is not a regular file"]


def test_start_hands_over_to_the_server():
    done = subprocess.run(
        [
            ROOT / "binder" / "start",
            "bash",
            "-c",
            'echo "$OMP_NUM_THREADS $NUMBA_CPU_NAME $0"',
            "served",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1 generic served\n"


def test_the_citation_names_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
