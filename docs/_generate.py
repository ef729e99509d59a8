"""Pages that are read from the code, the schema, the registry and the reports."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer

from darkdays import api
from darkdays.cli.main import app
from darkdays.contracts.datasources import DATASOURCES
from darkdays.files.packaged import toml_of
from darkdays.report.page.index import FIRST_FIGURES

SHORT = 90
FEW = 6


def write_all(root: Path, source: Path) -> None:
    """Write every generated page below the source of the site."""
    newest = {
        folder.name: max(folder.glob("[0-9]*"), key=_version)
        for folder in sorted((root / "reports").iterdir())
        if folder.is_dir()
    }
    pages = {
        "reference/python": python(),
        "reference/command-line": command_line(),
        "reference/case": case(json.loads((root / "cases/case.schema.json").read_text("utf-8"))),
        "reference/findings": findings(newest["iran-2019"]),
        "reference/datasources": datasources(),
        "gallery": gallery(newest, source / "extra"),
    }
    for name, text in pages.items():
        path = source / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _version(path: Path) -> tuple[int, ...]:
    return tuple(map(int, path.name.split(".")))


def python() -> str:
    """Return the page of the names that ``import darkdays as dd`` offers."""
    parts = ["# Python\n\n`import darkdays as dd` offers these names and no other.\n"]
    for name in sorted(api.__all__, key=lambda name: (isinstance(getattr(api, name), type), name)):
        one = getattr(api, name)
        if not isinstance(one, type):
            directive, options = "autofunction", ""
        elif issubclass(one, Exception):
            directive, options = "autoexception", ""
        else:  # a case is described key by key on its own page
            directive, options = "autoclass", "" if name == "Case" else ":members:\n"
        parts.append(
            f"## {name}\n\n```{{eval-rst}}\n.. {directive}:: darkdays.api.{name}\n"
            + "".join(f"   {line}\n" for line in options.splitlines())
            + "```\n"
        )
    return "\n".join(parts)


def command_line() -> str:
    """Return the page of every command, as each says itself what it takes."""
    parts = ["# Command line\n"]
    for words, command in _commands(typer.main.get_command(app), ("darkdays",)):
        context = click.Context(command, info_name=" ".join(words), max_content_width=100)
        context.terminal_width = 100
        title = " ".join(words[1:]) or "darkdays"
        parts.append(f"## {title}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, one in getattr(command, "commands", {}).items():
        yield from _commands(one, (*words, name))


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def case(schema: dict[str, Any]) -> str:
    """Return the page of every key of a case."""
    parts = [
        (
            "# Case files\n\nA case is a YAML file; `cases/case.schema.json` completes it in "
            "editors. `darkdays new-case` writes one to begin with.\n"
        )
    ]
    kinds = {"Case": schema, **schema["$defs"]}
    for name, kind in kinds.items():
        needed = kind.get("required", ())
        rows = [
            [
                f"`{key}`",
                _type(one),
                "" if key in needed else f"`{json.dumps(one.get('default'))}`",
                one.get("description", ""),
            ]
            for key, one in kind.get("properties", {}).items()
        ]
        text = " ".join(kind.get("description", "").split("\n\n")[0].split())
        parts.append(
            f"({_anchor(name)})=\n## {name}\n\n{text}\n\n"
            + _table(["key", "kind", "if not given", "what"], rows)
            + "".join(map(_listed, kind.get("properties", {}).items()))
        )
    return "\n".join(parts)


def _listed(key: tuple[str, dict[str, Any]]) -> str:
    """Return what a key may be, where that is too much for a cell."""
    kinds = _kinds(key[1].get("items", {}))
    return f"\n*One of `{key[0]}`:* {', '.join(kinds)}.\n" if len(kinds) > FEW else ""


def _kinds(one: dict[str, Any]) -> list[str]:
    parts = next((one[name] for name in ("anyOf", "oneOf", "allOf") if name in one), [])
    return list(dict.fromkeys(map(_type, parts)))


def _anchor(name: str) -> str:
    return f"case-{name.lower()}"


def _type(one: dict[str, Any]) -> str:
    """Say in a word or a link what a key takes."""
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        return f"[{name}](#{_anchor(name)})"
    if kinds := _kinds(one):
        return " or ".join(kinds) if len(kinds) <= FEW else f"{len(kinds)} kinds, below"
    if "const" in one:
        return f"`{one['const']}`"
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    if one.get("type") == "array":
        inner = one.get("items") or {}
        return f"list of {_type(inner)}" if inner else "list"
    return str(one.get("format") or one.get("type", "anything"))


def findings(version: Path) -> str:
    """Return the page of what stands in findings.json, read off a stored one."""
    document = json.loads((version / "findings.json").read_text(encoding="utf-8"))
    rows = []
    for key, value in document.items():
        rows.append([f"`{key}`", _kind(value), _example(value)])
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            rows += [[f"`{key}`: `{k}`", _kind(v), _example(v)] for k, v in inner.items()]
    return (
        "# findings.json\n\nEvery report states what it found in one document, which "
        "{py:func}`darkdays.api.load_report` reads. These are its keys, with an example of each "
        f"from version {version.name} of the report on {version.parent.name}; a key below a key "
        "is one of the first of its list.\n\n" + _table(["key", "kind", "such as"], rows)
    )


def _kind(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "yes or no", type(None): "nothing"}
    return names.get(type(value), "number")


def _example(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"{len(value)} of them"
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= SHORT else text[:SHORT] + '…'}`"


def datasources() -> str:
    """Return the page of the registry: what can be read, and which file does."""
    registry = toml_of("sources/registry.toml")
    rows = [
        [f"`{name}`", one.title, one.unit, _step(one.step.total_seconds()), one.outage]
        for name, one in DATASOURCES.items()
    ]
    parts = [
        "# Datasources\n\nWhat a case may name; [Sources](/sources.md) says how each is asked.\n",
        "## Signals\n\n" + _table(["name", "what", "unit", "step", "an outage is a"], rows),
    ]
    for name, table in registry.items():
        if isinstance(table, dict):
            rows = [[f"`{key}`", f"`darkdays.sources.{file}`"] for key, file in table.items()]
            parts.append(f"## Registry: {name}\n\n" + _table(["name", "read by"], rows))
    return "\n".join(parts)


def _step(seconds: float) -> str:
    return next(f"{seconds / size:g} {unit}" for size, unit in
                ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")) if seconds >= size)  # fmt: skip


def _unanswered(case: tuple[str, dict[str, Any]]) -> int:
    return -sum(claim["verdict"] != "untested" for claim in case[1]["claims"])


def gallery(newest: dict[str, Path], extra: Path) -> str:
    """Return the page of the newest report of each case; pages and pictures are copied."""
    cards = []
    documents = {name: json.loads((version / "findings.json").read_text(encoding="utf-8"))
                 for name, version in newest.items()}  # fmt: skip
    for name, document in sorted(documents.items(), key=_unanswered):
        version = newest[name]
        folder = extra / "reports" / name
        folder.mkdir(parents=True)
        shutil.copy(version / "report.html", folder)
        pictures = [version / "figures" / f"{figure}.png" for figure in FIRST_FIGURES]
        pictures = [path for path in pictures if path.is_file()]
        picture = ""
        if pictures:
            shutil.copy(pictures[0], folder / "thumbnail.png")
            picture = f":img-top: /extra/reports/{name}/thumbnail.png\n:img-alt: A figure of it.\n"
        cards.append(
            f":::{{grid-item-card}} {document['title']}\n:link: reports/{name}/report.html\n"
            f"{picture}\n{document.get('answer', '')} (Version {document['version']})\n:::\n"
        )
    grid = "::::{grid} 1 2 2 3\n:gutter: 3\n\n" + "\n".join(cards) + "::::\n"
    return f"# Case gallery\n\nThe newest report of each case, and what it answers.\n\n{grid}"
