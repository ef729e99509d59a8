"""Compare two texts that runs of the same notebook printed.

What differs from run to run by nature (paths, addresses, ids) is scrubbed first. Then
every character must be equal, except that floats may differ by a relative tolerance.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import zip_longest

_SHOWN = 100  # characters of a line quoted in a message
_FLOAT_MARK = "\0"

# A clock time keeps its fraction: it is not a float with a tolerance. A float has a
# decimal point followed by digits, or a signed exponent; it is no part of a name, a
# version (1.2.3), an address or a date. Everything else, integers included, is exact.
_TIME_OR_FLOAT = re.compile(
    r"(?P<time>[0-9]+(?::[0-9]{2})+(?:\.[0-9]+)?)"
    r"|(?P<float>(?:(?<![\w.)\]])[+-])?(?<![\w.])"
    r"(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.?[eE][+-][0-9]+)(?!\.?[0-9]))"
)

_VOLATILE = (
    (re.compile(r"[^\s'\"<>:]*[/\\]ipykernel_[0-9]+[/\\][0-9]+\.py"), "<cell>"),
    (re.compile(r"\b(PID|pid)(\s*[:=]?\s*)[0-9]+"), r"\1\2<pid>"),
    (re.compile(r"\bat 0x[0-9a-fA-F]+"), "at <address>"),
    # xarray names the sections of its HTML by UUIDs as well
    (re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "<uuid>"),
    # pandas Styler: id="T_1a2b3_row0_col0" and its style sheet
    (re.compile(r"((?:id|for)=[\"']|#)T_[0-9a-f]{5}(?![0-9a-zA-Z])"), r"\1T_<styler>"),
)
_USUAL_ROOTS = (
    r"/(?:(?:home|Users)/[^/\s'\"<>:;,]+|root|tmp|var/(?:tmp|folders)|private/(?:tmp|var))"
)
_RANDOM_NAME = re.compile(r"tmp[\w.]{6,}")
_SVG_ID = re.compile(r"\bid=\"([^\"]+)\"")
_SVG_DATE = re.compile(r"<dc:date>[^<]*</dc:date>")


def text_difference(
    stored: str, now: str, *, rtol: float = 1e-6, roots: tuple[str, ...] = ()
) -> str | None:
    """Say where two texts differ, or nothing if they agree.

    Parameters
    ----------
    stored, now
        The text in the notebook and the text the run printed.
    rtol
        Largest relative difference between two floats. Integers, dates and times must
        be equal; so must floats that are whole numbers below 1e12 (counts in a table
        with gaps) or look like seconds or milliseconds since 1970.
    roots
        Folders of this machine whose paths are scrubbed besides the usual home and
        temporary ones.

    Returns
    -------
    str or None
        A clause such as ``line 2: stored 'a 1', now 'a 2'``.
    """
    if stored == now:
        return None
    old, new = scrub(stored, roots), scrub(now, roots)
    old_frame, old_floats = _split(old)
    new_frame, new_floats = _split(new)
    if old_frame != new_frame:
        # A float that prints longer moves the padding and line breaks around it.
        moved = [len(x) for x in old_floats] != [len(x) for x in new_floats]
        if not moved or old_frame.split() != new_frame.split():
            return _first_line(stored, now, old, new)
    pairs = list(zip(old_floats, new_floats, strict=True))
    different = [pair for pair in pairs if not _close(*pair, rtol)]
    if not different:
        return None
    before, after = different[0]
    place = f"number {pairs.index(different[0]) + 1} of {len(pairs)} floats"
    more = f" (and {len(different) - 1} more)" if len(different) > 1 else ""
    return f"{place}: stored {before}, now {after}{more}"


def scrub(text: str, roots: tuple[str, ...] = ()) -> str:
    """Replace what differs from run to run by nature with a fixed word, line by line."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return _paths(roots).sub(_scrub_path, text)


def scrub_svg(svg: str) -> str:
    """Replace the ids of an SVG by numbers in the order they appear, and drop its date."""
    svg = _SVG_DATE.sub("<dc:date/>", svg)
    names = {name: f"id-{i}" for i, name in enumerate(dict.fromkeys(_SVG_ID.findall(svg)))}
    if not names:
        return svg
    alternatives = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    uses = re.compile(rf"(\bid=\"|#)({alternatives})(?=[\")])")
    return uses.sub(lambda found: found[1] + names[found[2]], svg)


def excerpt(text: str, start: int = 0) -> str:
    """Quote a text around a position, on one line and not too long."""
    first = max(0, start - _SHOWN // 2)
    shown = text[first : first + _SHOWN]
    return repr(("…" if first else "") + shown + ("…" if first + _SHOWN < len(text) else ""))


def _split(text: str) -> tuple[str, list[str]]:
    """Return the text with its floats marked, and the floats as printed."""
    floats: list[str] = []

    def mark(found: re.Match[str]) -> str:
        if found["float"] is None:
            return found[0]
        floats.append(found[0])
        return _FLOAT_MARK

    return _TIME_OR_FLOAT.sub(mark, text), floats


def _close(old: str, new: str, rtol: float) -> bool:
    """Tell whether two printed floats agree."""
    if old == new:
        return True
    a, b = float(old), float(new)
    if math.isinf(a) or math.isinf(b):
        return False
    if a.is_integer() and b.is_integer() and max(abs(a), abs(b)) < 1e12:
        return a == b
    if _may_be_epoch(a) and _may_be_epoch(b):
        rtol = min(rtol, 1e-12)
    return math.isclose(a, b, rel_tol=rtol)


def _may_be_epoch(value: float) -> bool:
    """Tell whether a number may be a time of 2001 to 2033, where 1e-6 would be half an hour."""
    return 1e9 <= value < 2e9 or 1e12 <= value < 2e12


@lru_cache(maxsize=16)
def _paths(roots: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of absolute paths under the usual roots and the given ones."""
    given = [re.escape(root) for root in sorted(roots, key=len, reverse=True) if len(root) > 1]
    start = "|".join([*given, _USUAL_ROOTS])
    return re.compile(
        rf"(?<![\w./~-])(?:file://)?(?:{start})(?![\w.-])(?:/[^\s'\"<>:;,()\[\]{{}}|&*?]*)?"
    )


def _scrub_path(found: re.Match[str]) -> str:
    """Keep a file's name, for it tells what is meant; folders differ between machines."""
    name = found[0].rstrip("/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    if not stem or not suffix.isalnum():
        return "<path>"
    return f"<path>{dot}{suffix}" if _RANDOM_NAME.fullmatch(stem) else f"<path>/{name}"


def _first_line(stored: str, now: str, old: str, new: str) -> str:
    """Quote the first line that differs once scrubbed, as it was printed."""
    # scrubbing and the marks keep line breaks, so that lines can be found by number
    frames = zip_longest(_split(old)[0].split("\n"), _split(new)[0].split("\n"))
    line = next(number for number, (a, b) in enumerate(frames) if a != b)
    before, after = stored.split("\n"), now.split("\n")
    if line >= len(before):
        return f"line {line + 1}: nothing stored, now {excerpt(after[line])}"
    if line >= len(after):
        return f"line {line + 1}: stored {excerpt(before[line])}, now nothing"
    a, b = before[line], after[line]
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    return f"line {line + 1}: stored {excerpt(a, start)}, now {excerpt(b, start)}"
