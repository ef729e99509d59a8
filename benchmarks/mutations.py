"""Whether `darkdays verify` finds every single change of a published report.

Run ``python benchmarks/mutations.py [--count 240] [--seed 1] [--save]`` from the project's root.
Two cases are run: ``iran-2019`` on embedded data, and ``sistan-fridays`` on a made-up list, so
that there is a snapshot. Then ``--count`` copies are changed in one random place each: a number, a
label, a picture, a cell, a page, a file, an object of the snapshot. Every change has to be found
twice: by its digest, and, once whoever made it has made the manifest fit as well and taken away the
list of manifests, by running the report again. Changes of the snapshot are found by their digest
alone, for another snapshot is another id.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from report_changes import CHANGES, Change, cells, flipped

from darkdays.files import writing
from darkdays.report.page import page
from darkdays.report.version import publishing
from darkdays.report.version.compare import DIFFERS
from darkdays.report.version.seal import LEDGER, MANIFEST
from darkdays.review.rerun.rerun import Rerun
from darkdays.review.verify.verify import make_again, verify

RESULTS: Final = Path(__file__).parent / "results" / "mutations.md"
CASES: Final = ("iran-2019", "sistan-fridays")
_FOLDERS: Final = ("reports", "runs", "snapshots")
_DARKDAYS: Final = (sys.executable, "-c", "from darkdays.cli.main import main; main()")
_LIST: Final = (
    "start_date,end_date,country,geo_scope,area_name,shutdown_type,affected_network,"
    "shutdown_extent,actual_cause,event,count_year\n"
    + "".join(
        f"2023-{day},2023-{day},Iran,It only affected one city,Zahedan,Shutdown,Mobile,"
        f"Full network,Protests,a made-up Friday,2023\n"
        for day in ("01-06", "01-13", "01-27", "02-03", "02-17")
    )
)


class Kept:
    """Runs a report again once, and hands out copies of what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[str, Rerun] = {}

    def __call__(self, folder: Path, manifest: Any, *rest: Any) -> Any:
        """Return what running this report gives; it is known by all it is made from."""
        name = writing.sha256(json.dumps(manifest["digests"], sort_keys=True).encode())[:16]
        if name not in self.made:
            made = make_again(folder, manifest, *rest)
            if not isinstance(made, Rerun):
                return made
            shutil.copytree(made.draft.folder, self.folder / name)
            self.made[name] = made
        made = self.made[name]
        draft = Path(tempfile.mkdtemp(dir=self.folder)) / "report"
        shutil.copytree(self.folder / name, draft)
        return replace(made, draft=replace(made.draft, folder=draft))


def run(home: Path) -> None:
    """Make the reports that are tampered with."""
    made_up = home / "stop.csv"
    made_up.write_text(_LIST, encoding="utf-8")
    for name in CASES:
        given = ["--file", f"stop={made_up}"] if name == "sistan-fridays" else []
        subprocess.run(
            [*_DARKDAYS, "run", name, "--offline", *given],
            env={
                **os.environ,
                **{f"DARKDAYS_{one.upper()}": str(home / one) for one in _FOLDERS},
            },
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def refit(folder: Path) -> None:
    """Make the manifest fit the files, as whoever changed them would."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = {
        one.relative_to(folder).as_posix(): writing.sha256(one.read_bytes())
        for one in sorted(folder.rglob("*"))
        if one.is_file() and one != path
    }
    path.write_text(writing.json_text(manifest), encoding="utf-8")
    (folder.parents[1] / LEDGER).unlink(missing_ok=True)


def schedule(count: int, rng: random.Random) -> Iterator[tuple[str, Change | None]]:
    """Go through what to change: every way as often as any other, cells in every way there is."""
    ways = [*CHANGES, ("object of the snapshot", None)]
    tampers = [change for _, change in cells()]
    rng.shuffle(tampers)
    for number in range(count):
        kind = number % (len(ways) + 3)
        if kind < len(ways):
            yield ways[kind]
        else:
            yield "cell", tampers[number % len(tampers)]


def stored_of(snapshots: Path) -> list[Path]:
    """Return the files of snapshots; the journal of a fetch under way belongs to none."""
    folders = [path for path in snapshots.iterdir() if path.name != "pending"]
    return sorted(path for folder in folders for path in folder.rglob("*"))


def campaign(
    home: Path, count: int, seed: int, table: dict[str, Counter[str]], missed: list[str]
) -> None:
    """Change, check, put back; count by kind of change, and note what was not found."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    kept = Kept(Path(tempfile.mkdtemp(dir=home)))
    for number, (kind, change) in enumerate(schedule(count, rng)):
        case = CASES[0] if change else CASES[1]
        trial = home / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        shutil.copytree(home / "reports", trial / "reports")
        shutil.copytree(home / "snapshots", trial / "snapshots")
        for path in trial.rglob("*"):
            if path.is_file():
                path.chmod(0o644)
        folder = trial / "reports" / case / "1.0.0"
        if change is None:
            objects = [path for path in stored_of(trial / "snapshots") if path.is_file()]
            done = flipped(rng.choice(objects), rng)
        else:
            done = change(folder, rng)
        if not done:
            continue
        table[kind]["changes"] += 1
        found = verify(folder, trial / "snapshots", execute=False)
        table[kind]["by digest"] += found.outcome == DIFFERS
        if found.outcome != DIFFERS:
            missed.append(f"{kind}, {done}: not by digest")
        if change is not None:
            refit(folder)
            found = verify(folder, trial / "snapshots", make=kept)
            table[kind]["by running again"] += found.outcome == DIFFERS
            if found.outcome != DIFFERS:
                missed.append(f"{kind}, {done}: not by running again ({found.outcome})")
        sys.stderr.write(f"\r{number + 1} of {count}, {len(missed)} not found {missed[-1:]}")


def lines(table: dict[str, Counter[str]], missed: list[str], words: str) -> Iterator[str]:
    """Go through the lines of the result."""
    yield from ("# Single changes of a report", "", f"`{words}`", "")
    columns = ("changes", "by digest", "by running again")
    yield f"| {'changed':<22} | {' | '.join(columns)} |"
    yield f"| {'-' * 22} | " + " | ".join("-" * (len(one) - 1) + ":" for one in columns) + " |"
    for kind in table:
        cells_ = (
            "" if one == columns[2] and one not in table[kind] else table[kind][one]
            for one in columns
        )
        yield (
            f"| {kind:<22} | "
            + " | ".join(f"{one:>{len(name)}}" for one, name in zip(cells_, columns, strict=True))
            + " |"
        )
    total = sum(one["changes"] for one in table.values())
    yield ""
    yield (
        f"{total} single changes of one report, {len(missed)} not found. A change is found by its "
        "digest as the files are, and by running the report again when the manifest was made to "
        "fit and the list of manifests was taken away."
    )
    yield from (f"- {one}" for one in missed)


def mutated(count: int, seed: int = 1) -> tuple[dict[str, Counter[str]], list[str]]:
    """Run the campaign; return its counts by kind of change, and what was not found.

    Parameters
    ----------
    count
        Copies, each changed in one place.
    seed
        Of what is changed.
    """
    # The same page is set once: what is compared is compared every time.
    publishing.pdf_of = cache(publishing.pdf_of)
    page.with_labels = cache(page.with_labels)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="darkdays-mutations-") as scratch:
        run(Path(scratch))
        try:
            campaign(Path(scratch), count, seed, table, missed)
        except KeyboardInterrupt:
            sys.stderr.write("\nstopped; what was tried counts")
    return table, missed


def main() -> None:
    """Run the campaign and print, or store, its counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    began = time.perf_counter()
    table, missed = mutated(given.count, given.seed)
    sys.stderr.write(f"\n{time.perf_counter() - began:.0f} s\n")
    words = f"python benchmarks/mutations.py --count {given.count} --seed {given.seed} --save"
    text = "\n".join(lines(table, missed, words)) + "\n"
    if given.save:
        writing.write_text(RESULTS, text)
    print(text)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
