"""One question to one host over HTTP: limits, redirects, transport compression, retries."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

AGENT: Final = f"darkdays/{version('darkdays')} (reproducible research on internet shutdowns)"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_PASSING: Final = frozenset({408, 429})
_PIECE: Final = 2**16
_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Limits:
    """How long to wait and how often to try; all times in seconds.

    Attributes
    ----------
    silence
        Longest without a byte, and longest to connect.
    total
        Longest for one try of one reply, however steadily it drips.
    tries
        Most, the first included.
    first_wait, longest_wait
        Of the exponential back-off between tries; jitter makes it 0.5 to 1.5 times as long.
    longest_asked_wait
        Longest that a service's ``Retry-After`` is waited for.
    """

    silence: float = 60.0
    total: float = 900.0
    tries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0
    longest_asked_wait: float = 300.0


DEFAULT_LIMITS: Final = Limits()


class Fault(Exception):  # noqa: N818 - caught here, never shown as an error
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
    """

    def __init__(
        self,
        problem: str,
        remedy: str = "try again later",
        *,
        passing: bool = False,
        wait: float | None = None,
        of_service: bool = False,
        tried: bool = False,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.passing = passing
        self.wait = wait
        self.of_service = of_service
        self.tried = tried


class Stopped(Exception):  # noqa: N818
    """The person, or another thread's failure, ended the fetch."""


@dataclass(frozen=True)
class Answer:
    """What came back with status 200.

    Attributes
    ----------
    url
        Where from, after redirects; without their query, which may be signed.
    headers
        All of them, names in lower case.
    body
        Transport compression undone.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes


class Line:
    """A connection to the host of one base URL, for one request at a time.

    Parameters
    ----------
    base_url
        Its scheme, host and port are all that is ever contacted.
    limits
        See :class:`Limits`.
    """

    def __init__(self, base_url: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self.origin = urlsplit(base_url)
        self.contacted = False
        self._limits = limits
        self._socket: socket.socket | None = None
        self._is_late = False
        self._is_stopped = False
        self._client = httpx.Client(
            headers={"User-Agent": AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"},
            timeout=limits.silence,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            follow_redirects=False,
            # A proxy of the environment leads out of this machine, never back into it.
            trust_env=self.origin.hostname not in LOOPBACK,
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def stop(self) -> None:
        """End the request under way, from another thread, and refuse further ones."""
        self._is_stopped = True
        self._hang_up()

    def ask(
        self,
        url: str,
        *,
        largest: int,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask once, following redirects within the host; with ``form``, by POST and without.

        Raises
        ------
        Fault
            Whatever else than a whole, plausible reply comes back.
        Stopped
            After :meth:`stop`.
        """
        asked = url
        for _ in range(1 + _MOST_REDIRECTS):
            if not self._is_own(urlsplit(url)):
                raise Fault("the request leads to another host", "correct the base URL")
            response, body = self._exchange(url, largest, headers or {}, form)
            if response.status_code not in _REDIRECTS or form is not None:
                _refuse_other_than_200(response)
                _refuse_implausible(response, body)
                shown = url if url == asked else url.partition("?")[0]
                return Answer(shown, dict(response.headers), body)
            url = self._redirected(url, response.headers.get("location", ""))
        raise Fault(
            f"was redirected more than {_MOST_REDIRECTS} times",
            "try again later or state another base URL",
        )

    def _exchange(
        self, url: str, largest: int, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> tuple[httpx.Response, bytes]:
        self._is_late = False
        timer = threading.Timer(self._limits.total, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            if self._is_stopped:
                raise Stopped
            self.contacted = True
            with self._client.stream(
                "GET" if form is None else "POST",
                url,
                headers=dict(headers),
                data=None if form is None else dict(form),
                extensions={"trace": self._trace},
            ) as response:
                is_wanted = response.status_code == httpx.codes.OK
                return response, _read(response, largest) if is_wanted else b""
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            if self._is_stopped:
                raise Stopped from None
            if self._is_late:
                raise Fault(
                    f"did not finish within {self._limits.total:g} s",
                    "try again when the service is faster, or state a mirror as base URL",
                ) from None
            # What the error says may quote a header.
            raise _fault_of(error) from None
        finally:
            timer.cancel()

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        # Timeouts of the library start anew with every byte: against a drip only cutting the
        # connection from outside helps, and for that its socket has to be known.
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._is_late or self._is_stopped:
                self._hang_up()

    def _give_up(self) -> None:
        self._is_late = True
        self._hang_up()

    def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _is_own(self, other: SplitResult) -> bool:
        try:
            same = (other.hostname, _port(other)) == (self.origin.hostname, _port(self.origin))
            # The same host may move from http to https, at their usual ports, never back.
            moved = (
                (self.origin.scheme, other.scheme) == ("http", "https")
                and other.hostname == self.origin.hostname
                and (_port(self.origin), _port(other)) == (80, 443)
            )
        except ValueError:
            return False
        plain = other.username is None and other.password is None
        return plain and (moved or (same and other.scheme == self.origin.scheme))

    def _redirected(self, url: str, location: str) -> str:
        try:
            target = urljoin(url, location).partition("#")[0]
            parts = urlsplit(target)
            stated = urlsplit(location)
            # A scheme without a host would be read as the address that was asked.
            host = None if stated.scheme and not stated.netloc else parts.hostname
        except ValueError:
            host = None
        if not location or not host:
            raise Fault("was redirected to no address", passing=True)
        if not self._is_own(parts):
            place = host if host != self.origin.hostname else f"another port or scheme of {host}"
            raise Fault(
                f"was redirected to {place[:80]}, which is not contacted unasked",
                "download it with a browser and state the file with --file, or state another "
                "base URL",
            )
        return target


def ask_patiently(
    line: Line,
    url: str,
    *,
    limits: Limits,
    sleep: Callable[[float], object],
    rng: random.Random,
    tell: Callable[[str], None],
    **how: Any,
) -> Answer:
    """Ask, and ask again while what goes wrong may pass.

    Parameters
    ----------
    line, url, how
        What :meth:`Line.ask` takes.
    limits
        Of tries and waits.
    sleep
        Waits for so many seconds.
    rng
        Of the jitter.
    tell
        Is told why there is a wait.

    Raises
    ------
    Fault
        The last one, or the first that will not pass.
    """
    for number in range(1, limits.tries + 1):
        try:
            return line.ask(url, **how)
        except Fault as fault:
            if not fault.passing:
                raise
            if number == limits.tries:
                problem = f"{fault.problem}, in each of {number} tries"
                of_service = fault.of_service
                raise Fault(problem, fault.remedy, of_service=of_service, tried=True) from None
            wait = min(limits.longest_wait, limits.first_wait * 2 ** (number - 1))
            wait *= 0.5 + rng.random()
            asked = min(fault.wait or 0.0, limits.longest_asked_wait)
            tell(f"{fault.problem}; again in {max(wait, asked):.0f} s")
            sleep(max(wait, asked))
    raise AssertionError("unreachable: the last try returns or raises")


def _read(response: httpx.Response, largest: int) -> bytes:
    """Return the body, transport compression undone, never more than ``largest`` bytes of it."""
    too_large = Fault(
        f"is larger than {largest / 2**20:.3g} MiB, the most that is read of this service",
        "ask for a shorter window",
    )
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip", ""}:
        raise Fault("came back in a compression that was not asked for", passing=True)
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared[:18]) > largest:
        raise too_large
    body = bytearray()
    received = 0
    inflater = zlib.decompressobj(wbits=31) if "gzip" in coding else None
    for piece in response.iter_raw(_PIECE):
        # Counted before decompression too: empty members can go on for ever.
        received += len(piece)
        if received > largest + _PIECE:
            raise too_large
        if inflater is None:
            body += piece
        else:
            inflater = _inflate(inflater, piece, body, largest)
        if len(body) > largest:
            raise too_large
    if inflater is not None and received and not inflater.eof:
        raise Fault("was cut short", passing=True)
    return bytes(body)


def _inflate(inflater: Any, piece: bytes, body: bytearray, largest: int) -> Any:
    """Append what a piece decompresses to, one byte over the limit at most."""
    try:
        while piece and len(body) <= largest:
            if inflater.eof:  # another member, or zeros that pad to a block
                piece = piece.lstrip(b"\0")
                if not piece:
                    break
                inflater = zlib.decompressobj(wbits=31)
            body += inflater.decompress(piece, largest + 1 - len(body))
            piece = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    except zlib.error:
        raise Fault("came back with damaged compression", passing=True) from None
    return inflater


def _refuse_other_than_200(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status in _PASSING or status >= 500:
        raise Fault(
            f"HTTP {status}",
            passing=True,
            wait=_retry_after(response.headers.get("retry-after", "")),
            of_service=status == httpx.codes.TOO_MANY_REQUESTS,
        )
    if status in {401, 403}:
        raise Fault(f"HTTP {status}, access refused", "check the credentials", of_service=True)
    remedy = "check what the case asks for"
    if status in {404, 410}:
        remedy = "the service has no such data there: check the window and options of the case"
    raise Fault(f"HTTP {status}", remedy)


def _refuse_implausible(response: httpx.Response, body: bytes) -> None:
    """Refuse what no service means as an answer, whatever its status says."""
    if not body.strip():
        raise Fault("came back empty", passing=True)
    if _PAGE.match(body):
        raise Fault("came back as a web page instead of data", passing=True)
    kind = response.headers.get("content-type", "").lower()
    if "json" in kind and body.lstrip()[:1] in b"{[" and body.rstrip()[-1:] not in b"}]":
        raise Fault("was cut short", passing=True)
    # The directory of a zip file is at its end, before a comment of at most 64 KiB.
    if body.startswith(b"PK\3\4") and b"PK\5\6" not in body[-(2**16 + 22) :]:
        raise Fault("was cut short", passing=True)


def is_page(body: bytes) -> bool:
    """Whether a body is a web page, which no service answers with."""
    return _PAGE.match(body) is not None


def _retry_after(text: str) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date of HTTP."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _fault_of(error: Exception) -> Fault:
    """Return a failure of the connection in plain words."""
    cause: BaseException | None = error
    while cause is not None:
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
        return Fault("fell silent", passing=True)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | OSError):
        return Fault("the connection broke or its reply was cut short", passing=True)
    return Fault("cannot be asked: its address is not valid", "correct the base URL")


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)
