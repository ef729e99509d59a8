"""What OONI replies: errors, groups of counts, and single measurements.

Contract: https://api.ooni.io/apidocs/. Times are UTC. Empty fields are left out of groups of
counts, and null in measurements.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import pandas as pd

from darkdays.archive.request import Reply
from darkdays.sources.citizenlab import domain_of
from darkdays.sources.services import service

SERVICE: Final = service("ooni")
AGAIN: Final = "ask for less at once, or fetch it again later"
FLAGS: Final = ("anomaly", "confirmed", "failure")
"""What OONI says about a measurement, each true or false."""
UNKNOWN_NETWORK: Final = "asn/unknown"
"""Network 0 is OONI's "not known"; embedded figures call it so."""

_ADDRESS: Final = re.compile(
    r"(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.])|\[[0-9a-fA-F:.%]*:", re.ASCII
)


def answer_of(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of a reply that is not one of OONI's errors.

    Raises
    ------
    SourceError
        If it is no JSON object, or an error: OONI gives a wrong question ``msg``, sometimes with
        HTTP 200, and its framework ``detail``, a sentence or a list; a used-up quota ``error``.
    """
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        raise reply.error("the reply is not JSON", AGAIN) from None
    if not isinstance(answer, dict):
        raise reply.error("the reply is not a JSON object", AGAIN)
    # An empty list beside an error counts nothing.
    told = next((answer[key] for key in ("msg", "detail", "error") if answer.get(key)), None)
    if told or not {"result", "results"} & answer.keys():
        if isinstance(told, list) and isinstance(told[0], dict):
            told = told[0].get("msg")
        problem = f"OONI says {str(told)[:200]!r}" if told else "the reply holds no result"
        raise reply.error(problem, AGAIN)
    return answer


class Group(NamedTuple):
    """Measurements of one network in one bin.

    Attributes
    ----------
    network
        ``asn/44244``, or :data:`UNKNOWN_NETWORK`.
    time
        Start of the bin, UTC.
    blocked
        Anomalies and confirmed blocks; 0 if only measurements are counted.
    told
        Measurements that did not fail, or all measurements if only these are counted.
    """

    network: str
    time: datetime
    blocked: int
    told: int


def groups_of(reply: Reply, country: str, step: pd.Timedelta, *, all_told: bool) -> list[Group]:
    """Return the groups of an aggregation by day (or hour) and network.

    Parameters
    ----------
    reply
        The aggregation.
    country
        Which country it has to be about, ISO 3166-1 alpha-2.
    step
        A day or an hour; hours are put together to days, never the other way round.
    all_told
        Count every measurement, and not how many did not fail and were anomalous.

    Raises
    ------
    SourceError
        If it is an error, is not grouped so, names another country, names a group twice, or a
        count is none.
    """
    result = answer_of(reply).get("result")
    # Without any axis OONI answers with one group that is no list.
    groups = [result] if isinstance(result, dict) else result
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise reply.error("the result is not a list of groups", AGAIN)
    found, seen = [], set()
    for group in groups:
        named = group.get("probe_cc") or country
        if named != country:
            raise reply.error(f"it is about {str(named)[:20]!r}, not {country}", AGAIN)
        text = group.get("measurement_start_day")
        time = _bin(text, reply, step)
        # Empty fields are left out of a reply: a network left out is one that is not known.
        number = 0 if group.get("probe_asn") is None else _count(group, "probe_asn", reply)
        if (same := (text, group.get("probe_asn"))) in seen:
            raise reply.error(f"network {number} occurs twice at {text}", AGAIN)
        seen.add(same)
        network = f"asn/{number}" if number else UNKNOWN_NETWORK
        if all_told:
            found.append(Group(network, time, 0, _count(group, "measurement_count", reply)))
            continue
        blocked = _count(group, "anomaly_count", reply) + _count(group, "confirmed_count", reply)
        told = blocked + _count(group, "ok_count", reply)
        found.append(Group(network, time, blocked, told))
    return found


def _bin(text: object, reply: Reply, step: pd.Timedelta) -> datetime:
    if not isinstance(text, str):
        raise reply.error("the counts are not grouped by measurement_start_day", AGAIN)
    hourly, by_hour = "T" in text, step < pd.Timedelta("1D")
    form = "%Y-%m-%dT%H:%M:%SZ" if hourly else "%Y-%m-%d"
    try:
        time = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        raise reply.error(f"{text[:40]!r} is not a day or an hour", AGAIN) from None
    if by_hour and not hourly:
        raise reply.error("counts of days came back where hours were asked for", AGAIN)
    return time.replace(minute=0, second=0, hour=time.hour if by_hour else 0)


def _count(group: Mapping[str, Any], field: str, reply: Reply) -> int:
    number = group.get(field)
    # A truth value is a whole number to Python; nothing is counted beyond 2**53 exactly.
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**53:
        raise reply.error(f"{field} of a group is {str(number)[:40]!r}, not a count", AGAIN)
    return number


def measurements_of(reply: Reply) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...]]]:
    """Go through the measurements of a page of the list.

    Yields
    ------
    tuple
        What tells it from others and orders them (never to be kept: it names the measurement), and
        its row: start (UTC), country, network, test, input, domain, anomaly, confirmed, failure,
        blocking type; None where OONI left it empty.

    Raises
    ------
    SourceError
        If it is an error or no list, or a measurement has no time or is not of its type.
    """
    results = answer_of(reply).get("results")
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise reply.error("the list of measurements is no list", AGAIN)
    for one in results:
        start = _moment(one.get("measurement_start_time"), reply)
        texts = {
            name: _text(one.get(name), name, reply)
            for name in ("probe_cc", "probe_asn", "test_name", "input", "measurement_uid")
        }
        flags = [one.get(name) for name in FLAGS]
        if not all(flag is None or isinstance(flag, bool) for flag in flags):
            raise reply.error("a flag of a measurement is neither true nor false", AGAIN)
        network = (texts["probe_asn"] or "").removeprefix("AS")
        if network and not re.fullmatch(r"[0-9]{1,10}", network):
            raise reply.error(f"{network[:40]!r} is not a network", AGAIN)
        tested = _without_address(texts["input"])
        row = (
            start,
            texts["probe_cc"],
            int(network) if network else None,
            texts["test_name"],
            tested,
            domain_of(tested) or None if tested else None,
            *flags,
            _blocking_type(one.get("scores")),
        )
        yield (start.isoformat(), texts["measurement_uid"] or "", repr(row[1:])), row


def _moment(text: object, reply: Reply) -> datetime:
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise reply.error(f"a measurement began at {str(text)[:40]!r}", AGAIN) from None


def _text(value: object, name: str, reply: Reply) -> str | None:
    if value is not None and not isinstance(value, str):
        raise reply.error(f"{name} of a measurement is not text", AGAIN)
    if value and not value.isprintable():
        # Half a surrogate pair or a control character could not be written down again.
        raise reply.error(f"{name} of a measurement is not printable: {value[:40]!r}", AGAIN)
    return value or None


def _without_address(tested: str | None) -> str | None:
    if tested is None or _ADDRESS.search(tested):
        return None
    try:
        ipaddress.ip_address(tested)
    except ValueError:
        return tested
    return None


def _blocking_type(scores: object) -> str | None:
    analysis = scores.get("analysis") if isinstance(scores, dict) else None
    blocking = analysis.get("blocking_type") if isinstance(analysis, dict) else None
    return blocking if isinstance(blocking, str) and blocking else None
