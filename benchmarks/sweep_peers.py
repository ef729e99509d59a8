"""Detection at full shape, a year of 5-minute bins a signal, beside ruptures and skchange.

Run ``python benchmarks/sweep_peers.py [--entities N] [--save]`` from the project's root, with the
peers of the ``bench`` group installed. All of them are given the same simulated signals (season,
gaps, noise that remembers, outages), one after the other, in one process and one thread; times are
processor time. The peers are given measured samples only, in units of the noise between
neighbours; they know no season, no gap and no interval: what their cuts come to is beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from darkdays.detect.outages.outages import analyse_all, outages_of, prepare_all
from darkdays.simulate.sweeps import INSTRUMENTS, Place, simulated_node, truth_of

YEAR = 105_120
ZONE = "Asia/Tehran"
Cuts = list[tuple[pd.Timestamp, pd.Timestamp]]


def ours(tree: xr.DataTree) -> Cuts:
    """Find outages as a sweep does."""
    prepared, _ = prepare_all(tree, ZONE)
    found = outages_of(analyse_all(prepared, 0.95), min_depth=0.1)
    begins = found["onset"].fillna(found["first_seen"]).dt.tz_localize(None)
    ends = found["recovery"].fillna(found["last_seen"]).dt.tz_localize(None)
    return list(zip(begins, ends, strict=True))


def fpop(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Cut with skchange's exact functional pruning."""
    from skchange.detectors import FPOP

    cuts = FPOP().fit(values[:, None]).predict(values[:, None])
    return np.asarray(cuts, np.intp).ravel()


def kernel(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Cut with ruptures' compiled exact pruning."""
    from ruptures import KernelCPD

    penalty = 2 * np.log(values.size)
    return np.asarray(KernelCPD(kernel="linear").fit(values).predict(pen=penalty)[:-1], np.intp)


def cut_by(
    peer: Callable[[NDArray[np.float64]], NDArray[np.intp]], tree: xr.DataTree
) -> Callable[[], Cuts]:
    """Return what finds the segments of a peer that are below the median by a tenth or more."""

    def do() -> Cuts:
        found: Cuts = []
        for name in tree.children:
            series = tree[name]["value"].isel(entity=0).to_series().dropna()
            values = series.to_numpy(np.float64)
            middle = np.median(values)
            noise = np.diff(values).std() / np.sqrt(2)
            edges = [0, *peer((values - middle) / noise), values.size]
            for first, last in pairwise(edges):
                if last > first and np.median(values[first:last]) < 0.9 * middle:
                    found.append((series.index[first], series.index[last - 1]))
        return found

    return do


def measured(entities: int) -> Iterator[list[str]]:
    """Time each of them on the same signals."""
    place = Place(0, ZONE, pd.date_range("2021-01-01", periods=YEAR, freq="5min"), 1)
    trees = {
        number: xr.DataTree.from_dict(
            {name: simulated_node(place, [f"asn/{number}"], [number], name) for name in INSTRUMENTS}
        )
        for number in range(1, entities + 1)
    }
    ours(trees[1])
    fpop(np.random.default_rng(1).normal(size=1000))
    kernel(np.random.default_rng(1).normal(size=1000))
    for title, most in (("darkdays, outages", entities), ("skchange FPOP", entities),
                        ("ruptures KernelCPD linear", 1)):  # fmt: skip  # it takes minutes
        spent, cuts, hits, put_in = 0.0, 0, 0, 0
        for number in range(1, most + 1):
            tree = trees[number]
            do = {
                "darkdays, outages": lambda tree=tree: ours(tree),
                "skchange FPOP": cut_by(fpop, tree),
                "ruptures KernelCPD linear": cut_by(kernel, tree),
            }[title]
            begun = time.process_time()
            found = do()
            spent += time.process_time() - begun
            cuts += len(found)
            truth = truth_of(place, [f"asn/{number}"], [number])
            for row in truth[truth["depth"] >= 0.25].itertuples():
                start, end = row.start.tz_localize(None), row.end.tz_localize(None)
                put_in += 1
                hits += any(begin < end and after > start for begin, after in found)
        signals = 3 * most
        yield [
            title, str(signals), f"{spent / signals:.3f}", f"{signals * YEAR / spent / 1e6:.2f}",
            f"{cuts / signals:.1f}", f"{hits} of {put_in}",
        ]  # fmt: skip


def main() -> None:
    """Print the table, and store it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entities", type=int, default=10)
    parser.add_argument("--save", action="store_true", help="write results/sweep.md")
    stated = parser.parse_args()
    columns = [
        "method", "signals", "processor s a signal", "million samples a second and core",
        "stretches down a signal", "outages put in that one of them meets",
    ]  # fmt: skip
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    for row in measured(stated.entities):
        lines.append(f"| {' | '.join(row)} |")
        print(lines[-1], flush=True)
    title = "## Detection at full shape: a year of 5-minute bins a signal, one core"
    text = "\n".join([title, "", *lines, ""])
    if stated.save:
        from sweep_results import save, versions

        names = ("numpy", "numba", "pandas", "skchange", "ruptures")
        save("peers", f"{text}\n{versions(names)}\n")


if __name__ == "__main__":
    main()
