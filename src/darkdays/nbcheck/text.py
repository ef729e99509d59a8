"""Compare two texts that runs of the same notebook printed.

What differs from run to run by nature (paths, addresses, ids) is scrubbed first. Then
every character must be equal, except that floats may differ by a relative tolerance.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import zip_longest
from uuid import UUID

_SHOWN = 100  # characters of a line quoted in a message
_FLOAT_MARK, _PATH_MARK = "\0", "\1"
_GREGORIAN = 12_219_292_800  # seconds from the first day of that calendar to 1970
_YEAR_2000, _YEAR_2100 = 946_684_800, 4_102_444_800

# A clock time keeps its fraction: it is not a float with a tolerance. A float has a
# decimal point followed by digits, or a signed exponent; it is no part of a name, a
# version (1.2.3), an address or a date. Everything else, integers included, is exact.
_TIME_OR_FLOAT = re.compile(
    r"(?P<time>[0-9]+(?::[0-9]{2})+(?:\.[0-9]+)?)"
    r"|(?P<float>(?:(?<![\w.)\]])[+-])?(?<![\w.])"
    r"(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.?[eE][+-][0-9]+)(?!\.?[0-9]))"
)
# Numbers that may be times, where 1e-6 would be hours: decimal years, days since 1970 and Julian
# days, full and modified, seconds since 1970 and their thousandth parts.
_MAY_BE_TIMES = (
    *((1900, 2100), (10_000, 70_000), (2.4e6, 2.5e6)),
    *((10.0**power, 2.2 * 10.0**power) for power in (9, 12, 15, 18)),
)

# tqdm's [00:01<00:02, 98.23it/s], without a total [00:01, 98.23it/s]; in a notebook's widget its
# blanks are as wide as a digit, and written as JSON and HTML.
_TQDM = re.compile(
    r"\[[0-9:]+(?:(?:<|&lt;)[0-9:?]+)?,(?: |\u2007|\\u2007)*"
    r"[0-9.?]+ ?\w*(?:it/s|s/it|/s|s/\w+)(?=[\],])"
)
# A bar of tqdm in a format of one's own: beside its percent or its counts; around it stand how long
# it took, and rates.
_BAR = re.compile(
    r"^.*(?:[0-9]%\|(?:[█▉▊▋▌▍▎▏]+|#+)[0-9 ]*\||\|(?:[█▉▊▋▌▍▎▏]+|#+)[0-9 ]*\| *[0-9]+/[0-9]).*$",
    re.MULTILINE,
)
_TOOK = re.compile(
    r" *(?<![\w.:-])(?:[0-9]+:)?[0-9]+:[0-9]{2}(?![\w.:-])"
    r"| *(?<![\w.])[0-9.?]+ ?(?:\w*(?:it/s|s/it)|s)\b"
)
_RICH = re.compile(r"\b[0-9]+:[0-9]{2}:[0-9]{2}\b|\b[0-9.]+ (?:bytes|[kMGT]B)/s")
_VOLATILE: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b(PID|pid)(\s*[:=]?\s*)[0-9]+"), r"\1\2<pid>"),
    (re.compile(r"\bat 0x[0-9a-fA-F]+"), "at <address>"),
    # xarray names the sections of its HTML by UUIDs as well
    (
        re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        lambda found: found[0] if UUID(found[0]).version in {3, 5} else "<uuid>",
    ),
    # the same without dashes
    (
        re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{12}[1467][0-9a-f]{3}[89ab][0-9a-f]{15}(?![0-9a-f])"),
        lambda found: "<uuid>" if _is_drawn(UUID(found[0])) else found[0],
    ),
    # pandas Styler: id="T_1a2b3_row0_col0" and its style sheet
    (re.compile(r"((?:id|for)=[\"']|#)T_[0-9a-f]{5}(?![0-9a-zA-Z])"), r"\1T_<styler>"),
    # how long it took: tqdm's [00:01<00:02, 98.23it/s], and what rich says behind its bar
    (_TQDM, "[<rate>"),
    (re.compile(r"(?<=━)[^━\n]+"), lambda found: _RICH.sub("<time>", found[0])),
    (_BAR, lambda found: _TOOK.sub("<time>", found[0])),
    # IPython names a display that a later cell updates
    (re.compile(r"(?<=display_id=)[0-9a-f]{32}\b"), "<id>"),
    # the number of a cell in a traceback: cells may be skipped
    (re.compile(r"\b((?:Cell|Input) In ?)\[[0-9]+\]"), r"\1[<n>]"),
)
# Of a path: a name drawn at random, the file a cell is compiled as, and where libraries lie.
_RANDOM_PARTS = (
    (re.compile(r"/[t]mp[a-z0-9_]{8}(?=[./]|$)"), "/<random>"),
    (re.compile(r"/ipykernel_[0-9]+/[0-9]+\.py$"), "/<cell>"),
    (re.compile(r"^.*/(?:site|dist)-packages/"), "<packages>/"),
)
_USUAL_ROOT = re.compile(
    r"~|/root\b|/tmp\b|/(?:home|Users)/[^/]+|/var/(?:tmp|folders)|/private/(?:tmp|var)|[A-Za-z]:/"
)
# The code that hides what follows is no colour.
_COLOURS = re.compile(r"\x1b\[(?!(?:[0-9]*;)*0*8[;m])[0-9;]*m")
_BACKSPACE = re.compile(r"[^\n]\x08")
_RETURN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)
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
        with gaps) or may be times in years, days or seconds. Other numbers from 1000 with ten
        digits or more may differ by what arithmetic leaves.
    roots
        Folders of this machine: where one of these begins a path of the run, another machine's
        may stand in the notebook. What follows must be the same, and so must other paths.

    Returns
    -------
    str or None
        A clause such as ``line 2: stored 'a 1', now 'a 2'``.
    """
    if stored == now:
        return None
    find = _paths(roots)
    (old, old_frame, old_paths, old_floats), (new, new_frame, new_paths, new_floats) = (
        _split(text, find) for text in (stored, now)
    )
    if old_frame != new_frame:
        # A float that prints longer moves the padding and line breaks around it.
        moved = [len(x) for x in old_floats] != [len(x) for x in new_floats]
        if not moved or old_frame.split() != new_frame.split():
            return _first_line(stored, now, old, new)
    for one, other in zip(old_paths, new_paths, strict=True):
        if not _same_path(one, other, roots):
            return f"a path: stored {excerpt(one)}, now {excerpt(other)}"
    pairs = list(zip(old_floats, new_floats, strict=True))
    different = [pair for pair in pairs if not _close(*pair, rtol)]
    if not different:
        return None
    before, after = different[0]
    place = f"number {pairs.index(different[0]) + 1} of {len(pairs)} floats"
    more = f" (and {len(different) - 1} more)" if len(different) > 1 else ""
    return f"{place}: stored {before}, now {after}{more}"


def rendered(text: str) -> str:
    """Return what is seen of a text: without what a progress bar wrote over."""
    before = None
    while before != text:
        before, text = text, _BACKSPACE.sub("", text)
    return _RETURN.sub("", text)


def uncoloured(text: str) -> str:
    """Return a traceback without colours, which a version of IPython chooses."""
    return _COLOURS.sub("", text)


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


def _split(text: str, path: re.Pattern[str]) -> tuple[str, str, list[str], list[str]]:
    """Return the text scrubbed; with its paths and floats marked; and both as printed."""
    paths: list[str] = []
    floats: list[str] = []

    def mark_path(found: re.Match[str]) -> str:
        paths.append(found[0])
        return _PATH_MARK

    def mark(found: re.Match[str]) -> str:
        if found["float"] is None:
            return found[0]
        floats.append(found[0])
        return _FLOAT_MARK

    text = path.sub(mark_path, text)
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return text, _TIME_OR_FLOAT.sub(mark, text), paths, floats


def _is_drawn(one: UUID) -> bool:
    """Tell an id that was drawn or made of the time from another number of 32 digits: a digest.

    Those of the time count from 1582 or 1970; of a digest that would be in 2000 to 2100 once in
    thousands. Those made of a name are the same in every run.
    """
    if one.version == 4:
        return True
    number = one.int
    if one.version == 7:
        seconds = (number >> 80) / 1e3
    elif one.version == 6:
        seconds = ((number >> 80 << 12) + (number >> 64 & 0xFFF)) / 1e7 - _GREGORIAN
    else:
        seconds = one.time / 1e7 - _GREGORIAN
    return _YEAR_2000 <= seconds < _YEAR_2100


def _close(old: str, new: str, rtol: float) -> bool:
    """Tell whether two printed floats agree."""
    if old == new:
        return True
    a, b = float(old), float(new)
    if math.isinf(a) or math.isinf(b):
        return False
    if a.is_integer() and b.is_integer() and max(abs(a), abs(b)) < 1e12:
        return a == b
    if any(least <= abs(x) < most for x in (a, b) for least, most in _MAY_BE_TIMES):
        rtol = min(rtol, 2.3e-16)  # the last bit: a microsecond since 1970 is three of them
    elif (
        1000 <= abs(a) < 2.2e18 and len(old.partition("e")[0].strip("+-0.").replace(".", "")) >= 10
    ):
        rtol = min(rtol, 1e-13)
    return math.isclose(a, b, rel_tol=rtol)


@lru_cache(maxsize=16)
def _paths(roots: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of absolute paths: the given folders may hold blanks."""
    given = [re.escape(root) for root in sorted(roots, key=len, reverse=True) if len(root) > 1]
    start = "|".join([*given, r"~?/(?![/\s]|$)", r"[A-Za-z]:[\\/]"])
    return re.compile(rf"(?<![\w./~<-])(?:file://)?(?:{start})[^\s'\"<>:;,()\[\]{{}}|&*?]*")


def _same_path(stored: str, now: str, roots: tuple[str, ...]) -> bool:
    """Tell whether two paths are equal below a folder of this machine."""
    stored, now = (one.removeprefix("file://").replace("\\", "/") for one in (stored, now))
    now = os.path.expanduser(now)  # noqa: PTH111 - also where nobody's home is known
    for pattern, word in _RANDOM_PARTS:
        stored, now = pattern.sub(word, stored), pattern.sub(word, now)
    if stored == now:
        return True
    for root in (one.replace("\\", "/").rstrip("/") for one in roots):
        below = now.removeprefix(root)
        if root and below != now and below[:1] in {"", "/"} and stored.endswith(below):
            above = stored[: len(stored) - len(below)]
            if above in roots or _USUAL_ROOT.match(above):
                return True
    return False


def _first_line(stored: str, now: str, old: str, new: str) -> str:
    """Quote the first line that differs once scrubbed, as it was printed."""
    # scrubbing and the marks keep line breaks, so that lines can be found by number
    nowhere = re.compile(r"(?!)")
    frames = zip_longest(*(_split(one, nowhere)[1].split("\n") for one in (old, new)))
    line = next(number for number, (a, b) in enumerate(frames) if a != b)
    before, after = stored.split("\n"), now.split("\n")
    if line >= len(before):
        return f"line {line + 1}: nothing stored, now {excerpt(after[line])}"
    if line >= len(after):
        return f"line {line + 1}: stored {excerpt(before[line])}, now nothing"
    a, b = before[line], after[line]
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    return f"line {line + 1}: stored {excerpt(a, start)}, now {excerpt(b, start)}"
