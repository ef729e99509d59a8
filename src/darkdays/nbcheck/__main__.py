"""Seal notebooks whose outputs were just stored: ``python -m darkdays.nbcheck a.ipynb ...``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from darkdays.files import writing
from darkdays.nbcheck import seal


def sealed(path: Path) -> bool:
    """Put the seal of a notebook into its metadata, and leave all else as it is.

    Parameters
    ----------
    path
        A notebook of format 4.

    Returns
    -------
    bool
        Whether it had another seal, or none.

    Raises
    ------
    ValueError
        If the file is no notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        now = seal.seal_of(notebook)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a notebook that can be read: {error}") from error
    if notebook["metadata"].get(seal.KEY) == now:
        return False
    notebook["metadata"][seal.KEY] = now
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    writing.write_text(path, text + "\n")
    return True


def main() -> int:
    """Seal every notebook named, and say which were not sealed so before."""
    parser = argparse.ArgumentParser(
        prog="python -m darkdays.nbcheck",
        description="Seal notebooks whose outputs were just stored.",
    )
    parser.add_argument("notebook", nargs="+", type=Path)
    for path in parser.parse_args().notebook:
        try:
            is_new = sealed(path)
        except ValueError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        sys.stdout.write(f"{path}: {'sealed' if is_new else 'was sealed already'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
