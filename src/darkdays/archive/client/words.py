"""A service's own words about why it refuses: bounded, on one line, and never with a secret."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

from darkdays.archive.client.body_limits import is_page
from darkdays.files.terminal import plain

_LONGEST: Final = 200
_READ: Final = 2**16
_DEEPEST: Final = 4
# Where services put their reason, the most telling first.
_FIELDS: Final = (
    "detail", "error_description", "message", "msg", "reason", "error", "errors", "messages",
    "title", "status_message", "description",
)  # fmt: skip
_CODES: Final = ("status", "status_code", "statusCode", "code")
_TITLE: Final = re.compile(r"<(title|h1)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_ESCAPED: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_WALL_HEADERS: Final = ("x-amzn-waf-action", "cf-mitigated", "x-iinfo", "x-sucuri-id")
_WALL: Final = re.compile(
    r"captcha|challenge|just a moment|attention required|access denied|request (?:blocked|rejected)"
    r"|incapsula|web application firewall|unusual traffic|verify you are (?:a )?human",
    re.IGNORECASE,
)


def said(body: bytes, secrets: Iterable[str] = ()) -> str:
    """Return the reason that the body of a refusal gives, empty if it gives none.

    Of JSON it is the text of the fields that services put it in, of a web page its title, of plain
    text and XML its beginning. Controls are written out, secrets are replaced in every spelling.
    """
    text = body[:_READ].decode("utf-8-sig", "replace").strip()
    if is_page(body) or text.startswith("<"):
        found = _TITLE.search(text)
        told = found[2] if found else "" if is_page(body) else text
        words = html.unescape(_TAG.sub(" ", told))
    else:
        try:
            words = "; ".join(dict.fromkeys(_told(json.loads(text))))
        except (ValueError, RecursionError):
            words = "" if text[:1] in ("{", "[") else text
    for secret in secrets:
        words = without(words, secret)
    words = plain(" ".join(words.split()))
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def of_failure(body: bytes) -> bool:
    """Whether JSON that came as an answer says itself that it is none: what does so is short."""
    if len(body) > _READ or b"{" not in body[:8]:
        return False
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(document, dict):
        return False
    if document.get("success") is False:
        return True
    if any(type(code := document.get(name)) is int and 400 <= code < 600 for name in _CODES):
        return True
    is_words_only = document.keys() <= {"success", *_CODES, *_FIELDS}
    return is_words_only and any(True for _ in _told(document))


def of_firewall(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a firewall in front of a service answered, and not the service."""
    if any(name in headers for name in _WALL_HEADERS[:2]):
        return True
    text = body[:_READ].decode("utf-8", "replace")
    marked = any(name in headers for name in _WALL_HEADERS)
    return is_page(body) and (marked or _WALL.search(text) is not None)


def without(text: str, secret: str) -> str:
    """Return text with a secret replaced however it is spelled, or nothing if it is still told."""
    text = _spelled(secret).sub("[credential]", text)
    return "" if any(secret in one for one in _read_otherwise(text)) else text


def repeats(body: bytes, secret: str) -> bool:
    """Whether a body repeats a secret, as it is or as JSON, addresses, HTML or base64 spell it."""
    text = body.decode("utf-8", "replace")
    return secret in text or _spelled(secret).search(text) is not None


def _told(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, list) and depth < _DEEPEST:
        for one in value[:5]:
            yield from _told(one, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        for name in _FIELDS:
            if value.get(name):
                yield from _told(value[name], depth + 1)


@lru_cache(maxsize=64)
def _spelled(secret: str) -> re.Pattern[str]:
    r"""Return what matches a secret in any spelling, also where spellings are mixed.

    A sign may stand as itself, behind a backslash, as ``\u0041``, ``%41``, ``&#65;`` or a named
    entity; the whole in hex, or in base64, where it begins at any of three places.
    """
    spellings = ["".join(map(_sign, secret)), f"(?i:{secret.encode().hex()})"]
    raw = secret.encode()
    for before in range(3):
        # The signs at either end also depend on what stands beside.
        code = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        core = code[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        if len(core) >= len(secret):
            spellings.append("".join(map(_base64_sign, core)))
    return re.compile("|".join(spellings))


def _sign(sign: str) -> str:
    units = sign.encode("utf-16-be").hex()
    named = html.escape(sign)
    ways = [
        r"\\{0,4}" + re.escape(sign),
        "".join(rf"\\{{1,4}}u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)),
        "".join(f"%(?:25){{0,4}}(?i:{byte:02x})" for byte in sign.encode()),
        f"&#0{{0,6}}{ord(sign)};?",
        f"&#(?i:x0{{0,6}}{ord(sign):x});?",
        *([re.escape(named)] if named != sign else []),
        *(["[+]"] if sign == " " else []),
    ]
    return f"(?:{'|'.join(ways)})"


def _base64_sign(sign: str) -> str:
    return {"+": "(?:[+-]|%2[Bb])", "/": r"(?:\\?/|_|%2[Ff])"}.get(sign, sign)


def _read_otherwise(text: str) -> Iterator[str]:
    """Go through a text as what reads escapes, addresses or HTML would see it, one in the other."""
    for _ in range(3):
        yield text
        again = _ESCAPED.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], text)
        text = html.unescape(unquote_plus(again))
        yield again
