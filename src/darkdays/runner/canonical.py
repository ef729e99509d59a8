"""The form of an executed notebook that is the same, byte for byte, for the same inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from darkdays.files import writing
from darkdays.files.fast_imports import IRI_GRAMMAR, without
from darkdays.nbcheck import seal

with without(IRI_GRAMMAR):
    import nbformat
    from nbformat import NotebookNode

_VOLATILE = ("papermill", "execution", "ExecuteTime")
_LANGUAGE = {"name", "file_extension", "mimetype", "pygments_lexer"}
# Where IPython pretends that a cell's source is; the first number is the kernel's process.
_CELL_FILE = re.compile(r"[^\s\"'<>(]*ipykernel_\d+[/\\](\d+)\.py")
_ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]{6,}")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def canonical(notebook: NotebookNode, scrub: Mapping[str, str] | None = None) -> NotebookNode:
    """Return a copy without what differs between two runs of the same inputs.

    Taken out are papermill's and the front end's times and paths and the Python version;
    cell ids are numbered, streams of a cell joined, and process ids, memory addresses and
    random ids in text outputs made constant. Tags and images are kept.

    Parameters
    ----------
    notebook
        An executed notebook.
    scrub
        Texts to replace in sources and text outputs, such as the path of the run folder;
        the longest are replaced first.
    """
    copy: NotebookNode = nbformat.v4.upgrade(deepcopy(notebook))  # type: ignore[no-untyped-call]
    clean = _cleaner(scrub or {})
    copy.nbformat_minor = max(copy.nbformat_minor, 5)
    _drop(copy.metadata, _VOLATILE)
    language = copy.metadata.get("language_info", {})
    _drop(language, set(language) - _LANGUAGE)
    for number, cell in enumerate(copy.cells, start=1):
        cell.id = f"cell-{number}"
        _drop(cell.metadata, _VOLATILE)
        cell.source = clean(cell.source)
        if cell.cell_type == "code":
            cell.outputs = [_output(output, clean) for output in _join_streams(cell.outputs)]
    return copy


def write_canonical(
    source: Path, target: Path, scrub: Mapping[str, str] | None = None, *, sealed: bool = False
) -> None:
    """Write the canonical form of a notebook file to another, in one step.

    Parameters
    ----------
    source, target
        The notebook files.
    scrub
        As for :func:`canonical`.
    sealed
        Whether to seal it, see :mod:`darkdays.nbcheck.seal`.

    Raises
    ------
    nbformat.ValidationError
        If the result is not a valid notebook.
    """
    executed = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    notebook = canonical(executed, scrub)
    if sealed:
        notebook.metadata[seal.KEY] = seal.seal_of(notebook)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook) + "\n"  # type: ignore[no-untyped-call]
    writing.write_text(target, text)


def _cleaner(scrub: Mapping[str, str]) -> Callable[[str], str]:
    pairs = sorted(((old, new) for old, new in scrub.items() if old), key=lambda p: -len(p[0]))

    def clean(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        text = _CELL_FILE.sub(r"<cell \1>", text)
        return _ADDRESS.sub("0x0", text)

    return clean


def _join_streams(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Join what a cell printed without a break, stdout first: its order is a matter of timing."""
    run: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type == "stream":
            if output.name in run:
                run[output.name].text += output.text
            else:
                run[output.name] = output
            continue
        yield from _in_order(run)
        run = {}
        yield output
    yield from _in_order(run)


def _in_order(run: Mapping[str, NotebookNode]) -> list[NotebookNode]:
    return [run[name] for name in sorted(run, reverse=True)]  # stdout before stderr


def _output(output: NotebookNode, clean: Callable[[str], str]) -> NotebookNode:
    if output.output_type == "stream":
        output.text = clean(output.text)
    elif output.output_type == "error":
        output.evalue = clean(output.evalue)
        output.traceback = [clean(line) for line in output.traceback]
    else:
        for kind, content in output.data.items():
            if kind.startswith("text/") or kind == "image/svg+xml" or "json" in kind:
                output.data[kind] = _deep(content, clean)
        if isinstance(html := output.data.get("text/html"), str):
            output.data["text/html"] = _number_uuids(html)
    return output


def _deep(content: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(content, str):
        return clean(content)
    if isinstance(content, dict):
        return {key: _deep(value, clean) for key, value in content.items()}
    if isinstance(content, list):
        return [_deep(value, clean) for value in content]
    return content


def _number_uuids(html: str) -> str:
    """Replace the random ids of an HTML display, such as xarray's, by their order."""
    numbers: dict[str, str] = {}
    return _UUID.sub(lambda found: numbers.setdefault(found[0], f"id-{len(numbers) + 1}"), html)


def _drop(mapping: Any, keys: Any) -> None:
    for key in list(keys):
        mapping.pop(key, None)
