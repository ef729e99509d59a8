"""The messages of a language, and sentences looked up in them.

A message is a sentence in which what is carried over is ``{0}``, ``{1}``, inline elements are
``<0>`` to ``</0>``, and ``{A}``, ``{B}`` are phrases that are messages themselves.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polib

from darkdays.files.packaged import text_of

TOKEN, OPEN, CLOSE = "\ue000", "\uf000", "\uf400"
"""Where the characters begin that stand for tokens, and for the tags of inline elements."""
ENGLISH: Final = ("\uf800", "\uf801")
"""What stands around English that has no translation."""
NAME: Final = "name"
"""The context of messages that are names: they are carried over, translated."""
DATE: Final = "date"
"""The context of months, and of how day, month and year are put together."""
CITED: Final = "cited"
"""The context of phrases between the names of works and of services in what figures cite."""
_KINDS: Final = {
    TOKEN: f"[{TOKEN}-\ueaff]",
    OPEN: f"[{OPEN}-\uf3ff]",
    CLOSE: f"[{CLOSE}-\uf7ff]",
}
_MARK: Final = re.compile(r"\{(\d+)\}|<(\d+)>|</(\d+)>|\{([A-Z])\}")
_LETTER: Final = re.compile(r"[A-Za-z]")
_CORE: Final = re.compile(r"([\s:·,;]*)(.*?)((?:[\s:,;]|(?<!\.)\.(?!\.))*)", re.DOTALL)
_ENDS: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"`\ue000-\uf3ff])|;\s+")
_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_POINTS: Final = {"fa": str.maketrans({";": "؛", ",": "،"})}
_LONGEST: Final = 600
"""Beyond so many characters nothing is looked for in a sentence: whoever wrote it has time."""
_GLUE: Final = re.compile(r"\W*\{A\}(?:\W|and|or|nor|that|\{[A-Z]\})*")
"""Messages that only join phrases, which have to be there all."""


@dataclass(frozen=True)
class _Pattern:
    msgid: str
    matches: re.Pattern[str]
    before: str
    letters: int


@dataclass(frozen=True)
class _Said:
    """A phrase in the language, what of it is missing, and the messages it is said with."""

    text: str
    missing: tuple[str, ...] = ()
    used: tuple[str, ...] = ()

    def between(self, start: str, end: str) -> _Said:
        return _Said(f"{start}{self.text}{end}", self.missing, self.used)


class Catalogue:
    """The messages of a language, the code of which is its name.

    Parameters
    ----------
    language
        Its code.
    po
        The text of its PO file; the one of the package if not given.
    template
        Whether everything is translated to itself, to see what messages there have to be.
    """

    def __init__(
        self,
        language: str,
        po: str | None = None,
        *,
        template: bool = False,
    ) -> None:
        text = text_of(f"report/languages/{language}.po") if po is None else po
        messages = [one for one in polib.pofile(text) if not one.obsolete and not one.fuzzy]
        # One whose places are not those of its message would lose what stands in them.
        said = {
            (one.msgctxt or "", one.msgid): one.msgid if template else one.msgstr
            for one in messages
            if template or marks_of(one.msgid) == marks_of(one.msgstr)
        }
        self.language = language
        self._template = template
        self.names, self.dates, self.cited = (
            {msgid: msgstr for (context, msgid), msgstr in said.items() if context == kind}
            for kind in (NAME, DATE, CITED)
        )
        self.used: set[str] = set()
        self.missing: list[str] = []
        self._said = {msgid: msgstr for (context, msgid), msgstr in said.items() if not context}
        self._exact = {
            _key_of(msgid): msgid
            for msgid, msgstr in self._said.items()
            if msgstr and "{A}" not in msgid
        }
        # Where a joint stands several times, the phrase before it is tried short and long.
        found = [
            _pattern(one, greedy)
            for one, msgstr in self._said.items()
            if msgstr and "{A}" in one
            for greedy in ([False, True] if "{B}" in one else [False])
        ]
        self._patterns = sorted(found, key=lambda one: -one.letters)
        self._points = _POINTS.get(language, {})
        self._core = functools.cache(self._look_up)

    def translate(self, text: str) -> str:
        """Return a text in the language; what is missing is noted, and marked as English."""
        said = [self._phrase(one) for one in _sentences(text)]
        self.missing += [one for each in said for one in each.missing]
        self.used.update(one for each in said for one in each.used)
        return "".join(each.text for each in said)

    def _phrase(self, text: str) -> _Said:
        start, core, end = _CORE.fullmatch(text).groups()  # type: ignore[union-attr]
        end = end.translate(self._points)
        if core[:1] and OPEN <= core[0] < CLOSE and core.endswith(_closing(core[0])):
            return self._phrase(core[1:-1]).between(start + core[0], core[-1] + end)
        if inner := _BRACKETS.fullmatch(core):
            return self._phrase(inner[1]).between(f"{start}(", f"){end}")
        if not _LETTER.search(core):
            return _Said(f"{start}{core.translate(self._points)}{end}")
        return self._core(core).between(start, end)

    def _look_up(self, text: str) -> _Said:
        key = _key_of(message_of(text))
        exact = self._exact.get(key)
        best = _Said(text.join(ENGLISH), (text,))
        if exact and not self._template:
            return _Said(self._filled(exact, text, {}), (), (exact,))
        for pattern in self._patterns if len(key) <= _LONGEST else ():
            if not best.missing:
                return best
            match = key.startswith(pattern.before) and pattern.matches.fullmatch(key)
            if not match:
                continue
            spans = {name: match.span(name) for name in match.groupdict()}
            phrases = {name: self._phrase(text[slice(*span)]) for name, span in spans.items()}
            missing = tuple(one for each in phrases.values() for one in each.missing)
            if sum(map(len, missing)) >= sum(map(len, best.missing)) or (
                missing and _GLUE.fullmatch(pattern.msgid)
            ):
                continue
            used = (pattern.msgid, *(one for each in phrases.values() for one in each.used))
            best = _Said(self._filled(pattern.msgid, _without(text, spans), phrases), missing, used)
        if exact and best.missing:  # of a template only what is made of nothing else
            return _Said(self._filled(exact, text, {}), (), (exact,))
        return best

    def _filled(self, msgid: str, text: str, phrases: Mapping[str, _Said]) -> str:
        """Return what is said for a message, with what stands in a text put in its places."""
        kinds = [re.findall(kind, text) for kind in _KINDS.values()]

        def put(mark: re.Match[str]) -> str:
            token, opening, closing, phrase = mark.groups()
            if phrase:
                return phrases[phrase].text
            if token:
                return str(kinds[0][int(token)])
            return str(kinds[1][int(opening)] if opening else _closing(kinds[1][int(closing)]))

        return _MARK.sub(put, self._said[msgid])


@functools.cache
def catalogue_of(language: str) -> Catalogue:
    """Return the messages of a language of the package, read once."""
    return Catalogue(language)


def message_of(text: str) -> str:
    """Return the message a piece of a text would be."""
    numbers = {kind: itertools.count() for kind in _KINDS}
    opened: dict[str, int] = {}

    def marked(one: re.Match[str]) -> str:
        character = one[0]
        if character < OPEN:
            return f"{{{next(numbers[TOKEN])}}}"
        if character < CLOSE:
            opened[_closing(character)] = next(numbers[OPEN])
            return f"<{opened[_closing(character)]}>"
        return f"</{opened.get(character, 0)}>"

    return re.sub(f"[{TOKEN}-\uf7ff]", marked, text)


def marks_of(text: str) -> list[str]:
    """Return the places a message has, sorted."""
    return sorted(one[0] for one in _MARK.finditer(text))


def _closing(opening: str) -> str:
    return chr(ord(opening) - ord(OPEN) + ord(CLOSE))


def _key_of(msgid: str) -> str:
    def put(mark: re.Match[str]) -> str:
        return TOKEN if mark[1] else OPEN if mark[2] else CLOSE

    return _MARK.sub(put, msgid)


def _pattern(msgid: str, greedy: bool) -> _Pattern:
    parts = re.split(r"\{([A-Z])\}", msgid)
    keys = [re.escape(_key_of(one)) for one in parts[::2]]
    regex = keys[0] + "".join(
        f"(?P<{name}>.+{'' if greedy else '?'}){key}"
        for name, key in zip(parts[1::2], keys[1:], strict=True)
    )
    letters = sum(len(_LETTER.findall(one)) for one in parts[::2])
    return _Pattern(msgid, re.compile(regex, re.DOTALL), _key_of(parts[0]), letters)


def _without(text: str, spans: dict[str, tuple[int, int]]) -> str:
    for start, end in sorted(spans.values(), reverse=True):
        text = text[:start] + text[end:]
    return text


def _sentences(text: str) -> list[str]:
    """Return a text in pieces, cut at its ends of sentences but inside of nothing."""
    pieces, begin = [], 0
    for end in _ENDS.finditer(text):
        piece = text[begin : end.end()]
        opened = sum(1 for one in piece if OPEN <= one < CLOSE)
        closed = sum(1 for one in piece if CLOSE <= one < ENGLISH[0])
        if opened == closed and piece.count("(") == piece.count(")"):
            pieces.append(piece)
            begin = end.end()
    return [*pieces, text[begin:]]
