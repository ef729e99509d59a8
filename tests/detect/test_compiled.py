"""Kernels are compiled once on a machine, wherever the package and its reader may write."""

from __future__ import annotations

import importlib
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import config

import darkdays
from darkdays import stages
from darkdays.detect.baseline import quantiles
from darkdays.detect.compiled import __main__ as compiled
from darkdays.detect.compiled import kernel, kernel_cache
from darkdays.detect.segmentation import fpop_biweight
from darkdays.files import paths
from darkdays.files.fast_imports import IRI_GRAMMAR, without
from darkdays.runner.canonical import canonical
from darkdays.runner.pipeline import Step, run_notebooks

with without(IRI_GRAMMAR):
    import nbformat

COUNT = """
from darkdays.detect.compiled import __main__ as compiled
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
        module = function.__module__
        name = f"{module.rpartition('.')[2]}.{function.__qualname__}-{module}.py*.nbi"
        assert one.stats.cache_path == str(kernel_cache.FOLDER)
        assert list(kernel_cache.FOLDER.glob(name)), f"{name} is not kept"


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


def test_machine_code_is_shared_by_checkouts_that_cannot_be_written_to(tmp_path):
    package = Path(darkdays.__file__).parent
    private = [shutil.which("unshare") or "unshare", "-rm", "sh", "-c"]
    read_only = f"mount --bind {package} {package} && mount -o remount,bind,ro {package}"
    try:
        subprocess.run([*private, read_only], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system does not let us mount a folder read-only")
    done = subprocess.run(
        [*private, f'{read_only} && exec "$0" -c "$1"', sys.executable, COUNT],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["0", str(kernel_cache.FOLDER)]


ROUNDED = st.integers(-3, 40).map(float)


@given(st.lists(ROUNDED, min_size=1, max_size=80), st.floats(0.1, 50), st.floats(0.1, 30))
def test_a_short_record_is_cut_the_same_as_written_and_compiled(values, penalty, bound):
    last_changes = fpop_biweight.last_changes
    given_ = np.array(values), penalty, bound
    assert last_changes.as_written(*given_).tobytes() == last_changes.dispatcher(*given_).tobytes()


@given(
    st.lists(ROUNDED | st.just(np.nan), max_size=200), st.data(), st.sampled_from([0.1, 0.5, 0.9])
)
def test_quantiles_are_the_same_as_written_and_compiled(values, data, share):
    inner = data.draw(st.lists(st.integers(0, len(values)), max_size=5).map(sorted))
    given_ = np.array(values, float), np.array([0, *inner, len(values)]), share
    by_group = quantiles.by_group
    assert by_group.as_written(*given_).tobytes() == by_group.dispatcher(*given_).tobytes()


@pytest.mark.parametrize("kept", [True, False])
def test_how_far_compiling_is_is_said_unless_machine_code_is_kept(kept, tmp_path, monkeypatch):
    def half(x):
        return x / 2.0

    monkeypatch.setattr(kernel_cache, "FOLDER", tmp_path)
    monkeypatch.setattr(kernel, "_tell", [(said := []).append])
    for name in ("_begun", "_made"):
        monkeypatch.setattr(kernel, name, [])
    if kept:
        (tmp_path / "half.nbi").touch()
    for one in [kernel.Kernel(half, {}, short=False) for _ in range(20)]:
        assert one.dispatcher is one.dispatcher
    if kept:
        assert not said
        return
    assert said[0].startswith(kernel.COMPILING.format("once"))
    assert [text.rpartition("compiling ")[2] for text in said] == [
        f"{number} of 20 at most\n" for number in (1, *range(2, 21, 2))
    ]


def test_it_is_said_where_machine_code_cannot_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel_cache, "FOLDER", tmp_path)
    monkeypatch.setattr(kernel_cache, "STAYS", False)
    monkeypatch.setattr(kernel, "_tell", [(said := []).append])
    monkeypatch.setattr(kernel, "_begun", [])
    assert kernel.Kernel(lambda x: x, {}, short=False).dispatcher
    assert "each time" in said[0]
    assert "NUMBA_CACHE_DIR" in said[0]


def test_the_home_of_nobody_keeps_no_machine_code(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(list(kernel_cache._of_this_user())) == 2
    monkeypatch.setenv("HOME", str(tmp_path / f"{paths.PASSING}x"))
    (place,) = kernel_cache._of_this_user()
    assert place.name == f"darkdays-kernels-{os.getuid()}"


@pytest.mark.slow
def test_a_run_of_the_shipped_case_loads_no_machine_code(tmp_path):
    program = f"""
import sys
from darkdays import stages
stages.report("iran-2019", {str(tmp_path)!r})
print("numba" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("False\n", 0), done.stderr


def test_what_machine_code_may_come_from_is_known_whole():
    """A constant of another room would be compiled in, and no digest of these would know it."""
    names = kernel_cache.sources_of(kernel_cache.SOURCE)
    assert {"segmentation/costs.py", "changepoints/search.py"} <= set(names)
    kernels = {one.py_func.__code__.co_filename for one in compiled.kernels()}
    assert kernels <= {str(kernel_cache.SOURCE / name) for name in names}
    for name in set(names) - {"compiled/kernel_cache.py"}:
        text = (kernel_cache.SOURCE / name).read_text(encoding="utf-8")
        rooms = set(re.findall(r"(?:from|import) darkdays\b\.?(\w*)", text))
        assert rooms <= {"detect", "errors"}, name


OUTER = """from darkdays.detect.compiled.kernel import kernel

from made.inner import SCALE, half

@kernel()
def outer(x):
    return half(x) * SCALE
"""
INNER = """from darkdays.detect.compiled.kernel import kernel

SCALE = 1.0

@kernel(inline="always")
def half(x):
    return x / 2.0
"""


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Two files, a kernel in one inlined into that of the other, in a process that starts anew."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(kernel_cache, "_LOCATORS", locators := list(kernel_cache._LOCATORS))
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", locators)

    def run(checkout="a", outer=OUTER, inner=INNER):
        """Return the answer, whether it was compiled for it, and the folder of the machine code."""
        package = tmp_path / checkout / "made"
        package.mkdir(parents=True, exist_ok=True)
        for name, text in {"__init__": "", "outer": outer, "inner": inner}.items():
            (package / f"{name}.py").write_text(text, encoding="utf-8")
        with monkeypatch.context() as context:
            context.syspath_prepend(package.parent)
            context.setattr(sys, "dont_write_bytecode", True)
            for name in ("made", "made.inner", "made.outer"):
                context.delitem(sys.modules, name, raising=False)
            folder = kernel_cache.keep(package)
            module = importlib.import_module("made.outer")
            answer = module.outer(8.0)
            for name in ("made", "made.inner", "made.outer"):
                sys.modules.pop(name, None)
        return answer, bool(module.outer.dispatcher.stats.cache_misses), folder

    return run


def test_an_edit_of_what_is_inlined_from_another_file_is_compiled_anew(made):
    first = made()
    assert first[:2] == (4.0, True)
    assert made() == (4.0, False, first[2])
    # What numba looks at, the file of the function that is called, stays as it was.
    edited = made(inner=INNER.replace("x / 2.0", "x / 4.0"))
    assert edited[:2] == (2.0, True)
    assert made(inner=INNER.replace("SCALE = 1.0", "SCALE = 3.0"))[:2] == (12.0, True)
    assert made() == (4.0, False, first[2])


def test_comments_and_checkouts_share_what_they_have_in_common(made):
    first = made()
    words = "# other words\n\n"
    assert made(outer=words + OUTER, inner=words + INNER) == (4.0, False, first[2])
    assert made("b") == (4.0, False, first[2])


def test_twenty_random_edits_are_answered_by_the_code_on_disk(made):
    rng = random.Random(16)
    values = {"by": 2.0, "scale": 1.0, "more": 0.0}
    for _ in range(20):
        values[rng.choice(list(values))] = float(rng.randint(1, 3))
        inner = INNER.replace("x / 2.0", f"x / {values['by']}")
        inner = inner.replace("SCALE = 1.0", f"SCALE = {values['scale']}")
        outer = OUTER.replace("* SCALE", f"* SCALE + {values['more']}")
        answer = 8.0 / values["by"] * values["scale"] + values["more"]
        assert made(rng.choice("ab"), outer, f"# {rng.random()}\n{inner}")[0] == answer


def test_processors_and_settings_share_nothing(monkeypatch):
    before = kernel_cache.digest(kernel_cache.SOURCE)
    assert before == kernel_cache.FOLDER.name
    monkeypatch.setattr(config, "BOUNDSCHECK", 1)
    assert kernel_cache.digest(kernel_cache.SOURCE) != before
    monkeypatch.undo()
    ask = "from darkdays.detect.compiled.kernel_cache import FOLDER; print(FOLDER.name)"
    generic = {**os.environ, "NUMBA_CPU_NAME": "generic"}
    done = subprocess.run(
        [sys.executable, "-c", ask], env=generic, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() != before


def test_what_was_not_used_for_longest_is_removed_and_nothing_else(tmp_path):
    for number in range(kernel_cache.KEPT + 4):
        folder = tmp_path / f"{number:064x}"
        folder.mkdir()
        os.utime(folder, (number, number))
    (tmp_path / "mine").mkdir()
    kernel_cache.remove_old(tmp_path / f"{0:064x}")
    left = {path.name for path in tmp_path.iterdir()}
    stays = [0, *range(4, kernel_cache.KEPT + 4)]
    assert left == {"mine", *(f"{number:064x}" for number in stays)}


@pytest.fixture
def nowhere_yet(monkeypatch, tmp_path):
    """A home and a temporary folder of their own, and nothing stated."""
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr("atexit.register", lambda *_, **__: None)
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    return tmp_path


def _base():
    return kernel_cache._chosen("0" * 64).parent


def test_the_stated_folder_comes_first_then_the_user_s_then_a_private_one(nowhere_yet, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", str(nowhere_yet / "stated"))
    assert _base() == nowhere_yet / "stated"
    # What cannot be written to is passed over.
    monkeypatch.setattr(config, "CACHE_DIR", str(nowhere_yet / "file" / "stated"))
    (nowhere_yet / "file").touch()
    assert _base() == nowhere_yet / "home" / ".cache" / "darkdays" / "kernels"
    monkeypatch.setenv("XDG_CACHE_HOME", str(nowhere_yet / "cache"))
    assert _base() == nowhere_yet / "cache" / "darkdays" / "kernels"
    monkeypatch.setenv("XDG_CACHE_HOME", str(nowhere_yet / "file"))
    private = _base()
    assert private.parent == nowhere_yet / "tmp"
    assert private.stat().st_mode & 0o777 == 0o700
    assert _base() == private


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o707])
def test_a_folder_others_can_write_to_is_not_used(nowhere_yet, mode):
    """What is kept is executed: a folder open to others may hold anybody's code."""
    ours = nowhere_yet / "home" / ".cache" / "darkdays" / "kernels"
    assert _base() == ours
    ours.chmod(mode)
    private = _base()
    assert private.parent == nowhere_yet / "tmp"
    private.chmod(mode)
    alone = _base()
    assert alone not in {ours, private}
    assert alone.stat().st_mode & 0o777 == 0o700
    assert _base() != alone


def test_a_link_to_a_folder_somebody_else_chose_is_not_used(nowhere_yet, monkeypatch):
    (nowhere_yet / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(nowhere_yet / "file"))
    private = _base()
    shutil.rmtree(private)
    (nowhere_yet / "theirs").mkdir(mode=0o700)
    private.symlink_to(nowhere_yet / "theirs")
    assert _base() != private
    assert not list((nowhere_yet / "theirs").iterdir())


@pytest.mark.slow
def test_an_edited_cost_gives_the_answer_of_the_code_on_disk(tmp_path):
    """The cost of a level, inlined from another file into the search, a twentieth of what it is."""
    source = shutil.copytree(
        Path(darkdays.__file__).parent, tmp_path / "darkdays",
        ignore=shutil.ignore_patterns("__pycache__"),
    )  # fmt: skip
    ask = """
import numpy as np
from darkdays.detect import change_points
from darkdays.detect.compiled.kernel_cache import FOLDER
record = np.random.default_rng(3).normal(size=300)
record[150:] += 1.1
print(FOLDER.name, change_points(record).index.size)
"""
    environment = {
        **os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "kept")
    }  # fmt: skip

    def answer():
        done = subprocess.run(
            [sys.executable, "-P", "-c", ask], env=environment,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        folder, count = done.stdout.split()
        return folder, int(count)

    # What the sources as they are compile to is there already.
    shutil.copytree(kernel_cache.FOLDER, tmp_path / "kept" / kernel_cache.FOLDER.name)
    costs = source / "detect" / "segmentation" / "costs.py"
    written = costs.read_text(encoding="utf-8")
    before = answer()
    costs.write_text(written.replace("# ", "#  "), encoding="utf-8")
    assert answer() == before
    cost = "squares - moment * moment / known"
    assert cost in written
    edited = written.replace(cost, "squares + 0.0 * moment / known", 1)  # no level is left
    costs.write_text(edited, encoding="utf-8")
    after = answer()
    assert after[0] != before[0]
    assert (before[1], after[1]) == (1, 0)
    costs.write_text(written, encoding="utf-8")
    assert answer() == before
