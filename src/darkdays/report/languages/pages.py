"""A report's page and its figures, and the page over all reports, in Spanish and in Persian."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from html import escape, unescape
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from persiantools import digits

from darkdays.report.languages.catalogue import Catalogue, catalogue_of
from darkdays.report.languages.figures import OPEN, SHUT, Drawing
from darkdays.report.languages.file_names import LANGUAGES
from darkdays.report.languages.jalali import Window, is_day, jalali_of
from darkdays.report.languages.markup import translated
from darkdays.report.languages.narrow_figures import NarrowDrawing

_RIGHT_TO_LEFT: Final = frozenset({"fa"})
_PICTURE: Final = re.compile(
    r"(<figure id=\"figure-([\w-]+)\"[^>]*>\s*<img src=)"
    r"'data:image/svg\+xml,([^']*)'(.*?</figure>)",
    re.DOTALL,
)
_NARROW: Final = re.compile(r"(?<=<img class=\"screen phone\" src=)'data:image/svg\+xml,([^']*)'")
# What a figure quotes: whom its numbers are from.
_QUOTED: Final = re.compile(r"(?<=^Source: ).+(?=\. Made with darkdays\.)")
_CITATION: Final = re.compile(r'<code dir="ltr">(.*?)</code>')
_BESIDE: Final = re.compile(r' <span class="jalali">.*?</span>')
_OPENED: Final = re.compile(r'<\w+ [^>]*dir="ltr">')
_TAG: Final = re.compile(r"<[^>]*>")
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
_PAGE: Final = re.compile(r'(?<=href=")(?:[\w-]+/)?[\d.]+/report\.html(?=")')
_INDEX: Final = re.compile(r'(?<=href=")(\.\.|[\w-]+)/index\.html(?=")')
_THUMBNAIL: Final = re.compile(
    r'(<a href="([\w-]+/[\d.]+)/report\.html">'
    r'<img data-figure="([\w-]+)" src=)"data:image/png;base64,[^"]*"'
)
_NOTE: Final = (
    '<p class="small">Translated from <a href="{}">the page in English</a>, which is the one '
    "to be cited. What has no translation stays in English.{}</p>"
)
_MORE: Final = " Executed cells and the numbers of figures are shown there."
_HEADER: Final = re.compile(r"(?=</header>)")


def in_languages(
    page: str,
    name: str,
    names: Iterable[str] = (),
    *,
    window: Window | None = None,
    beside: Path | None = None,
) -> dict[str, bytes]:
    """Return a page in every other language, and its figures, by the names of their files.

    Parameters
    ----------
    page, name
        In English, and the name of its file.
    names
        What people call entities: carried over as they are.
    window
        First and last day of the case: in Persian, days of Iran's calendar stand beside those of
        its figures.
    beside
        The folder the page is put in: what it leads to is led to in its language, where that is
        there.
    """
    made = {}
    known = tuple(names)
    drawings = drawings_of(page)
    for language in LANGUAGES:
        messages = catalogue_of(language)
        text = in_language(page, name, messages, known)
        if beside is not None:
            text = _THUMBNAIL.sub(partial(_thumbnail_in, language, beside), text)
            text = _PAGE.sub(partial(_page_in, language, beside), text)
            text = _INDEX.sub(rf"\1/index.{language}.html", text)
        made[name.replace(".html", f".{language}.html")] = text.encode()
        figures = figures_in_language(drawings, messages, known, window)
        made |= {one: drawn.encode() for one, drawn in figures.items()}
    return made


def in_language(page: str, name: str, messages: Catalogue, names: Sequence[str] = ()) -> str:
    """Return a page in the language of a catalogue.

    Parameters
    ----------
    page
        In English.
    name
        Of its file.
    messages
        Of the language.
    names
        What people call entities.
    """
    language = messages.language
    messages.missing.clear()
    page = translated(prepared(page, name, language), messages, names)
    here = set(_ID.findall(page))
    page = _ANCHOR.sub(lambda one: one[0] if one[1] in here else f'href="{name}#{one[1]}"', page)
    direction = ' dir="rtl"' if language in _RIGHT_TO_LEFT else ""
    page = page.replace('<html lang="en">', f'<html lang="{language}"{direction}>', 1)
    page = page.replace(' aria-current="page"', "", 1)
    return page.replace(f' hreflang="{language}"', f' hreflang="{language}" aria-current="page"', 1)


def drawings_of(page: str) -> dict[str, Drawing | NarrowDrawing]:
    """Return the figures that a page in English holds, by their names."""
    found: dict[str, Drawing | NarrowDrawing] = {}
    for _, name, drawn, end in _PICTURE.findall(page):
        found[name] = Drawing(unquote(drawn))
        for narrow in _NARROW.findall(end):
            found[f"{name}.narrow"] = NarrowDrawing(unquote(narrow))
    return found


def figures_in_language(
    drawings: Mapping[str, Drawing | NarrowDrawing],
    messages: Catalogue,
    names: Sequence[str] = (),
    window: Window | None = None,
) -> dict[str, str]:
    """Return figures with their texts in a language, by the names of their files."""
    right_to_left = messages.language in _RIGHT_TO_LEFT
    below = partial(jalali_of, window=window) if window and right_to_left else None
    said = functools.cache(partial(_said_in_figure, messages, names))
    return {
        _file_of(name, messages.language): one.saying(
            said, right_to_left=right_to_left, below=below
        )
        for name, one in drawings.items()
    }


def _said_in_figure(messages: Catalogue, names: Sequence[str], text: str) -> str:
    right_to_left = messages.language in _RIGHT_TO_LEFT
    if text.startswith("$"):  # a power of ten on an axis
        return str(digits.en_to_fa(text)) if right_to_left else text
    quoted = _QUOTED.sub(lambda one: f"<code>{one[0]}</code>", escape(text, quote=False))
    made = translated(quoted, messages, names)
    made = _CITATION.sub(lambda one: _cited(messages.cited, one[1]), made)
    if is_day(text):  # the other calendar's stands below
        made = _BESIDE.sub("", made)
    if right_to_left:
        made = re.sub("</[a-z]+>", SHUT, _OPENED.sub(OPEN, made))
    return unescape(_TAG.sub("", made))


def _cited(phrases: Mapping[str, str], citation: str) -> str:
    """Return a citation in which what stands between works and services is translated."""
    known = "|".join(re.escape(one) for one in sorted(phrases, key=len, reverse=True))
    parts = re.split(f"({known})", citation) if known else [citation]
    return "".join(
        phrases[part] if number % 2 else f'<code dir="ltr">{part}</code>'
        for number, part in enumerate(parts)
        if part
    )


def _file_of(figure: str, language: str) -> str:
    return f"figures/{figure}.{language}.svg"


def prepared(page: str, name: str, language: str) -> str:
    """Return a page with what a translation of it holds: no cells, figures as files."""
    drawn = _PICTURE.sub(partial(_picture, language), page)
    short = _NUMBERS.sub("", _CELLS.sub("", drawn))
    short = short.replace(_POLICY, "img-src 'self' file: data:", 1)
    note = _NOTE.format(name, _MORE if len(short) < len(page) - len(_MORE) else "")
    return _HEADER.sub(note, short, count=1)


def _picture(language: str, figure: re.Match[str]) -> str:
    begin, name, _, end = figure.groups()
    file = _file_of(name, language)
    end = _NARROW.sub(f"'{_file_of(f'{name}.narrow', language)}'", end)
    return f"{begin}'{file}'{end.replace(f'figures/{name}.svg', file)}"


def _thumbnail_in(language: str, folder: Path, thumbnail: re.Match[str]) -> str:
    begin, version, figure = thumbnail.groups()
    file = f"{version}/{_file_of(figure, language)}"
    return f'{begin}"{file}"' if (folder / file).is_file() else thumbnail[0]


def _page_in(language: str, folder: Path, page: re.Match[str]) -> str:
    found = page[0].replace(".html", f".{language}.html")
    return found if (folder / found).is_file() else page[0]
