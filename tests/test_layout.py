"""The shape of the project: imports run one way, notebooks stay thin.

The floors are drawn here once. A module may import from its own floor and from those
below, never from above, and the rooms in ``APART`` know nothing of each other: the
detector is frozen before protests are opened, and what reads data judges nothing.
"""

from __future__ import annotations

import ast
import collections
import functools
import graphlib
import itertools
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from darkdays.contracts.code import role_of
from darkdays.errors import InputError
from darkdays.runner.parameters import read_parameters

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "darkdays"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# From the ground up, as DESIGN.md lists them: a name is a folder, or one of the files
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
    {"api", "cli"},
)
# What other programs call is offered by the package itself, and imported when it is asked for.
OFFERED = ("__init__", "api")
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
BEYOND = {
    "__init__.py": {"api/__init__.py"},
    "stages/__init__.py": {"stages/pictures.py"},
    "stages/reporting.py": {"report/version", "stages/pictures.py"},
}
# Called by their names: pytest's hooks, IPython's, and what decorates a function calls it.
CALLED_BY_NAME = re.compile(r"pytest_\w+|load_ipython_extension")
CODE_IN_TEXT = re.compile(r"(?:from |__import__\(')(darkdays[\w.]*)")
CALLS = re.compile(r"\.(command|callback|register)\b")


parsed = functools.cache(ast.parse)  # by what is in a file, so that each is parsed once


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
    for node in ast.walk(parsed(path.read_text(encoding="utf-8"))):
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
            if other == room or (room, other) == OFFERED:
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
        if not ast.get_docstring(parsed(path.read_text(encoding="utf-8"))):
            problems.append(f"{name} has no docstring")
        if name.rpartition(".")[2] in {"utils", "util", "helpers", "common", "misc"}:
            problems.append(f"{name} says nothing about what is in it")
    return problems


def circle_problems(package):
    """Modules that cannot be understood one after the other, because each needs the others."""
    known = modules(package)
    graph = {}
    for name, path in known.items():
        # What a function imports when it runs is no circle of modules.
        lazy = {
            (node.lineno, node.end_lineno)
            for node in ast.walk(parsed(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        graph[name] = {
            target
            for line, target in imports_of(name, path, known)
            if target != name and not any(first <= line <= last for first, last in lazy)
        }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [f"a circle: {' <- '.join(error.args[1])}"]
    return []


def code_of(notebook):
    """The code of a notebook, without lines that only IPython understands."""
    cells = nbformat.read(notebook, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    return re.sub(r"^\s*[%!].*$", "", "\n".join(sources), flags=re.MULTILINE)


def written_code(text):
    """What a document writes as code: its fenced blocks and its spans."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def started(root):
    """The modules that something outside of the package starts or imports."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = [project.get("scripts", {}), *project.get("entry-points", {}).values()]
    found = {point for group in points for point in group.values()}
    texts = [root / "Makefile", *root.glob("binder/*"), *root.glob("docs/*.md")]
    for text in (path for path in texts if path.is_file()):
        found.update(re.findall(r"python -m (darkdays[\w.]*)", text.read_text(encoding="utf-8")))
    for notebook in root.glob("notebooks/*.ipynb"):
        code = code_of(notebook)
        found.update(re.findall(r"darkdays(?:\.\w+)*", code))
        for line in re.findall(r"from (darkdays[\w.]*) import ([\w, ]+)", code):
            found.update(f"{line[0]}.{name.strip()}" for name in line[1].split(","))
    return found | {f"{name}.__main__" for name in found}


def registered(package):
    """The modules of sources that the registry names."""
    path = package / "sources" / "registry.py"
    if not path.is_file():
        return set()
    tree = parsed(path.read_text(encoding="utf-8"))
    names = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    if (stated := path.with_suffix(".toml")).is_file():
        tables = tomllib.loads(stated.read_text(encoding="utf-8")).values()
        names += [name for table in tables for name in table.values()]
    return {f"{package.name}.sources.{name}" for name in names}


def unread_modules(package, root):
    """Modules that no other module, entry point, command or notebook needs."""
    known = modules(package)
    read = {point.partition(":")[0] for point in started(root)} | registered(package)
    for name, path in known.items():
        read.update(target for _, target in imports_of(name, path, known) if target != name)
        # Such as what a process of its own is started with, by name or by a line of code.
        words = {word for word, _ in names_used(parsed(path.read_text(encoding="utf-8")))}
        words.update(*(CODE_IN_TEXT.findall(word) for word in words))
        read |= words - {name}
    return [
        f"{name} has no reader"
        for name, path in known.items()
        # What a folder's own file says is read with the modules in it.
        if name not in read and path.name != "__init__.py"
    ]


def names_used(tree):
    """Every name that code takes up, with its line; handing one on by an import is no use."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def unused_names(package, root):
    """Public functions and classes that neither the package, a notebook nor a document uses."""
    trees = {
        name: parsed(path.read_text(encoding="utf-8")) for name, path in modules(package).items()
    }
    used = collections.defaultdict(list)
    for module, tree in trees.items():
        listed = {
            line
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            for line in range(node.lineno, node.end_lineno + 1)
        }
        for name, line in names_used(tree):
            if line not in listed:
                used[name].append((module, line))
    outside = {point.partition(":")[2] for point in started(root)}
    for notebook in root.glob("notebooks/*.ipynb"):
        outside.update(name for name, _ in names_used(ast.parse(code_of(notebook))))
    texts = [root / "README.md", *root.glob("docs/*.md")]
    documents = [written_code(path.read_text(encoding="utf-8")) for path in texts]
    documents += [path.read_text(encoding="utf-8") for path in package.rglob("*.j2")]
    outside.update(re.findall(r"\w+", "\n".join(documents)))
    return [
        f"{module}.{node.name} is used by nobody"
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not CALLED_BY_NAME.fullmatch(node.name)
        and not any(CALLS.search(ast.unparse(one)) for one in node.decorator_list)
        and node.name not in outside
        and all(
            where == module and node.lineno <= line <= node.end_lineno
            for where, line in used[node.name]
        )
    ]


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


def test_modules_can_be_read_one_after_the_other():
    assert circle_problems(PACKAGE) == []


def test_every_module_has_a_reader():
    assert unread_modules(PACKAGE, ROOT) == []


def test_every_public_name_is_used():
    assert unused_names(PACKAGE, ROOT) == []


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


@pytest.mark.parametrize(
    ("sources", "circle"),
    [
        ({"files/a": "import darkdays.files.b", "files/b": "from .a import x"}, True),
        ({"files/a": "from darkdays.files import b", "files/b": "import darkdays.files.a"}, True),
        (
            {"files/a": "import darkdays.files.b", "files/b": "def f():\n    from .a import x"},
            False,
        ),
        ({"files/a": "import darkdays.files.b", "files/b": "import darkdays.files.c"}, False),
        (
            {"files/a": "if TYPE_CHECKING:\n    from .b import x", "files/b": "from .a import y"},
            True,
        ),
    ],
)
def test_circles_are_noticed(tmp_path, sources, circle):
    problems = circle_problems(_house(tmp_path, {**EMPTY, **sources}))
    assert len(problems) == circle
    assert all("darkdays.files.a" in one and "darkdays.files.b" in one for one in problems)


POINT = '[project.scripts]\ndarkdays = "darkdays.cli.main:main"\n'


def _project(root, sources, **texts):
    """A small package in a checkout with these documents and commands."""
    files = {"pyproject.toml": POINT, "Makefile": "", "README.md": "", "docs/a.md": ""} | texts
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return _house(root, sources)


@pytest.mark.parametrize(
    ("sources", "texts", "unread"),
    [
        ({"files/a": ""}, {}, ["darkdays.files.a"]),
        ({"files/a": "", "cli/main": "from darkdays.files import a"}, {}, []),
        ({"files/a": "import darkdays.files.a"}, {}, ["darkdays.files.a"]),
        ({"files/a": "", "cli/main": "command = ['-m', 'darkdays.files.a']"}, {}, []),
        ({"files/a": "", "cli/main": "code = 'from darkdays.files.a import f; f()'"}, {}, []),
        ({"files/a": "", "cli/main": "'See :mod:`darkdays.files.a`.'"}, {}, ["darkdays.files.a"]),
        ({"files/a": ""}, {"Makefile": "\tpython -m darkdays.files.a\n"}, []),
        ({"files/a": ""}, {"docs/a.md": "See darkdays.files.a."}, ["darkdays.files.a"]),
        ({"files/__main__": "", "files/__init__": ""},
         {"docs/a.md": "    python -m darkdays.files x"}, []),
        ({"sources/a/b": "", "sources/registry": "DATASOURCES = {'a.': 'a.b'}",
          "cli/main": "from darkdays.sources import registry"}, {}, []),
    ],
)  # fmt: skip
def test_modules_without_a_reader_are_noticed(tmp_path, sources, texts, unread):
    house = _project(tmp_path, {"cli/main": "", **sources}, **texts)
    assert unread_modules(house, tmp_path) == [f"{name} has no reader" for name in unread]


def test_notebooks_are_readers(tmp_path):
    house = _project(tmp_path, {"cli/main": "", "files/a": "def f(): ...", "files/b": ""})
    (tmp_path / "notebooks").mkdir()
    notebook = _notebook("%matplotlib inline\nfrom darkdays.files import a\na.f()")
    nbformat.write(notebook, tmp_path / "notebooks" / "0.ipynb")
    assert unread_modules(house, tmp_path) == ["darkdays.files.b has no reader"]
    assert unused_names(house, tmp_path) == []


@pytest.mark.parametrize(
    ("source", "texts", "used"),
    [
        ("def f(): ...", {}, False),
        ("def f():\n    f()", {}, False),
        ("__all__ = ['f']\ndef f(): ...", {}, False),
        ("class A: ...", {}, False),
        ("def f(): ...\nf()", {}, True),
        ("def f(): ...\nkept = {'f': 1}", {}, True),
        ("def _f(): ...", {}, True),
        ("def f(): ...", {"pyproject.toml": POINT.replace("cli.main:main", "files.a:f")}, True),
        ("@app.command()\ndef f(): ...", {}, True),
        ("@cache\ndef f(): ...", {}, False),
        ("def pytest_configure(): ...", {}, True),
        ("def f(): ...", {"docs/a.md": "call `a.f(1)` first"}, True),
        ("def f(): ...", {"docs/a.md": "```py\na.f(1)\n```"}, True),
        ("def word(): ...", {"docs/a.md": "a word of prose"}, False),
    ],
)
def test_names_that_nobody_uses_are_noticed(tmp_path, source, texts, used):
    house = _project(tmp_path, {"cli/main": "from darkdays.files.a import f", "files/a": source},
                     **texts)  # fmt: skip
    assert len(unused_names(house, tmp_path)) == (not used)


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
