"""Compare the outputs a cell stores with those it now gives."""

from __future__ import annotations

import io
import json
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkdays.nbcheck import figure_data
from darkdays.nbcheck.images import image_difference
from darkdays.nbcheck.text import excerpt, scrub_svg, text_difference

Output = Mapping[str, Any]  # one output as nbformat keeps it

_PIXELS = {"image/png", "image/jpeg"}
_MEANING = {"alt": "the description", figure_data.KEY: "the numbers drawn"}
_RANDOM = {"application/vnd.jupyter.widget-view+json"}  # nothing but the id of a live widget


@dataclass(frozen=True)
class Tolerances:
    """How much may differ; see `darkdays.nbcheck` for the meaning of each."""

    rtol: float = 1e-6
    image_share: float = 0.005
    image_cluster: float = 0.125


def output_differences(
    stored: Sequence[Output],
    now: Sequence[Output],
    *,
    source: str = "",
    tolerances: Tolerances | None = None,
    roots: tuple[str, ...] = (),
) -> list[str]:
    """Say how the outputs of a cell differ: one clause a difference, none if they agree.

    Parameters
    ----------
    stored, now
        The outputs in the notebook and those of the run.
    source
        The cell's code. If it ends with ``;``, Jupyter hides the result but nbval, which
        runs cells without history, does not: then the run's result is left out, unless
        one is stored.
    tolerances
        How much may differ.
    roots
        Folders whose paths are scrubbed; see `darkdays.nbcheck.text.text_difference`.
    """
    judge = _Judge(tolerances or Tolerances(), roots)
    if ends_with_semicolon(source) and not any(_is_result(output) for output in stored):
        now = [output for output in now if not _is_result(output)]
    found: list[str] = []
    for name in ("stdout", "stderr"):
        found += judge.stream(name, _stream(stored, name), _stream(now, name))
    found += judge.displays(
        [output for output in stored if output["output_type"] != "stream"],
        [output for output in now if output["output_type"] != "stream"],
    )
    return found or _moved_streams(stored, now)


def ends_with_semicolon(source: str) -> bool:
    """Tell whether the last thing in the code, comments aside, is a semicolon."""
    blank = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
    blank |= {tokenize.INDENT, tokenize.DEDENT}
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):  # magics and shell lines are not Python
        return source.rstrip().endswith(";")
    words = [token.string for token in tokens if token.type not in blank]
    return bool(words) and words[-1] == ";"


@dataclass(frozen=True)
class _Judge:
    """Compares parts of outputs under the same tolerances."""

    tolerances: Tolerances
    roots: tuple[str, ...]

    def stream(self, name: str, stored: str, now: str) -> list[str]:
        """Compare what was printed on one stream."""
        if not stored and now:
            return [f"{name} is not stored, but now prints {excerpt(now)}"]
        if stored and not now:
            return [f"{name} stores {excerpt(stored)}, but nothing is printed now"]
        difference = self.text(stored, now)
        return [f"{name} differs in {difference}"] if difference else []

    def displays(self, stored: list[Output], now: list[Output]) -> list[str]:
        """Compare results, displays and errors in their order."""
        if len(stored) == len(now):
            return [d for a, b in zip(stored, now, strict=True) for d in self.output(a, b)]
        # What begins and ends alike is the same; what is left in the middle came or went.
        stored, now = list(stored), list(now)
        for end in (0, -1):
            while stored and now and not self.output(stored[end], now[end]):
                del stored[end], now[end]
        return [
            *(f"stored output {_describe(output)} is not produced now" for output in stored),
            *(f"output {_describe(output)} is produced now but not stored" for output in now),
        ]

    def output(self, stored: Output, now: Output) -> list[str]:
        """Compare two outputs that stand in the same place."""
        if stored["output_type"] != now["output_type"]:
            return [f"stored output {_describe(stored)}, but now {_describe(now)} is produced"]
        if stored["output_type"] == "error":
            old_error, error = (f"{o['ename']}: {o['evalue']}" for o in (stored, now))
            difference = self.text(old_error, error)
            return [f"the error differs in {difference}"] if difference else []
        old, new = (
            {mime: one for mime, one in output["data"].items() if mime not in _RANDOM}
            for output in (stored, now)
        )
        was, has = (dict(_parts(one.get("metadata") or {})) for one in (stored, now))
        return [
            *_each(old, new, self.data, "differs:"),
            *_each(was, has, self.metadata, "differs in"),
        ]

    def metadata(self, _: str, stored: Any, now: Any) -> str | None:
        """Compare what goes with an output: a picture's description, size, numbers drawn."""
        return self.text(_as_text(stored), _as_text(now))

    def data(self, mime: str, stored: Any, now: Any) -> str | None:
        """Compare one representation of an output."""
        if mime in _PIXELS:
            share, cluster = self.tolerances.image_share, self.tolerances.image_cluster
            return image_difference(stored, now, share=share, cluster=cluster)
        old, new = _as_text(stored), _as_text(now)
        if mime == "image/svg+xml":
            return self.text(scrub_svg(old), scrub_svg(new))
        if mime.startswith(("image/", "audio/", "video/")) or mime == "application/pdf":
            return None if old == new else "the stored bytes are not those produced now"
        return self.text(old, new)

    def text(self, stored: str, now: str) -> str | None:
        """Compare two texts."""
        return text_difference(stored, now, rtol=self.tolerances.rtol, roots=self.roots)


def _each(
    stored: Mapping[str, Any],
    now: Mapping[str, Any],
    compare: Callable[[str, Any, Any], str | None],
    differs: str,
) -> Iterator[str]:
    """Go through what two mappings hold, and say what came, went or differs."""
    for name in dict.fromkeys([*stored, *now]):
        if name not in now:
            yield f"{name} is stored but not produced now"
        elif name not in stored:
            yield f"{name} is produced now but not stored"
        elif difference := compare(name, stored[name], now[name]):
            yield f"{name} {differs} {difference}"


def _parts(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through the metadata of an output, those of each representation apart."""
    for kind, value in metadata.items():
        if "/" in kind and isinstance(value, Mapping):
            yield from ((f"{_MEANING.get(key, key)} of {kind}", one) for key, one in value.items())
        else:
            yield kind, value


def _is_result(output: Output) -> bool:
    """Tell whether an output is the value of the cell's last expression."""
    return bool(output["output_type"] == "execute_result")


def _stream(outputs: Sequence[Output], name: str) -> str:
    """Return everything printed on a stream."""
    return "".join(
        output["text"]
        for output in outputs
        if output["output_type"] == "stream" and output["name"] == name
    )


def _moved_streams(stored: Sequence[Output], now: Sequence[Output]) -> list[str]:
    """Say which stream has moved among the displays, where all else agrees.

    How the two streams stand to one another is a matter of timing and not compared.
    """
    return [
        f"{name} is not where it was among the other outputs"
        for name in ("stdout", "stderr")
        if _lines_before_displays(stored, name) != _lines_before_displays(now, name)
    ]


def _lines_before_displays(outputs: Sequence[Output], name: str) -> list[int]:
    """Return how many lines of a stream were printed before each display."""
    lines, counts = 0, []
    for output in outputs:
        if output["output_type"] != "stream":
            counts.append(lines)
        elif output["name"] == name:
            lines += output["text"].count("\n")
    return counts


def _as_text(data: Any) -> str:
    """Return JSON data as text whose order of keys is fixed, and text as it is."""
    return data if isinstance(data, str) else json.dumps(data, sort_keys=True, indent=1)


def _describe(output: Output) -> str:
    """Name an output by its kinds and the beginning of its text."""
    if output["output_type"] == "error":
        return f"error {excerpt(output['ename'] + ': ' + output['evalue'])}"
    data = output["data"]
    kinds = ", ".join(data) or "without content"
    return f"{kinds} {excerpt(data['text/plain'])}" if "text/plain" in data else kinds
