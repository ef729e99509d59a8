"""Case files as text: YAML read strictly, and what is wrong with one in a sentence."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from darkdays.case.parts import nearest
from darkdays.case.text import refuse_abuse
from darkdays.errors import InputError
from darkdays.files import bounded

LARGEST: Final = 2**19
"""Bytes a case file may have."""


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
    try:
        text = bounded.text_of(path, LARGEST)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"cannot read {path}: {reason}.") from None
    return parse_yaml(text, path, what, keys)


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
