"""The services that are asked, and the columns of what is read: services.toml, columns.toml.

Of a service it stands there where it is, and on what terms.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Final

from darkdays.archive.request import Absence, Service
from darkdays.files.packaged import toml_of

_services: Final = cache(partial(toml_of, "sources/services.toml"))
_columns: Final = cache(partial(toml_of, "sources/columns.toml"))


def service(name: str) -> Service:
    """Return the service that is called so."""
    stated = dict(_services()[name])
    absences, too_much = (
        tuple(Absence(one[0], *map(str.encode, one[1:])) for one in stated.pop(key, ()))
        for key in ("absent", "too_much")
    )
    stores = tuple(stated.pop("stores", ()))
    largest = stated.pop("largest_mib", 256) * 2**20
    stated |= {"absences": absences, "too_much": too_much, "stores": stores}
    return Service(name, **stated, largest=largest)


def open_services() -> list[str]:
    """Return the services whose terms let replies be passed on."""
    return [name for name, stated in _services().items() if stated["redistributable"]]


def columns_of(name: str) -> tuple[str, ...]:
    """Return the columns of a table that is read, by the name of its source."""
    return tuple(_columns()[name])
