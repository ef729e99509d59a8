"""The figures of a study, each drawn once: beside, as soon as what it shows is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from darkdays import figures
from darkdays.figures.drawing import Drawn, draw
from darkdays.figures.plot import Make
from darkdays.files.beside import Later
from darkdays.report.version.sources import sources_of
from darkdays.stages.products import Correlated, Detected, Fetched
from darkdays.stages.stored import mark

_asked: dict[str, dict[str, Later[Drawn]]] = {}
"""By the detection they show, the last one only, and by name."""


def show(detected: Detected, name: str) -> None:
    """Show a figure of the detection in a notebook: ``onsets``, ``timeline`` or ``recovery``."""
    _of_detection(detected)[name].result().show()


def plots(correlated: Correlated) -> Iterator[figures.Plot]:
    """Make every figure of a report, one after the other."""
    of_detection = _makers(correlated.detected)
    return (make() for make in _ordered(correlated, of_detection))


def pictures(correlated: Correlated) -> list[Later[Drawn]]:
    """Have every figure of a report drawn that is not drawn yet."""
    asked = _of_detection(correlated.detected)
    return [
        one if isinstance(one, Later) else Later(partial(draw, one))
        for one in _ordered(correlated, asked)
    ]


def _of_detection(detected: Detected) -> dict[str, Later[Drawn]]:
    key = mark(detected.fetched.folder, "detect")
    if key not in _asked:
        _asked.clear()
        makers = _makers(detected)
        _asked[key] = {name: Later(partial(draw, make)) for name, make in makers.items()}
    return _asked[key]


def _makers(detected: Detected) -> dict[str, Make]:
    fetched = detected.fetched
    case = fetched.case
    told = [one.id for one in (*case.entities, *case.controls)]
    analyses = [one for one in detected.analyses if one.entity in told]
    outages = detected.outages[detected.outages["entity"].isin(told)]
    makers: dict[str, Make] = {
        "onsets": partial(figures.onset_times, case, outages, detected.steps),
        "timeline": partial(
            figures.timeline, case, analyses, outages, detected.gaps, fetched.events
        ),
        "recovery": partial(figures.recovery, case, analyses, detected.stages),
    }
    if {one.entity for one in analyses} & {one.id for one in case.entities}:
        makers["overview"] = partial(
            figures.overview, case, analyses, outages, detected.gaps, fetched.events
        )
    if len(counts := _counts(fetched)):
        makers["measurements"] = partial(figures.measurement_counts, counts)
    finish = _finishing(fetched)
    return {name: finish(make) for name, make in makers.items()}


def _ordered(correlated: Correlated, of_detection: Mapping[str, Any]) -> Iterator[Any]:
    """Go through the figures of a report as it shows them, those of the detection as given."""
    detected = correlated.detected
    fetched = detected.fetched
    finish = _finishing(fetched)
    makers = list(figures.of_lists(correlated.results.tables))
    if len(detected.sites.observed):
        makers.append(partial(figures.blocking_states, detected.sites))
    if speeds := figures.speed_records(fetched.case, fetched.tables):
        makers.append(partial(figures.speed_quantiles, speeds))
    if (shares := figures.address_shares(fetched.case, fetched.signals)) is not None:
        makers.append(partial(_itself, shares))
    yield from map(finish, makers)
    if fetched.case.signals:
        names = ("overview", "timeline", "onsets", "recovery")
        yield from (of_detection[name] for name in names if name in of_detection)
        makers = [
            *figures.comparisons(
                fetched.case,
                detected.analyses,
                detected.shown,
                detected.agreement,
                correlated.bounds,
            ),
            *figures.of_verdicts(correlated.verdicts),
        ]
        yield from map(finish, makers)
    if "measurements" in of_detection:
        yield of_detection["measurements"]


def _finishing(fetched: Fetched) -> Callable[[Make], Make]:
    """Return what says on each figure of a case where its numbers are from."""
    sources = sources_of(
        fetched.case, fetched.origins, fetched.signals, fetched.inputs, fetched.tables
    )
    line = figures.source_line(fetched.case, sources)
    return lambda make: partial(_finished, make, line, fetched.simulated)


def _itself(plot: figures.Plot) -> figures.Plot:
    return plot


def _finished(make: Make, line: str, simulated: bool) -> figures.Plot:
    plot = figures.sourced(make(), line)
    return figures.stamped(plot) if simulated else plot


def _counts(fetched: Fetched) -> pd.DataFrame:
    """Return OONI measurements per day and kind of network; empty where the case has none."""
    name = "ooni.measurement-count"
    if name not in fetched.signals.children:
        return pd.DataFrame()
    table = fetched.signals[name]["value"].to_series().rename("measurements").reset_index()
    kinds = table["entity"].map(lambda entity: fetched.case.network_of(str(entity)) or "other")
    counts = table.assign(network=kinds, day=table["time"].dt.strftime("%d %b"))
    return counts.pivot_table(
        index=["day", "network"], values="measurements", aggfunc="sum", sort=False
    ).reset_index()
