"""What a case wants of a source, without the case: window, country, entities, options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Query:
    """One datasource over one window.

    Attributes
    ----------
    datasource
        For signals, its name, such as those of :data:`darkdays.contracts.datasources.DATASOURCES`;
        for events and tables, the source.
    start, end
        Window ``[start, end)``, aware, UTC.
    country
        ISO 3166-1 alpha-2, upper case.
    entities
        Wanted entities in IODA's form: ``country/IR``, ``asn/44244``, ``region/<id>``, or
        ``region/<name>`` where the id has to be looked up at run time.
    options
        Whatever else the case states for this source.
    time_zone
        Of the place, an IANA name; empty if it is not known.
    """

    datasource: str
    start: pd.Timestamp
    end: pd.Timestamp
    country: str
    entities: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = ""
