"""A whole study whose every text is hostile: nothing of it runs anywhere, nothing of it is lost."""

from __future__ import annotations

import csv
import html
import json
import re
import subprocess
import sys
import zlib

import pandas as pd
import pytest
import yaml

import hostile_text as hostile
from darkdays.files import paths, terminal, writing
from darkdays.report.page.page import framed
from visitor import ARGUMENTS, browser_here

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|-?inf", re.IGNORECASE)
COLUMNS = (
    "kind",
    "start",
    "end",
    "precision",
    "place",
    "network",
    "statement",
    "source",
    "conflict",
)
SITE = "news.example"

pytestmark = pytest.mark.slow


def study():
    """A case with a hostile string wherever a case holds text."""
    texts = iter(hostile.PRINTABLE)
    asns = (44244, 197207, 57218, 58224)
    claims = [
        {
            "id": f"claim-{number}", "type": "outage_in_window", "statement": next(texts),
            "origin": next(texts), "entity": "country/IR", "at_least_hours": 1,
        }
        for number in range(4)
    ]  # fmt: skip
    claims.append(
        {
            "id": "sites", "type": "site_blocked", "statement": next(texts), "only": True,
            "origin": next(texts), "tables": ["sites"], "sites": [SITE, next(texts)],
            "note": next(texts),
        }
    )  # fmt: skip
    return {
        "name": "hostile",
        "title": next(texts),
        "question": next(texts),
        "summary": next(texts),
        "window": {"start": "2019-11-14T00:00Z", "end": "2019-11-20T00:00Z"},
        "place": "IR",
        "time_zone": "Asia/Tehran",
        "entities": [
            {"id": "country/IR", "name": hostile.TEMPLATES[15], "network": "country"},
            *(
                {"id": f"asn/{asn}", "name": name, "network": "mobile"}
                for asn, name in zip(asns, ("$\\mathdefault{", next(texts), *hostile.HANDLERS),
                                     strict=False)
            ),
        ],
        "signals": [{"datasource": "ioda.bgp", "source": "published", "dataset": "iran-2019"}],
        "events": [{"source": "user-csv", "options": {"file": "events.csv", "source": "source"}}],
        "tables": [
            {"source": "ooni-measurements", "name": "sites",
             "options": {"test_name": "web_connectivity"}}
        ],
        "claims": claims,
    }  # fmt: skip


def events():
    """An event for every string, each in every column of text once."""
    texts = hostile.ALL
    return [
        {
            "kind": "protest" if number % 8 == 0 else "observation",
            "start": f"2019-11-{15 + number % 4}", "end": "", "precision": "day",
            "place": texts[number - 1], "network": texts[number - 2], "statement": text,
            "source": texts[number - 3], "conflict": texts[number - 4],
        }
        for number, text in enumerate(texts)
    ]  # fmt: skip


def measurements():
    """A list of measurements of sites with names that nobody should believe."""
    names = [SITE, *hostile.PRINTABLE]
    return {
        "metadata": {"count": -1, "pages": -1, "next_url": None},
        "results": [
            {
                "measurement_start_time": f"2019-11-{15 + number % 4}T{number % 24:02d}:00:00.000Z",
                "probe_cc": "IR", "probe_asn": "AS44244", "test_name": "web_connectivity",
                "input": f"https://{name}/", "anomaly": True, "confirmed": False,
                "failure": False, "measurement_uid": f"uid-{number}", "report_id": "R",
                "scores": {"analysis": {"blocking_type": "dns"}},
            }
            for number, name in enumerate(names)
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The study, run by the command line as anybody would, to its report."""
    home = tmp_path_factory.mktemp("hostile")
    (home / "hostile.yaml").write_text(yaml.safe_dump(study(), allow_unicode=True))
    with (home / "events.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(events())
    (home / "ooni.json").write_text(json.dumps(measurements()))
    words = [
        "run", str(home / "hostile.yaml"), "--offline", "--reports", str(home / "reports"),
        "--runs", str(home / "runs"), "--file", f"user-csv={home / 'events.csv'}",
        "--file", f"ooni={home / 'ooni.json'}",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "from darkdays.cli.main import main; main()", *words],
        env={"DARKDAYS_SNAPSHOTS": str(home / "snapshots"), "PATH": "/usr/bin:/bin",
             "DARKDAYS_ROOT": str(paths.root()), "HOME": str(home)},
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return home, done


@pytest.mark.slow
def test_the_terminal_obeys_nobody(made):
    _, done = made
    assert not OBEYED.search(done.stdout + done.stderr)


def test_nothing_is_lost(made):
    home, _ = made
    text = html.unescape((home / "reports/hostile/1.0.0/report.html").read_text(encoding="utf-8"))
    shown = " ".join(text.split())
    for one in hostile.PRINTABLE:
        assert " ".join(one.split()) in shown, one


def test_no_spreadsheet_runs_a_cell(made):
    home, _ = made
    tables = [*home.rglob("figures/*.csv"), *(home / "runs").rglob("*.csv")]
    assert len(tables) > 5
    seen = 0
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    seen += cell.startswith("'")
                    assert not FORMULA.match(cell) or NUMBER.fullmatch(cell), (path.name, cell)
    assert seen > 5


def test_documents_hold_the_texts_as_they_are(made):
    home, _ = made
    folder = home / "reports/hostile/1.0.0"
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    assert findings["title"] == study()["title"]
    assert [one["statement"] for one in findings["claims"]] == [
        one["statement"] for one in study()["claims"]
    ]
    crate = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert crate["@graph"]
    cited = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert study()["title"] in cited["title"]


def test_the_typesetter_reads_no_file(made):
    home, _ = made
    content = (home / "reports/hostile/1.0.0/report.pdf").read_bytes()
    parts = [content]
    for found in re.finditer(rb"stream\r?\n", content):
        try:
            parts.append(zlib.decompressobj().decompress(content[found.end() :]))
        except zlib.error:
            continue
    text = b"\n".join(parts)
    for word in (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"root:x:0", b"javascript:"):
        assert word not in text


def test_names_of_sites_are_hosts_and_no_markup(made):
    home, _ = made
    table = writing.read_table(next((home / "runs").rglob("tables/sites.csv")))
    assert len(table) > 50


LAYERS = {
    "the report": "reports/hostile/1.0.0/report.html",
    "the list of reports": "reports/index.html",
    "the history of the case": "reports/hostile/index.html",
    "outputs of the notebooks": "outputs.html",
}
# Everything of a page that could run, load or lead away.
LIVE = """() => {
  const live = [];
  const of_script = "script,iframe,object,embed,applet,base,form,link,frame,frameset,portal,"
    + "svg,math,marquee,video,audio,template,input,select,textarea,noscript";
  const fine = new RegExp("^(#|data:image/svg\\\\+xml,[^']*$|data:image/png;base64,|https://"
    + "|[\\\\w.-]+/?[\\\\w./-]*$|\\\\.\\\\./)");
  const leads = ["href", "src", "action", "formaction", "srcset", "data", "poster"];
  for (const node of document.querySelectorAll("*")) {
    if (node.matches(of_script)) live.push(node.outerHTML.slice(0, 200));
    for (const one of node.attributes) {
      const value = one.value.trim().toLowerCase();
      if (one.name.startsWith("on")) live.push(one.name + "=" + value);
      if (leads.includes(one.name)) {
        if (!fine.test(value)) live.push(one.name + "=" + value.slice(0, 200));
      }
    }
  }
  return live;
}"""


def _outputs(home):
    """Everything notebooks show as HTML or pictures, in one page without any policy."""
    parts = []
    for path in sorted((home / "reports/hostile/1.0.0/notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                shown = output.get("data", {})
                parts += ["".join(shown[kind]) for kind in ("text/html", "image/svg+xml")
                          if kind in shown]  # fmt: skip
    assert len(parts) > 5
    (home / "outputs.html").write_text(
        '<!doctype html><meta charset="utf-8">' + "\n".join(parts), encoding="utf-8"
    )


@pytest.fixture(scope="module")
def browser():
    if browser_here() is None:
        pytest.skip("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser_here(), args=ARGUMENTS)
        yield opened
        opened.close()


class Seen:
    """What a page tried to do."""

    def __init__(self, browser, address):
        self.dialogs, self.requests, self.refused, self.said = [], [], [], []
        self.page = browser.new_page()
        self.page.on("dialog", lambda one: (self.dialogs.append(one.message), one.dismiss()))
        self.page.on("request", lambda one: self.requests.append(one.url))
        self.page.on("requestfailed", lambda one: self._failed(one))
        self.page.on("console", lambda one: self.said.append(one.text))
        self.page.goto(address)
        self.page.wait_for_timeout(300)

    def _failed(self, request):
        if request.failure == "csp":  # it never left
            self.refused.append(request.url)

    @property
    def elsewhere(self):
        left = list(self.requests)
        for one in self.refused:
            left.remove(one)
        return [one for one in left if not one.startswith(("file:", "data:"))]

    @property
    def ran(self):
        return self.page.evaluate(f"() => window.{hostile.MARK} !== undefined")


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_runs_in_a_browser(made, browser, name):
    home, _ = made
    if name.startswith("outputs"):
        _outputs(home)
    seen = Seen(browser, (home / LAYERS[name]).as_uri())
    page = seen.page
    # A reader opens everything, and touches it.
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate("""() => {
      for (const node of document.body.querySelectorAll("*"))
        for (const kind of ["mouseover", "pointerenter", "focus", "click", "toggle", "load"])
          if (kind !== "click" || !node.closest("a,button,summary"))
            node.dispatchEvent(new Event(kind));
    }""")
    page.wait_for_timeout(200)
    assert seen.dialogs == []
    assert seen.elsewhere == []
    assert not seen.ran
    assert page.evaluate(LIVE) == []
    assert [one for one in seen.said if "Content Security Policy" in one] == []
    page.close()


def test_the_corpus_would_run_if_it_were_let(browser, tmp_path):
    """The strings are live: on a page without escaping and policy they run and ask elsewhere."""
    text = "\n".join(f"<div>{one}</div>" for one in hostile.HANDLERS + hostile.SVG)
    (tmp_path / "x.html").write_text(f"<!doctype html>{text}", encoding="utf-8")
    seen = Seen(browser, (tmp_path / "x.html").as_uri())
    assert seen.ran
    assert seen.elsewhere
    seen.page.close()


def test_the_policy_stops_what_escaping_would_miss(browser, tmp_path):
    """The same strings, let through on purpose, under the policy of a report's page."""
    page = framed("index.html.j2", cases=[])
    every = (*hostile.ELEMENTS, *hostile.HANDLERS, *hostile.SVG)
    # A policy does not stop a page from being left; escaping has to.
    live = "\n".join(f"<div>{one}</div>" for one in every if "refresh" not in one)
    assert "</body>" in page
    (tmp_path / "x.html").write_text(page.replace("</body>", f"{live}</body>"), encoding="utf-8")
    seen = Seen(browser, (tmp_path / "x.html").as_uri())
    assert not seen.ran
    assert seen.dialogs == []
    assert seen.elsewhere == []
    assert [one for one in seen.said if "Content Security Policy" in one]
    seen.page.close()


@pytest.mark.parametrize("text", hostile.ALL)
def test_tables_come_back_as_they_were(tmp_path, text):
    table = pd.DataFrame(
        {"a": [text, f"'{text}", "-5", "'-5", "x"], "b": [1.0, -2.0, 0.5, 3.0, 1.0]}
    )
    written = writing.csv_text(table)
    for row in csv.reader(written.splitlines()[1:2]):
        assert not FORMULA.match(row[0])
    (tmp_path / "a.csv").write_text(written, encoding="utf-8", newline="")
    back = writing.read_table(tmp_path / "a.csv")
    # A line feed, alone or not, is what ends a row; readers of CSV agree on nothing else.
    if not {"\x00", "\r"} & set(text):
        assert list(back["a"]) == list(table["a"])
        assert list(back["b"]) == list(table["b"])


@pytest.mark.parametrize("text", hostile.ALL)
def test_text_for_terminals(text):
    shown = terminal.plain(text)
    assert not OBEYED.search(shown)
    # In a JSON document it is still the same text.
    assert json.loads(terminal.plain(json.dumps(text, ensure_ascii=False))) == text
