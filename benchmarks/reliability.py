"""How much was tried against the kit, and how much of it got through.

Run ``python benchmarks/reliability.py [--only PART]... [--save]`` from the project's root;
``--kills``, ``--seconds``, ``--damages``, ``--mutations`` and ``--tamperings`` say how much. Parts:
*faults* of services, *hostile files* on commands that read them, *hostile text* in a browser,
*network*, *crashes* (full disks, two at once), *kills*, *fuzzing*, *damage* of stored files,
*mutations* of reports, *notebooks* tampered with. A loss is anything that was executed, leaked,
lost, accepted though it was changed, or told in another way than one sentence.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "reliability.md"
_DATA = RESULTS.with_suffix(".json")
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests" / "support")]
TESTS = {
    "faults": (
        "faults of services and hostile replies, each test one or more",
        [
            "tests/archive/test_faults.py",
            "tests/archive/test_client.py",
            "tests/archive/test_secrets.py",
        ],
    ),
    "hostile files": (
        "files, archives, versions and values on commands that read them",
        [
            "tests/cli/test_hostile_files.py", "tests/cli/test_hostile_places.py",
            "tests/archive/test_hostile_archives.py", "tests/case/test_hostile_values.py",
            "tests/cli/test_hostile_parts.py", "tests/sweep/test_sweep_damage.py",
        ],
    ),
    "network": (
        "names, redirects and addresses that lead away",
        ["tests/archive/test_hostile_network.py"],
    ),
    "crashes": (
        "full disks, read-only folders, two at once",
        ["tests/cli/test_crashes.py", "tests/cli/test_full_disks.py"],
    ),
}  # fmt: skip
KILLS = {"fetch": 0.6, "run": 0.15, "verify": 0.1, "sweep": 0.15}


@dataclass
class Part:
    """What one part came to.

    Attributes
    ----------
    tried
        How many.
    losses
        A sentence for everything that got through.
    words
        What was tried.
    """

    tried: int
    losses: list[str]
    words: str


def tested(words: str, files: list[str]) -> Part:
    """Count tests that ran; one that fails is a loss, one that skips was not tried."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
        subprocess.run([*command, f"--junitxml={report}"], cwd=ROOT, check=False,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written just now
    ran = [one for one in cases if one.find("skipped") is None]
    lost = [one for one in ran if one.find("failure") is not None or one.find("error") is not None]
    return Part(len(ran), [str(one.get("name")) for one in lost], words)


def hostile_text(_: argparse.Namespace) -> Part:
    """Put every string into every text of a study and open what comes of it in a browser."""
    import hostile_text as corpus

    found = tested("", ["tests/report/test_hostile_text.py"])
    words = f"strings, each in every text of a study ({found.tried} tests, in Chromium)"
    return Part(len(set(corpus.ALL)), found.losses, words)


def kills(given: argparse.Namespace) -> Part:
    """Kill commands at random moments."""
    from kills import killed

    plan = {name: round(share * given.kills) for name, share in KILLS.items()}
    if given.command:
        plan = {name: count for name, count in plan.items() if name in given.command}
    world = killed(plan, given.seed)
    told = ", ".join(f"{count} of {name}" for name, count in world.kills.items())
    return Part(world.kills.total(), world.losses, f"kill -9 at random moments: {told}")


def fuzzing(given: argparse.Namespace) -> Part:
    """Give every reader mutated seeds."""
    from fuzzing import fuzz

    found = fuzz(given.seconds, given.seed)
    losses = [one for told in found.values() for one in told.losses]
    count = sum(told.executions for told in found.values())
    words = f"fuzz executions on {len(found)} readers, seed {given.seed}"
    return Part(count, losses, words)


def damage(given: argparse.Namespace) -> Part:
    """Change stored files in one place each."""
    from damage import damaged

    return Part(*damaged(given.damages, given.seed))


def mutations(given: argparse.Namespace) -> Part:
    """Change a published report in one place each, and make its manifest fit."""
    from mutations import mutated

    table, missed = mutated(given.mutations, given.seed)
    words = (
        f"single changes of a report, of {len(table)} kinds, each found by digest and by a rerun"
    )
    return Part(sum(one["changes"] for one in table.values()), missed, words)


def notebooks(given: argparse.Namespace) -> Part:
    """Tamper with notebooks, and run untouched ones."""
    from notebook_mutations import checked

    tried, missed = checked(given.tamperings, given.seed)
    return Part(tried, missed, "tampered notebooks, and the untouched ones")


def parts() -> dict[str, Callable[[argparse.Namespace], Part]]:
    """Return every part by name."""
    plain = {
        name: lambda _, words=words, files=files: tested(words, files)
        for name, (words, files) in TESTS.items()
    }
    return plain | {
        "hostile text": hostile_text, "kills": kills, "fuzzing": fuzzing, "damage": damage,
        "mutations": mutations, "notebooks": notebooks,
    }  # fmt: skip


def save(found: dict[str, Part], words: str) -> None:
    """Store what came out beside what other parts came to before."""
    known: dict[str, Any] = json.loads(_DATA.read_text()) if _DATA.is_file() else {}
    for name, one in found.items():
        known[name] = {
            "tried": one.tried, "lost": len(one.losses), "words": one.words, "command": words,
            "losses": one.losses[:20], "python": platform.python_version(),
        }  # fmt: skip
    ordered = {name: known[name] for name in parts() if name in known}
    _DATA.write_text(json.dumps(ordered, indent=2) + "\n")
    rows = [
        f"| {name} | {one['tried']:,} | {one['lost']} | {one['words']} | `{one['command']}` |"
        for name, one in ordered.items()
    ]
    lost = [f"- {name}: {line}" for name, one in ordered.items() for line in one["losses"]]
    RESULTS.write_text("\n".join([
        "# Reliability", "",
        "What was tried and what got through, from `benchmarks/reliability.py`.", "",
        "| part | tried | losses | what | command |", "|---|---|---|---|---|", *rows, "",
        *(["Losses:", "", *lost, ""] if lost else []),
    ]))  # fmt: skip


def main() -> None:
    """Try everything and print the counts."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", action="append", choices=list(parts()))
    asked.add_argument("--command", action="append", choices=list(KILLS), help="kill only these")
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seconds", type=float, default=300.0)
    asked.add_argument("--damages", type=int, default=1000)
    asked.add_argument("--mutations", type=int, default=240)
    asked.add_argument("--tamperings", type=int, default=138)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--save", action="store_true")
    given = asked.parse_args()
    found = {}
    for name, part in parts().items():
        if not given.only or name in given.only:
            found[name] = one = part(given)
            print(f"{name}: {one.tried:,} {one.words}: {len(one.losses)} losses", flush=True)
            for line in one.losses[:20]:
                print(f"  {re.sub(r'[^ -~]', '?', line)}")
    if given.save:
        save(found, " ".join(["python benchmarks/reliability.py", *sys.argv[1:]]))
    sys.exit(any(one.losses for one in found.values()))


if __name__ == "__main__":
    main()
