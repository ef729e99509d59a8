"""Digests of code move exactly when results can."""

from __future__ import annotations

import json
import random
import shutil

import pytest

from darkdays.contracts.code import (
    COMPUTING,
    PACKAGE,
    PRESENTING,
    ROLES,
    STORING,
    code_digest,
    computation_digest,
    files_of,
    role_of,
    task_digest,
)
from darkdays.report.version import provenance
from darkdays.sweep.tasks.engine import engine

# Of the digests below, those that a file of this role moves; a file of sweeps moves only theirs.
MOVES = {
    "computes": {"computation", "code", "tasks", "sweeps"},
    "presents": {"code", "sweeps"},
    "operates": set(),
}
OF_SWEEPS = {"tasks", "sweeps"}


def _digests(package):
    return {
        "computation": computation_digest(package),
        "code": code_digest(package),
        "tasks": task_digest(package),
        "sweeps": code_digest(package, sweeps=True),
    }


def test_every_file_of_the_package_has_a_role_and_every_role_a_file():
    names = list(files_of())
    assert [name for name in names if role_of(name) is None] == []
    assert [key for key in ROLES if not (PACKAGE / key).exists()] == []
    assert {role_of(name) for name in names} == set(MOVES)
    assert {"correlate/rivals/rival_counts.json", "sources/places.csv"} <= set(names)


def test_a_file_that_was_forgotten_counts(tmp_path):
    (tmp_path / "garden").mkdir()
    before = _digests(tmp_path)
    (tmp_path / "garden" / "weights.bin").write_bytes(b"1")
    after = _digests(tmp_path)
    assert {name for name in after if after[name] != before[name]} == MOVES["computes"]
    for left in ("__pycache__/a.pyc", ".a.py.swp", ".ipynb_checkpoints/a.py"):
        (tmp_path / left).parent.mkdir(exist_ok=True)
        (tmp_path / left).write_bytes(b"1")
    assert _digests(tmp_path) == after


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    copy = tmp_path_factory.mktemp("house") / "darkdays"
    return shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))


def test_twenty_random_edits_move_what_they_can_move(package):
    rng = random.Random(20)
    names = sorted(files_of(package))
    kernels = [name for name in names if "njit" in (package / name).read_text(encoding="utf-8")]
    tables = [name for name in names if name.endswith((".json", ".csv"))]
    templates = [name for name in names if name.endswith((".j2", ".typ"))]
    before = _digests(package)
    for kind, choices in (
        ("kernel", kernels), ("table", tables), ("template", templates), ("any", names),
        ("comment", [name for name in names if name.endswith(".py")]),
    ) * 4:  # fmt: skip
        name = rng.choice(choices)
        path = package / name
        old = path.read_bytes()
        words = b"# reworded\n" if kind == "comment" else b"\nedited = 7\n"
        path.write_bytes(words + old if kind == "comment" else old + words)
        after = _digests(package)
        moved = {one for one in after if after[one] != before[one]}
        wanted = MOVES[role_of(name)] if kind != "comment" else set()
        if name.startswith("sweep/"):
            wanted = wanted & OF_SWEEPS
        assert moved == wanted, (kind, name)
        path.write_bytes(old)
    assert _digests(package) == before


def test_only_the_code_of_notebooks_counts(tmp_path, monkeypatch):
    (tmp_path / "cases").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("DARKDAYS_ROOT", str(tmp_path))

    def with_cells(source, words):
        cells = [
            {"cell_type": "code", "source": [source]},
            {"cell_type": "markdown", "source": [words]},
        ]
        text = json.dumps({"cells": cells})
        (tmp_path / "notebooks" / "1.ipynb").write_text(text, encoding="utf-8")
        return code_digest(tmp_path / "package")

    before = with_cells("a = 1", "one")
    assert with_cells("a = 1", "two") == before
    assert with_cells("a = 2", "one") != before


def test_libraries_are_named_once_and_manifests_name_those_of_reports():
    named = [*COMPUTING, *PRESENTING, *STORING]
    assert len(set(named)) == len(named)
    assert list(provenance.machine()["libraries"]) == sorted([*COMPUTING, *PRESENTING])


def test_another_library_is_another_engine(monkeypatch):
    before = engine()
    engine.cache_clear()
    monkeypatch.setattr("darkdays.sweep.tasks.engine.metadata.version", str)
    try:
        assert engine() != before
    finally:
        engine.cache_clear()
