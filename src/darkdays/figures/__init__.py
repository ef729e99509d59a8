"""The figures of a report: each with alt text and a table of the very numbers it draws."""

from darkdays.figures.comparisons import comparisons
from darkdays.figures.lists import of_lists
from darkdays.figures.measurements import measurement_counts
from darkdays.figures.onsets import onset_times
from darkdays.figures.plot import Plot, say_nothing_to_show, show_png, stamped
from darkdays.figures.recovery import recovery
from darkdays.figures.specification_curve import specification_curve
from darkdays.figures.timeline import timeline

__all__ = [
    "Plot",
    "comparisons",
    "measurement_counts",
    "of_lists",
    "onset_times",
    "recovery",
    "say_nothing_to_show",
    "show_png",
    "specification_curve",
    "stamped",
    "timeline",
]
