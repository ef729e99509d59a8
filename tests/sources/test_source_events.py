"""Sources of dated events: real files where there are any, small ones for every trap."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.contracts import events
from darkdays.sources import acled
from darkdays.sources.event_rows import day_of
from darkdays.sources.mass_mobilization import mass_mobilization
from darkdays.sources.own import user_csv, user_signals
from darkdays.sources.query import Query
from darkdays.sources.stop import stop
from examples import examples
from outcomes import invented, outcome
from shared_data import SHARED, needs

needs_files = needs(SHARED / "events", leaves_open="files of ACLED, STOP and Mass Mobilization")


def asked(source, start, end, country="IR", /, **options):
    options = {"time_zone": "Asia/Tehran", **options}
    window = (pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"))
    return Query(source, *window, country, options=options)


def accepted(table):
    """The table as any other reader of events gets it."""
    assert list(table.columns) == list(events.COLUMNS)
    return events.read_csv(table.to_csv(index=False).encode(), "events")


def answering(module, query, *bodies, origin="service"):
    """Answer the requests of a source one after the other."""
    replies = {}
    for body in bodies:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        open_ones = [one for one in module.requests(query, replies) if one.key not in replies]
        replies[open_ones[0].key] = Reply(open_ones[0], content, origin=origin)
    return replies


def read(module, query, *bodies, origin="service"):
    return module.read(query, answering(module, query, *bodies, origin=origin))


# --- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-07-11", "2021-07-11"),
        (" 2021-07-11 00:00:00 ", "2021-07-11"),
        ("7/11/2021", "2021-07-11"),
        ("44166", "2020-12-01"),
        ("44166.0", "2020-12-01"),
        ("15 July 2021", "2021-07-15"),
        ("1 Sept 2021", "2021-09-01"),
        ("13/13/2021", None),
        ("2021-02-30", None),
        ("-44220", None),
        ("0001-01-01", None),
        ("ongoing", None),
        ("Unkown", None),
        ("", None),
    ],
)
def test_days_in_every_style(text, day):
    assert day_of(text) == (None if day is None else pd.Timestamp(day).date())


@pytest.mark.parametrize(
    ("zone", "country", "day"),
    [
        ("Asia/Tehran", "IR", "2021-03-22"),
        ("America/Havana", "CU", "2021-03-14"),
        ("America/Havana", "CU", "2021-11-07"),
    ],
)
def test_a_day_whose_midnight_is_missing_or_double_can_be_read(zone, country, day):
    query = asked("user-csv", "2021-01-01", "2022-01-01", country, file="mine.csv", time_zone=zone)
    table = read(user_csv, query, f"start,kind\n{day},protest\n".encode())
    whole = accepted(table)
    assert whole["start_low"].dt.tz_convert(zone).dt.date.astype(str).tolist() == [day]


# --- ACLED ------------------------------------------------------------------------------------

JULY = ("2021-07-15", "2021-07-17")


def happened(number=0, **fields):
    return {
        "event_id_cnty": f"IRN{number}",
        "event_date": "2021-07-15",
        "time_precision": "1",
        "event_type": "Protests",
        "sub_event_type": "Peaceful protest",
        "country": "Iran",
        "admin1": "Khuzestan",
        "location": "Ahvaz",
        "latitude": "31.3203",
        "longitude": "48.6693",
        "geo_precision": "1",
        "notes": "A NAMED PERSON",
        **fields,
    }


def page(*rows):
    return {"status": 200, "count": len(rows), "data": list(rows)}


def test_acled_asks_for_a_country_and_a_window_a_day_wider():
    (request,) = acled.requests(asked("acled", *JULY), {})
    assert request.path == "/api/acled/read"
    parameters = dict(request.query)
    assert parameters["country"] == "Iran"
    assert parameters["event_date"] == "2021-07-14|2021-07-18"
    assert parameters["event_date_where"] == "BETWEEN"
    for finer in ("notes", "actor1", "latitude", "location", "admin2"):
        assert finer not in parameters["fields"].split("|")
    assert acled.SERVICE.credential == "acled"
    assert not acled.SERVICE.redistributable


def test_acled_counts_per_day_and_province():
    table = read(
        acled,
        asked("acled", *JULY),
        page(
            happened(1),
            happened(2, sub_event_type="Excessive force against protesters", geo_precision=3),
            happened(3, event_date="2021-07-16", admin1="Lorestan"),
            happened(4, time_precision=2),
            happened(5, country="Iraq"),
            happened(6, event_type="Battles"),
            happened(7, event_date="soon"),
            happened(8, event_date="2021-07-18"),
        ),
    )
    assert table[["start", "place", "statement"]].to_numpy().tolist() == [
        [
            "2021-07-15",
            "Khuzestan",
            "<5 events: <5 excessive force against protesters, <5 peaceful protest",
        ],
        ["2021-07-16", "Lorestan", "<5 events: <5 peaceful protest"],
    ]
    assert table["conflict"].tolist() == ["1 placed no closer than a region", ""]
    counts = {name: table.attrs[name] for name in ("date_not_exact", "elsewhere", "undated")}
    assert counts == {"date_not_exact": 1, "elsewhere": 2, "undated": 1}
    written = table.to_csv()
    assert not any(told in written for told in ("NAMED", "31.3", "48.6", "Ahvaz"))
    assert accepted(table)["start_low"].iloc[0] == pd.Timestamp("2021-07-14T19:30Z")


def test_acled_turns_pages_until_one_is_not_full(monkeypatch):
    monkeypatch.setattr(acled, "PAGE", 2)
    query = asked("acled", *JULY)
    replies = answering(
        acled,
        query,
        page(happened(1), happened(2)),
        # What moved to the next page meanwhile is counted once.
        page(happened(2), happened(3)),
        page(happened(4)),
    )
    assert len(acled.requests(query, replies)) == 3
    table = acled.read(query, replies)
    assert table["statement"].tolist() == ["<5 events: <5 peaceful protest"]
    backwards = dict(reversed(list(replies.items())))
    pd.testing.assert_frame_equal(table, acled.read(query, backwards))
    del replies[acled.requests(query, replies)[2].key]
    with pytest.raises(SourceError, match=r"page 3: was not fetched"):
        acled.read(query, replies)


def test_acled_goes_by_the_cursor_where_a_reply_holds_one():
    query = asked("acled", *JULY)
    first = page(happened(1)) | {"pagination": {"next_cursor": "abc="}}
    second = page(happened(2, admin1="Fars")) | {"pagination": {"next_cursor": None}}
    replies = answering(acled, query, first, second)
    numbered, by_cursor = (dict(one.query) for one in acled.requests(query, replies))
    assert (numbered["page"], by_cursor["cursor"], "page" in by_cursor) == ("1", "abc=", False)
    assert len(acled.read(query, replies)) == 2
    circle = page(happened(2)) | {"pagination": {"next_cursor": "abc="}}
    with pytest.raises(SourceError, match="its cursor leads back"):
        acled.requests(query, answering(acled, query, first, circle))


def embargoed(day, *rows, **more):
    recency = {"quantity": 12, "unit": "Months", "date": day, **more}
    return page(*rows) | {"data_query_restrictions": {"date_recency": recency}}


def test_days_that_acled_keeps_back_are_not_known():
    query = asked("acled", *JULY)
    table = read(acled, query, embargoed("2021-07-16", happened()))
    assert len(table) == 1
    assert table.attrs["incomplete"] == (
        "ACLED keeps back all days from 2021-07-16 on (the newest 12 months), and what happened on "
        "them is not known; to this account the whole window is open from 2022-07-17 on; until "
        "then end the window on 2021-07-16, or give a full export with --file"
    )
    assert "incomplete" not in read(acled, query, embargoed("2021-07-17", happened())).attrs
    assert "incomplete" not in read(acled, query, page(happened())).attrs
    odd = read(acled, query, embargoed("2021-07-01", quantity="some", unit="time")).attrs
    assert odd["incomplete"].startswith("ACLED keeps back all days from 2021-07-01 on, and what")
    with pytest.raises(SourceError, match="does not say from when on"):
        read(acled, query, embargoed("soon"))


def test_acled_does_not_turn_pages_for_ever(monkeypatch):
    monkeypatch.setattr(acled, "PAGE", 1)
    monkeypatch.setattr(acled, "MOST_PAGES", 4)
    query = asked("acled", *JULY)
    with pytest.raises(SourceError, match="repeats the page before it"):
        answering(acled, query, *[page(happened(99))] * 3)
    with pytest.raises(SourceError, match="shorten the window"):
        answering(acled, query, *[page(happened(100 + number)) for number in range(9)])


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"status": 403, "message": "denied"}, r"no data \(status 403\); accept ACLED's terms"),
        (b"{", "not JSON"),
        ({"data": ["x"]}, "an event is no object"),
        ({"data": [{}]}, "the field event_date is missing"),
        (b"<html>", "a web page came"),
    ],
)
def test_acled_replies_that_cannot_be_used(body, sentence):
    with pytest.raises(SourceError, match=sentence):
        read(acled, asked("acled", *JULY), body)


def test_acled_reads_an_export_a_person_downloaded():
    content = (
        "event_id_cnty;event_date;event_type;sub_event_type;country;admin1\r\n"
        "IRN1;15 July 2021;Protests;Peaceful protest;Iran;Khuzestan\r\n"
    )
    table = read(acled, asked("acled", *JULY), content.encode(), origin=USER_SUPPLIED)
    assert table["start"].tolist() == ["2021-07-15"]


def test_acled_asks_for_nothing_more_once_a_file_was_supplied(monkeypatch):
    monkeypatch.setattr(acled, "PAGE", 1)
    query = asked("acled", *JULY)
    replies = answering(acled, query, page(happened(1), happened(2)), origin=USER_SUPPLIED)
    assert len(acled.requests(query, replies)) == 1
    assert acled.read(query, replies)["statement"].tolist() == ["<5 events: <5 peaceful protest"]


@needs_files
def test_acled_reads_the_shape_of_a_reply():
    body = (SHARED / "api-samples/acled/INVENTED_acled_read.json").read_bytes()
    query = asked("acled", *JULY, country_name="Exampleland")
    assert read(acled, query, body)["place"].tolist() == ["Example Province"]
    assert read(acled, asked("acled", *JULY), body).attrs["elsewhere"] == 1


# --- Mass Mobilization ------------------------------------------------------------------------


def listing(*files):
    return {
        "status": "OK",
        "data": [{"label": n, "dataFile": {"id": i, "filename": n}} for n, i in files],
    }


CODED = (
    "id\tcountry\tccode\tyear\tprotest\tstartday\tstartmonth\tstartyear\tendday\tendmonth\tendyear"
    "\tlocation\tparticipants_category\tprotesterdemand1\tprotesterdemand2\tstateresponse1\tnotes\n"
    "1\tIran\t630\t2019\t1\t15\t11\t2019\t17\t11\t2019\tnational\t>10000"
    "\tprice increases, tax policy\t.\tshootings\tA NAMED PERSON\n"
    "2\tIran\t630\t2019\t0\t.\t.\t.\t.\t.\t.\t.\t.\t.\t.\t.\t.\n"
    "3\tIran\t630\t2019\t1\t.\t11\t2019\t.\t.\t.\t.\t.\t.\t.\t.\t.\n"
    "4\tIran\t630\t2019\t1\t18\t11\t2019\t17\t11\t2019\t.\t.\t.\t.\t.\t.\n"
    "5\tIraq\t645\t2019\t1\t15\t11\t2019\t17\t11\t2019\tBasra\t.\t.\t.\t.\t.\n"
)
NOVEMBER = ("2019-11-16", "2019-11-30")


def test_mass_mobilization_asks_for_the_list_then_for_the_events():
    query = asked("mass-mobilization", *NOVEMBER)
    (first,) = mass_mobilization.requests(query, {})
    assert dict(first.query) == {"persistentId": "doi:10.7910/DVN/HTTWYL"}
    files = listing(("aCodebook.pdf", 1), ("a.tab", 2), ("mmALL_073120_csv.tab", 3))
    replies = answering(mass_mobilization, query, files)
    assert [one.path for one in mass_mobilization.requests(query, replies)][1:] == [
        "/api/access/datafile/3"
    ]
    with pytest.raises(SourceError, match="was not fetched"):
        mass_mobilization.read(query, replies)


def test_mass_mobilization_reads_several_days_and_drops_what_is_no_protest():
    query = asked("mass-mobilization", *NOVEMBER)
    table = read(mass_mobilization, query, listing(("mmALL.tab", 3)), CODED.encode())
    assert table[["start", "end", "place"]].to_numpy().tolist() == [
        ["2019-11-15", "2019-11-17", "national"],
        ["2019-11-18", "", "Iran"],
    ]
    assert table["statement"].tolist() == [
        "protest of >10000; demands: price increases, tax policy; response of the state: shootings",
        "protest",
    ]
    assert table["conflict"].tolist() == ["", "ends before it starts at the source"]
    assert (table.attrs["without_protest"], table.attrs["undated"]) == (1, 1)
    assert "NAMED" not in table.to_csv()
    accepted(table)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "not JSON"),
        (listing(("codebook.pdf", 1)), "names no table"),
        ({"status": "ERROR"}, "names no table"),
        (b"a,b\n1,2\n", "'country' is missing"),
        (b"country,b\n1,2\n", "'startdate' is missing"),
        (b"<html>", "not JSON"),
    ],
)
def test_mass_mobilization_replies_that_cannot_be_used(body, sentence):
    with pytest.raises(SourceError, match=sentence):
        read(mass_mobilization, asked("mass-mobilization", *NOVEMBER), body)


@needs_files
def test_mass_mobilization_reads_a_cleaned_copy():
    body = (SHARED / "events/mass-mobilization/mm_master.csv").read_bytes()
    query = asked("mass-mobilization", "2019-11-01", "2019-12-01")
    table = read(mass_mobilization, query, body, origin=USER_SUPPLIED)
    assert table["start"].tolist() == [f"2019-11-{day}" for day in range(15, 20)]
    assert set(table["place"]) == {"Tehran", "Tehran; national"}
    assert "killings, shootings" in table["statement"][0]
    for country, rows in (("IR", 124), ("CU", 99)):
        query = asked("mass-mobilization", "1989-01-01", "2021-01-01", country)
        assert len(accepted(read(mass_mobilization, query, body, origin=USER_SUPPLIED))) == rows


# --- STOP -------------------------------------------------------------------------------------


def test_stop_asks_for_the_whole_workbook_or_the_sheets_named():
    query = asked("stop", *JULY)
    (request,) = stop.requests(query, {})
    assert (request.path, request.query) == ("/export", (("format", "xlsx"),))
    (request,) = stop.requests(asked("stop", *JULY, format="csv"), {})
    assert request.query == (("format", "csv"),)
    several = asked("stop", *JULY, gid="7, 8,7")
    assert [dict(one.query)["gid"] for one in stop.requests(several, {})] == ["7", "8"]
    with pytest.raises(SourceError, match="give numbers"):
        stop.requests(asked("stop", *JULY, gid="x"), {})


HEADER = (
    "start_date,end_date,country,area_name,geo_scope,shutdown_type,affected_network,"
    "shutdown_extent,shutdown_status,start_date_type,count_year,actual_cause\n"
)


def sheet(*lines):
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode()


def test_stop_joins_what_is_listed_every_year():
    block = "2021-01-25,,Iran (Islamic Republic of),National,,Shutdown,Mobile,Service-based"
    query = asked("stop", "2023-03-01", "2023-04-01")
    table = read(
        stop,
        query,
        sheet(f"{block},Unknown,Actual,2021,", *(f"{block},Ongoing,,{y}," for y in (2022, 2023))),
    )
    assert table[["start", "end"]].to_numpy().tolist() == [["2021-01-25", "2023-12-31"]]
    assert table["conflict"].tolist() == ["no end: listed as ongoing in 2023"]
    assert table.attrs["repeated"] == 2
    ended = sheet(f"{block},Ongoing,,2022,", block.replace(",,", ",5/6/2023,", 1) + ",Ended,,2023,")
    assert read(stop, query, ended)["end"].tolist() == ["2023-05-06"]


def test_stop_remarks_on_near_duplicates_estimates_and_ends_that_cannot_be():
    row = "11/16/2019,{},Iran,National,,Shutdown,Mobile,Full network,Ended,Estimated,2019,Protests"
    query = asked("stop", "2019-11-01", "2019-12-01")
    table = read(stop, query, sheet(row.format("11/23/2019"), row.format("43793")))
    assert table["end"].tolist() == ["2019-11-24"]
    assert table["conflict"].tolist() == ["start is estimated; also listed with end 2019-11-23"]
    for end, remark in (("unknown", "end not known"), ("11/1/2019", "ends before it starts")):
        table = read(stop, query, sheet(row.format(end)))
        assert table["end"].tolist() == [""]
        assert remark in table["conflict"][0]
        accepted(table)


def test_stop_tells_countries_of_a_list_apart():
    line = "2021-07-16,,{},,Not sure,Shutdown,Unknown,Full network,,,2021,"
    names = "Burundi; Kenya; Tanzania, United Republic of; Atlantis"
    table = read(stop, asked("stop", *JULY, "TZ"), sheet(line.format(f'"{names}"')))
    assert table[["place", "network", "statement"]].to_numpy().tolist() == [
        ["Not sure", "", "Shutdown; Full network"]
    ]
    assert table.attrs["unknown_countries"] == ["Atlantis"]
    assert read(stop, asked("stop", *JULY), sheet(line.format("Kenya"))).empty


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<!DOCTYPE html>", "a web page came instead of a table"),
        (b"", "no header"),
        (b"a,b\n1,2\n", "'startdate' is missing"),
    ],
)
def test_stop_replies_that_cannot_be_used(body, sentence):
    with pytest.raises(SourceError, match=sentence):
        read(stop, asked("stop", *JULY), body)


COMBINED, OF_2019 = (
    "events/stop/stop_combined_2016-2025.csv",
    "events/stop/stop_2019_voodoolabs.csv",
)


@needs_files
def test_stop_reads_the_combined_sheet():
    body = (SHARED / COMBINED).read_bytes()
    table = read(stop, asked("stop", *JULY), body)
    assert table.attrs["unknown_countries"] == []
    assert table.attrs["undated"] == 0
    # The day before the label there are only the blocks that went on for years.
    khuzestan = read(stop, asked("stop", "2021-07-15", "2021-07-19"), body)
    (label,) = khuzestan[khuzestan["place"] == "Khuzestan"].to_dict("records")
    assert (label["start"], label["end"]) == ("2021-07-18", "2021-07-24")
    assert label["network"] == "Mobile; Iran: MCI (TCI), Iran: MTN Irancell"
    assert "cause: Protests" in label["statement"]
    assert "start is estimated" in label["conflict"]
    november = read(stop, asked("stop", "2019-11-01", "2019-12-01"), body)
    (cut,) = november[november["start"] == "2019-11-16"].to_dict("records")
    assert cut["end"] == "2019-11-24"
    assert "also listed with end 2019-11-23" in cut["conflict"]
    cuba = asked("stop", "2016-01-01", "2026-01-01", "CU", time_zone="America/Havana")
    assert len(accepted(read(stop, cuba, body))) == 9
    everything = asked("stop", "2009-01-01", "2026-01-01")
    iran = accepted(read(stop, everything, body))
    assert not iran.duplicated(["start", "statement", "place", "network"]).any()


@needs_files
def test_stop_reads_the_older_schema_and_both_together():
    old, combined = (SHARED / OF_2019).read_bytes(), (SHARED / COMBINED).read_bytes()
    query = asked("stop", "2019-11-01", "2019-12-01", gid="1,2")
    alone = read(stop, asked("stop", "2019-11-01", "2019-12-01"), old)
    assert alone["start"].tolist() == ["2019-11-16"]
    assert alone["statement"][0].endswith("cause: Protest; ordered by: Executive government")
    replies = answering(stop, query, old, combined)
    together = stop.read(query, replies)
    assert together["start"].tolist().count("2019-11-16") == 1
    backwards = dict(reversed(list(replies.items())))
    pd.testing.assert_frame_equal(together, stop.read(query, backwards))
    for country in ("IN", "VE", "LK"):
        everything = asked("stop", "2018-12-01", "2020-02-01", country)
        assert len(accepted(read(stop, everything, old))) > 1


# --- a person's own CSV -----------------------------------------------------------------------


def test_user_csv_maps_columns_and_constants():
    query = asked(
        "user-csv",
        *JULY,
        file="mine.csv",
        start="Date",
        kind="=protest",
        place="Town",
        country="Where",
        source="=my notes",
    )
    (request,) = user_csv.requests(query, {})
    assert (request.service, request.path) == ("user-csv", "/mine.csv")
    content = (
        "\ufeffDate,Town,Where\n2021-07-16,Ahvaz,IR\n7/15/2021,Izeh,Iran\n2021-07-15,X,Iraq\n"
        "2021-07-15T23:30,Shush,IR\n2021-07-15T12:00Z,Abadan,IR\n2020-01-01,Old,IR\n"
    )
    table = read(user_csv, query, content.encode(), origin=USER_SUPPLIED)
    assert table[["start", "precision", "place"]].to_numpy().tolist() == [
        ["2021-07-15", "day", "IR/Izeh"],
        ["2021-07-15T16:30:00", "hour", "IR/Abadan"],
        ["2021-07-15T23:30:00", "hour", "IR/Shush"],
        ["2021-07-16", "day", "IR/Ahvaz"],
    ]
    assert set(table["source"]) == {"my notes"}
    low = accepted(table)["start_low"]
    assert low.iloc[1] == pd.Timestamp("2021-07-15T12:00Z")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("start\n2021-07-15\n", "no column 'kind', but start; state the option kind"),
        ("start,kind\n2021-07-15,riot\n", "line 2 has the kind 'riot'; use one of protest"),
        ("start,kind\nsoon,protest\n", "line 2: 'soon' is not a time"),
        ("start,kind,precision\n2021-07-15,rival,year\n", "line 2 has the precision 'year'"),
        ("start,end,kind\n2021-07-15,2021-07-14,rival\n", "ends before it starts"),
    ],
)
def test_user_csv_mistakes(content, sentence):
    query = asked("user-csv", *JULY, file="mine.csv")
    with pytest.raises(SourceError, match=sentence):
        read(user_csv, query, content.encode())


@pytest.mark.parametrize("file", ["", "../mine.csv", "/etc/mine.csv", "a/b.csv", ".."])
def test_user_csv_takes_a_name_without_folders(file):
    with pytest.raises(SourceError, match="a name without folders"):
        user_csv.requests(asked("user-csv", *JULY, file=file), {})


def test_user_csv_reads_a_signal():
    query = asked(
        "tor.relay-users",
        *JULY,
        file="mine.csv",
        time="Day",
        value="Users",
        entity="=country/IR",
        time_zone="UTC",
    )
    node = read(user_signals, query, b"Day,Users\n2021-07-15,0\n2021-07-16,\n2021-07-14,9\n")
    assert node["value"].sel(entity="country/IR").values.tolist()[0] == 0
    assert np.isnan(node["value"].values[0, 1])
    assert node.sizes == {"entity": 1, "time": 2}
    for content, sentence in (
        (b"Day,Users\n2021-07-15,many\n", "line 2: 'many' in column 'Users' is not"),
        (b"Day,Users\n2021-07-15,inf\n", "line 2: 'inf' in column 'Users' is infinite"),
        (b"Day\n2021-07-15\n", "no column .Users."),
    ):
        with pytest.raises(SourceError, match=sentence):
            read(user_signals, query, content)


# --- whatever comes ---------------------------------------------------------------------------

QUERIES = {
    acled: asked("acled", *JULY),
    stop: asked("stop", *JULY),
    mass_mobilization: asked("mass-mobilization", *NOVEMBER),
    user_csv: asked("user-csv", *JULY, file="mine.csv", kind="=protest"),
}


def read_or_told(module, query, *bodies):
    return outcome(read, module, query, *bodies, about=f"{module.SERVICE.name}, ")


@pytest.mark.parametrize("module", QUERIES, ids=lambda module: module.__name__)
@settings(max_examples=examples(40))
@given(body=st.binary(max_size=200))
def test_any_bytes(module, body):
    assert isinstance(read_or_told(module, QUERIES[module], body), str), "it has no header"


@pytest.mark.parametrize("module", QUERIES, ids=lambda module: module.__name__)
def test_one_line_of_anything_is_no_list_without_events(module):
    for body in (b"abc", b"a,b\n"):
        found = read_or_told(module, QUERIES[module], body)
        assert "is missing" in found or "has no rows" in found
    header = pd.DataFrame(columns=COLUMNS).to_csv(index=False).encode()
    if module is stop:  # the list of all the world has a row in every year
        assert "is of no year, not of 2021" in read_or_told(module, QUERIES[module], header)
    elif module is user_csv:
        assert "has no rows" in read_or_told(module, QUERIES[module], header)
    else:
        assert read(module, QUERIES[module], header).empty


CELL = st.sampled_from(
    [
        *("", ".", "Iran", "IR", "2021-07-15", "7/15/2021", "44392", "Ongoing", "1", "0", "=x"),
        *("2021-03-22", "2021-07-15T10:00+03:30", "9" * 40, "Khuzestan", '"', "é\x00\r\n"),
    ]
)
COLUMNS = [
    *("start_date", "end_date", "country", "shutdown_extent", "shutdown_status", "count_year"),
    *("area_name", "protest", "location", "start", "end", "kind", "precision", "event_date"),
    *("event_type", "admin1", "startday", "startmonth", "startyear", "time", "value", "entity"),
]


@pytest.mark.parametrize("module", QUERIES, ids=lambda module: module.__name__)
@settings(max_examples=examples(40))
@given(rows=st.lists(st.lists(CELL, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=3))
def test_any_cells(module, rows):
    query = QUERIES[module]
    table = pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False).encode()
    assert not invented(read_or_told(module, query, table), table, rows=len(rows))
    if module is user_csv:
        wide = Query("ioda.bgp", query.start, query.end, "IR", options={"file": "mine.csv"})
        assert not invented(read_or_told(module, wide, table), table, rows=len(rows))


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), CELL),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(CELL, inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=examples(60))
@given(
    changes=st.lists(st.dictionaries(st.sampled_from(sorted(happened())), VALUE), max_size=3),
    envelope=st.dictionaries(st.sampled_from(["status", "data", "count"]), VALUE, max_size=1),
)
def test_any_acled_json(changes, envelope):
    document = {**page(*(happened(**change) for change in changes)), **envelope}
    found = read_or_told(acled, QUERIES[acled], document)
    given = document["data"]
    assert isinstance(found, str) or len(found) <= len(given)


@settings(max_examples=examples(60))
@given(data=VALUE, file=st.dictionaries(st.sampled_from(["id", "filename"]), VALUE))
def test_any_list_of_files(data, file):
    query = QUERIES[mass_mobilization]
    found = read_or_told(mass_mobilization, query, {"status": "OK", "data": data})
    assert isinstance(found, str), "no table came"
    document = {"data": [{"dataFile": {"id": 3, "filename": "mmALL.tab", **file}}, {"dataFile": 1}]}
    assert isinstance(read_or_told(mass_mobilization, query, document), str), "no table came"
