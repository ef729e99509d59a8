"""What YAML can do and no case file needs: tags, deep nesting, aliases that blow up, controls.

Everything is decided on the events of the parser, before anything is built.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from darkdays.files.terminal import OBEYED

DEEPEST: Final = 40
MOST_NODES: Final = 100_000
"""Values a file may have, those of an alias counted wherever it stands."""
_PLAIN: Final = frozenset({None, "!"})


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
