"""How the files of pages and figures are named: what of, which kind, in which language."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LANGUAGES: Final = ("es", "fa")
"""Languages a page is translated to, by their codes."""
KINDS: Final = ("svg", "png", "csv", "narrow.svg")
"""How a figure is kept, by the ends of its files; not every one has a narrow layout."""
_NAME: Final = re.compile(
    rf"(?P<of>.+?)(?P<narrow>\.narrow)?(?:\.(?P<language>{'|'.join(LANGUAGES)}))?\.(?P<end>\w+)"
)


class Named(NamedTuple):
    """What the name of a file says: the page or figure, its kind and the code of its language."""

    of: str
    kind: str
    language: str


def named(path: str) -> Named:
    """Return what the name of a file says; without a language it is in English."""
    found = _NAME.fullmatch(path)
    if found is None:
        return Named(path, "", "")
    kind = f"narrow.{found['end']}" if found["narrow"] else found["end"]
    return Named(found["of"], kind, found["language"] or "")


def language_of(path: str) -> str:
    """Return the code of the language a file is in by its name, empty without one."""
    return named(path).language
