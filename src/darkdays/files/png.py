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
_DRAWN_BY: Final = re.compile(
    rb"Software\0Matplotlib version ?\d{1,3}(\.\d{1,3}){1,2}((rc|\.post)\d{1,2})?, "
    rb"https://matplotlib\.org/"
)
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PIECE: Final = 2**20


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
        If the file is no PNG, is damaged, or it, or its pixels, go on behind their end.
    """
    if not content.startswith(_SIGNATURE):
        raise ValueError("it is no PNG")
    found: list[tuple[str, bytes]] = []
    place, kind, packed, notes = len(_SIGNATURE), b"", b"", 0
    while kind != _END:
        head = content[place : place + 8]
        if len(head) < 8:
            raise ValueError("it is cut off")
        length, kind = struct.unpack(">I4s", head)
        data = content[place + 8 : place + 8 + length]
        place += 12 + length
        if content[place - 4 : place] != struct.pack(">I", zlib.crc32(kind + data)):
            raise ValueError("it is damaged")
        if kind == _PIXELS:
            packed += data
        elif kind == b"tEXt" and not notes and _DRAWN_BY.fullmatch(data):
            notes += 1
        else:
            found.append((kind.decode("latin-1"), data))
    if place != len(content) or not _is_all(packed, found[0][1]):
        raise ValueError("something stands behind its end")
    return found


def _is_all(packed: bytes, header: bytes) -> bool:
    """Whether packed pixels are those of the picture and no more, which no decoder would show."""
    try:
        width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", header)
        row = 1 + (width * depth * _SAMPLES[colours] + 7) // 8
        inflating, length, piece = zlib.decompressobj(), 0, b"more"
        while piece and length <= height * row:
            piece = inflating.decompress(packed, _PIECE)
            packed, length = inflating.unconsumed_tail, length + len(piece)
    except (KeyError, struct.error, zlib.error):
        return False
    # Interlaced rows are shorter and more; nothing here draws them.
    whole = inflating.eof and not inflating.unused_data
    return whole and (bool(interlaced) or length == height * row)
