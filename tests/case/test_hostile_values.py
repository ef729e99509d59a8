"""Times, numbers, sizes and names that are out of all range: refused in a sentence, in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hostile_files as hostile
from darkdays.contracts.datasources import Datasource
from darkdays.contracts.signals import from_samples
from darkdays.errors import InputError


def days(first):
    return f"time,value\n{first}-01,1\n{first}-02,2\n".encode()


SERIES = {
    "now": b"time,value\nnow,1\ntoday,2\n",
    "no time": b"time,value\nNaT,1\n2020-01-01,3\n",
    "a time of day": b"time,value\n10:00,1\n11:00,2\n",
    "before all time": b"time,value\n0001-01-01T00:00+14:00,1\n0001-01-02T00:00+14:00,2\n",
    "after all time": b"time,value\n9999-12-31T22:59-12:00,1\n9999-12-31T23:59-12:00,2\n",
    "the year 99999": b"time,value\n99999-01-01,1\n",
    "a negative year": b"time,value\n-0001-01-01,1\n",
    "digits as time": b"time,value\n" + b"9" * 100_000 + b",1\n",
    "no such offset": b"time,value\n2020-01-01T00:00+99:99,1\n",
    "digits as value": b"time,value\n2020-01-01," + b"9" * 100_000 + b"\n",
    "hexadecimal": b"time,value\n2020-01-01,0x10\n",
    "too far apart": b"v\n" + b"1e99\n-1e99\n" * 30,
    "only a quote": b'"',
    "many quotes": b'"' * 100_000,
    "a million columns": b",".join([b"a"] * 10**6) + b"\n" + b",".join([b"1"] * 10**6) + b"\n",
    "a million names": b",".join(b"c%d" % n for n in range(10**6)) + b"\n1\n",
    "a field without end": b"time,value\n2020-01-01," + b"1" * 20_000_000 + b"\n",
    "more cells than names": b"a,b\n1,2,3\n4,5,6\n",
    "a million cells": b"a,b\n" + b",".join([b"1"] * 10**6) + b"\n",
    "no names": b",\n1,2\n",
    "before the internet": days("1600-01"),
    "far ahead": days("2300-01"),
}
READ = {
    "a truth": b"time,value\n2020-01-01,True\n2020-01-02,False\n",
    "other digits": "time,value\n2020-01-01,\u0661\n".encode(),
    "a nanosecond": b"time,value\n"
    + b"".join(b"2020-01-01T00:00:00.%09d,1\n" % n for n in range(30)),
    "a mark at the beginning": b"\xef\xbb\xbf" + days("2020-01"),
}


@pytest.mark.parametrize("name", SERIES)
def test_series_that_are_none(run, outside, name):
    (outside / "x.csv").write_bytes(SERIES[name])
    said = run("detect", outside / "x.csv", statuses=(2,))
    assert said.err.startswith("darkdays: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("name", READ)
def test_series_that_are_odd(run, outside, name):
    (outside / "x.csv").write_bytes(READ[name])
    run("detect", outside / "x.csv", statuses=(0,))


@pytest.mark.parametrize(
    "words",
    [
        ("--level", "nan"), ("--level", "2"), ("--level", "1e400"), ("--level", "0"),
        ("--time-zone", "../../etc/passwd"), ("--time-zone", ""), ("--time-zone", "a" * 5000),
        ("--value-column", "a" * 5000), ("--value-column", "time"), ("--figure", "a.exe"),
    ],
)  # fmt: skip
def test_options_of_a_detection(run, outside, words):
    (outside / "x.csv").write_bytes(days("2020-01"))
    run("detect", outside / "x.csv", *words, statuses=(2,))


def owned(step, start="2019-11-15T00:00Z", end="2019-11-20T00:00Z"):
    options = {"file": "a.csv", "unit": "percent", "step": step}
    signal = {"datasource": "own.x", "source": "csv", "options": options}
    return hostile.case("x", signals=[signal], window={"start": start, "end": end})


@pytest.mark.parametrize("step", ["1ns", "1us", "1e999h", "-1h", "nan", "NaT", "0h", "7h", "1000D"])
def test_steps(run, outside, step):
    (outside / "x.yaml").write_bytes(owned(step))
    (outside / "a.csv").write_bytes(b"time,value,entity\n2019-11-15T00:00Z,1,asn/44244\n")
    given = f"user-csv={outside / 'a.csv'}"
    run("fetch", outside / "x.yaml", "--file", given, statuses=(2, 3))


def test_a_window_of_more_bins_than_memory_holds():
    one = Datasource("own.x", "x", "percent", pd.Timedelta("1s"))
    samples = pd.DataFrame({"entity": [], "time": pd.to_datetime([], utc=True), "value": []})
    window = {"start": pd.Timestamp("1990", tz="UTC"), "end": pd.Timestamp("2025", tz="UTC")}
    with pytest.raises(InputError, match="bins of 1 s; shorten"):
        from_samples(samples.astype({"value": np.float64}), one, {}, **window)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("0001-01-01T00:00Z", "9999-12-31T00:00Z"), ("1600-01-01T00:00Z", "1601-01-01T00:00Z"),
        ("2198-01-01T00:00Z", "2300-01-01T00:00Z"), ("2020-01-01T00:00Z", "2019-01-01T00:00Z"),
        ("99999-01-01T00:00Z", "99999-01-02T00:00Z"), ("1e400", "1e401"), ("2020-01-01", "2021"),
    ],
)  # fmt: skip
def test_windows(run, outside, start, end):
    (outside / "x.yaml").write_bytes(owned("1h", start, end))
    run("fetch", "--plan", outside / "x.yaml", statuses=(2,))
    run("run", "--offline", outside / "x.yaml", statuses=(2,))
    (outside / "g.yaml").write_bytes(grid(windows=f"{{start: {start}, end: {end}}}"))
    run("sweep", "--plan", outside / "g.yaml", statuses=(2,))


def grid(places="IR", windows="{start: 2019-01-01T00:00Z, end: 2019-02-01T00:00Z}", more=""):
    return (
        f"name: g\ntitle: t\nquestion: q\nsummary: s\nplaces: {places}\nwindows: {windows}\n"
        "template: {entities_file: e.csv, signals: [{datasource: ioda.bgp, source: service}]}\n"
        f"{more}"
    ).encode()


@pytest.mark.parametrize(
    "given",
    [
        {"places": "world", "windows": "{start: 1900-01-01T00:00Z, end: 2199-01-01T00:00Z,"
                                       " every: month}"},
        {"places": "../.."}, {"more": "parameters: {level: [.nan]}"},
        {"more": "parameters: {level: [.inf], min_depth: [-.inf]}"},
        {"more": f"parameters: {{level: [{','.join(str(0.5 + n / 9e4) for n in range(30_000))}],"
                 " min_depth: [0.1, 0.2]}"},
        {"more": "cases: [{case: ../../../etc/passwd}]"},
        {"more": "cases: [{case: /dev/zero.yaml}]"},
    ],
)  # fmt: skip
def test_grids_without_end(run, outside, given):
    (outside / "e.csv").write_bytes(b"place,id,name,network\nIR,asn/1,x,mobile\n")
    (outside / "g.yaml").write_bytes(grid(**given))
    run("sweep", "--plan", outside / "g.yaml", statuses=(2,))


HEADER = b"place,id,name,network\n"


@pytest.mark.parametrize(
    "rows",
    [
        b"", HEADER + b"IR,asn/1," + b"x" * 200_000 + b",mobile\n", HEADER + b"IR\n",
        HEADER + b"IR,asn/1,x,mobile\n" * 2, HEADER + b'"IR', b",".join([b"a"] * 10**6),
        HEADER + b"IR,asn/../../x,x,mobile\n", HEADER + b"IR,asn/1,x,__class__\n",
        HEADER + b"".join(b"US,asn/%d,x,mobile\n" % n for n in range(150_001)),
    ],
)  # fmt: skip
def test_entities_of_a_grid(run, outside, rows):
    (outside / "e.csv").write_bytes(rows)
    (outside / "g.yaml").write_bytes(grid())
    run("sweep", "--plan", outside / "g.yaml", statuses=(2,))


@pytest.mark.parametrize(
    "words",
    [
        ("--entities", "-1"), ("--entities", "0"), ("--entities", "9" * 30), ("--years", "nan"),
        ("--years", "inf"), ("--years", "1e300"), ("--years", "0"), ("--workers", "0"),
        ("--workers", "-5"),
    ],
)  # fmt: skip
def test_sizes_of_a_rehearsal(run, outside, words):
    run("sweep", "--plan", "--simulate", *words, statuses=(2,))


@pytest.mark.parametrize(
    "words",
    [
        ("BY", "x" * 300), ("BY", "\x1b[2J"), ("../..", "t"), ("BY", "\u202ex"), ("a" * 5000, "t"),
        ("BY", "x", "--name", "../../pwned"), ("BY", "x", "--name", "a" * 300),
        ("BY", "x", "--time-zone", "../../etc"), ("BY", "x", "--region", "a: b\n - c"),
        ("BY", "x", "--region", "\x1b[2J"), ("BY", "x", "--region", "{{1}}' \" # "),
    ],
)  # fmt: skip
def test_words_of_a_new_case(run, outside, words):
    run("new-case", *words, "--start", "2020-01-01", "--end", "2020-01-05", statuses=(2,))
    assert not list((outside / "here").iterdir())


@pytest.mark.parametrize("title", ["{{7*7}}", "{% include '/etc/passwd' %}", "'\"\\: - [x] # y"])
def test_titles_are_data(run, outside, title):
    run("new-case", "BY", title, "--name", "y", "--start", "2020-01-01", "--end", "2020-01-05",
        statuses=(0,))  # fmt: skip
    from darkdays.case.case import load

    assert load(outside / "here" / "y.yaml").title == title


@pytest.mark.parametrize(
    "day", ["0001-01-01", "9999-12-31", "1600-01-01", "2300-01-01", "99999-01-01", "9" * 5000, ""]
)
def test_days_of_a_new_case(run, outside, day):
    run("new-case", "BY", "t", "--start", day, "--end", day, statuses=(2,))
