"""A person's own files that a case asks for: what each stands for, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from darkdays.archive.client.config import files_from
from darkdays.archive.client.faults import Fault
from darkdays.archive.client.local_files import StandIn, content_of
from darkdays.archive.request import USER_SUPPLIED, Reply, Service, SourceError
from darkdays.case.case import Case
from darkdays.case.sources import EventSource, SignalSource
from darkdays.errors import InputError
from darkdays.fetch.inputs import account_of
from darkdays.fetch.plan import Kind, plan_of, services_of, wanted_of

_OWN: Final = "user-csv"


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


def stand_ins(
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


def kinds_given(own: OwnFiles, files: Sequence[str]) -> set[Kind]:
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
    given = stand_ins(case, services, files, own)
    plan, replies = plan_of(case, kinds_given(own, files)), dict[str, Reply]()
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
