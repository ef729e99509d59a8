"""What stands beside the outages in the findings: agreement, recurrence, shifts, bounds."""

from __future__ import annotations

from typing import Any

from darkdays.report.findings.formats import moment, rounded


def side_of(row: Any) -> dict[str, Any]:
    """Return how one datasource saw an outage of an entity."""
    return {
        "entity": row.entity,
        "event": int(row.event),
        "datasource": row.datasource,
        "state": row.state,
        "outages": int(row.outages),
        "onset": moment(row.onset),
        "onset_interval": [moment(row.onset_low), moment(row.onset_high)],
        "recovery": moment(row.recovery),
        "recovery_interval": [moment(row.recovery_low), moment(row.recovery_high)],
        "depth": rounded(row.depth),
        "depth_interval": [rounded(row.depth_low), rounded(row.depth_high)],
        "overlap": rounded(row.overlap),
        "later_hours": rounded(row.later),
        "later_interval": [rounded(row.later_low), rounded(row.later_high)],
        "shallower": rounded(row.shallower),
        "disagrees": row.disagrees.split(),
    }


def pattern_of(row: Any) -> dict[str, Any]:
    """Return outages that came at the same hours again."""
    return {
        "entity": row.entity,
        "datasource": row.datasource,
        "pattern": row.pattern,
        "time_zone": row.time_zone,
        "clock": [row.clock_start, row.clock_end],
        "clock_start_range": [row.clock_start_low, row.clock_start_high],
        "clock_end_range": [row.clock_end_low, row.clock_end_high],
        "first_day": row.first_day,
        "last_day": row.last_day,
        "days": int(row.days),
        "of_days": int(row.of_days),
        "weekdays": row.weekdays.split(),
        "depth": rounded(row.depth),
        "p": rounded(row.p),
    }


def shift_of(row: Any) -> dict[str, Any]:
    """Return a level that was never left again."""
    return {
        "label": row.label,
        "entity": row.entity,
        "datasource": row.datasource,
        "time": moment(row.time),
        "interval": [moment(row.low), moment(row.high)],
        "level_after": rounded(row.level_after),
        "entities": int(row.entities),
    }


def bound_of(row: Any) -> dict[str, Any]:
    """Return from which depth on outages of a length are excluded, and why."""
    return {
        "entity": row.entity,
        "datasource": row.datasource,
        "hours_or_longer": rounded(row.hours),
        "excluded_from": rounded(row.excluded_from),
        "found_from": rounded(row.found_from),
        "found_from_theory": rounded(row.found_from_theory),
        "most_lost": rounded(row.seen),
        "most_lost_limit": rounded(row.limit),
        "places": int(row.places),
        "level": rounded(row.level),
    }
