"""The wheel carries what a run reads, and works in any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from darkdays.files import paths

PROGRAM = "from darkdays.cli.main import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The distribution as pip installs it, in a folder nobody may write to."""
    made, installed = (tmp_path_factory.mktemp(name) for name in ("made", "installed"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(made)]
    subprocess.run([*build, str(paths.of_this_code())], check=True)
    (file,) = made.glob("*.whl")
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "-t", str(installed), str(file)], check=True
    )
    subprocess.run(["chmod", "-R", "a-w", str(installed)], check=True)
    return installed


def darkdays(wheel, folder, *words, **settings):
    """Run a command of the wheel, without a home folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DARKDAYS_")}
    where = kept | {"PYTHONPATH": str(wheel), "HOME": "/nonexistent"} | settings
    command = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(
        command, cwd=folder, env=where, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
def test_a_case_runs_in_an_empty_folder_to_the_report_a_checkout_gives(wheel, tmp_path, iran_2019):
    done = darkdays(wheel, tmp_path, "run", "iran-2019", "--offline")
    assert "atplotlib" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"reports", "runs"}
    report = tmp_path / "reports" / "iran-2019" / "1.0.0"
    for name in ("findings.json", "report.html"):
        assert (report / name).read_bytes() == (iran_2019.version / name).read_bytes()
    code = [
        json.loads((one / "manifest.json").read_text(encoding="utf-8"))["digests"]["code"]
        for one in (report, iran_2019.version)
    ]
    assert code[0] == code[1]
    assert "1.0.0" in darkdays(wheel, tmp_path, "cases").stdout
    assert "iran-2019 1.0.0: identical" in darkdays(wheel, tmp_path, "verify", str(report)).stdout


@pytest.mark.slow
def test_a_sweep_is_planned_and_notebooks_are_run_again_without_a_checkout(wheel, tmp_path):
    grid = paths.of_this_code() / "docs" / "sweep" / "world.yaml"
    assert "studies of" in darkdays(wheel, tmp_path, "sweep", str(grid), "--plan").stdout
    darkdays(wheel, tmp_path, "init", str(tmp_path))
    darkdays(wheel, tmp_path, "notebooks")
    assert len(list((tmp_path / "notebooks").glob("*.ipynb"))) == 5


@pytest.mark.slow
def test_a_folder_of_ones_own_holds_ones_own_cases_and_notebooks(wheel, tmp_path):
    home = tmp_path / "mine"
    assert "now" in darkdays(wheel, tmp_path, "init", str(home)).stdout
    case = home / "cases" / "iran-2019.yaml"
    text = case.read_text(encoding="utf-8").replace("iran-2019", "my-own").replace(": Iran", ": My")
    (home / "cases" / "my-own.yaml").write_text(text, encoding="utf-8")
    listed = darkdays(wheel, tmp_path, "--home", str(home), "cases", "--json").stdout
    assert {"my-own", "khuzestan-2021"} <= {row["case"] for row in json.loads(listed)}
    listed = darkdays(wheel, tmp_path, "cases", "--json", DARKDAYS_HOME=str(home)).stdout
    assert "my-own" in listed
    assert "my-own" not in darkdays(wheel, tmp_path, "cases", "--json").stdout


def test_a_checkout_is_used_by_whoever_is_in_it(tmp_path, monkeypatch):
    monkeypatch.delenv("DARKDAYS_ROOT", raising=False)
    for part in ("cases", "src/darkdays", "deep/down"):
        (tmp_path / part).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "down")
    assert paths.root() == paths.workspace() == tmp_path
    assert paths.of_this_code() != tmp_path
