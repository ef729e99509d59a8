"""Every command the README prints, typed as it is printed, in a fresh folder."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_crashes import RUN

from command_line import darkdays
from darkdays.files import paths

ROOT = paths.root()
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = ("darkdays", "make", "pip", "uv", "uvx", "conda", "source", "python", "pytest")
BELARUS = 'darkdays new-case BY "Belarus, August 2020" --start 2020-07-15 --end 2020-08-31'
OWN = "darkdays run belarus-august-2020.yaml --signal mine.csv --events dates.csv"
HOURLY = "darkdays detect mine.csv --time-column when --value-column blocks --time-zone Asia/Tehran"
FIXED = "darkdays detect mine.csv --entity-column place --at 2021-07-11"
SETTING = "darkdays run iran-2019 -p level=0.99 -p min_depth=0.2 --reports elsewhere"
# What words in capitals stand for here.
FILLED = {
    "reports/iran-2019/VERSION": "reports/iran-2019/1.0.0",
    "REPORT": "reports/cuba-single-provider/1.0.0",
    "FILE.zip": "handed-on.zip",
    "GRID.yaml": str(ROOT / "docs" / "sweep" / "world.yaml"),
    "CASE": "y.yaml",
}
ELSEWHERE = {
    "darkdays diff reports/iran-2019/1.1.0 reports/iran-2019/VERSION --why": (
        "tests/review/test_diff.py"
    ),
    "darkdays run CASE --snapshot ID": "tests/fetch/test_fetch.py",
    "darkdays run CASE --offline": "tests/support/shared_run.py",
    "pip wheel --no-deps .": "tests/cli/test_wheel.py",
    "make docs": "tests/docs/test_site.py",
    "make binder-check": ".ci/run",
    "make .venv/all": ".ci/run",
    "make test": ".ci/run",
    "make test-all": ".ci/run",
}
LEFT_OUT = {
    "conda env create -f environment.yml": "needs conda and its channels",
    "conda activate darkdays": "needs conda",
    "make release": "builds from a clean checkout of what is committed",
}
TYPED = set()


def printed(text):
    """Every command of a page, of its blocks for a shell and of its code words."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    words = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {line for line in (*lines, *words) if line.split()[0] in PROGRAMS and " " in line}


def shows(*commands):
    """Have a test type these commands, one after the other or each by itself."""
    TYPED.update(commands)
    return pytest.mark.parametrize("command", commands)


def test_no_command_of_the_readme_is_left_without_a_word():
    assert printed(README) == TYPED | ELSEWHERE.keys() | LEFT_OUT.keys()
    assert all((ROOT / file).is_file() for file in ELSEWHERE.values())


def test_tutorials_type_what_the_readme_does():
    for page in sorted((ROOT / "docs" / "tutorials").glob("*.md")):
        assert printed(page.read_text(encoding="utf-8")) <= printed(README), page.name


@pytest.fixture(scope="module")
def desk(tmp_path_factory, iran_2019, offline):
    """A folder of somebody who has reports, the newest and the least, and nothing else."""
    folder = tmp_path_factory.mktemp("desk")
    for run in (iran_2019, offline("cuba-single-provider")):
        run.copied_reports(folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def measured(folder, start, days, down):
    """Write measurements of an hour each that fall on one day, and the dates of a protest."""
    hours = pd.date_range(start, periods=24 * days, freq="h")
    blocks = np.random.default_rng(7).normal(1000, 10, len(hours))
    blocks[hours.normalize() == down] *= 0.1
    table = pd.DataFrame({"when": hours.strftime("%Y-%m-%d %H:%M"), "blocks": blocks.round()})
    table.assign(place="Ahvaz").to_csv(folder / "mine.csv", index=False)
    (folder / "dates.csv").write_text(f"date,kind\n{down},protest\n", encoding="utf-8")


def typed(command, folder):
    """Run a command as it is printed, words in capitals filled in."""
    for word, value in FILLED.items():
        command = re.sub(rf"(?<![\w/]){re.escape(word)}(?!\w)", value, command)
    words = shlex.split(command)
    assert words[0] == "darkdays"
    return darkdays(*words[1:], cwd=folder, DARKDAYS_HOME=str(folder), DARKDAYS_RUNS="")


@shows("darkdays cases", "darkdays snapshot list", "darkdays sweep GRID.yaml --plan",
       "darkdays publish REPORT --to FILE.zip", "darkdays init")  # fmt: skip
def test_a_command_that_needs_nothing_but_a_report(command, desk):
    done = typed(command, desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@shows("darkdays read mine.csv", HOURLY, FIXED)
def test_a_file_of_ones_own(command, tmp_path):
    measured(tmp_path, "2021-07-01", 20, "2021-07-11")
    if command == FIXED:  # the number column is called otherwise, and found
        mine = tmp_path / "mine.csv"
        mine.write_text(mine.read_text(encoding="utf-8").replace("blocks", "seen"), "utf-8")
    done = typed(command, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2021-07-1" in done.stdout or command == "darkdays read mine.csv"


@pytest.mark.slow
@shows(BELARUS)
def test_a_case_of_ones_own_takes_two_commands(command, tmp_path):
    done = typed(command, tmp_path)
    assert done.returncode == 0, done.stderr
    measured(tmp_path, "2020-07-15", 47, "2020-08-09")
    done = typed(OWN, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reports" / "belarus-august-2020" / "1.0.0" / "report.html").is_file()
    assert "Belarus lost the internet" in done.stdout


TYPED.add(OWN)


@shows("darkdays run iran-2019 --offline --json")
def test_a_program_reads_what_the_run_of_this_session_printed(command, iran_2019):
    assert iran_2019.document["report"]


@pytest.mark.slow
@shows(SETTING)
def test_another_setting_goes_elsewhere(command, tmp_path):
    done = typed(command, tmp_path)
    assert done.returncode == 0, done.stderr
    report = tmp_path / "elsewhere" / "iran-2019" / "1.0.0"
    manifest, findings = (
        json.loads((report / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("manifest", "findings")
    )
    assert manifest["digests"]["parameters"] == {"level": 0.99, "min_depth": 0.2}
    depths = [one["depth"] for one in findings["outages"]]
    assert depths
    assert all(depth is None or depth >= 0.2 for depth in depths)


@pytest.mark.slow
@shows("darkdays verify reports/iran-2019/VERSION", "darkdays verify FILE.zip",
       "darkdays review REPORT")  # fmt: skip
def test_a_stranger_runs_a_report_again(command, desk):
    if "FILE.zip" in command and not (desk / FILLED["FILE.zip"]).is_file():
        typed("darkdays publish REPORT --to FILE.zip", desk)
    done = typed(command, desk)
    assert done.returncode == 0, done.stderr
    assert "identical" in done.stdout


@shows("darkdays run CASE", "darkdays fetch CASE")
def test_a_case_whose_data_are_here_asks_nobody(command, tmp_path):
    (tmp_path / FILLED["CASE"]).write_text(RUN, encoding="utf-8")
    done = typed(command, tmp_path)
    assert done.returncode == 0, done.stderr


@shows("darkdays doctor")
def test_services_that_cannot_be_reached_are_named(command, tmp_path, monkeypatch):
    for scheme in ("HTTP", "HTTPS", "ALL"):
        monkeypatch.setenv(f"{scheme}_PROXY", "http://127.0.0.1:9")
    done = typed(command, tmp_path)
    assert done.returncode == 3, done.stdout
    assert "ioda" in done.stdout


@pytest.mark.slow
@shows("make report", "make sizes", "source .venv/bin/activate")
def test_a_clone_whose_packages_are_installed(command, clone):
    """Nothing is installed: the stamps of the Makefile say that everything is."""
    also = "command -v darkdays" if command.startswith("source") else ":"
    done = subprocess.run(
        ["bash", "-c", f"{command} && {also}"],
        cwd=clone, env={**os.environ, "DARKDAYS_RUNS": ""},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = {"make report": "reports/iran-2019/1.0.0/report.html", "make sizes": "numpy"}
    assert said.get(command, "bin/darkdays") in done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A checkout with the programs of the environment that runs this."""
    bin_folder = Path(sys.executable).parent
    if not (bin_folder / "activate").is_file() or shutil.which("make") is None:
        pytest.skip("this is no virtual environment, or there is no make here")
    folder = tmp_path_factory.mktemp("clone")
    for part in ("src", "cases", "data", "notebooks", "locks", ".ci", "binder"):
        shutil.copytree(ROOT / part, folder / part)
    for name in ("Makefile", "pyproject.toml", "uv.lock", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv").mkdir()
    for name in ("bin", "lib"):
        (folder / ".venv" / name).symlink_to(bin_folder.parent / name)
    for stamp in ("packages-run", "run", "packages-all", "all", "kernels"):
        (folder / ".venv" / stamp).touch()
    return folder


@pytest.mark.slow
@shows("make lab")
def test_jupyterlab_opens_on_the_notebooks(command, clone):
    opened = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=clone, env={**os.environ, "JUPYTER_RUNTIME_DIR": str(clone), "BROWSER": "true"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    told = list(itertools.takewhile(lambda line: "/lab" not in line, opened.stdout))
    if opened.poll() is None:
        os.killpg(opened.pid, signal.SIGTERM)
    opened.communicate(timeout=60)
    assert opened.returncode == -signal.SIGTERM, "".join(told)


@pytest.mark.slow
@shows("pip install --no-deps -e .")
def test_the_checkout_is_installed_on_packages_of_an_environment(command, clone, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "conda")], check=True)
    installed = tmp_path / "conda" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = installed / "site-packages" / "environment.pth"
    packages.write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    done = subprocess.run(
        ["bash", "-c", f"{command} && darkdays version && command -v darkdays"],
        cwd=clone, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PATH": f"{tmp_path / 'conda' / 'bin'}:{os.environ['PATH']}",
             "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout


@pytest.mark.slow
@shows("uv run darkdays run iran-2019", "uv run pytest", "uvx --from WHEEL darkdays run iran-2019")
def test_uv_installs_what_is_locked_and_runs_it(command, clone, tmp_path):
    if shutil.which("uv") is None:
        pytest.skip("there is no uv here")
    where = clone
    if "WHEEL" in command:
        build = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-index",
                 "--no-build-isolation", "-w", str(tmp_path), str(clone)]  # fmt: skip
        subprocess.run(build, check=True)
        where, command = tmp_path, command.replace("WHEEL", next(tmp_path.glob("*.whl")).name)
    elif command.endswith("pytest"):
        command += " --version"  # what it would run is what runs this
    settings = {"DARKDAYS_RUNS": "", "UV_PROJECT_ENVIRONMENT": str(clone / ".venv-uv")}
    done = subprocess.run(
        ["bash", "-c", command], cwd=where, env={**os.environ, **settings},
        capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    if done.returncode and re.search("[Ff]ailed to (fetch|download)", done.stderr):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    assert "pytest " in done.stdout or "report.html" in done.stdout


@shows("python data/validate.py", "pytest --nbval --darkdays-nbcheck")
def test_what_is_typed_in_the_checkout(command, tmp_path):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    where = ROOT
    if command.startswith("pytest"):  # in a folder with a notebook of one's own
        where = tmp_path
        shutil.copy(ROOT / "notebooks" / "1-fetch.ipynb", tmp_path)
        command += " --collect-only -p no:cacheprovider"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=where, env={**os.environ, "PATH": path},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_program_in_python_prints_what_stands_below_it(tmp_path):
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (told,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (told, "")
