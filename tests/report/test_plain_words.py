"""What a page shows is said in words, whatever findings and cases hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from darkdays.case import case as cases
from darkdays.files import paths
from darkdays.report.page.headline import key_numbers, not_known, said_once
from darkdays.report.page.page import TEMPLATES
from darkdays.report.page.plain_words import GLOSSARY, plain
from darkdays.report.page.readable import readable
from darkdays.report.version.version import versions

NAMES = {"country/IR": "Iran", "region/IR-10": "Khuzestan & more"}
NOT_SAID = {
    "a name of a program": re.compile(
        r"(?<![\w/.:@=-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/=(]|\.\w)"
    ),
    "an id": re.compile(r"(?<![\w/.])(?:country|region|county|asn|geoasn)/[A-Z0-9]"),
    "a plural of one": re.compile(
        r"(?<![\w.,/:-])1 (?:datasources|signals|onsets|networks|measurements|specifications|"
        r"entities|replies|versions|claims|bins|rows|pairs|cells|events|numbers|outages)\b"
    ),
    "a negative duration": re.compile(
        r"(?<![\w.,-])-\d[\d.,]* (?:(?:to|and) -?[\d.,]+ )?(?:h|hours?|minutes?|days?)\b"
    ),
    "a program's time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"),
}  # fmt: skip


class _Visible(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts, self._hidden = [], []

    def handle_starttag(self, tag, attrs):
        if tag in {"code", "pre", "style", "script"}:
            self._hidden.append(tag)

    def handle_endtag(self, tag):
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()

    def handle_data(self, data):
        if not self._hidden:
            self.texts.append(data)


def faults(page):
    reader = _Visible()
    reader.feed(page)
    return [
        f"{what}: {text[max(0, hit.start() - 30) : hit.end() + 30]!r}"
        for text in reader.texts
        for what, pattern in NOT_SAID.items()
        for hit in pattern.finditer(text)
    ]


HOMES = [home for home in sorted(paths.reports().iterdir()) if home.is_dir()]


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.name)
def test_every_page_of_every_case_speaks_in_words(home):
    names = {one.id: one.name for one in cases.load(home.name).measured}
    newest = home / versions(home)[-1]
    for path in (newest / "report.html", home / "index.html", home.parent / "index.html"):
        assert faults(readable(path.read_text(encoding="utf-8"), names)) == [], path


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("There is no national_shutdowns (nor 5 more).",
         "There is no number for national shutdowns (nor 5 more)."),
        ("There is no shutdowns_on_mon.", "There is no number for shutdowns on Monday."),
        ("windows_on_the_hour", "windows on the hour"),
        ("-141.5 to -115.5 hours after it", "115.5 to 141.5 hours before it"),
        ("-1 to 6 days after it", "1 day before to 6 days after it"),
        ("3 to 6 days after it", "3 to 6 days after it"),
        ("in each of the 1 datasources that show it", "in the one datasource that shows it"),
        ("in each of the 2 datasources that show it", "in each of the 2 datasources that show it"),
        ("main outage of country/IR, asn/44244.", "main outage of Iran, AS44244."),
        ("blocked by tcp_ip", "blocked by TCP/IP"),
        ("read /tmp/my_file.csv, a_b.csv and x_y=3", "read /tmp/my_file.csv, a_b.csv and x_y=3"),
        ("from ioda.bgp and ioda.ping-slash24.", "from BGP visibility and Active probing."),
        ("1 of 1 onsets, 21 onsets, 0.1 onsets", "1 of 1 onset, 21 onsets, 0.1 onsets"),
        ("at 2019-02-24T23:20Z", "at 2019-02-24 23:20"),
    ],
)  # fmt: skip
def test_names_of_programs_become_words(said, meant):
    assert plain(said, NAMES) == meant


def test_names_put_into_a_page_are_text_and_code_stays():
    page = "<p>region/IR-10</p><pre>country/IR a_b</pre><p><code>a_b</code> a_b</p>"
    assert readable(page, NAMES) == (
        "<p>Khuzestan &amp; more</p><pre>country/IR a_b</pre><p><code>a_b</code> a b</p>"
    )
    hostile = readable("<p>country/IR</p>", {"country/IR": "<script>"})
    assert hostile == "<p>&lt;script&gt;</p>"


def test_the_first_use_of_a_word_leads_to_what_it_means():
    page = '<h1>BGP</h1><p>BGP and BGP.</p><h2 id="glossary">Words</h2>'
    found = readable(page)
    assert found.count('href="#term-bgp"') == 1
    assert found.startswith("<h1>BGP</h1><p><a")
    assert GLOSSARY["BGP"]["means"].split(".")[0] in found
    assert "term-bgp" not in readable(page.replace("glossary", "other"))


def claim(name, verdict, because, rests_on=()):
    return {
        "id": name, "verdict": verdict, "because": because, "statement": f"{name}.",
        "overturned_by": "More data.", "rests_on": list(rests_on),
    }  # fmt: skip


def finding(name, value, unit, low=None, high=None):
    return {
        "id": name, "value": value, "unit": unit, "interval": [low, high],
        "witnesses": {"note": ""},
    }  # fmt: skip


def test_numbers_beside_the_answer_are_those_of_decided_claims_and_have_bounds():
    document = {
        "claims": [
            claim("a", "untested", "No data.", ["n"]),
            claim("b", "inconclusive", "Too few. Why.", ["p", "ratio"]),
            claim("c", "supported", "So.", ["lag"]),
            claim("d", "supported", "So.", ["open"]),
            claim("e", "supported", "So.", ["sites"]),
        ],
        "findings": [
            finding("n", 1.0, "h", 0.0, 2.0), finding("p", 0.5, "probability", 0.0, 1.0),
            finding("ratio", None, "ratio", 0.2, None), finding("lag", 29.9167, "h", 17.8, 42.0),
            finding("open", None, "h", 147.0, None), finding("sites", 41.0, "sites"),
        ],
    }  # fmt: skip
    told = [(one.value, one.bounds) for one in key_numbers(document)]
    assert told == [
        ("29.9 hours", "17.8 to 42"),
        ("at least 147 hours", ""),
        ("41 sites", ""),
    ]
    assert not_known(document) == [("No data.", ["a."]), ("Too few.", ["b."])]


def test_what_is_the_same_for_all_is_said_once():
    claims = [claim(name, "untested", f"There are none. See {name}.") for name in "abc"]
    assert said_once(claims, "because") == (["There are none."], ["See a.", "See b.", "See c."])
    assert said_once(claims[:2], "because")[0] == []


def test_a_long_table_shows_ten_rows_and_folds_the_rest():
    rows = TEMPLATES.from_string(
        '{% from "macros.html.j2" import tabled with context %}'
        '{% call(row) tabled("Rows", ["Number"], rows) %}<tr><td>{{ row }}</td></tr>{% endcall %}'
    )
    shown, _, folded = rows.render(rows=range(40)).partition("<details>")
    assert shown.count("<td>") == 10
    assert folded.count("<td>") == 30
    assert "The other 30 of 40 rows" in folded
    assert "<details>" not in rows.render(rows=range(10))
