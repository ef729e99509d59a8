"""The figures of a study, each drawn once: beside, as soon as what it shows is known.

What draws is loaded where it draws: a kernel that has it done beside is ready the sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, TypeVar

from darkdays.figures.drawn import Drawn
from darkdays.files.beside import Later
from darkdays.stages.products import Correlated, Detected
from darkdays.stages.stored import mark

if TYPE_CHECKING:
    from darkdays.figures.plot import Plot

T = TypeVar("T")
_COUNTS: Final = "measurements"
_OF_DETECTION: Final = ("onsets", "timeline", "recovery", "overview", _COUNTS)
_FIRST: Final = ("overview", "timeline", "onsets", "recovery")
"""As a report shows them, before what is held against each other."""
_SHARES: Final = 3
_asked: dict[str, dict[str, Later[Drawn | None]]] = {}
"""By the detection they show, the last one only, and by name."""


def show(detected: Detected, name: str) -> None:
    """Show a figure of the detection in a notebook: ``onsets``, ``timeline`` or ``recovery``."""
    drawn = _of_detection(detected)[name].result()
    assert drawn is not None
    drawn.show()


def plots(correlated: Correlated) -> Iterator[Plot]:
    """Make every figure of a report, one after the other."""
    from darkdays.stages import drawing

    makers = _of_report(correlated, drawing.of_detection(correlated.detected))
    lists, claims = drawing.of_correlation(correlated)
    yield from (make() for make in _in_order(lists, makers, claims))


def pictures(correlated: Correlated) -> Callable[[], list[Drawn]]:
    """Have every figure of a report drawn that is not drawn yet; they are there when called for."""
    asked = _of_report(correlated, _of_detection(correlated.detected))
    shares = [Later(partial(_of_correlation, correlated, share)) for share in range(_SHARES)]

    def drawn() -> list[Drawn]:
        everything: list[Later[Any]] = [*asked.values(), *shares]
        made = [one.result() for one in everything]
        found = dict(zip(asked, made, strict=False))
        lists, claims = (_dealt(one) for one in zip(*made[len(asked) :], strict=True))
        return _in_order(lists, {name: one for name, one in found.items() if one}, claims)

    return drawn


def _of_report(correlated: Correlated, of_detection: Mapping[str, T]) -> dict[str, T]:
    """Return what a report shows of a detection: without a signal no more than counts."""
    measured = correlated.detected.fetched.case.signals
    return {name: one for name, one in of_detection.items() if measured or name == _COUNTS}


def _in_order(lists: list[T], of_detection: Mapping[str, T], claims: list[T]) -> list[T]:
    """Return the figures of a report as it shows them."""
    first = [of_detection[name] for name in _FIRST if name in of_detection]
    last = [one for name, one in of_detection.items() if name not in _FIRST]
    return [*lists, *first, *claims, *last]


def _of_detection(detected: Detected) -> dict[str, Later[Drawn | None]]:
    key = mark(detected.fetched.folder, "detect")
    if key not in _asked:
        _asked.clear()
        _asked[key] = {
            name: Later(partial(_one_of_detection, name, detected)) for name in _OF_DETECTION
        }
    return _asked[key]


def _one_of_detection(name: str, detected: Detected) -> Drawn | None:
    from darkdays.stages import drawing

    make = drawing.of_detection(detected).get(name)
    return None if make is None else drawing.draw(make)


def _of_correlation(correlated: Correlated, share: int) -> tuple[list[Drawn], list[Drawn]]:
    """Draw every so many of the figures of lists and of comparisons."""
    from darkdays.stages import drawing

    lists, claims = drawing.of_correlation(correlated)
    return (
        [drawing.draw(make) for make in lists[share::_SHARES]],
        [drawing.draw(make) for make in claims[share::_SHARES]],
    )


def _dealt(shares: Sequence[list[Drawn]]) -> list[Drawn]:
    """Return what was dealt out, in its order."""
    return [one for row in zip_longest(*shares) for one in row if one is not None]
