"""A draft of a report in the run folder: findings, figures and what a page needs besides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkdays.errors import DarkdaysError
from darkdays.figures.display import say_nothing_to_show, show_png
from darkdays.files import writing
from darkdays.files.system_errors import cannot, is_passing
from darkdays.report.page.page import page_of


@dataclass(frozen=True)
class Draft:
    """A report without a version: findings, figures and what the page needs besides."""

    folder: Path
    content: dict[str, Any]

    @property
    def findings(self) -> dict[str, Any]:
        """The findings document."""
        document: dict[str, Any] = self.content["findings"]
        return document

    def show(self, name: str = "") -> None:
        """Show a figure of the draft in a notebook, with its alt text; the first if not named."""
        plots = {figure["name"]: figure for figure in self.content["figures"]}
        name = name or next(iter(plots), "")
        if not name:
            say_nothing_to_show()
            return
        show_png((self.folder / "figures" / f"{name}.png").read_bytes(), plots[name]["alt"])

    def page(self) -> Path:
        """Write the draft as a page, without a version, and return where it is."""
        path = self.folder / "report.html"
        writing.write_text(path, page_of(self.folder, self.content, "draft"))
        return path


def load_draft(folder: Path) -> Draft:
    """Read the draft that the last notebook left in a run's ``report`` folder.

    Raises
    ------
    DarkdaysError
        If there is none.
    """
    try:
        return Draft(folder, json.loads((folder / "draft.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and is_passing(error):
            raise cannot("read", folder, error) from None
        raise DarkdaysError(f"there is no draft report in {folder}; run the case again.") from None
