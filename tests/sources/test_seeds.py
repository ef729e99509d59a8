"""What is stored for fuzzing: ours, as the script writes it, read by every reader without harm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from darkdays.files import paths

BENCHMARKS = paths.root() / "benchmarks"


@pytest.fixture(scope="module")
def tools():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import fuzzing
        import seeding

        yield fuzzing, seeding
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_every_seed_is_as_the_script_writes_it(tools):
    fuzzing, seeding = tools
    # Another zlib packs an archive otherwise.
    made = {k: v for k, v in seeding.seeds().items() if not k.startswith("snapshot/")}
    stored = {
        path.relative_to(fuzzing.SEEDS).as_posix(): path.read_bytes()
        for path in fuzzing.SEEDS.rglob("*")
        if path.is_file()
    }
    assert stored.items() >= made.items()
    # Whatever else lies there once got through, and was kept.
    assert all(len(content) <= 20_000 for content in stored.values())
    assert len(made) > 50


def test_every_stored_input_is_a_value_or_a_sentence(tools, tmp_path):
    fuzzing, _ = tools
    every = fuzzing.readers(Path(tmp_path))
    losses = []
    for name, (read, _) in every.items():
        told = fuzzing.Told()
        contents = fuzzing.stored(name)
        if name.startswith("source "):
            contents = contents[::5]  # each in turn is drawn by the fuzzer; here all need seconds
        assert contents, name
        for content in contents:
            fuzzing.execute(read, content, told, name)
        losses += told.losses
    assert losses == []
