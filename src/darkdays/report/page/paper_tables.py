"""Tables of a report for a paper: claims, outages and findings, as CSV and for LaTeX.

Both say what ``findings.json`` says. The CSV has every digit; the LaTeX, a ``longtable`` with the
rules of ``booktabs``, as wide as the text, has what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from darkdays.files import writing
from darkdays.report.page.plain_words import plain

_COLUMNS: Final = {
    "claims": ("statement", "verdict", "holds", "of", "because"),
    "outages": (
        "name", "network", "datasource", "onset", "onset_low", "onset_high", "recovery",
        "recovery_low", "recovery_high", "depth", "depth_low", "depth_high", "q", "kind",
    ),
    "findings": ("id", "value", "unit", "low", "high", "n"),
}  # fmt: skip
_PRINTED: Final = {
    "outages": ("name", "datasource", "onset_low", "onset_high", "recovery_low", "recovery_high",
                "depth"),
}  # fmt: skip
_WORDS: Final = ("statement", "because")
_TIME: Final = re.compile(r"^(\d{4}-\d\d-\d\d)T([\d:]+)Z$")
_WIDTHS: Final = {
    "statement": 0.29, "verdict": 0.15, "holds": 0.06, "of": 0.06, "because": 0.34,
    "name": 0.16, "datasource": 0.16, "depth": 0.08,
    "id": 0.31, "unit": 0.14, "value": 0.125, "low": 0.125, "high": 0.125, "n": 0.07,
}  # fmt: skip
_WIDTH: Final = 0.12
"""Of every other column, as shares of the text: two lines hold a time."""
_RIGHT: Final = frozenset({"holds", "of", "depth", "value", "low", "high", "n"})
_BREAKS: Final = re.compile(r"(?<=[^\W\d][._/-])(?=\w)")
_BREAK: Final = "\u200b"
_SIGNS: Final = {
    ord(sign): tex
    for sign, tex in {
        _BREAK: r"\allowbreak{}", "≤": r"$\leq$", "≥": r"$\geq$", "\u2212": "$-$",
        "≈": r"$\approx$", "→": r"$\to$", "\u202f": "~", "\u2009": "~", "\u200c": "", "\u200d": "",
    }.items()
}  # fmt: skip
_OTHER_SCRIPT: Final = re.compile(
    "[^\\x00-\u017f\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u20ac]"
)
"""What pdflatex has no letter for."""


def tables_of(findings: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of every table that has a row, by their name in a version.

    Parameters
    ----------
    findings
        As published.
    """
    files = {}
    about = f"{findings['case']}, version {findings['version']}"
    simulated = " SIMULATED." if findings["simulated"] else ""
    for name, columns in _COLUMNS.items():
        table = pd.DataFrame([dict(_flat(row)) for row in findings[name]])
        if table.empty:
            continue
        table = table.reindex(columns=list(columns)).dropna(axis="columns", how="all")
        if "n" in table:
            table["n"] = table["n"].astype("Int64")
        files[f"tables/{name}.csv"] = writing.csv_text(table).encode()
        printed = table[[one for one in _PRINTED.get(name, columns) if one in table]]
        words = {one: printed[one].map(_in_words) for one in _WORDS if one in printed}
        printed = printed.assign(**words).map(_spaced)
        files[f"tables/{name}.tex"] = _latex(printed, f"{name} of {about}.{simulated}").encode()
    return files


def _latex(printed: pd.DataFrame, about: str) -> str:
    """Return a table as LaTeX, after a comment of what it is and what it needs."""
    align = {True: r"\raggedleft", False: r"\raggedright"}
    columns = "".join(
        rf">{{{align[name in _RIGHT]}\hspace{{0pt}}\arraybackslash}}"
        rf"p{{{_WIDTHS.get(name, _WIDTH)}\textwidth}}"
        for name in printed.columns
    )
    table = printed.rename(columns=lambda name: str(name).replace("_", " ")).to_latex(
        index=False, escape=True, longtable=True, na_rep="", float_format="%.4g",
        column_format=f"@{{}}{columns}@{{}}",
    ).translate(_SIGNS).replace("--", "-{}-")  # fmt: skip
    script = ""
    if _OTHER_SCRIPT.search(table):
        script = " Set with LuaLaTeX or XeLaTeX, in a font that has its letters: pdfLaTeX has not."
    return (
        f"% {about} Times are UTC. Needs \\usepackage{{array,booktabs,longtable}}.{script}\n"
        f"{{\\footnotesize\\setlength{{\\tabcolsep}}{{3pt}}\n{table}}}\n"
    )


def _in_words(cell: Any) -> Any:
    return plain(cell, {}) if isinstance(cell, str) else cell


def _spaced(cell: Any) -> Any:
    """Return a cell with a space in a time, and places where a long name may go on below."""
    return _BREAKS.sub(_BREAK, _TIME.sub(r"\1 \2", cell)) if isinstance(cell, str) else cell


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through what a row says, an interval as two, and how often a verdict holds."""
    for key, value in row.items():
        if key.endswith("interval"):
            stem = key.removesuffix("interval")
            yield from zip((f"{stem}low", f"{stem}high"), value, strict=True)
        elif key == "sensitivity":
            yield from (value or {}).items()
        else:
            yield key, value
