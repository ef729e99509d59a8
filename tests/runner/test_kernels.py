from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from darkdays.runner.canonical import canonical
from darkdays.runner.fast_imports import without_iri_grammar
from darkdays.runner.kernels import PRELOAD, Nursery, NurseryError
from darkdays.runner.pipeline import Step, run_notebooks

with without_iri_grammar():
    import nbformat

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

HEAVY = ("pandas", "scipy.stats", "xarray", "h5netcdf", "seaborn", "darkdays.stages")
LIGHT = tuple(name for name in PRELOAD if name not in HEAVY)


def start(*preload: str) -> Nursery:
    nursery = Nursery.start(preload)
    assert nursery is not None
    return nursery


@pytest.fixture(scope="module")
def nursery():
    with start(*LIGHT) as started:
        yield started


def write(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(source)) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(notebook: Path, name: str, nursery: Nursery | None, **options):
    output = notebook.with_name(f"{name}-{notebook.name}")
    run_notebooks([Step(notebook, output)], cwd=notebook.parent, nursery=nursery, **options)
    return nbformat.read(output, as_version=4)


def printed(notebook, cell: int = 0) -> str:
    return str(notebook.cells[cell].outputs[0].text).strip()


def is_gone(pid: int) -> bool:
    try:
        # Where nobody reaps orphans, a dead one stays listed as a zombie.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(condition, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_warm_kernel_shows_what_an_ordinary_one_shows(tmp_path, nursery):
    notebook = write(
        tmp_path / "a.ipynb",
        "import sys, os\nprint(__name__, sys.modules['__main__'].__dict__ is globals())",
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);",
        """
        from IPython.display import display
        fig, ax = plt.subplots()
        ax.bar([1, 2], [3, 4])
        display(fig)
        plt.close(fig)
        plt.get_backend()
        """,
        """
        import numpy as np
        big = np.ones((700, 700))
        (big @ big).sum()
        """,
        "print(os.getcwd(), sys.path[0] == '', os.environ['MPLBACKEND'])",
        "import subprocess\nprint(subprocess.run(['echo', 'hi'], capture_output=True).stdout)",
        "import warnings\nwarnings.warn('careful')\nprint('out'); print('err', file=sys.stderr)",
    )
    warm = canonical(run(notebook, "warm", nursery))
    ordinary = canonical(run(notebook, "ordinary", None))
    assert nbformat.writes(warm) == nbformat.writes(ordinary)
    kinds = [[kind for out in cell.outputs for kind in out.get("data", {})] for cell in warm.cells]
    assert "image/png" in kinds[1]
    assert "image/png" in kinds[2]
    assert printed(warm) == "__main__ True"
    assert str(tmp_path) in printed(warm, 4)


def test_kernels_are_forks_of_the_nursery_and_draw_different_numbers(tmp_path, nursery):
    notebook = write(
        tmp_path / "a.ipynb", "import os, numpy\nprint(os.getppid(), numpy.random.rand())"
    )
    first, second = (printed(run(notebook, name, nursery)).split() for name in "ab")
    assert first[0] == second[0] == str(nursery.pid)
    assert first[1] != second[1]


def test_exit_handlers_run_and_the_kernel_ends_at_once(tmp_path, nursery):
    notebook = write(
        tmp_path / "a.ipynb",
        "import atexit, pathlib\natexit.register(pathlib.Path('ended').touch)\nprint(1)",
    )
    begun = time.monotonic()
    for number in range(8):
        run(notebook, str(number), nursery)
        assert (tmp_path / "ended").exists()
        (tmp_path / "ended").unlink()
    # A kernel that does not end by itself is waited for two seconds before it is killed.
    assert time.monotonic() - begun < 8 * 2


def test_an_ordinary_kernel_takes_over_when_the_nursery_is_gone(tmp_path):
    notebook = write(tmp_path / "a.ipynb", "print(6 * 7)")
    notes: list[str] = []
    with start() as nursery:
        os.kill(nursery.pid, signal.SIGKILL)
        assert printed(run(notebook, "x", nursery, note=notes.append)) == "42"
        with pytest.raises(NurseryError):
            nursery.spawn([], cwd=".", env={}, scratch="")
    assert len(notes) == 1
    assert notes[0].startswith("note: no warm kernels (")


def test_a_nursery_that_cannot_import_a_module_still_gives_kernels(tmp_path):
    notebook = write(tmp_path / "a.ipynb", "import os\nprint(os.getppid())")
    with start("no_such_module") as nursery:
        assert printed(run(notebook, "x", nursery)) == str(nursery.pid)
    assert is_gone(nursery.pid)


PARENT = """
import sys
from contextlib import nullcontext
from pathlib import Path
from darkdays.runner.kernels import Nursery
from darkdays.runner.pipeline import Step, run_notebooks

warm = sys.argv[1:] != ["ordinary"]
nursery = Nursery.start(("ipykernel.kernelapp",)) if warm else None
Path("nursery").write_text(str(nursery.pid if warm else ""))
with nursery or nullcontext():
    run_notebooks([Step(Path("a.ipynb"), Path("out.ipynb"))], cwd=Path.cwd(), nursery=nursery)
"""


DEAF = "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)); time.sleep(120)"


@pytest.mark.parametrize(
    ("number", "cell", "words"),
    [
        (signal.SIGKILL, "time.sleep(120)", []),
        (signal.SIGINT, "time.sleep(120)", []),
        (signal.SIGINT, "time.sleep(120)", ["ordinary"]),
        # A kernel that is deep in compiled code and hears nothing.
        (signal.SIGINT, DEAF, []),
        (signal.SIGINT, DEAF, ["ordinary"]),
    ],
)
def test_nothing_outlives_the_parent(tmp_path, number, cell, words):
    write(
        tmp_path / "a.ipynb",
        f"""
        import os, pathlib, signal, subprocess, time
        child = subprocess.Popen(["sleep", "120"])
        pathlib.Path("scratch").write_text(os.environ["IPYTHONDIR"])
        pathlib.Path("draft").write_text(f"{{os.getpid()}} {{child.pid}}")
        os.replace("draft", "kernel")
        {cell}
        """,
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_until((tmp_path / "kernel").exists)
        pids = [int(pid) for pid in (tmp_path / "kernel").read_text().split()]
        pids += [int(pid) for pid in (tmp_path / "nursery").read_text().split()]
        assert not any(map(is_gone, pids))
        parent.send_signal(number)
        _, said = parent.communicate(timeout=20)
        assert wait_until(lambda: all(map(is_gone, pids)), 5), [p for p in pids if not is_gone(p)]
    finally:
        parent.kill()
        parent.wait()
    assert parent.returncode == -number
    scratch = Path((tmp_path / "scratch").read_text()).parent
    assert wait_until(lambda: not scratch.exists(), 5)
    if number == signal.SIGINT:
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert "Task was destroyed" not in said


def test_kernels_need_no_network_interface(tmp_path):
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode:
        pytest.skip("this system does not let us make a network namespace")
    write(
        tmp_path / "a.ipynb",
        """
        import socket
        try:
            socket.create_connection(("192.0.2.1", 80), timeout=5)
        except OSError as error:
            print(error.strerror)
        """,
    )
    subprocess.run(
        [unshare, "-rn", sys.executable, "-c", PARENT], cwd=tmp_path, check=True, timeout=60
    )
    notebook = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert printed(notebook) == "Network is unreachable"


def test_a_long_temporary_folder_does_not_make_sockets_too_long(tmp_path, nursery, monkeypatch):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert printed(run(write(tmp_path / "a.ipynb", "print(1)"), "x", nursery)) == "1"
