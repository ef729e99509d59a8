"""Studies of lists of labels: what a case asks for, computed, with the tables behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from darkdays.case.case import Case
from darkdays.case.studies import (
    LabelledOutages,
    ProtestRates,
    ShutdownClassifier,
    WeekdayShutdowns,
)
from darkdays.contracts.signals import Signal
from darkdays.studies.classifier import shutdown_classifier
from darkdays.studies.labelled import labelled_outages
from darkdays.studies.rates import protest_rates
from darkdays.studies.results import Results
from darkdays.studies.weekdays import weekday_shutdowns

__all__ = ["Results", "study_lists"]


def study_lists(
    case: Case, lists: Mapping[str, pd.DataFrame], signals: Sequence[Signal] = ()
) -> Results:
    """Carry out every study of a case whose lists are there.

    Parameters
    ----------
    case
        Names the studies and the window.
    lists
        By name, as :mod:`darkdays.sources` reads them row by row.
    signals
        Of the case, for studies that hold a list against measurements.

    Returns
    -------
    Results
        Of all of them; a study without one of its lists adds nothing.
    """
    found = Results()
    for study in case.studies:
        if any(name not in lists for name in study.lists):
            continue
        found += Results(
            citations=tuple(str(lists[name].attrs["citation"]) for name in study.lists)
        )
        match study:
            case LabelledOutages():
                found += labelled_outages(study, case.window, lists)
            case ProtestRates():
                found += protest_rates(study, case.window, lists)
            case ShutdownClassifier():
                found += shutdown_classifier(study, case.window, lists)
            case WeekdayShutdowns():
                found += weekday_shutdowns(study, case.place, lists, signals)
    return found
