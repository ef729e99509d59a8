"""The list of cases as tables: for people in a notebook, and for a page such as the README."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pandas as pd

from darkdays.cli.listing import Listed
from darkdays.errors import InputError
from darkdays.files import bounded, writing

BEGIN: Final = "<!-- cases"
END: Final = "<!-- /cases -->"
_LARGEST: Final = 16 * 2**20
"""Between which lines of a page the table of cases stands."""


def case_table(rows: Iterable[Listed]) -> pd.DataFrame:
    """Return the cases as a table for people, without what changes with every report."""
    return pd.DataFrame(
        [
            (one.name, one.question, f"{one.start} to {one.end}", one.where, one.needs)
            for one in rows
        ],
        columns=["case", "question", "window (UTC)", "places", "needs"],
    )


def markdown(rows: Iterable[Listed]) -> str:
    """Return the cases as a Markdown table, each with a link to its last report."""
    lines = [
        "| case | what | window | places | data | last report | verdicts |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        report = (
            f"[{one.version}](reports/{one.name}/{one.version}/report.html)"
            if one.version
            else "none yet"
        )
        name = f"[{one.name}](cases/{one.name}.yaml)"
        cells = (name, one.title, f"{one.start} to {one.end}", one.where, one.needs, report)
        escaped = (text.replace("|", "\\|") for text in (*cells, one.outcome))
        lines.append(f"| {' | '.join(escaped)} |")
    return "\n".join(lines) + "\n"


def put_into(page: Path, table: str) -> bool:
    """Put a table between the marks of a page.

    Returns
    -------
    bool
        Whether that changed the page.

    Raises
    ------
    InputError
        If the page cannot be read, or has not both marks, once and in order.
    """
    try:
        before = bounded.text_of(page, _LARGEST)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"cannot read {page}: {reason}.") from None
    lines = before.splitlines(keepends=True)
    first = [number for number, line in enumerate(lines) if line.startswith(BEGIN)]
    last = [number for number, line in enumerate(lines) if line.startswith(END)]
    if len(first) != 1 or len(last) != 1 or last < first:
        raise InputError(
            f"{page} has no place for the table: write a line that begins with {BEGIN!r}, and "
            f"below it the line {END!r}, once each."
        )
    after = "".join([*lines[: first[0] + 1], table, *lines[last[0] :]])
    if after != before:
        writing.write_text(page, after)
    return after != before
