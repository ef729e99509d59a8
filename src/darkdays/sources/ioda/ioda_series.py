"""IODA: the series in one reply of ``GET /signals/raw``, as arrays of numbers.

Contract: https://api.ioda.inetintel.cc.gatech.edu/v2/. ``data`` is a list of lists of series, each
with ``entityType``, ``entityCode``, ``datasource``, ``subtype``, ``from``, ``until``, ``step`` and
``values``; ``values[i]`` is of the bin that begins at ``from + i*step``. A value is a number, null,
or a list of objects with ``agg_values``, and plain numbers can stand among objects.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkdays.archive.request import Reply
from darkdays.sources.ioda.ioda_entities import AGAIN, answer_of, shown, text_of, whole_of

DAY: Final = 86_400

_PLAIN: Final = {int, float, type(None)}
_APART: Final = 100
# Times of the years 1970 to 2242, in seconds.
_LATEST: Final = 2**33
# Which of an object's fields is the value, by how its name begins; a single field needs no rule.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ping-slash24-loss": ("loss_pct",),
    "ping-slash24-latency": ("median", "mean"),
}
_WEIGHT: Final = "probe_count"


@dataclass(frozen=True)
class Span:
    """What a series covers, without its values.

    Attributes
    ----------
    type, code
        Of the entity, as IODA writes them.
    start, step, size
        Begin of the first bin (Unix seconds), width of a bin (seconds), number of bins.
    has_values
        Whether any bin has a value.
    """

    type: str
    code: str
    start: int
    step: int
    size: int
    has_values: bool

    @property
    def end(self) -> int:
        """End of the last bin, Unix seconds."""
        return self.start + self.size * self.step


@dataclass(frozen=True)
class Series:
    """Values of one entity, at regular times.

    Attributes
    ----------
    span
        What it covers; the width of a bin divides a day.
    values
        Shape (bins,), NaN where IODA has none.
    """

    span: Span
    values: NDArray[np.float64]


def series_of(reply: Reply, datasource: str, subtype: str) -> Iterator[Series]:
    """Go through the series of a reply that are of a datasource and subtype.

    Parameters
    ----------
    reply
        A window without any data is ``[[]]``, and yields nothing.
    datasource
        As IODA calls it: ``bgp``.
    subtype
        Product of Google (``WEB_SEARCH``); empty for any other datasource.

    Raises
    ------
    SourceError
        If the reply is an error, is not made of series, its values do not fit its times, or it
        holds only series of another datasource or subtype.
    """
    others = ""
    fitting = False
    for part in answer_of(reply):
        for one in part if isinstance(part, list) else [part]:
            if not isinstance(one, dict):
                raise reply.error("a series is not an object", AGAIN)
            its = (text_of(one.get("datasource")), text_of(one.get("subtype")))
            if its != (datasource, subtype):
                others = " ".join(its).strip() or "something without a name"
                continue
            fitting = True
            yield _series(one, reply, datasource)
    if others and not fitting:
        wanted = f"{datasource} {subtype}".strip()
        raise reply.error(f"it holds {others[:60]!r} only, not {wanted!r}", AGAIN)


def numbers_of(values: list[Any], reply: Reply, datasource: str) -> NDArray[np.float64]:
    """Return the values of a series as numbers, null as NaN.

    Of an object it is the field of the datasource (``loss_pct``, the median of latencies); of
    several objects in a bin the mean, weighted by ``probe_count`` where they have it.

    Raises
    ------
    SourceError
        If a value is no number, no object with such a field, negative or infinite.
    """
    try:
        numbers = _at_once(values)
        if numbers is None:
            numbers = np.array([_number(value, reply, datasource) for value in values], np.float64)
    except OverflowError:
        raise reply.error("a value is larger than any number can be", AGAIN) from None
    odd = np.isinf(numbers) | (numbers < 0)
    if odd.any():
        raise reply.error(f"a value is {numbers[odd][0]:g}, which cannot be measured", AGAIN)
    return numbers


def _at_once(values: list[Any]) -> NDArray[np.float64] | None:
    """Return a list of numbers and nulls as an array, None if anything else is among them.

    Text and truth values, which numpy would take for numbers, are looked for in every hundredth
    place only: where IODA writes one, it writes all so.
    """
    if not set(map(type, values[::_APART])) <= _PLAIN:
        return None
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return numbers if numbers.ndim == 1 else None


def _series(one: dict[str, Any], reply: Reply, datasource: str) -> Series:
    values = one.get("values")
    if not isinstance(values, list):
        raise reply.error("a series has no list of values", AGAIN)
    start, until = (_seconds(one.get(field), field, reply) for field in ("from", "until"))
    numbers = numbers_of(values, reply, datasource)
    # The server infers the step from the first two values, which a gap makes too wide.
    native, step = (whole_of(one.get(name)) for name in ("nativeStep", "step"))
    if native and (len(values) < 2 or abs(until - start - len(values) * native) < native):
        step = native
    elif len(values) < 2:
        step = until - start
    if step is None or step < 1 or DAY % step:
        if not np.isfinite(numbers).any():
            step, numbers = DAY, numbers[:0]
        else:
            odd = shown(one.get("step") if step is None else step)
            raise reply.error(f"its step of {odd} s is not part of a day", AGAIN)
    if numbers.size and abs(until - start - numbers.size * step) >= step:
        raise reply.error(
            f"{numbers.size} values of {step} s do not fit {until - start} s of time", AGAIN
        )
    kind, code = (text_of(one.get(field)) for field in ("entityType", "entityCode"))
    has_values = bool(np.isfinite(numbers).any())
    return Series(Span(kind, code, start, step, numbers.size, has_values), numbers)


def _seconds(value: object, field: str, reply: Reply) -> int:
    number = whole_of(value)
    if number is None or not 0 <= number < _LATEST:
        raise reply.error(f"{field!r} of a series is {shown(value)!r}, not a time", AGAIN)
    return number


def _number(value: object, reply: Reply, datasource: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _as_float(value, reply)
    objects = [value] if isinstance(value, dict) else value
    if not isinstance(objects, list):
        raise reply.error(f"a value is {shown(value)!r}, not a number", AGAIN)
    pairs = [_weighed(one, reply, datasource) for one in objects]
    known = [(number, weight) for number, weight in pairs if not math.isnan(number)]
    weights = [weight for _, weight in known]
    if any(math.isnan(weight) for weight in weights) or not sum(weights):
        weights = [1.0] * len(known)
    total = sum(number * weight for (number, _), weight in zip(known, weights, strict=True))
    return total / sum(weights) if known else math.nan


def _weighed(one: object, reply: Reply, datasource: str) -> tuple[float, float]:
    """Return value and weight of an object; the weight is NaN where it has none."""
    if one is None or (isinstance(one, int | float) and not isinstance(one, bool)):
        return (math.nan if one is None else _as_float(one, reply)), math.nan
    fields = one.get("agg_values") if isinstance(one, dict) else None
    # PHP writes an object without fields as an empty list.
    if not isinstance(fields, dict) and fields != []:
        raise reply.error("a value is an object without agg_values", AGAIN)
    fields = dict(fields)
    weight = _plain(fields.pop(_WEIGHT, None), _WEIGHT, reply)
    for beginning in _FIELDS.get(datasource, ()):
        for name in sorted(fields):
            if name.startswith(beginning):
                return _plain(fields[name], name, reply), weight
    if len(fields) > 1:
        raise reply.error(f"which of {', '.join(sorted(fields))[:80]} is meant is not known", AGAIN)
    for name, number in fields.items():
        return _plain(number, name, reply), weight
    return math.nan, weight


def _plain(number: object, name: str, reply: Reply) -> float:
    if number is None:
        return math.nan
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise reply.error(f"{name[:40]!r} of a value is {shown(number)!r}, not a number", AGAIN)
    return _as_float(number, reply)


def _as_float(number: float, reply: Reply) -> float:
    try:
        found = float(number)
    except OverflowError:
        found = math.inf
    if not 0 <= found < 1e15:
        raise reply.error(f"a value is {found:g}, which cannot be measured", AGAIN)
    return found
