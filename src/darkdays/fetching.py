"""Fetch what a case names, and choose the snapshot a run reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from darkdays import paths
from darkdays.archive.client import Progress, fetch_all
from darkdays.archive.config import base_urls_from, credentials_from, files_from
from darkdays.archive.snapshot import Snapshot, newest_complete
from darkdays.archive.store import Store
from darkdays.case import Case
from darkdays.collect import plan_of, services_of


@dataclass(frozen=True)
class Outcome:
    """What a fetch came to.

    Attributes
    ----------
    snapshot
        Id of the snapshot that holds what came back, empty if nothing did.
    complete
        Whether every request was answered.
    failures
        A sentence for everything that was not.
    """

    snapshot: str
    complete: bool
    failures: tuple[str, ...]


def fetch_case(
    case: Case,
    *,
    base_urls: Sequence[str] = (),
    files: Sequence[str] = (),
    progress: Progress | None = None,
    fresh: bool = False,
    offline: bool = False,
) -> Outcome:
    """Fetch what a case names and is not there yet, into a snapshot.

    Parameters
    ----------
    case
        What to fetch for.
    base_urls
        ``NAME=URL`` texts; a service answers there instead of at its own address.
    files
        ``NAME=PATH`` texts; a local file stands in for a service's download.
    progress
        Told of every reply.
    fresh
        Ask everything again, also what an earlier snapshot has.
    offline
        Ask nobody; files and what was fetched before make the snapshot.

    Raises
    ------
    InputError
        If a base URL, file or service name cannot be used.
    """
    services = services_of(case)
    problems: dict[str, str] = {}
    result = fetch_all(
        services,
        plan_of(case, problems),
        Store(paths.snapshots()),
        case=case.name,
        base_urls=base_urls_from(base_urls, services),
        files=files_from(files, services),
        credentials=credentials_from(services),
        progress=progress,
        fresh=fresh,
        offline=offline,
    )
    failures = (*result.failures, *problems.values())
    snapshot = result.snapshot.id if result.snapshot is not None else ""
    return Outcome(snapshot, not failures, failures)


def newest(case: Case) -> str:
    """Return the id of the newest complete snapshot of a case, empty if there is none."""
    found = newest_complete(paths.snapshots(), case.name)
    return found.id if found is not None else ""


def stated(identity: str) -> str:
    """Return the whole id of a snapshot a person named by its beginning.

    Raises
    ------
    DarkdaysError
        If there is no such snapshot, or more than one.
    """
    return Snapshot.open(paths.snapshots(), identity).id
