"""What makes the figures of a study; it loads all that draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from darkdays.figures.claims.associations import of_verdicts
from darkdays.figures.drawing import draw as draw
from darkdays.figures.key import source_line, sourced
from darkdays.figures.labels.lists import of_lists
from darkdays.figures.outages.comparisons import comparisons
from darkdays.figures.outages.onsets import onset_times
from darkdays.figures.outages.recovery import recovery
from darkdays.figures.outages.timeline import overview, timeline
from darkdays.figures.plot import Make, Plot, stamped
from darkdays.figures.records.blocking import blocking_states
from darkdays.figures.records.measurements import measurement_counts
from darkdays.figures.records.providers import address_shares, daily_shares
from darkdays.figures.records.speeds import speed_quantiles, speed_records
from darkdays.report.version.sources import sources_of
from darkdays.stages.products import Correlated, Detected, Fetched


def of_detection(detected: Detected) -> dict[str, Make]:
    """Return what makes the figures of a detection, by their names."""
    fetched = detected.fetched
    case = fetched.case
    told = [one.id for one in (*case.entities, *case.controls)]
    analyses = [one for one in detected.analyses if one.entity in told]
    outages = detected.outages[detected.outages["entity"].isin(told)]
    makers: dict[str, Make] = {
        "onsets": partial(onset_times, case, outages, detected.steps),
        "timeline": partial(timeline, case, analyses, outages, detected.gaps, fetched.events),
        "recovery": partial(recovery, case, analyses, detected.stages),
    }
    if {one.entity for one in analyses} & {one.id for one in case.entities}:
        makers["overview"] = partial(
            overview, case, analyses, outages, detected.gaps, fetched.events
        )
    if len(counts := _counts(fetched)):
        makers["measurements"] = partial(measurement_counts, counts)
    finish = _finishing(fetched)
    return {name: finish(make) for name, make in makers.items()}


def of_correlation(correlated: Correlated) -> tuple[list[Make], list[Make]]:
    """Return what makes the figures of lists and single records, and those of comparisons."""
    detected = correlated.detected
    fetched = detected.fetched
    finish = _finishing(fetched)
    lists = list(of_lists(correlated.results.tables))
    if len(detected.sites.observed):
        lists.append(partial(blocking_states, detected.sites))
    if speeds := speed_records(fetched.case, fetched.tables):
        lists.append(partial(speed_quantiles, speeds))
    if len(shares := daily_shares(fetched.case, fetched.signals)):
        lists.append(partial(address_shares, shares))
    claims: list[Make] = []
    if fetched.case.signals:
        claims += comparisons(
            fetched.case, detected.analyses, detected.shown, detected.agreement, correlated.bounds
        )
        claims += of_verdicts(correlated.verdicts)
    return [finish(make) for make in lists], [finish(make) for make in claims]


def _finishing(fetched: Fetched) -> Callable[[Make], Make]:
    """Return what says on each figure of a case where its numbers are from."""
    sources = sources_of(
        fetched.case, fetched.origins, fetched.signals, fetched.inputs, fetched.tables
    )
    line = source_line(fetched.case, sources)
    return lambda make: partial(_finished, make, line, fetched.simulated)


def _finished(make: Make, line: str, simulated: bool, *, width: float | None = None) -> Plot:
    # On a telephone citations would be longer than the figure: there the page has them.
    if width is None:
        plot = sourced(make(), line)
    else:
        plot = sourced(make(width=width), line[line.rindex("Made with") :])
    return stamped(plot) if simulated else plot


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
