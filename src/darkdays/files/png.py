"""What a PNG holds besides its pixels: a decoder may skip what a browser shows."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PIXELS: Final = b"IDAT"
_END: Final = b"IEND"
# Says which version drew it, and shows nowhere.
_DRAWN_BY: Final = re.compile(rb"Software\0Matplotlib version[\w.+]+, https://matplotlib\.org/")


def chunks(content: bytes) -> list[tuple[str, bytes]]:
    """Return the chunks of a PNG other than its pixels, which are one image and nothing behind it.

    Parameters
    ----------
    content
        The file.

    Returns
    -------
    list of tuple
        Kind and data of each in order, but for the note of what version of matplotlib drew it:
        more images (``acTL``, ``fdAT``), orientation (``eXIf``) and colours (``iCCP``, ``gAMA``)
        would be among them.

    Raises
    ------
    ValueError
        If the file is no PNG, is damaged, or goes on behind its end.
    """
    if not content.startswith(_SIGNATURE):
        raise ValueError("it is no PNG")
    found: list[tuple[str, bytes]] = []
    place, kind = len(_SIGNATURE), b""
    while kind != _END:
        head = content[place : place + 8]
        if len(head) < 8:
            raise ValueError("it is cut off")
        length, kind = struct.unpack(">I4s", head)
        data = content[place + 8 : place + 8 + length]
        place += 12 + length
        if content[place - 4 : place] != struct.pack(">I", zlib.crc32(kind + data)):
            raise ValueError("it is damaged")
        if kind != _PIXELS and not (kind == b"tEXt" and _DRAWN_BY.fullmatch(data)):
            found.append((kind.decode("latin-1"), data))
    if place != len(content):
        raise ValueError("something stands behind its end")
    return found
