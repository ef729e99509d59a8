"""The readers of ``fuzzing.py``, with libFuzzer following their branches.

Run ``python benchmarks/fuzzing_atheris.py [--seconds 60] [--target NAME]`` from the project's root.
It needs atheris (group ``fuzz``: Linux, Python 3.11 to 3.13); without it, that is said and nothing
fails. Every reader is given its share of the time in a process of its own, for libFuzzer ends the
process it runs in.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
_LEAST = 2.0  # seconds; starting takes as long


def one(target: str, seconds: float) -> None:
    """Fuzz one reader; this ends the process."""
    import atheris

    with atheris.instrument_imports(include=["darkdays"]):
        import fuzzing

        scratch = Path(tempfile.mkdtemp(prefix="dd-fuzz-"))
        read, seeds = fuzzing.readers(scratch)[target]
    corpus = scratch / "corpus"
    corpus.mkdir()
    for number, content in enumerate([*fuzzing.stored(target), *seeds]):
        (corpus / str(number)).write_bytes(content)
    told = fuzzing.Told()

    def once(content: bytes) -> None:
        fuzzing.execute(read, content, told, target)
        if told.losses:
            raise RuntimeError(told.losses[-1])

    atheris.Setup([sys.argv[0], str(corpus), f"-max_total_time={max(seconds, 1):.0f}",
                   f"-max_len={fuzzing._LONGEST}", f"-artifact_prefix={scratch}/",
                   "-print_final_stats=1"], once)  # fmt: skip
    atheris.Fuzz()


def every(seconds: float, only: str = "") -> tuple[int, list[str]]:
    """Fuzz readers one after the other; return how many inputs they got, and what got through."""
    import fuzzing

    with tempfile.TemporaryDirectory(prefix="dd-fuzz-") as scratch:
        names = [name for name in fuzzing.readers(Path(scratch)) if only in ("", name)]
    share = max(seconds / len(names), _LEAST)
    count, losses = 0, []
    # Where there is no time for all, from everywhere among them.
    step = -(-len(names) // max(1, int(seconds / share)))
    for name in names[::step]:
        words = [sys.executable, __file__, "--seconds", f"{share:.1f}", "--alone", name]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        found = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        tried = int(found[1]) if found else 0
        count += tried
        if done.returncode != 0 or not tried:
            last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
            losses.append(f"{name}: {' '.join(last)[:200]}")
        print(f"{name}: {tried:,} executions, {'ended early' if done.returncode else 'none'} "
              "got through")  # fmt: skip
    return count, losses


def main() -> None:
    """Fuzz, and print what got through; say so where atheris is not installed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--target", default="")
    asked.add_argument("--alone", default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if find_spec("atheris") is None:
        print("atheris is not installed: nothing was fuzzed along branches")
        return
    if given.alone:
        one(given.alone, given.seconds)
    count, losses = every(given.seconds, given.target)
    for line in losses:
        print(f"  {line}")
    print(f"{count:,} executions in all")
    sys.exit(bool(losses))


if __name__ == "__main__":
    main()
