"""Outages of places held against events: tests, controls and the curve of every specification.

The statistics are in :mod:`darkdays.correlate`; here they are put to a case.
"""

from darkdays.association.associate import (
    Association,
    Tested,
    associate,
    entities_of,
    families_of,
    tested,
    unknown,
)
from darkdays.association.control import Control
from darkdays.association.directions import DIRECTIONS, EVENTS_AFTER, OUTAGES_AFTER, Direction
from darkdays.association.excess import Excess, excesses, says_of
from darkdays.association.family import Families, adjusted, hypothesis

__all__ = [
    "DIRECTIONS",
    "EVENTS_AFTER",
    "OUTAGES_AFTER",
    "Association",
    "Control",
    "Direction",
    "Excess",
    "Families",
    "Tested",
    "adjusted",
    "associate",
    "entities_of",
    "excesses",
    "families_of",
    "hypothesis",
    "says_of",
    "tested",
    "unknown",
]
