"""Executed notebooks as a page shows them: code, text outputs, and which cell shows a finding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

_FALLBACK: Final = ("4-report", "stages.report(")
# Where a reader finds the numbers whose id begins so: a notebook, and what its cell calls.
_SHOWN: Final = {
    "claim.": ("3-correlate", "tables.number_table("),
    "onset.": ("2-detect", "tables.outage_table("),
    "recovery.": ("2-detect", "tables.outage_table("),
    "depth.": ("2-detect", "tables.outage_table("),
    "duration.": ("2-detect", "tables.outage_table("),
    "fall.": ("2-detect", "stages.show(detected"),
    "return.": ("2-detect", "tables.stage_table("),
}
_OF_A_LIST: Final = ("3-correlate", "tables.list_table(")


@dataclass(frozen=True)
class Cell:
    """One executed cell of code.

    Attributes
    ----------
    notebook
        Name of its file without the ending.
    id
        Its id in the notebook.
    heading
        The last heading before it.
    source
        Its code.
    outputs
        What it showed, as text; a picture is its description.
    """

    notebook: str
    id: str
    heading: str
    source: str
    outputs: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Its id on a page."""
        return f"{self.notebook}-{self.id}"

    @property
    def place(self) -> str:
        """Where it is in a report: file and id."""
        return f"notebooks/{self.notebook}.ipynb#{self.id}"


def cells_of(notebooks: Sequence[tuple[str, bytes]]) -> list[Cell]:
    """Return the cells of code of executed notebooks, in order."""
    return [cell for name, content in notebooks for cell in _cells(name, content)]


def cell_of(finding: str, cells: Sequence[Cell], *, counted: bool = False) -> Cell | None:
    """Return the cell in which a finding is shown, None without notebooks.

    Parameters
    ----------
    finding
        Its id.
    counted
        Whether it was counted from lists.
    """
    shown = next((place for start, place in _SHOWN.items() if finding.startswith(start)), None)
    for notebook, call in (shown or (_OF_A_LIST if counted else _FALLBACK), _FALLBACK):
        for cell in cells:
            if cell.notebook == notebook and call in cell.source:
                return cell
    return None


def _cells(name: str, content: bytes) -> Iterator[Cell]:
    heading = ""
    for cell in json.loads(content).get("cells", []):
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            titles = [line for line in source.splitlines() if line.startswith("#")]
            heading = titles[-1].lstrip("# ") if titles else heading
            continue
        outputs = tuple(text for one in cell.get("outputs", []) if (text := _text(one)))
        yield Cell(name.removesuffix(".ipynb"), str(cell.get("id", "")), heading, source, outputs)


def _text(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return "".join(output["text"]).rstrip("\n")
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    for kind in ("image/png", "image/svg+xml"):
        if kind in output["data"]:
            alt = output.get("metadata", {}).get(kind, {}).get("alt", "no description")
            return f"[picture: {alt}]"
    for kind in ("text/markdown", "text/plain"):
        if kind in output["data"]:
            return "".join(output["data"][kind]).rstrip("\n")
    return ""
