"""Tables that notebooks show."""

from darkdays.tables.outages import (
    agreement_table,
    gap_table,
    list_table,
    number_table,
    outage_table,
    rival_table,
    signal_table,
    stage_table,
    steepest_fall,
    verdict_table,
)
from darkdays.tables.rates import choice_table, control_table, rate_table

__all__ = [
    "agreement_table",
    "choice_table",
    "control_table",
    "gap_table",
    "list_table",
    "number_table",
    "outage_table",
    "rate_table",
    "rival_table",
    "signal_table",
    "stage_table",
    "steepest_fall",
    "verdict_table",
]
