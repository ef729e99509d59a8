"""Every datasource this version can read: what a value counts, and what an outage does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Datasource:
    """How something is measured: name, what a value counts, and its usual step.

    Attributes
    ----------
    outage
        What an outage does to it: ``"fall"``; ``"rise"``, towards a ``ceiling`` at which nothing
        gets through; or ``"none"``, if going up or down says nothing of whether it is up.
    least_depth
        Share of the normal level that it has to lose, for it is too coarse to tell less from
        nothing.
    additive
        Whether season and noise add to its level; those of counts are a share of it.
    """

    name: str
    title: str
    unit: str
    step: pd.Timedelta
    outage: Literal["fall", "rise", "none"] = "fall"
    ceiling: float = np.inf
    additive: bool = False
    least_depth: float = 0.0


def _known(*rows: tuple[str, str, str, str]) -> dict[str, Datasource]:
    return {
        name: Datasource(name, title, unit, pd.Timedelta(step), **_UNLIKE_COUNTS.get(name, {}))
        for name, title, unit, step in rows
    }


_UNLIKE_COUNTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "ioda.ping-slash24-loss": {"outage": "rise", "ceiling": 100.0, "additive": True},
    "mlab.lost-share": {"outage": "rise", "ceiling": 1.0, "additive": True},
    # Slower is not down; anomalies are blocking; a share of addresses is about who, not whether.
    "ioda.ping-slash24-latency": {"outage": "none", "additive": True},
    "ooni.anomaly-share": {"outage": "none", "additive": True},
    "ripestat.largest-share": {"outage": "none", "additive": True},
    "ripestat.concentration": {"outage": "none", "additive": True},
    # Some twenty steps a percent or ten apart: from here on it falls less than once a year by
    # itself (benchmarks/results/outages.md).
    "monash.connectivity": {"least_depth": 0.35},
}


DATASOURCES: Final[Mapping[str, Datasource]] = _known(
    ("ioda.bgp", "BGP visibility", "/24 blocks", "5min"),
    ("ioda.ping-slash24", "Active probing", "/24 blocks", "10min"),
    ("ioda.ping-slash24-loss", "Probe loss", "percent", "10min"),
    ("ioda.ping-slash24-latency", "Probe latency", "ms", "10min"),
    ("ioda.merit-nt", "Network telescope", "source addresses", "5min"),
    ("ioda.gtr", "Google traffic", "arbitrary units", "30min"),
    ("ooni.measurement-count", "OONI Probe measurements", "measurements", "1D"),
    ("ooni.anomaly-share", "OONI anomalies", "share of measurements", "1D"),
    ("tor.relay-users", "Tor users, directly connecting", "users", "1D"),
    ("tor.bridge-users", "Tor users, through bridges", "users", "1D"),
    ("ripestat.routed-prefixes", "Routed IPv4 prefixes", "prefixes", "1h"),
    ("ripestat.routed-asns", "Routed networks", "networks", "1h"),
    ("ripestat.neighbours", "Neighbouring networks", "networks", "8h"),
    ("ripestat.largest-share", "Address space of the largest network", "share", "8h"),
    ("ripestat.concentration", "Concentration of address space", "Herfindahl index", "8h"),
    ("ripe-atlas.connected", "Connected RIPE Atlas probes", "probes", "5min"),
    ("mlab.download", "Download speed, median", "Mbit/s", "1D"),
    ("mlab.lost-share", "Speed tests lost", "share of tests", "1D"),
    ("cloudflare.http", "HTTP traffic", "normalised", "1h"),
    ("cloudflare.netflows", "Network traffic", "normalised", "1h"),
    ("monash.connectivity", "Monash IP Observatory", "percent of addresses, coarse", "1h"),
)
"""Datasources this version can read; a case that names another is refused."""
