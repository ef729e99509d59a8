"""Credentials on the wire: from what a person stated to the header of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from darkdays.archive.client.config import SIGN_IN, Credentials, remedy
from darkdays.archive.client.faults import Fault
from darkdays.archive.client.http import Answer
from darkdays.archive.client.redirects import refuse_plain
from darkdays.archive.client.words import repeats
from darkdays.archive.request import Service

# Shorter passwords could occur in a reply by chance.
_TELLING = 8


@dataclass
class Access:
    """Makes authorization headers; tokens stay in memory and are never shown.

    Attributes
    ----------
    credentials
        What a person stated.
    """

    credentials: Credentials = field(repr=False)
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)

    def headers(
        self,
        service: Service,
        base_url: str,
        post: Callable[[str, Mapping[str, str]], Answer],
    ) -> dict[str, str]:
        """Return the header that a service's credential makes, signing in once if it has to.

        Parameters
        ----------
        service, base_url
            Whom the header is for and where it answers.
        post
            Sends a form to an address and returns the answer.

        Raises
        ------
        Fault
            If there is no such credential, it is refused, or would travel unencrypted.
        """
        name = service.credential
        if name is None:
            return {}
        stated = self.credentials.of(name)
        if stated is None:
            raise Fault("needs credentials", remedy(name), of_service=True)
        refuse_plain(base_url, "credentials, which are")
        if service.name not in self._tokens:
            self._tokens[service.name] = (
                _signed_in(name, base_url, stated, post) if name in SIGN_IN else stated["token"]
            )
        return {"Authorization": f"Bearer {self._tokens[service.name]}"}

    def secrets(self, service: Service) -> list[str]:
        """Return all that must not be repeated of a service's credential."""
        stated = self.credentials.of(service.credential or "") or {}
        return [one for one in (*stated.values(), self._tokens.get(service.name, "")) if one]

    def refuse_echo(self, service: Service, *texts: str, body: bytes) -> None:
        """Refuse a reply that repeats a secret: it would end up in the snapshot.

        Raises
        ------
        Fault
            If it does.
        """
        for secret in self.secrets(service):
            told = [body, *(text.encode() for text in texts)]
            if len(secret) >= _TELLING and any(repeats(one, secret) for one in told):
                raise Fault(
                    "its reply repeats the credential and is not kept",
                    "check who answers at its base URL, and renew the credential",
                    of_service=True,
                )


def _signed_in(
    name: str,
    base_url: str,
    stated: Mapping[str, str],
    post: Callable[[str, Mapping[str, str]], Answer],
) -> str:
    """Exchange a password for a token."""
    form = {"grant_type": "password", "client_id": name, "scope": "authenticated", **stated}
    try:
        answer = post(base_url.removesuffix("/api") + SIGN_IN[name], form)
        token = json.loads(answer.body)["access_token"]
    except Fault as fault:
        todo = fault.remedy if fault.of_service and "HTTP" not in fault.problem else remedy(name)
        raise Fault(f"sign-in failed, {fault.problem}", todo, of_service=True) from None
    except (ValueError, TypeError, KeyError, RecursionError):
        token = None
    if not (isinstance(token, str) and token.isascii() and token.isprintable() and token.strip()):
        raise Fault("sign-in brought no token", remedy(name), of_service=True)
    return token
