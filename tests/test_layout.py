"""The shape of the project: imports run one way, notebooks stay thin.

The floors are drawn here once. A module may import from its own floor and from those
below, never from above, and the rooms in ``APART`` know nothing of each other: the
detector is frozen before protests are opened, and what reads data judges nothing.
"""

from __future__ import annotations

import ast
import collections
import itertools
from pathlib import Path

import nbformat
import pytest

from darkdays.contracts.code import role_of
from darkdays.errors import InputError
from darkdays.runner.parameters import read_parameters

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "darkdays"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# From the ground up, as DESIGN.md lists them: a name is a folder, or one of the two files
# beside the folders.
FLOORS = (
    {"__init__", "errors"},
    {"files"},
    {"archive", "contracts", "correlate", "nbcheck"},
    {"labels", "sources"},
    {"case"},
    {"fetch", "simulate", "studies"},
    {"detect"},
    {"evidence"},
    {"association"},
    {"claims"},
    {"figures", "tables"},
    {"report"},
    {"runner", "stages"},
    {"review", "sweep"},
    {"cli"},
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
APART = [
    {"detect", "correlate"},
    {"detect", "sources"},
    {"correlate", "sources"},
    {"labels", "detect"},
    {"labels", "sources"},
]
# The pytest plugin serves any project's notebooks: it needs next to nothing of the house, and
# those who write notebooks share two of its files with it.
ALONE = "nbcheck"
NEEDS = {"errors", "files"}
SHARED = {"darkdays.nbcheck.figure_data", "darkdays.nbcheck.seal"}
MOST_MODULES = 16
# What computes imports nothing that does not, so that digests of what computes are of all of it;
# but for names of types, and for the stage that hands its findings on to be shown.
BEYOND = {"fetch/plan.py": {"archive/client"}, "stages/reporting.py": {"figures", "report/version"}}


def room_of(module):
    """``darkdays.detect.noise.noise`` -> ``detect``; ``darkdays`` itself -> ``__init__``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def modules(package):
    """Every module below ``package`` by its dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(name, path, known):
    """The modules of the package that a module imports anywhere, in functions too."""
    package = name.split(".")[0]
    own = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = own[: len(own) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # `from darkdays import paths` names a module, `from darkdays.files.paths import root`
            # a function.
            candidates = [f"{base}.{alias.name}" for alias in node.names]
            targets = [target if target in known else base for target in candidates]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            targets = [str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant)]
        else:
            continue
        for target in targets:
            if target.split(".")[0] == package:
                yield node.lineno, target


def import_problems(package):
    """Every import that runs the wrong way."""
    known = modules(package)
    problems = []
    for name, path in known.items():
        room = room_of(name)
        where = path.relative_to(package)
        if room != ALONE and room not in FLOOR:
            problems.append(f"{where}: say in FLOORS on which floor {room} is")
            continue
        for line, target in imports_of(name, path, known):
            other = room_of(target)
            if other == room:
                continue
            if room == ALONE:
                wrong = other not in NEEDS
            elif other == ALONE:
                wrong = target not in SHARED
            else:
                # An unknown target is reported once, as a module of its own.
                wrong = FLOOR.get(other, 0) > FLOOR[room] or {room, other} in APART
            if wrong:
                problems.append(f"{where}:{line}: {room} must not import {other}")
    return problems


def role_problems(package):
    """Every import by which something that computes depends on what is in no digest of that."""
    known = modules(package)
    where = {name: path.relative_to(package).as_posix() for name, path in known.items()}
    return [
        f"{where[name]}:{line}: computes, and must not import {where[target]}"
        for name, path in known.items()
        if role_of(where[name]) == "computes"
        for line, target in imports_of(name, path, known)
        if target in known
        and role_of(where[target]) != "computes"
        and not where[target].startswith(tuple(BEYOND.get(where[name], ())))
    ]


def folder_problems(package):
    """Folders in which a reader no longer finds a thing at a glance, sub-folders not counted."""
    held = collections.Counter(
        path.parent.relative_to(package).as_posix()
        for path in modules(package).values()
        if path.name != "__init__.py"
    )
    problems = [
        f"{folder}: {count} modules, more than {MOST_MODULES}"
        for folder, count in sorted(held.items())
        if count > MOST_MODULES
    ]
    loose = {path.stem for path in package.glob("*.py")} - FLOORS[0]
    return [*problems, *(f"{name} lies loose in the root" for name in sorted(loose))]


def module_problems(package):
    """Modules without a docstring, or whose name says nothing."""
    problems = []
    for name, path in modules(package).items():
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            problems.append(f"{name} has no docstring")
        if name.rpartition(".")[2] in {"utils", "util", "helpers", "common", "misc"}:
            problems.append(f"{name} says nothing about what is in it")
    return problems


def notebook_problems(notebook):
    """What makes a notebook more, or less, than a thin one that was run top to bottom."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    lines = [line for cell in code for line in cell.source.splitlines() if line.strip()]
    problems = []
    if len(code) > 12:
        problems.append(f"{len(code)} code cells, more than 12")
    if len(lines) > 60:
        problems.append(f"{len(lines)} lines of code, more than 60")
    if len(prose) <= len(code):
        problems.append("no more cells of prose than of code")
    for number, cell in enumerate(code, 1):
        definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        if any(isinstance(node, definitions) for node in ast.walk(ast.parse(cell.source))):
            problems.append(f"code cell {number} defines something that belongs in a module")
        if cell.execution_count != number:
            problems.append(f"code cell {number} was not run in order, from the top")
        if any(output.output_type == "error" for output in cell.outputs):
            problems.append(f"code cell {number} ended in an error")
    return problems


def parameter_problems(path):
    """A parameters cell is lines of ``name: type = default  # help``."""
    try:
        parameters = read_parameters(path)
    except InputError as error:
        return [str(error)]
    return [f"{parameter.name} has no help" for parameter in parameters if not parameter.help]


def test_imports_run_one_way():
    assert import_problems(PACKAGE) == []


def test_what_computes_depends_on_nothing_else():
    assert role_problems(PACKAGE) == []


def test_what_computes_by_what_does_not_is_noticed(tmp_path):
    importer = {"detect/noise": "def lazy():\n    from darkdays.cli import main"}
    (problem,) = role_problems(_house(tmp_path, EMPTY | importer))
    assert problem == "detect/noise.py:2: computes, and must not import cli/main.py"


def test_folders_can_be_taken_in_at_a_glance():
    assert folder_problems(PACKAGE) == []


def test_every_module_says_what_it_is():
    assert module_problems(PACKAGE) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_thin_and_were_run(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook_problems(notebook) + parameter_problems(path) == []


def _house(root, sources):
    """A small package of the given modules."""
    house = root / "darkdays"
    for name, source in {"__init__": '"""A house."""', **sources}.items():
        path = house / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return house


EMPTY = dict.fromkeys(
    (
        "cli/main", "stages/detecting", "files/paths", "errors", "nbcheck/__init__", "nbcheck/seal",
        "correlate/__init__", "detect/__init__", "detect/noise", "case/case",
    ),
    "",
)  # fmt: skip


@pytest.mark.parametrize(
    ("importer", "statement", "complaint"),
    [
        ("contracts/a", "from darkdays.detect.noise import x", "contracts must not import detect"),
        ("contracts/a", "from darkdays import detect", "contracts must not import detect"),
        ("files/paths", "def lazy():\n    import darkdays.cli.main", "files must not import cli"),
        ("files/paths", "from ..cli import main", "files must not import cli"),
        ("detect/noise", "from .. import correlate", "detect must not import correlate"),
        ("detect/noise", "from ..cli.main import main", "detect must not import cli"),
        ("sources/ioda", "from darkdays import detect", "sources must not import detect"),
        ("correlate/a", "import darkdays.detect.noise as n", "correlate must not import detect"),
        (
            "case/case",
            "importlib.import_module('darkdays.stages.detecting')",
            "case must not import stages",
        ),
        ("nbcheck/seal", "from darkdays.case import case", "nbcheck must not import case"),
        ("cli/main", "from darkdays import nbcheck", "cli must not import nbcheck"),
        ("garden", "", "say in FLOORS on which floor garden is"),
    ],
)
def test_wrong_imports_are_noticed(tmp_path, importer, statement, complaint):
    assert import_problems(_house(tmp_path, EMPTY)) == []
    (problem,) = import_problems(_house(tmp_path, {**EMPTY, importer: statement}))
    assert problem.endswith(complaint)


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        ("cli", "from darkdays import paths"),
        ("nbcheck", "from darkdays.errors import InputError"),
        ("detect/noise", "from darkdays.detect.outages.outages import find\nimport numpy"),
        ("stages", "def run():\n    from darkdays.detect import noise"),
    ],
)
def test_right_imports_pass(tmp_path, importer, statement):
    assert import_problems(_house(tmp_path, EMPTY | {importer: statement})) == []


def test_nameless_modules_are_noticed(tmp_path):
    house = _house(tmp_path, {"detect/utils": '"""Things."""', "files/paths": "root = 1"})
    assert module_problems(house) == [
        "darkdays.detect.utils says nothing about what is in it",
        "darkdays.files.paths has no docstring",
    ]


def _notebook(*sources, prose=None):
    """A notebook of code cells that ran in order, with one more cell of prose than code."""
    count = len(sources) + 1 if prose is None else prose
    numbers = itertools.count(1)
    cells = [nbformat.v4.new_markdown_cell("Words.") for _ in range(count)]
    cells += [nbformat.v4.new_code_cell(text, execution_count=next(numbers)) for text in sources]
    return nbformat.v4.new_notebook(cells=cells)


def test_notebook_problems_are_noticed():
    assert notebook_problems(_notebook("a = 1", "a")) == []
    assert notebook_problems(_notebook("a", prose=1)) == ["no more cells of prose than of code"]
    assert notebook_problems(_notebook(*["a"] * 13)) == ["13 code cells, more than 12"]
    assert notebook_problems(_notebook("a\n" * 61)) == ["61 lines of code, more than 60"]
    defining = "code cell 1 defines something that belongs in a module"
    for source in ("if a:\n    def f(): ...", "class A: ...", "async def f(): ..."):
        assert notebook_problems(_notebook(source)) == [defining]
    for count in (None, 2):
        unrun = _notebook("a")
        unrun.cells[-1].execution_count = count
        assert notebook_problems(unrun) == ["code cell 1 was not run in order, from the top"]
    broken = _notebook("a")
    broken.cells[-1].outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]
    assert notebook_problems(broken) == ["code cell 1 ended in an error"]


@pytest.mark.parametrize(
    ("source", "fine"),
    [
        ('case: str = "iran-2019"  # which study\nseed: int = 7  # of the draws', True),
        ("seed: int = 7", False),
        ("seed = 7  # of the draws", False),
        ('name: str = "#7"', False),
        ("seed: int = 'seven'  # of the draws", False),
    ],
)
def test_parameter_problems_are_noticed(tmp_path, source, fine):
    notebook = _notebook(source)
    notebook.cells[-1].metadata["tags"] = ["parameters"]
    path = tmp_path / "notebook.ipynb"
    nbformat.write(notebook, path)
    assert (parameter_problems(path) == []) == fine
