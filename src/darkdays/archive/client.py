"""The polite client: asks what a plan wants until it wants nothing more, and keeps it all."""

from __future__ import annotations

import concurrent.futures
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from darkdays.archive.access import Access
from darkdays.archive.config import Credentials
from darkdays.archive.request import USER_SUPPLIED, Reply, Request, Service, SourceError
from darkdays.archive.snapshot import Snapshot, manifest_of, newest_complete
from darkdays.archive.store import Entry, Store, entry_of, question_of, reply_of
from darkdays.archive.wire import (
    DEFAULT_LIMITS,
    Answer,
    Fault,
    Limits,
    Line,
    Stopped,
    ask_patiently,
    is_page,
)

HEADERS: Final = ("content-type", "etag", "last-modified")
_MOST_ROUNDS: Final = 5000
_MOST_REQUESTS: Final = 200_000
_HOSTS_AT_ONCE: Final = 8
# After so many requests in a row that every retry failed, a service is left alone.
_PATIENCE: Final = 3

Plan = Callable[[Mapping[str, Reply]], list[Request]]


@dataclass(frozen=True)
class Step:
    """How far a fetch has come.

    Attributes
    ----------
    service, about
        What was asked last, in words.
    done, known
        Requests answered or given up, and requests known to be needed so far.
    received
        Bytes of this run.
    rate
        Bytes per second since it began.
    note
        Why there is a wait, or what failed; empty after a reply.
    """

    service: str
    about: str
    done: int
    known: int
    received: int
    rate: float
    note: str = ""


class Progress(Protocol):
    """Is told of every reply, wait and failure; never by two threads at once."""

    def __call__(self, step: Step, /) -> object:
        """Take note."""


@dataclass(frozen=True)
class FetchResult:
    """What a fetch came to.

    Attributes
    ----------
    snapshot
        What came back, now or earlier; None if nothing did.
    failures
        A sentence for everything that did not; with none the snapshot is complete.
    previous
        The newest complete snapshot of the case before, None if there was none.
    """

    snapshot: Snapshot | None
    failures: list[str]
    previous: Snapshot | None = None


def fetch_all(
    services: Mapping[str, Service],
    plan: Plan,
    store: Store,
    *,
    case: str,
    base_urls: Mapping[str, str] | None = None,
    files: Mapping[str, Path] | None = None,
    credentials: Credentials | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
    offline: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    sleep: Callable[[float], object] | None = None,
    rng: random.Random | None = None,
    now: Callable[[], datetime] | None = None,
) -> FetchResult:
    """Ask services for what a plan wants, round by round, until it wants nothing new.

    One request at a time goes to a host; hosts are asked side by side. A reply is kept at once,
    and a later call goes on from there, however this one ended. What the newest complete
    snapshot of the case has is not asked again.

    Parameters
    ----------
    services
        By name.
    plan
        From the replies so far, by request key, to every request known to be needed.
    store
        Where replies and snapshots go.
    case
        The case they are for.
    base_urls
        Where services answer instead of at their own address.
    files
        Local files that stand in for all downloads of a service.
    credentials
        Secrets that services need.
    progress
        Told of every reply, wait and failure.
    fresh
        Ask everything again, also what an earlier snapshot has.
    offline
        Ask nobody: only files and what is there already are used, and the rest is unanswered.
    limits
        Of times and tries.
    sleep, rng, now
        Waiting, jitter and clock; a test's own instead of the machine's.

    Returns
    -------
    FetchResult
        With what failed; whatever one service does, the others are asked.

    Raises
    ------
    DarkdaysError
        If nothing can be written.
    """
    previous = newest_complete(store.folder, case)
    store.sweep()
    if fresh:
        store.ask_again(case)
    fetch = _Fetch(
        services,
        store,
        case,
        base_urls or {},
        Access(credentials or Credentials()),
        progress,
        limits,
        sleep,
        rng or random.SystemRandom(),
        now or (lambda: datetime.now(UTC)),
        offline=offline,
    )
    fetch.recall(None if store.is_asking_again(case) else previous)
    fetch.stand_in(files or {})
    try:
        wanted = fetch.run(plan)
    finally:
        fetch.close()
    failures = fetch.sentences(wanted)
    snapshot = fetch.seal(wanted, complete=not failures)
    if not failures:
        store.clear(case)
    return FetchResult(snapshot, failures, previous)


@dataclass
class _Fetch:
    """The state of one fetch; what several threads change is changed under the lock."""

    services: Mapping[str, Service]
    store: Store
    case: str
    base_urls: Mapping[str, str]
    access: Access
    progress: Progress | None
    limits: Limits
    sleep: Callable[[float], object] | None
    rng: random.Random
    now: Callable[[], datetime]
    offline: bool = False
    replies: dict[str, Reply] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    # Problem and remedy, by request key and by service.
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    given_up: dict[str, tuple[str, str]] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    in_a_row: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    known: int = 0
    received: int = 0
    begun: float = field(default_factory=time.monotonic)

    def recall(self, previous: Snapshot | None) -> None:
        """Begin with what an earlier snapshot and the journal have."""
        for entry in previous.manifest.replies if previous is not None else ():
            # A damaged body is asked for again: the same bytes mend it.
            body = self.store.get(entry.sha256, entry.bytes)
            if body is not None:
                key = entry.request.key
                self.entries[key], self.replies[key] = entry, reply_of(entry, body)
        for key, (entry, body) in self.store.kept(self.case).items():
            self.entries[key], self.replies[key] = entry, reply_of(entry, body)

    def stand_in(self, paths: Mapping[str, Path]) -> None:
        """Read the files that stand in for services; what these sent earlier is not used."""
        for name, path in paths.items():
            largest = self.services[name].largest
            try:
                if path.stat().st_size > largest:
                    self.given_up[name] = (
                        f"the file in its place is larger than {largest} bytes",
                        "state a smaller one",
                    )
                elif is_page(body := path.read_bytes()):
                    self.given_up[name] = (
                        "the file in its place is a web page",
                        "download the data themselves",
                    )
                else:
                    self.bodies[name] = body
            except OSError as error:
                self.given_up[name] = (
                    f"the file in its place cannot be read ({error.strerror})",
                    "check the path",
                )
        for key in [key for key, one in self.replies.items() if one.request.service in paths]:
            del self.replies[key], self.entries[key]

    def run(self, plan: Plan) -> list[Request]:
        """Go round until nothing new is wanted, and return all that was."""
        wanted: list[Request] = []
        for _ in range(_MOST_ROUNDS):
            try:
                wanted = list({one.key: one for one in plan(dict(self.replies))}.values())
            except SourceError as error:
                self.other.append(str(error))
                return wanted
            self.known = len(wanted)
            open_questions = [one for one in wanted if self.is_open(one)]
            if not open_questions:
                return wanted
            if self.known > _MOST_REQUESTS:
                break
            self.ask_round(open_questions)
        self.other.append(
            f"{self.case} asks for more than any study needs, without an end; narrow its window."
        )
        return wanted

    def is_open(self, request: Request) -> bool:
        """Whether a request still has to be asked."""
        settled = request.key in self.replies or request.key in self.failed
        return not settled and request.service not in self.given_up

    def ask_round(self, questions: list[Request]) -> None:
        """Answer questions from files, and the others host by host, side by side."""
        by_host: dict[str, list[Request]] = {}
        for one in questions:
            if one.service not in self.services:
                self.failed[one.key] = "is no service of this case", "leave it out"
            elif question_of(one) is None:
                self.failed[one.key] = "what is asked is not valid text", "check the case"
            elif one.service in self.bodies:
                self.keep(Reply(one, self.bodies[one.service], origin=USER_SUPPLIED), "", 0)
            elif self.offline:
                self.given_up[one.service] = "was not asked", "run without --offline to fetch it"
            else:
                base_url = self.base_url(one.service)
                by_host.setdefault(urlsplit(base_url).netloc.lower(), []).append(one)
                if one.service not in self.lines:
                    self.lines[one.service] = Line(base_url, self.limits)
        if not by_host:
            return
        with concurrent.futures.ThreadPoolExecutor(min(_HOSTS_AT_ONCE, len(by_host))) as pool:
            futures = [pool.submit(self.ask_host, group) for group in by_host.values()]
            try:
                for future in concurrent.futures.as_completed(futures):
                    future.result()
            finally:
                # After Ctrl-C, or when the disk is full, no thread may go on asking.
                if not all(future.done() for future in futures):
                    self.stopping.set()
                    for line in self.lines.values():
                        line.stop()

    def ask_host(self, group: list[Request]) -> None:
        """Ask one host one question after the other."""
        for request in group:
            if self.stopping.is_set():
                return
            if request.service in self.given_up:
                continue
            try:
                self.ask(request)
            except Fault as fault:
                self.give_up(request, fault)
            except Stopped:
                return
            else:
                self.in_a_row[request.service] = 0

    def ask(self, request: Request) -> None:
        """Ask one question and keep the reply."""
        service = self.services[request.service]
        base_url = self.base_url(service.name)

        def post(url: str, form: Mapping[str, str]) -> Answer:
            return self.patiently(request, url, largest=2**20, form=form)

        headers = self.access.headers(service, base_url, post)
        try:
            url = request.url(base_url)
        except ValueError:
            raise Fault("cannot be written as an address", "check the case") from None
        answer = self.patiently(request, url, largest=service.largest, headers=headers)
        matter = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        self.access.refuse_echo(service, answer.url, *matter.values(), body=answer.body)
        self.keep(Reply(request, answer.body, self.stamp(), headers=matter), answer.url, 200)

    def patiently(self, request: Request, url: str, **how: Any) -> Answer:
        """Ask with retries, telling of every wait."""
        return ask_patiently(
            self.lines[request.service],
            url,
            limits=self.limits,
            sleep=self.sleep or self.stopping.wait,
            rng=self.rng,
            tell=lambda note: self.tell(request, note),
            **how,
        )

    def keep(self, reply: Reply, url: str, status: int) -> None:
        """Keep a reply on disk, then let the plan see it."""
        request = reply.request
        entry = entry_of(reply, self.services[request.service], url, status)
        self.store.keep(self.case, entry, reply.body)
        with self.lock:
            self.replies[request.key], self.entries[request.key] = reply, entry
            self.received += len(reply.body)
        self.tell(request, "")

    def give_up(self, request: Request, fault: Fault) -> None:
        """Note what failed, and leave the service alone if there is no hope for the others."""
        name = request.service
        self.in_a_row[name] = self.in_a_row.get(name, 0) + 1 if fault.tried else 0
        with self.lock:
            if fault.of_service or self.in_a_row[name] >= _PATIENCE:
                self.given_up[name] = fault.problem, fault.remedy
            else:
                self.failed[request.key] = fault.problem, fault.remedy
        self.tell(request, fault.problem)

    def tell(self, request: Request, note: str) -> None:
        """Tell the progress sink."""
        if self.progress is None:
            return
        with self.lock:
            self.progress(
                Step(
                    service=request.service,
                    about=request.about or request.path,
                    done=len(self.replies) + len(self.failed),
                    known=self.known,
                    received=self.received,
                    rate=self.received / max(time.monotonic() - self.begun, 1e-3),
                    note=note,
                )
            )

    def sentences(self, wanted: list[Request]) -> list[str]:
        """Return a sentence for everything that failed, like failures of a service in one."""
        open_questions = [one for one in wanted if one.key not in self.replies]
        groups: dict[tuple[str, str, str], list[Request]] = {}
        for one in open_questions:
            why = self.failed.get(one.key) or self.given_up[one.service]
            groups.setdefault((one.service, *why), []).append(one)
        found = []
        for (service, problem, remedy), group in groups.items():
            about = group[0].about or group[0].path
            more = f" (and {len(group) - 1} more of its requests)" if len(group) > 1 else ""
            found.append(f"{service}, {about}: {problem}{more}; {remedy}.")
        return [*found, *self.other]

    def seal(self, wanted: list[Request], *, complete: bool) -> Snapshot | None:
        """Make a snapshot of what the plan wanted and got, None if it got nothing."""
        entries = [self.entries[one.key] for one in wanted if one.key in self.entries]
        if not entries:
            return None
        contacted = {urlsplit(one.url).netloc for one in entries if one.url}
        contacted |= {line.origin.netloc for line in self.lines.values() if line.contacted}
        asked = [question_of(one) for one in wanted if one.key not in self.entries]
        # What is no valid text cannot be listed; its failure has a sentence.
        unanswered = [one for one in asked if one is not None]
        manifest = manifest_of(
            self.case, self.stamp(), entries, unanswered, hosts=contacted, complete=complete
        )
        return Snapshot.seal(self.store.folder, manifest)

    def base_url(self, service: str) -> str:
        """Return where a service answers."""
        return self.base_urls.get(service, self.services[service].base_url).rstrip("/")

    def stamp(self) -> str:
        """Return the present time, ISO 8601 UTC."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def close(self) -> None:
        """Close every connection."""
        for line in self.lines.values():
            line.close()
