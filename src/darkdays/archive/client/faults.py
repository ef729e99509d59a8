"""What can go wrong on the wire, in plain words: never a header, a body or an address."""

from __future__ import annotations

import errno
import re
import ssl
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from darkdays.files.system_errors import cause_of

_PASSING: Final = frozenset({408, 429})
# What says "taken" or "nothing", and is no answer to a question.
_NO_ANSWER: Final = frozenset({202, 204})
ANOTHER_WAY: Final = "ask later or from another network, or state a mirror with --base-url"


@dataclass(eq=False)
class Fault(Exception):  # noqa: N818 - caught by the client, never shown as an error
    """What went wrong on the wire: never holds a header, a body or an address.

    Attributes
    ----------
    problem, remedy
        Halves of a sentence.
    passing
        Whether it may be gone at the next try.
    wait
        Seconds the service asks to wait, None if it says nothing.
    of_service
        Whether other requests to the service would meet it too.
    tried
        Whether it stayed through all retries.
    status
        Of HTTP, 0 if nothing came back.
    slow
        Whether no answer came in time.
    """

    problem: str
    remedy: str = "try again later"
    _: KW_ONLY
    passing: bool = False
    wait: float | None = None
    of_service: bool = False
    tried: bool = False
    status: int = 0
    slow: bool = False


class Stopped(Exception):  # noqa: N818
    """The person, or another thread's failure, ended the fetch."""


def fault_of(error: Exception) -> Fault:
    """Return a failure of the connection in plain words; what the error says may quote a header."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Fault):
            return cause
        if isinstance(cause, OSError) and cause.errno in {errno.EMFILE, errno.ENFILE}:
            problem, remedy = cause_of(cause)
            return Fault(f"cannot be asked: {problem}", remedy, of_service=True)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Fault(
                "its certificate cannot be verified",
                "check the clock of this machine and who answers for the service on this network",
                of_service=True,
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return Fault(
            "cannot be reached",
            "check the connection, or state a mirror with --base-url",
            passing=True,
            of_service=True,
        )
    if isinstance(error, httpx.TimeoutException):
        return Fault("fell silent", passing=True, slow=True)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | OSError):
        return Fault("the connection broke or its reply was cut short", passing=True)
    return Fault("cannot be asked: its address is not valid", "correct the base URL")


def refuse_other_than_200(response: httpx.Response, words: str) -> None:
    """Refuse a status that is no answer.

    Parameters
    ----------
    response
        As it came.
    words
        The reason that its body gives, as :func:`darkdays.archive.client.words.said` has it.

    Raises
    ------
    Fault
        For any but 200.
    """
    status = response.status_code
    if status == httpx.codes.OK:
        return
    told = f"HTTP {status}" + (f", it says {words!r}" if words else "")
    if status in _PASSING or status >= 500:
        raise Fault(
            told,
            passing=True,
            wait=retry_after(response.headers.get("retry-after", "")),
            of_service=status == httpx.codes.TOO_MANY_REQUESTS,
            status=status,
        )
    if status in {401, 403}:
        refused = told.replace(f"HTTP {status}", f"HTTP {status}, access refused", 1)
        raise Fault(refused, "check the credentials", of_service=True, status=status)
    remedy = "check what the case asks for"
    if status in {404, 410}:
        remedy = "the service has no such data there: check the window and options of the case"
    if status in _NO_ANSWER and not words:
        told += " without an answer, as firewalls reply and services do not"
        remedy = ANOTHER_WAY
    raise Fault(told, remedy, status=status)


def firewall(status: int, words: str) -> Fault:
    """Return the failure that a firewall in front of a service answered."""
    told = f"a firewall in front of it answered (HTTP {status}{f', {words!r}' if words else ''})"
    return Fault(told, ANOTHER_WAY, of_service=True, status=status)


def retry_after(text: str) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date of HTTP."""
    text = text.strip()
    if re.fullmatch(r"[0-9]+", text):
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
