"""What of the outages of a case is not its own, or is no outage: neighbours' and ordinary lows."""

from __future__ import annotations

import pandas as pd

from darkdays.case.case import Case
from darkdays.contracts.events import local_days, of_kind
from darkdays.detect.outages.controls import LOW_DAY, ordinary_lows, set_apart
from darkdays.sources.public_holidays import public_holidays


def apart(case: Case, outages: pd.DataFrame, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """Label what is another place's, and low days that donors or holidays explain.

    Parameters
    ----------
    case
        Names its donors and neighbours.
    outages
        As the detector labelled them.
    events
        Of the case, for those of kind *holiday*; a sweep reads none.
    """
    low = outages[outages["label"] == LOW_DAY]
    if len(low):
        window = low["first_seen"].min(), low["last_seen"].max()
        days = (moment.tz_localize(None).normalize() for moment in window)
        holidays = public_holidays(case.place, *days)
        if events is not None:
            holidays = holidays.union(local_days(of_kind(events, "holiday"), case.time_zone))
        donors = [donor.id for donor in case.donors]
        outages = ordinary_lows(outages, donors, holidays, case.time_zone)
    return set_apart(outages, [neighbour.id for neighbour in case.neighbours])
