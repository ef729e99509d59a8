"""What reaches a terminal: text whose control characters are shown and not obeyed.

Titles, names of operators, addresses and sentences of services are written by strangers. An escape
sequence in one could clear the screen, rename the window or hide a verdict, and a direction mark
could turn a line around.
"""

from __future__ import annotations

import io
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

# Controls but for tab and line feed, separators of lines, marks that turn the direction of what
# follows, and halves of surrogate pairs, which cannot be written at all.
OBEYED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

UNREAD: Final = 128 + getattr(signal, "SIGPIPE", 13)
"""What a program ends with whose reader went away, as a shell counts it."""


def plain(text: str) -> str:
    r"""Return text in which whatever a terminal obeys is written out, such as ``\u001b``.

    In JSON that is the same text.
    """
    return OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Guarded(io.TextIOBase):
    """A stream that writes everything as :func:`plain` has it.

    Parameters
    ----------
    stream
        Where to.
    """

    def __init__(self, stream: TextIO | None) -> None:
        # A program that was started with its output closed writes to nobody.
        self.unguarded = stream if stream is not None else io.StringIO()

    def write(self, text: str, /) -> int:
        """Write text; a carriage return before a line feed goes, all others are shown."""
        with self._read():
            self.unguarded.write(plain(text.replace("\r\n", "\n")))
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        with self._read():
            self.unguarded.flush()

    @contextmanager
    def _read(self) -> Iterator[None]:
        """End the program as others do whose reader went away: silently, as by that signal."""
        try:
            yield
        except BrokenPipeError:
            with suppress(OSError, ValueError):  # what is left goes nowhere
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.unguarded.fileno())
            sys.exit(UNREAD)

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self.unguarded.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream."""
        return self.unguarded.fileno()

    def writable(self) -> bool:
        """Whether it can be written to."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return self.unguarded.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What happens to letters its encoding does not have."""
        return self.unguarded.errors


def unguarded(stream: Any) -> Any:
    """Return the stream below a guard, for a program's own bars and colours."""
    return stream.unguarded if isinstance(stream, Guarded) else stream


@contextmanager
def guarding() -> Iterator[None]:
    """Guard the standard streams of this process."""
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            # A letter the terminal cannot show is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = (
        stream if isinstance(stream, Guarded) else Guarded(stream) for stream in before
    )
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def bars(*columns: str) -> Progress:
    """Draw bars of progress on stderr, until they are stopped.

    Parameters
    ----------
    columns
        Texts, such as ``{task.description}``; or ``bar``, ``count``, ``elapsed``, ``remaining``.
    """
    from rich import progress
    from rich.console import Console

    drawn = {
        "bar": progress.BarColumn(20),  # which leaves room for words in eighty columns
        "count": progress.MofNCompleteColumn(),
        "elapsed": progress.TimeElapsedColumn(),
        "remaining": progress.TimeRemainingColumn(),
    }
    found = progress.Progress(
        *(
            drawn[one] if one in drawn else progress.TextColumn(one, markup=False)
            for one in columns
        ),
        console=Console(file=unguarded(sys.stderr)),
    )
    found.start()
    return found


def duration(seconds: float) -> str:
    """Return a time in words: ``2 h 5 min``, ``5 min 7 s``, ``7 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
