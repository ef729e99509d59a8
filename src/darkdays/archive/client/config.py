"""What a person states about services: addresses, files in place of downloads, credentials."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from darkdays.archive.client.local_files import StandIn, stand_in_of
from darkdays.archive.request import Service
from darkdays.errors import InputError
from darkdays.files import bounded, paths
from darkdays.files.system_errors import cannot

_LARGEST: Final = 2**20
# What each credential consists of: the environment variable of every part.
PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "cloudflare": {"token": "DARKDAYS_CLOUDFLARE_TOKEN"},
    "acled": {"username": "DARKDAYS_ACLED_USERNAME", "password": "DARKDAYS_ACLED_PASSWORD"},
}
# The one credential that is exchanged for a token, and where, below the base URL.
SIGN_IN: Final = {"acled": "/oauth/token"}


@dataclass(frozen=True)
class Credentials:
    """Secrets of a person, by credential and part; they are never shown, not even by repr."""

    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def of(self, name: str) -> Mapping[str, str] | None:
        """Return the parts of a credential, None if one of them is missing."""
        stated = self.parts.get(name, {})
        return stated if set(stated) == set(PARTS.get(name, ())) and stated else None


def config_folder() -> Path:
    """Return where settings live: ``$XDG_CONFIG_HOME/darkdays``, or below ``~/.config``."""
    stated = os.environ.get("XDG_CONFIG_HOME", "")
    # The XDG specification says to ignore a relative path.
    try:
        base = Path(stated) if Path(stated).is_absolute() else Path.home() / ".config"
    except RuntimeError:  # a user whom this system does not know, without HOME
        base = Path("/nonexistent")
    return base / "darkdays"


def remedy(name: str) -> str:
    """Return what to do when a credential is missing or refused."""
    variables, parts = " and ".join(PARTS[name].values()), " and ".join(PARTS[name])
    return (
        f"set {variables}, or write {parts} below [{name}] in credentials.toml, "
        "in the darkdays folder of your settings"
    )


def base_urls_from(
    stated: Iterable[str], services: Mapping[str, Service], config: Path | None = None
) -> dict[str, str]:
    """Return where services answer instead of at their own address.

    Parameters
    ----------
    stated
        ``NAME=URL`` texts; they win over the file.
    services
        Those of the case, by name. An address of another service in the file is not for this
        case and left out; one among ``stated`` is an error.
    config
        TOML file with a ``base_urls`` table; ``config.toml`` in :func:`config_folder` if None.

    Raises
    ------
    InputError
        If a text, name, address or the file cannot be used.
    """
    path = config or config_folder() / "config.toml"
    table = _toml(path).get("base_urls", {})
    if not isinstance(table, dict):
        raise InputError(f"base_urls in {path} is no table: write [base_urls] and NAME = 'URL'.")
    found = {name: _address(name, url) for name, url in table.items() if name in services}
    twice: set[str] = set()
    for name, url in _pairs(stated, "base-url", "URL", services):
        if name in twice:
            raise InputError(f"--base-url states {name} twice; keep one of them.")
        twice.add(name)
        found[name] = _address(name, url)
    return found


def files_from(stated: Iterable[str], services: Mapping[str, Service]) -> dict[str, StandIn]:
    """Return local files that stand in for the downloads of services.

    Parameters
    ----------
    stated
        ``NAME=PATH`` texts, several of one name allowed: see
        :func:`~darkdays.archive.client.local_files.stand_in_of`.
    services
        Those of the case, by name.

    Raises
    ------
    InputError
        If a text or name cannot be used or there is no such file.
    """
    found: dict[str, list[Path]] = {}
    for name, text in _pairs(stated, "file", "PATH", services):
        found.setdefault(name, []).append(_expanded(text))
    return {name: stand_in_of(name, given) for name, given in found.items()}


def credentials_from(
    services: Mapping[str, Service],
    environment: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> Credentials:
    """Return the credentials that services need, as far as a person has them.

    Parameters
    ----------
    services
        By name; credentials of others are not read.
    environment
        Variables, which win over the file; those of the process if None.
    path
        TOML file with a table a credential; ``credentials.toml`` in :func:`config_folder` if None.

    Raises
    ------
    InputError
        If the file lies inside the checkout, from where it could be published, or it or a
        credential in it cannot be used.
    """
    wanted = {one.credential for one in services.values() if one.credential}
    if not wanted:
        return Credentials()
    variables = os.environ if environment is None else environment
    path = path or config_folder() / "credentials.toml"
    table = _toml(path) if _is_outside(path) else {}
    found: dict[str, dict[str, str]] = {}
    for name in sorted(wanted & PARTS.keys()):
        below = table.get(name, {})
        for part, variable in PARTS[name].items():
            stated = below.get(part) if isinstance(below, dict) else None
            secret = variables.get(variable) or stated
            if secret:
                found.setdefault(name, {})[part] = _secret(secret, name, part)
    return Credentials(found)


def _is_outside(path: Path) -> bool:
    """Whether there is a file of credentials; one inside the checkout is refused."""
    if not path.exists():
        return False
    try:
        checkout = bounded.real(paths.root())
    except InputError:
        return True
    # Where the file is said to be counts as well as where a link leads to.
    if any(place.is_relative_to(checkout) for place in (path.absolute(), bounded.real(path))):
        raise InputError(
            f"credentials are in {path}, inside the project, from where they could be published; "
            "move the file to another folder."
        )
    return True


def _secret(secret: Any, name: str, part: str) -> str:
    # A token travels in a header, where these would end it; the secret itself is never shown.
    limited = part == "token"
    printable = isinstance(secret, str) and secret.isprintable()
    if not printable or (limited and not (secret.isascii() and " " not in secret)):
        raise InputError(
            f"the {part} for {name} is no plain text in one line; {remedy(name)}, without quotes, "
            "spaces or line ends around it."
        )
    return str(secret)


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # nobody of that name has a home
        return Path(text)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(bounded.text_of(path, _LARGEST))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise cannot("read", path, error, kind=InputError) from None
    except (ValueError, RecursionError):
        # What the parser says could quote a secret.
        raise InputError(f"{path} is no TOML file; see toml.io for how to write one.") from None


def _pairs(
    stated: Iterable[str], option: str, what: str, services: Mapping[str, Service]
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for text in stated:
        name, separator, value = text.partition("=")
        if not separator or not name or not value:
            raise InputError(f"--{option} {text}: write it as NAME={what}, as in ooni={what}.")
        if name not in services:
            near = difflib.get_close_matches(name, services, n=1)
            hint = (
                f"did you mean {near[0]}?" if near else f"it asks {', '.join(services) or 'none'}."
            )
            raise InputError(f"--{option} {name}=…: this case asks no service {name}; {hint}")
        found.append((name, value))
    return found


def _address(name: str, url: Any) -> str:
    problem = ""
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        problem = "is no address; write one such as http://127.0.0.1:8080/api"
    elif parts.username is not None or parts.password is not None:
        # The address goes into the snapshot: it must not be repeated here either.
        raise InputError(f"the base URL of {name} holds a password; leave user and password out.")
    elif parts.query or parts.fragment or "?" in url or "#" in url:
        problem = "must end before any ? or #"
    if problem:
        raise InputError(f"the base URL of {name}, {url!r}, {problem}.")
    return str(url).rstrip("/")
