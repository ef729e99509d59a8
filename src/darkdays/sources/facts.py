"""Dated facts of a case, embedded in ``data/facts/<case>.csv``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from darkdays.contracts.events import read_csv


def requests(case_name: str) -> list[str]:
    """Return the embedded files of facts, relative to ``data/``."""
    return [f"facts/{case_name}.csv"]


def read(replies: Mapping[str, bytes]) -> pd.DataFrame:
    """Read embedded facts into one event table (see :func:`darkdays.contracts.events.read_csv`)."""
    return pd.concat([read_csv(replies[path], path) for path in sorted(replies)], ignore_index=True)
