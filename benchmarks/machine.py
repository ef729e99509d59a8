"""What a measurement was made on, in one line for the results."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path


def machine(*packages: str) -> str:
    """Return the processor, how many cores there are and how busy, and versions."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        lines = information.read_text(encoding="utf-8").splitlines()
        named = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
        processor = named[0] if named else processor
    versions = [f"{name} {metadata.version(name)}" for name in packages]
    busy = f"{os.getloadavg()[0]:.1f} processes wanting one"
    parts = [processor, f"{os.cpu_count()} cores, {busy}", f"CPython {platform.python_version()}"]
    return ", ".join([*parts, *versions]) + "."
