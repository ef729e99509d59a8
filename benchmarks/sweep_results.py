"""Where the measurements of sweeps are kept: ``results/sweep.md``, each part replacing its own."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "sweep.md"


def table(title: str, columns: list[str], rows: Iterator[list[str]]) -> str:
    """Print a table row by row, and return it as Markdown."""
    lines = [f"## {title}", "", f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    print("\n".join(lines), flush=True)
    for row in rows:
        lines.append(f"| {' | '.join(row)} |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def versions(names: Iterable[str]) -> str:
    """Return what figures were measured with: the processor, Python, and libraries."""
    listed = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    named = [row.partition(":")[2].strip() for row in text.splitlines() if "model name" in row]
    return f"{named[0]}, {os.cpu_count()} cores; Python {platform.python_version()}, {listed}."


def machine() -> str:
    """Return what a sweep was measured with."""
    return versions(("numpy", "numba", "pandas", "dask", "distributed", "zarr", "pyarrow"))


def save(part: str, text: str) -> None:
    """Put a part into the stored results, in the place of what was there."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else "# Sweeps, measured\n"
    head, *others = old.split("\n<!-- ")
    kept = {one.partition(" -->")[0]: one.partition(" -->\n")[2] for one in others}
    kept[part] = text
    body = "".join(f"\n<!-- {name} -->\n{kept[name].rstrip()}\n" for name in sorted(kept))
    RESULTS.write_text(head.rstrip() + "\n" + body, encoding="utf-8")
