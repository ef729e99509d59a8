from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from darkdays.cli.progress import TerminalProgress
from darkdays.errors import DarkdaysError, InputError
from darkdays.files.fast_imports import IRI_GRAMMAR, without
from darkdays.runner.canonical import canonical, write_canonical
from darkdays.runner.kernel import Kernel
from darkdays.runner.pipeline import Step, run_notebooks

with without(IRI_GRAMMAR):
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

PARAMETERS = "case: str = 'x'  # the study\nrun: str = ''  # the run folder\nn: int = 1  # how many"


@pytest.fixture(scope="module")
def kernel():
    with Kernel.start(()) as started:
        yield started


def write(path: Path, *sources: str) -> Path:
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        *map(new_code_cell, sources),
    ]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return path


def run(notebook: Path, kernel: Kernel | None, **parameters: object) -> Path:
    output = notebook.parent / "out" / notebook.name
    run_notebooks([Step(notebook, output, parameters)], cwd=notebook.parent, kernel=kernel)
    return output


def test_notebooks_run_in_order_with_their_parameters_and_report_progress(tmp_path, kernel):
    first = write(tmp_path / "1-one.ipynb", "open('handed', 'w').write(case * n);")
    second = write(tmp_path / "2-two.ipynb", "print(open('handed').read())")
    before = first.read_bytes()
    seen: list[tuple[str, int, int]] = []
    steps = [
        Step(first, tmp_path / "deep" / "out" / "1.ipynb", {"case": "ab", "n": 3}),
        Step(second, tmp_path / "deep" / "out" / "2.ipynb"),
    ]
    run_notebooks(steps, cwd=tmp_path, kernel=kernel, progress=lambda *now: seen.append(now))
    executed = nbformat.read(steps[1].output, as_version=4)
    assert executed.cells[-1].outputs[0].text == "ababab\n"
    assert first.read_bytes() == before
    assert seen == [("1-one", i, 4) for i in (1, 2, 3, 4)] + [("2-two", i, 3) for i in (1, 2, 3)]


def test_a_parameter_no_notebook_declares_stops_everything_before_it_starts(tmp_path, kernel):
    first = write(tmp_path / "a.ipynb", "open('ran', 'w')")
    second = write(tmp_path / "b.ipynb", "1")
    steps = [
        Step(first, tmp_path / "out-a.ipynb"),
        Step(second, tmp_path / "out-b.ipynb", {"levle": 1.0}),
    ]
    with pytest.raises(InputError, match=r"b\.ipynb has no parameter levle"):
        run_notebooks(steps, cwd=tmp_path, kernel=kernel)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "out-a.ipynb").exists()


def test_a_failing_cell_is_named_with_its_line_and_its_notebook_is_kept(tmp_path, kernel):
    notebook = write(
        tmp_path / "{odd} folder" / "3-correlate.ipynb",
        "print('so far')",
        "def half(x):\n    return 1 / x\n\nvalue = half(0)",
        "open('ran', 'w')",
    )
    later = Step(notebook, tmp_path / "later.ipynb")
    output = tmp_path / "{odd} folder" / "out.ipynb"
    later.output.write_text("from a run before")
    with pytest.raises(DarkdaysError) as caught:
        run_notebooks([Step(notebook, output), later], cwd=tmp_path, kernel=kernel)
    assert str(caught.value) == (
        "3-correlate: cell [3], line 4 (`value = half(0)`) failed: ZeroDivisionError: division "
        f"by zero. The notebook up to there is {output}."
    )
    assert caught.value.exit_status == 1
    executed = nbformat.read(output, as_version=4)
    shown = [out for cell in executed.cells for out in cell.get("outputs", [])]
    assert [out.output_type for out in shown] == ["stream", "error"]
    assert not (tmp_path / "ran").exists()
    assert not later.output.exists()


def test_a_syntax_error_is_named_with_its_line(tmp_path, kernel):
    with pytest.raises(DarkdaysError, match=r"cell \[2\], line 2 \(`b = = 2`\) failed: SyntaxErr"):
        run(write(tmp_path / "a.ipynb", "a = 1\nb = = 2"), kernel)


@pytest.mark.parametrize(
    ("raised", "kind", "status"),
    [
        ("errors.InputError('no data for 2031; choose an earlier year.')", InputError, 2),
        ("errors.DarkdaysError('no data for 2031; choose an earlier year.')", DarkdaysError, 1),
        ("Gone('no data for 2031; choose an earlier year.')", DarkdaysError, 3),
    ],
)
def test_an_error_meant_for_a_person_passes_as_its_sentence(tmp_path, kernel, raised, kind, status):
    notebook = write(
        tmp_path / "a.ipynb",
        "from darkdays import errors\nclass Gone(errors.DarkdaysError):\n    exit_status = 3",
        f"raise {raised}",
    )
    with pytest.raises(DarkdaysError) as caught:
        run(notebook, kernel)
    assert type(caught.value) is kind
    assert str(caught.value) == "no data for 2031; choose an earlier year."
    assert caught.value.exit_status == status
    assert (tmp_path / "out" / "a.ipynb").exists()


def test_an_error_of_the_same_name_is_not_taken_for_ours(tmp_path, kernel):
    source = "class InputError(Exception): pass\nraise InputError('mine')"
    with pytest.raises(DarkdaysError, match=r"cell \[2\], line 2 .* failed: InputError: mine"):
        run(write(tmp_path / "a.ipynb", source), kernel)


def test_a_kernel_that_dies_is_a_sentence(tmp_path):
    with pytest.raises(DarkdaysError, match="a: the kernel died in cell 4; most often memory"):
        run(write(tmp_path / "a.ipynb", "1", "import os\nos._exit(9)"), None)
    (left,) = (path for path in tmp_path.rglob("a.ipynb") if path.parent != tmp_path)
    done = [cell for cell in nbformat.read(left, as_version=4).cells if cell.get("outputs")]
    assert [cell.outputs[0].data["text/plain"] for cell in done] == ["1"]


def test_two_runs_have_the_same_canonical_bytes(tmp_path, kernel):
    sources = (
        "import sys, warnings\nprint(run)\nprint('err', file=sys.stderr)\nprint('out')",
        "warnings.warn('careful')\nobject()",
        "import uuid\nfrom IPython.display import HTML\nids = uuid.uuid4(), uuid.uuid4()",
        "HTML(f'<i id={ids[0]}></i><i id={ids[1]}></i><i for={ids[0]}></i>')",
    )
    written = []
    for name in ("first", "second"):
        folder = tmp_path / name
        output = run(write(folder / "a.ipynb", *sources), kernel, run=str(folder))
        write_canonical(output, folder / "done" / "a.ipynb", {str(folder): "<run>"})
        assert [path.name for path in (folder / "done").iterdir()] == ["a.ipynb"]
        written.append((folder / "done" / "a.ipynb").read_bytes())
    assert written[0] == written[1]
    text = written[0].decode()
    assert str(tmp_path) not in text
    assert "papermill" not in text
    assert f"{sys.version_info.major}.{sys.version_info.minor}" not in text
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [f"cell-{i}" for i in range(1, 8)]
    assert notebook.cells[1].metadata.tags == ["parameters"]
    assert notebook.cells[2].metadata.tags == ["injected-parameters"]
    assert notebook.cells[2].source == '# Parameters\nrun = "<run>"\n'
    assert [out.text for out in notebook.cells[3].outputs] == ["<run>\nout\n", "err\n"]
    assert notebook.cells[4].outputs[1].data["text/plain"] == "<object at 0x0>"
    html = "<i id=id-1></i><i id=id-2></i><i for=id-1></i>"
    assert notebook.cells[6].outputs[0].data["text/html"] == html


def test_canonical_scrubs_the_longest_first_and_leaves_images_and_the_original_alone():
    image = new_output("display_data", data={"image/png": "L3RtcC9y", "text/plain": "/tmp/r/run"})
    error = new_output("error", ename="E", evalue="/tmp/r", traceback=["at /tmp/r/run"])
    json = new_output("display_data", data={"application/json": {"at": ["/tmp/r"]}})
    notebook = new_notebook(cells=[new_code_cell("'/tmp/r/run'", outputs=[image, error, json])])
    before = nbformat.writes(notebook)
    cell = canonical(notebook, {"/tmp/r": "<r>", "/tmp/r/run": "<run>", "": "?"}).cells[0]
    assert cell.source == "'<run>'"
    assert cell.outputs[0].data == {"image/png": "L3RtcC9y", "text/plain": "<run>"}
    assert (cell.outputs[1].evalue, cell.outputs[1].traceback) == ("<r>", ["at <run>"])
    assert cell.outputs[2].data["application/json"] == {"at": ["<r>"]}
    assert nbformat.writes(notebook) == before


def test_notebook_libraries_are_imported_without_the_grammar():
    name = "rfc3987_syntax"
    held = sys.modules.pop(name, None)
    try:
        with without(IRI_GRAMMAR), pytest.raises(ImportError):
            __import__(name)
        assert name not in sys.modules
    finally:
        if held:
            sys.modules[name] = held


def test_elsewhere_than_in_a_terminal_progress_is_a_line_a_second_at_most(capsys):
    now = [5.0]
    with TerminalProgress(["1-one", "2-two"], clock=lambda: now[0]) as progress:
        for notebook, seconds in (("1-one", 0.4), ("2-two", 1.5)):
            for done in (1, 2, 3):
                now[0] += seconds
                progress(notebook, done, 3)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "1-one: 3 cells, 1.2 s",
        "2-two: 1 of 3 cells, 1.5 s",
        "2-two: 2 of 3 cells, 3.0 s",
        "2-two: 3 cells, 4.5 s",
    ]


def test_progress_is_a_bar_on_stderr_in_a_terminal(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with TerminalProgress(
        ["1-one", "2-two"], note=lambda: "compiling 12 of 37 at most"
    ) as progress:
        progress("1-one", 1, 2)
        progress._bars.refresh()
        progress.say("not of the bars\n")
        assert "compiling 12 of 37 at most" in terminal.getvalue()
        progress("1-one", 2, 2)
        terminal.truncate(0)
        progress("2-two", 1, 2)
    assert "compiling" not in terminal.getvalue()
    assert "1-one" in terminal.getvalue()
    assert "2/2" in terminal.getvalue()
    assert capsys.readouterr().out == ""


IN_JUPYTER = """
from pathlib import Path
from darkdays.runner.pipeline import Step, run_notebooks
from darkdays.cli.progress import TerminalProgress

steps = [Step(Path(f"{name}.ipynb"), Path(f"out-{name}.ipynb")) for name in ("1-one", "<2>")]
with TerminalProgress([step.notebook.stem for step in steps]) as progress:
    run_notebooks(steps, cwd=Path.cwd(), progress=progress)
"""


def test_progress_inside_a_notebook_is_a_table_that_stays(tmp_path, kernel):
    for name in ("1-one", "<2>"):
        write(tmp_path / f"{name}.ipynb", "1")
    output = run(write(tmp_path / "outer.ipynb", IN_JUPYTER), kernel)
    (shown,) = nbformat.read(output, as_version=4).cells[-1].outputs
    html = shown.data["text/html"]
    assert re.findall(r"<td>([^<]*)</td>", html)[::2] == ["1-one", "&lt;2&gt;"]
    assert html.count("3 of 3, ") == 2
    assert html.count('<progress max="3" value="3"') == 2


def test_a_kernel_that_does_not_start_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no interpreter starts with that
    with pytest.raises(DarkdaysError, match="the kernel ended before it could run a cell"):
        run(write(tmp_path / "a.ipynb", "1"), None)


def test_who_starts_a_run_imports_nothing_that_judges_or_detects():
    # It imports while the kernel does, on a machine of two cores.
    code = "import sys, darkdays.runner.run; print(*(n for n in sys.argv[1:] if n in sys.modules))"
    heavy = ["darkdays.claims", "darkdays.detect", "scipy.stats", "seaborn", "numba", "sklearn"]
    done = subprocess.run(
        [sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
