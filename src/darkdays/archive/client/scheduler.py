"""Asking hosts: side by side, each one question after the other, patiently."""

from __future__ import annotations

import concurrent.futures
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from darkdays.archive.client import bigquery
from darkdays.archive.client.access import Access
from darkdays.archive.client.config import SIGN_IN
from darkdays.archive.client.faults import ANOTHER_WAY, Fault, Stopped
from darkdays.archive.client.http import Answer, Line
from darkdays.archive.client.progress import Ledger
from darkdays.archive.client.retry import Limits, ask_patiently
from darkdays.archive.request import Reply, Request, Service

HEADERS: Final = ("content-type", "etag", "last-modified")
_HOSTS_AT_ONCE: Final = 8
# After so many requests in a row that every retry failed, a service is left alone.
_PATIENCE: Final = 3
_LARGEST_TOKEN: Final = 2**20
_HOUR: Final = 3600.0
_LONGEST_PAUSE: Final = 60.0


@dataclass
class Asker:
    """Asks services over the network and enters what comes of it into a ledger.

    Attributes
    ----------
    ledger
        Where replies and failures go.
    base_urls
        Where services answer instead of at their own address.
    access
        Makes authorization headers.
    limits
        Of times and tries.
    sleep, rng, now
        Waiting, jitter and clock.
    """

    ledger: Ledger
    base_urls: Mapping[str, str]
    access: Access
    limits: Limits
    sleep: Callable[[float], object] | None
    rng: random.Random
    now: Callable[[], datetime]
    lines: dict[str, Line] = field(default_factory=dict)
    in_a_row: dict[str, int] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    left: dict[str, tuple[int, int]] = field(default_factory=dict)

    def base_url(self, service: Service) -> str:
        """Return where a service answers, empty if there is nobody to ask."""
        return self.base_urls.get(service.name, service.base_url).rstrip("/")

    def ask_all(self, questions: list[Request]) -> None:
        """Ask questions, each of the hosts one at a time, hosts side by side."""
        by_host: dict[str, list[Request]] = {}
        for one in questions:
            service = self.ledger.services[one.service]
            base_url = self.base_url(service)
            by_host.setdefault(urlsplit(base_url).netloc.lower(), []).append(one)
            if one.service not in self.lines:
                self.lines[one.service] = Line(
                    base_url,
                    self.limits,
                    service.stores,
                    is_stated=one.service in self.base_urls,
                )
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
        """Ask one host one question after the other.

        Once one of the divisible questions was too much, the others wait for the plan, which may
        ask them in parts as well.
        """
        too_much: set[tuple[str, str]] = set()
        for request in group:
            if self.stopping.is_set():
                return
            alike = request.service, request.path
            if request.service in self.ledger.given_up or (request.divisible and alike in too_much):
                continue
            try:
                if self.ask(request) and request.divisible:
                    too_much.add(alike)
            except Fault as fault:
                in_a_row = self.in_a_row.get(request.service, 0) + 1 if fault.tried else 0
                self.in_a_row[request.service] = in_a_row
                # No hope for the others either: the service is left alone.
                hopeless = fault.of_service or in_a_row >= _PATIENCE
                self.ledger.give_up(request, fault.problem, fault.remedy, of_service=hopeless)
            except Stopped:
                return
            else:
                self.in_a_row[request.service] = 0

    def ask(self, request: Request) -> bool:
        """Ask one question and keep the reply; tell whether it is an absence, or too much."""
        service = self.ledger.services[request.service]
        answer = self.answer(request, service, self.base_url(service))
        matter = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        self.access.refuse_echo(service, answer.url, *matter.values(), body=answer.body)
        stamp = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        reply = Reply(request, answer.body, stamp, headers=matter, status=answer.status)
        self.ledger.keep(reply, answer.url, answer.status)
        return reply.is_absence

    def answer(self, request: Request, service: Service, base_url: str) -> Answer:
        """Return what a service answers."""
        if service.driver is not None:

            def drive(url: str, **how: Any) -> Answer:
                return bigquery.ask(request, url, **how)

            return self.patiently(request, drive, base_url, largest=service.largest)
        line = self.lines[service.name]

        def post(url: str, form: Mapping[str, str]) -> Answer:
            secrets = self.access.secrets(service)
            how: dict[str, Any] = {"largest": _LARGEST_TOKEN, "form": form, "secrets": secrets}
            return self.patiently(request, line.ask, url, **how)

        def ask(url: str, **how: Any) -> Answer:
            self.pace(request, service)
            try:
                answer = line.ask(url, **how)
            except Fault as fault:
                if request.divisible and fault.slow:
                    return Answer(url, {}, b"", 408)
                if service.quota and fault.status == 429 and fault.wait is None:
                    fault.wait = _HOUR
                raise
            self.count_quota(service, answer.headers)
            return answer

        headers = self.access.headers(service, base_url, post)
        try:
            url = request.url(base_url)
        except ValueError:
            raise Fault("cannot be written as an address", "check the case") from None
        try:
            return self.patiently(
                request,
                ask,
                url,
                largest=service.largest,
                headers=headers,
                absences=(*service.absences, *(service.too_much if request.divisible else ())),
                secrets=self.access.secrets(service),
            )
        except Fault as fault:
            if fault.status == 403 and service.credential in SIGN_IN:
                fault.problem = f"the sign-in works, and yet {fault.problem}"
                fault.remedy = (
                    f"ask {service.base_url} to open the API to this account (accept the terms "
                    f"and fill in the profile there), or give an export: --file {service.name}=PATH"
                )
            elif fault.status in {401, 403} and service.credential is None:
                fault.remedy = f"it needs no account: {ANOTHER_WAY}"
            raise

    def count_quota(self, service: Service, headers: Mapping[str, str]) -> None:
        """Note what a service says is left of an hour's quota, and what the last call cost."""
        left = headers.get("x-ratelimit-remaining", "")
        if service.quota and left.isascii() and left.isdecimal():
            now = int(left[:9])
            before = self.left.get(service.name, (now + 1, 1))[0]
            self.left[service.name] = now, max(before - now, 1)

    def pace(self, request: Request, service: Service) -> None:
        """Wait so that the last quarter of a quota lasts for its hour.

        Raises
        ------
        Fault
            If nothing is left of it.
        """
        left, cost = self.left.get(service.name, (service.quota, 1))
        if left >= service.quota / 4:
            return
        if left == 0:
            del self.left[service.name]
            raise Fault("its quota is used up", passing=True, wait=_HOUR, of_service=True)
        pause = min(_HOUR * cost / left, _LONGEST_PAUSE)
        self.ledger.tell(request, f"{left} left of its quota of an hour; again in {pause:.0f} s")
        (self.sleep or self.stopping.wait)(pause)

    def patiently(
        self, request: Request, ask: Callable[..., Answer], url: str, **how: Any
    ) -> Answer:
        """Ask with retries, telling of every wait."""
        return ask_patiently(
            ask,
            url,
            limits=self.limits,
            sleep=self.sleep or self.stopping.wait,
            rng=self.rng,
            tell=lambda note: self.ledger.tell(request, note),
            now=self.now,
            **how,
        )

    def contacted(self) -> set[str]:
        """Return every host that was contacted."""
        return {host for line in self.lines.values() for host in line.contacted}

    def close(self) -> None:
        """Close every connection."""
        for line in self.lines.values():
            line.close()
