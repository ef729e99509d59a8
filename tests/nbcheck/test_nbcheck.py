"""Strict nbval with --darkdays-nbcheck: what passes, what fails, and what it says."""

from __future__ import annotations

import base64
import copy
import io
import math
import os
import re
import struct
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from nbclient import NotebookClient
from PIL import Image, ImageDraw

from darkdays.nbcheck import kernel, plugin, seal
from darkdays.nbcheck.compare import coalesced, output_differences
from darkdays.nbcheck.images import image_difference
from darkdays.nbcheck.text import rendered, scrub_svg, text_difference
from darkdays.nbcheck.widgets import STATE, VIEW, unfolded

SEAL = -1  # the place of a notebook's seal among its cells
HINT = "re-run the notebook and store its outputs"

# Without imports that take time, so that many copies can be run.
PROGRESS = """\
from IPython.display import clear_output
print("starting"); clear_output(wait=True)
bar = display("half", display_id=True)
bar.update("done", metadata={"text/plain": {"step": 2}})"""
DESCRIBED = """\
print("before")
display({"text/plain": "a figure"}, raw=True, metadata={"image/png": {"alt": "rises at 14:00"}})
print("after")"""
LIGHT = [
    "import os, pathlib, sys, tempfile, uuid, warnings",
    "print('outages found: 12')\nprint('depth', 1 / 3)",
    "[0.1 + 0.2, 2 / 3]",
    "object()",
    "print(uuid.uuid4(), 'PID', os.getpid(), pathlib.Path.cwd(), tempfile.mkdtemp() + '/x.nc')",
    "40 + 2;  # not shown",
    "",
    "print('warned'); warnings.warn('a stored warning')",
    "'first'",
    "'second'",
    "print('cleared')",
    "display('one')\ndisplay('two')",
    "'only'",
    "print('never executed')",
    "counter = 1",
    PROGRESS,
    DESCRIBED,
    "display('shown')\nprint('then this')",
    "print('last')",
]
# Then what the project's notebooks show: a genuine cell, and one to tamper with.
FRAME = "pd.DataFrame({'place': ['Tehran', 'Fars'], 'outages': [3, 14], 'depth': [0.91, 0.375]})"
ARRAY = "xr.Dataset({'n': ('t', np.arange(4.0))}, {'t': pd.date_range('2019-11-15', periods=4)})"
STYLED = "pd.DataFrame({'depth': [0.25]}).style.format(precision=3)"
HEAVY = [
    "%matplotlib inline",
    "import matplotlib.pyplot as plt, numpy as np, pandas as pd, xarray as xr",
    *[FRAME, FRAME, ARRAY, ARRAY, STYLED, STYLED],
    "plt.plot([0, 1, 2], [3, 1, 2]);",
    "plt.plot([0, 1, 2], [1, 2, 3])\nplt.show()",
    "plt.bar(['a', 'b'], [2, 5])\nplt.show()",
]
TABLE, DATASET, STYLER, SWAPPED, FIGURE, PAINTED = (len(LIGHT) + n for n in (3, 5, 7, 8, 9, 10))
ERROR = len(LIGHT + HEAVY)

nbf: Any = nbformat  # its functions carry no types


@dataclass(frozen=True)
class Run:
    """What one pytest run said of each cell: None for a pass, else the message."""

    status: int
    text: str
    cells: dict[tuple[str, int], str | None]

    def failed(self, notebook: str) -> dict[int, str]:
        """Return the messages of the cells of a notebook that did not pass."""
        of_it = {cell: said for (name, cell), said in self.cells.items() if name == notebook}
        assert of_it, f"{notebook} was not run:\n{self.text}"
        return {cell: said for cell, said in of_it.items() if said is not None}


def run_pytest(
    folder: Path, notebooks: dict[str, nbformat.NotebookNode], *options: str, ini: str = ""
) -> Run:
    """Run pytest on notebooks in a fresh process, every warning an error."""
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n" + textwrap.dedent(ini), encoding="utf-8")
    for name, notebook in notebooks.items():
        nbf.write(notebook, folder / f"{name}.ipynb")
    report = folder / "report.xml"
    # An optional part of jsonschema takes two seconds to import, in every process.
    (folder / "lean").mkdir()
    (folder / "lean" / "rfc3987_syntax.py").write_text("raise ImportError\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder / "lean")}
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider"]
    command += [f"--junitxml={report}", "--color=no", *options]
    done = subprocess.run(
        [*command, "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    cells: dict[tuple[str, int], str | None] = {}
    for case in ET.parse(report).iter("testcase") if report.exists() else ():
        name = case.get("classname", "").removesuffix(".ipynb")
        said = [part.text or part.get("message") for part in case]
        word = case.get("name", "").split()[-1]
        cells[name, SEAL if word == "Seal" else int(word)] = said[0] if said else None
    return Run(done.returncode, done.stdout + done.stderr, cells)


@pytest.fixture(scope="session")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """Return a notebook run from top to bottom, as Jupyter would store it."""
    cells = [nbf.v4.new_code_cell(source) for source in LIGHT + HEAVY]
    notebook: nbformat.NotebookNode = nbf.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(tmp_path_factory.mktemp("made"))}}
    NotebookClient(notebook, kernel_name="python3", resources=where).execute()
    notebook.metadata[seal.KEY] = seal.seal_of(notebook)
    return notebook


@pytest.fixture(scope="session")
def light(genuine: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the part of the genuine notebook that runs fast."""
    first: nbformat.NotebookNode = nbf.from_dict({**genuine, "cells": genuine.cells[: len(LIGHT)]})
    first.metadata[seal.KEY] = seal.seal_of(first)
    return first


def png_of(cell: nbformat.NotebookNode) -> Any:
    """Return the data of the cell's output that holds a figure."""
    return next(output.data for output in cell.outputs if "image/png" in output.get("data", {}))


def painted(encoded: str, box: tuple[int, int, int, int]) -> str:
    """Return a figure with a rectangle painted over it."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA")
    ImageDraw.Draw(image).rectangle(box, fill=(200, 30, 30, 255))
    file = io.BytesIO()
    image.save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def replace(text: str, old: str, new: str) -> str:
    """Replace a text that must be there."""
    assert old in text
    return text.replace(old, new, 1)


def forge(genuine: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook with many cells tampered with, each in one way."""
    forged = copy.deepcopy(genuine)
    cells = forged.cells
    stream = cells[1].outputs[0]
    stream.text = replace(stream.text, "12", "13")
    result = cells[2].outputs[0].data
    result["text/plain"] = replace(result["text/plain"], "0.6666", "0.6676")
    # what a cell that ends with ; never gives
    cells[5].outputs.append(
        nbf.v4.new_output("execute_result", {"text/plain": "43"}, execution_count=6)
    )
    del cells[7].outputs[1]
    cells[8].outputs, cells[9].outputs = cells[9].outputs, cells[8].outputs
    cells[10].outputs = []
    del cells[11].outputs[1]
    cells[12].outputs.append(nbf.v4.new_output("display_data", {"text/plain": "'more'"}))
    for number in (13, 14):
        cells[number].execution_count = None
    cells[14].outputs = []
    described = cells[16].outputs[1].metadata["image/png"]
    described["alt"] = replace(described["alt"], "14:00", "15:00")
    cells[17].outputs.reverse()
    cells[2].outputs[0].execution_count = 4

    for number, old, new in (
        (TABLE, "<td>14</td>", "<td>15</td>"),
        (DATASET, "2019-11-15", "2019-11-16"),
        (STYLER, "0.250", "0.260"),
    ):
        data = cells[number].outputs[0].data
        data["text/html"] = replace(data["text/html"], old, new)
    png_of(cells[SWAPPED])["image/png"] = png_of(cells[FIGURE])["image/png"]
    over = png_of(cells[PAINTED])
    over["image/png"] = painted(over["image/png"], (40, 40, 50, 50))

    # a stored error, and one that is meant
    for number in (len(cells), len(cells) + 1):
        failing = nbf.v4.new_code_cell("1 / 0", execution_count=number)
        failing.outputs = [
            nbf.v4.new_output(
                "error", ename="ZeroDivisionError", evalue="division by zero", traceback=[]
            )
        ]
        cells.append(failing)
    cells[-1].metadata.tags = ["raises-exception"]
    return forged


def reorder(light: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the light notebook with floats moved by a bit, a cell deleted and two swapped."""
    reordered = copy.deepcopy(light)
    cells = reordered.cells
    result = cells[2].outputs[0].data
    for exact in (0.1 + 0.2, 2 / 3):
        moved = math.nextafter(exact, 0)
        result["text/plain"] = replace(result["text/plain"], repr(exact), repr(moved))
    cells[8:10] = reversed(cells[8:10])
    del cells[5], cells[-1]
    return reordered


@pytest.fixture(scope="session")
def run(
    genuine: nbformat.NotebookNode,
    light: nbformat.NotebookNode,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """One run of pytest, on two workers, over the genuine and the tampered notebooks."""
    notebooks = {"forged": forge(genuine), "genuine": light, "reordered": reorder(light)}
    folder = tmp_path_factory.mktemp("run") / "notebooks"
    flags = (
        "--nbval",
        "--darkdays-nbcheck",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "--nbval-current-env",
    )
    return run_pytest(folder, notebooks, *flags, ini="filterwarnings = error")


def said_of(run: Run, notebook: str, cell: int) -> str:
    """Return why a cell failed, after checking that every sentence names it and helps."""
    failed = run.failed(notebook)
    assert cell in failed, failed
    said = failed[cell]
    for sentence in said.partition("\n---")[0].splitlines():
        assert sentence.startswith(f"Cell {cell} ("), said
        assert sentence.endswith(f"{HINT}."), said
    return said


def test_genuine_notebook_passes(run: Run) -> None:
    assert run.failed("genuine") == {}


def test_only_the_forged_cells_fail(run: Run) -> None:
    light = [1, 2, 5, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17]
    heavy = [TABLE, DATASET, STYLER, SWAPPED, PAINTED]
    assert sorted(run.failed("forged")) == [SEAL, *light, *heavy, ERROR]
    assert sorted(run.failed("reordered")) == [SEAL, 6, 7, 8]


def test_genuine_notebook_holds_what_the_checks_are_about(genuine: nbformat.NotebookNode) -> None:
    cells = genuine.cells
    assert "object at 0x" in cells[3].outputs[0].data["text/plain"]
    assert cells[5].outputs == []
    assert "ipykernel_" in cells[7].outputs[1].text
    assert [output.data["text/plain"] for output in cells[15].outputs] == ["'done'"]
    assert [output.output_type for output in cells[16].outputs] == [
        "stream",
        "display_data",
        "stream",
    ]
    assert "section-" in cells[DATASET].outputs[0].data["text/html"]
    assert 'id="T_' in cells[STYLER].outputs[0].data["text/html"]
    assert [output.output_type for output in cells[SWAPPED].outputs] == ["display_data"]


def test_changed_digit_in_text(run: Run) -> None:
    assert (
        "stdout differs in line 1: stored 'outages found: 13', now 'outages found: 12'"
        in said_of(run, "forged", 1)
    )
    said = said_of(run, "forged", 2)
    assert "stored 0.6676666666666666, now 0.6666666666666666" in said


def test_cell_never_executed(run: Run) -> None:
    assert "it was never executed" in said_of(run, "forged", 13)
    assert "it was never executed" in said_of(run, "forged", 14)


def test_cleared_outputs(run: Run) -> None:
    said = said_of(run, "forged", 10)
    assert "stdout is not stored, but now prints 'cleared" in said


def test_deleted_output(run: Run) -> None:
    said = said_of(run, "forged", 11)
    assert "output text/plain \"'two'\" is produced now but not stored" in said


def test_added_output(run: Run) -> None:
    said = said_of(run, "forged", 12)
    assert "stored output text/plain \"'more'\" is not produced now" in said
    said = said_of(run, "forged", 5)  # a result that is not shown
    assert "stored output text/plain '43' is not produced now" in said


def test_outputs_of_two_cells_swapped(run: Run) -> None:
    assert "stored \"'second'\", now \"'first'\"" in said_of(run, "forged", 8)
    assert "stored \"'first'\", now \"'second'\"" in said_of(run, "forged", 9)


def test_stored_error_needs_the_tag(run: Run) -> None:
    said = said_of(run, "forged", ERROR)
    assert "it stores an error, 'ZeroDivisionError: division by zero'" in said
    assert "now raises 'ZeroDivisionError: division by zero'" in said
    assert "\x1b" not in said


def test_new_warning(run: Run) -> None:
    said = said_of(run, "forged", 7)
    assert "stderr is not stored, but now prints" in said
    assert "UserWarning: a stored warning" in said


def test_deleted_cell_leaves_a_gap(run: Run) -> None:
    assert "execution count is 7 where 6 is next" in said_of(run, "reordered", 6)


def test_moved_cell_is_out_of_order(run: Run) -> None:
    assert "execution count is 9 where 8 is next" in said_of(run, "reordered", 7)
    assert "execution count is 8 where 10 is next" in said_of(run, "reordered", 8)


def test_a_cell_deleted_at_the_end_breaks_the_seal(run: Run) -> None:
    said = run.failed("reordered")[SEAL].splitlines()
    assert len(said) == 4
    assert all(one.startswith("Seal: ") and one.endswith(f"{HINT}.") for one in said)
    assert (
        "1 of the sealed cells missing after cell 17 of the notebook (code: display('sho" in said[3]
    )
    added = run.failed("forged")[SEAL]
    assert added.startswith("Seal: not among the cells that were sealed: cell 31 of the notebook")


def test_changed_description_of_a_picture(run: Run) -> None:
    said = said_of(run, "forged", 16)
    assert "the description of image/png differs in line 1: stored 'rises at 15:00', now" in said


def test_print_moved_before_a_display(run: Run) -> None:
    assert "stdout is not where it was among the other outputs" in said_of(run, "forged", 17)


def test_result_numbered_like_another_cell(run: Run) -> None:
    assert "its result is numbered 4 and the cell 3" in said_of(run, "forged", 2)


def test_last_bit_of_stored_floats_does_not_matter(run: Run) -> None:
    assert run.cells["reordered", 2] is None


def test_changed_tables(run: Run) -> None:
    said = said_of(run, "forged", TABLE)
    assert "text/html differs: line" in said
    assert "stored '      <td>15</td>', now '      <td>14</td>'" in said
    assert "2019-11-16" in said_of(run, "forged", DATASET)
    assert "stored 0.260, now 0.250" in said_of(run, "forged", STYLER)


def test_swapped_figure(run: Run) -> None:
    said = said_of(run, "forged", SWAPPED)
    assert "image/png differs" in said
    assert "of its pixels differ from the stored figure" in said


def test_figure_painted_over(run: Run) -> None:
    said = said_of(run, "forged", PAINTED)
    assert "it differs from the stored figure around pixel x=4" in said


def test_nothing_else_is_said(run: Run) -> None:
    assert run.status == pytest.ExitCode.TESTS_FAILED
    assert "warning" not in run.text.splitlines()[-1], run.text


def test_without_the_flag_nbval_passes_what_was_never_run(
    light: nbformat.NotebookNode, tmp_path: Path
) -> None:
    stripped = copy.deepcopy(light)
    for cell in stripped.cells:
        cell.update(execution_count=None, outputs=[])
    run = run_pytest(tmp_path / "plain", {"stripped": stripped}, "--nbval", "--nbval-current-env")
    assert run.failed("stripped") == {}
    assert len(run.cells) == len(LIGHT), "nor does it look at seals"
    assert run.status == pytest.ExitCode.OK


@pytest.mark.slow
def test_dead_kernel_timeout_and_missing_kernel(tmp_path: Path) -> None:
    def stored(*sources: str) -> nbformat.NotebookNode:
        numbered = enumerate(sources, start=1)
        cells = [nbf.v4.new_code_cell(code, execution_count=n) for n, code in numbered]
        notebook: nbformat.NotebookNode = nbf.v4.new_notebook(cells=cells)
        return notebook

    notebooks = {
        "dies": stored("0.5", "import os; os._exit(9)", "2;"),
        "hangs": stored("import time; time.sleep(60)", "3;"),
        "lacks": stored("4;"),
    }
    notebooks["lacks"].metadata.kernelspec = {"name": "no-such-kernel", "display_name": ""}
    result = nbf.v4.new_output("execute_result", {"text/plain": "0.52"}, execution_count=1)
    notebooks["dies"].cells[0].outputs = [result]
    flags = ("--nbval", "--darkdays-nbcheck", "--nbval-cell-timeout=2")
    run = run_pytest(tmp_path / "ends", notebooks, *flags, ini="nbcheck_rtol = 0.1")
    died = run.failed("dies")
    assert sorted(died) == [1, 2], "with a tolerance of 0.1, Cell 0 agrees"
    assert "Cell 1 (import os; os._exit(9)): the kernel died while running it" in died[1]
    assert died[2] == "Cell 2 (2;): not run, because the kernel died in Cell 1."
    hung = run.failed("hangs")
    assert "Cell 0 (import time; time.sleep(60)): did not finish within 2 s" in hung[0]
    assert "raise --nbval-cell-timeout" in hung[0]
    assert 1 in hung, "a cell after a timeout must not count as checked"
    lacking = run.failed("lacks")[0]
    assert lacking.startswith("lacks.ipynb: its kernel did not start (No such kernel")
    assert "--nbval-current-env" in lacking


@pytest.mark.parametrize("scrubbed", [True, False])
def test_a_seal_may_be_required_and_dates_scrubbed(tmp_path: Path, scrubbed: bool) -> None:
    code = "import time\ndisplay({kind: f'Time: & {time.time_ns()}' for kind in KINDS}, raw=True)"
    code = code.replace("KINDS", "('text/plain', 'text/latex')")
    dated = nbf.v4.new_notebook(cells=[nbf.v4.new_code_cell(code, execution_count=1)])
    shown_then = dict.fromkeys(("text/plain", "text/latex"), "Time: & 1573862400000000000")
    dated.cells[0].outputs = [nbf.v4.new_output("display_data", shown_then)]
    ini = "nbcheck_require_seal = true\n" + "nbcheck_scrub = Time:[ ]&[ ]\\d+\n" * scrubbed
    flags = ("--nbval", "--nbval-current-env", "--darkdays-nbcheck")
    failed = run_pytest(tmp_path / "dated", {"dated": dated}, *flags, ini=ini).failed("dated")
    assert "it carries none" in failed.pop(SEAL)
    assert list(failed) == [0] * (not scrubbed)
    assert all("text/plain" in one and "text/latex" in one for one in failed.values())


def test_flag_needs_nbval(tmp_path: Path) -> None:
    run = run_pytest(tmp_path / "refused", {}, "--darkdays-nbcheck")
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --darkdays-nbcheck checks every output: use it together with --nbval" in run.text
    assert "Traceback" not in run.text


class Options:
    """As much of a pytest configuration as the plugin reads."""

    def __init__(self, **stated: object) -> None:
        self.stated = {"nbval": True, "darkdays_nbcheck": True, **stated}

    def getoption(self, name: str, default: object = None) -> object:
        return self.stated.get(name, default)

    def getini(self, name: str) -> object:
        return self.stated.get(name, "0.5")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (Options(nbval_lax=True), "without --nbval-lax"),
        (Options(dist="worksteal"), "with --dist worksteal: use --dist loadfile"),
        (Options(nbcheck_rtol="wide"), "nbcheck_rtol must be a number from 0 to 1, not 'wide'"),
        (Options(nbcheck_image_tolerance="2"), "nbcheck_image_tolerance must be a number"),
    ],
)
def test_unusable_options_are_refused(options: Any, sentence: str) -> None:
    with pytest.raises(pytest.UsageError, match=re.escape(sentence)):
        plugin.pytest_configure(options)


def test_plugin_is_light_without_the_flag() -> None:
    code = (
        "import sys; before = set(sys.modules); import pytest; known = set(sys.modules)\n"
        "import darkdays.nbcheck.plugin; print(*sorted(set(sys.modules) - known))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert loaded == ["darkdays", "darkdays.nbcheck", "darkdays.nbcheck.plugin"]


# Comparing two texts


@given(st.text())
def test_equal_texts_agree(text: str) -> None:
    assert text_difference(text, text) is None


WORDS = st.text(st.sampled_from("abc,()[]<>= \n"), max_size=12)


@given(WORDS, st.integers(min_value=-(10**18), max_value=10**18), WORDS, st.data())
@example("(", 1573776000, ". ", None)
def test_changed_digit_of_an_integer_is_found(
    before: str, number: int, after: str, data: st.DataObject | None
) -> None:
    digits = str(number)
    place = len(digits) - 1
    if data is not None:
        place = data.draw(st.sampled_from([i for i, x in enumerate(digits) if x.isdigit()]))
    digit = str((int(digits[place]) + 1) % 10)
    changed = digits[:place] + digit + digits[place + 1 :]
    assert text_difference(f"{before}{digits}{after}", f"{before}{changed}{after}") is not None


# No whole numbers, which may be counts, and none that may be times: these are tested below.
FLOATS = st.builds(
    lambda digits, exponent: float(f"0.{digits}3e{exponent}"),
    st.integers(10**8, 10**9 - 1),
    st.integers(-250, 3) | st.integers(20, 250),
)


@given(FLOATS, st.floats(min_value=0.01, max_value=0.9), st.sampled_from([1, -1]), WORDS)
def test_floats_differ_by_the_tolerance_and_no_more(
    value: float, part: float, sign: int, around: str
) -> None:
    rtol = 1e-6
    near, far = value * (1 + part * rtol), value * (1 + rtol / part)

    def text(number: float) -> str:
        return f"{around} {sign * number!r} {around}"

    assert text_difference(text(value), text(near), rtol=rtol) is None
    assert text_difference(text(value), text(far), rtol=rtol) is not None


@given(st.floats(min_value=-1e308, max_value=1e308))
def test_last_bit_of_a_float_does_not_matter(value: float) -> None:
    assume(abs(value) > 1e-300)  # below, the last bit is more than 1e-6 of the number
    moved = math.nextafter(value, math.inf)
    assert text_difference(f"x [{value!r}, 1]", f"x [{moved!r}, 1]") is None


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("/tmp/ipykernel_12/345.py:3: UserWarning", "/tmp/ipykernel_987/22.py:3: UserWarning"),
        ("<object at 0x7f00aa>", "<object at 0x55b1>"),
        ("run 6f9619ff-8b86-d011-b42d-00c04fc964ff", "run 00000000-1111-2222-3333-abcdefabcdef"),
        ("PID 12 and pid=7", "PID 4567 and pid=89"),
        ("run 6f9619ff8b864011b42d00c04fc964ff", "run 0000000011114222a333abcdefabcdef"),
        ("run 6F9619FF8B864011B42D00C04FC964FF", "run 0000000011114222A333ABCDEFABCDEF"),
        # of versions 1, 6 and 7, of this century
        ("91b3aa36cdf811f0a4b20242ac110002", "0c1a6c58cdf911f0a4b20242ac110002"),
        ("1f0cdf891b366a36a4b20242ac110002", "1f0cdf90c1a66c58a4b20242ac110002"),
        ("019ad4c30a107000b42d00c04fc964ff", "019ad4c3ffff7abca333abcdefabcdef"),
        ("wrote /home/jovyan/dd/runs/iran.nc.", "wrote /srv/here/runs/iran.nc."),
        ("in /var/folders/xy/T/tmpa1b2c3d4", "in /tmp/tmpzz99zz99"),
        ("/tmp/tmpa1b2c3d4.csv", "/tmp/tmpzz99zz99.csv"),
        (
            "/home/jovyan/v/lib/python3.12/site-packages/pandas/x.py",
            "/opt/v/site-packages/pandas/x.py",
        ),
        ("100%|█| 20/20 [00:00<00:00, 98.23it/s]", "100%|█| 20/20 [00:01<00:00, 7.1it/s]"),
        ("x: 100%|███▌ | 5/5 00:06<00:00  1.2s/it", "x: 100%|███▌ | 5/5 00:00<00:00 323.4it/s"),
        ("x: 100%|##########| took 6.01s", "x: 100%|##########| took 12.5s"),
        ("00:01 |████| 5/5 files", "1:10:07 |████| 5/5 files"),
        ("Working... ━━━━ 100% 0:00:01", "Working... ━━━━ 100% 0:00:02"),
        ("━ 100% 0:00:01 0:00:09 76.2 kB/s", "━ 100% 0:00:01 0:00:10 7.1 MB/s"),
        ("8.64MB [00:00, 120MB/s]", "8.64MB [00:01, 97kB/s]"),
        (r"3/3 [00:00&lt;00:00,\u200788.95it/s]", r"3/3 [00:01&lt;00:00,\u20079.5it/s]"),
        (f"<DisplayHandle display_id={'2f' * 16}>", f"<DisplayHandle display_id={'1c' * 16}>"),
        ("Cell In[4], line 1", "Cell In[3], line 1"),
        ('<td id="T_1a2b3_row0">#T_1a2b3_row0', '<td id="T_fffff_row0">#T_fffff_row0'),
        ("     a\n0  0.1", "                     a\n0  0.10000000000000002"),
        ("[0.3 1.5e-07]", "[0.30000000000000004 1.5e-7]"),
        ("80 +/- 0.250", "80 +/- 0.25"),
    ],
)
def test_volatile_text_agrees(stored: str, now: str) -> None:
    assert text_difference(stored, now, roots=("/srv/here", "/tmp")) is None


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("2019-11-15", "2019-11-16"),
        ("10:00:00.123456", "10:00:00.123457"),
        ("2019-11-15T10:00:00.1234567", "2019-11-15T10:00:00.1234568"),
        ("at 1573776000.0 s", "at 1573776001.0 s"),
        ("at 1573776000.25 s", "at 1573776000.75 s"),
        ("at 1573776000.123456 s", "at 1573776000.123457 s"),
        ("1.573776e+09", "1.573777e+09"),
        ("users 12345678.0", "users 12345679.0"),
        ("version 1.2.3", "version 1.2.4"),
        ("10.0.0.1000001", "10.0.0.1000002"),
        ("commit 1234567e2", "commit 1234568e2"),
        ("total 1000000001.", "total 1000000002."),
        ("p = 0.5", "p = -0.5"),
        ("p = 0.5", "p = nan"),
        ("a  0.5\n", "a 0.5\n"),
        ("a 0.5", "a 0.5\nb 0.5"),
        ("wrote /home/jovyan/iran.nc", "wrote /home/jovyan/iraq.nc"),
        ("GET /api/v1/aggregation", "GET /api/v2/aggregation"),
        ("https://example.org/home/jovyan/1", "https://example.org/home/jovyan/2"),
        ("1e+999", "2e+999"),
        ("Julian 2458803.512", "Julian 2458803.513"),
        ("year 2019.874", "year 2019.875"),
        ("ns 1573862400000000000.5", "ns 1573862400000100000.5"),
        ("day 18215.5001", "day 18215.5002"),
        ("123456789.5001", "123456789.5002"),
        ("read /tmp/The-Guards-ordered-it/iran.csv", "read /tmp/data/iran.csv"),
        ("read /home/jovyan/iran.csv", "read /srv/jovyan/iran.csv"),
        ("8.64MB [00:00, 120MB/s]", "8.65MB [00:00, 120MB/s]"),
        ("x: 100%|████| 5/5 loss=0.25 took 6.01s", "x: 100%|████| 5/5 loss=0.35 took 6.01s"),
        ("x: 100%|████| 5/5 took 6.01s", "x: 100%|████| 6/6 took 6.01s"),
        ("02:00 ████ 35", "03:00 ████ 35"),  # a chart
        # made of a name, and a digest that says another century
        ("4f3f2898-69e3-5a0d-820a-c4e87987dbce", "3f10dbe8-4cbd-5e31-9b1f-af0cb9dda9cf"),
        ("91b3aa36cdf812f0a4b20242ac110002", "91b3aa36cdf813f0a4b20242ac110002"),
        ("━ 3 places 0:00:01", "━ 4 places 0:00:01"),
        ("md5 6f9619ff8b86d011b42d00c04fc964ff", "md5 00000000111122223333abcdefabcdef"),
    ],
)
def test_real_changes_are_found(stored: str, now: str) -> None:
    difference = text_difference(stored, now, roots=("/tmp",))
    assert difference is not None
    assert "now" in difference


def test_long_lines_are_quoted_around_the_change() -> None:
    difference = text_difference("x" * 500 + "1" + "y" * 500, "x" * 500 + "2" + "y" * 500)
    assert difference is not None
    assert len(difference) < 300
    assert "x1y" in difference
    assert "x2y" in difference


# Comparing outputs


def shown(kind: str, text: str) -> nbformat.NotebookNode:
    """Return an output with one text."""
    output: nbformat.NotebookNode = nbf.v4.new_output(kind, {"text/plain": text})
    return output


def test_output_missing_in_the_middle_is_named() -> None:
    stored = [shown("display_data", text=text) for text in ("a", "b", "c")]
    (clause,) = output_differences(stored, [stored[0], stored[2]])
    assert "stored output text/plain 'b' is not produced now" in clause


def printed(text: str) -> nbformat.NotebookNode:
    """Return what was printed."""
    output: nbformat.NotebookNode = nbf.v4.new_output("stream", name="stdout", text=text)
    return output


def test_text_moved_around_a_display_is_found_to_the_character() -> None:
    figure = shown("display_data", "figure")
    now = [printed("ab"), figure, printed("c")]
    assert output_differences(now, now) == []
    (clause,) = output_differences([printed("a"), figure, printed("bc")], now)
    assert clause == "stdout is not where it was among the other outputs"
    assert output_differences(coalesced(now), coalesced(now)) == []
    assert [one.get("text") for one in coalesced(now)] == ["abc", None]


def test_what_a_bar_wrote_over_is_not_seen() -> None:
    assert rendered("\r 10%\r 50%\r100%\n") == "100%\n"


def test_traceback_is_compared_but_for_colours() -> None:
    def error(*lines: str) -> nbformat.NotebookNode:
        made: nbformat.NotebookNode = nbf.v4.new_output(
            "error", ename="E", evalue="no", traceback=list(lines)
        )
        return made

    now = error("\x1b[31mE\x1b[39m: no data")
    assert output_differences([error("E: no data")], [now]) == []
    assert output_differences([error()], [now]) == []
    for forged in ("E: all is fine", "\x1b[8mE: no data"):
        (clause,) = output_differences([error(forged)], [now])
        assert clause.startswith("the traceback differs")


def widget(name: str, value: str, *held: nbformat.NotebookNode) -> dict[str, Any]:
    """Return the states of a box around something with a value."""
    box = {"model_name": "BoxModel", "state": {"children": [f"IPY_MODEL_{name}"]}}
    inner = {"model_name": "HTMLModel", "state": {"value": value, "outputs": list(held)}}
    return {"box": box, name: inner}


def test_widgets_are_compared_by_what_they_show() -> None:
    view = nbf.v4.new_output("display_data", {"text/plain": "Box()", VIEW: {"model_id": "box"}})

    def differences(stored: dict[str, Any], now: dict[str, Any]) -> list[str]:
        return output_differences(unfolded([view], stored), unfolded([view], now))

    now = widget("a", "10 hours", printed("x"))
    assert differences(widget("b", "10 hours", printed("x")), now) == []
    assert differences({}, {}) == []
    (clause,) = differences(widget("b", "12 hours", printed("x")), now)
    assert clause.startswith(f"{VIEW} differs")
    (clause,) = differences(widget("b", "10 hours", printed("y")), now)
    assert clause.startswith("stdout differs")
    assert "not stored" in differences(widget("b", "10 hours"), now)[0]
    looped = {"box": {"state": {"children": ["IPY_MODEL_box"]}}}
    assert differences(looped, looped) == []
    assert STATE.startswith("application/")


def with_metadata(metadata: dict[str, Any]) -> nbformat.NotebookNode:
    """Return an output with metadata."""
    data = {"text/plain": "figure"}
    output: nbformat.NotebookNode = nbf.v4.new_output("display_data", data, metadata=metadata)
    return output


@pytest.mark.parametrize(
    ("stored", "now", "clause"),
    [
        ({}, {"image/png": {"alt": "a"}}, "the description of image/png is produced now but not"),
        ({"image/png": {"alt": "a"}}, {}, "the description of image/png is stored but not"),
        ({"image/png": {"figure_data": "x1, mean 1.5e+00"}},
         {"image/png": {"figure_data": "x1, mean 1.6e+00"}}, "the numbers drawn of image/png dif"),
        ({"image/png": {"width": 640}}, {"image/png": {"width": 641}}, "width of image/png di"),
        ({"isolated": True}, {"isolated": False}, "isolated differs in line 1: stored 'true'"),
    ],
)  # fmt: skip
def test_metadata_of_an_output_are_compared(
    stored: dict[str, Any], now: dict[str, Any], clause: str
) -> None:
    (found,) = output_differences([with_metadata(stored)], [with_metadata(now)])
    assert found.startswith(clause)
    assert output_differences([with_metadata(now)], [with_metadata(now)]) == []


def test_numbers_drawn_may_differ_by_the_tolerance() -> None:
    near = [with_metadata({"image/png": {"figure_data": f"mean {x!r}"}}) for x in (1.5, 1.5000001)]
    assert output_differences([near[0]], [near[1]]) == []


def test_svg_ids_and_date_do_not_matter_but_shapes_do() -> None:
    svg = '<dc:date>2019</dc:date><path id="{0}" d="M 1.5 {1}"/><use xlink:href="#{0}"/>'
    first, again, other = svg.format("m1", 2), svg.format("p77", 2), svg.format("m1", 3)
    assert scrub_svg(first) == scrub_svg(again.replace("2019", "2020"))
    assert scrub_svg(first) != scrub_svg(other)


def drawn(*marks: tuple[int, int, int, int], size: tuple[int, int] = (640, 480)) -> str:
    """Return a white image with black rectangles, encoded."""
    image = Image.new("RGB", size, "white")
    for mark in marks:
        ImageDraw.Draw(image).rectangle(mark, fill="black")
    file = io.BytesIO()
    image.save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def test_images_agree_but_for_scattered_noise() -> None:
    noise = [(x, y, x, y) for x in range(5, 640, 40) for y in range(5, 480, 40)]
    assert image_difference(drawn(), drawn(*noise), share=0.005, cluster=0.125) is None
    said = image_difference(drawn(), drawn(*noise), share=0.0001, cluster=0.125)
    assert said is not None
    assert "0.1% of its pixels differ" in said


def test_small_changes_of_an_image_are_found() -> None:
    digit = (300, 200, 302, 206)  # as much ink as one digit of a tick label
    said = image_difference(drawn(), drawn(digit), share=0.005, cluster=0.125)
    assert said is not None
    assert "around pixel x=299, y=203" in said
    assert image_difference(drawn(), drawn(digit), share=0.005, cluster=1) is None


def test_what_a_browser_shows_and_a_decoder_skips_is_found() -> None:
    plain = drawn((3, 3, 9, 9))
    content = base64.b64decode(plain)

    def said(forged: bytes, kind: str = "image/png") -> str | None:
        text = base64.b64encode(forged).decode()
        return image_difference(text, plain, share=0.005, cluster=0.125, kind=kind)

    def with_chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return content[:33] + struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    foreign = {b"gAMA": b"\0\0\0\1", b"tEXt": b"a\0b", b"prIv": b"1"}
    for kind, data in foreign.items():
        assert "how these are shown" in str(said(with_chunk(kind, data) + content[33:])), kind
    note = b"Software\0Matplotlib version3.9.1, https://matplotlib.org/"
    assert said(with_chunk(b"tEXt", note) + content[33:]) is None
    assert "behind its end" in str(said(content + b"more"))
    noted = with_chunk(b"tEXt", note) + content[33:]
    assert said(noted, kind="image/jpeg") == "the stored image cannot be decoded"
    image, frames = Image.open(io.BytesIO(content)), io.BytesIO()
    image.save(frames, "png", save_all=True, append_images=[Image.new("RGB", image.size)])
    assert "more than one image" in str(said(frames.getvalue()))


def test_size_and_damage_of_images_are_named() -> None:
    small, damaged = drawn(size=(10, 5)), base64.b64encode(b"no image").decode()
    said = image_difference(small, drawn(size=(10, 6)), share=1, cluster=1)
    assert said == "stored 10x5 pixels, now 10x6"
    said = image_difference(damaged, small, share=1, cluster=1)
    assert said == "the stored image cannot be decoded"
    truncated = base64.b64encode(base64.b64decode(drawn())[:60]).decode()
    assert image_difference(truncated, drawn(), share=1, cluster=1) is not None


def test_what_children_print_stands_where_it_was_printed(tmp_path: Path) -> None:
    printing = "import os\nfor n in range(50):\n    os.write(1, b'child\\n'); print('own')"
    cells = [printing, "os.system('echo child')", "sorted(k for k in globals() if k[0] != '_')"]
    notebook = nbf.v4.new_notebook(cells=[nbf.v4.new_code_cell(one) for one in cells])
    ran = kernel.run(
        notebook, "python3", str(tmp_path), skipped=[], timeout=60, startup_timeout=60
    ).cells
    assert "".join(output.text for output in ran[0].outputs) == "child\nown\n" * 50
    assert [output.output_type for output in ran[1].outputs] == ["stream", "execute_result"]
    names = ["In", "Out", "exit", "get_ipython", "n", "open", "os", "quit"]
    assert ran[2].outputs[0].data["text/plain"] == str(names)
    assert [cell.execution_count for cell in ran] == [1, 2, 3]
