"""Rows of GDELT event exports: unzipping with a limit, the documented columns, protests.

Contract: http://data.gdeltproject.org/documentation/GDELT-Event_Codebook-V2.0.pdf and, for the
58 columns of version 1.0, GDELT-Data_Format_Codebook.pdf beside it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from darkdays.archive.request import Reply
from darkdays.files.bounded import DAMAGED_ZIP
from darkdays.files.packaged import toml_of

PROTEST: Final = b"14"

# The files have no header: the documented order of names is the only way to find a column.
COLUMNS: Final[Mapping[str, Mapping[str, int]]] = {
    version: {name: position for position, name in enumerate(names)}
    for version, names in toml_of("sources/gdelt/columns.toml").items()
}


class Protest(NamedTuple):
    """What is kept of a row: neither actors, nor article, nor anything finer than a division."""

    number: bytes
    day: date | None
    added: date | None
    division: str
    name: str
    articles: int


def protests(reply: Reply, countries: frozenset[str], largest: int) -> Iterator[Protest]:
    """Go through the rows coded as protest whose place is in a country.

    Parameters
    ----------
    reply
        A zip of one export file, or its text as it is.
    countries
        FIPS 10-4 codes.
    largest
        Most bytes the unzipped file may have.

    Raises
    ------
    SourceError
        If it is damaged, too large or has not the columns of its version of GDELT.
    """
    content = _unzipped(reply, largest)
    column = COLUMNS[reply.request.service]
    _cells(reply, content[: content.find(b"\n")] if b"\n" in content else content, len(column))
    position = 0
    # Most rows are no protests: only lines that hold the code anywhere are taken apart.
    while (found := content.find(b"\t" + PROTEST + b"\t", position)) >= 0:
        begin, end = content.rfind(b"\n", 0, found) + 1, content.find(b"\n", found)
        position = end if end >= 0 else len(content)
        cells = _cells(reply, content[begin:position], len(column))
        country = cells[column["ActionGeo_CountryCode"]].decode("utf-8", "replace")
        if cells[column["EventRootCode"]] != PROTEST or country not in countries:
            continue
        place = cells[column["ActionGeo_FullName"]].decode("utf-8", "replace")
        division = cells[column["ActionGeo_ADM1Code"]].decode("utf-8", "replace")
        if not re.fullmatch(rf"{country}[A-Z0-9]{{1,2}}", division):
            division = country
        yield Protest(
            cells[column["GLOBALEVENTID"]],
            _day(cells[column["SQLDATE"]]),
            _day(cells[column["DATEADDED"]][:8]),
            division,
            _name(place, whole=division == country),
            _count(cells[column["NumArticles"]]),
        )


def _cells(reply: Reply, line: bytes, expected: int) -> list[bytes]:
    cells = line.rstrip(b"\r").split(b"\t")
    if line and len(cells) != expected:
        raise reply.error(
            f"a row has {len(cells)} columns, not {expected}",
            "check that the file is whole and of this version of GDELT",
        )
    return cells


def _unzipped(reply: Reply, largest: int) -> bytes:
    if not reply.body.startswith(b"PK"):
        return reply.body
    try:
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            members = archive.namelist()
            if len(members) != 1:
                raise reply.error(f"the zip holds {len(members)} files, not one", "fetch it again")
            with archive.open(members[0]) as member:
                # What the zip says of its size may be a lie: only reading tells.
                content = member.read(largest + 1)
    except DAMAGED_ZIP as error:
        raise reply.error(f"the zip is damaged ({error})", "fetch it again") from None
    if len(content) > largest:
        raise reply.error(
            f"the zip unpacks to more than {largest // 2**20} MiB", "do not trust this file"
        )
    return content


def _day(text: bytes) -> date | None:
    digits = text.decode("ascii", "replace")
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _count(text: bytes) -> int:
    return int(text) if re.fullmatch(rb"[0-9]{1,9}", text) else 0


def _name(place: str, *, whole: bool) -> str:
    """Name of the division: ``Ahvaz, Khuzestan, Iran`` is in Khuzestan; never the city's."""
    parts = [part.strip() for part in place.split(",")]
    if whole:
        return parts[-1]
    return parts[-2] if len(parts) in (2, 3) else ""
