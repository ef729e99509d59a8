"""Case files as text: YAML read strictly, and what is wrong with one in a sentence.

What YAML can do and no case file needs (tags, deep nesting, aliases that blow up, controls) is
refused on the events of the parser, before anything is built.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from darkdays.case.parts import nearest
from darkdays.errors import InputError
from darkdays.files import bounded
from darkdays.files.terminal import OBEYED

LARGEST: Final = 2**19
"""Bytes a case file may have."""
DEEPEST: Final = 40
MOST_NODES: Final = 100_000
"""Values a file may have, those of an alias counted wherever it stands."""
_PLAIN: Final = frozenset({None, "!"})


class _Loader(yaml.SafeLoader):
    """YAML in which a time is a string and a key may occur once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key is a list or a mapping", problem_mark=key.start_mark
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value!r} occurs twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path, what: str = "case", keys: str = "name, window, claims") -> dict[str, Any]:
    """Read a case file, or another one like it, as plain data.

    Parameters
    ----------
    path
        The file.
    what, keys
        What it should be, and some of its keys, for the error.

    Raises
    ------
    InputError
        If it cannot be read or is no mapping.
    """
    return parse_yaml(read_text(path), path, what, keys)


def read_text(path: Path) -> str:
    """Read the text of a case file, or another one like it.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        return bounded.text_of(path, LARGEST)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"cannot read {path}: {reason}.") from None


def parse_yaml(
    text: str, path: Path, what: str = "case", keys: str = "name, window, claims"
) -> dict[str, Any]:
    """Read the text of a case file, or another one like it, as plain data.

    Parameters
    ----------
    text
        What the file holds.
    path, what, keys
        The file, what it should be, and some of its keys, for the error.

    Raises
    ------
    InputError
        If it is no mapping, or holds what no case needs: tags, deep nesting, aliases that blow
        up, control characters.
    """
    try:
        refuse_abuse(text)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML{_where(error)}; mend that line.") from None
    except (ValueError, OverflowError):
        raise InputError(f"{path} holds a number that is none; put quotes around it.") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} is not a {what}: it needs keys such as {keys}.")
    return content


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be read"
    return f" (line {mark.line + 1}: {problem})" if mark else f" ({problem})"


def explain(
    error: ValidationError, tags: Collection[str], keys: Collection[str], what: str = "case"
) -> str:
    """Say in a sentence what is wrong with a case.

    Parameters
    ----------
    error
        What validation came to.
    tags
        Types of claims and studies, which are no places in the file.
    keys
        Every key a case file may have.
    what
        What the whole file is.
    """
    # A misspelt key is both unknown and missing: the first says how to mend it.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    place = ".".join(str(part) for part in first["loc"] if part not in tags)
    place = place or f"the {what}"
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        return f"unknown key {place!r}{nearest(key, keys)}"
    if first["type"] == "missing":
        return f"{place!r} is missing; add it."
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {message[0].lower()}{message[1:]}".rstrip(".?") + (
        "?" if message.endswith("?") else "."
    )


def refuse_abuse(text: str) -> None:
    """Refuse a text that is more than plain values, lists and mappings.

    Raises
    ------
    yaml.YAMLError
        If it is no YAML, or holds a tag, an alias to what it stands in, a control character, more
        than :data:`MOST_NODES` values or more than :data:`DEEPEST` levels.
    """
    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = []
    count = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise _problem(event, "an alias stands for nothing before it")
            count += sizes[event.anchor]
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor is not None:
                sizes[anchor] = count - before
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.tag not in _PLAIN:
                raise _problem(event, f"the tag {str(event.tag)[:40]!r} is not allowed")
            count += 1
            if isinstance(event, yaml.ScalarEvent):
                _refuse_controls(event)
                if event.anchor is not None:
                    sizes[event.anchor] = 1
            else:
                open_.append((event.anchor, count - 1))
        if len(open_) > DEEPEST:
            raise _problem(event, f"it is nested more than {DEEPEST} levels deep")
        if count > MOST_NODES:
            raise _problem(event, f"it stands for more than {MOST_NODES:,} values")


def _refuse_controls(event: yaml.ScalarEvent) -> None:
    if found := OBEYED.search(event.value):
        raise _problem(event, f"it holds the control character U+{ord(found[0]):04X}")


def _problem(event: Any, words: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=words, problem_mark=event.start_mark)
