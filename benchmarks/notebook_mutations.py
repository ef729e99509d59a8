"""Whether the check of notebooks notices every tampering and lets every genuine run pass.

Run ``python benchmarks/notebook_mutations.py [--count 150] [--python PYTHON] [--save]`` from the
project's root. The committed notebooks are copied ``--count`` times, each copy is changed in one
random way (`tamperings`, each in turn), and pytest runs them all with ``--nbval
--darkdays-nbcheck``. A tampering is caught if the check of its notebook fails. What a kernel
answers to the same code is recorded the first time and replayed (`recorded_kernel`). Untouched
copies must pass, every cell run, also with every other interpreter named, in whose environment
the project is installed.
"""

from __future__ import annotations

import argparse
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from tamperings import Tampering, tamperings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = Path(__file__).parent / "results" / "notebook_mutations.md"
_INI = "[pytest]\nxfail_strict = true\nfilterwarnings = error\n"
_TRIES = 50

nbf: Any = nbformat  # its functions carry no types


@dataclass
class Told:
    """What the check of one notebook said: who failed, cells or the seal."""

    cells: list[str] = field(default_factory=list)
    seal: list[str] = field(default_factory=list)
    passed: int = 0

    @property
    def failed(self) -> bool:
        """Whether anything did."""
        return bool(self.cells or self.seal)


def check(
    python: str, notebooks: dict[str, Any], jobs: int, *, replayed: bool = False
) -> dict[str, Told]:
    """Run the check over notebooks with an interpreter; return what it said of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text(_INI, encoding="utf-8")
        # Every worker has a run folder of its own, as in the project's own tests.
        shutil.copy(ROOT / "conftest.py", folder)
        for stem, notebook in notebooks.items():
            nbf.write(notebook, folder / f"{stem}.ipynb")
        words = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=told.xml"]
        words += ["--nbval", "--nbval-current-env", "--darkdays-nbcheck", "-n", str(jobs), "."]
        support = str(ROOT / "tests" / "support")  # of the project's conftest.py
        variables = dict(os.environ) | {"PYTHONPATH": support}
        if replayed:
            words += ["-p", "recorded_kernel"]
            (folder / "answers").mkdir()
            variables["RECORDED_ANSWERS"] = f"{folder}/answers"
            variables["PYTHONPATH"] = os.pathsep.join([str(HERE), support])
        done = subprocess.run(
            words, cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
        if done.returncode not in {0, 1} or not (folder / "told.xml").exists():
            raise SystemExit(f"pytest did not run:\n{done.stdout}{done.stderr}")
        told = {stem: Told() for stem in notebooks}
        for case in ET.parse(folder / "told.xml").iter("testcase"):  # noqa: S314 - pytest wrote it
            one = told[case.get("classname", "").removesuffix(".ipynb")]
            failures = [part.text or part.get("message") or "" for part in case]
            failures = [text for text in failures if "skipped" not in text.lower()]
            if not failures:
                one.passed += 1
            (one.seal if case.get("name") == "Seal" else one.cells).extend(failures)
    return told


def tampered(
    originals: dict[str, Any], count: int, seed: int
) -> dict[str, tuple[Tampering, str, Any]]:
    """Return copies, each changed in one way: by name the tampering, the original, the copy."""
    made: dict[str, tuple[Tampering, str, Any]] = {}
    kinds = list(tamperings())
    for number in range(count):
        kind, rng = kinds[number % len(kinds)], random.Random(seed * 100_003 + number)  # noqa: S311
        for _ in range(_TRIES):
            stem = rng.choice(sorted(originals))
            notebook = copy.deepcopy(originals[stem])
            if kind(notebook, rng) and notebook != originals[stem]:
                made[f"t{number:03d}-{stem}"] = kind, stem, notebook
                break
        else:
            raise SystemExit(f"nothing to change for {kind.__doc__} in {_TRIES} tries.")
    return made


def checked(count: int, seed: int = 1, jobs: int = 2) -> tuple[int, list[str]]:
    """Tamper so often, and run what was not touched; return how many, and what went wrong.

    Parameters
    ----------
    count
        Copies, each changed in one way.
    seed
        Of what is changed.
    jobs
        Notebooks checked at once.
    """
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    originals = {path.stem: nbf.read(path, as_version=4) for path in paths}
    made = tampered(originals, count, seed)
    copies = {name: notebook for name, (_, _, notebook) in made.items()}
    told = check(sys.executable, copies, jobs, replayed=True)
    wrong = [f"{name} was not noticed: {made[name][0].__doc__}" for name in made if not
             told[name].failed]  # fmt: skip
    genuine = check(sys.executable, originals, jobs)
    wrong += [f"{name} is genuine, and failed" for name, one in genuine.items() if one.failed]
    return len(made) + len(genuine), wrong


def version_of(python: str) -> str:
    """Return the version of an interpreter."""
    words = [python, "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def table_of(made: dict[str, tuple[Tampering, str, Any]], told: dict[str, Told]) -> str:
    """Return who caught what as a table in Markdown, a row a kind of tampering."""
    rows: dict[str, list[Told]] = {}
    for name, (kind, _, _) in made.items():
        rows.setdefault((kind.__doc__ or "").splitlines()[0].rstrip("."), []).append(told[name])
    width = max(map(len, rows))
    lines = [f"| {'tampering':{width}} | tried | caught by outputs | by the seal | by either |"]
    lines += [f"| {'-' * width} | ----: | ----------------: | ----------: | --------: |"]
    total = [0, 0, 0, 0]
    for name, found in [*rows.items(), ("all", [])]:
        counts = [
            len(found),
            sum(bool(one.cells) for one in found),
            sum(bool(one.seal) for one in found),
            sum(one.failed for one in found),
        ]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        counts = total if name == "all" else counts
        cells = zip(counts, (5, 17, 11, 9), strict=True)
        lines.append(f"| {name:{width}} | {' | '.join(f'{n:>{w}}' for n, w in cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Tamper, check, print a table; fail on what was missed and on genuine runs that fail."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--python", action="append", default=[], help="another interpreter")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    stated = parser.parse_args()
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    originals = {path.stem: nbf.read(path, as_version=4) for path in paths}

    made = tampered(originals, stated.count, stated.seed)
    begun = time.monotonic()
    copies = {name: notebook for name, (_, _, notebook) in made.items()}
    told = check(sys.executable, copies, stated.jobs, replayed=True)
    minutes = (time.monotonic() - begun) / 60
    text = table_of(made, told)
    print(text)
    missed = [name for name in made if not told[name].failed]
    for name in missed:
        print(f"missed: {name}: {made[name][0].__doc__}")
    genuine = []
    # Not resolved: the interpreter of an environment is a link to another one.
    others = [str(Path.cwd() / (shutil.which(python) or python)) for python in stated.python]
    for python in (sys.executable, *others):
        told = check(python, originals, stated.jobs)
        failures = [text for one in told.values() for text in one.cells + one.seal]
        items = sum(one.passed for one in told.values())
        verdict = "all pass" if not failures else "FAIL: " + " ".join(failures)
        genuine.append(f"Python {version_of(python)}: {items} items of {len(told)}, {verdict}")
        print(genuine[-1])
    if stated.save:
        command = f"python benchmarks/notebook_mutations.py --count {stated.count} --save"
        RESULTS.write_text(
            f"# Tampered notebooks\n\n`{command}`, seed {stated.seed}, {minutes:.0f} min\n\n"
            f"{text}\n\n"
            "*By outputs*: a cell whose stored outputs or number are not those of a run. *By the "
            "seal*: a cell, of code or prose, that is not the one stored with these outputs. "
            "Answers of a kernel to the same code were recorded once and replayed.\n\n"
            "Genuine notebooks, run again:\n\n" + "".join(f"- {line}\n" for line in genuine),
            encoding="utf-8",
        )
    return int(bool(missed) or any("FAIL" in line for line in genuine))


if __name__ == "__main__":
    sys.exit(main())
