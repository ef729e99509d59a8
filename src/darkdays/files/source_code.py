"""Python sources as what they do: without comments, docstrings, blank lines and trailing spaces.

What is left is the same under every version of Python: no tokenizer and no syntax tree of one is
asked, both of which differ between 3.11 and 3.13. Strings and comments of any source that Python
3.11 can read are told apart by one regular expression; later versions allow more inside f-strings
(quotes of the same kind, comments), which this project cannot use.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

_LEXEMES: Final = re.compile(
    r"""
    (?P<string>
        "{3} (?: [^"\\]++ | \\. | "(?!"") )*+ "{3}
      | '{3} (?: [^'\\]++ | \\. | '(?!'') )*+ '{3}
      | " (?: [^"\\\n]++ | \\. )*+ "
      | ' (?: [^'\\\n]++ | \\. )*+ '
    )
    | [#][^\n]*
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK: Final = re.compile(r"^[ \t\f]*\n|[ \t\f]+$", re.MULTILINE)
# A string in a statement of its own does nothing; one with another prefix may be computed.
_INERT: Final = "rRuU"
_STRING: Final = "\0"  # stands for a string while lines are trimmed; no source holds one


def without_comments(source: str) -> str:
    """Return the source without what moves no result.

    Parameters
    ----------
    source
        Of a module that Python 3.11 can read.

    Returns
    -------
    str
        Its code; strings are as they were, but for those that are a statement of their own, as
        docstrings are.
    """
    source = source.replace("\r\n", "\n")
    code, strings = [], []
    depth = counted = after = 0
    for found in _LEXEMES.finditer(source):
        code.append(source[after : found.start()])
        after = found.end()
        if found["string"] is None:
            continue
        if _stands_alone(source, found):
            opened = "".join(code[counted:])
            depth += sum(map(opened.count, "([{")) - sum(map(opened.count, ")]}"))
            counted = len(code)
            if not depth:
                code[-1] = code[-1].rstrip(_INERT)
                continue
        code.append(_STRING)
        strings.append(found[0])
    code.append(source[after:])
    whole = iter(strings)
    trimmed = _BLANK.sub("", "".join(code))
    return re.sub(_STRING, lambda _: next(whole), trimmed)


def _stands_alone(source: str, found: re.Match[str]) -> bool:
    """Whether a string is all there is on its lines: outside brackets, a statement."""
    begin = source.rfind("\n", 0, found.start()) + 1
    end = source.find("\n", found.end())
    behind = source[found.end() : end if end >= 0 else len(source)].lstrip()
    return (
        source[begin : found.start()].strip() in {"", *_INERT}
        and not source[:begin].endswith("\\\n")
        and behind[:1] in {"", "#"}
    )


def digest_of_code(folder: Path, names: Iterable[str]) -> str:
    """Hash named files of a folder with their names, whatever is not Python byte by byte."""
    sha = hashlib.sha256()
    for name in sorted(names):
        content = (folder / name).read_bytes()
        is_python = name.endswith(".py")
        one = _digest_of_python(content) if is_python else hashlib.sha256(content).hexdigest()
        sha.update(f"{name}\n{one}\n".encode())
    return sha.hexdigest()


@cache
def _digest_of_python(content: bytes) -> str:
    """Hash a Python file; one process asks for the same file several times."""
    return hashlib.sha256(without_comments(content.decode()).encode()).hexdigest()
