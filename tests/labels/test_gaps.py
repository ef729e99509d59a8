"""Why a listed shutdown has no outage beside it."""

from __future__ import annotations

import pandas as pd
import pytest

from darkdays.labels.gaps import NONE_FOUND, SEEN, gaps

OUTAGES = pd.DataFrame(
    {
        "country": ["IQ", "IQ", "SD"],
        "start": pd.to_datetime(["2018-02-01", "2021-05-01", "2019-06-03"]).tz_localize("UTC"),
    }
)
PLAIN = {
    "row": 7, "country": "IQ", "start": "2019-07-01", "end": None, "full_network": True,
    "network": "Broadband, Mobile", "scope": "national",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, NONE_FOUND),
        ({"row": 3}, SEEN),
        ({"row": 3, "full_network": False}, SEEN),
        ({"start": "2017-05-01"}, "over before the list of outages begins"),
        ({"start": "2017-05-01", "end": "2018-03-01"}, NONE_FOUND),
        ({"start": "2022-01-01"}, "begun after the list of outages ends"),
        ({"country": "CU"}, "a country of which no outage is listed"),
        ({"country": "CU", "network": "Mobile"}, "a country of which no outage is listed"),
        ({"full_network": False}, "only services, sites or speed"),
        ({"network": "Mobile"}, "only mobile networks"),
        ({"scope": "regional"}, "less than the country"),
        ({"scope": ""}, NONE_FOUND),
        ({"end": "2019-06-01"}, "its last day lies before its first"),
    ],
)
def test_the_weightiest_reason_that_applies_is_given(changed, reason):
    listed = pd.DataFrame([PLAIN | changed])
    listed[["start", "end"]] = listed[["start", "end"]].astype("datetime64[s]")
    found = gaps(listed, OUTAGES, pd.DataFrame({"shutdown": [3], "outage": [1]}))
    assert found["reason"].tolist() == [reason]
