"""The figures of a report: each with alt text and a table of the very numbers it draws."""

from darkdays.figures.associations import of_verdicts
from darkdays.figures.blocking import blocking_states
from darkdays.figures.comparisons import comparisons
from darkdays.figures.lists import of_lists
from darkdays.figures.measurements import measurement_counts
from darkdays.figures.onsets import onset_times
from darkdays.figures.plot import Plot, stamped
from darkdays.figures.providers import address_shares
from darkdays.figures.recovery import recovery
from darkdays.figures.specification_curve import specification_curve
from darkdays.figures.speeds import SpeedRecord, speed_quantiles, speed_records
from darkdays.figures.timeline import timeline

__all__ = [
    "Plot",
    "SpeedRecord",
    "address_shares",
    "blocking_states",
    "comparisons",
    "measurement_counts",
    "of_lists",
    "of_verdicts",
    "onset_times",
    "recovery",
    "specification_curve",
    "speed_quantiles",
    "speed_records",
    "stamped",
    "timeline",
]
