"""A visitor in a browser, with the server started as Binder starts it.

``make binder-check`` runs this in the emulated image (``--binder-image``, ``--binder-tree``);
plain pytest with the JupyterLab of this environment, on a copy of the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from binder.check.image import Image
from binder.check.server import running

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import expect

from visitor import PATIENCE, browser_here, visitor

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artefacts"
START = "notebooks/0-start-here.ipynb"
OTHER_CASE = "khuzestan-2021"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        browser_here() is None,
        reason="there is no Chromium here: apt-get install chromium, or another one in PATH",
    ),
]


@pytest.fixture(scope="module")
def image(request, tmp_path_factory):
    """The emulated image, or this environment with a copy of the repository."""
    environment = request.config.getoption("binder_image")
    if environment:
        tree = Path(request.config.getoption("binder_tree")).resolve()
        return Image(Path(environment).resolve(), tree)
    tree = tmp_path_factory.mktemp("copy") / "darkdays"
    words = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return Image(Path(sys.prefix), tree)


@pytest.fixture(scope="module")
def server(image, tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log"
    where = {"DARKDAYS_ROOT": str(image.tree), "DARKDAYS_RUNS": str(image.tree / "runs")}
    with running(image.tree, image.variables(where), log) as started:
        yield started
        complaints = started.complaints()
    shutil.copy(log, ARTEFACTS / "server.log")
    assert complaints == []


@pytest.fixture(autouse=True)
def fresh_notebook(image):
    """Every test begins with the notebook as it is committed: JupyterLab saves what is changed."""
    path = image.tree / START
    before = path.read_bytes()
    yield
    path.write_bytes(before)


def go_through(person, name):
    """Run all, change the case and a parameter, run all again."""
    person.run_all()
    first = person.see_main_figure()
    verdicts = person.text_of_outputs()
    assert "supported" in verdicts
    person.expect_no_complaint()
    person.keep(f"{name}-1-run")
    if person.move_controls():
        person.expect_no_complaint()
        person.keep(f"{name}-1-controls-moved")

    person.set_parameter('case: str = "iran-2019"', f'case: str = "{OTHER_CASE}"')
    person.set_parameter("level: float = 0.95", "level: float = 0.99")
    person.run_all()
    assert person.see_main_figure() != first
    assert person.text_of_outputs() != verdicts
    person.expect_no_complaint()
    person.keep(f"{name}-2-other-case")


def test_a_visitor_in_jupyterlab(server):
    with visitor(ARTEFACTS / "lab") as person:
        person.open(server.url(f"lab/tree/{START}"))
        go_through(person, "lab")

        page = person.page
        files = page.get_by_role("region", name="File Browser Section")
        for name in ("darkdays", "reports", "iran-2019"):
            if name == "darkdays":  # the home folder, above that of the notebook
                files.locator(".jp-BreadCrumbs-home").click()
                continue
            open_folder(files, name)
        newest(files).dblclick()
        files.get_by_role("listitem").filter(has_text="report.html").dblclick()
        report = page.frame_locator(".jp-HTMLViewer:visible iframe")
        expect(report.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
        expect(report.get_by_text("supported", exact=False).first).to_be_visible()
        person.expect_no_complaint()
        person.keep("lab-3-report")


def open_folder(files, name):
    files.get_by_role("listitem").filter(has_text=re.compile(rf"^{name}(?!-)")).dblclick()
    expect(files.locator(".jp-BreadCrumbs")).to_contain_text(name)


def newest(files):
    """The folder of the newest version of a report."""
    versions = files.get_by_role("listitem").filter(has_text=re.compile(r"^\d+\.\d+\.\d+"))
    expect(versions.first).to_be_visible()
    texts = versions.all_inner_texts()
    numbers = [tuple(map(int, re.findall(r"\d+", text)[:3])) for text in texts]
    return versions.nth(numbers.index(max(numbers)))


def test_a_visitor_in_the_notebook_view(server, image):
    if not list(image.environment.glob("lib/python3*/site-packages/notebook/__init__.py")):
        pytest.skip("the notebook view is not in this environment: make binder-check has it")
    with visitor(ARTEFACTS / "notebook") as person:
        person.open(server.url(f"notebooks/{START}"))
        go_through(person, "notebook")

        page = person.page
        versions = sorted((image.tree / "reports" / "iran-2019").glob("[0-9]*"))
        page.goto(server.url(f"tree/reports/iran-2019/{versions[-1].name}"))
        row = page.get_by_role("listitem").filter(has_text="report.html")
        with page.context.expect_page() as opened:
            row.get_by_text("report.html").dblclick()
        report = opened.value
        heading = report.frame_locator("iframe").get_by_role("heading", level=1)
        expect(heading).to_be_visible(timeout=PATIENCE)
        report.screenshot(path=ARTEFACTS / "notebook" / "notebook-3-report.png")
        person.expect_no_complaint()


def test_start_is_what_serves(server, image):
    """The server runs as ``binder/start`` left it: its kernels get what that exports."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    token = server.token.encode()
    for pid in pids:
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            variables = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue
        if token in line and pid != os.getpid():
            assert b"jupyter-lab" in line
            assert b"NUMBA_CPU_NAME=generic" in variables
            assert b"OMP_NUM_THREADS=1" in variables
            return
    pytest.fail("no server found")
