"""Bodies as they arrive: limits, transport compression, and what no service means by an answer."""

from __future__ import annotations

import contextlib
import re
import zlib
from typing import Any, Final

import httpx

from darkdays.archive.client.faults import Fault

_PIECE: Final = 2**16
_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def read(response: httpx.Response, largest: int) -> bytes:
    """Return the body, transport compression undone, never more than ``largest`` bytes of it.

    Raises
    ------
    Fault
        If it is larger, was cut short, or is compressed in another way than asked.
    """
    too_large = Fault(
        f"is larger than {largest / 2**20:.3g} MiB, the most that is read of this service",
        "ask for a shorter window",
    )
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip", ""}:
        raise Fault("came back in a compression that was not asked for", passing=True)
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared[:18]) > largest:
        raise too_large
    body = bytearray()
    received = 0
    inflater = zlib.decompressobj(wbits=31) if "gzip" in coding else None
    for piece in response.iter_raw(_PIECE):
        # Counted before decompression too: empty members can go on for ever.
        received += len(piece)
        if received > largest + _PIECE:
            raise too_large
        if inflater is None:
            body += piece
        else:
            inflater = _inflate(inflater, piece, body, largest)
        if len(body) > largest:
            raise too_large
    if inflater is not None and received and not inflater.eof:
        raise Fault("was cut short", passing=True)
    return bytes(body)


def beginning(response: httpx.Response, largest: int) -> bytes:
    """Return the beginning of a body, as much of it as came undamaged."""
    body = b""
    with contextlib.suppress(httpx.HTTPError, zlib.error):
        for piece in response.iter_raw(_PIECE):
            body += piece
            if len(body) >= largest:
                break
        if "gzip" in response.headers.get("content-encoding", "").lower():
            body = zlib.decompressobj(wbits=31).decompress(body, largest)
    return body[:largest]


def refuse_implausible(response: httpx.Response, body: bytes, title: str = "") -> None:
    """Refuse what no service means as an answer, whatever its status says.

    Parameters
    ----------
    response, body
        What came.
    title
        Of a web page.

    Raises
    ------
    Fault
        If the body is empty, a web page, plainly cut short, or text that is compressed still.
    """
    if not body.strip():
        raise Fault("came back empty", passing=True)
    if is_page(body):
        named = f" ({title!r})" if title else ""
        raise Fault(f"came back as a web page{named} instead of data", passing=True)
    kind = response.headers.get("content-type", "").lower()
    if "json" in kind and body.lstrip()[:1] in b"{[" and body.rstrip()[-1:] not in b"}]":
        raise Fault("was cut short", passing=True)
    if body.startswith(b"\x1f\x8b") and ("json" in kind or kind.startswith("text/")):
        raise Fault("came back compressed without saying so", passing=True)
    # The directory of a zip file is at its end, before a comment of at most 64 KiB.
    if body.startswith(b"PK\3\4") and b"PK\5\6" not in body[-(2**16 + 22) :]:
        raise Fault("was cut short", passing=True)


def is_page(body: bytes) -> bool:
    """Whether a body is a web page, which no service answers with."""
    return _PAGE.match(body) is not None


def _inflate(inflater: Any, piece: bytes, body: bytearray, largest: int) -> Any:
    """Append what a piece decompresses to, one byte over the limit at most."""
    try:
        while piece and len(body) <= largest:
            if inflater.eof:  # another member, or zeros that pad to a block
                piece = piece.lstrip(b"\0")
                if not piece:
                    break
                inflater = zlib.decompressobj(wbits=31)
            body += inflater.decompress(piece, largest + 1 - len(body))
            piece = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    except zlib.error:
        raise Fault("came back with damaged compression", passing=True) from None
    return inflater
