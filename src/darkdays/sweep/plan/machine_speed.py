"""How fast this machine is, beside the one that the cost model was measured on."""

from __future__ import annotations

import time
from typing import Final

import pandas as pd
import xarray as xr

from darkdays.detect.outages.outages import analyse_all, outages_of, prepare_all
from darkdays.simulate.sweeps import INSTRUMENTS, Place, simulated_node

_ROUNDS: Final = 5
_BINS: Final = 105_120


def reference() -> xr.DataTree:
    """Return the signals that a machine's speed is told by: a year of one entity, SIMULATED."""
    times = pd.date_range("2021-01-01", periods=_BINS, freq="5min")
    place = Place(0, "Asia/Tehran", times, seed=1)
    return xr.DataTree.from_dict(
        {name: simulated_node(place, ["asn/1"], [1], name) for name in INSTRUMENTS}
    )


def seconds(rounds: int = _ROUNDS) -> float:
    """Return the processor time that this machine takes to find the outages of the reference.

    The least of several rounds, because whatever else runs only ever takes longer.
    """
    tree = reference()
    best = float("inf")
    for _ in range(rounds + 1):
        begun = time.thread_time()
        prepared, _ = prepare_all(tree, "Asia/Tehran")
        outages_of(analyse_all(prepared, 0.95), min_depth=0.1)
        best = min(best, time.thread_time() - begun)
    return best
