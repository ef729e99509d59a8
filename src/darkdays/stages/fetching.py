"""The first stage: read everything a case needs into the run folder."""

from __future__ import annotations

import json
import sys
from functools import cache
from itertools import count
from pathlib import Path

from darkdays.case import case as cases
from darkdays.case.case import Case
from darkdays.contracts import signals
from darkdays.fetch.inputs import Inputs, digests_of, read_inputs
from darkdays.files import paths, writing
from darkdays.stages.products import Fetched
from darkdays.stages.stored import store, stored


def fetch(case: str = "iran-2019", run: str = "", snapshot: str = "") -> Fetched:
    """Read everything a case needs into the run folder.

    Parameters
    ----------
    case
        Name of a shipped case, or the path of a case file.
    run
        Run folder. If empty ``runs/<case>/work`` in Jupyter, whose notebooks hand on to each
        other, and elsewhere a folder that only this process uses, ``runs/<case>/python-<number>``.
    snapshot
        Id of the snapshot to read services' replies from; embedded data only if empty.

    Raises
    ------
    InputError
        If the case is not valid or data it names are not there.
    """
    study = cases.load(case)
    folder = _folder(study, run)
    inputs = read_inputs(study, snapshot)
    signals.save(inputs.signals, folder / "signals.nc")
    writing.write_text(folder / "events.csv", writing.csv_text(inputs.events))
    for name, table in inputs.tables.items():
        writing.write_text(folder / "tables" / f"{name}.csv", writing.csv_text(table))
    writing.write_text(folder / "inputs.json", writing.json_text(inputs.digests))
    store(folder, "fetch", inputs.digests, inputs)
    for name, account in inputs.accounts.items():
        sys.stdout.write(f"{name}, {account}\n")
    return _as_fetched(study, folder, inputs)


def stored_fetch(case: str, run: str) -> Fetched:
    """Return the fetched data of a run, fetching unless the folder holds those very inputs."""
    study = cases.load(case)
    folder = _folder(study, run)
    try:
        read = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
        snapshot = str(read["snapshot"])
        if read == digests_of(study, snapshot):
            inputs = stored(folder, "fetch", read)
            if inputs is None:
                return fetch(case, run, snapshot)
            return _as_fetched(study, folder, inputs)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return fetch(case, run)


def _folder(case: Case, run: str) -> Path:
    if run:
        return Path(run)
    home = paths.runs() / case.name
    return home / "work" if "ipykernel" in sys.modules else _own_folder(home)


@cache
def _own_folder(home: Path) -> Path:
    """Make a folder that no other process has, for this one to hand on products by."""
    for number in count(1):
        try:
            (home / f"python-{number}").mkdir(parents=True)
        except FileExistsError:
            continue
        break
    return home / f"python-{number}"


def _as_fetched(study: Case, folder: Path, inputs: Inputs) -> Fetched:
    return Fetched(
        case=study,
        folder=folder,
        signals=inputs.signals,
        events=inputs.events,
        lists=inputs.lists,
        inputs=inputs.digests,
        unread=inputs.unread,
        tables=inputs.tables,
        origins=inputs.origins,
        accounts=inputs.accounts,
    )
