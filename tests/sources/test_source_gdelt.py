"""GDELT exports: real rows, every trap of the format, and whatever bytes there can be."""

from __future__ import annotations

import csv
import io
import zipfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import Reply, SourceError
from darkdays.contracts import events
from darkdays.sources.countries import FIPS, NAMES, code_of
from darkdays.sources.gdelt import gdelt, gdelt2
from darkdays.sources.gdelt.gdelt_rows import COLUMNS
from darkdays.sources.query import Query
from examples import examples
from outcomes import outcome
from shared_data import SHARED, needs

SAMPLES = SHARED / "api-samples/gdelt"
needs_samples = needs(SAMPLES, leaves_open="recorded replies of GDELT")


def asked(datasource="gdelt", start="2021-07-15", end="2021-07-17", country="IR", **options):
    return Query(
        datasource,
        pd.Timestamp(start, tz="UTC"),
        pd.Timestamp(end, tz="UTC"),
        country,
        options=options,
    )


def line(datasource="gdelt", **cells):
    names = COLUMNS[datasource]
    given_cells = {
        "GLOBALEVENTID": "1",
        "SQLDATE": "20210715",
        "EventRootCode": "14",
        "NumArticles": "3",
        "ActionGeo_FullName": "Ahvaz, Khuzestan, Iran",
        "ActionGeo_CountryCode": "IR",
        "ActionGeo_ADM1Code": "IR15",
        "ActionGeo_Lat": "31.3203",
        "ActionGeo_Long": "48.6693",
        "Actor1Name": "A PERSON",
        "SOURCEURL": "https://example.org/article",
        **cells,
    }
    return "\t".join(given_cells.get(name, "") for name in names)


def zipped(*lines, name="20210715.export.CSV", compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr(name, "".join(f"{one}\n" for one in lines))
    return buffer.getvalue()


def replied(query, *bodies):
    wanted = gdelt.requests(query, {})
    return {
        request.key: Reply(request, body) for request, body in zip(wanted, bodies, strict=False)
    }


def accepted(table):
    """The table as any other reader of events gets it."""
    assert list(table.columns) == list(events.COLUMNS)
    return events.read_csv(table.to_csv(index=False).encode(), "events")


# --- files that are not there ---


def absent(request, fetched="2024-01-01T00:00:00Z"):
    return Reply(request, b"<Error>NoSuchKey</Error>", fetched=fetched, status=404)


def test_a_day_that_was_never_published_is_an_answer():
    query = asked()
    first, second, third = gdelt.requests(query, {})
    there = {first.key: Reply(first, zipped(line())), second.key: absent(second)}
    there[third.key] = Reply(third, zipped(line(GLOBALEVENTID="2")))
    table = gdelt.read(query, there)
    assert table["statement"].tolist() == ["coded as protest: 2 rows from 6 articles"]
    assert table.attrs["never_published"] == ["events added 20210716"]
    assert table.attrs["not_read"] == []
    assert [one.status for one in gdelt.SERVICE.absences] == [404]
    assert gdelt2.SERVICE.absences == gdelt.SERVICE.absences


def test_a_file_that_may_still_come_is_no_absence():
    query = asked("gdelt2", "2021-07-15", "2021-07-16", lag_days="0")
    first, second, *_ = gdelt.requests(query, {})
    there = {first.key: Reply(first, zipped(line("gdelt2")))}
    there[second.key] = absent(second, "2021-07-15T01:00:00Z")
    with pytest.raises(SourceError, match="not published yet; fetch it again in two days"):
        gdelt.read(query, there)
    there[second.key] = absent(second, "2021-07-18T01:00:00Z")
    assert len(gdelt.read(query, there).attrs["never_published"]) == 1


def test_no_file_at_all_is_a_wrong_address_and_no_quiet_time():
    query = asked()
    there = {one.key: absent(one) for one in gdelt.requests(query, {})}
    with pytest.raises(SourceError, match="none of the files is there; check the base URL"):
        gdelt.read(query, there)


def test_a_file_a_day_and_one_more_because_news_come_late():
    paths = [request.path for request in gdelt.requests(asked(), {})]
    assert paths == [f"/2021071{day}.export.CSV.zip" for day in (5, 6, 7)]
    assert len(gdelt.requests(asked(lag_days="0"), {})) == 2


def test_local_days_a_window_touches_are_read_whole():
    days = {
        zone: [one.path[7:9] for one in gdelt.requests(asked(time_zone=zone), {})]
        for zone in ("Asia/Tehran", "America/Havana")
    }
    assert days == {
        "Asia/Tehran": ["15", "16", "17", "18"],
        "America/Havana": ["14", "15", "16", "17"],
    }


def test_a_file_every_quarter_of_an_hour():
    query = asked("gdelt2", end="2021-07-15T01:00", lag_days="0")
    assert len(gdelt2.requests(query, {})) == 96
    assert [request.path for request in gdelt2.requests(query, {})][:4] == [
        f"/202107150{minutes}00.export.CSV.zip" for minutes in ("000", "015", "030", "045")
    ]
    assert {request.service for request in gdelt2.requests(query, {})} == {gdelt2.SERVICE.name}
    both = gdelt2.requests(
        asked("gdelt2", end="2021-07-15T00:15", lag_days="0", translated="yes"), {}
    )
    assert [one.path[16:] for one in both][:2] == ["export.CSV.zip", "translation.export.CSV.zip"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (asked(start="2012-01-01", end="2012-02-01"), "begin on 2013-04-01"),
        (asked(start="2013-04-02", end="2026-01-01"), "more than 1200 files"),
        (asked("gdelt2", end="2021-12-31"), "or use gdelt, which has a file a day"),
        (asked(lag_days="soon"), "give a whole number"),
    ],
)
def test_a_window_that_cannot_be_asked_for(query, sentence):
    with pytest.raises(SourceError, match=sentence):
        gdelt.requests(query, {})


def test_rows_become_one_event_a_day_and_division_without_places_or_articles():
    query = asked(time_zone="Asia/Tehran")
    body = zipped(
        line(GLOBALEVENTID="1"),
        line(GLOBALEVENTID="2", ActionGeo_FullName="Susangerd, Khuzestan, Iran", NumArticles="4"),
        line(GLOBALEVENTID="3", ActionGeo_FullName="Iran", ActionGeo_ADM1Code="IR"),
        line(GLOBALEVENTID="4", EventRootCode="04", NumMentions="14"),
        line(GLOBALEVENTID="5", ActionGeo_CountryCode="IZ", ActionGeo_ADM1Code="IZ02"),
    )
    table = gdelt.read(query, replied(query, body, zipped(line(GLOBALEVENTID="1"))))
    assert table["place"].tolist() == ["Iran (FIPS IR)", "Khuzestan (FIPS IR15)"]
    assert table["statement"].tolist() == [
        "coded as protest: 1 rows from 3 articles",
        "coded as protest: 2 rows from 7 articles",
    ]
    assert set(table["time_zone"]) == {"Asia/Tehran"}
    written = table.to_csv()
    for told in ("Ahvaz", "Susangerd", "31.3", "48.6", "example.org", "PERSON"):
        assert told not in written
    assert accepted(table)["start_low"].iloc[0] == pd.Timestamp("2021-07-14T19:30Z")
    assert "not protests" in table["conflict"].iloc[0]
    few = asked(time_zone="Asia/Tehran", least_events="2")
    assert gdelt.read(few, replied(few, body))["place"].tolist() == ["Khuzestan (FIPS IR15)"]


def test_without_a_time_zone_days_are_utc_and_it_says_so():
    query = asked()
    table = gdelt.read(query, replied(query, zipped(line())))
    assert table["time_zone"].tolist() == ["UTC"]
    assert "no time zone was stated" in table["conflict"][0]


def test_dates_a_year_off_are_left_out_and_counted():
    query = asked()
    dates = ("20200715", "20210707", "20210708", "20210714", "00000000", "2021", "20210715")
    lines = [line(GLOBALEVENTID=str(n), SQLDATE=date) for n, date in enumerate(dates)]
    table = gdelt.read(query, replied(query, zipped(*lines)))
    assert table.attrs["dated_far_off"] == 4
    assert table["start"].tolist() == ["2021-07-15"]
    assert len(table.attrs["not_read"]) == 2


def test_one_file_of_many_days_may_stand_in_for_every_request():
    query = asked(start="2021-07-01", end="2021-07-31")
    lines = [
        line(GLOBALEVENTID=str(n), SQLDATE=f"202107{n:02}", DATEADDED=f"202107{n:02}")
        for n in range(1, 31)
    ]
    wanted = gdelt.requests(query, {})
    replies = {one.key: Reply(one, "\n".join(lines).encode()) for one in wanted}
    table = gdelt.read(query, replies)
    assert (len(table), table.attrs["dated_far_off"]) == (30, 0)


@pytest.mark.parametrize(("iso", "fips"), [("CN", "CH"), ("CH", "SZ"), ("IQ", "IZ"), ("AU", "AS")])
def test_codes_of_countries_are_fips(iso, fips):
    assert FIPS[iso] == (fips,)
    query = asked(country=iso)
    mine = line(ActionGeo_CountryCode=fips, ActionGeo_ADM1Code=fips + "07")
    other = line(GLOBALEVENTID="2", ActionGeo_CountryCode=iso, ActionGeo_ADM1Code=iso + "07")
    table = gdelt.read(query, replied(query, zipped(mine, other)))
    assert table["place"].tolist() == [f"Khuzestan (FIPS {fips}07)"]


def test_no_fips_code_stands_for_two_countries():
    every = [code for codes in FIPS.values() for code in codes]
    assert len(every) == len(set(every))
    assert set(FIPS) == set(NAMES)
    assert all(code_of(name) == iso for iso, name in NAMES.items())


def test_country_names_in_any_order_of_words():
    assert code_of("Venezuela, Bolivarian Republic of") == "VE"
    assert code_of("Congo (Democratic Republic of the)") == "CD"
    assert code_of("Congo") == "CG"
    assert code_of("Côte d'Ivoire") == code_of("COTE D\u2019IVOIRE") == "CI"
    assert code_of("Korea, Republic of") == "KR"
    assert code_of("") is code_of("Atlantis") is None


def test_the_columns_are_those_documented():
    assert [len(COLUMNS[name]) for name in ("gdelt", "gdelt2")] == [58, 61]
    assert COLUMNS["gdelt2"]["EventRootCode"] == 28
    assert COLUMNS["gdelt2"]["ActionGeo_CountryCode"] == 53
    assert COLUMNS["gdelt"]["ActionGeo_CountryCode"] == 51


@needs_samples
@pytest.mark.parametrize(("version", "name"), [(1, "gdelt"), (2, "gdelt2")])
def test_the_columns_are_those_of_the_recorded_lists(version, name):
    columns = 58 if version == 1 else 61
    path = SAMPLES / f"events_v{version}_columns_{columns}.csv"
    with path.open(newline="", encoding="utf-8") as lines:
        listed = [row["name"] for row in csv.DictReader(lines)]
    assert list(COLUMNS[name]) == listed


@needs_samples
def test_real_rows_are_read():
    body = (SAMPLES / "20260928073000.export.first4rows.tsv").read_bytes()
    query = asked("gdelt2", "2026-09-28T07:30", "2026-09-28T07:45", "CN", lag_days="0")
    for content in (body, zipped(*body.decode().splitlines())):
        table = gdelt2.read(query, replied(query, content))
        assert table.empty
        assert table.attrs["dated_far_off"] == 0
    # The first row is a year off; made a protest, it is counted, not kept.
    lines = body.decode().splitlines()
    cells = lines[0].split("\t")
    cells[COLUMNS["gdelt2"]["EventRootCode"]] = "14"
    protest = "\t".join(cells)
    table = gdelt2.read(query, replied(query, zipped(protest, *lines[1:])))
    assert (len(table), table.attrs["dated_far_off"]) == (0, 1)
    cells[COLUMNS["gdelt2"]["SQLDATE"]] = "20260928"
    table = gdelt2.read(query, replied(query, zipped("\t".join(cells), *lines[1:])))
    assert table["place"].tolist() == ["Beijing (FIPS CH22)"]
    assert table["source"].tolist() == ["GDELT 2.0"]


def lying_zip():
    """A member that claims to be small and is not."""
    body = bytearray(zipped("\t" * 4_000_000))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = body.find(signature) + offset
        body[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (zipped("a\tb"), "2 columns, not 58"),
        (zipped(line("gdelt2")), "61 columns, not 58"),
        (zipped(line(), "x\t14\ty"), "3 columns, not 58"),
        (zipped(line())[:-30], "the zip is damaged"),
        (b"<html>no such file</html>", "columns, not 58"),
        (lying_zip(), "damaged|columns"),
    ],
)
def test_files_that_cannot_be_used(body, sentence):
    query = asked()
    with pytest.raises(SourceError, match=sentence) as caught:
        gdelt.read(query, replied(query, body))
    assert str(caught.value).startswith("gdelt, events added 20210715: ")


def test_a_zip_of_several_files_and_one_too_large(monkeypatch):
    query = asked()
    buffer = io.BytesIO(zipped(line()))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("other.csv", "")
    with pytest.raises(SourceError, match="holds 2 files"):
        gdelt.read(query, replied(query, buffer.getvalue()))
    bomb = zipped("\t" * 50_000_000)
    assert len(bomb) < 100_000
    small = type(gdelt.SERVICE)("gdelt", "", "", True, "", largest=2**20)
    monkeypatch.setattr(gdelt, "SERVICE", small)
    with pytest.raises(SourceError, match="unpacks to more than 1 MiB"):
        gdelt.read(query, replied(query, bomb))


def test_nothing_fetched_and_no_such_country():
    with pytest.raises(SourceError, match="fetch the case first"):
        gdelt.read(asked(), {})
    with pytest.raises(SourceError, match="no country has the code 'ZZ'"):
        gdelt.read(asked(country="ZZ"), {})
    with pytest.raises(SourceError, match="Teheran"):
        gdelt.read(asked(time_zone="Teheran"), {})


def test_the_order_of_replies_does_not_matter():
    query = asked()
    days = [
        zipped(line(GLOBALEVENTID=str(day), SQLDATE=f"2021071{day}", ActionGeo_FullName=name))
        for day, name in ((5, "A, Khuzestan, Iran"), (6, "B, Khuzistan, Iran"), (6, "Iran"))
    ]
    replies = replied(query, *days)
    backwards = dict(reversed(list(replies.items())))
    pd.testing.assert_frame_equal(gdelt.read(query, replies), gdelt.read(query, backwards))


CELL = st.sampled_from(["", "14", "IR", "IR15", "20210715", "\x00", "9" * 30, "é, Iran", "\ufffd"])


@settings(max_examples=examples(60))
@given(st.binary(max_size=300))
def test_any_bytes(body):
    query = asked()
    for content in (body, b"PK\x03\x04" + body, zipped(line())[:120] + body):
        found = outcome(gdelt.read, query, replied(query, content), about="gdelt, ")
        assert isinstance(found, str) or (content is body and found.empty)


@settings(max_examples=examples(60))
@given(st.lists(st.dictionaries(st.sampled_from(sorted(COLUMNS["gdelt"])), CELL), max_size=4))
def test_any_cells(rows):
    query = asked(time_zone="America/Havana")
    table = gdelt.read(query, replied(query, zipped(*(line(**cells) for cells in rows))))
    assert len(accepted(table)) <= len(rows)
