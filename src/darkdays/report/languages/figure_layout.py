"""Where a text of a figure may stand in another language: over nothing else, and within its panel.

Of each text stays what its place is known by: its begin, middle or end. It may take what is free
beside it, and is set smaller where that is not enough. The columns of a key move apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from darkdays.report.languages.lettering import Box, Line, turned, turned_box

_ABOVE, _BELOW = 0.76, 0.24
"""Of a line of text, in its size, from where it stands."""
_LINE: Final = 1.2
"""From a line of text to the next, in its size."""
_HANDLE: Final = 3.2
"""What the sign of an entry of a key takes before its text, in the size of that."""
_GAP: Final = 2.0
"""Points that stay free between texts."""
_NEAR, _BESIDE = 1.5, 14.0
"""Points within which a text begins where its panel does, or belongs to an axis."""
_MARGIN: Final = 0.015
"""Of the width of a figure: what begins there is set to its left."""
_SMALLER: Final = 0.95


@dataclass
class Text:
    """A text of a figure.

    Attributes
    ----------
    lines
        One or more.
    turn
        By how many degrees it is turned.
    key
        The key it is in; none if empty.
    moved
        How far the sign of an entry of a key moves to the right.
    box
        What it takes, in a page turned so that it is level.
    """

    lines: list[Line]
    turn: float
    key: str
    moved: float = 0.0
    box: Box = field(init=False)

    def __post_init__(self) -> None:
        self.put(self.lines)

    def put(self, lines: list[Line]) -> None:
        """Let it be these lines."""
        self.lines = lines
        self.box = (
            min(one.x for one in lines),
            min(one.y - _ABOVE * one.size for one in lines),
            max(one.x + one.width for one in lines),
            max(one.y + _BELOW * one.size for one in lines),
        )

    def seen(self, turn: float) -> Box:
        """Return what it takes in a page turned otherwise, with its sign in a key."""
        left, *rest = self.box
        sign = _HANDLE * self.lines[0].size if self.key else 0.0
        return turned_box((left - sign, *rest), self.turn - turn)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Layout:
    """A figure: its size, its panels, and all its texts."""

    size: tuple[float, float]
    panels: Sequence[Box]
    texts: Sequence[Text]

    def place(self, said: Sequence[Sequence[str]], *, right_to_left: bool) -> None:
        """Put lines in the places of texts, those of keys first."""
        to_say = dict(zip(map(id, self.texts), said, strict=True))
        for key in dict.fromkeys(one.key for one in self.texts if one.key):
            entries = [one for one in self.texts if one.key == key]
            self._place_key(entries, [to_say[id(one)] for one in entries])
        for text in self.texts:
            if not text.key:
                self._place(text, to_say[id(text)], right_to_left)

    def add_below(self, text: Text, said: str) -> None:
        """Add a line to a text, below its middle, if nothing stands there."""
        last = text.lines[-1]
        low, _, high, _ = text.box
        line = replace(last.saying(said), y=last.y + _LINE * last.size, span=(last.span[1],) * 2)
        line = replace(line, x=(low + high - line.width) / 2)
        new = Text([line], text.turn, "").box
        around = (new[0] - _GAP, new[1], new[2] + _GAP, new[3])
        taken = [*self.panels, *(one.seen(0) for one in self.texts if one is not text)]
        within = not text.turn and around[0] >= 0 and around[2] <= self.size[0]
        if within and not any(overlap(around, one) for one in taken):
            text.put([*text.lines, line])

    def _place(self, text: Text, said: Sequence[str], right_to_left: bool) -> None:
        anchor = self._anchor(text)
        low, high = self._room(text.box, text.turn, [text])
        left, _, right, _ = text.box
        low = left if anchor == "start" else min(low, left)
        high = right if anchor == "end" else max(high, right)
        if anchor == "start" and right_to_left and len(said) > 1:
            anchor = "end"
        new = [line.saying(one) for line, one in zip(text.lines, said, strict=True)]
        widest = max(one.width for one in new)
        share = min(1.0, (high - low) / widest) if widest else 1.0
        spare = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        smaller = [replace(one, size=one.size * share) for one in new]
        wanted = [left + (right - left - one.width) * spare for one in smaller]
        text.put(
            [
                replace(one, x=max(low, min(x, high - one.width)))
                for one, x in zip(smaller, wanted, strict=True)
            ]
        )

    def _place_key(self, entries: Sequence[Text], said: Sequence[Sequence[str]]) -> None:
        """Move the columns of a key apart as its texts grow; to the left where it ends at right."""
        boxes = [one.seen(0) for one in entries]
        around = (
            min(one[0] for one in boxes), min(one[1] for one in boxes),
            max(one[2] for one in boxes), max(one[3] for one in boxes),
        )  # fmt: skip
        low, high = self._room(around, 0, entries)
        share = 1.0
        while True:
            new = [
                [
                    replace(line.saying(one), size=line.size * share)
                    for line, one in zip(text.lines, lines, strict=True)
                ]
                for text, lines in zip(entries, said, strict=True)
            ]
            moves = list(_moves(entries, new))
            ends = (
                line.x + move + line.width
                for lines, move in zip(new, moves, strict=True)
                for line in lines
            )
            back = max(0.0, max(ends) - max(high, around[2]))
            if back <= max(0.0, around[0] - low) or share < _SMALLER**10:
                break
            share *= _SMALLER
        for text, lines, move in zip(entries, new, moves, strict=True):
            text.moved = move - back
            text.put([replace(line, x=line.x + text.moved) for line in lines])

    def _anchor(self, text: Text) -> str:
        """Return what of a text stays where it is: its ``start``, ``middle`` or ``end``."""
        left, top, right, bottom = text.box
        if text.turn:
            lowest = max((one[3] for one in self.panels), default=math.inf)
            below = turned((right, bottom), text.turn)[1] > lowest
            return "end" if below else "middle"  # beside a tick, or along a panel
        if left < _MARGIN * self.size[0]:
            return "start"
        if len({round(one.width, 1) for one in text.lines}) > 1:
            starts = {round(one.x, 1) for one in text.lines}
            ends = {round(one.x + one.width, 1) for one in text.lines}
            return "start" if len(starts) == 1 else "end" if len(ends) == 1 else "middle"
        for panel in self.panels:
            if abs(left - panel[0]) < _NEAR:
                return "start"
            if abs(right - panel[2]) < _NEAR:
                return "end"
            if panel[1] - _NEAR < (top + bottom) / 2 < panel[3] + _NEAR:
                if 0 <= panel[0] - right < _BESIDE:
                    return "end"
                if 0 <= left - panel[2] < _BESIDE:
                    return "start"
        return "middle"

    def _room(self, box: Box, turn: float, own: Iterable[Text]) -> tuple[float, float]:
        """Return from where to where a box may reach: its neighbours, its panel, the edge."""
        left, top, right, bottom = box
        if turn % 90:
            return left, right
        mine = set(map(id, own))
        beside = [one.seen(turn) for one in self.texts if id(one) not in mine]
        across, down = (left + right) / 2, (top + bottom) / 2
        bounds = turned_box((0, 0, *self.size), -turn)
        for panel in (turned_box(one, -turn) for one in self.panels):
            if panel[0] <= across <= panel[2] and panel[1] <= down <= panel[3]:
                bounds = panel
            else:
                beside.append(panel)
        low, high = bounds[0] + _GAP, bounds[2] - _GAP
        for other in beside:
            if other[1] < bottom and other[3] > top:
                if other[2] <= left + _NEAR:
                    low = max(low, other[2] + _GAP)
                elif other[0] >= right - _NEAR:
                    high = min(high, other[0] - _GAP)
        return low, high


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have a point in common."""
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]


def _moves(entries: Sequence[Text], new: Sequence[Sequence[Line]]) -> Iterator[float]:
    """Go through how far entries of a key move so that each column has room for its texts."""
    columns = sorted({round(one.box[0]) for one in entries})
    grown = dict.fromkeys(columns, 0.0)
    before = {
        column: max(one.box[2] for one in entries if round(one.box[0]) == column)
        for column in columns
    }
    for text, lines in zip(entries, new, strict=True):
        column = round(text.box[0])
        end = max(one.x + one.width for one in lines)
        grown[column] = max(grown[column], end - before[column])
    for text in entries:
        yield sum(by for column, by in grown.items() if column < round(text.box[0]))
