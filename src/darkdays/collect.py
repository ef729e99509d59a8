"""What a case asks of services: queries, the requests they lead to, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from darkdays.archive.request import Reply, Request, Service, SourceError
from darkdays.case import Case
from darkdays.sources import registry
from darkdays.sources.query import Query


@dataclass(frozen=True)
class Wanted:
    """One datasource, or one kind of events, that a case wants of a service."""

    source: registry.Source
    query: Query
    is_events: bool

    def sorted_out(self, replies: Mapping[str, Reply]) -> tuple[dict[str, Reply], list[Request]]:
        """Return the replies to this want's own requests, and the requests without one."""
        asked = self.source.requests(self.query, replies)
        mine = {one.key: replies[one.key] for one in asked if one.key in replies}
        return mine, [one for one in asked if one.key not in replies]


def wanted_of(case: Case) -> list[Wanted]:
    """Return what a case wants of services, signals first, in the order of the case."""
    start, end = (
        pd.Timestamp(moment).tz_convert("UTC") for moment in (case.window.start, case.window.end)
    )
    listed = tuple(entity.id for entity in case.measured)
    found = [
        Wanted(
            registry.of_datasource(signal.datasource),
            Query(
                datasource=signal.datasource,
                country=case.place,
                entities=listed if signal.entities == "listed" else (),
                options=signal.options,
                start=start,
                end=end,
            ),
            is_events=False,
        )
        for signal in case.signals
        if signal.source == "service"
    ]
    found += [
        Wanted(
            registry.of_events(events.source),
            Query(
                datasource=events.source,
                country=case.place,
                options={"time_zone": case.time_zone, **events.options},
                start=start,
                end=end,
            ),
            is_events=True,
        )
        for events in case.events
        if events.source != "facts"
    ]
    return found


def services_of(case: Case) -> dict[str, Service]:
    """Return the services a case fetches from, by name."""
    return {one.source.SERVICE.name: one.source.SERVICE for one in wanted_of(case)}


def plan_of(case: Case, problems: dict[str, str]) -> Callable[[Mapping[str, Reply]], list[Request]]:
    """Return the plan of a fetch: every request known to be needed, given what came back.

    Parameters
    ----------
    case
        What to fetch for.
    problems
        Filled with a sentence for every datasource whose replies lead nowhere; the others go on.
    """
    every = wanted_of(case)

    def plan(replies: Mapping[str, Reply]) -> list[Request]:
        asked: dict[str, Request] = {}
        for one in every:
            try:
                for request in one.source.requests(one.query, replies):
                    asked[request.key] = request
            except SourceError as error:
                problems[one.query.datasource] = str(error)
        return list(asked.values())

    return plan
