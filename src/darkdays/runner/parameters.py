"""The typed parameters of notebooks: read from their source, checked before anything runs.

A notebook declares its parameters in the cell tagged ``parameters``, one to a line::

    level: float = 0.05  # significance level

The cell is read as syntax, never executed, so a mistyped name or value is refused within
milliseconds and before a kernel is started.
"""

from __future__ import annotations

import ast
import difflib
import io
import json
import tokenize
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from darkdays.errors import InputError

_FINITE = Annotated[float, Field(allow_inf_nan=False)]
_CHECKS: dict[str, TypeAdapter[Any]] = {
    "str": TypeAdapter(str),
    "int": TypeAdapter(int),
    "float": TypeAdapter(_FINITE),
    "bool": TypeAdapter(bool),
    "list[str]": TypeAdapter(list[str]),
    "list[float]": TypeAdapter(list[_FINITE]),
}
_EXAMPLES = {
    "str": "text",
    "int": "3",
    "float": "0.5",
    "bool": "true or false",
    "list[str]": "[a, b]",
    "list[float]": "[1, 2.5]",
}
_LINE = "name: type = default  # help"


@dataclass(frozen=True)
class Parameter:
    """One parameter a notebook declares.

    Attributes
    ----------
    name
        What the notebook calls it.
    type
        ``str``, ``int``, ``float``, ``bool``, ``list[str]`` or ``list[float]``.
    default
        The value it has when none is given.
    help
        What the line's comment says, or nothing.
    """

    name: str
    type: str
    default: object
    help: str


def read_parameters(notebook: Path) -> list[Parameter]:
    """Return the parameters a notebook declares, in its order.

    Raises
    ------
    InputError
        If the file is no notebook, or a line of its ``parameters`` cell is not
        ``name: type = default  # help`` with a literal default of that type.
    """
    source = _parameters_cell(notebook)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise _malformed(notebook, error.lineno or 1, "is not Python") from None
    comments = _comments(source)
    parameters: dict[str, Parameter] = {}
    for statement in tree.body:
        parameter = _declaration(notebook, statement, comments)
        if parameter.name in parameters:
            raise _malformed(notebook, statement.lineno, f"declares {parameter.name} again")
        parameters[parameter.name] = parameter
    return list(parameters.values())


def assign(
    given: Sequence[str] | Mapping[str, str],
    notebooks: Sequence[Path],
    *,
    reserved: Collection[str] = (),
) -> dict[Path, dict[str, object]]:
    """Return what each notebook is handed when a person gives these parameters.

    Parameters
    ----------
    given
        ``name=value`` texts, or a mapping of name to value text. Each goes to every
        notebook that declares that name.
    notebooks
        The notebooks that will run.
    reserved
        Names that are set by the run and not by a person.

    Returns
    -------
    dict
        For every notebook its parameters, without those left at their default.

    Raises
    ------
    InputError
        If a name is unknown, reserved or given twice, or a value is not of the type declared.
    """
    declared = {notebook: read_parameters(notebook) for notebook in notebooks}
    names = sorted({p.name for ps in declared.values() for p in ps} - set(reserved))
    assigned: dict[Path, dict[str, object]] = {notebook: {} for notebook in notebooks}
    for name, text in _pairs(given):
        if name in reserved:
            raise InputError(
                f"parameter {name} is set by the run itself and cannot be given. {_list(names)}"
            )
        if name not in names:
            raise InputError(_unknown(name, names))
        for notebook, parameters in declared.items():
            for parameter in parameters:
                if parameter.name == name:
                    value = _value(parameter, text, notebook)
                    # Stating a default and leaving it are the same run.
                    if value != parameter.default:
                        assigned[notebook][name] = value
    return assigned


def _parameters_cell(notebook: Path) -> str:
    """Return the source of the cell tagged ``parameters``, empty where there is none."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if "parameters" in cell.get("metadata", {}).get("tags", []):
                source = cell["source"]
                return source if isinstance(source, str) else "".join(source)
    except OSError as error:
        raise InputError(f"cannot read the notebook {notebook}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"{notebook} is not a Jupyter notebook (format 4): open and save it in JupyterLab."
        ) from None
    return ""


def _declaration(notebook: Path, statement: ast.stmt, comments: Mapping[int, str]) -> Parameter:
    line = statement.lineno
    if (
        not isinstance(statement, ast.AnnAssign)
        or not isinstance(statement.target, ast.Name)
        or statement.value is None
    ):
        raise _malformed(notebook, line, "is not a typed parameter")
    kind = ast.unparse(statement.annotation)
    if kind not in _CHECKS:
        raise _malformed(notebook, line, f"has type {kind}, not one of {', '.join(_CHECKS)}")
    try:
        default = _CHECKS[kind].validate_python(ast.literal_eval(statement.value), strict=True)
    except (ValueError, ValidationError):
        raise _malformed(notebook, line, f"has a default that is no literal {kind}") from None
    return Parameter(
        statement.target.id, kind, default, comments.get(statement.end_lineno or line, "")
    )


def _comments(source: str) -> dict[int, str]:
    """Return the comment of each line, by line number from 1."""
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }


def _pairs(given: Sequence[str] | Mapping[str, str]) -> Iterable[tuple[str, str]]:
    if isinstance(given, Mapping):
        yield from given.items()
        return
    seen: set[str] = set()
    for item in given:
        name, equals, text = item.partition("=")
        name = name.strip()
        if not equals or not name:
            raise InputError(f"parameter {item!r} has no value: write it as name=value.")
        if name in seen:
            raise InputError(f"parameter {name} is given twice: give it once.")
        seen.add(name)
        yield name, text


def _value(parameter: Parameter, text: str, notebook: Path) -> object:
    try:
        return _CHECKS[parameter.type].validate_python(_literal(parameter.type, text), strict=True)
    except (ValueError, SyntaxError, MemoryError, RecursionError, yaml.YAMLError):
        raise InputError(
            f"parameter {parameter.name} of {notebook.name} must be {parameter.type} "
            f"(like {_EXAMPLES[parameter.type]}), and {text!r} is not."
        ) from None


def _literal(kind: str, text: str) -> object:
    """Return the value a text stands for, or raise ValueError or SyntaxError."""
    if kind.startswith("list["):
        # The base loader leaves every item a text: no `no` that turns into False.
        items = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes only texts
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ValueError(text)
        return [_literal(kind[5:-1], item) for item in items]
    if kind == "str":
        return text
    if kind == "bool":
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    return ast.literal_eval(text.strip())


def _unknown(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"no notebook of this run has a parameter {name}.{hint} {_list(names)}".strip()


def _list(names: Sequence[str]) -> str:
    return f"Parameters that can be given: {', '.join(names) or 'none'}."


def _malformed(notebook: Path, line: int, what: str) -> InputError:
    return InputError(
        f"{notebook.name}: line {line} of its parameters cell {what}; "
        f"every line must read `{_LINE}`."
    )
