"""The figures of a report: each with alt text and a table of the very numbers it draws."""

from darkdays.figures.claims.associations import of_verdicts
from darkdays.figures.labels.lists import of_lists
from darkdays.figures.outages.comparisons import comparisons
from darkdays.figures.outages.onsets import onset_times
from darkdays.figures.outages.recovery import recovery
from darkdays.figures.outages.timeline import timeline
from darkdays.figures.plot import Plot, stamped
from darkdays.figures.records.blocking import blocking_states
from darkdays.figures.records.measurements import measurement_counts
from darkdays.figures.records.providers import address_shares
from darkdays.figures.records.speeds import speed_quantiles, speed_records

__all__ = [
    "Plot",
    "address_shares",
    "blocking_states",
    "comparisons",
    "measurement_counts",
    "of_lists",
    "of_verdicts",
    "onset_times",
    "recovery",
    "speed_quantiles",
    "speed_records",
    "stamped",
    "timeline",
]
