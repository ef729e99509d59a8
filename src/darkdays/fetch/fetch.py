"""Fetch what a case names, and choose the snapshot a run reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from darkdays.archive.client.client import fetch_all
from darkdays.archive.client.config import base_urls_from, credentials_from, files_from
from darkdays.archive.client.faults import Fault
from darkdays.archive.client.local_files import StandIn, content_of
from darkdays.archive.client.retry import DEFAULT_LIMITS
from darkdays.archive.client.step import Progress
from darkdays.archive.listing import SHORT
from darkdays.archive.request import USER_SUPPLIED, Reply, Request, Service, SourceError
from darkdays.archive.snapshot import Snapshot, list_snapshots, newest_complete
from darkdays.archive.store import Store
from darkdays.case.case import Case
from darkdays.case.sources import EventSource, SignalSource
from darkdays.errors import DarkdaysError, InputError
from darkdays.fetch.inputs import account_of
from darkdays.fetch.plan import Kind, check_of, plan_of, services_of, wanted_of
from darkdays.files import paths

_OWN: Final = "user-csv"


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


@dataclass(frozen=True)
class OwnFiles:
    """Files of a person's own, by what they are of.

    Attributes
    ----------
    signals, events
        Files of measurements, and of dated events.
    read_as
        How they are to be read: see :class:`darkdays.sources.own.table.Form`.
    """

    signals: Sequence[Path] = ()
    events: Sequence[Path] = ()
    read_as: Mapping[str, str] = field(default_factory=dict)


NO_FILES: Final = OwnFiles()


def _stand_ins(
    case: Case, services: Mapping[str, Service], files: Sequence[str], own: OwnFiles
) -> dict[str, StandIn]:
    """Return which files stand in for the downloads of each service."""
    found = files_from(files, services)
    series = {
        **_by_name("signal", [one for one in case.signals if one.source == "csv"], own.signals),
        **_by_name("events", [one for one in case.events if one.source == _OWN], own.events),
    }
    if series:
        found[_OWN] = replace(found.get(_OWN, StandIn()), series=series, read_as=own.read_as)
    return found


def _given(own: OwnFiles, files: Sequence[str]) -> set[Kind]:
    """Return of what there are files of a person's own."""
    anyhow = any(one.startswith(f"{_OWN}=") for one in files)
    of: dict[Kind, Sequence[Path]] = {"signals": own.signals, "events": own.events}
    return {kind for kind, listed in of.items() if listed or anyhow}


def _by_name(
    role: str, sources: Sequence[SignalSource | EventSource], given: Sequence[Path]
) -> dict[str, Sequence[Path]]:
    """Return files by the name that the case asks for; several of one name follow each other."""
    names = list(dict.fromkeys(one.options.get("file", f"{role}.csv") for one in sources))
    for path in given:
        if not path.is_file():
            raise InputError(f"--{role} {path}: there is no such file; check the path.")
    if given and not names:
        form = (
            "signals: [{datasource: own.mine, source: csv}]"
            if role == "signal"
            else "events: [{source: user-csv, options: {kind: =protest}}]"
        )
        raise InputError(f"--{role}: the case reads no file of your own as that; add {form} to it.")
    if len(names) < 2:
        return {name: given for name in names if given}
    stems = {Path(name).stem: name for name in names}
    by_name: dict[str, list[Path]] = {}
    for path in given:
        if path.stem not in stems:
            raise InputError(
                f"--{role} {path}: the case reads {len(names)} such files; name it as one of them "
                f"is called: {', '.join(names)}."
            )
        by_name.setdefault(stems[path.stem], []).append(path)
    return dict(by_name)


@dataclass(frozen=True)
class Told:
    """What became of the files that a person named.

    Attributes
    ----------
    accounts
        By what the case calls it, how it was understood and what became of its rows.
    problems
        A sentence for each that cannot be used.
    """

    accounts: Mapping[str, str]
    problems: tuple[str, ...]


def told_of_files(case: Case, files: Sequence[str], own: OwnFiles) -> Told:
    """Read the files that stand in for downloads, ask nobody, and say what became of each.

    Raises
    ------
    InputError
        If there is no such file, or a name or role is none of the case.
    """
    services = services_of(case)
    given = _stand_ins(case, services, files, own)
    plan, replies = plan_of(case, _given(own, files)), dict[str, Reply]()
    problems: list[str] = []
    tried: set[str] = set()
    while new := [one for one in plan(replies) if one.key not in tried]:
        for request in new:
            tried.add(request.key)
            stand_in = given.get(request.service)
            if stand_in is None or (path := stand_in.path_for(request)) is None:
                continue
            headers = stand_in.headers_for(request)
            try:
                body = content_of(path, services[request.service])
            except Fault as fault:
                reply = Reply(request, b"", headers=headers)
                problems.append(str(reply.error(fault.problem, fault.remedy)))
            else:
                replies[request.key] = Reply(request, body, origin=USER_SUPPLIED, headers=headers)
    accounts: dict[str, str] = {}
    for one in wanted_of(case):
        try:
            mine, missing = one.sorted_out(replies)
            if missing or not mine:
                continue
            found = one.source.read(one.query, mine)
        except SourceError as error:
            problems.append(str(error))
            continue
        if account := account_of(found):
            accounts[one.name] = account
        if not found.attrs.get("used", 1):
            problems.append(
                f"{one.source.SERVICE.name}, {one.name}: {found.attrs['rows']}: nothing is left to "
                "use; mend the window of the case, its entities, or the file."
            )
    return Told(accounts, tuple(dict.fromkeys(problems)))


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
        plan_of(case, _given(own, files)),
        Store(paths.snapshots()),
        case=case.name,
        check=check_of(case),
        previous=Snapshot.open(paths.snapshots(), since) if since else None,
        base_urls=base_urls_from(base_urls, services),
        files=_stand_ins(case, services, files, own),
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
