"""What is taken for granted about each cause where no list of labelled outages can be counted.

Chances of the values of a feature, by cause, with the reason. They are assumptions, said to be so
wherever they are used, and no single feature may weigh more than ten to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ASSUMED: Final[Mapping[str, Mapping[str, tuple[float, ...]]]] = {
    "fall": {
        "shutdown": (0.50, 0.35, 0.15),
        "power cut": (0.40, 0.30, 0.30),
        "exam": (0.70, 0.20, 0.10),
        "cable cut": (0.75, 0.15, 0.10),
        "maintenance": (0.75, 0.15, 0.10),
        "instrument failure": (0.85, 0.10, 0.05),
    },
    "recovery": {
        "shutdown": (0.50, 0.50),
        "power cut": (0.25, 0.75),
        "exam": (0.80, 0.20),
        "cable cut": (0.60, 0.40),
        "maintenance": (0.75, 0.25),
        "instrument failure": (0.90, 0.10),
    },
    "synchrony": {
        "shutdown": (0.70, 0.30),
        "power cut": (0.70, 0.30),
        "exam": (0.80, 0.20),
        "cable cut": (0.75, 0.25),
        "maintenance": (0.50, 0.50),
        "instrument failure": (0.90, 0.10),
    },
    "mobile": {
        "shutdown": (0.45, 0.50, 0.05),
        "power cut": (0.05, 0.55, 0.40),
        "exam": (0.25, 0.70, 0.05),
        "cable cut": (0.08, 0.84, 0.08),
        "maintenance": (0.25, 0.40, 0.35),
        "instrument failure": (0.10, 0.80, 0.10),
    },
    "reach": {
        "shutdown": (0.70, 0.25, 0.05),
        "power cut": (0.70, 0.25, 0.05),
        "exam": (0.80, 0.17, 0.03),
        "cable cut": (0.50, 0.35, 0.15),
        "maintenance": (0.08, 0.22, 0.70),
        "instrument failure": (0.80, 0.15, 0.05),
    },
    "controls": {
        "shutdown": (0.03, 0.97),
        "power cut": (0.03, 0.97),
        "exam": (0.03, 0.97),
        "cable cut": (0.05, 0.95),
        "maintenance": (0.03, 0.97),
        "instrument failure": (0.90, 0.10),
    },
    "exam day": {
        "shutdown": (0.10, 0.90),
        "power cut": (0.10, 0.90),
        "exam": (0.97, 0.03),
        "cable cut": (0.10, 0.90),
        "maintenance": (0.10, 0.90),
        "instrument failure": (0.10, 0.90),
    },
}
"""Chances in the order of the values in
:data:`darkdays.correlate.rivals.rival_features.FEATURES`."""

PLANNED: Final[Mapping[str, Mapping[str, tuple[float, ...]]]] = {
    "minute": {
        "maintenance": (0.50, 0.20, 0.30),
        "instrument failure": (1 / 6, 1 / 6, 2 / 3),
    },
    "hours": {
        "maintenance": (0.30, 0.40, 0.24, 0.05, 0.01),
        "instrument failure": (0.40, 0.25, 0.20, 0.10, 0.05),
    },
    "repetition": {
        "maintenance": (0.05, 0.10, 0.85),
        "instrument failure": (0.05, 0.02, 0.93),
    },
    "clock": {
        "maintenance": (0.75, 0.25),
        "instrument failure": (0.25, 0.75),
    },
    "neighbours": {
        "maintenance": (0.05, 0.95),
        "instrument failure": (0.80, 0.20),
    },
}
"""The same for what can be counted, of the two causes a list of outages hardly holds."""

REASONS: Final[Mapping[str, str]] = {
    "fall": "switches work in a step and orders operator by operator; batteries drain",
    "recovery": "grids are restored in stages; orders end at once or operator by operator",
    "synchrony": "whole countries fall together whatever the cause; a weak sign",
    "mobile": "orders are for mobile first; base stations have batteries, homes have not",
    "reach": "planned work is one operator's own",
    "controls": "places that have nothing to do with each other share the instrument",
    "exam day": "only a calendar tells an exam from another order",
    "minute": "orders and planned work begin at round times, cuts and failures at any",
    "hours": "orders last for hours or days, repairs and planned work for hours",
    "repetition": "exams and curfews come again at the same time of day",
    "clock": "exams, curfews and planned work are for the night",
    "neighbours": "cables and grids cross borders, orders do not",
}
