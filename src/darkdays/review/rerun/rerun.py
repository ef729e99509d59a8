"""A study executed again from what a report pins, notebook by notebook, into a scratch folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkdays.files import bounded
from darkdays.review.rerun.code import Code
from darkdays.review.rerun.isolation import can_isolate, darkdays
from darkdays.runner.parameters import read_parameters

if TYPE_CHECKING:
    from darkdays.report.version.draft import Draft


@dataclass(frozen=True)
class Rerun:
    """What came out.

    Attributes
    ----------
    draft
        Findings and figures.
    notebooks
        Names and canonical bytes of the executed notebooks.
    isolated
        Whether the network was out of reach.
    """

    draft: Draft
    notebooks: tuple[tuple[str, bytes], ...]
    isolated: bool


def rerun(
    root: Path,
    case: str,
    *,
    code: Code,
    scratch: Path,
    snapshot: str = "",
    snapshots: Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    python: str = sys.executable,
    settings: Mapping[str, str] | None = None,
) -> Rerun:
    """Execute a case in a root.

    Parameters
    ----------
    root
        See :func:`darkdays.review.rerun.checkouts.lay_out`.
    case
        Its name.
    code
        What the root was laid out with.
    scratch
        Folder for runs and reports.
    snapshot, snapshots
        Id of the snapshot to replay and the folder it is in; embedded data only without.
    parameters
        Of the notebooks, by name.
    python, settings
        Interpreter, and more of its environment.

    Raises
    ------
    RunError
        If a notebook fails.
    """
    nothing = scratch / "no-snapshots"
    words = ["run", case, "--runs", str(scratch / "runs"), "--reports", str(scratch / "reports")]
    words += ["--snapshot", snapshot] if snapshot else ["--offline"]
    words += ["--draft"] * code.is_running  # what was earlier does not know it, and publishes
    for name, value in _told(code, parameters or {}):
        text = value if isinstance(value, str) else json.dumps(value)
        words += ["--parameter", f"{name}={text}"]
    folder = snapshots if snapshot and snapshots is not None else nothing
    darkdays(
        words,
        root=root,
        interpreter=python,
        settings={"DARKDAYS_SNAPSHOTS": str(bounded.real(folder)), **(settings or {})},
    )
    from darkdays.report.version.draft import load_draft  # while the run went on, it was loaded

    (run,) = (scratch / "runs" / case).glob("[0-9]*")
    executed = sorted((run / "canonical").glob("*.ipynb"))
    notebooks = tuple((path.name, path.read_bytes()) for path in executed)
    return Rerun(load_draft(run / "report"), notebooks, can_isolate())


def _told(code: Code, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through the parameters that are not a notebook's defaults anyway."""
    notebooks = sorted((code.tree / "notebooks").glob("*.ipynb"))
    defaults = {one.name: one.default for path in notebooks for one in read_parameters(path)}
    for name, value in parameters.items():
        if name not in defaults or defaults[name] != value:
            yield name, value
