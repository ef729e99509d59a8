from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from darkdays.files.fast_imports import IRI_GRAMMAR, without
from darkdays.runner.canonical import canonical
from darkdays.runner.kernel import Kernel
from darkdays.runner.pipeline import Step, run_notebooks

with without(IRI_GRAMMAR):
    import nbformat
    import papermill

LIBRARIES = ("numpy", "pandas", "xarray", "matplotlib.pyplot")


@pytest.fixture(scope="module")
def kernel():
    with Kernel.start(LIBRARIES) as started:
        yield started


def write(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(source)) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(notebook: Path, kernel: Kernel | None):
    output = notebook.with_name(f"out-{notebook.name}")
    run_notebooks([Step(notebook, output)], cwd=notebook.parent, kernel=kernel)
    return nbformat.read(output, as_version=4)


def run_on_its_own(notebook: Path):
    """What papermill itself makes of a notebook, on an ordinary kernel of TCP."""
    output = notebook.with_name(f"own-{notebook.name}")
    papermill.execute_notebook(
        notebook, output, kernel_name="python3", language="python", cwd=notebook.parent,
        progress_bar=False,
    )  # fmt: skip
    return nbformat.read(output, as_version=4)


def printed(notebook, cell: int = 0) -> str:
    return str(notebook.cells[cell].outputs[0].text).strip()


POLLUTING = """
import os, random, sys, warnings
import matplotlib.pyplot as plt, numpy, pandas, xarray
x = "left"
os.chdir("/")
os.environ["MPLBACKEND"] = "agg"
sys.path.insert(0, "/nowhere")
warnings.simplefilter("ignore")
random.seed(1)
numpy.random.seed(1)
pandas.set_option("display.max_colwidth", 5)
_ = xarray.set_options(display_style="text")
plt.rcParams["figure.facecolor"] = "red"
left = plt.figure()
"""


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


@pytest.mark.filterwarnings("ignore:.*without encryption")
def test_a_kept_kernel_shows_what_an_ordinary_one_shows(tmp_path, kernel):
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
        "print(sorted(name for name in globals() if not name.startswith('__')))",
        "import pandas as pd\npd.DataFrame({'a': ['long ' * 30], 'b': [0.1]})",
        "pd.DataFrame(0, index=range(2), columns=[f'column {n}' for n in range(30)])",
        "import xarray as xr\nxr.DataArray([1])",
        "import subprocess\nprint(subprocess.run(['echo', 'hi'], capture_output=True).stdout)",
        "import warnings\nwarnings.warn('careful')\nprint('out'); print('err', file=sys.stderr)",
    )
    run(write(tmp_path / "before.ipynb", POLLUTING), kernel)
    kept = canonical(run(notebook, kernel))
    ordinary = canonical(run_on_its_own(notebook))
    assert nbformat.writes(kept) == nbformat.writes(ordinary)
    kinds = [[kind for out in cell.outputs for kind in out.get("data", {})] for cell in kept.cells]
    assert "image/png" in kinds[1]
    assert "image/png" in kinds[2]
    assert printed(kept) == "__main__ True"
    assert str(tmp_path) in printed(kept, 4)


def test_a_kernel_is_kept_and_begins_anew(tmp_path, kernel):
    source = "import os, random, numpy\nprint(os.getpid(), random.random(), numpy.random.rand())"
    notebook = write(tmp_path / "a.ipynb", source)
    first, second = (printed(run(notebook, kernel)).split() for _ in "ab")
    assert first[0] == second[0] == str(kernel.process.pid)
    assert first[1] != second[1]
    assert first[2] != second[2]
    run(write(tmp_path / "before.ipynb", "6 * 7"), kernel)
    executed = run(write(tmp_path / "b.ipynb", "print(len(In), Out, [_])", "7 * 8"), kernel)
    assert [cell.execution_count for cell in executed.cells] == [1, 2]
    assert printed(executed) == "2 {} ['']"


def test_exit_handlers_run_and_the_kernel_ends_at_once(tmp_path):
    notebook = write(
        tmp_path / "a.ipynb",
        """
        import atexit, pathlib
        atexit.register(pathlib.Path('ended').touch)
        rows = open("rows.csv", "w")
        rows.write("not flushed")
        """,
    )
    with Kernel.start(()) as kernel:
        run(notebook, kernel)
        begun = time.monotonic()
    # A kernel that does not end by itself is waited for two seconds before it is killed.
    assert time.monotonic() - begun < 2
    assert (tmp_path / "ended").exists()
    assert (tmp_path / "rows.csv").read_text() == "not flushed"
    assert not kernel.folder.exists()


def test_a_kernel_that_cannot_import_a_module_is_a_kernel(tmp_path):
    with Kernel.start(["no_such_module"]) as kernel:
        assert printed(run(write(tmp_path / "a.ipynb", "print(6 * 7)"), kernel)) == "42"


def test_an_edited_module_is_seen_by_the_next_run(tmp_path):
    notebook = write(tmp_path / "a.ipynb", "import mine\nprint(mine.it)")
    for value in ("one", "another"):
        (tmp_path / "mine.py").write_text(f"it = {value!r}")
        assert printed(run(notebook, None)) == value


PARENT = """
from pathlib import Path
from darkdays.runner.pipeline import Step, run_notebooks

run_notebooks([Step(Path("a.ipynb"), Path("out.ipynb"))], cwd=Path.cwd())
"""


DEAF = "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)); time.sleep(120)"


@pytest.mark.parametrize(
    ("number", "cell"),
    [
        (signal.SIGKILL, "time.sleep(120)"),
        (signal.SIGINT, "time.sleep(120)"),
        # A kernel that is deep in compiled code and hears nothing.
        (signal.SIGKILL, DEAF),
        (signal.SIGINT, DEAF),
    ],
)
def test_nothing_outlives_the_parent(tmp_path, number, cell):
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
        [sys.executable, "-c", PARENT], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_until((tmp_path / "kernel").exists)
        pids = [int(pid) for pid in (tmp_path / "kernel").read_text().split()]
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


def test_a_long_temporary_folder_does_not_make_sockets_too_long(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert printed(run(write(tmp_path / "a.ipynb", "print(1)"), None)) == "1"
