"""Kernels are compiled once on a machine, wherever the package and its reader may write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba import config

from darkdays import stages
from darkdays.detect.compiled import compiled, kernel_cache
from darkdays.runner.canonical import canonical
from darkdays.runner.fast_imports import without_iri_grammar
from darkdays.runner.pipeline import Step, run_notebooks

with without_iri_grammar():
    import nbformat

COUNT = """
from darkdays.detect.compiled import compiled
print(compiled.run_every_kernel(), next(compiled.kernels()).stats.cache_path)
"""


@pytest.fixture(scope="module", autouse=True)
def every_kernel_ran():
    compiled.run_every_kernel()


def test_every_kernel_is_run_and_kept():
    names = [(one.py_func.__module__, one.py_func.__qualname__) for one in compiled.kernels()]
    assert len(names) > 20
    assert len(set(names)) == len(names)
    for one in compiled.kernels():
        function = one.py_func
        line = function.__code__.co_firstlineno
        name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}-{line}.*.nbi"
        assert list(Path(one.stats.cache_path).glob(name)), f"{name} is not kept"


def test_the_shipped_case_needs_no_form_of_a_kernel_beyond_these(tmp_path):
    before = [set(one.signatures) for one in compiled.kernels()]
    stages.detect("iran-2019", str(tmp_path))
    assert [set(one.signatures) for one in compiled.kernels()] == before


def test_the_kernel_of_a_run_compiles_nothing(tmp_path):
    notebook = tmp_path / "a.ipynb"
    cells = [nbformat.v4.new_code_cell(COUNT)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    step = Step(notebook, tmp_path / "out.ipynb")
    run_notebooks([step], cwd=tmp_path)
    shown = canonical(nbformat.read(step.output, as_version=4)).cells[0].outputs[0].text
    assert shown.split()[0] == "0"


def test_a_read_only_install_takes_over_what_was_compiled(tmp_path):
    package = Path(compiled.__file__).parent
    private = [shutil.which("unshare") or "unshare", "-rm", "sh", "-c"]
    read_only = f"mount --bind {package} {package} && mount -o remount,bind,ro {package}"
    try:
        subprocess.run([*private, read_only], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system does not let us mount a folder read-only")
    home = tmp_path / "home"
    home.write_text("no folder, so that nothing can be kept there")
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)
    environment.pop("XDG_CACHE_HOME", None)
    done = subprocess.run(
        [*private, f'{read_only} && exec "$0" -c "$1"', sys.executable, COUNT],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    count, folder = done.stdout.split()
    assert count == "0"
    assert Path(folder).parent.parent == tmp_path
    assert Path(folder).parent.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def no_folder_yet(monkeypatch, tmp_path):
    """A source folder that cannot be written to, and nothing chosen so far."""
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    source = tmp_path / "source"
    source.mkdir()
    (source / "__pycache__").write_text("a file where the folder should be")
    return source


def test_a_stated_folder_and_one_beside_the_source_are_left_as_they_are(no_folder_yet, monkeypatch):
    (no_folder_yet / "__pycache__").unlink()
    assert kernel_cache.settle(no_folder_yet) is None
    (no_folder_yet / "__pycache__").rmdir()
    (no_folder_yet / "__pycache__").touch()
    monkeypatch.setattr(config, "CACHE_DIR", "stated")
    assert kernel_cache.settle(no_folder_yet) is None
    assert config.CACHE_DIR == "stated"


def test_the_cache_folder_of_the_user_comes_first_then_a_private_one(no_folder_yet, tmp_path):
    (tmp_path / "home").mkdir()
    chosen = tmp_path / "home" / ".cache" / "darkdays" / "kernels"
    assert kernel_cache.settle(no_folder_yet) == chosen
    assert str(chosen) == config.CACHE_DIR
    config.CACHE_DIR = ""
    shutil.rmtree(tmp_path / "home")
    (tmp_path / "home").touch()
    assert kernel_cache.settle(no_folder_yet).parent == tmp_path / "tmp"


@pytest.mark.parametrize("spoil", [lambda folder: folder.chmod(0o777), Path.rmdir])
def test_a_temporary_folder_others_can_write_to_is_not_used(no_folder_yet, tmp_path, spoil):
    (tmp_path / "home").touch()
    private = kernel_cache.settle(no_folder_yet)
    config.CACHE_DIR = ""
    shutil.rmtree(private)
    private.mkdir(mode=0o700)
    spoil(private)
    if not private.exists():
        (tmp_path / "theirs").mkdir()
        private.symlink_to(tmp_path / "theirs")
    assert kernel_cache.settle(no_folder_yet) is None
    assert config.CACHE_DIR == ""


def test_kernels_everybody_could_have_written_are_neither_used_nor_taken_over(
    no_folder_yet, tmp_path
):
    """What is kept is executed: a folder open to all may hold anybody's code."""
    beside = no_folder_yet / "__pycache__"
    beside.unlink()
    beside.mkdir()
    beside.chmod(0o777)
    (beside / "a.nbi").write_text("anybody's")
    (tmp_path / "home" / ".cache" / "darkdays" / "kernels").mkdir(parents=True)
    (tmp_path / "home" / ".cache" / "darkdays" / "kernels").chmod(0o777)
    chosen = kernel_cache.settle(no_folder_yet)
    assert chosen is not None
    assert chosen.parent == tmp_path / "tmp"
    assert not list(tmp_path.joinpath("tmp").rglob("a.nbi"))
