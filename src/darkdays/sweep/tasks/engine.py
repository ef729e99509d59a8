"""What all processes of a sweep must have in common, so that results depend on none of them."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from darkdays.files import writing

# What only runs, plans or shows does not bear on what a task computes.
_ASIDE: Final = frozenset((*("cli", "figures", "nbcheck", "review", "runner"),))
_ASIDE_HERE: Final = frozenset(
    (
        *(
            "cluster",
            "document",
            "findings",
            "fetch",
            "merging",
            "overview",
            "page",
            "pairs",
            "machine_speed",
        ),
        *("planning", "progress", "resampling", "rhythms", "running", "state", "run"),
    )
)
LIBRARIES: Final = ("numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "statsmodels",
                    "xarray", "zarr")  # fmt: skip


@cache
def engine() -> str:
    """Return a digest of this process's code and libraries."""
    package = Path(__file__).resolve().parents[2]
    names = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        rooms = [part.removesuffix(".py") for part in inside.parts]
        here = rooms[0] == "sweep" and rooms[-1] in _ASIDE_HERE
        if rooms[0] not in _ASIDE and not here:
            names.append(inside.as_posix())
    stated = [writing.digest_of_files(package, names), platform.python_version()]
    stated += [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()
