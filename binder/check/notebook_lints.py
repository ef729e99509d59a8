"""Traps in the notebooks: what a visitor would see break, in JupyterLab or on GitHub."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from binder.check.lint import Lint, tracked

_FOREIGN: Final = re.compile(
    r"<(?:script|iframe|img|link)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//|require\.config\(|@import",
    re.IGNORECASE,
)
_INSTALLS: Final = re.compile(
    r"^\s*[!%]{1,2}\s*(?:sudo |python3? -m )?(pip|conda|mamba|apt(?:-get)?|npm)\b", re.MULTILINE
)
_MACHINE: Final = re.compile(r"(?<![\w.])/(?:home|Users|root|mnt|data)/[\w.-]+|[A-Z]:\\\\?Users")
_WIDGET: Final = "application/vnd.jupyter.widget-view+json"


def notebooks(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through the notebooks a visitor opens; the copies in reports are kept as they ran."""
    for name in tracked(root):
        if name.endswith(".ipynb") and not name.startswith(("reports/", "tests/")):
            yield name, json.loads((root / name).read_text(encoding="utf-8"))


def _code(notebook: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any], str]]:
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "code":
            yield number, cell, _joined(cell["source"])


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def kernel(root: Path) -> list[str]:
    """Say which notebooks ask for a kernel the image does not have."""
    found = []
    for name, notebook in notebooks(root):
        asked = notebook["metadata"].get("kernelspec", {}).get("name")
        if asked != "python3":
            found.append(f"{name} asks for the kernel {asked}")
    return found


def were_run(root: Path) -> list[str]:
    """Say which cells were never run or ended in an error."""
    found = []
    for name, notebook in notebooks(root):
        for number, cell, source in _code(notebook):
            if source.strip() and cell["execution_count"] is None:
                found.append(f"{name}: cell {number} was never run")
            if any(output["output_type"] == "error" for output in cell["outputs"]):
                found.append(f"{name}: cell {number} stores an error")
    return found


def stand_alone(root: Path) -> list[str]:
    """Say which outputs load something from elsewhere, or are nothing without a live widget."""
    found = []
    for name, notebook in notebooks(root):
        for number, cell, _ in _code(notebook):
            for output in cell["outputs"]:
                data = output.get("data", {})
                html = _joined(data.get("text/html", "")) + _joined(data.get("image/svg+xml", ""))
                if _FOREIGN.search(html) or "application/javascript" in data:
                    found.append(f"{name}: an output of cell {number} loads from elsewhere")
                if _WIDGET in data and not data.keys() - {_WIDGET, "text/plain"}:
                    shown = [o for o in cell["outputs"] if _WIDGET not in o.get("data", {})]
                    if not shown and not _has_static_outputs_after(notebook, number):
                        found.append(f"{name}: cell {number} is nothing without a live widget")
    return found


def _has_static_outputs_after(notebook: dict[str, Any], number: int) -> bool:
    """Tell whether the next code cell shows what the widget would: that is the way back."""
    after = [cell for place, cell, _ in _code(notebook) if place > number][:1]
    return any(output.get("data") for cell in after for output in cell["outputs"])


def install_nothing(root: Path) -> list[str]:
    """Say which cells install something."""
    return [
        f"{name}: cell {number} installs with {match[1]}"
        for name, notebook in notebooks(root)
        for number, _, source in _code(notebook)
        if (match := _INSTALLS.search(source))
    ]


def no_machine(root: Path) -> list[str]:
    """Say which cells name a folder of somebody's machine."""
    return [
        f"{name}: cell {number} names {match[0]}"
        for name, notebook in notebooks(root)
        for number, cell, source in _code(notebook)
        if (match := _MACHINE.search(source + json.dumps(cell["outputs"])))
    ]


LINTS: Final = (
    Lint("notebooks ask for the kernel python3", "a dialogue that asks for a kernel", kernel),
    Lint("notebooks were run, without an error", "an empty page on GitHub", were_run),
    Lint("outputs need nothing from elsewhere", "blanks where a network or widget is missing",
         stand_alone),
    Lint("no cell installs anything", "a wait, another version, or no network", install_nothing),
    Lint("no cell names a folder of one machine", "FileNotFoundError", no_machine),
)  # fmt: skip
