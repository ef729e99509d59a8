"""Every trap of a Binder launch is seen: this repository is in none, and one in each is told so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from binder.check import environment_lints as environment
from binder.check import notebook_lints as notebooks
from binder.check import repository_lints as repository
from binder.check import script_lints as scripts
from binder.check.__main__ import traps

ROOT = Path(__file__).resolve().parents[2]
LINTS = [*environment.LINTS, *scripts.LINTS, *repository.LINTS, *notebooks.LINTS]
ENVIRONMENTS = ("environment.yml", "environment-sweep.yml")
FILES = ("pyproject.toml", "uv.lock", *ENVIRONMENTS, "README.md", "binder", "notebooks")
ENVIRONMENT = "binder/environment.yml"
NOTEBOOK = "notebooks/0-start-here.ipynb"
HOME = PurePosixPath("/", "home", "ann")


@pytest.fixture
def copy(tmp_path):
    """A copy of everything a launch depends on, to spoil."""
    for name in FILES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "check", ".ipynb_checkpoints")
            shutil.copytree(source, tmp_path / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy2(source, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("lint", LINTS, ids=lambda lint: lint.name)
def test_this_repository_is_in_no_trap(lint):
    assert lint.problems(ROOT) == []
    assert lint.name
    assert lint.otherwise


def test_the_page_tells_of_every_trap():
    assert traps() in (ROOT / "docs/binder.md").read_text(encoding="utf-8"), (
        "put what `python -m binder.check --traps` prints into docs/binder.md"
    )


def write(name, text):
    def change(root):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    return change


def edit(name, pattern, replacement):
    def change(root):
        path = root / name
        text = path.read_text(encoding="utf-8")
        changed, times = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
        assert times == 1, f"{pattern} is not in {name}"
        path.write_text(changed, encoding="utf-8")

    return change


def remove(name):
    return lambda root: (root / name).unlink()


def link(root):
    (root / ENVIRONMENT).unlink()
    (root / ENVIRONMENT).symlink_to("../environment.yml")


def windows(root):
    path = root / "binder/start"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def cell(change):
    """Change the first code cell of the first notebook."""

    def spoil(root):
        path = root / NOTEBOOK
        notebook = json.loads(path.read_text(encoding="utf-8"))
        change(next(one for one in notebook["cells"] if one["cell_type"] == "code"))
        path.write_text(json.dumps(notebook), encoding="utf-8")

    return spoil


def shows(**data):
    kinds = {kind.replace("_", "/", 1): content for kind, content in data.items()}
    output = {"output_type": "display_data", "data": kinds, "metadata": {}}
    return cell(lambda one: one.update(outputs=[output]))


def kernelspec(root):
    path = root / NOTEBOOK
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["kernelspec"]["name"] = "darkdays"
    path.write_text(json.dumps(notebook), encoding="utf-8")


def committed(*changes):
    """The changes, in a repository of git."""

    def change(root):
        for one in changes:
            one(root)
        for words in (["init", "-q"], ["add", "--force", "."]):
            subprocess.run(["git", "-C", root, *words], check=True, capture_output=True)

    return change


def large(root):
    with (root / "recording.bin").open("wb") as file:
        file.truncate(repository.LARGEST + 1)


ERROR = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
BADGE = r"https://mybinder\.org/v2/gh/[^)]*"
SPOILED = [
    (environment.is_there, remove(ENVIRONMENT), "hides the one at the root"),
    (environment.is_there, link, "is a link"),
    (environment.is_there, write(ENVIRONMENT, "../environment.yml"), "no dictionary"),
    (environment.is_the_only_one, write(".binder/environment.yml", "a: 1"), ".binder/ stands"),
    (environment.is_the_only_one, write("binder/Dockerfile", "FROM x"), "is built instead"),
    (environment.is_the_only_one, write("binder/requirements.txt", "numpy"), "is not read"),
    (environment.is_the_only_one, write("binder/runtime.txt", "python-3.13"), "is not read"),
    (environment.is_the_only_one, write("binder/uv.lock", "version = 1"), "is not read"),
    *[
        (environment.python, edit(ENVIRONMENT, r"python=3\.13", form), f"{ENVIRONMENT}: no entry")
        for form in ("python>=3.12", "python~=3.13", "python 3.13", "conda-forge::python=3.13",
                     '"python>=3.12,<3.13"', "python", "python=3")
    ],
    (environment.python, edit("environment.yml", r"python=3\.13", "python>=3.13"), "environment.y"),
    (environment.python, edit(ENVIRONMENT, r"python=3\.13", "python=3.15"), "no environment for"),
    *[
        (environment.nothing_local, edit(ENVIRONMENT, "    - numpy==.*", f"    - {line}"), line)
        for line in ("-e .", "-e ..", "-r ../locks/run.txt", "-c limits.txt", "./darkdays",
                     "../src", "file:///src", "darkdays @ file:///src", "git+https://x.org/a.git")
    ],
    (environment.pinned, edit(ENVIRONMENT, "    - numpy==.*", "    - numpy"), "not a pinned"),
    (environment.pinned, edit(ENVIRONMENT, r" --hash=sha256:\w+$", ""), "not a pinned"),
    (environment.pinned, edit(ENVIRONMENT, r"numpy==\S+", "numpy==0.1"), "numpy==0.1 is not in uv"),
    (environment.pinned, edit("environment.yml", r"(numpy==.*sha256:).{4}", r"\g<1>0000"),
     "a digest of numpy is not"),
    (environment.channels, edit(ENVIRONMENT, "  - nodefaults\n", ""), "channels are not"),
    (environment.channels, edit("environment.yml", "  - conda-forge", "  - defaults"), "channels"),
    (environment.channels, edit(ENVIRONMENT, "  - pip=", "  - uv\n  - pip="), "would solve uv"),
    (environment.server, edit(ENVIRONMENT, "    - numpy==.*", "    - jupyterlab==4.6.6"),
     "replaces jupyterlab"),
    (environment.server, edit(ENVIRONMENT, "    - numpy==.*", "    - jupyter_server==2.1"),
     "replaces jupyter-server"),
    (environment.complete, edit(ENVIRONMENT, "    - numpy==.*\n", ""), "lacks numpy"),
    (environment.complete, edit(ENVIRONMENT, r"numpy==\S+", "numpy==1.26.4"), "numpy 1.26.4 is"),
    (environment.complete, edit(ENVIRONMENT, "    - h5py==.*\n", ""), "h5netcdf without h5py"),
    (environment.complete, edit(ENVIRONMENT, r"matplotlib==\S+", "matplotlib==3.13.0"),
     "seaborn 0.13 with matplotlib 3.13.0"),
    (environment.complete, edit(ENVIRONMENT, r"pandas==\S+", "pandas==4.0"), "with pandas 4.0"),
    (environment.apt, write("binder/apt.txt", "chromium\nzstd=1.5\n"), "apt.txt: zstd=1.5"),
    (environment.apt, write("binder/apt.txt", "--no-install-recommends zstd"), "--no-install"),
    (environment.dockerignore, write(".dockerignore", "# a\nnotebooks/\n"), "out notebooks/"),
    (environment.dockerignore, write("binder/.dockerignore", "**/*.ipynb"), "out notebooks/"),
    (scripts.strict_bash, lambda root: (root / "binder/postBuild").chmod(0o644), "not executable"),
    (scripts.strict_bash, edit("binder/verify", "^set -euo pipefail\n", ""), "is not strict"),
    (scripts.strict_bash, edit("binder/start", "^#!.*", "#!/bin/sh"), "start is not strict bash"),
    (scripts.strict_bash, edit("binder/verify", "^fi$", ""), "verify is not valid bash"),
    (scripts.strict_bash, remove("binder/verify"), "verify is missing"),
    (scripts.strict_bash, windows, "Windows line ends"),
    (scripts.hands_over, edit("binder/start", r'^exec "\$@"', "true"), "does not end in exec"),
    (scripts.hands_over, edit("binder/start", r'^exec "\$@"', '"$@"'), "does not end in exec"),
    (scripts.no_permission_needed, edit("binder/postBuild", "^bash binder/v", "binder/v"),
     "runs binder/verify itself"),
    (scripts.no_permission_needed, edit("binder/postBuild", "^bash b", "./b"), "itself"),
    (scripts.no_network, edit("binder/postBuild", " --no-index", ""), "from an index"),
    (scripts.no_network, edit("binder/postBuild", "^bash", "apt-get a\nbash"), "calls apt-get"),
    (scripts.no_network, edit("binder/start", "^exec", "git pull\nexec"), "start calls git"),
    (scripts.no_network, edit("pyproject.toml", '^version = "0.1.0"', 'dynamic = ["version"]'),
     "comes from git"),
    (scripts.one_core, edit("binder/start", "OMP_NUM_THREADS=1 ", ""), "OMP_NUM_THREADS=1"),
    (scripts.same_machine_code, edit("binder/start", "^export NUMBA.*", ""), "does not export"),
    (scripts.same_machine_code, edit("binder/postBuild", "^export NUMBA.*", ""), "not export"),
    (scripts.same_machine_code, edit("binder/postBuild", "^python -m darkdays.*", ""), "not run"),
    (repository.no_links, link, f"{ENVIRONMENT} is a link"),
    (repository.nothing_outside, write(".gitmodules", ""), "submodules"),
    (repository.nothing_outside, write("data/signals.nc", LFS), "is a pointer of Git LFS"),
    (repository.archive_is_whole, committed(write(".gitattributes", "*.ipynb export-ignore\n")),
     "0-start-here.ipynb is export-ignore"),
    (repository.archive_is_whole, committed(write(".gitattributes", "*.yml export-subst\n")),
     "is export-subst"),
    (repository.small, large, "the largest recording.bin"),
    (repository.badge, edit("README.md", BADGE, "nowhere"), "no link to mybinder.org"),
    (repository.badge, edit("README.md", "0-start-here.ipynb", "0-gone.ipynb"), "is not there"),
    (repository.badge, edit("README.md", "urlpath=lab/tree/", "filepath="), "does not open"),
    (repository.open_ports, write("src/a.py", "A = 'http://api.example.org:8443/v1'"), ":8443"),
    (repository.open_ports, write("cases/a.yaml", "url: ftp://example.org/a"), "ftp://example.org"),
    (notebooks.kernel, kernelspec, "asks for the kernel darkdays"),
    (notebooks.were_run, cell(lambda one: one.update(execution_count=None)), "was never run"),
    (notebooks.were_run, cell(lambda one: one.update(outputs=[ERROR])), "stores an error"),
    (notebooks.stand_alone, shows(text_html="<script src='https://cdn.x.org/a.js'></script>"),
     "loads from elsewhere"),
    (notebooks.stand_alone, shows(text_html="<script>require.config({})</script>"), "elsewhere"),
    (notebooks.stand_alone, shows(text_html='<img alt="" src=//x.org/a.png>'), "from elsewhere"),
    (notebooks.stand_alone, shows(application_javascript="alert(1)"), "loads from elsewhere"),
    (notebooks.stand_alone, shows(**{"application/vnd.jupyter.widget-view+json": {"model_id": "1"},
     "text_plain": "IntSlider(value=1)"}), "nothing without a live widget"),
    (notebooks.install_nothing, cell(lambda one: one.update(source="!pip install a")), "with pip"),
    (notebooks.install_nothing, cell(lambda one: one.update(source=["a\n", "%conda install b"])),
     "with conda"),
    (notebooks.no_machine, cell(lambda one: one.update(source=f"open('{HOME}/a.csv')")),
     f"names {HOME}"),
    (notebooks.no_machine, shows(text_plain="'/Users/bob/darkdays'"), "names /Users/bob"),
]  # fmt: skip


@pytest.mark.parametrize(("problems", "spoil", "complaint"), SPOILED)
def test_a_repository_in_a_trap_is_told(copy, problems, spoil, complaint):
    before = problems(copy)
    spoil(copy)
    found = problems(copy)
    assert any(complaint in one for one in found), found
    assert before == [], "it was not in it before"


def test_every_lint_is_tried_on_a_repository_that_breaks_it():
    tried = {problems for problems, _, _ in SPOILED}
    assert [lint.name for lint in LINTS if lint.problems not in tried] == []


@pytest.mark.parametrize(
    ("problems", "change"),
    [
        (environment.python, edit(ENVIRONMENT, r"python=3\.13", "python==3.12.4")),
        (environment.apt, write("binder/apt.txt", "# fonts\nfonts-noto-core\n\ng++\n")),
        (environment.dockerignore, write(".dockerignore", "runs/\n!notebooks\ntests/\n")),
        (scripts.no_network, edit("binder/start", "^exec", "# git is not needed here\nexec")),
        (repository.open_ports, write("src/a.py", "A = 'http://127.0.0.1:8080 https://x.org:443'")),
        (notebooks.stand_alone, shows(text_html="<a href='https://x.org'>x</a><img src='data:x'>")),
    ],
)
def test_what_only_looks_like_a_trap_passes(copy, problems, change):
    change(copy)
    assert problems(copy) == []


def test_a_widget_with_static_outputs_after_it_is_no_trap(copy):
    path = copy / NOTEBOOK
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [one for one in notebook["cells"] if one["cell_type"] == "code"]
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Slider"}
    for one, data in ((code[0], view), (code[1], {"image/png": "AAAA"})):
        one["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert notebooks.stand_alone(copy) == []
