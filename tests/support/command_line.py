"""The command line as a person calls it: a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from darkdays.files import paths

DARKDAYS = [sys.executable, "-c", "from darkdays.cli.main import main; main()"]


def darkdays(*words, cwd=None, **environment):
    return subprocess.run(
        [*DARKDAYS, *map(str, words)],
        cwd=cwd or paths.root(),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
