"""People's own files: any usual form is read, and what can mean two things is refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkdays.errors import InputError
from darkdays.sources.own import formats, reading
from darkdays.sources.own.table import Form
from examples import examples
from shared_data import SHARED, needs

FILES = SHARED / "field" / "files"
needs_files = needs(FILES / "plain.csv", leaves_open="small files as people have them")
HOURS = pd.date_range("2021-06-01", periods=120, freq="h", tz="UTC")


def read(content, zone="UTC", **form):
    body = content if isinstance(content, bytes) else content.encode()
    return reading.read(body, "mine.csv", Form(time_zone=zone, **form))


def table(content, **form):
    found = read(content, **form)
    (values,) = found.values.values()
    return found.moments.times, values


def refused(content, **form):
    with pytest.raises(InputError) as caught:
        read(content, **form)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- the files of the field trial ---


@needs_files
@pytest.mark.parametrize(
    "name",
    ["bom.csv", "comment_head.csv", "data.csv.gz", "data.json", "data.parquet", "date_and_hour.csv",
     "epoch_s.csv", "footer_text.csv", "noheader.csv", "persian_digits.csv", "semicolon.csv",
     "semicolon_decimalcomma.csv", "tab.tsv", "timestamp_more.csv", "title_line.csv", "utf16.csv"],
)  # fmt: skip
def test_whatever_the_form_it_is_the_same_table(name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    times, values = table((FILES / name).read_bytes())
    expected = pd.read_csv(FILES / "plain.csv")["value"]
    assert times.as_unit("ns").equals(HOURS.as_unit("ns"))
    assert values.tolist() == expected.tolist()


@needs_files
def test_percent_and_thousands_are_numbers_and_say_so():
    plain = pd.read_csv(FILES / "plain.csv")["value"]
    for name, scale, word in (("percent.csv", 0.1, "percent"), ("thousands_quoted.csv", 10, "','")):
        found = read((FILES / name).read_bytes())
        assert np.allclose(found.values["value"], scale * plain, rtol=1e-3)
        assert word in found.line


@needs_files
def test_days_and_local_clocks_are_read_in_every_zone():
    for name, zone in (
        ("tehran_daily_2021", "Asia/Tehran"),
        ("havana_daily_2021", "America/Havana"),
    ):
        times, _ = table((FILES / f"{name}.csv").read_bytes(), zone=zone)
        days = times.tz_convert(zone).strftime("%Y-%m-%d")
        assert list(days) == list(pd.date_range("2021-01-01", "2021-12-31").strftime("%Y-%m-%d"))
    for name, count in (("tehran_hourly_true", 937), ("tehran_hour_one_missing", 936)):
        found = read((FILES / f"{name}.csv").read_bytes(), zone="Asia/Tehran")
        steps = np.diff(found.moments.times.as_unit("s").asi8)
        assert len(found.moments.times) == count
        assert sorted(set(steps)) == ([3600] if count == 937 else [3600, 7200])
        assert ("clocks repeat" in found.line) == (count == 936)


@needs_files
def test_what_is_wrong_is_said_of_the_right_line():
    assert "line 54: 'abc'" in refused((FILES / "line_after_blank.csv").read_bytes())
    assert "1990 to 2100" in refused((FILES / "counter_years.csv").read_bytes())
    assert "--calendar jalali" in refused((FILES / "jalali.csv").read_bytes())
    times, _ = table((FILES / "jalali.csv").read_bytes(), calendar="jalali")
    assert str(times[0].date()) == "2021-03-21"
    assert "6 January or 1 June" in refused((FILES / "us_dates.csv").read_bytes())
    times, _ = table((FILES / "us_dates.csv").read_bytes(), date_format="MM/DD/YYYY")
    assert times.as_unit("ns").equals(HOURS.as_unit("ns"))


@needs_files
def test_a_table_of_many_is_told_apart_by_the_column_that_does():
    found = read((FILES / "long_entities.csv").read_bytes())
    assert found.columns.entity == "entity"
    assert sorted(found.entities().unique()) == ["asn/1", "asn/2"]


# --- numbers ---


@pytest.mark.parametrize(
    ("cells", "form", "values"),
    [
        (["1,5", "2,25"], {}, [1.5, 2.25]),
        (["1.234,5", "2"], {}, [1234.5, 2]),
        (["1,234.5", "2"], {}, [1234.5, 2]),
        (["1.234.567", "2"], {}, [1234567, 2]),
        (["1.234", "2.5"], {}, [1.234, 2.5]),
        (["0.123", "2"], {}, [0.123, 2]),
        (["1.234", "2"], {"decimal": ","}, [1234, 2]),
        (["1.234", "2"], {"decimal": "."}, [1.234, 2]),
        (["12\u00a0345", "1\u202f000"], {}, [12345, 1000]),
        (["\u0663\u066b\u0665", "\u06f4"], {}, [3.5, 4]),
        (["\N{MINUS SIGN}3", "1e3"], {}, [-3, 1000]),
        (["<1", "5"], {"below": "0"}, [0, 5]),
        (["<1", "< 0,5", "5"], {"below": "bound"}, [1, 0.5, 5]),
        (["-999", "5"], {"missing": ("-999",)}, [np.nan, 5]),
        (["n/a", "5"], {}, [np.nan, 5]),
        (["..", "5 %"], {}, [np.nan, 5]),
    ],
)
def test_numbers_are_read_where_they_can_be_one_thing_only(cells, form, values):
    days = (f"2021-06-0{at};{cell}" for at, cell in enumerate(cells, start=1))
    _, found = table("day;value\n" + "\n".join(days) + "\n", **form)
    assert np.array_equal(found, values, equal_nan=True)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["1.234", "987"], "can be 1234 or 1.234; say which with --decimal"),
        (["1,234", "987"], "can be 1234 or 1.234; say which with --decimal"),
        (["<1", "5"], "is a bound and no number; it lies between 0 and that"),
        (["5%", "5"], "has no %"),
        (["1,23.4", "5"], "is not a number"),
    ],
)
def test_numbers_that_can_be_two_things_are_refused(cells, sentence):
    days = (f"2021-06-0{at};{cell}" for at, cell in enumerate(cells, start=1))
    assert sentence in refused("day;value\n" + "\n".join(days) + "\n")


# --- times ---


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2021-06-01T02:30:15.5", "2021-06-01T02:30:15.5Z"),
        ("2021-06-01 02:30:00 UTC", "2021-06-01T02:30Z"),
        ("20210601T0230", "2021-06-01T02:30Z"),
        ("20210601", "2021-06-01"),
        ("2021-06-01T06:00+03:30", "2021-06-01T02:30Z"),
        ("2021-06-01T24:00", "2021-06-02"),
        ("2021-W22-2", "2021-06-01"),
        ("2021-152", "2021-06-01"),
        ("2021/6/1", "2021-06-01"),
        ("2021-06", "2021-06-01"),
        ("13/06/2021", "2021-06-13"),
        ("06/13/2021", "2021-06-13"),
        ("1.6.2021", "2021-06-01"),
        ("06/13/2021 02:30 PM", "2021-06-13T14:30Z"),
        ("1 June 2021", "2021-06-01"),
        ("01-Jun-2021 02:30:00", "2021-06-01T02:30Z"),
        ("Jun 1, 2021", "2021-06-01"),
        ("Tue, 01 Jun 2021 02:30:00 GMT", "2021-06-01T02:30Z"),
        ("1622514600", "2021-06-01T02:30Z"),
        ("1622514600000", "2021-06-01T02:30Z"),
        ("1622514600000000", "2021-06-01T02:30Z"),
        ("1622514600000000000", "2021-06-01T02:30Z"),
        ("\u06f2\u06f0\u06f2\u06f1-\u06f0\u06f6-\u06f0\u06f1", "2021-06-01"),
    ],
)
def test_times_of_every_form(cell, moment):
    (time,), _ = table(f"time;value\n{cell};1\n")
    expected = pd.Timestamp(moment)
    assert time == (expected if expected.tzinfo else expected.tz_localize("UTC"))


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["02/01/2022", "05/01/2022"], "2 January or 1 February"),
        (["13/01/2022", "01/13/2022"], "write all alike"),
        (["01/02/22"], "a year of two digits"),
        (["1443-01-01"], "Hijri"),
        (["2565-01-01"], "Buddhist"),
        (["1889-01-01"], "no time of the internet"),
        (["2021-02-30"], "is not a time"),
        (["noon"], "is not a time"),
    ],
)
def test_times_that_can_be_two_things_or_none_are_refused(cells, sentence):
    text = "time;value\n" + "".join(f"{cell};1\n" for cell in cells)
    assert sentence in refused(text)


# --- the same table from every form ---


def zipped(body):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine.csv", body)
    return packed.getvalue()


def parquet(frame):
    body = io.BytesIO()
    frame.to_parquet(body)
    return body.getvalue()


FORMS = {
    "csv": lambda frame: frame.to_csv(index=False).encode(),
    "csv.gz": lambda frame: gzip.compress(frame.to_csv(index=False).encode()),
    "csv.zip": lambda frame: zipped(frame.to_csv(index=False)),
    "semicolons": lambda frame: frame.to_csv(index=False, sep=";", decimal=",").encode("utf-16"),
    "tsv": lambda frame: b"# mine\n" + frame.to_csv(index=False, sep="\t").encode("utf-8-sig"),
    "title": lambda frame: b"A title\n\n" + frame.to_csv(index=False).encode() + b"\nSource: me\n",
    "json": lambda frame: frame.to_json(orient="records", date_format="iso").encode(),
    "columns": lambda frame: json.dumps(frame.astype({"time": str}).to_dict("list")).encode(),
    "jsonl": lambda frame: frame.to_json(orient="records", lines=True, date_format="iso").encode(),
    "parquet": parquet,
}


@settings(max_examples=examples(8), deadline=None)
@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=12),
    st.sampled_from(["h", "D", "15min"]),
)
def test_every_form_gives_back_the_same_table(numbers, step):
    times = pd.date_range("2021-06-01", periods=len(numbers), freq=step)
    values = np.array(numbers) / 16 + 1 / 32
    frame = pd.DataFrame({"time": times, "value": values})
    for name, write in FORMS.items():
        if name == "parquet":
            pytest.importorskip("pyarrow")
        found, got = table(write(frame))
        assert np.allclose(got, values, rtol=1e-9), name
        assert list(found) == list(times.tz_localize("UTC")), name


@pytest.mark.parametrize("dates", [None, "%d/%m/%Y %H:%M"])
@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ",")])
def test_numbers_are_read_fast_whatever_their_decimal_sign_and_dates(dates, separator, decimal):
    times = pd.date_range("2021-06-01", periods=900, freq="h")
    frame = pd.DataFrame({"time": times, "who": "IR", "value": np.arange(900) / 8})
    how = {"sep": separator, "decimal": decimal, "date_format": dates}
    body = frame.to_csv(index=False, **how).encode()
    fast, exact = formats.read(body, "mine.csv"), formats.read(body, "mine.csv", exact=True)
    assert fast.cells["value"].dtype == np.float64
    assert fast.cells["value"].tolist() == frame["value"].tolist()
    assert exact.cells["value"].dtype == "str"
    assert fast.cells.index.tolist() == exact.cells.index.tolist() == list(range(2, 902))
    assert list(read(body).moments.times.tz_localize(None)) == list(times)


DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y%m%d", "%d.%m.%Y")
NUMBERS = ("12,5", "12.5", "1,234", "1.234", "1.234,5", "1,234.5", "7", "", "NA", "5.5%", "<1", "x")


def outcome(body, form):
    """Return what came of a file: how it was read, values and times, or the sentence."""
    try:
        found = read(body, **form)
    except InputError as error:
        return str(error)
    return found.line, repr([one.tolist() for one in found.values.values()]), found.moments.times


@settings(max_examples=examples(40), deadline=None)
@given(
    dates=st.sampled_from(DATES),
    columns=st.lists(
        st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=8), min_size=1, max_size=2
    ),
    separator=st.sampled_from(";,\t"),
    end=st.sampled_from(["", "\n", "Total;7\n", "Source: me\n", "# end\n"]),
    form=st.sampled_from([{}, {}, {"decimal": ","}, {"decimal": "."}, {"below": "0"}]),
)
def test_whatever_is_read_fast_is_read_so_cell_by_cell(dates, columns, separator, end, form):
    days = pd.date_range("2021-06-07 05:00", periods=12, freq="D").strftime(dates)
    rows = [[day, *(cells[at % len(cells)] for cells in columns)] for at, day in enumerate(days)]
    text = pd.DataFrame(rows, columns=["time", "value", "count"][: len(rows[0])])
    body = (text.to_csv(index=False, sep=separator) + end).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("darkdays.sources.own.text.separators._HEAD_ROWS", 5)
        fast = outcome(body, form)
        patched.setattr("darkdays.sources.own.text.text_table._fast", lambda *_: None)
        exact = outcome(body, form)
    assert fast[:2] == exact[:2], body.decode()
    assert isinstance(fast, str) or list(fast[2]) == list(exact[2])


# --- bounds ---


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (gzip.compress(gzip.compress(b"a")), "packed twice"),
        (b"\x1f\x8b" + b"x" * 50, "damaged"),
        (b"PK\x03\x04" + b"x" * 50, "damaged"),
        (b"PAR1" + b"x" * 50, "Parquet"),
        (b"\x89PNG\r\n", "no table"),
        (b"<html>", "web page"),
        (b"[" * 100_000, "no JSON document"),
        (b"{}", "no list of rows"),
        (b'time,value\n"2021-06-01,1\n', "no table|quotation|cells|rows"),
    ],
    ids=range(9),
)
def test_what_is_no_table_is_one_sentence(body, sentence):
    with pytest.raises(InputError, match=sentence):
        read(body)


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_what_unpacks_to_too_much_is_refused(pack, monkeypatch):
    monkeypatch.setattr(formats, "LARGEST", 1000)
    with pytest.raises(InputError, match="unpacks to more than"):
        read(pack(b"time,value\n" + b"2021-06-01,1\n" * 1000))


@settings(max_examples=examples(40), deadline=None)
@given(
    st.binary(max_size=120)
    | st.text("0123456789,;.:-/\n\t\"'# TZ%<xé\u06f1", max_size=80).map(str.encode)
    | st.binary(max_size=60).map(lambda body: b"[" + body)
)
def test_any_bytes_are_a_table_or_one_sentence(body):
    try:
        found = read(body)
    except InputError as error:
        sentence = str(error)
    else:
        assert not any(np.isinf(one).any() for one in found.values.values())
        return
    assert sentence.endswith(".")
    assert "\n" not in sentence


def rows_of(cell="2022-09-{:02}", value="{}", header="day,value"):
    lines = (f"{cell.format(day)},{value.format(day)}" for day in range(10, 20))
    return "\n".join([header, *lines, ""])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (rows_of() + "Total,145\n", "line 12: 'Total' is not a time; take out a row of totals"),
        (rows_of() + ",145\n", "the cell is empty; take out a row of totals"),
        (rows_of("2022-09-{:02} 10:00 EST"), "names its time zone"),
        (rows_of("2022-09-{:02} 10:00 Asia/Tehran"), "names its time zone"),
        (rows_of("2022-09-{:02} 10:00 GMT+3:30"), "names its time zone"),
        (rows_of(value="{} Mbps"), "line 2: '10 Mbps' in column 'value' is a number with a unit"),
        (rows_of("2022,9,{}", header="year,month,day,value"), "columns year, month, day"),
        (rows_of(value="{},7"), "3 cells below a header of 2"),
        (rows_of() + "2022-09-21,1,7\n", "line 12: 3 cells below a header of 2"),
    ],
)
def test_what_people_leave_in_their_tables_is_named(content, sentence):
    assert sentence in refused(content.encode())


def test_a_bound_is_no_more_than_itself():
    sentence = refused(rows_of(value="<{}"), below="10.5")
    assert sentence.startswith("mine.csv, line 2: '<10' in column 'value' is no bound of 10.5;")


@pytest.mark.parametrize("totals", ["Total,1234\n", "Summe,1 234\nMean,12.5\n"])
def test_totals_below_the_header_are_no_row_and_no_header(totals):
    head, _, rest = rows_of().partition("\n")
    found = read("\n".join([head, totals + rest]))
    assert found.columns.values == ("value",)
    count = totals.count("\n")
    assert (found.table.cells.index[0], len(found.table.cells)) == (2 + count, 10)
    assert f"{count} line{'s' * (count > 1)} below the header left out" in found.line


def test_numbers_may_be_names_of_columns():
    assert read(rows_of(header="day,44244")).columns.values == ("44244",)


TWELVE = pd.date_range("2022-09-10", periods=12, freq="D")
ODD = {
    "psql": (" day | n \n-----+---\n", " %Y-%m-%d | {} \n", "(12 rows)\n"),
    "markdown": ("| day | n |\n|---|---:|\n", "| %Y-%m-%d | {} |\n", ""),
    "German days": ("Tag;n\n", "%d. September 2022;{}\n", ""),
    "two files in one": ("day,n\n", "%Y-%m-%d,{}\n", "day,n\n"),
    "sep=": ("sep=;\n'Tag';'n'\n".replace("'", '"'), "%d.%m.%Y;{}\n", ";\n"),
    "rows of R": ('"","day","n"\n', '"7","%Y-%m-%d",{}\n', ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_tables_as_programs_print_them_are_read(kind):
    head, row, end = ODD[kind]
    body = head + "".join(f"{day.strftime(row)}".format(at) for at, day in enumerate(TWELVE)) + end
    times, values = table(body)
    assert (list(times.tz_localize(None)), values.tolist()) == (list(TWELVE), list(range(12)))


def test_months_and_day_numbers_are_times():
    months = pd.date_range("2021-01-01", periods=12, freq="MS")
    times, _ = table("month,n\n" + "".join(f"{one:%B %Y},1\n" for one in months))
    assert list(times.tz_localize(None)) == list(months)
    times, _ = table("t,n\n" + "".join(f"{44814 + at / 24:.5f},{at}\n" for at in range(48)))
    assert times.equals(pd.date_range("2022-09-10", periods=48, freq="h", tz="UTC").as_unit("us"))


@pytest.mark.parametrize("version", [0, 1])
def test_a_sheet_of_words_in_front_is_not_the_table(version):
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    cell = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'
    words, number = cell.format("string", "", "day"), cell.format("float", 'office:value="5"', 5)
    sheets = "".join(
        f'<table:table table:name="{name}">'
        + count * f"<table:table-row>{row}</table:table-row>"
        + "</table:table>"
        for name, row, count in (
            ("About", words + version * number, 2),
            ("Data", words + number, 3),
        )
    )
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{space}office:1.0" '
            f'xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0"><office:body>'
            f"<office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    assert "sheet Data" in formats.read(body.getvalue(), "mine.ods").said


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("land," + ",".join(f"{one:%Y-%m-%d}" for one in TWELVE) + 2 * ("\nIran" + ",1" * 12),
         "has its times in the header (2022-09-10, 2022-09-11, 2022-09-12 …); turn it"),
        ("day  n\n" + "".join(f"{one:%Y-%m-%d}  7\n" for one in TWELVE), "nothing but blanks"),
        ("Sales by Month\n\n" + "".join(f"{year}  812  7  1054\n" for year in range(1992, 2004))
         + "Notes, in short\n", "nothing but blanks"),
        ("\n".join(["Source,Bank", "", "land,code," + ",".join(map(str, range(1995, 2007)))]
                   + [f"{one},X" + 12 * "," for one in "AB"]
                   + [f"{one},X" + 12 * ",7" for one in "CDEF"]),
         "has its times in the header (1995, 1996, 1997 …); turn it"),
        ("land,code,1990,1995,2000,2010" + "".join(f"\n{one},X,7,7,8,9" for one in "ABCD"),
         "has its times in the header (1990, 1995, 2000 …); turn it"),
        ("day," + ",".join(f"{one:02}:30" for one in range(24))
         + "".join(f"\n{one:%Y-%m-%d}" + 24 * ",7" for one in TWELVE),
         "the hours of the day in its header (00:30, 01:30, 02:30 …); turn it"),
        ('[{"a": 1, "values": [[1662768000, "0"], [1662771600, "1"]]}]', "is a list in a cell"),
    ],
)  # fmt: skip
def test_tables_that_are_none_yet_are_told_what_they_are(content, sentence):
    assert sentence in refused(content)


def test_separators_at_the_ends_of_rows_are_no_column():
    days, values = table(rows_of(value="{},").encode())
    assert (len(days), values.sum()) == (10, 145)


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize(("unit", "by"), [("s", 1), ("ms", 10**3), ("µs", 10**6), ("ns", 10**9)])
def test_epochs_are_read_fast_as_they_are_one_by_one(count, unit, by):
    moments = 1_577_836_800 + 3600 * np.arange(count)
    text = "epoch,value\n" + "".join(f"{at * by},{at}\n" for at in moments.tolist())
    for content in (text, text + "# the end\n"):
        found = read(content.encode())
        assert f"epoch in {unit}" in found.line
        assert found.moments.times.equals(
            pd.to_datetime(moments, unit="s", utc=True).as_unit(found.moments.times.unit)
        )


def test_codes_keep_their_zeros():
    content = "day,state,value\n" + "".join(
        f"2022-09-{day},{code},{day}\n" for day in range(10, 20) for code in ("06037", "12001")
    )
    assert sorted(read(content.encode()).entities().unique()) == ["06037", "12001"]


def test_numbers_of_rows_places_and_times_are_no_values():
    lines = ["time_e,time_e_str,id_1,Server ID,timezone_offset,lat,lon,load,lat_ms"]
    for at, day in enumerate(TWELVE):
        epoch = int(day.tz_localize("UTC").timestamp())
        lines.append(f"{epoch},{day:%d-%b-%Y} 00:00:00,7,{at % 5},3,38.4,48.3,{at % 7},{at % 3}.5")
    assert read("\n".join(lines)).columns.values == ("load", "lat_ms")
    no_place = "\n".join(lines).replace("lat,lon", "a,b").replace("lat_ms", "p95_lat")
    assert read(no_place).columns.values == ("a", "b", "load", "p95_lat")


def test_numbers_that_neither_rise_nor_fall_are_no_times():
    rows = [f"{at},{2000 + 900 * (at % 3)},{500 + at % 7},9" for at in range(1, 40)]
    found = read("\n".join(["Row,First.Time.Visits,Response time,Days up", *rows]))
    assert found.moments is None
    assert found.columns.values == ("First.Time.Visits", "Response time", "Days up")
    falling = [f"{2020 - at},{at % 5}" for at in range(12)]
    assert read("\n".join(["Reporting year,n", *falling])).columns.time == ("Reporting year",)


def test_the_day_of_the_download_is_not_the_time_of_a_row():
    rows = [f"2022-12-01,2022-12-01,{day:%Y-%m-%d},{at}" for at, day in enumerate(TWELVE)]
    found = read("\n".join(["realtime_end,realtime_start,date,value", *rows]))
    assert (found.columns.time, found.columns.values) == (("date",), ("value",))


def test_addresses_and_versions_are_no_numbers():
    rows = [
        f"{day:%Y-%m-%d},{at},10.212.{at}.80,1.{at}.2,1.234.{500 + at}"
        for at, day in enumerate(TWELVE)
    ]
    found = read("\n".join(["day,n,client,release,bytes", *rows]))
    assert found.columns.values == ("n", "bytes")
    assert found.values["bytes"][0] == 1_234_500


@pytest.mark.parametrize(
    ("cell", "moment"),
    [("1995M02", "1995-02-01"), ("2021-M11", "2021-11-01"), ("2021Q1", "2021-01-01"),
     ("2021-Q4", "2021-10-01"), ("2021 Q2", "2021-04-01")],
)  # fmt: skip
def test_months_and_quarters_as_statistical_offices_write_them(cell, moment):
    (time,), _ = table(f"time;value\n{cell};1\n")
    assert time == pd.Timestamp(moment, tz="UTC")


@pytest.mark.parametrize("cell", ["Jan-02", "Feb 02", "02-Mar"])
def test_a_date_without_its_whole_year_is_told_what_to_state(cell):
    assert "--date-format %b-%y" in refused(f"time,value\n{cell},1\n")


def test_a_number_that_may_stand_for_none_is_named():
    cells = [5, -200, 7, -200, 6, 8, 9, 5, 7, 6, 8, 9]
    text = "day,n\n" + "".join(
        f"{day:%Y-%m-%d},{cell}\n" for day, cell in zip(TWELVE, cells, strict=True)
    )
    assert "2 times -200 in n (say --missing=-200 if that stands for no value)" in read(text).line
    assert "stands for no value" not in read(text, missing=("-200",)).line
    assert "stands for no value" not in read(text.replace("-200", "-20", 1)).line


@pytest.mark.parametrize(
    ("years", "first", "every"),
    [
        ([f"{1995 + at / 12:.15g}" for at in range(24)], "1995", "MS"),
        ([f"{1995 + at / 4:.2f}" for at in range(12)], "1995", "QS"),
        ([f"{2001 + at / 365:.4f}" for at in range(365)], "2001", "D"),
    ],
)
def test_fractions_of_years_are_months_or_days(years, first, every):
    times, _ = table("time,value\n" + "".join(f"{one},{at}\n" for at, one in enumerate(years)))
    days = pd.date_range(first, periods=len(years), freq=every)
    assert list(times.tz_localize(None)) == list(days)


def test_a_number_that_is_no_time_names_its_column():
    rows = "".join(f"{at % 3}.5,5,{at}\n" for at in range(9))
    assert "'5' in column 'Month' is not a time" in refused("temp,Month,Day\n" + rows)


@pytest.mark.parametrize(
    ("content", "form", "sentence"),
    [
        ("2021-365,1\n2021-366,2\n", {}, "line 3: '2021-366' is not a time"),
        ("13/06/2021,1\n13/06/21,2\n", {}, "line 3: '13/06/21' in column 'date' has a year of two"),
        ("13/06/2021,1\n", {"date_format": "YYYYMMDD"}, "is not of the form YYYYMMDD"),
        ("2021-06-01,1\n2021-06-02,2\n", {"date_format": "%Y-%q"}, "is not of the form %Y-%q"),
    ],
)
def test_a_day_that_is_none_or_not_of_the_form_stated_is_refused(content, form, sentence):
    assert sentence in refused("date,value\n" + content, **form)


def test_a_form_that_is_stated_is_the_form():
    times, _ = table("date,value\n2021-06-01,1\n2021-06-02,2\n", date_format="%Y-%d-%m")
    assert list(times.strftime("%d %b")) == ["06 Jan", "06 Feb"]


def test_digits_of_every_script_are_digits():
    times, values = table("date,value\n२१/०६/२०२१,१२.५\n১৩/০৬/২০২১,๗\n")
    assert list(times.strftime("%d %b %Y")) == ["21 Jun 2021", "13 Jun 2021"]
    assert values.tolist() == [12.5, 7.0]


def test_rows_that_are_none_end_in_a_sentence_or_are_left_out():
    ragged = "t,a,b,c\nx,1,1,1\n1,x,1,1\n1,1,x,1\n1,1,1,x\n1,1,1,x\nend,of\n"
    assert "none of numbers beside that of the times" in refused(ragged)
    rows = "time,value,month\n2021Q3,1,4688\n2021Q4,2,4343\n2022Q1,3,7\nSource: me\n"
    assert table(rows)[1].tolist() == [1.0, 2.0, 3.0]
