"""A person in a browser: what they click and type in JupyterLab and in the notebook view.

Cells are found by what they say, buttons and menus by their roles and names, never by number.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error, Locator, Page, Request, ViewportSize, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# So tall that every cell is drawn: JupyterLab leaves out what is far from what is shown.
SIZE: ViewportSize = {"width": 1400, "height": 9000}
PATIENCE = 180_000  # milliseconds until a notebook has run, on a busy machine
PRESSES = 6
PRESS = PATIENCE / PRESSES
COMPLAINTS = (
    '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"], '
    '[data-mime-type="application/vnd.jupyter.stderr"]'
)
# Notebook 7 asks for a command of the file browser that its own page of a notebook does not load.
NOT_OURS = "Command 'filebrowser:open-path' not registered."
LEVEL = "level: float = "


def browser_here() -> str | None:
    """The Chromium of this machine, if it has one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


class Visitor:
    """One person with one page, and what went wrong under their eyes."""

    def __init__(self, page: Page, artefacts: Path) -> None:
        self.page = page
        self.artefacts = artefacts
        self.elsewhere: list[str] = []
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("request", self._note)
        page.on("pageerror", self._broke)

    def _broke(self, error: Error) -> None:
        if not str(error).startswith(NOT_OURS):
            self.faults.append(f"{error} {error.stack}")

    def _note(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in {None, "127.0.0.1"}:
            self.elsewhere.append(request.url)

    def keep(self, name: str) -> None:
        """Keep a picture of the page."""
        self.artefacts.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.artefacts / f"{name}.png")

    def open(self, url: str) -> None:
        """Open a notebook and wait until its kernel is ready."""
        self.page.goto(url)
        expect(self.notebook).to_be_visible(timeout=PATIENCE)
        self.dismiss_news()
        self.wait_until_idle()

    def dismiss_news(self) -> None:
        """Say no to the question whether news may be fetched, if it is asked."""
        with contextlib.suppress(Exception):
            self.page.get_by_role("button", name="No", exact=True).click(timeout=2000)

    @property
    def notebook(self) -> Locator:
        """The notebook in front."""
        return self.page.locator(".jp-NotebookPanel:visible").first

    def wait_until_idle(self) -> None:
        """Wait until nothing runs and nothing waits to be run."""
        idle = self.page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']:visible")
        expect(idle.first).to_be_visible(timeout=PATIENCE)
        waiting = self.notebook.locator(".jp-InputPrompt", has_text="[*]")
        expect(waiting).to_have_count(0, timeout=PATIENCE)

    def run_all(self) -> None:
        """Choose *Run → Run All Cells* and wait until all have run."""
        self.clear_outputs()
        first = self.notebook.locator(".jp-CodeCell .jp-InputPrompt").first
        self.again_until(
            lambda: self.menu("Run", re.compile(r"^Run All Cells")),
            lambda: expect(first).not_to_have_text("[ ]:", timeout=PRESS),
        )
        for prompt in self.notebook.locator(".jp-CodeCell .jp-InputPrompt").all():
            expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=PATIENCE)
        self.wait_until_idle()

    def clear_outputs(self) -> None:
        """Clear what was stored, so that what is seen next was made now."""
        self.again_until(
            lambda: self.menu("Edit", re.compile(r"^Clear Outputs of All Cells")),
            lambda: expect(self.pictures).to_have_count(0, timeout=PRESS / 3),
        )

    @staticmethod
    def again_until(act: Callable[[], None], seen: Callable[[], None]) -> None:
        """Do something until its effect is seen.

        What one does while a page still settles may be lost, a click as well as a key: a person
        who sees nothing happen does it again.
        """
        for _ in range(PRESSES - 1):
            with contextlib.suppress(AssertionError, Error):
                act()
                seen()
                return
        act()
        seen()

    def menu(self, menu: str, item: re.Pattern[str]) -> None:
        """Choose an item of a menu, once it can be chosen."""
        bar = self.page.get_by_role("menubar").first
        bar.get_by_role("menuitem", name=menu, exact=True).click(timeout=PRESS)
        entry = self.page.get_by_role("menu").get_by_role("menuitem", name=item).first
        try:
            expect(entry).to_be_enabled(timeout=PRESS / 3)
            entry.click(timeout=PRESS / 3)
        finally:
            # A menu that stays open would cover what is clicked next.
            if self.page.get_by_role("menu").first.is_visible():
                self.page.keyboard.press("Escape")

    @property
    def pictures(self) -> Locator:
        """The figures in the outputs of the notebook."""
        return self.notebook.locator(".jp-OutputArea img")

    def see_main_figure(self) -> str:
        """Wait for the first figure to be drawn, large enough to be read; return its pixels."""
        figure = self.pictures.first
        expect(figure).to_be_visible(timeout=PATIENCE)
        assert figure.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
        return figure.get_attribute("src") or ""

    def set_parameter(self, before: str, after: str) -> None:
        """Change a line of the parameters cell, as typed."""
        cell = self.notebook.locator(".jp-CodeCell", has_text=LEVEL).first
        text = cell.locator(".cm-content")
        shown = "node => [...node.children].map(line => line.textContent)"
        lines = text.evaluate(shown)
        assert sum(line.startswith(before) for line in lines) == 1, lines
        new = [after + line[len(before) :] if line.startswith(before) else line for line in lines]

        def type_it() -> None:
            text.click()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text("\n".join(new))

        def see_it() -> None:
            expect(text).to_contain_text(after, timeout=PRESS / 3)
            assert text.evaluate(shown) == new

        self.again_until(type_it, see_it)

    def move_controls(self) -> bool:
        """Move the first slider, if there is any, and see its picture change."""
        controls = self.notebook.locator(".jupyter-widgets:has([role=slider])")
        if not controls.count():
            return False
        picture, track = controls.locator("img").first, controls.locator(".noUi-target").first
        for select in controls.locator("select").all():
            expect(select).not_to_have_value("")
        before = picture.get_attribute("src") or ""

        def pull_it() -> None:
            # Where the handle is let go; a click on the track is the shortest way to pull it.
            box = track.bounding_box()
            assert box is not None
            track.click(position={"x": 0.9 * box["width"], "y": 0.5 * box["height"]})

        self.again_until(
            pull_it, lambda: expect(picture).not_to_have_attribute("src", before, timeout=PRESS)
        )
        return True

    def text_of_outputs(self) -> str:
        """Everything the cells show as text."""
        return "\n".join(self.notebook.locator(".jp-OutputArea").all_inner_texts())

    def expect_no_complaint(self) -> None:
        """No cell shows an error or a warning, nothing broke, nothing came from elsewhere."""
        shown = self.page.locator(COMPLAINTS).all_inner_texts()
        assert not shown, shown
        assert not self.faults, self.faults
        assert not self.elsewhere, self.elsewhere


@contextlib.contextmanager
def visitor(artefacts: Path) -> Iterator[Visitor]:
    """Open a browser with one page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_here(), args=ARGUMENTS)
        page = browser.new_page(viewport=SIZE)
        person = Visitor(page, artefacts)
        try:
            yield person
        except BaseException:
            person.keep("failed")
            raise
        finally:
            browser.close()
