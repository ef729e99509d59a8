"""The polite client: asks what a plan wants until it wants nothing more, and keeps it all."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from darkdays.archive.client.access import Access
from darkdays.archive.client.config import Credentials
from darkdays.archive.client.fetch_loop import Plan, Rounds
from darkdays.archive.client.local_files import StandIn
from darkdays.archive.client.progress import Ledger
from darkdays.archive.client.retry import DEFAULT_LIMITS, Limits
from darkdays.archive.client.scheduler import Asker
from darkdays.archive.client.step import Progress
from darkdays.archive.request import Check, Service
from darkdays.archive.snapshot import Snapshot, newest_complete
from darkdays.archive.store import Store


@dataclass(frozen=True)
class FetchResult:
    """What a fetch came to.

    Attributes
    ----------
    snapshot
        What came back, now or earlier; None if nothing did.
    failures
        A sentence for everything that did not come or cannot be read; with none the snapshot is
        complete.
    previous
        The newest complete snapshot of the case before, None if there was none.
    remarks
        A sentence for everything that came and is not all there is, and asking again will not help.
    """

    snapshot: Snapshot | None
    failures: list[str]
    previous: Snapshot | None = None
    remarks: list[str] = field(default_factory=list)


def fetch_all(
    services: Mapping[str, Service],
    plan: Plan,
    store: Store,
    *,
    case: str,
    check: Check | None = None,
    previous: Snapshot | None = None,
    base_urls: Mapping[str, str] | None = None,
    files: Mapping[str, StandIn] | None = None,
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
    snapshot of the case has is not asked again, unless it cannot be read.

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
    check
        Reads replies and says which cannot be: they are kept, but make no complete snapshot, and
        are asked for again by the next fetch. Without it whatever came counts as readable.
    previous
        What to go on from; the newest complete snapshot of the case if not given.
    base_urls
        Where services answer instead of at their own address.
    files
        Local files that stand in for downloads of a service.
    credentials
        Secrets that services need.
    progress
        Told of every reply, wait and failure.
    fresh
        Ask everything again, also what an earlier snapshot has.
    offline
        Ask nobody: files and what was fetched before are all there is.
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
    previous = previous or newest_complete(store.folder, case)
    store.sweep()
    if fresh:
        store.ask_again(case)
    ledger = Ledger(services, store, case, progress)
    asker = Asker(
        ledger,
        base_urls or {},
        Access(credentials or Credentials()),
        limits,
        sleep,
        rng or random.SystemRandom(),
        now or (lambda: datetime.now(UTC)),
    )
    rounds = Rounds(ledger, asker, files or {}, offline)
    rounds.recall(None if store.is_asking_again(case) else previous, check)
    try:
        wanted = rounds.run(plan)
    finally:
        asker.close()
    failures = ledger.sentences(wanted)
    unreadable, complaints, remarks = rounds.judge(wanted, check)
    failures += complaints
    snapshot = rounds.seal(wanted, unreadable, complete=not failures)
    if not failures:
        store.clear(case)
    return FetchResult(snapshot, failures, previous, remarks)
