"""What can go wrong on the wire, in plain words: never a header, a body or an address."""

from __future__ import annotations

import ssl

import httpx


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


def fault_of(error: Exception) -> Fault:
    """Return a failure of the connection in plain words; what the error says may quote a header."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Fault):
            return cause
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
