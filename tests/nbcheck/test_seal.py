"""A notebook's seal breaks with every change a reader or a run would notice, and with no other."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from darkdays.files import paths
from darkdays.nbcheck import __main__ as command
from darkdays.nbcheck import seal

NOTEBOOKS = sorted(paths.notebooks().glob("*.ipynb"))


def notebook():
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell("level: float = 0.95", metadata={"tags": ["parameters"]}),
        new_markdown_cell("Mobile operators went first, by 1.9 hours."),
        new_code_cell("table"),
        new_markdown_cell("The end."),
    ]
    made = new_notebook(cells=cells)
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    made.metadata[seal.KEY] = seal.seal_of(made)
    return made


def changed(change):
    one = copy.deepcopy(notebook())
    change(one)
    return seal.broken(one)


def swap(one):
    one.cells[0], one.cells[2] = one.cells[2], one.cells[0]


def replace(place, old, new):
    def change(one):
        assert old in one.cells[place].source
        one.cells[place].source = one.cells[place].source.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "clauses"),
    [
        (replace(2, "1.9", "2.9"), ["edited since: cell 3 of the notebook (markdown: Mobile"]),
        (replace(1, "0.95", "0.9"), ["edited since: cell 2 of the notebook (code: level: float"]),
        (lambda one: one.cells.pop(), ["1 of the sealed cells missing after cell 4 "]),
        (lambda one: one.cells.pop(0), ["1 of the sealed cells missing at the beginning"]),
        (lambda one: one.cells.append(new_markdown_cell("More.")),
         ["not among the cells that were sealed: cell 6 of the notebook (markdown: More.)"]),
        (swap, ["not among the cells that were sealed", "of the sealed cells missing"]),
        (lambda one: one.cells[3].metadata.update(tags=["nbval-skip"]), ["edited since: cell 4"]),
        (lambda one: one.cells[1].metadata.update(tags=[]), ["edited since: cell 2"]),
        (lambda one: one.cells[2].update(attachments={"a.png": {"image/png": "AAAA"}}),
         ["edited since: cell 3"]),
        (lambda one: one.cells.__setitem__(2, new_code_cell("Mobile")), ["edited since: cell 3"]),
        (lambda one: one.metadata.kernelspec.update(name="other"),
         ["its metadata are not those that were sealed"]),
        (lambda one: one.metadata.__setitem__(seal.KEY, None), ["it carries none"]),
        (lambda one: one.metadata.pop(seal.KEY), ["it carries none"]),
        (lambda one: one.metadata.__setitem__(seal.KEY, "no"), ["its seal cannot be read"]),
    ],
)  # fmt: skip
def test_a_change_is_named(change, clauses):
    found = " | ".join(changed(change))
    assert found
    for clause in clauses:
        assert clause in found


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.cells[3].update(outputs=[new_output("stream", text="hi")]),
        lambda one: one.cells[3].update(execution_count=7, id="another"),
        lambda one: one.cells[3].metadata.update(execution={"iopub.status.busy": "now"}),
        lambda one: one.metadata.update(language_info={"version": "3.13.1"}, widgets={"a": 1}),
    ],
)
def test_what_a_run_or_a_front_end_writes_does_not_break_it(change):
    assert changed(change) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebooks_are_sealed(path):
    read = nbformat.read(path, as_version=4)
    assert seal.KEY in read.metadata, "run `darkdays notebooks`"
    assert seal.broken(read) == []
    # The source of a cell is a list of lines in the file: its seal is the same.
    assert seal.broken(json.loads(path.read_text(encoding="utf-8"))) == []


def written(path, made):
    text = json.dumps(json.loads(nbformat.writes(made)), indent=2)  # not as Jupyter writes it
    path.write_text(text, encoding="utf-8")
    return path


def test_a_notebook_is_sealed_from_the_command_line(tmp_path, capsys, monkeypatch):
    one = notebook()
    del one.metadata[seal.KEY]
    one.cells[3].update(execution_count=1, outputs=[new_output("stream", text="3 outages\n")])
    path = written(tmp_path / "a.ipynb", one)
    monkeypatch.setattr("sys.argv", ["nbcheck", str(path)])
    assert command.main() == 0
    assert command.main() == 0
    assert capsys.readouterr().out == f"{path}: sealed\n{path}: was sealed already\n"
    stored = nbformat.read(path, as_version=4)
    assert stored.metadata.pop(seal.KEY) == seal.seal_of(one)
    assert stored == one
    assert path.read_text(encoding="utf-8") == nbformat.writes(
        nbformat.read(path, as_version=4)
    ) + ("\n" if not nbformat.writes(one).endswith("\n") else "")


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"metadata": {}}', "{}"])
def test_what_is_no_notebook_is_told_and_left_alone(tmp_path, capsys, monkeypatch, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["nbcheck", str(path), str(tmp_path / "b.ipynb")])
    assert command.main() == 2
    assert "a.ipynb is not a notebook that can be read" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == text
