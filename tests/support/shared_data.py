"""Whole lists, recorded replies and published figures beside a checkout, which few may pass on.

A test that needs one says what stays open without it, and a run ends in one line of all of those.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
_REASON = "no data beside this checkout, which leaves open: "


def needs(*paths: Path, leaves_open: str) -> pytest.MarkDecorator:
    """Mark a test that needs files or folders, and what nobody checked where one is not there."""
    here = all(path.exists() for path in paths)
    return pytest.mark.skipif(not here, reason=f"{_REASON}{leaves_open}")


def left_open(reasons: Iterable[str]) -> str:
    """Return the line that ends a run, of the reasons why tests were skipped; none if all ran."""
    parts = (reason.partition(_REASON) for reason in reasons)
    told = collections.Counter(what for _, found, what in parts if found)
    if not told:
        return ""
    most = sorted(told.items(), key=lambda one: (-one[1], one[0]))
    words = ", ".join(f"{what} ({count})" for what, count in most)
    tests = "1 test" if told.total() == 1 else f"{told.total()} tests"
    return f"not checked here, for want of data beside this checkout: {words}; {tests} in all"
