"""The site is built without a warning, loads nothing from elsewhere, and every link leads on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from darkdays.files import paths

ROOT = paths.root()
TOOLS = ROOT / ".venv-docs"


@pytest.mark.slow
def test_the_site_is_built(tmp_path):
    if not (TOOLS / "sphinx").is_dir():
        pytest.skip("Sphinx is not here: `make docs` installs it")
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "build.py"), str(tmp_path / "site")],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(TOOLS)},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "0 problems" in done.stdout
    html = tmp_path / "site" / "html"
    assert "dd.outages(table)" in (html / "reference" / "python.html").read_text(encoding="utf-8")
