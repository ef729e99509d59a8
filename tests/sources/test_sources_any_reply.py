"""Every file that reads replies: whatever bytes come back are values or one SourceError."""

from __future__ import annotations

import io
import json
import zipfile

import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.sources.query import Query
from every_source import SOURCES
from examples import examples
from outcomes import one_sentence, usable
from shared_data import SHARED

MOST_ROUNDS, MOST_REQUESTS, LARGEST = 6, 25, 6000

ENTITIES = ("country/IR", "asn/44244", "region/IR-06", "region/Khuzestan")
TEHRAN = {"time_zone": "Asia/Tehran"}
# What is asked of each file: datasource or source, entities, options, start.
ASKED = {
    "acled": [("acled", (), TEHRAN, "2021-07-15")],
    "citizenlab": [("citizenlab", (), {}, "2021-07-15")],
    "cloudflare": [("cloudflare.http", (), {}, "2022-11-04"), ("cloudflare.netflows", (), {}, 0)],
    "cloudflare_outages": [("cloudflare", (), {}, "2026-04-22")],
    "gdelt": [("gdelt", (), TEHRAN, "2026-09-28")],
    "gdelt2": [("gdelt2", (), {"lag_days": "0"}, "2026-09-28")],
    "ioda": [
        ("ioda.bgp", ENTITIES[:2], {}, 0), ("ioda.ping-slash24-latency", (), {}, 0),
        ("ioda.gtr", (), {}, 0), ("ioda.ping-slash24", ("region/Khuzestan",), {}, 0),
    ],
    "ioda_csv": [("ioda.bgp", (), {}, "2025-12-01")],
    "ioda_curated": [("ioda-curated", (), {}, 0)],
    "ioda_curated_rows": [("ioda-curated", (), {}, 0)],
    "ioda_outages": [("ioda-alerts", (), {}, 0), ("ioda-events", ENTITIES[:2], {}, 0)],
    "mass_mobilization": [("mass-mobilization", (), TEHRAN, "2019-11-15")],
    "mass_mobilization_rows": [("mass-mobilization", (), {}, 0)],
    "mlab": [("mlab.download", ENTITIES[:3], {}, 0), ("mlab.lost-share", (), {}, 0)],
    "mlab_bigquery": [("mlab.download", ENTITIES[:3], {}, 0), ("mlab.lost-share", (), {}, 0)],
    "mlab_histograms": [("mlab-histograms", ENTITIES[:3], {}, 0)],
    "monash": [("monash.connectivity", (), TEHRAN, "2019-11-15")],
    "ooni": [("ooni.measurement-count", (), {}, 0), ("ooni.anomaly-share", (), {}, 0)],
    "ooni_headers": [("ooni-headers", (), {"most": "3"}, 0)],
    "ooni_measurements": [("ooni-measurements", (), {}, 0)],
    "ripe_atlas": [("ripe-atlas.connected", (), {}, 0)],
    "ripestat": [("ripestat.routed-prefixes", (), {}, 0), ("ripestat.routed-asns", (), {}, 0)],
    "ripestat_concentration": [("ripestat.concentration", (), {"most": "20"}, 0)],
    "ripestat_neighbours": [("ripestat.neighbours", ("asn/49666",), {}, "2025-10-20")],
    "ripestat_networks": [("ripestat-networks", (), {}, 0)],
    "stop": [("stop", (), TEHRAN, "2019-11-15")],
    "stop_rows": [("stop", (), {}, 0)],
    "tor": [("tor.relay-users", (), {}, 0), ("tor.bridge-users", (), {}, 0)],
    "user_csv": [("user-csv", (), {"kind": "=protest", "start": "start_date"}, "2019-11-15")],
    "user_signals": [("own.x", (), {"unit": "1", "step": "1D", "entity": "=country/IR"}, 0)],
}  # fmt: skip

STAT = {"status": "ok", "data": {
    "stats": [{"timeline": [{"starttime": "2021-07-15", "endtime": "2021-07-16"}],
               "v4_prefixes_ris": 4, "asns_ris": -1}],
    "countries": [{"resource": "IR", "routed": "{AsnSingle(7)}",
                   "stats": {"registered": 2, "routed": 1}}],
    "prefixes": [{"prefix": "10.0.0.0/8", "timelines": [
        {"starttime": "2021-07-15T00:00:00", "endtime": "2021-07-16T00:00:00"}]}],
    "neighbours": [{"neighbour": 7, "timelines": []}],
    "query_time": "2021-07-15", "query_starttime": "2021-07-15", "query_endtime": "2021-07-17",
    "earliest_time": "2000-08-01", "latest_time": "2026-01-01",
}}  # fmt: skip
SERIES = {"error": None, "data": [[{
    "entityType": "country", "entityCode": "IR", "datasource": "bgp", "subtype": "", "step": 300,
    "nativeStep": 300, "from": 1626307200, "until": 1626307800, "values": [1, None]}]]}  # fmt: skip
PLACES = {
    "error": None,
    "data": [
        {"code": "1840", "name": "Khuzestan", "type": "region", "attrs": {"country_code": "IR"}},
        {
            "location": "country/IR",
            "start": 1626307200,
            "duration": 60,
            "datasource": "bgp",
            "entity": {"type": "country", "code": "IR"},
            "time": 1626307200,
            "level": "critical",
        },
    ],
}
GROUPS = {
    "v": 0,
    "result": [
        {
            "measurement_start_day": "2021-07-15",
            "probe_asn": 1,
            **{
                f"{name}_count": 1
                for name in ("measurement", "anomaly", "confirmed", "failure", "ok")
            },
        }
    ],
}
MEASURED = {
    "metadata": {"next_url": None},
    "results": [
        {
            "measurement_start_time": "2021-07-15T00:00:00Z",
            "measurement_uid": "u",
            "probe_cc": "IR",
            "probe_asn": "AS1",
            "input": "http://a.example/",
        }
    ],
    "test_keys": {"requests": [{"response": {"code": 200, "headers": {"Server": "x"}}}]},
}
FILES = {"data": [{"dataFile": {"id": 3, "filename": "mmALL.tab"}}]}
TEXTS = (
    b"# c\ndate,country,users,lower,upper,frac\n2021-07-15,ir,1,,2,3\n",
    b"url,category_code\nhttp://a.example/,NEWS\n",
    b"country\tstartday\tstartmonth\tstartyear\tlocation\nIran\t15\t11\t2019\tx\n",
    b"time,value\n2021-07-15,1\n",
    b"neighbor_asn,start,end\n7,2025-10-20T00:00:00,2025-10-21T00:00:00\n",
    b"date,place,tests,addresses,q25,median,q75,slow_share\n2021-07-15,country/IR,9,9,1,2,3,0\n",
    b"\t".join([b"1", b"20260928", *[b""] * 24, b"14", b"14", b"14", *[b""] * 29]) + b"\n",
)
INVENTED = [*(json.dumps(one).encode() for one in (
    STAT, SERIES, PLACES, GROUPS, MEASURED, FILES)), *TEXTS]  # fmt: skip
REAL = {
    "acled": ["api-samples/acled/*.json"],
    "citizenlab": ["events/citizenlab/*.csv"],
    "cloudflare": ["api-samples/cloudflare-radar/*"],
    "cloudflare_outages": ["api-samples/cloudflare-radar/annotations*.json"],
    "gdelt": ["api-samples/gdelt/*.tsv"],
    "gdelt2": ["api-samples/gdelt/*.tsv"],
    "ioda": ["api-samples/ioda/*.json"],
    "ioda_csv": ["measurements/ioda/ioda_IR*.csv"],
    "ioda_curated": ["events/ioda-curated/*.csv"],
    "ioda_curated_rows": ["events/ioda-curated/*.csv"],
    "ioda_outages": ["api-samples/ioda/*.json"],
    "mass_mobilization": ["events/mass-mobilization/*.csv"],
    "mass_mobilization_rows": ["events/mass-mobilization/*.csv"],
    "mlab": ["api-samples/mlab/*.json"],
    "mlab_histograms": ["api-samples/mlab/*.json"],
    "monash": ["measurements/monash/*.csv"],
    "ooni": ["api-samples/ooni/*aggregation*"],
    "ooni_headers": ["api-samples/ooni/*measurement*.json"],
    "ooni_measurements": ["api-samples/ooni/*measurements*.json"],
    "ripe_atlas": ["api-samples/ripe-atlas/*.json"],
    "ripestat": ["api-samples/ripestat/*.json"],
    "ripestat_neighbours": ["measurements/ripestat/*.csv"],
    "stop": ["events/stop/*.csv"],
    "stop_rows": ["events/stop/*.csv"],
    "tor": ["api-samples/tor-metrics/*.csv"],
    "user_csv": ["events/stop/*.csv"],
}
TOKENS = [
    *(b"null", b'"', b"{", b"}", b"[", b"]", b"0", b"-1", b"1e999", b"9" * 20, b"9" * 400, b","),
    *(b"\n", b"\r", b"\t", b"\xff", b"\x00", b"NaN", b'"x"', b"true", b"2021-07-15", b"9999-12-31"),
    *(b"0001-01-01T00:00:00", b"<html>", b"PK\x03\x04", b"\xed\xa0\x80", b"\\ud800", b";", b"[]"),
]


def bases(name):
    """Replies of every shape, and those recorded of this source, cut to a bearable length."""
    found = list(INVENTED)
    for pattern in REAL.get(name, ()):
        for path in sorted(SHARED.glob(pattern)):
            content = path.read_bytes()
            found.append(content if len(content) <= LARGEST else content[:LARGEST])
    return found


@st.composite
def bodies(draw, name):
    """Any bytes, or a reply with up to three places changed, zipped or not."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.binary(max_size=80))
    body = bytearray(draw(st.sampled_from(bases(name))))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(body)))
        gone = draw(st.integers(0, 30))
        body[place : place + gone] = draw(st.sampled_from(TOKENS))
    if draw(st.integers(0, 9)) == 0:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("a.csv", bytes(body))
        return content.getvalue()
    return bytes(body)


def asked_of(name):
    for datasource, entities, options, start in ASKED[name]:
        first = pd.Timestamp(start or "2021-07-15", tz="UTC")
        yield Query(
            datasource, first, first + pd.Timedelta("2D"), "IR", entities, options, "Asia/Tehran"
        )


def test_every_source_is_tried():
    assert set(ASKED) == set(SOURCES)


@pytest.mark.parametrize("name", sorted(ASKED))
@settings(max_examples=examples(60))
@given(data=st.data())
def test_any_reply_is_values_or_one_sentence(name, data):
    source = SOURCES[name]
    own, absent = data.draw(st.booleans()), data.draw(st.integers(0, 7)) == 0
    about = {"origin": USER_SUPPLIED} if own else {"fetched": "2026-12-01T00:00:00Z"}
    about |= {"status": 404} if absent and source.SERVICE.absences else {}
    drawn = data.draw(st.lists(bodies(name), min_size=1, max_size=3))
    for query in asked_of(name):
        replies = {}
        try:
            for turn in range(MOST_ROUNDS):
                wanted = [one for one in source.requests(query, replies) if one.key not in replies]
                for number, request in enumerate(wanted[:MOST_REQUESTS]):
                    body = drawn[(turn + number) % len(drawn)]
                    replies[request.key] = Reply(request, body, **about)
            found = source.read(query, replies)
        except SourceError as error:
            told(error, replies)
        else:
            assert usable(found) is found
            again = source.read(query, dict(reversed(replies.items())))
            same = found.identical if isinstance(found, xr.Dataset) else found.equals
            assert same(again), "the order of replies does not matter"


def told(error, replies):
    """The sentence is one, and the reply it is about is there."""
    assert one_sentence(error)
    assert not error.key or error.key in replies
