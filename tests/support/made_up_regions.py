"""A case of regions made up for tests: one studied, others to hold it against."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from darkdays.case.claims import Intermittent, RateRatio, SubNationalExcess
from darkdays.case.sources import Entity
from made_up_evidence import BASE, HEADER, IRAN, evidence, outage, protests

HERE = "region/Khuzestan"
NAMES = ("Fars", "Gilan", "Qom", "Yazd", "Ilam", "Semnan", "Tehran", "Kerman", "Zanjan", "Golestan",
         "Hamadan", "Lorestan", "Markazi", "Alborz", "Bushehr", "Hormozgan", "Isfahan", "Kurdistan",
         "Mazandaran", "Qazvin", "Ardabil", "North Khorasan")  # fmt: skip
DONORS = tuple(f"region/{name}" for name in NAMES)
TURKEY = "country/TR"
IRREGULAR = (0, 4, 9, 15, 20, 26, 29, 37, 42, 50)
RATES = RateRatio(
    id="rates", type="rate_ratio", statement="More often on days of protest.", origin="a test",
    entity=HERE,
)  # fmt: skip
EXCESS = SubNationalExcess(
    id="excess", type="sub_national_excess", statement="It lost more.", origin="a test", entity=HERE
)
CAME_AND_WENT = Intermittent(
    id="on-and-off", type="intermittent", statement="It came and went.", origin="a test",
    entity=HERE,
)  # fmt: skip


def region(entity):
    return Entity(id=entity, name=entity.removeprefix("region/"), network="region")


def case_of(*claims, donors=DONORS, controls=(TURKEY,), **also):
    return IRAN.model_copy(
        update={
            "name": "made-up",
            "entities": (region(HERE),),
            "donors": tuple(region(one) for one in donors),
            "controls": tuple(Entity(id=one, name="Turkey", network="country") for one in controls),
            "claims": claims or (RATES,),
            **also,
        }
    )


def down(entity, days, **also):
    """Outages of two hours that begin on some days after BASE."""
    return [outage(entity, 24 * day, lasts=2, **also) for day in days]


def studied(rows, *claims, happened=None, days=60, **also):
    """Evidence of the made-up case with protests in the region on irregular days."""
    named = HEADER + protests(IRREGULAR, place="IR/Khuzestan") if happened is None else happened
    parts = {name: also.pop(name) for name in ("donors", "controls", "entities") if name in also}
    return evidence(rows, events=named, days=days, case=case_of(*claims, **parts), **also)


def signal(entity, shares, *, datasource="ioda.bgp", baseline=100.0):
    """A signal of one sample a day from two days before BASE on, as shares of its normal level."""
    times = pd.date_range((BASE - pd.Timedelta(days=2)).tz_localize(None), periods=len(shares))
    return SimpleNamespace(
        entity=entity, datasource=datasource, times=times,
        values=baseline * np.asarray(shares, dtype=float), baseline=baseline,
        step=pd.Timedelta(days=1),
    )  # fmt: skip
