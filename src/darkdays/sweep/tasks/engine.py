"""What all processes of a sweep must have in common, so that results depend on none of them."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

from darkdays.contracts.code import COMPUTING, STORING, task_digest
from darkdays.files import writing


@cache
def engine() -> str:
    """Return a digest of this process's code and libraries."""
    stated = [task_digest(), platform.python_version()]
    stated += [f"{name} {metadata.version(name)}" for name in sorted((*COMPUTING, *STORING))]
    return writing.sha256("\n".join(stated).encode())
