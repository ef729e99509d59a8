"""IODA: the service, its envelope, and which of its entities a name means.

Contract: https://api.ioda.inetintel.cc.gatech.edu/v2/, ``GET /entities/query``. IODA numbers
regions by itself, not by ISO 3166-2, and spells them as Natural Earth does. A region that a case
names is looked up at run time among those of its country: it must be exactly one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from darkdays.archive.request import Reply, Request
from darkdays.errors import InputError
from darkdays.sources.json_reply import parse
from darkdays.sources.pages import followed, once_a_page
from darkdays.sources.places import plain, spellings
from darkdays.sources.query import Query
from darkdays.sources.services import service

SERVICE: Final = service("ioda")
AGAIN: Final = "fetch it again later, or ask for a shorter window"

_TYPES: Final = ("country", "region", "asn")
_CODES: Final = {"country": r"[A-Z]{2}", "region": r"[0-9]{1,10}", "asn": r"[0-9]{1,10}"}
# What addresses are filed under that no region could be found for.
_NO_REGIONS: Final = frozenset({"invalid region", "unknown region"})
_PAGE: Final = 2000
_MOST_PAGES: Final = 60
_CANDIDATES_SHOWN: Final = 40


@dataclass(frozen=True, order=True)
class Entity:
    """An entity as IODA knows it, and as the case calls it.

    Attributes
    ----------
    type, code
        IODA's: ``region`` and ``1846``.
    label
        The case's: ``region/Khuzestan``. The same as type and code unless it was looked up.
    name
        IODA's, empty unless it was looked up.
    """

    type: str
    code: str
    label: str
    name: str = ""


def listings(query: Query, replies: Mapping[str, Reply], types: tuple[str, ...]) -> list[Request]:
    """Return the requests for IODA's own list of entities, where the query needs it.

    Parameters
    ----------
    query
        Entities that are region names need the regions of its country; no entities at all need
        every type that the option ``entity_types`` names (``region`` unless it says otherwise).
    replies
        A page that is full leads to the next one.
    types
        Types that the datasource measures.

    Raises
    ------
    SourceError
        If a page repeats, or there is no end of them.
    """
    asked: list[Request] = []
    for kind in _listed_types(query, types):
        asked += _pages(query, kind, replies)
    return asked


def entities(query: Query, replies: Mapping[str, Reply], types: tuple[str, ...]) -> list[Entity]:
    """Return what a query is about, as far as the replies to :func:`listings` tell.

    Entities that IODA does not measure (``asn/unknown``, ``country/all``) are left out, as are
    types that the datasource does not. If none is left it is the query's country.

    Raises
    ------
    SourceError
        If a region's name fits no region of the country, or several.
    """
    found: dict[str, Entity] = {}
    if not query.entities:
        found[f"country/{query.country}"] = _of_country(query)
        for kind in _listed_types(query, types):
            for item in _items(query, kind, replies):
                label = f"{kind}/{item['code']}"
                found[label] = Entity(kind, item["code"], label, item["name"])
    for label in sorted(set(query.entities)):
        kind, _, code = label.partition("/")
        if kind not in types:
            continue
        if re.fullmatch(_CODES[kind], code):
            found[label] = Entity(kind, code, label)
        elif kind == "region" and (known := _looked_up(query, label, code, replies)) is not None:
            found[label] = known
    if not found and not listings(query, replies, types):
        found[f"country/{query.country}"] = _of_country(query)
    return sorted(found.values())


def answer_of(reply: Reply) -> list[Any]:
    """Return the list that a reply of IODA holds as ``data``.

    Raises
    ------
    SourceError
        If it is not JSON, tells of an error (which IODA does with HTTP 200 too), or has no list.
    """
    answer = parse(reply, AGAIN)
    if not isinstance(answer, dict):
        raise reply.error("the reply is not a JSON object", AGAIN)
    if answer.get("error"):
        raise reply.error(f"IODA says {shown(answer['error'], 200)!r}", AGAIN)
    if not isinstance(answer.get("data"), list):
        raise reply.error("the reply holds no list of data", AGAIN)
    data: list[Any] = answer["data"]
    return data


def shown(value: object, most: int = 40) -> str:
    """Return a value of a reply as short text; of lists and objects only what they are."""
    is_plain = value is None or isinstance(value, str | int | float)
    return str(value)[:most] if is_plain else type(value).__name__


def text_of(value: object) -> str:
    """Return a text or whole number of a reply as text, anything else as empty."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _of_country(query: Query) -> Entity:
    return Entity("country", query.country, f"country/{query.country}")


def _listed_types(query: Query, types: tuple[str, ...]) -> list[str]:
    if query.entities:
        names = [name.removeprefix("region/") for name in query.entities if name[:7] == "region/"]
        to_look_up = any(not re.fullmatch(_CODES["region"], name) for name in names)
        return ["region"] if to_look_up and "region" in types else []
    stated = query.options.get("entity_types", "region").replace(",", " ").split()
    for kind in stated:
        if kind not in _TYPES:
            raise InputError(f"IODA lists no {kind!r}; set entity_types to region, asn or both.")
    return [kind for kind in types if kind in stated and kind != "country"]


def _request(query: Query, kind: str, page: int) -> Request:
    # IODA refuses entityCode beside relatedTo. Pages count from 0, and the first needs no number:
    # should they ever count from 1, the second repeats the first, which is noticed.
    stated = [
        ("entityType", kind),
        ("relatedTo", f"country/{query.country}"),
        ("limit", str(_PAGE)),
    ]
    if page:
        stated.append(("page", str(page)))
    about = f"list of {kind}s of {query.country}" + (f", page {page}" if page else "")
    return Request(SERVICE.name, "/entities/query", tuple(stated), about=about)


def _pages(query: Query, kind: str, replies: Mapping[str, Reply]) -> list[Request]:
    return followed(
        lambda number: _request(query, kind, number),
        replies,
        _codes_of_full,
        (f"the list has no end after {_MOST_PAGES} pages", AGAIN),
        most=_MOST_PAGES,
    )


@once_a_page
def _codes_of_full(reply: Reply) -> tuple[str, ...] | None:
    """Return the codes on a page, None if it is not full and therefore the last."""
    items = answer_of(reply)
    if len(items) < _PAGE:
        return None
    return tuple(text_of(item.get("code")) for item in items if isinstance(item, dict))


def _items(query: Query, kind: str, replies: Mapping[str, Reply]) -> list[dict[str, str]]:
    """Return code and name of the entities of a type in the country, those that are places."""
    found: dict[str, dict[str, str]] = {}
    for request in _pages(query, kind, replies):
        if (reply := replies.get(request.key)) is None:
            continue
        for item in answer_of(reply):
            if not isinstance(item, dict):
                raise reply.error("an entity is not an object", AGAIN)
            code, name = (text_of(item.get(field)) for field in ("code", "name"))
            attributes = item.get("attrs")
            its_country = attributes.get("country_code") if isinstance(attributes, dict) else None
            if item.get("type", kind) != kind or (its_country or query.country) != query.country:
                continue
            if not re.fullmatch(_CODES[kind], code):
                raise reply.error(f"{code[:40]!r} is not a code of a {kind}", AGAIN)
            if plain(name) not in _NO_REGIONS:
                found[code] = {"code": code, "name": name}
    return [found[code] for code in sorted(found)]


def _looked_up(query: Query, label: str, name: str, replies: Mapping[str, Reply]) -> Entity | None:
    request = _request(query, "region", 0)
    if request.key not in replies:
        return None
    items = _items(query, "region", replies)
    wanted = spellings(query.country, name)
    fitting = [item for item in items if plain(item["name"]) in wanted]
    if len(fitting) != 1:
        those = fitting or items
        shown = ", ".join(f"{item['name']} ({item['code']})" for item in those[:_CANDIDATES_SHOWN])
        raise replies[request.key].error(
            f"{len(fitting) or 'no'} regions of {query.country} are called {name!r}",
            f"write region/ and the number of one of these: {shown or 'there are none'}",
        )
    return Entity("region", fitting[0]["code"], label, fitting[0]["name"])


def whole_of(value: object) -> int | None:
    """Return a whole number, also where it came as ``300.0``; None of anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
