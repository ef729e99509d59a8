"""Compare the outputs a cell stores with those it now gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkdays.nbcheck import figure_data
from darkdays.nbcheck.images import image_difference
from darkdays.nbcheck.text import excerpt, rendered, scrub_svg, text_difference, uncoloured
from darkdays.nbcheck.widgets import VIEW, same_default

Output = Mapping[str, Any]  # one output as nbformat keeps it

_PIXELS = {"image/png", "image/jpeg"}
_MEANING = {"alt": "the description", figure_data.KEY: "the numbers drawn"}


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
    tolerances: Tolerances | None = None,
    roots: tuple[str, ...] = (),
) -> list[str]:
    """Say how the outputs of a cell differ: one clause a difference, none if they agree.

    Parameters
    ----------
    stored, now
        The outputs in the notebook and those of the run, widgets as
        `darkdays.nbcheck.widgets.unfolded` gives them.
    tolerances
        How much may differ.
    roots
        Folders of this machine; see `darkdays.nbcheck.text.text_difference`.
    """
    judge = _Judge(tolerances or Tolerances(), roots)
    found: list[str] = []
    for name in ("stdout", "stderr"):
        found += judge.stream(name, *("".join(_segments(one, name)) for one in (stored, now)))
    found += judge.displays(
        [output for output in stored if output["output_type"] != "stream"],
        [output for output in now if output["output_type"] != "stream"],
    )
    return found or judge.moved(stored, now)


def coalesced(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs with all that was printed on a stream where its first text stands.

    papermill can be told to store a notebook so.
    """
    found: list[Output] = []
    places: dict[str, int] = {}
    for output in outputs:
        place = places.get(output["name"]) if output["output_type"] == "stream" else None
        if place is not None:
            found[place] = {**found[place], "text": found[place]["text"] + output["text"]}
            continue
        if output["output_type"] == "stream":
            places[output["name"]] = len(found)
        found.append(output)
    return found


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

    def moved(self, stored: Sequence[Output], now: Sequence[Output]) -> list[str]:
        """Say which stream has moved among the displays, where all else agrees.

        How the two streams stand to one another is a matter of timing and not compared.
        """
        return [
            f"{name} is not where it was among the other outputs"
            for name in ("stdout", "stderr")
            if any(map(self.text, _segments(stored, name), _segments(now, name)))
        ]

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
            kinds = [f"{_describe(one)} ({one['output_type']})" for one in (stored, now)]
            return [f"stored output {kinds[0]}, but now {kinds[1]} is produced"]
        if stored["output_type"] == "error":
            old_error, error = (f"{o['ename']}: {o['evalue']}" for o in (stored, now))
            if difference := self.text(old_error, error):
                return [f"the error differs in {difference}"]
            # Front ends show the traceback, and the error itself only where there is none.
            shown, traced = (uncoloured("\n".join(o["traceback"])) for o in (stored, now))
            difference = self.text(shown, traced) if shown else None
            return [f"the traceback differs in {difference}"] if difference else []
        old, new = (dict(output["data"]) for output in (stored, now))
        if VIEW in old and VIEW in new and old[VIEW] is None:
            del old[VIEW], new[VIEW]  # the state of widgets was not stored
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
            return image_difference(stored, now, share=share, cluster=cluster, kind=mime)
        if mime == VIEW and isinstance(stored, Mapping) and isinstance(now, Mapping):
            now = same_default(stored, now)
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


def _segments(outputs: Sequence[Output], name: str) -> list[str]:
    """Return what was printed on a stream before each display, and after the last."""
    segments = [""]
    for output in outputs:
        if output["output_type"] != "stream":
            segments.append("")
        elif output["name"] == name:
            segments[-1] += output["text"]
    return [rendered(text) for text in segments]


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
