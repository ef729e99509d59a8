"""The page of a report in a browser: accessible, nothing clipped, light and dark, on paper."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from darkdays.report.page.index import write_index

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import sync_playwright

from visitor import ARGUMENTS, PATIENCE, browser_here

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        browser_here() is None,
        reason="there is no Chromium here: apt-get install chromium, or another one in PATH",
    ),
]
ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts" / "report"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (360, 768, 1440)
# Of what passes, a number is enough: a page has tens of thousands of elements.
AXE = """async (rules) => {
  const found = await axe.run({runOnly: rules, resultTypes: ['violations']});
  return [found.violations.map((one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 99)]),
    found.passes.length]; }"""
# What is wider than its place, or lies over its neighbour, with a way to scroll taken into account.
CLIPPED = """() => {
  const scrolls = (one) => { for (; one && one !== document.body; one = one.parentElement)
    if (/auto|scroll/.test(getComputedStyle(one).overflowX)) return true; return false; };
  const width = document.documentElement.clientWidth, found = [];
  for (const one of document.body.querySelectorAll('*')) {
    if (one.closest('.unseen, .skip, thead') || scrolls(one) || !one.checkVisibility()) continue;
    const box = one.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1))
      found.push(one.tagName + ' ' + one.textContent.slice(0, 60));
  }
  return found; }"""
OVERLAP = """() => {
  const found = [], parts = [...document.querySelectorAll('main > *, header > *, section > *')]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).position === 'static');
  for (const [at, one] of parts.entries()) {
    const next = parts[at + 1];
    if (!next || next.parentElement !== one.parentElement) continue;
    const [upper, lower] = [one.getBoundingClientRect(), next.getBoundingClientRect()];
    const beside = upper.right <= lower.left || lower.right <= upper.left;
    if (upper.height && lower.height && !beside && upper.bottom > lower.top + 1)
      found.push(one.outerHTML.slice(0, 60) + ' over ' + next.outerHTML.slice(0, 60));
  }
  return found; }"""


@pytest.fixture(scope="session")
def axe():
    """Return axe-core, from where npm keeps or fetches it; it is no part of the repository."""
    stated = os.environ.get("AXE_CORE")
    if stated:
        return Path(stated).read_text(encoding="utf-8")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "darkdays-tests"
    script = cache / "package" / "axe.min.js"
    if not script.is_file():
        if shutil.which("npm") is None:
            pytest.skip("there is no npm to get axe-core with; AXE_CORE may name axe.min.js")
        cache.mkdir(parents=True, exist_ok=True)
        words = ["npm", "pack", "axe-core@4", "--silent", "--pack-destination", str(cache)]
        try:
            got = subprocess.run(
                words, cwd=cache, capture_output=True, text=True, timeout=90, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip("axe-core could not be got from npm; AXE_CORE may name axe.min.js")
        with tarfile.open(cache / got.stdout.strip().splitlines()[-1]) as packed:
            packed.extract("package/axe.min.js", cache, filter="data")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def reports(iran_2019, offline, tmp_path_factory):
    """Reports of a case with signals and of one with nothing but claims, and their index."""
    home = tmp_path_factory.mktemp("pages")
    for run in (iran_2019, offline("khuzestan-2021")):
        run.copied_reports(home)
    write_index(home / "reports")
    return home / "reports"


PAGES = (
    "iran-2019/1.0.0/report.html",
    "khuzestan-2021/1.0.0/report.html",
    "iran-2019/index.html",
    "index.html",
    "iran-2019/1.0.0/report.es.html",
    "iran-2019/1.0.0/report.fa.html",
    "index.fa.html",
)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_here(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, reports):
    """Open a page; whatever it asks the network for, or complains of, fails the test."""
    contexts, faults = [], []

    def opening(name, width, **how):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=True, **how
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda one: faults.append(one.url))
        page.goto((reports / name).as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()
    assert faults == []


NARROW, WIDE = (360, "dark"), (1440, "light")
# One page in both, every other in one: neither colours nor widths hang on what a page says.
SEEN = [
    (PAGES[0], *WIDE),
    *((name, *how) for name, how in zip(PAGES, [NARROW, NARROW, NARROW, WIDE, WIDE, NARROW, WIDE],
                                        strict=True)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "width", "scheme"), SEEN)
def test_axe_finds_nothing(opened, axe, name, width, scheme):
    page = opened(name, width, color_scheme=scheme)
    page.evaluate(axe)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    violations, passed = page.evaluate(AXE, RULES)
    assert violations == []
    assert passed > 15


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_clipped_and_nothing_lies_over_anything(opened, name):
    page = opened(name, WIDTHS[0])
    for state in ("folded", "unfolded"):
        if state == "unfolded":
            page.evaluate("document.querySelectorAll('details').forEach((o) => { o.open = true; })")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (state, width)
            assert page.evaluate(CLIPPED) == [], (state, width)
            assert page.evaluate(OVERLAP) == [], (state, width)


@pytest.mark.parametrize("language", ["", ".es", ".fa"])
@pytest.mark.parametrize("case", ["iran-2019", "khuzestan-2021"])
def test_on_a_telephone_a_page_is_no_longer_than_eleven_screens(opened, case, language):
    page = opened(f"{case}/1.0.0/report{language}.html", 390)
    assert page.evaluate("document.documentElement.scrollHeight") <= 9000


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_nothing_is_cut_off(opened, name):
    page = opened(name, 698)  # the width of A4 between its margins, in CSS pixels
    page.emulate_media(media="print")
    wide = "[...document.querySelectorAll('main *')].filter((o) => o.scrollWidth > 760).length"
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    assert page.evaluate(wide) == 0
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.pdf(path=ARTEFACTS / f"{name.replace('/', '-')}.pdf", prefer_css_page_size=True)


def test_a_figure_is_enlarged_and_put_back_by_keyboard_alone(opened):
    page = opened(PAGES[0], 1440)
    figure = page.locator("figure").first
    small = figure.locator("img:visible").bounding_box()
    page.locator("figure button").first.focus()
    page.keyboard.press("Enter")
    assert figure.evaluate("(one) => one.matches(':popover-open')")
    large = figure.locator("img:visible").bounding_box()
    assert large["width"] > small["width"]
    page.keyboard.press("Escape")
    assert not figure.evaluate("(one) => one.matches(':popover-open')")


def test_every_stop_of_the_keyboard_can_be_seen(opened):
    page = opened(PAGES[0], 1440)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the verdicts"
    seen = 0
    for _ in range(40):
        width, shown = page.evaluate(
            "[parseFloat(getComputedStyle(document.activeElement).outlineWidth),"
            " document.activeElement.getBoundingClientRect().left >= 0]"
        )
        assert width >= 2
        assert shown
        seen += 1
        page.keyboard.press("Tab")
    assert seen == 40


def test_a_number_leads_to_its_witnesses_cell_and_source(opened, reports):
    page = opened(PAGES[0], 1440)
    number = page.locator("a.number").first
    target = number.get_attribute("href")
    assert target.startswith("#")
    number.click()
    finding = page.locator(f'[id="{target[1:]}"]')
    assert finding.is_visible(), "what a link leads to is unfolded"
    document = json.loads((reports / PAGES[0]).with_name("findings.json").read_text("utf-8"))
    named = {one["id"]: one for one in document["findings"]}
    one = (
        named[target[1:].removeprefix("finding-")] if target[1:] not in named else named[target[1:]]
    )
    assert one["cell"]
    links = finding.evaluate(
        "(one) => [...one.closest('tr, li, section, div').querySelectorAll('a')]"
        ".map((a) => a.getAttribute('href'))"
    )
    assert any("-cell-" in link for link in links), links
    assert any(link.startswith("#source-") for link in links), links


def test_the_timeline_comes_first(opened):
    page = opened(PAGES[0], 1440)
    first = page.locator("main figure").first
    assert "timeline" in (first.get_attribute("id") or first.inner_html()[:2000]).lower()
    assert page.locator("main figure, main table").first.evaluate("(o) => o.tagName") == "FIGURE"
    assert first.bounding_box()["y"] < 900


def test_figures_beside_a_page_are_shown_under_its_policy(chromium, reports):
    page = chromium.new_page()
    page.goto((reports / "iran-2019/1.0.0/report.fa.html").as_uri())
    shown = "() => [...document.images].map((one) => one.complete && one.naturalWidth > 0)"
    assert set(page.evaluate(shown)) == {True}
    page.close()
