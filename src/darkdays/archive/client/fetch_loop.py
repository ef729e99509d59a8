"""A fetch under way: round by round, until a plan wants nothing new and all can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final
from urllib.parse import urlsplit

from darkdays.archive.client.faults import Fault
from darkdays.archive.client.local_files import StandIn, content_of
from darkdays.archive.client.progress import Ledger
from darkdays.archive.client.scheduler import Asker
from darkdays.archive.entry import Entry, question_of
from darkdays.archive.manifest import manifest_of
from darkdays.archive.request import USER_SUPPLIED, Check, Complaint, Reply, Request, SourceError
from darkdays.archive.snapshot import Snapshot

_MOST_ROUNDS: Final = 5000
_MOST_REQUESTS: Final = 200_000
_NAMES_SAID: Final = 5


Plan = Callable[[Mapping[str, Reply]], list[Request]]


@dataclass
class Rounds:
    """Goes round with a plan: what is known, what is open, who answers it.

    Attributes
    ----------
    ledger
        What came and what failed.
    asker
        Asks over the network.
    files
        Local files that stand in for downloads, by service.
    offline
        Whether nobody is asked: files and what was fetched before are all there is.
    aside
        Kept replies that cannot be read, and are asked for again.
    other
        Sentences about no single request.
    recalled
        What the check said of what was there before; None if it was not asked.
    """

    ledger: Ledger
    asker: Asker
    files: Mapping[str, StandIn]
    offline: bool = False
    aside: dict[str, Entry] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)
    recalled: list[Complaint] | None = None

    def recall(self, previous: Snapshot | None, check: Check | None) -> None:
        """Begin with what an earlier snapshot and the journal have, as far as it can be read."""
        entries, store = self.ledger.entries, self.ledger.store
        for entry in previous.manifest.replies if previous is not None else ():
            # A damaged body is asked for again: the same bytes mend it.
            if store.holds(entry):
                entries[entry.request.key] = entry
        entries |= store.kept(self.ledger.case)
        for key, entry in list(entries.items()):
            # What a service sent earlier is not used where a person's file stands in for it.
            if (given := self.files.get(entry.service)) and given.path_for(entry.request):
                del entries[key]
        if check is None or not entries:
            return
        self.recalled = check(self.ledger.replies)
        for one in self.recalled:
            if one.key in entries:
                self.aside[one.key] = entries.pop(one.key)

    def run(self, plan: Plan) -> list[Request]:
        """Go round until nothing new is wanted, and return all that was."""
        wanted: list[Request] = []
        for _ in range(_MOST_ROUNDS):
            try:
                wanted = list({one.key: one for one in plan(self.ledger.replies)}.values())
            except SourceError as error:
                self.other.append(str(error))
                return wanted
            self.ledger.count(wanted)
            open_questions = [one for one in wanted if self.ledger.is_open(one)]
            if not open_questions:
                self.other += self._files_for_nothing(wanted)
                return wanted
            if len(wanted) > _MOST_REQUESTS:
                break
            if asked := [one for one in open_questions if not self._settle_here(one)]:
                self.asker.ask_all(asked)
        self.other.append(
            f"{self.ledger.case} asks for more than any study needs, without an end; "
            "narrow its window."
        )
        return wanted

    def _settle_here(self, request: Request) -> bool:
        """Answer a request from a file, or note that it cannot be asked; False if it can be."""
        service = self.ledger.services.get(request.service)
        given = self.files.get(request.service)
        problem: tuple[str, str] | None = None
        if service is None:
            problem = "is no service of this case", "leave it out"
        elif question_of(request) is None:
            problem = "what is asked is not valid text", "check the case"
        elif given is not None and (path := given.path_for(request)) is not None:
            try:
                body = content_of(path, service)
            except Fault as fault:
                problem = fault.problem, fault.remedy
            else:
                headers = given.headers_for(request)
                reply = Reply(request, body, origin=USER_SUPPLIED, headers=headers)
                self.ledger.keep(reply, "", 0)
        elif not self.asker.base_url(service):
            how = f"give it with --file {service.name}=PATH"
            problem = "is a file of your own, which is not there", how
        elif self.offline:
            problem = "was not fetched before", "fetch the case with a network"
        else:
            return False
        if problem is not None:
            self.ledger.give_up(request, *problem)
        return True

    def _files_for_nothing(self, wanted: list[Request]) -> list[str]:
        """Return a sentence for every file that was stated and stands in for nothing."""
        found = []
        for service, given in self.files.items():
            asked = [one for one in wanted if one.service == service]
            used = {path.name for one in asked if (path := given.path_for(one)) is not None}
            names = list(dict.fromkeys(one.file for one in asked))
            for name in sorted(given.stated - used):
                those = ", ".join(names[:_NAMES_SAID]) + (", …" if len(names) > _NAMES_SAID else "")
                found.append(
                    f"{service}: the file {name} stands in for none of its downloads; "
                    f"name it as one of them is called: {those or 'there are none'}."
                )
        return found

    def judge(
        self, wanted: Iterable[Request], check: Check | None
    ) -> tuple[set[str], list[str], list[str]]:
        """Return the keys of replies that cannot be read, every problem, and every remark.

        What could not be read before, and was not answered again, is kept and still unreadable.
        """
        if self.recalled is not None and not self.ledger.asked:
            # What was read once is not read again unless something came.
            complaints = [one for one in self.recalled if not one.key]
        else:
            complaints = check(self.ledger.replies) if check is not None else []
        keys = {one.key for one in wanted}
        again = {
            key: entry
            for key, entry in self.aside.items()
            if key in keys and key not in self.ledger.entries
        }
        self.ledger.entries |= again
        unreadable = {one.key for one in complaints if one.key} | set(again)
        told: dict[bool, dict[str, None]] = {False: dict.fromkeys(self.other), True: {}}
        for one in complaints:
            told[one.remark][one.sentence] = None
        return unreadable, list(told[False]), list(told[True])

    def seal(
        self, wanted: Iterable[Request], unreadable: set[str], *, complete: bool
    ) -> Snapshot | None:
        """Make a snapshot of what the plan wanted and got, None if it got nothing."""
        asked = list(wanted)
        entries = self.ledger.entries
        kept = [entries[one.key] for one in asked if one.key in entries]
        if not kept:
            return None
        hosts = {urlsplit(one.url).netloc for one in kept if one.url} | self.asker.contacted()
        open_questions = [question_of(one) for one in asked if one.key not in entries]
        odd = [question_of(entries[key].request) for key in unreadable if key in entries]
        manifest = manifest_of(
            self.ledger.case,
            self.asker.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            kept,
            # What is no valid text cannot be listed; its failure has a sentence.
            [one for one in open_questions if one is not None],
            [one for one in odd if one is not None],
            hosts=hosts,
            complete=complete,
        )
        return Snapshot.seal(self.ledger.store.folder, manifest)
