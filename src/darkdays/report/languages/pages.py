"""The page of a report, and the one over all reports, in Spanish and in Persian."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from darkdays.report.languages.catalogue import Catalogue
from darkdays.report.languages.markup import translated

LANGUAGES: Final = ("es", "fa")
"""Languages a page is translated to, by their codes."""
_RIGHT_TO_LEFT: Final = frozenset({"fa"})
_PICTURE: Final = re.compile(
    r"(<figure id=\"figure-([\w-]+)\"[^>]*>\s*<img src=)"
    r"'data:image/svg\+xml,([^']*)'(.*?</figure>)",
    re.DOTALL,
)
# Letters of figures are drawn; what they say stands beside as a comment.
_DRAWN: Final = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)
# What a page shows of cells and of the numbers of figures is read as well where it is.
_CELLS: Final = re.compile(
    r'<details class="screen"><summary>\d+ cells</summary>.*?</details>', re.DOTALL
)
_NUMBERS: Final = re.compile(
    r'<details class="screen"><summary>The numbers of this figure:.*?</table>\s*'
    r"</div>(?:\s*</details>){2}",
    re.DOTALL,
)
_POLICY: Final = "img-src data:"
_ID: Final = re.compile(r'\sid="([^"]+)"')
_ANCHOR: Final = re.compile(r'href="#([^"]+)"')
_PAGE: Final = re.compile(r'(?<=href=")[\w-]+/[\d.]+/report\.html(?=")')
_TRANSLATED: Final = re.compile(rf"\.({'|'.join(LANGUAGES)})\.html$")
_NOTE: Final = (
    '<p class="small">Translated from <a href="{}">the page in English</a>, which is the one '
    "to be cited. What has no translation stays in English.{}</p>"
)
_MORE: Final = " Executed cells and the numbers of figures are shown there."
_HEADER: Final = re.compile(r"(?=</header>)")


def language_of(name: str) -> str:
    """Return the code of the language a file is in by its name, empty without one."""
    found = _TRANSLATED.search(name)
    return found[1] if found else ""


def in_languages(
    page: str, name: str, names: Iterable[str] = (), *, beside: Path | None = None
) -> dict[str, bytes]:
    """Return a page in every other language, by the names of their files.

    Parameters
    ----------
    page, name
        In English, and the name of its file.
    names
        What people call entities: carried over as they are.
    beside
        The folder the page is put in: what it leads to is led to in its language, where that is
        there.
    """
    made = {}
    for language in LANGUAGES:
        text = in_language(page, name, Catalogue(language, names=names))
        if beside is not None:
            text = _PAGE.sub(functools.partial(_page_in, language, beside), text)
        made[name.replace(".html", f".{language}.html")] = text.encode()
    return made


def in_language(page: str, name: str, messages: Catalogue) -> str:
    """Return a page in the language of a catalogue.

    Parameters
    ----------
    page
        In English.
    name
        Of its file.
    messages
        Of the language.
    """
    language = messages.language
    page = prepared(page, name, messages)
    messages.missing.clear()
    page = translated(page, messages)
    here = set(_ID.findall(page))
    page = _ANCHOR.sub(lambda one: one[0] if one[1] in here else f'href="{name}#{one[1]}"', page)
    direction = ' dir="rtl"' if language in _RIGHT_TO_LEFT else ""
    page = page.replace('<html lang="en">', f'<html lang="{language}"{direction}>', 1)
    page = page.replace(' aria-current="page"', "", 1)
    return page.replace(f' hreflang="{language}"', f' hreflang="{language}" aria-current="page"', 1)


def prepared(page: str, name: str, messages: Catalogue) -> str:
    """Return a page with what a translation of it holds: no cells, figures as files.

    What is written in a figure stands below it, with what it means in the language.
    """
    drawn = _PICTURE.sub(functools.partial(_picture, messages), page)
    short = _NUMBERS.sub("", _CELLS.sub("", drawn))
    short = short.replace(_POLICY, "img-src 'self' file: data:", 1)
    note = _NOTE.format(name, _MORE if len(short) < len(page) - len(_MORE) else "")
    return _HEADER.sub(note, short, count=1)


def _picture(messages: Catalogue, figure: re.Match[str]) -> str:
    begin, name, drawn, end = figure.groups()
    words = ""
    for text in dict.fromkeys(_DRAWN.findall(unquote(drawn))):
        messages.missing.clear()
        messages.used.clear()
        translated(text, messages)
        if messages.used and not messages.missing:
            words += f'<li><bdi lang="en" dir="ltr">{text}</bdi>: {text}</li>'
    if words:
        words = f"<details><summary>Words in the figure</summary><ul>{words}</ul></details>"
    return f"{begin}'figures/{name}.svg'{end}{words}"


def _page_in(language: str, folder: Path, page: re.Match[str]) -> str:
    found = page[0].replace(".html", f".{language}.html")
    return found if (folder / found).is_file() else page[0]
