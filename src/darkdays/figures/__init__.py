"""The figures of a report: each with alt text and a table of the very numbers it draws."""

from darkdays.figures.measurements import measurement_counts
from darkdays.figures.onsets import onset_times
from darkdays.figures.plot import Plot, show_png
from darkdays.figures.recovery import recovery
from darkdays.figures.specification_curve import specification_curve
from darkdays.figures.timeline import timeline

__all__ = [
    "Plot",
    "measurement_counts",
    "onset_times",
    "recovery",
    "show_png",
    "specification_curve",
    "timeline",
]
