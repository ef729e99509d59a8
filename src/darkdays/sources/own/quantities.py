"""Numbers as people write them: decimal commas, thousands, percent, other digits, bounds."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.errors import InputError
from darkdays.sources.own.table import BOUND, Form, Table

MISSING: Final = frozenset(
    {"", "na", "nan", "n/a", "#n/a", "null", "none", "nil", "missing", ".", "..", "-", "--"}
    | {"\N{EN DASH}", "\N{EM DASH}", "\N{HORIZONTAL ELLIPSIS}", ":", "?", "nat", "<na>"}
)  # fmt: skip
"""What stands where there is no value, in lower case."""
_MOST: Final = 1e60
"""Largest number whose fourth powers and their sums are still numbers."""
_SIGNS: Final = str.maketrans(
    "\u066b\u066a\N{MINUS SIGN}",
    ".%-",
    "\u200e\u200f\u066c",
)
_GAPS: Final = "[ \u00a0\u2009\u202f'\u2019]"
_SPACES: Final = rf"(?<=\d){_GAPS}(?=\d{{3}})"
_LIKE: Final = re.compile(r"[<≤]?\s*[-+]?\d[\d.,' \u00a0\u2009\u202f\u2019]*([eE][-+]?\d+)?\s*%?")
_DOTTED: Final = re.compile(r"\d+(?:\.\d+){2,}")  # an address or a version, but for thousands
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\.\d{3})+")
_POINT: Final = re.compile(r"[-+]?[\d,]*\.(\d{1,2}|\d{4,}|\d*[eE].*)|[-+]?(0|\d{4,})\.\d+")


def ascii_digits(text: str) -> str:
    """Return a text with the digits of any script, and the signs of Arabic, as ASCII has them."""
    if text.isascii():
        return text
    return re.sub(r"\d", lambda digit: str(int(digit[0])), text.translate(_SIGNS))


def ascii_texts(cells: pd.Series) -> pd.Series:
    """Return the cells of a column as text with ASCII's digits, and no blanks around."""
    texts = cells.astype(str).fillna("")
    if not texts.str.isascii().all():
        texts = texts.map(ascii_digits)
    return texts.str.strip()


def looks_like_number(text: str) -> bool:
    """Whether a cell is written as numbers are."""
    text = ascii_digits(text).strip()
    if _DOTTED.fullmatch(text) and not _THOUSANDS.fullmatch(text):
        return False
    return _LIKE.fullmatch(text) is not None


def has_decimals(cells: Collection[str]) -> bool:
    """Whether points among these cells can only be decimal points."""
    return any(_POINT.fullmatch(one) for one in cells)


def numbers(table: Table, column: str, form: Form) -> tuple[NDArray[np.float64], list[str]]:
    """Return the numbers of a column, NaN where there is none, and how they were read.

    Raises
    ------
    InputError
        If a cell is no number, or can be two; the sentence names its line.
    """
    texts = table.cells[column]
    if pd.api.types.is_numeric_dtype(texts.dtype):
        values = texts.to_numpy(np.float64)
        if form.missing:
            values = np.where(np.isin(values, _floats(form.missing)), np.nan, values)
        return _finite(table, column, values), ["decimal comma"] * (column in table.commas)
    said: list[str] = []
    plain = ascii_texts(texts)
    if (lists := plain.str.match(r"[\[{]")).any():
        raise table.wrong(lists, column, "is a list in a cell; give each of its numbers a row")
    if not texts.astype(str).str.isascii().all() and plain.str.isascii().all():
        said.append("digits not those of ASCII")
    gone = plain.str.lower().isin(MISSING | {one.lower() for one in form.missing})
    plain = plain.where(~gone, "")
    if plain.str.contains(_GAPS).any():
        plain = plain.str.replace(_SPACES, "", regex=True)
    plain, words, bounds = _bare(table, column, plain, gone, form)
    plain, more = _pointed(table, column, plain, form)
    said += words + more
    values = pd.to_numeric(plain.where(~gone, "nan"), errors="coerce").to_numpy(np.float64)
    wrong = np.isnan(values) & ~gone.to_numpy()
    if wrong.any():
        odd = str(plain.iloc[int(np.argmax(wrong))])
        united = re.match(r"[-+]?\d[\d.,]*\s*[^\W\d]", odd)
        raise table.wrong(
            wrong,
            column,
            "is a number with a unit; write the number alone, in one unit for all rows"
            if united
            else "is not a number; leave a missing value empty",
        )
    if bounds.any() and form.below != BOUND:
        taken = float(form.below)
        if (above := bounds & (values < taken)).any():
            raise table.wrong(above, column, f"is no bound of {taken:g}; state a lower --below")
        values = np.where(bounds, taken, values)
    return _finite(table, column, values), said


def _bare(
    table: Table, column: str, plain: pd.Series, gone: pd.Series, form: Form
) -> tuple[pd.Series, list[str], NDArray[np.bool_]]:
    """Return numbers without percent signs and signs of bounds, and which are bounds."""
    said: list[str] = []
    percent = plain.str.endswith("%")
    if percent.any():
        if not (percent | gone).all():
            raise table.wrong(
                ~(percent | gone), column, "has no %, and others have; write all of them alike"
            )
        said.append("percent")
        plain = plain.str.removesuffix("%").str.strip()
    bounds = plain.str.match(r"[<≤]").to_numpy(bool)
    if bounds.any():
        if not form.below:
            raise table.wrong(
                bounds, column, "is a bound and no number; it lies between 0 and that: read the "
                f"file once with --below 0 and once with --below {BOUND} to see if that matters",
            )  # fmt: skip
        taken = "themselves" if form.below == BOUND else form.below
        said.append(f"{int(bounds.sum())} bounds taken as {taken}")
        plain = plain.str.replace(r"^[<≤]\s*", "", regex=True)
    return plain, said, bounds


def _pointed(
    table: Table, column: str, plain: pd.Series, form: Form
) -> tuple[pd.Series, list[str]]:
    """Return numbers with a decimal point, and nothing between thousands."""
    said: list[str] = []
    decimal = form.decimal or _decimal(table, column, plain)
    if commas := decimal == "," and bool(plain.str.contains(",", regex=False).any()):
        said.append("decimal comma")
    grouped = "." if decimal == "," else ","
    groups = plain.str.contains(grouped, regex=False)
    if groups.any():
        form_of = rf"[-+]?\d{{1,3}}(\{grouped}\d{{2,3}})*\{grouped}\d{{3}}(\{decimal}\d*)?"
        odd = groups & ~plain.str.fullmatch(form_of)
        if odd.any():
            raise table.wrong(odd, column, f"is not a number with {grouped!r} between thousands")
        said.append(f"{grouped!r} between thousands")
        plain = plain.str.replace(grouped, "", regex=False)
    if commas:
        plain = plain.str.replace(",", ".", regex=False)
    return plain, said


def _floats(texts: Collection[str]) -> list[float]:
    try:
        return [float(one) for one in texts]
    except ValueError:
        raise InputError("--missing: state numbers, or words of the file.") from None


def _decimal(table: Table, column: str, plain: pd.Series) -> str:
    """Return the decimal sign of a column: what all of it allows.

    A sign in front of three digits, after one to three others, may as well stand between
    thousands; a comma does where commas separate the cells, for nobody separates cells by their
    decimal sign.
    """
    marks = {mark: plain.str.contains(mark, regex=False) for mark in ".,"}
    both = marks["."] & marks[","]
    if both.any():
        first = plain[both].iloc[0]
        return max(".,", key=first.rfind)
    for mark, has in marks.items():
        if not has.any():
            continue
        mine = plain[has]
        grouped = mine.str.fullmatch(rf"[-+]?[1-9]\d{{0,2}}(\{mark}\d{{3}})+")
        other = "," if mark == "." else "."
        if not grouped.all():
            return mark if not (mine.str.count(re.escape(mark)) > 1).any() else other
        if (mine.str.count(re.escape(mark)) > 1).any() or (mark == "," == table.separator):
            return other
        if not table.typed:
            first = mine.iloc[0]
            raise table.wrong(
                has, column, f"can be {first.replace(mark, '')} or {first.replace(mark, '.')}; "
                "say which with --decimal . or --decimal ,",
            )  # fmt: skip
    return "."


def _finite(table: Table, column: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    for where, what in (
        (np.isinf(values), "infinite; leave a value that is not known empty"),
        (np.abs(values) > _MOST, "too large; give it in a larger unit, or leave it empty"),
    ):
        if where.any():
            raise table.wrong(where, column, f"is {what}")
    return values
