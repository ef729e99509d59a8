"""Local time of a whole country: that of the first zone the time zone database lists for it.

Within a country the database lists the most populous zone first where that makes geographical
sense (https://data.iana.org/time-zones/tz-link.html, ``zone.tab``). Good for asking whether a
national order took effect on the hour; not good enough for a place within Russia.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pandas as pd

from darkdays.errors import DarkdaysError


@cache
def first_zones() -> Mapping[str, str]:
    """Return the first time zone of every country, by ISO 3166-1 alpha-2 code.

    Raises
    ------
    DarkdaysError
        If the package ``tzdata`` is not installed whole.
    """
    try:
        text = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError):
        raise DarkdaysError(
            "the list of time zones of countries is not there; install the package tzdata again."
        ) from None
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            found.setdefault(code, zone)
    return found


def local_times(times: pd.Series, countries: pd.Series) -> pd.Series:
    """Return UTC times by the clocks of their countries, without a zone.

    Parameters
    ----------
    times
        UTC, aware; may be missing.
    countries
        ISO 3166-1 alpha-2, of the same index. Where it has no zone the time is missing.
    """
    zones = first_zones()
    local = pd.Series(pd.NaT, index=times.index, dtype="datetime64[s]")
    for country in sorted(set(countries) & set(zones)):
        mine = times[countries == country]
        local.loc[mine.index] = mine.dt.tz_convert(ZoneInfo(zones[country])).dt.tz_localize(None)
    return local
