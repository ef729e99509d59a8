"""The encoding of a text, of any that programs and people save."""

from __future__ import annotations

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

from darkdays.errors import InputError

HEAD: Final = 2**16
"""Bytes that are looked at to tell what a text is."""
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# What spreadsheets still save where they do not save Unicode.
_PAGES: Final = ["cp1252", "cp1250", "cp1251", "cp1256", "cp1254", "gb18030", "shift_jis", "big5"]


def decoded(content: bytes, name: str) -> tuple[bytes, str]:
    """Return a text as UTF-8 without a mark, and what it was if not that.

    Parameters
    ----------
    content, name
        What is in the file, and what to call it.

    Raises
    ------
    InputError
        If it is no text.
    """
    encoding = next((called for mark, called in _MARKS if content.startswith(mark)), "")
    try:
        if not encoding:
            content = content.removeprefix(codecs.BOM_UTF8)
            if b"\0" not in content[:HEAD]:
                if not content.isascii():
                    content.decode("utf-8")
                return content, ""
            zeros = [content[at:HEAD:2].count(0) for at in (0, 1)]
            encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
            if max(zeros) < len(content[:HEAD]) // 4:
                content.decode("utf-8")  # a character that is none stands in some cell
                return content.replace(b"\0", b""), ""
        return content.decode(encoding).encode(), encoding.upper()
    except UnicodeDecodeError:
        pass
    if b"\0" in content or re.search(rb"[\x01-\x08\x0e-\x1f]", content[:HEAD]):
        raise InputError(f"{name} is no text table; save it as CSV, or as a workbook.")
    best = from_bytes(content[:HEAD], cp_isolation=_PAGES).best()
    encoding = best.encoding if best is not None else "cp1252"
    return content.decode(encoding, "replace").encode(), encoding


def head_of(content: bytes) -> str:
    """Return the first lines of a text in UTF-8, whole ones if there are any."""
    head = content[:HEAD]
    if len(content) > HEAD:
        head = head.rpartition(b"\n")[0] or head
    return head.decode("utf-8", "replace")
