"""A starting case file for any country: valid as it stands, with comments on what to change."""

from __future__ import annotations

import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from darkdays.case import case as cases
from darkdays.case.parts import nearest
from darkdays.case.sources import YEARS
from darkdays.contracts.moments import utc_of_local
from darkdays.errors import InputError
from darkdays.files import paths, writing
from darkdays.files.terminal import plain
from darkdays.labels.zones import first_zones
from darkdays.sources import countries, places
from darkdays.sources.mlab import mlab

_LONGEST: Final = 100
_REGION: Final = r"\w[\w .'-]*"
_GDELT_BEGINS: Final = date(2013, 4, 1)
# What YAML wants written as an escape (https://yaml.org/spec/1.2.2/#51-character-set).
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _edges(first: date, last: date, time_zone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First moment of the first local day, and first after the last (UTC)."""
    after = pd.Timestamp(last) + pd.Timedelta(days=1)
    return utc_of_local(pd.Timestamp(first), time_zone), utc_of_local(after, time_zone)


def write(
    country: str,
    title: str,
    *,
    start: str,
    end: str,
    regions: Sequence[str] = (),
    name: str | None = None,
    time_zone: str | None = None,
    folder: Path = Path(),
) -> Path:
    """Write a starting case file, and return where it is.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2 code, or a name.
    title
        Of the study; the name of the file is made from it.
    start, end
        First and last day of the window, ISO 8601, by the clock of the place.
    regions
        Provinces to study. Where the table of places knows the country's provinces, in any
        spelling; elsewhere as IODA calls them.
    name
        Of the file, without ``.yaml``.
    time_zone
        Of the place; that which the time zone database lists first for the country if not given.
    folder
        Where to write it.

    Raises
    ------
    InputError
        If a country, region, day or time zone is not known, or the file is there already.
    """
    code, words, slug = _code(country), _title(title), _slug(title, name)
    first, last = _window(start, end)
    zone = _zone(code, time_zone)
    studied = tuple(dict.fromkeys(_region(code, one) for one in regions))
    path = folder / f"{slug}.yaml"
    if path.exists():
        raise InputError(f"{path} is there already; choose another --name, or remove it.")
    schema = Path(os.path.relpath(paths.cases() / "case.schema.json", folder)).as_posix()
    text = _text(slug, words, code, zone, first, last, studied, schema)
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / path.name
        writing.write_text(trial, text)
        cases.load(trial)
    writing.write_text(path, text)
    return path


def _code(country: str) -> str:
    code = countries.code_of(country) or countries.code_of(country.upper())
    if code is None:
        raise InputError(
            f"no country is called {country!r}{nearest(country, countries.NAMES.values())} "
            "Give its ISO 3166-1 code, such as BY, or its usual name in English."
        )
    return code


def _title(title: str) -> str:
    if not title.strip():
        raise InputError('the title is empty; give one such as "Belarus, August 2020".')
    words = " ".join(title.split())
    if plain(words) != words:
        raise InputError("the title holds a control character; leave it out.")
    return words


def _slug(title: str, name: str | None) -> str:
    """Return the name of the file: the one that was given, or one made of the title."""
    decomposed = unicodedata.normalize("NFKD", title)
    letters = "".join(one for one in decomposed if not unicodedata.combining(one)).casefold()
    slug = "-".join(re.findall(r"[a-z0-9]+", letters)) if name is None else name
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug):
        raise InputError(
            f"{slug!r} is no name for a case; give one of lower-case letters, digits and dashes "
            "with --name."
        )
    if len(slug) > _LONGEST:
        raise InputError(
            f"the name {slug[:40]!r}… is longer than {_LONGEST} letters; give a shorter --name."
        )
    return slug


def _window(start: str, end: str) -> tuple[date, date]:
    first, last = _day("--start", start), _day("--end", end)
    if last < first:
        raise InputError(f"the window ends on {last}, before it starts on {first}; swap them.")
    return first, last


def _zone(code: str, time_zone: str | None) -> str:
    zone = time_zone or first_zones().get(code, "")
    if not zone:
        raise InputError(
            f"the time zone database lists none for {countries.NAMES[code]}; give one with "
            "--time-zone, such as Europe/Belgrade."
        )
    if zone not in available_timezones():
        raise InputError(f"unknown time zone {zone!r}{nearest(zone, available_timezones())}")
    return zone


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise InputError(f"{option} {text[:40]!r} is no day; write it as 2020-08-01.")
    return day


def _region(code: str, name: str) -> str:
    """Return the name of a province as the table of places has it."""
    known = _provinces(code)
    place = places.find(code, name)
    if place:
        return places.code_of(place, "name").code
    if known:
        raise InputError(
            f"{countries.NAMES[code]} has no province {name!r}{nearest(name, known)} "
            f"Its provinces are {', '.join(known)}."
        )
    found = name.strip()
    if not re.fullmatch(_REGION, found):
        raise InputError(
            f"{found[:80]!r} is no name of a region; letters, digits, spaces, dots, hyphens and "
            "apostrophes will do, as in Sistan and Baluchestan."
        )
    return found


def _provinces(code: str) -> list[str]:
    return [places.code_of(place, "name").code for place in places.places(code)]


def _text(
    name: str,
    title: str,
    code: str,
    time_zone: str,
    first: date,
    last: date,
    regions: tuple[str, ...],
    schema: str,
) -> str:
    start, end = _edges(first, last, time_zone)
    engine = Environment(
        loader=PackageLoader("darkdays.case", ""), undefined=StrictUndefined,
        keep_trailing_newline=True, autoescape=False,  # noqa: S701 - YAML, and what a person wrote is quoted
    )  # fmt: skip
    engine.filters["quoted"] = _quoted
    return engine.get_template("new_case.yaml.j2").render(
        name=name,
        schema=schema,
        title=title,
        about=regions[0] if regions else countries.NAMES[code],
        first=first,
        last=last,
        start=f"{start:%Y-%m-%dT%H:%MZ}",
        end=f"{end:%Y-%m-%dT%H:%MZ}",
        code=code,
        country=countries.NAMES[code],
        time_zone=time_zone,
        regions=regions,
        others=[name for name in _provinces(code) if name not in regions],
        # Speeds of provinces need their codes: those are for a person to add.
        mlab=start >= mlab.FIRST_DAY and end <= mlab.LAST_DAY and not regions,
        gdelt=first >= _GDELT_BEGINS,
        origin="to be written: who says so, when and where",
        entity=f"region/{regions[0]}" if regions else f"country/{code}",
    )


def _quoted(text: str) -> str:
    """Return text as YAML reads it back, whatever is in it."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
