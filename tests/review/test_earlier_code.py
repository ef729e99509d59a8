"""Versions are run with the code they were made with, whatever is installed now."""

from __future__ import annotations

import json
import shutil
from importlib import metadata

import pytest

from command_line import darkdays
from darkdays.files import paths
from darkdays.report.version.provenance import code_digest, machine
from darkdays.report.version.seal import read_manifest
from darkdays.review.rerun import history, isolation
from darkdays.review.rerun.code import Code, install, this_code
from darkdays.review.rerun.history import find_code
from reviewing import copied, needs_history

REPORTS = paths.root() / "reports"
# What papermill finds engines with.
entrypoints = pytest.importorskip("entrypoints")
# One of each form a manifest has had that today's code did not write, the quickest to run.
EARLY = {"case", "code", "data", "environment", "parameters", "snapshot"}
FORMS = [
    pytest.param("khuzestan-2021/1.0.0", EARLY, id="early"),
    pytest.param("cuba-single-provider/1.0.0", EARLY | {"computation", "envelope"}, id="later"),
]


# --- alone ------------------------------------------------------------------------------------

PROJECT = """\
[project]
name = "darkdays"
version = "0.0.7"

[project.scripts]
darkdays = "darkdays.elsewhere.shell:begin"

[project.entry-points."papermill.engine"]
Other = "darkdays.elsewhere:Engine"
"""
SHELL = """\
import json, subprocess, sys
from importlib import metadata
from pathlib import Path

import entrypoints


def seen():
    import darkdays
    points = metadata.entry_points()
    every = [one for group in points.groups for one in points.select(group=group)]
    ours = [one for one in every if one.value.startswith("darkdays")]
    return {
        "version": metadata.version("darkdays"),
        "points": sorted([one.group, one.name, one.value] for one in ours),
        "papermill": sorted(
            [one.name, one.module_name] for one in entrypoints.get_group_all("papermill.engine")
        ),
        "pytest": [one.name for one in metadata.entry_points(group="pytest11")],
        "package": str(Path(darkdays.__file__).resolve()),
    }


def begin():
    child = "import json; from darkdays.elsewhere import shell; print(json.dumps(shell.seen()))"
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True)
    Path(sys.argv[1]).write_text(json.dumps([seen(), json.loads(done.stdout)]))
"""


def made_up(folder, project):
    elsewhere = folder / "src" / "darkdays" / "elsewhere"
    elsewhere.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    (folder / "src" / "darkdays" / "__init__.py").touch()
    (elsewhere / "__init__.py").touch()
    (elsewhere / "shell.py").write_text(SHELL, encoding="utf-8")
    return Code(folder, folder / "src")


def test_code_sees_its_own_entry_points_and_nothing_that_is_installed(tmp_path):
    assert "darkdays_nbcheck" in metadata.entry_points(group="pytest11").names
    code = made_up(tmp_path / "tree", PROJECT)
    root = tmp_path / "root"
    install(code, root)
    isolation.darkdays([str(tmp_path / "seen.json")], root=root)
    itself, child = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert itself == child
    assert itself["version"] == "0.0.7"
    assert itself["points"] == [
        ["console_scripts", "darkdays", "darkdays.elsewhere.shell:begin"],
        ["papermill.engine", "Other", "darkdays.elsewhere:Engine"],
    ]
    assert itself["papermill"] == [["Other", "darkdays.elsewhere"]]
    assert "darkdays_nbcheck" not in itself["pytest"]
    assert itself["package"] == str(code.package / "darkdays" / "__init__.py")


def test_code_without_entry_points_has_none(tmp_path):
    code = made_up(tmp_path / "tree", '[project]\nname = "darkdays"\nversion = "0.0.6"\n')
    install(code, tmp_path / "root")
    program = "import json; from darkdays.elsewhere.shell import seen; print(json.dumps(seen()))"
    done = isolation.python(program, [], root=tmp_path / "root")
    seen = json.loads(done.stdout)
    assert (seen["points"], seen["papermill"], seen["version"]) == ([], [], "0.0.6")


def test_the_code_that_runs_is_laid_out_like_any_other(tmp_path):
    code = this_code()
    assert code.is_running
    install(code, tmp_path)
    program = "from importlib import metadata; print(metadata.version('darkdays'))"
    done = isolation.python(program, [], root=tmp_path)
    assert done.stdout.strip() == metadata.version("darkdays")


# --- found in the history ---------------------------------------------------------------------


@needs_history
def test_the_history_of_a_checkout_of_another_user_is_read(monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert history._git("rev-parse", "HEAD").decode().strip() == machine()["commit"] != ""


@pytest.mark.slow
@needs_history
def test_the_code_of_an_earlier_version_is_found_in_the_history(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    manifest = read_manifest(REPORTS / "iran-2019" / "1.1.0")
    code = find_code(manifest, tmp_path)
    assert code is not None
    assert not code.is_running
    assert code.package == code.tree / "src"
    assert (code.tree / "cases" / "iran-2019.yaml").is_file()
    assert code.tree.is_relative_to(tmp_path / "cache")
    assert find_code(manifest, tmp_path / "again") == code
    assert not (tmp_path / "again").exists()
    # What is kept is asked whether it still is that code.
    (code.tree / "src" / "darkdays" / "errors.py").write_text("more = 1\n", encoding="utf-8")
    history._digest_in.cache_clear()
    assert find_code(manifest, tmp_path / "restored") == code
    assert "more" not in (code.tree / "src" / "darkdays" / "errors.py").read_text(encoding="utf-8")
    for other in ("0" * 64, "../elsewhere"):
        manifest["digests"]["code"] = other
        assert find_code(manifest, tmp_path / "none") is None


def test_what_runs_today_will_be_found_when_it_is_earlier_code(tmp_path):
    for name in ("src", "notebooks"):
        shutil.copytree(paths.root() / name, tmp_path / name)
    (tmp_path / "cases").mkdir()
    shutil.copy(paths.root() / "pyproject.toml", tmp_path)
    assert history._digest_in(tmp_path) == code_digest()


@needs_history
def test_where_everybody_can_write_no_code_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "darkdays" / "history"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    code = find_code(read_manifest(REPORTS / "khuzestan-2021" / "1.0.0"), tmp_path / "scratch")
    assert code is not None
    assert code.tree.is_relative_to(tmp_path / "scratch")
    assert list(folder.iterdir()) == []


# --- run --------------------------------------------------------------------------------------


@pytest.mark.slow
@needs_history
@pytest.mark.parametrize(("name", "stated"), FORMS)
def test_an_old_version_of_each_form_comes_out_again(tmp_path, name, stated):
    version = copied(REPORTS / name, tmp_path)
    assert set(read_manifest(version)["digests"]) == stated
    done = darkdays("verify", "--all", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{name.replace('/', ' ')}: identical\n")
    assert "executing its notebooks" in done.stderr
    assert find_code(read_manifest(version), tmp_path) != this_code()


def test_each_form_of_a_manifest_is_among_them():
    forms = {
        frozenset(read_manifest(path.parent)["digests"])
        for path in REPORTS.glob("*/*/manifest.json")
    }
    assert forms == {frozenset(one.values[1]) for one in FORMS}
