"""The stored seeds of ``fuzzing.py``: small, made up, written again by this script.

Run ``python benchmarks/seeding.py`` from the project's root. A reader's seeds are those its tests
name, short ones only, and every input that once got through, made as small as it still did.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
_LARGEST = 2000

# What once ended in a traceback, was waited for, or was taken for something else.
ONCE: dict[str, list[bytes]] = {
    "series": [
        b"a,b\n1,2,3\n4,5,6\n",
        b"time,value\nnow,1\ntoday,2\n",
        b"time,value\n10:00,1\n11:00,2\n",
        b"time,value\n0001-01-01T00:00+14:00,1\n0001-01-02T00:00+14:00,2\n",
        b"v\n" + b"1e99\n-1e99\n" * 30,
    ],
    "version": [b'{"case": NaN}', b'{"case": "x", "version": 1e999}', b"9" * 1000],
    "findings": [
        b'{"case": "x", "claims": [], "findings": [{"id": "a", "value": 1' + b"0" * 400 + b"}]}",
        b'{"case": "x", "claims": [], "findings": [{"id": "a", "value": -Infinity}]}',
    ],
    "case": [b"window: {start: 0001-01-01T00:00Z, end: 9999-12-31T00:00Z}\n"],
    "grid": [b"name: x\nplaces: world\nwindows: {start: 1600-01-01T00:00Z, every: month}\n"],
    "source": [b"\x1f\x8b\x08\x00" + b"\x00" * 20, "time,value\n1,2\n".encode("utf-16")],
}


def seeds() -> dict[str, bytes]:
    """Return the content of every file of ``benchmarks/seeds/``, by its name there."""
    import fuzzing

    found: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="dd-seeds-") as scratch:
        every = fuzzing.readers(Path(scratch))
    for name, (_, contents) in every.items():
        # Any source may be sent what any other is.
        folder = name.partition(" ")[0]
        for content in contents:
            if 0 < len(content) <= _LARGEST:
                found[f"{folder}/{hashlib.sha256(content).hexdigest()[:16]}"] = content
    for name, contents in ONCE.items():
        for content in contents:
            found[f"{name}/once-{hashlib.sha256(content).hexdigest()[:16]}"] = content
    return found


def main() -> None:
    """Write every seed; what somebody kept beside them stays."""
    import fuzzing

    for name, content in seeds().items():
        path = fuzzing.SEEDS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{len(seeds())} seeds in {fuzzing.SEEDS}")


if __name__ == "__main__":
    main()
