"""Whether the services answer as this version expects: one smallest question each."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, cast

import pandas as pd

from darkdays.archive.client.client import fetch_all
from darkdays.archive.client.config import base_urls_from, credentials_from
from darkdays.archive.client.retry import Limits
from darkdays.archive.request import Service
from darkdays.archive.snapshot import list_snapshots
from darkdays.archive.store import Store
from darkdays.errors import InputError
from darkdays.fetch.plan import Kind, Wanted
from darkdays.files import paths
from darkdays.files.packaged import toml_of
from darkdays.sources import registry
from darkdays.sources.query import Query

_ASKED: Final = toml_of("fetch/doctor.toml")
_TABLES: Final = {"events": registry.EVENTS, "table": registry.TABLES}
# A person waits for it: nobody is asked twice, and nobody who says "later" is waited for.
_LIMITS: Final = Limits(silence=20.0, total=60.0, tries=1, patience=0.0)
_AT_ONCE: Final = 8
# One that costs its owner something is asked only if it is named.
_DEAR: Final = frozenset({"mlab-bigquery"})

Answer = Literal["yes", "no", "not asked"]


@dataclass(frozen=True)
class Finding:
    """How a service answered.

    Attributes
    ----------
    service
        Its name.
    reachable
        Whether it answered at all.
    shape
        Whether its answer can be read.
    account
        ``none needed``, ``missing``, ``accepted``, ``refused`` or ``not tried``.
    last_seen
        Day of its newest reply in the snapshots here, empty if there is none.
    says
        What is wrong, in a sentence; empty if nothing is.
    """

    service: str
    reachable: Answer
    shape: Answer
    account: str
    last_seen: str
    says: str = ""

    @property
    def well(self) -> bool:
        """Whether there is nothing wrong with it; one that was not asked counts as well."""
        return "no" not in (self.reachable, self.shape)


def examine(names: Sequence[str] = (), base_urls: Sequence[str] = ()) -> list[Finding]:
    """Ask services one question each, and read their answers as a run would.

    Parameters
    ----------
    names
        Services; all that cost nothing if not given.
    base_urls
        ``NAME=URL`` texts; a service answers there instead of at its own address.

    Raises
    ------
    InputError
        If there is no such service, or a base URL cannot be used.
    """
    chosen = list(names) or [name for name in _ASKED if name not in _DEAR]
    for name in chosen:
        if name not in _ASKED:
            raise InputError(f"no service is called {name}; there are {', '.join(_ASKED)}.")
    asked = {name: _question(**_ASKED[name]) for name in chosen}
    services = {name: one.source.SERVICE for name, one in asked.items()}
    stated = base_urls_from(base_urls, services)
    seen = _last_seen()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_AT_ONCE) as pool:

        def ask(name: str) -> Finding:
            one = _ask(asked[name], Path(folder) / name, stated)
            return replace(one, last_seen=seen.get(name, ""))

        return list(pool.map(ask, chosen))


def _question(day: date, source: str = "service", **what: str) -> Wanted:
    ((kind, name),) = what.items()
    read = registry.of_signal(source, name) if kind == "signals" else None
    read = read or registry.module_of(_TABLES[kind][name])
    start = pd.Timestamp(day, tz="UTC")
    # GDELT has a file for every quarter of an hour.
    width = pd.Timedelta("15min") if name == "gdelt2" else pd.Timedelta("1D")
    options = {"time_zone": "Asia/Tehran"} if kind == "events" else {}
    query = Query(name, start, start + width, "IR", ("country/IR",), options, "Asia/Tehran")
    return Wanted(name, read, query, cast("Kind", kind))


def _ask(one: Wanted, folder: Path, base_urls: dict[str, str]) -> Finding:
    service = one.source.SERVICE
    result = fetch_all(
        {service.name: service},
        lambda _: one.source.requests(one.query, {})[:1],
        Store(folder),
        case=service.name,
        base_urls=base_urls,
        credentials=credentials_from({service.name: service}),
        limits=_LIMITS,
    )
    if result.snapshot is None:
        said = result.failures[0]
        no_account = "needs credentials" in said or "needs the package" in said
        reachable: Answer = "not asked" if no_account else "yes" if "HTTP" in said else "no"
        # What refuses an account does not show its shape, and neither does a firewall.
        shape: Answer = "no" if reachable == "yes" else "not asked"
        return Finding(service.name, reachable, shape, _account(service, said), "", said)
    wrong = one.complaints(result.snapshot.replies())
    says = wrong[0].sentence if wrong and not wrong[0].remark else ""
    return Finding(service.name, "yes", "no" if says else "yes", _account(service, ""), "", says)


def _account(service: Service, said: str) -> str:
    if service.credential is None and service.driver is None:
        return "none needed"
    if "needs credentials" in said or "needs the package" in said or "needs a Google" in said:
        return "missing"
    if any(word in said for word in ("HTTP 401", "HTTP 403", "sign-in", "refused the Google")):
        return "refused"
    return "not tried" if said else "accepted"


def _last_seen() -> dict[str, str]:
    """Return the day of the newest reply of each service in any snapshot."""
    found: dict[str, str] = {}
    for snapshot in list_snapshots(paths.snapshots()):
        for reply in snapshot.manifest.replies:
            found[reply.service] = max(found.get(reply.service, ""), reply.fetched[:10])
    return found


def as_rows(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as rows of a table."""
    return [
        {
            "service": one.service,
            "reachable": one.reachable,
            "shape right": one.shape,
            "account": one.account,
            "last seen": one.last_seen or "never",
        }
        for one in found
    ]
