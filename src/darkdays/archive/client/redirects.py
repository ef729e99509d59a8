"""Where a redirect may lead: the host that was asked, or a store its service declares."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from darkdays.archive.client.faults import Fault

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_PORTS: Final = {"http": 80, "https": 443}


def port_of(parts: SplitResult) -> int:
    """Return the port of an address, the usual one of its scheme if it names none."""
    return parts.port or _PORTS.get(parts.scheme, 0)


def is_own(origin: SplitResult, other: SplitResult) -> bool:
    """Whether an address is of the host, port and scheme that are asked.

    The same host may move from http to https, at their usual ports, never back.
    """
    try:
        same = (other.hostname, port_of(other)) == (origin.hostname, port_of(origin))
        moved = (
            (origin.scheme, other.scheme) == ("http", "https")
            and other.hostname == origin.hostname
            and (port_of(origin), port_of(other)) == (80, 443)
        )
    except ValueError:
        return False
    plain = other.username is None and other.password is None
    return plain and (moved or (same and other.scheme == origin.scheme))


def is_store(other: SplitResult, stores: Iterable[str]) -> bool:
    """Whether an address is of a declared store: HTTPS at its usual port, a name, no password.

    Parameters
    ----------
    other
        The address.
    stores
        Names of hosts; one that begins with a dot stands for every host whose name ends so.
    """
    try:
        usual = other.scheme == "https" and port_of(other) == 443
    except ValueError:
        return False
    host = (other.hostname or "").rstrip(".")
    if not usual or other.username is not None or other.password is not None:
        return False
    return any(host.endswith(one) if one.startswith(".") else host == one for one in stores)


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet: no private, local or reserved one.

    An address of IPv6 that stands for one of IPv4 (mapped, NAT64, 6to4, Teredo) is what that is.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside: list[ipaddress.IPv4Address | ipaddress.IPv6Address | None] = []
    if isinstance(found, ipaddress.IPv6Address):
        inside = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _NAT64:
            inside.append(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF))
    meant = [one for one in inside if one is not None] or [found]
    return all(one.is_global and not one.is_multicast for one in meant)


def refuse_plain(base_url: str, secret: str) -> None:
    """Refuse an address that a secret would be sent to without encryption, other than this machine.

    Raises
    ------
    Fault
        If it is one.
    """
    parts = urlsplit(base_url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        problem = f"needs {secret} not sent without encryption"
        raise Fault(problem, "state a base URL that begins with https", of_service=True)


def target_of(origin: SplitResult, url: str, location: str, stores: Iterable[str]) -> str:
    """Return the address a redirect leads to.

    Parameters
    ----------
    origin
        The host that is asked.
    url
        What was asked.
    location
        The header that names the target.
    stores
        See :func:`is_store`.

    Raises
    ------
    Fault
        If it names no address, or one of another host than these.
    """
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
    if not is_own(origin, parts) and not is_store(parts, stores):
        place = host if host != origin.hostname else f"another port or scheme of {host}"
        raise Fault(
            f"was redirected to {place[:80]}, which is not contacted unasked",
            "download it with a browser and state the file with --file, or state another base URL",
        )
    return target
