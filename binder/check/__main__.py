"""Whether this repository launches on Binder: ``python -m binder.check``, from its root.

Lints for every known trap; repo2docker's own plan, without a container engine; and an emulated
image, from a clone and from a Zenodo archive, in which the scripts run, the server answers, the
case runs offline and every notebook runs, within the memory, core and ports of a session.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from binder.check import environment_lints, notebook_lints, repository_lints, script_lints
from binder.check.image import Image, find_python, install
from binder.check.limits import MEMORY, Limits, limited
from binder.check.measure import measured
from binder.check.plan import base_lock, plan
from binder.check.plan import install as install_repo2docker
from binder.check.report import FINE, UNTRIED, Report
from binder.check.server import running
from binder.check.trees import clone, commit_of, from_archive

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = "3.13"
KEPT: Final = ROOT / ".venv" / "binder"
"""Where repo2docker and the emulated environment stay until the next ``make clean``."""
LINTS: Final = (
    *environment_lints.LINTS,
    *script_lints.LINTS,
    *repository_lints.LINTS,
    *notebook_lints.LINTS,
)
_SHORTEST_LIFE: Final = 600.0  # seconds a session without a visitor lives on mybinder


def lint(root: Path, report: Report) -> None:
    """Look for every trap that can be seen in files."""
    for one in LINTS:
        found = one.problems(root)
        report.outcome(one.name, "; ".join(found), "", one.otherwise)


def traps() -> str:
    """Return every trap that is looked for in files as a table in Markdown."""
    lines = ["| should be | otherwise, on mybinder |", "|---|---|"]
    return "\n".join([*lines, *(f"| {one.name} | {one.otherwise} |" for one in LINTS)]) + "\n"


def plans(trees: dict[str, Path], report: Report) -> Path | None:
    """Ask repo2docker what it would build; return where it is installed, if it could be."""
    try:
        repo2docker = install_repo2docker(KEPT / "repo2docker")
    except subprocess.CalledProcessError as error:
        report.add("repo2docker plans the build", UNTRIED, f"it cannot be installed: {error}")
        return None
    for name, tree in trees.items():
        planned = plan(repo2docker, tree)
        report.outcome(
            f"repo2docker plans the build of {name}",
            "; ".join(planned.problems(PYTHON)),
            f"Python {planned.python}, environment first, postBuild, start",
            "no image, or another one",
        )
    return repo2docker


def environment(tree: Path, repo2docker: Path, report: Report) -> Path | None:
    """Install the environment of the image; return its folder, if it could be."""
    name = f"the environment installs on repo2docker's base for Python {PYTHON}"
    python = find_python(PYTHON)
    if python is None:
        report.add(name, UNTRIED, f"there is no Python {PYTHON} on this machine")
        return None
    base = base_lock(repo2docker, PYTHON)
    wanted = repr(sorted(base.items())) + (tree / "binder/environment.yml").read_text("utf-8")
    target, stamp = KEPT / "environment", KEPT / "environment" / "installed"
    failed = ""
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        failed = install(python, target, base, tree)
        if not failed:
            stamp.write_text(wanted, encoding="utf-8")
    megabytes = sum(path.lstat().st_size for path in target.rglob("*")) / 1e6
    here = f"{len(base)} packages of the base, {megabytes:.0f} MB in all, pip check is content"
    fine = report.outcome(name, failed, here, "no image")
    return target if fine else None


def session(name: str, image: Image, report: Report) -> bool:
    """Build an image and start its server; tell whether all went well.

    An archive is built within the limits of a session, which is the stricter test, and its build
    runs the case; a clone without them, as on mybinder, and then `verify` runs it within them.
    """
    if name == "an archive":
        with limited("darkdays-build") as limits:
            failed = image.build(limits.words)
            here = f"with binder/verify, within the limits: {_said(limits)}"
    else:
        failed, here = image.build(), "with binder/verify"
    if not report.outcome(f"postBuild runs in {name}", failed, here, "no image"):
        return False
    with tempfile.TemporaryDirectory() as scratch, limited("darkdays-server") as limits:
        log, inside = Path(scratch) / "log", limits.without_ports()
        try:
            with running(image.tree, image.variables(), log, inside) as server:
                here, failed = f"after {server.seconds:.1f} s", "; ".join(server.complaints())
        except RuntimeError as error:
            here, failed = "", str(error)
    return report.outcome(f"/lab answers in {name}", failed, here, "a launch that never ends")


def verify(image: Image, report: Report) -> None:
    """Run the case within the limits of a session."""
    with limited("darkdays-verify") as limits:
        done = image.run([*limits.words, "bash", "binder/verify"])
        here = _said(limits)
    lines = done.stdout.strip().splitlines()
    report.outcome(
        "binder/verify passes within the limits in a clone",
        f"exit status {done.returncode}: {lines[-1] if lines else ''}" if done.returncode else "",
        here,
        "a dead kernel, or a connection that times out",
    )


def _said(limits: Limits) -> str:
    peak = f"at most {limits.peak / 2**20:.0f} MiB; " if limits.peak else ""
    return peak + ", ".join(limits.means)


def on_one_core(image: Image, report: Report) -> None:
    """Run the case, then every notebook within the limits; say how much memory each takes."""
    verify(image, report)
    runs = [measured(image, path) for path in sorted((image.tree / "notebooks").glob("*.ipynb"))]
    longest = max(runs, key=lambda run: run.seconds)
    failed = [f"{run.name}: {run.failed}" for run in runs if run.failed]
    failed += [
        f"{run.name} runs longer than a session without a visitor lives"
        for run in runs
        if run.seconds > _SHORTEST_LIFE
    ]
    report.outcome(
        f"every notebook fits into {MEMORY / 2**30:g} GiB",
        "; ".join(failed),
        f"the longest: {longest}; all: " + "; ".join(map(str, runs)),
        "the kernel is killed without a word",
    )


def compiled(image: Image, report: Report) -> None:
    """Say whether the first cell of a session would compile, on a processor of another model."""
    python = str(image.environment / "bin" / "python")
    words = [
        str(image.tree / "binder" / "start"),
        python,
        "-m",
        "darkdays.detect.compiled",
    ]
    said = image.run(words).stdout.strip()
    fine = said.startswith("All kernels are compiled already")
    report.outcome(
        "kernels of the detector are compiled when a session starts",
        "" if fine else said,
        "for the generic processor",
        "half a minute of compiling at the first cell",
    )


def browser(image: Image, report: Report) -> None:
    """Let a person, in Chromium, go through the start notebook of the image."""
    name = "a person gets through 0-start-here in JupyterLab and in the notebook view"
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        report.add(name, UNTRIED, "there is no Chromium on this machine")
        return
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs"]
    words += [f"--binder-image={image.environment}", f"--binder-tree={image.tree}"]
    done = subprocess.run(
        [*words, "tests/binder/test_browser.py"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    if done.returncode:
        sys.stdout.write(done.stdout)
    report.outcome(
        name,
        f"{lines[-1]}; screenshots in test-artefacts/" if done.returncode else "",
        f"{lines[-1]}; screenshots in test-artefacts/",
        "a visitor who sees an error",
    )


def images(cloned: Image, archived: Image, report: Report) -> None:
    """Try both images; what is limited to one core leaves another for the browser."""

    def beside() -> None:
        browser(cloned, report)
        session("an archive", archived, report)

    if not session("a clone", cloned, report):
        session("an archive", archived, report)
        return
    compiled(cloned, report)
    with ThreadPoolExecutor() as both:
        for one in (both.submit(on_one_core, cloned, report), both.submit(beside)):
            one.result()


def main() -> int:
    """Check everything, print one table, and fail on whatever breaks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lints", action="store_true", help="only lints and repo2docker's plan")
    parser.add_argument("--traps", action="store_true", help="print the traps as a table and end")
    stated = parser.parse_args()
    if stated.traps:
        sys.stdout.write(traps())
        return 0
    report = Report()
    lint(ROOT, report)
    with tempfile.TemporaryDirectory(prefix="darkdays-binder-") as scratch:
        try:
            commit, changed = commit_of(ROOT)
        except (OSError, subprocess.CalledProcessError):
            report.add("a commit to launch", UNTRIED, "this is not a checkout of git")
            report.print_table()
            return int(not report.is_fine)
        trees = {"a clone": Path(scratch) / "clone", "an archive": Path(scratch) / "archive"}
        clone(ROOT, commit, trees["a clone"])
        from_archive(ROOT, commit, trees["an archive"])
        with_changes = " with the changes of tracked files" if changed else ""
        report.add("a commit to launch", FINE, f"{commit[:12]}{with_changes}")
        repo2docker = plans(trees, report)
        if repo2docker is not None and not stated.lints:
            target = environment(trees["a clone"], repo2docker, report)
            if target is not None:
                images(Image(target, trees["a clone"]), Image(target, trees["an archive"]), report)
    report.print_table()
    return int(not report.is_fine)


if __name__ == "__main__":
    sys.exit(main())
