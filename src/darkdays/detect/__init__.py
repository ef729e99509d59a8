"""When did a signal change, and when was it down: change-points and outages with intervals.

Knows nothing of protests: detection is finished before an event is looked at.
"""

import sys
from types import ModuleType
from typing import Any

from darkdays.detect.answers import Answer, answer
from darkdays.detect.changepoints.changes import ChangePoints, change_points
from darkdays.detect.changepoints.fixed_dates import changes_at
from darkdays.detect.outages.outages import outages

__all__ = [
    "Answer", "ChangePoints", "answer", "change_points", "changes_at", "outages",
]  # fmt: skip


class _Callable(ModuleType):
    """So that ``darkdays.detect(series)`` asks, whether this package is loaded already or not."""

    def __call__(self, *args: Any, **kwargs: Any) -> Answer:
        return answer(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
