"""Fetch what a case names, and choose the snapshot a run reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from darkdays.archive.client.client import fetch_all
from darkdays.archive.client.config import base_urls_from, credentials_from
from darkdays.archive.client.retry import DEFAULT_LIMITS
from darkdays.archive.client.step import Progress
from darkdays.archive.listing import SHORT
from darkdays.archive.request import Request
from darkdays.archive.snapshot import Snapshot, list_snapshots, newest_complete
from darkdays.archive.store import Store
from darkdays.case.case import Case
from darkdays.errors import DarkdaysError
from darkdays.fetch.own_files import NO_FILES, OwnFiles, kinds_given, stand_ins
from darkdays.fetch.plan import check_of, plan_of, services_of
from darkdays.files import paths


@dataclass(frozen=True)
class Outcome:
    """What a fetch came to.

    Attributes
    ----------
    snapshot
        Id of the snapshot that holds what came back, empty if nothing did.
    complete
        Whether every request was answered, and every answer could be read.
    failures
        A sentence for everything that was not.
    unanswered, unreadable
        How many requests have no reply, and how many one that cannot be read.
    remarks
        A sentence for what a service keeps back from this account.
    """

    snapshot: str
    complete: bool
    failures: tuple[str, ...]
    unanswered: int = 0
    unreadable: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """In words, what the snapshot is short of."""
        if self.complete:
            return "complete"
        lacks = [
            f"{self.unanswered} without a reply" * bool(self.unanswered),
            f"{self.unreadable} with one that cannot be used" * bool(self.unreadable),
        ]
        said = ", ".join(filter(None, lacks)) or "see above"
        return f"incomplete: {said}; fetch again to go on"


def fetch_case(
    case: Case,
    *,
    since: str = "",
    base_urls: Sequence[str] = (),
    files: Sequence[str] = (),
    progress: Progress | None = None,
    fresh: bool = False,
    offline: bool = False,
    wait: float = DEFAULT_LIMITS.patience,
    own: OwnFiles = NO_FILES,
) -> Outcome:
    """Fetch what a case names and is not there yet, into a snapshot.

    Parameters
    ----------
    case
        What to fetch for.
    since
        Id of the snapshot to go on from; the newest complete one if not given.
    base_urls
        ``NAME=URL`` texts; a service answers there instead of at its own address.
    files
        ``NAME=PATH`` texts; a local file stands in for a service's download.
    progress
        Told of every reply.
    fresh
        Ask everything again, also what an earlier snapshot has.
    offline
        Ask nobody: files and what was fetched before are all there is.
    wait
        Seconds that a service which asks for it is waited for; one that asks for more is left
        alone, and the next fetch goes on from there.
    own
        A person's own files, by what they are of.

    Raises
    ------
    InputError
        If a base URL, file or service name cannot be used.
    """
    services = services_of(case)
    result = fetch_all(
        services,
        plan_of(case, kinds_given(own, files)),
        Store(paths.snapshots()),
        case=case.name,
        check=check_of(case),
        previous=Snapshot.open(paths.snapshots(), since) if since else None,
        base_urls=base_urls_from(base_urls, services),
        files=stand_ins(case, services, files, own),
        credentials=credentials_from(services),
        progress=progress,
        fresh=fresh,
        offline=offline,
        limits=replace(DEFAULT_LIMITS, patience=wait),
    )
    failures = tuple(result.failures)
    if result.snapshot is None:
        return Outcome("", not failures, failures)
    manifest = result.snapshot.manifest
    return Outcome(
        result.snapshot.id,
        not failures,
        failures,
        len(manifest.unanswered),
        len(manifest.unreadable),
        tuple(result.remarks),
    )


def first_requests(case: Case, base_urls: Sequence[str] = ()) -> list[dict[str, str | None]]:
    """Return what a fetch would ask first: service, words, address and, where there is any, SQL.

    Raises
    ------
    InputError
        If a base URL or service name cannot be used.
    """
    services = services_of(case)
    stated = base_urls_from(base_urls, services)
    rows: list[dict[str, str | None]] = []
    for one in plan_of(case)({}):
        service = services[one.service]
        base_url = stated.get(one.service, service.base_url)
        question = dict(one.query).get("sql") if service.driver else None
        url = f"a file of your own, given with --file {one.service}=PATH"
        if base_url:
            url = base_url if question else one.url(base_url)
        rows.append({"service": one.service, "about": one.about, "url": url, "sql": question})
    return rows


@dataclass(frozen=True)
class Held:
    """What is there of the replies that a case asks for.

    Attributes
    ----------
    snapshot
        Id of the newest complete snapshot of the case that has all of them; empty if none has.
    exact
        Whether it has nothing else.
    missing
        Requests a fetch would begin with.
    """

    snapshot: str = ""
    exact: bool = False
    missing: tuple[Request, ...] = ()


def held(case: Case) -> Held:
    """Compare what a case asks for with what was fetched under its name.

    A snapshot is of a name, and the case of that name may have changed since: a longer window,
    another datasource, somebody else's grid. Bodies of replies are not verified.
    """
    plan, store = plan_of(case), Store(paths.snapshots())
    begun = set(store.kept(case.name))
    listed = list_snapshots(paths.snapshots(), case.name)
    whole = (
        []
        if store.is_asking_again(case.name)
        else [one for one in listed if one.complete and not one.imported]
    )
    known: set[str] = set()
    for snapshot in reversed(whole):
        replies = snapshot.reading()
        try:
            asked = {one.key for one in plan(replies)}
        except DarkdaysError:  # a damaged body leads nowhere; a fetch asks for it again
            continue
        if asked <= set(replies):
            return Held(snapshot.id, asked == set(replies))
        known = known or set(replies)
    return Held(missing=tuple(one for one in plan({}) if one.key not in known | begun))


def newest(case: Case) -> str:
    """Return the id of the newest complete snapshot of a case, empty if there is none."""
    found = newest_complete(paths.snapshots(), case.name)
    return found.id if found is not None else ""


def described(case: Case, snapshot: str) -> str:
    """Return in words what a run works with: which snapshot, and whether all of it is there."""
    if snapshot:
        whole = Snapshot.open(paths.snapshots(), snapshot).complete
        return f"on snapshot {snapshot[:SHORT]}" + ("" if whole else ", which is incomplete")
    found = list_snapshots(paths.snapshots(), case.name)
    hint = f"; --snapshot {found[-1].id[:SHORT]} would use an incomplete one" if found else ""
    if found and (source := found[-1].imported):
        hint = f"; replies imported from {source}: use with --snapshot {found[-1].id[:SHORT]}"
    return f"on embedded data only, without a snapshot of {case.name}{hint}"


def stated(identity: str) -> str:
    """Return the whole id of a snapshot a person named by its beginning.

    Raises
    ------
    DarkdaysError
        If there is no such snapshot, or more than one.
    """
    return Snapshot.open(paths.snapshots(), identity).id
