"""What came of a fetch and what failed: kept on disk, counted, and told."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from darkdays.archive.client.step import Progress, Step
from darkdays.archive.entry import Entry, entry_of
from darkdays.archive.request import Reply, Request, Service
from darkdays.archive.store import Replies, Store

_NOT_ASKED: Final = ("was not asked any more", "narrow the window of the case")


@dataclass
class Ledger:
    """The books of one fetch; what several threads change is changed under the lock.

    Attributes
    ----------
    services
        By name.
    store, case
        Where replies go, and for which case.
    progress
        Told of every reply, wait and failure.
    entries
        What is there, by request key.
    failed, given_up
        Problem and remedy, by request key and by service.
    known, settled
        Requests known to be needed, and those of them answered or failed, by service.
    asked, received
        Requests answered or given up by this run, and bytes of it.
    """

    services: Mapping[str, Service]
    store: Store
    case: str
    progress: Progress | None
    entries: dict[str, Entry] = field(default_factory=dict)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    given_up: dict[str, tuple[str, str]] = field(default_factory=dict)
    known: Counter[str] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    received: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    begun: float = field(default_factory=time.monotonic)

    @property
    def replies(self) -> Replies:
        """What is there, by request key, read when it is looked at."""
        return Replies(self.store, self.entries, f"the fetch of {self.case}")

    def count(self, wanted: Iterable[Request]) -> None:
        """Count what is wanted, and what of it is settled."""
        listed = list(wanted)
        self.known = Counter(one.service for one in listed)
        self.settled = Counter(
            one.service for one in listed if one.key in self.entries or one.key in self.failed
        )

    def is_open(self, request: Request) -> bool:
        """Whether a request still has to be asked."""
        settled = request.key in self.entries or request.key in self.failed
        return not settled and request.service not in self.given_up

    def keep(self, reply: Reply, url: str, status: int) -> None:
        """Keep a reply on disk, then let the plan see it."""
        request = reply.request
        entry = entry_of(reply, self.services[request.service], url, status)
        self.store.keep(self.case, entry, reply.body)
        with self.lock:
            self.entries[request.key] = entry
            self.settled[request.service] += 1
            self.received += len(reply.body)
            self.asked += 1
        self.tell(request, "")

    def give_up(
        self, request: Request, problem: str, remedy: str, *, of_service: bool = False
    ) -> None:
        """Note what failed: one request, or all that its service was still to be asked."""
        with self.lock:
            self.asked += 1
            if of_service:
                self.given_up[request.service] = problem, remedy
            else:
                self.failed[request.key] = problem, remedy
                self.settled[request.service] += 1
        self.tell(request, problem)

    def tell(self, request: Request, note: str) -> None:
        """Tell the progress sink."""
        if self.progress is None:
            return
        with self.lock:
            # Of a service that is left alone nothing more is to be done.
            done = sum(
                count if service in self.given_up else self.settled[service]
                for service, count in self.known.items()
            )
            self.progress(
                Step(
                    service=request.service,
                    about=request.about or request.path,
                    done=done,
                    known=self.known.total(),
                    asked=self.asked,
                    received=self.received,
                    seconds=time.monotonic() - self.begun,
                    note=note,
                )
            )

    def sentences(self, wanted: Iterable[Request]) -> list[str]:
        """Return a sentence for everything that failed, like failures of a service in one."""
        groups: dict[tuple[str, str, str], list[Request]] = {}
        for one in wanted:
            if one.key not in self.entries:
                why = self.failed.get(one.key) or self.given_up.get(one.service, _NOT_ASKED)
                groups.setdefault((one.service, *why), []).append(one)
        found = []
        for (service, problem, remedy), group in groups.items():
            about = group[0].about or group[0].path
            more = f" (and {len(group) - 1} more of its requests)" if len(group) > 1 else ""
            found.append(f"{service}, {about}: {problem}{more}; {remedy}.")
        return found
