"""A number on a page that a stored result or report holds is that number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from darkdays.files import paths
from darkdays.report.version.version import versions

ROOT = paths.root()
RESULTS = ROOT / "benchmarks" / "results"
WORDS = {"eight": 8.0, "eleven": 11.0, "twenty": 20.0, "a third": 1 / 3, "one case of ten": 0.1}


def text_of(name):
    return " ".join((ROOT / name).read_text(encoding="utf-8").split())


def cell(name, row, column):
    """A number of a table of a result: the first row that begins so, by the number of the cell."""
    for line in (RESULTS / name).read_text(encoding="utf-8").splitlines():
        cells = [one.strip(" *") for one in line.strip("|").split("|")]
        if cells[0].startswith(row) and len(cells) > column:
            return float(cells[column].split(" ")[0].replace(",", ""))
    raise AssertionError(f"{name} has no row {row}")


def stated(name, pattern):
    (value,) = re.findall(pattern, (RESULTS / name).read_text(encoding="utf-8"))
    return float(value)


def processor_of(row):
    return stated("first_run.md", rf"{row}, s \| [\d.]+ / ([\d.]+) ")


def nulls(column):
    rows = ("null, bursty", "null, both bursty (outage days)", "null, both bursty (onsets)")
    return [cell("calibration.md", row, column) for row in rows]


def newest(case):
    home = paths.reports() / case
    folder = home / versions(home)[-1]
    return json.loads((folder / "findings.json").read_text(encoding="utf-8"))


def processors():
    envelope = json.loads((ROOT / "cases/envelopes/iran-2019.json").read_text(encoding="utf-8"))
    return sum(one["factor"] == "processor" for one in envelope["settings"])


@dataclass
class Number:
    """Words of a page around a number, and where it comes from; it is as exact as it is printed."""

    page: str
    words: str
    value: Callable[[], float]
    scale: float = 1.0


NUMBERS = [
    Number("docs/correlation.md", r"rejects a true null in (one case of ten)",
           lambda: cell("calibration.md", "null, both bursty (outage days)", 2)),
    Number("docs/correlation.md", r"a nominal 5 % is ([\d.]+) to", lambda: min(nulls(5)), 100),
    Number("docs/correlation.md", r"a nominal 5 % is [\d.]+ to ([\d.]+) %",
           lambda: max(nulls(5)), 100),
    Number("docs/correlation.md", r"gains (\d+) points of power at a ratio of 5",
           lambda: cell("calibration.md", "RR = 5", 6) - cell("calibration.md", "RR = 5", 5), 100),
    Number("docs/correlation.md", r"month shifts reject a true null in (\d+) %",
           lambda: cell("calibration.md", "null, shared Fridays", 1), 100),
    Number("docs/correlation.md", r"reject a true null in up to (a third)",
           lambda: cell("calibration.md", "null, shared daily driver, days", 1)),
    Number("docs/labels.md", r"features are counted from (\d+) incidents",
           lambda: stated("rivals.md", r"(\d+) incidents: ")),
    Number("docs/labels.md", r"of which there are (eleven) incidents",
           lambda: stated("rivals.md", r"(\d+) maintenance\.")),
    Number("docs/labels.md", r"at even odds is ([\d.]+) from how often",
           lambda: stated("rivals.md", r"Expected calibration error ([\d.]+), all pairs")),
    Number("docs/labels.md", r"five bins; ([\d.]+) for planned work",
           lambda: stated("rivals.md", r"maintenance ([\d.]+), power cut")),
    Number("docs/sweep.md", r"(twenty) kills at random", lambda: cell("sweep.md", "kills", 1)),
    Number("docs/sweep.md", r"a year \(simulated\) \| 15,000 \| ([\d.]+) h",
           lambda: cell("sweep.md", "processor hours", 1)),
    Number("docs/sweep.md", r"a year \(simulated\) \| 15,000 \| [\d.]+ h \| ([\d.]+) GiB",
           lambda: cell("sweep.md", "GiB on disk", 1)),
    Number("README.md", r"tools and bytecode ([\d,]+) MB",
           lambda: cell("first_run.md", "`.venv`", 1)),
    Number("README.md", r"first report took (\d+) s of processor",
           lambda: processor_of("`make report` in a cold clone")),
    Number("docs/reports.md", r"on (eight) simulated processors", processors),
    Number("docs/tutorials/first-report.md", r"\*(\d+) of \d+\* beside a verdict",
           lambda: newest("iran-2019")["claims"][1]["sensitivity"]["holds"]),
    Number("docs/tutorials/first-report.md", r"\*\d+ of (\d+)\* beside a verdict",
           lambda: newest("iran-2019")["claims"][1]["sensitivity"]["of"]),
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.words)
def test_a_number_of_a_page_is_the_one_that_was_measured(number):
    (said,) = re.findall(number.words, text_of(number.page))
    value = number.value() * number.scale
    if said in WORDS:
        assert value == pytest.approx(WORDS[said], rel=0.05)
    else:
        digits = len(said.partition(".")[2])
        assert float(said.replace(",", "")) == pytest.approx(value, abs=0.5 * 10**-digits + 1e-9)
