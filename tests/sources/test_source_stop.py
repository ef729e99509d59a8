"""The sheets of STOP: every schema it has had, as CSV and as a workbook, read as one."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.archive.request import USER_SUPPLIED, Reply, SourceError
from darkdays.case import case as cases
from darkdays.contracts import events
from darkdays.fetch.plan import wanted_of
from darkdays.sources import workbook
from darkdays.sources.query import Query
from darkdays.sources.stop import stop, stop_sheets
from examples import examples
from outcomes import outcome
from shared_data import SHARED, needs

STOP = SHARED / "events" / "stop"
COMBINED, OF_2019 = STOP / "stop_combined_2016-2025.csv", STOP / "stop_2019_voodoolabs.csv"
needs_files = needs(STOP, leaves_open="the sheets of STOP")


def cell(place, value):
    """A cell of a worksheet: text in place, a number, or a day with the style of days."""
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = escape(str(value)).replace("\n", "&#10;")
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def column(number):
    """A, B, ... Z, AA, ..."""
    head, last = divmod(number, 26)
    return (column(head - 1) if head else "") + chr(65 + last)


def xlsx(**sheets):
    """A workbook of sheets of rows, as small as a workbook can be."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{office}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>'
            for n, name in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + f'<Relationship Id="s" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {space}><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for number, rows in zip(numbers, sheets.values(), strict=True):
        lines = "".join(
            f'<row r="{at}">'
            + "".join(cell(f"{column(n)}{at}", value) for n, value in enumerate(row) if value != "")
            + "</row>"
            for at, row in enumerate(rows, start=1)
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {space}><sheetData>{lines}</sheetData></worksheet>"
        )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f"<?xml version='1.0' encoding='UTF-8'?>{text}")
    return content.getvalue()


def csv_of(rows):
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def asked(start="2016-01-01", end="2026-01-01", country="IR", **options):
    window = (pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"))
    return Query("stop", *window, country, options={"time_zone": "Asia/Tehran", **options})


def read(body, query=None):
    query = query or asked()
    (request,) = stop.requests(query, {})
    table = stop.read(query, {request.key: Reply(request, body, origin=USER_SUPPLIED)})
    events.read_csv(table.to_csv(index=False).encode(), "events")
    return table


def cells(body):
    (request,) = stop.requests(asked(), {})
    return list(stop_sheets.cells_of(Reply(request, body)))


# One shutdown in the words of each schema. Header names are those of the published sheets.
OF_2016 = [
    ["ID", "continent", "country ", "start_date", "end_date", "duration_days", "duration_hours",
     "geo_scope", "area_name", "shutdown_type", "shutdown_type_group", "services_affected",
     "service_details", "ordered_by", "actual_cause"],
    ["9", "Asia", "Iran", "12/30/2017", "1/13/2018", "14", "", "Level 3", "National",
     "Service-based", "service-based & mobile", "Broadband Internet & Mobile", "Telegram",
     "Executive government", "Protest"],
    ["10", "Asia", "Iran", "1/1/2018", "ongoing", "", "", "Level 2", "Kermanshah",
     "Full", "mobile internet", "Mobile Internet", "", "Unknown", "Protest"],
    ["11", "Asia", "Iran", "1/2/2018", "1/3/2018", "", "", "Level 1", "", "", "throttling",
     "Broadband Internet", "", "", ""],
]  # fmt: skip
THE_2019 = [
    ["ID", "start_date", "end_date ", "country ", "geo_scope", "area_name ", "shutdown_type_new",
     "affected_network", "full or service-based", "Telegram_affected", "telcos_involved ",
     "actual_cause", "ordered_by "],
    ["1", "11/16/2019", "11/23/2019", "Iran ", "Level 3", "National", "Shutdown",
     "Mobile and broadband", "Full", "FALSE", "MCI", "Protest", "Executive government"],
]  # fmt: skip
THE_2020 = [
    ["ID", "start_date", "end_date", "country", "state/India", "geo_scope", "area_name",
     "shutdown_type_new", "affected_network", "full or service-based", "SMS_affected",
     "phone_call_affected", "actual_cause"],
    ["1", 44166, "44170.0", "Iran", "", "Level 3", "National", "Throttle", "Mobile",
     "Full & service-based", "No", "No", "Unkown"],
]  # fmt: skip
SINCE_2021 = [
    ["start_date_type", "start_date", "country", "geo_scope", "area_name", "shutdown_type",
     "affected_network", "shutdown_extent", "shutdown_status", "end_date", "telegram_affected",
     "phonecall_affected", "actual_cause", "count_year"],
    ["Actual", "2021-01-25", "Iran (Islamic Republic of)", "Not sure", "", "Shutdown",
     "Unknown", "Service-based", "Ongoing", "", "Yes", "No", "", "2021"],
    ["Actual", "2021-01-25", "Iran (Islamic Republic of)", "Not sure", "", "Shutdown",
     "Unknown", "Service-based", "Ended", "2022-03-01", "Yes", "No", "", "2022"],
]  # fmt: skip


def test_the_oldest_schema_says_in_one_column_what_later_ones_say_in_three():
    first, second, third = cells(csv_of(OF_2016))
    assert (first["type"], first["network"], first["extent"]) == (
        "Service-based", "Broadband, Mobile", "Service-based",
    )  # fmt: skip
    assert (second["network"], second["extent"]) == ("Mobile", "Full network")
    assert (third["type"], third["network"]) == ("Throttle", "Broadband")
    assert third["scope"] == "It only affected one city, county, or village"
    table = read(csv_of(OF_2016))
    assert table[["start", "end"]].to_numpy().tolist() == [
        ["2017-12-30", "2018-01-13"], ["2018-01-01", "2018-12-31"], ["2018-01-02", "2018-01-03"],
    ]  # fmt: skip
    assert table["conflict"].tolist()[1] == "no end: listed as ongoing in 2018"
    assert table["place"].tolist() == ["National", "Kermanshah", third["scope"]]


def test_each_later_schema_is_read():
    (cut,) = read(csv_of(THE_2019)).to_dict("records")
    assert (cut["start"], cut["end"], cut["network"]) == (
        "2019-11-16", "2019-11-23", "Broadband, Mobile; MCI",
    )  # fmt: skip
    assert cut["statement"] == (
        "Shutdown; Full network; cause: Protest; ordered by: Executive government"
    )
    (slow,) = read(csv_of(THE_2020)).to_dict("records")
    assert (slow["start"], slow["end"]) == ("2020-12-01", "2020-12-05"), "day numbers of Excel"
    assert slow["statement"] == "Throttle; Full network, Service-based"
    (block,) = read(csv_of(SINCE_2021)).to_dict("records")
    assert (block["start"], block["end"]) == ("2021-01-25", "2022-03-01")
    assert block["statement"] == "Shutdown; Service-based; of Telegram"


def test_a_workbook_of_all_sheets_is_read_as_its_sheets_are():
    body = xlsx(
        **{
            "READ ME": [["About the data"], ["Please cite", "Access Now"]],
            "2016-2018": OF_2016,
            "2019": THE_2019,
            "2020": THE_2020,
            "2021-2025": SINCE_2021,
        }
    )
    table = read(body)
    each = pd.concat([read(csv_of(rows)) for rows in (OF_2016, THE_2019, THE_2020, SINCE_2021)])
    assert table["start"].tolist() == sorted(each["start"])
    assert table.attrs["repeated"] == 1
    ordered = each.sort_values(["start", "end"], ignore_index=True)
    pd.testing.assert_frame_equal(table, ordered, check_flags=False)


def test_of_a_workbook_the_combined_sheet_is_read_and_years_that_came_later():
    combined = {"2019": THE_2019, "2021": SINCE_2021, "Combined (2016-2025)": SINCE_2021}
    alone = cells(csv_of(SINCE_2021))
    assert cells(xlsx(**combined)) == alone
    assert cells(xlsx(**combined, **{"2026": THE_2020})) == [*alone, *cells(csv_of(THE_2020))]


ONE_YEAR = (
    b"country,start_date,end_date,shutdown_status,area_name,geo_scope,affected_network,"
    b"shutdown_extent,shutdown_type\n"
    b'"Iran (Islamic Republic of)",6/13/2025,6/25/2025,Ended,All,,Mobile,Full network,Shutdown\n'
    b"Cuba,1/25/2021,,Ongoing,Nationwide,,Mobile,Full network,Shutdown\n"
)


def test_a_sheet_of_another_year_says_so_and_is_no_list_without_shutdowns():
    assert list(stop_sheets.years_held(cells(ONE_YEAR))) == [2025]
    with pytest.raises(SourceError, match=r"is of 2025, not of 2021: .* leave the option gid out"):
        read(ONE_YEAR, asked("2021-07-01", "2021-08-01"))
    table = read(ONE_YEAR, asked("2024-12-01", "2025-08-01"))
    assert len(table) == 1
    assert table.attrs["incomplete"].startswith("the list that was read is of 2025, not of 2024")
    assert "incomplete" not in read(ONE_YEAR, asked("2025-01-01", "2026-01-01")).attrs


def test_no_case_takes_a_sheet_of_one_year_for_the_list_of_its_own():
    asked = 0
    for name in cases.known():
        for one in wanted_of(cases.load(name)):
            if one.source.SERVICE.name == "stop":
                (request,) = one.source.requests(one.query, {})
                assert dict(request.query) == {"format": "xlsx"}
                reply = Reply(request, ONE_YEAR.replace(b"2025", b"2031"), origin=USER_SUPPLIED)
                with pytest.raises(SourceError, match="is of 2031, not of 20"):
                    one.source.read(one.query, {request.key: reply})
                asked += 1
    assert asked > 1


def test_cells_of_a_workbook_are_what_the_sheet_saved_as_csv_has():
    head = ["start_date", "end_date", "country", "shutdown_extent", "count_year",
            "Telegram_affected"]  # fmt: skip
    body = xlsx(list=[head, [date(2021, 7, 18), 44401, "Iran", "Full network", 2021.0, True]])
    (row,) = cells(body)
    assert (row["start"], row["end"], row["year"], row["telegram"]) == (
        "2021-07-18", "44401", "2021", "TRUE",
    )  # fmt: skip
    (label,) = read(body).to_dict("records")
    assert (label["start"], label["end"]) == ("2021-07-18", "2021-07-24")


def test_a_header_below_a_title_is_found():
    body = xlsx(list=[["Shutdowns, updated weekly"], [], *THE_2019])
    assert read(body)["start"].tolist() == ["2019-11-16"]


def test_a_workbook_may_be_asked_for():
    query = asked(format="xlsx")
    (request,) = stop.requests(query, {})
    assert request.query == (("format", "xlsx"),)
    assert read(xlsx(list=THE_2019), query)["start"].tolist() == ["2019-11-16"]
    with pytest.raises(SourceError, match="set format to csv or xlsx"):
        stop.requests(asked(format="ods"), {})


@needs_files
@pytest.mark.parametrize(("path", "country"), [(COMBINED, "IR"), (COMBINED, "CU"), (OF_2019, "IN")])
def test_a_real_sheet_is_the_same_as_a_workbook(path, country):
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    query = asked(country=country)
    from_csv, from_xlsx = read(path.read_bytes(), query), read(xlsx(sheet=rows), query)
    assert len(from_csv) > 5
    pd.testing.assert_frame_equal(from_csv, from_xlsx)
    assert from_csv.attrs == from_xlsx.attrs


@needs_files
def test_real_sheets_of_two_schemas_together_list_each_shutdown_once():
    rows = {
        path.stem: list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
        for path in (COMBINED, OF_2019)
    }
    query = asked("2019-11-01", "2019-12-01")
    (cut,) = [
        row for row in read(xlsx(**rows), query).to_dict("records") if "11-16" in row["start"]
    ]
    assert cut["end"] == "2019-11-24"
    assert "also listed with end 2019-11-23" in cut["conflict"]


# --- what is no workbook ---


def zipped(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return content.getvalue()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"PK\x03\x04", "the workbook is damaged"),
        (b"PK\x03\x04" + b"x" * 500, "the workbook is damaged"),
        (zipped(a="b"), "it is no XLSX workbook"),
        (zipped(**{"xl/workbook.xml": "<x/>", "content.xml": "<x/>"}), "no XLSX workbook"),
        (zipped(**{"xl/workbook.xml": "<x/>"}), "the workbook is damaged, or none"),
        (xlsx(list=[["a", "b"], [1, 2]]), "the column 'startdate' is missing"),
        (xlsx(list=[]), "the column 'startdate' is missing"),
    ],
)
def test_what_is_no_workbook_is_one_sentence(body, sentence):
    with pytest.raises(SourceError, match=sentence):
        read(body)


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(workbook, "_LARGEST", 10_000)
    with pytest.raises(SourceError, match="unpacks to more than"):
        read(xlsx(list=[*THE_2019, *[["x" * 1000] * 9] * 9]))


@pytest.mark.parametrize("place", ["A99999999999", "ZZZZ1", "XFD1048576", "&#65;9", "A1:B2"])
def test_a_cell_far_out_takes_no_memory(place):
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'r="A2"', f'r="{place}"'.encode())
    with pytest.raises(SourceError, match=r"is at no place|cells lie in up to"):
        read(zipped(**parts))


GOOD = xlsx(list=THE_2019)


@settings(max_examples=examples(150))
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4))
def test_any_damage_to_a_workbook_is_values_or_one_sentence(changes):
    body = bytearray(GOOD)
    for place, byte in changes:
        body[place] = byte
    found = read_or_told(bytes(body))
    # What is inside has its checksum: it is read as it was, or not at all.
    assert isinstance(found, str) or found.equals(read(GOOD))


@settings(max_examples=examples(80))
@given(
    name=st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]),
    place=st.floats(0, 1),
    junk=st.text(max_size=8) | st.sampled_from(["<row>", "<c r='ZZZ9'>", "</v>", "&", "r='-1'"]),
)
def test_any_damage_to_the_xml_inside_is_values_or_one_sentence(name, place, junk):
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    at = int(place * len(parts[name]))
    parts[name] = parts[name][:at] + junk.encode("utf-8", "replace") + parts[name][at:]
    found = read_or_told(zipped(**parts))
    assert isinstance(found, str) or len(found) <= 1


def read_or_told(body):
    return outcome(read, body, about="stop, ")
