"""One question to one host over HTTP: limits, redirects, and what counts as an answer."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from darkdays.archive.client import body_limits, redirects, words
from darkdays.archive.client.faults import (
    Fault,
    Stopped,
    fault_of,
    firewall,
    refuse_other_than_200,
)
from darkdays.archive.client.retry import DEFAULT_LIMITS, Limits
from darkdays.archive.request import Absence

AGENT: Final = f"darkdays/{version('darkdays')} (reproducible research on internet shutdowns)"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
# What a service says of its own failure is short.
_LONGEST_EXCUSE: Final = 2**16

# The libraries below write headers and addresses, signed ones too, into any log that is on.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Answer:
    """What came back as an answer.

    Attributes
    ----------
    url
        Where from, after redirects; without their query, which may be signed.
    headers
        All of them, names in lower case.
    body
        Transport compression undone.
    status
        200, or that of an absence.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int = 200


class Line:
    """A connection to the host of one base URL, for one request at a time.

    Parameters
    ----------
    base_url
        Its scheme, host and port are contacted, and no others but declared stores.
    limits
        See :class:`~darkdays.archive.client.retry.Limits`.
    stores
        Hosts its downloads may be handed on to, see :class:`~darkdays.archive.request.Service`.
    is_stated
        Whether a person stated the base URL: then it may be inside a private network. The
        service's own may not, whatever a resolver says.
    """

    def __init__(
        self,
        base_url: str,
        limits: Limits = DEFAULT_LIMITS,
        stores: Iterable[str] = (),
        *,
        is_stated: bool = True,
    ) -> None:
        self.origin = urlsplit(base_url)
        self.contacted: set[str] = set()
        self._limits = limits
        self._stores = tuple(stores)
        # An address of this machine is no name that a resolver could turn around.
        self._is_stated = is_stated or self.origin.hostname in redirects.LOOPBACK
        self._socket: socket.socket | None = None
        self._peer = ""
        self._is_late = False
        self._is_stopped = False
        self._client = httpx.Client(
            headers={"User-Agent": AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"},
            timeout=limits.silence,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            follow_redirects=False,
            # A proxy of the environment leads out of this machine, never back into it.
            trust_env=self.origin.hostname not in redirects.LOOPBACK,
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
        absences: Iterable[Absence] = (),
        secrets: Iterable[str] = (),
    ) -> Answer:
        """Ask once, following redirects within the host; with ``form``, by POST and without.

        What a refusal says is told, without the ``secrets``.

        Raises
        ------
        Fault
            Whatever else than a whole, plausible reply, or a stated absence, comes back.
        Stopped
            After :meth:`stop`.
        """
        asked = url
        for _ in range(1 + _MOST_REDIRECTS):
            is_own = redirects.is_own(self.origin, urlsplit(url))
            if not is_own and url == asked:
                raise Fault("the request leads to another host", "correct the base URL")
            # Credentials are for the service alone, never for where its downloads lie.
            sent = (headers or {}) if is_own else {}
            response, body = self._exchange(url, largest, sent, form)
            if response.status_code not in _REDIRECTS or form is not None:
                shown = url if url == asked else url.partition("?")[0]
                status = response.status_code
                if not any(one.status == status and one.words in body for one in absences):
                    is_excuse = status != httpx.codes.OK or words.of_failure(body)
                    is_excuse = is_excuse or body_limits.is_page(body)
                    told = words.said(body, secrets) if is_excuse else ""
                    if words.of_firewall(response.headers, body):
                        raise firewall(status, words.said(body, secrets))
                    refuse_other_than_200(response, told)
                    body_limits.refuse_implausible(response, body, told)
                    if is_excuse:
                        raise Fault(
                            "came back as a failure"
                            + (f", it says {told!r}" if told else ", without a reason"),
                            "check what the case asks for and the credentials, or try again later",
                            status=status,
                        )
                return Answer(shown, dict(response.headers), body, status)
            location = response.headers.get("location", "")
            url = redirects.target_of(self.origin, url, location, self._stores)
        raise Fault(
            f"was redirected more than {_MOST_REDIRECTS} times",
            "try again later or state another base URL",
        )

    def _exchange(
        self,
        url: str,
        largest: int,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
    ) -> tuple[httpx.Response, bytes]:
        self._is_late = False
        timer = threading.Timer(self._limits.total, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            if self._is_stopped:
                raise Stopped
            self.contacted.add(urlsplit(url).netloc)
            with self._client.stream(
                "GET" if form is None else "POST",
                url,
                headers=dict(headers),
                data=None if form is None else dict(form),
                extensions={"trace": self._trace},
            ) as response:
                if response.status_code == httpx.codes.OK:
                    return response, body_limits.read(response, largest)
                if response.status_code in _REDIRECTS:
                    return response, b""
                return response, body_limits.beginning(response, _LONGEST_EXCUSE)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            if self._is_stopped:
                raise Stopped from None
            if self._is_late:
                raise Fault(
                    f"did not finish within {self._limits.total:g} s",
                    "try again when the service is faster, or state a mirror as base URL",
                    slow=True,
                ) from None
            raise fault_of(error) from None
        finally:
            timer.cancel()

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        # Timeouts of the library start anew with every byte: against a drip only cutting the
        # connection from outside helps, and for that its socket has to be known.
        if name.endswith("connect_tcp.started"):
            self._peer = str(info["host"])
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            stream = info["return_value"]
            self._socket = stream.get_extra_info("socket")
            if name.endswith("connect_tcp.complete"):
                self._refuse_private(stream)
            if self._is_late or self._is_stopped:
                self._hang_up()

    def _refuse_private(self, stream: Any) -> None:
        """Refuse a host inside a private network that nobody stated, before anything is sent.

        Where a proxy is connected to, it is the proxy that looks up and reaches the host.
        """
        is_origin = self._peer == self.origin.hostname
        is_store = any(
            self._peer.endswith(one) if one.startswith(".") else self._peer == one
            for one in self._stores
        )
        if (is_origin and not self._is_stated) or (is_store and not is_origin):
            address = stream.get_extra_info("server_addr")
            if not redirects.is_public(str(address[0]) if address else ""):
                stream.close()
                how = "is at" if is_origin else "was redirected to"
                raise Fault(
                    f"{how} {self._peer[:80]}, which leads into a private network",
                    "check who answers for it on this network, or state the file with --file"
                    + (", or a mirror of your own with --base-url" if is_origin else ""),
                    of_service=is_origin,
                )

    def _give_up(self) -> None:
        self._is_late = True
        self._hang_up()

    def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
