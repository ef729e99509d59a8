"""What stands on a page as a person says it: no names that only programs use.

Findings keep the words they were published with; a page says them in plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from darkdays.contracts.datasources import DATASOURCES
from darkdays.files.packaged import toml_of

GLOSSARY: Final[Mapping[str, Mapping[str, Any]]] = toml_of("report/page/glossary.toml")
"""Words of the field, by how they are written: what each means."""
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMES: Final[Mapping[str, str]] = {
    "tcp_ip": "TCP/IP", "http-diff": "a different page",
    **{f"_on_{day[:3].lower()}": f" on {day}" for day in _DAYS},
}  # fmt: skip
_KINDS: Final[Mapping[str, str]] = {
    "asn": "AS{}", "country": "country {}", "region": "region {}", "county": "county {}",
    "geoasn": "network {}", "continent": "continent {}",
}  # fmt: skip
_ENTITY: Final = re.compile(
    rf"(?<![\w/.:-])({'|'.join(_KINDS)})/([A-Za-z0-9][\w.-]*\w|\w)(?![\w/])"
)
_DATASOURCE: Final = re.compile(
    rf"(?<![\w/.])({'|'.join(map(re.escape, sorted(DATASOURCES, key=len, reverse=True)))})"
    r"(?![\w.-]*\w)"
)
_SNAKE: Final = re.compile(r"(?<![\w/.:@=-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/=(]|\.\w)")
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?Z?\b")
_MISSING: Final = re.compile(r"\bThere is no (?=[a-z]+_[a-z])")
_NUMBER: Final = r"-?\d[\d,]*(?:\.\d+)?"
_UNIT: Final = r"minutes?|hours?|days?|weeks?|h|d"
_AFTER: Final = re.compile(rf"(?<!\w)({_NUMBER}) to ({_NUMBER}) ({_UNIT}) (after|later than)\b")
_ALONE: Final = re.compile(rf"(?<!\w)-(\d[\d,]*(?:\.\d+)?) ({_UNIT}) (after|later than)\b")
_EACH_ONE: Final = re.compile(r"\b(?:in )?each of the 1 (\w+)s that show\b")
_ONE: Final = re.compile(
    r"(?<![\w.,/:-])1 (datasource|signal|onset|network|hour|day|measurement|specification|claim|"
    r"finding|place|event|outage|site|table|bin|probe|block page|list|row|number|pair|cell|version|"
    r"option|test|repl|entit|countr)"
    r"(s|ies)\b"
)


def plain(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the names of programs replaced by words.

    Parameters
    ----------
    text
        As findings have it.
    names
        What people call entities, by their ids.
    """
    if "/" in text:
        text = _ENTITY.sub(lambda one: names.get(one[0]) or _KINDS[one[1]].format(one[2]), text)
    if "." in text:
        text = _DATASOURCE.sub(lambda one: DATASOURCES[one[1]].title, text)
    if "_" in text or "-diff" in text:
        text = _MISSING.sub("There is no number for ", text)
        for name, said in _NAMES.items():
            text = re.sub(rf"{name}(?![a-z])", said, text)
        text = _SNAKE.sub(lambda one: one[0].replace("_", " "), text)
    if "1 " in text:
        text = _EACH_ONE.sub(r"in the one \1 that shows", text)
        text = _ONE.sub(lambda one: f"1 {one[1]}{'y' if one[2] == 'ies' else ''}", text)
    if "-" in text:
        text = _MOMENT.sub(r"\1 \2", text)
        text = _AFTER.sub(_before, text)
        text = _ALONE.sub(r"\1 \2 before", text)
    return text


def _before(one: re.Match[str]) -> str:
    low, high, unit, after = one.groups()
    if high.startswith("-"):
        return f"{high[1:]} to {low[1:]} {unit} before"
    if low.startswith("-"):
        unit_before = unit.removesuffix("s") if low == "-1" else unit
        return f"{low[1:]} {unit_before} before to {high} {unit} {after}"
    return one[0]
