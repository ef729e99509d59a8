"""How notebooks show tables: to the left, times in one piece, no wider than the page."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

_TIME: Final = re.compile(
    r"\b(?:\d{1,2} [A-Z][a-z]{2}(?: \d{4})?(?: \d\d:\d\d)?|\d{4}-\d\d-\d\d \d\d:\d\d)"
    r"|\b\d\d:\d\d to \d\d:\d\d"
)
# Long names go on below where they have a sign between words.
_LONG: Final = re.compile(r"(?<![\w\"=:;/<.-])[\w./-]{16,}(?![\w\"=>])")
_JOINT: Final = re.compile(r"(?<=[a-z0-9][._/-])(?=\w)")
_CELL: Final = re.compile(r"<(t[dh])>")


def show_to_the_left() -> None:
    """Have the notebook that this is called in show tables so; elsewhere nothing is done."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, as_html)


def as_html(table: pd.DataFrame) -> str:
    """Return a table as HTML, numbered only if its rows have names.

    What is set is set at each cell: JupyterLab takes styles out of a notebook that is not trusted.
    """
    html = table.to_html(
        index=not isinstance(table.index, pd.RangeIndex),
        max_rows=pd.get_option("display.max_rows"),
        na_rep="",
        border=0,
    )
    html = _CELL.sub(
        r'<\1 style="text-align: left; padding: 0.3em 0.18em">',
        html.replace("text-align: right", "text-align: left"),
    )
    html = _TIME.sub(lambda one: one[0].replace(" ", "\N{NO-BREAK SPACE}"), html)
    return _LONG.sub(lambda one: _JOINT.sub("\N{ZERO WIDTH SPACE}", one[0]), html)
