"""When did a signal change, and when was it down: change-points and outages with intervals.

Knows nothing of protests: detection is finished before an event is looked at.
"""

from darkdays.detect.compiled import kernel_cache  # first: where what follows is compiled to

# isort: split
from darkdays.detect.changepoints.changes import ChangePoints, change_points
from darkdays.detect.outages.outages import outages

__all__ = ["ChangePoints", "change_points", "kernel_cache", "outages"]
