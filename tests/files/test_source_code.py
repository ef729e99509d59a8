"""Python sources without what moves no result: equal on every version, different where it counts.

What is expected is written out here: continuous integration runs this file under each version.
"""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from darkdays.files.source_code import digest_of_code, without_comments

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("a = 1  # one\n", "a = 1\n"),
        ("# one\n\n\na = 1\n   \n  # two\n", "a = 1\n"),
        ('"""What it is."""\na = 1\n', "a = 1\n"),
        ('def f():\n    r"""What\n\n    it does.\n    """\n    return\n', "def f():\n    return\n"),
        ('A = 1\n"""What it is."""  # and\n', "A = 1\n"),
        ("a = '# no comment'\n", "a = '# no comment'\n"),
        ('a = f"{b:#x}#{c!r}"  # hex\n', 'a = f"{b:#x}#{c!r}"\n'),
        ('a = f"{b[\'#\']:{c}#}" # d\n', 'a = f"{b[\'#\']:{c}#}"\n'),
        ('a = """\n# kept  \n\n\'"\n"""\n', 'a = """\n# kept  \n\n\'"\n"""\n'),
        ("a = 'it\\'s #1' # x\n", "a = 'it\\'s #1'\n"),
        ("a = r'\\' # '\n", "a = r'\\' # '\n"),
        ('a = [\n    "kept",\n    """kept"""\n]\n', 'a = [\n    "kept",\n    """kept"""\n]\n'),
        ('a = \\\n"""kept"""\n', 'a = \\\n"""kept"""\n'),
        ('f"""{kept()}"""\nb"kept"\n', 'f"""{kept()}"""\nb"kept"\n'),
        ('"a"; kept = 1\n', '"a"; kept = 1\n'),
        ("a = ''  # it's \"quoted\"\nb = \"\"\n", "a = ''\nb = \"\"\n"),
        ("a = 1\r\nb = 2 # c\r\n", "a = 1\nb = 2\n"),
    ],
)  # fmt: skip
def test_what_is_left_is_code(source, code):
    assert without_comments(source) == code
    assert without_comments(code) == code


class _Bare(ast.NodeTransformer):
    """A tree without statements that are a string, and with something in every body."""

    def visit(self, node):
        self.generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_string(one)] or [ast.Pass()]
        return node


def _is_string(node):
    is_constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_constant and isinstance(node.value.value, str)


def _with_bodies(code):
    """The code with ``pass`` where nothing but a docstring was."""
    lines = code.splitlines()
    found = []
    for number, line in enumerate(lines, 1):
        found.append(line)
        depth = len(line) - len(line.lstrip())
        following = lines[number] if number < len(lines) else ""
        if line.endswith(":") and len(following) - len(following.lstrip()) <= depth:
            found.append(" " * (depth + 4) + "pass")
    return "\n".join(found)


def test_what_is_left_of_the_package_is_all_of_its_code():
    for path in random.Random(3).sample(MODULES, 100):
        source = path.read_text(encoding="utf-8")
        left = ast.parse(_with_bodies(without_comments(source)))
        whole = _Bare().visit(ast.parse(source))
        assert ast.dump(_Bare().visit(left)) == ast.dump(whole), path


def test_random_comments_change_nothing_and_random_numbers_do(tmp_path):
    rng = random.Random(16)
    digest = {}
    for path in rng.sample(MODULES, 60):
        source = path.read_text(encoding="utf-8")
        (tmp_path / "a.py").write_text(source, encoding="utf-8")
        digest["as it is"] = digest_of_code(tmp_path, ["a.py"])
        (tmp_path / "a.py").write_text(_commented(source, rng), encoding="utf-8")
        digest["commented"] = digest_of_code(tmp_path, ["a.py"])
        assert digest["commented"] == digest["as it is"], path
        edited = _edited(source, rng)
        if edited is not None:
            (tmp_path / "a.py").write_text(edited, encoding="utf-8")
            assert digest_of_code(tmp_path, ["a.py"]) != digest["as it is"], path


def _commented(source, rng):
    """The source with a comment, a docstring and a blank line more before a statement."""
    starts = [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and not getattr(node, "decorator_list", [])
    ]
    lines = source.splitlines(keepends=True)
    clean = [
        line
        for line in starts
        # What follows a backslash or stands behind another statement is no line of its own.
        if not lines[max(0, line - 2)].endswith("\\\n")
        and not lines[line - 1].lstrip().startswith(("elif ", "else:", "except ", "finally:"))
    ]
    for line in sorted(rng.sample(clean, min(3, len(clean))), reverse=True):
        indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
        lines.insert(line - 1, f'  # it\'s {rng.random()}\n\n{indent}"""Words {rng.random()}."""\n')
    return "".join(lines)


def _edited(source, rng):
    """The source with another number in it; None if it has none."""
    numbers = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and type(node.value) in {int, float}
    ]
    lines = source.encode().splitlines(keepends=True)
    if not numbers:
        return None
    node = rng.choice(numbers)
    line = lines[node.lineno - 1]
    lines[node.lineno - 1] = line[: node.col_offset] + b"7" + line[node.col_offset :]
    return b"".join(lines).decode()


def test_other_files_count_byte_by_byte_and_names_count(tmp_path):
    (tmp_path / "a.json").write_text("# 1", encoding="utf-8")
    (tmp_path / "b.json").write_text("# 1", encoding="utf-8")
    before = digest_of_code(tmp_path, ["a.json"])
    assert digest_of_code(tmp_path, ["b.json"]) != before
    (tmp_path / "a.json").write_text("# 2", encoding="utf-8")
    assert digest_of_code(tmp_path, ["a.json"]) != before
