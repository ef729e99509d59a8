"""What a case asks of services: queries, the requests they lead to, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from darkdays.archive.request import Check, Complaint, Reply, Request, Service, SourceError
from darkdays.case.case import Case
from darkdays.contracts.moments import in_utc
from darkdays.sources import registry
from darkdays.sources.query import Query

Kind = Literal["signals", "events", "table", "list"]
# Unreadable replies of one want that are looked for before the rest is left to the next fetch.
_MOST_COMPLAINTS: Final = 20


class Chosen(Mapping[str, Reply]):
    """Some of the replies there are; none is read before it is looked at."""

    def __init__(self, replies: Mapping[str, Reply], keys: Iterable[str]) -> None:
        self._replies, self._keys = replies, dict.fromkeys(keys)

    def __getitem__(self, key: str) -> Reply:
        if key not in self._keys:
            raise KeyError(key)
        return self._replies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


@dataclass(frozen=True)
class Wanted:
    """One datasource, one kind of events, one table or one list that a case wants of a service.

    Attributes
    ----------
    name
        What the case calls it.
    source
        The file of :mod:`darkdays.sources` that asks and reads.
    query
        What is asked.
    kind
        What is read.
    """

    name: str
    source: registry.Source
    query: Query
    kind: Kind

    def sorted_out(self, replies: Mapping[str, Reply]) -> tuple[Chosen, list[Request]]:
        """Return the replies to this want's own requests, and the requests without one."""
        asked = self.source.requests(self.query, replies)
        mine = Chosen(replies, (one.key for one in asked if one.key in replies))
        return mine, [one for one in asked if one.key not in replies]

    @property
    def is_optional(self) -> bool:
        """Whether it is wanted only where a person names a file for it."""
        return not self.source.SERVICE.base_url and bool(self.query.options.get("optional"))

    def complaints(self, replies: Mapping[str, Reply]) -> list[Complaint]:
        """Read the replies as a run would, and say which of them cannot be read."""
        found: list[Complaint] = []
        good = dict.fromkeys(replies)
        while len(found) < _MOST_COMPLAINTS:
            missing: list[Request] = []
            try:
                mine, missing = self.sorted_out(Chosen(replies, good))
                if mine or not missing:
                    found += self._lacks(self.source.read(self.query, mine))
                break
            except SourceError as error:
                if error.key in good:
                    found.append(Complaint(str(error), error.key))
                    del good[error.key]
                    continue
                # What is not there was complained of already.
                if not missing and not found:
                    found.append(Complaint(str(error)))
                break
        return found

    def _lacks(self, read: Any) -> list[Complaint]:
        """Return what is missing of something read, and whether asking again may bring it."""
        if not (said := read.attrs.get("incomplete")):
            return []
        where = ", ".join(dict.fromkeys((self.source.SERVICE.name, self.name)))
        sentence = f"{where}: {said}."
        lost = read.attrs.get("lost", ())
        return [Complaint(sentence, key) for key in lost] or [Complaint(sentence, remark=True)]


def wanted_of(case: Case) -> list[Wanted]:
    """Return what a case wants of services: signals, events, tables, in the order of the case."""
    start, end = in_utc(case.window.start, case.window.end)
    listed = tuple(entity.id for entity in case.measured)

    def wanted(
        kind: Kind,
        name: str,
        source: registry.Source,
        datasource: str,
        options: Mapping[str, str],
        entities: tuple[str, ...] = listed,
    ) -> Wanted:
        zone = case.time_zone
        query = Query(datasource, start, end, case.place, entities, options, zone)
        return Wanted(name, source, query, kind)

    found = []
    for one in case.signals:
        if one.source != "published":
            source, called = registry.of_signal(one.source, one.datasource), one.datasource
            entities = () if one.entities == "all" else listed
            found.append(wanted("signals", called, source, called, one.asked, entities))
    for events in case.events:
        if events.source != "facts":
            options = {"time_zone": case.time_zone, **events.options}
            source, called = registry.module_of(registry.EVENTS[events.source]), events.source
            found.append(wanted("events", called, source, called, options))
    for table in case.tables:
        if table.source != "published":
            source = registry.module_of(registry.TABLES[table.source])
            found.append(wanted("table", table.called, source, table.source, table.options))
    found += [
        wanted("list", name, registry.module_of(registry.LISTS[name]), name, {})
        for name in lists_of(case)
    ]
    return found


def lists_of(case: Case) -> list[str]:
    """Return the lists the studies of a case read, each once, in the order they are needed."""
    return list(dict.fromkeys(name for study in case.studies for name in study.lists))


def services_of(case: Case) -> dict[str, Service]:
    """Return the services a case fetches from, by name."""
    return {one.source.SERVICE.name: one.source.SERVICE for one in wanted_of(case)}


def how_to_get(case: Case, names: Iterable[str] | None = None) -> str:
    """Return a sentence with the command that gets what a case lacks; empty if it needs nothing.

    What nobody can be asked for is a file of one's own.

    Parameters
    ----------
    case
        The case.
    names
        What it calls that which is lacking; all it wants of services if not given.
    """
    lacking = None if names is None else set(names)
    services = {
        one.source.SERVICE.name: one.source.SERVICE
        for one in wanted_of(case)
        if lacking is None or one.name in lacking
    }
    given = "".join(f" {given_with(name)}" for name, one in services.items() if not one.base_url)
    if not services:
        return ""
    if all(not one.base_url for one in services.values()):
        return f"`darkdays run {case.spoken}{given}` would read them."
    return f"`darkdays fetch {case.spoken}{given}` would fetch them."


def given_with(service: str) -> str:
    """Return the options that name files in place of a service nobody can be asked for."""
    return "--signal FILE --events FILE" if service == "user-csv" else f"--file {service}=PATH"


def plan_of(
    case: Case, given: Container[Kind] = ()
) -> Callable[[Mapping[str, Reply]], list[Request]]:
    """Return the plan of a fetch: every request known to be needed, given what came back.

    Replies that lead nowhere are left to :func:`check_of`; the others go on.

    Parameters
    ----------
    case
        The case.
    given
        Of which kind there are files of a person's own; what is optional is asked for with them, or
        where it came before.
    """
    every = wanted_of(case)

    def plan(replies: Mapping[str, Reply]) -> list[Request]:
        asked = (
            request
            for one in every
            for request in _requests_of(one, replies)
            if not one.is_optional or one.kind in given or request.key in replies
        )
        return list({request.key: request for request in asked}.values())

    return plan


def _requests_of(one: Wanted, replies: Mapping[str, Reply]) -> list[Request]:
    """Return what a want asks for, up to a reply that leads nowhere, itself included."""
    good = dict.fromkeys(replies)
    while True:
        try:
            return one.source.requests(one.query, Chosen(replies, good))
        except SourceError as error:
            if error.key not in good:
                return []
            del good[error.key]


def check_of(case: Case) -> Check:
    """Return the check of a fetch: it reads every reply and says which cannot be read."""
    every = wanted_of(case)

    def check(replies: Mapping[str, Reply]) -> list[Complaint]:
        complaints = [complaint for one in every for complaint in one.complaints(replies)]
        return list(dict.fromkeys(complaints))

    return check
