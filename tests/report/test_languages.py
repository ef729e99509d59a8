"""Pages in Spanish and Persian: what is carried over, what is translated, and what is not."""

# ruff: noqa: RUF001 - Persian digits are meant

from __future__ import annotations

import html
import re
import shutil

import polib
import pytest

from darkdays.files import paths
from darkdays.files.packaged import text_of
from darkdays.report.languages import catalogue as catalogues
from darkdays.report.languages.catalogue import Catalogue, catalogue_of, marks_of, message_of
from darkdays.report.languages.file_names import LANGUAGES
from darkdays.report.languages.pages import (
    drawings_of,
    figures_in_language,
    in_language,
    in_languages,
    prepared,
)
from darkdays.report.languages.template import KEPT, found_in, newest_pages
from darkdays.report.page.index import write_index

PAGES = {case: (name, page) for case, name, page in newest_pages(paths.reports())}
DRAWINGS = {case: drawings_of(page) for case, (_, page) in PAGES.items()}
# Sentences of the newest reports, all together, that have no translation yet.
MISSING = {"es": 0, "fa": 0}
ENGLISH = {digit: str(at) for at, digit in enumerate("۰۱۲۳۴۵۶۷۸۹")} | {"٫": ".", "٬": ",", "٪": "%"}
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*%?")
ADDED = re.compile(
    r'<span class="jalali">.*?</span>|<span lang="en" dir="ltr">|</?bdi[^>]*>|<style>.*?</style>',
    re.DOTALL,
)
INLINE = re.compile(r"</?(?:a|abbr|b|strong|em|dfn|code)\b[^>]*>")
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'


def po_of(messages, context=""):
    stated = f'msgctxt "{context}"\n' if context else ""
    return "".join(f'\n{stated}msgid "{one}"\nmsgstr "{said}"\n' for one, said in messages.items())


def numbers_of(page):
    """The numbers of a page, digits mapped back, sorted within each run of text and each tag."""
    plain = ADDED.sub("", page).translate(str.maketrans(ENGLISH))
    plain = re.sub(r"</span>", "", re.sub(r"<span\b[^>]*>", "", INLINE.sub("", plain)))
    runs = re.split(r"(<[^>]*>)", plain)
    return [found for run in runs if (found := sorted(NUMBER.findall(html.unescape(run))))]


def messages_of(name):
    return polib.pofile(text_of(f"report/languages/{name}"))


@pytest.fixture(scope="module")
def translated():
    made = {}
    for language in LANGUAGES:
        for case, (name, page) in PAGES.items():
            catalogue = catalogue_of(language)
            text = in_language(page, name, catalogue)
            figures_in_language(DRAWINGS[case], catalogue)
            made[language, case] = (text, set(map(message_of, catalogue.missing)))
    return made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", PAGES)
def test_numbers_ids_links_and_figures_are_those_of_the_english_page(translated, language, case):
    name, page = PAGES[case]
    made, _ = translated[language, case]
    page = prepared(page, name, language)
    assert numbers_of(made) == numbers_of(page)
    for pattern in (r'\sid="[^"]+"', r"src='[^']+'"):
        assert re.findall(pattern, made) == re.findall(pattern, page)
    there, here = (
        sorted(re.sub(rf"^{name}(?=#)", "", one) for one in re.findall(r'href="([^"]+)"', text))
        for text in (re.sub(r'<a class="term"[^>]*>', "", page), made)
    )
    assert here == there


@pytest.mark.parametrize("language", LANGUAGES)
def test_so_much_is_translated_as_is_said(translated, language):
    missing = set().union(
        *(lacks for (one, _), (_, lacks) in translated.items() if one == language)
    )
    assert len(missing) == MISSING[language], sorted(missing)[:20]


def test_the_template_holds_what_the_reports_need_and_nothing_else():
    template = text_of("report/languages/messages.pot")
    messages = messages_of("messages.pot")
    made_up = {one.msgid for one in messages if one.msgctxt or KEPT in one.comment.split("\n")}
    needed = {one for _, one in found_in(paths.reports(), template)}
    assert {one.msgid for one in messages} - made_up == needed - made_up


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_no_message_that_the_template_does_not_have(language):
    known = {(one.msgctxt, one.msgid) for one in messages_of("messages.pot")}
    assert {(one.msgctxt, one.msgid) for one in messages_of(f"{language}.po")} <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_message(language):
    said = {one.msgid: one.msgstr for one in messages_of(f"{language}.po") if one.msgstr}
    wrong = {one for one, text in said.items() if marks_of(one) != marks_of(text)}
    numbers = {one for one, text in said.items() if numbers_of(one) != numbers_of(text)}
    assert (wrong, numbers) == (set(), set())


@pytest.fixture
def small():
    messages = po_of(
        {
            "{0} of {1} fell <0>to {2}</0> on {3}": "El {3} cayó {0} de {1} <0>a {2}</0>",
            "The data show that {A}": "Los datos muestran que {A}", "{A} and {B}": "{A} y {B}",
            "it fell": "cayó", "it rose": "subió", "{0} sank": "se hundieron {1}",
        }
    )  # fmt: skip
    dates = {"{d} {m} {y}": "{d} de {m} de {y}", "November": "noviembre"}
    return HEADER + messages + po_of({"Iran": "Irán"}, "name") + po_of(dates, "date")


def said(page, po, language="es", names=()):
    catalogue = Catalogue(language, po)
    made = in_language(f"<html><body>{page}</body></html>", "report.html", catalogue, names)
    return made.partition("<body>")[2].partition("</body>")[0], catalogue.missing


def test_what_stands_in_a_sentence_is_carried_to_where_the_language_wants_it(small):
    page = '<p>1,024 of Iran fell <a href="a.html">to 3.5%</a> on 16 November 2019.</p>'
    made, missing = said(page, small)
    assert (made, missing) == (
        '<p>El 16 de noviembre de 2019 cayó 1,024 de Irán <a href="a.html">a 3.5%</a>.</p>', []
    )  # fmt: skip


def test_persian_has_its_digits_and_its_calendar_beside(small):
    made, missing = said("<p>7 of 9 fell <b>to 3.5%</b> on 2019-11-16.</p>", small, "fa")
    assert missing == []
    assert "۳٫۵٪" in made
    assert '<bdi dir="ltr">۲۰۱۹-۱۱-۱۶</bdi> <span class="jalali">(۲۵ آبان ۱۳۹۸)</span>' in made
    assert not re.search(r"\d", re.sub("[۰-۹]", "", ADDED.sub("", made)))


def test_phrases_are_translated_in_what_holds_them(small):
    assert said("<h1>The data show that it fell and it rose.</h1>", small) == (
        "<h1>Los datos muestran que cayó y subió.</h1>",
        [],
    )


def test_what_has_no_translation_stays_as_it_was_and_is_said_to_be_english(small):
    made, missing = said(
        "<p>The data show that it fell. Nobody &lt;b&gt; knows 3.5 of Iran.</p>", small, "fa"
    )
    assert '<span lang="en" dir="ltr">Nobody &lt;b&gt; knows 3.5 of Iran</span>' in made
    assert list(map(message_of, missing)) == ["Nobody <b> knows {0} of {1}"]
    made, missing = said("<p>7 sank</p>", small)  # its translation has another place
    assert list(map(message_of, missing)) == ["{0} sank"]
    made, missing = said('<img alt="it fell"><p title="it sank">it fell</p>', small)
    assert made == '<img alt="cayó"><p title="it sank">cayó</p>'
    assert list(map(message_of, missing)) == ["it sank"]


def test_code_sources_and_names_of_a_case_are_left_alone(small):
    page = (
        '<td data-label="Source">it fell; it sank</td>'
        "<p>it fell and <code>it rose</code> and Ruritania</p>"
    )
    made, missing = said(page, small, names=["Ruritania"])
    assert '<code dir="ltr">it rose</code>' in made
    assert (">it fell; it sank</span>" in made, missing) == (True, [])


def test_a_link_leads_to_the_english_page_where_the_other_lacks_what_it_leads_to(tmp_path):
    page = '<html lang="en"><p id="a"><a href="#a">1</a><a href="#b">2</a></p></html>'
    (tmp_path / "x" / "1.0.0").mkdir(parents=True)
    link = '<a href="x/1.0.0/report.html">3</a><a href="y/1.0.0/report.html">4</a>'
    (tmp_path / "x" / "1.0.0" / "report.fa.html").touch()
    made = in_languages(page + link, "index.html", beside=tmp_path)
    assert sorted(made) == ["index.es.html", "index.fa.html"]
    persian = made["index.fa.html"].decode()
    assert persian.startswith('<html lang="fa" dir="rtl">')
    assert re.findall('href="([^"]+)"', persian) == [
        "#a", "index.html#b", "x/1.0.0/report.fa.html", "y/1.0.0/report.html",
    ]  # fmt: skip


def test_histories_lead_to_each_other_in_their_language(tmp_path):
    shutil.copytree(paths.reports() / "cuba-2021", tmp_path / "cuba-2021")
    write_index(tmp_path)
    for language in LANGUAGES:
        history = (tmp_path / "cuba-2021" / f"index.{language}.html").read_text(encoding="utf-8")
        assert f'href="../index.{language}.html"' in history
        assert f'/report.{language}.html"' in history
        assert 'lang="en" dir="ltr">' not in history.split("<main>")[1]
        index = (tmp_path / f"index.{language}.html").read_text(encoding="utf-8")
        assert f'href="cuba-2021/index.{language}.html"' in index


def test_a_catalogue_is_read_once_and_keeps_no_names_of_a_page(monkeypatch):
    catalogue_of.cache_clear()
    read = []
    parse = catalogues.polib.pofile
    monkeypatch.setattr(catalogues.polib, "pofile", lambda text: read.append(1) or parse(text))
    known = in_languages("<p>Ruritania</p>", "report.html", ["Ruritania"])["report.es.html"]
    unknown = in_languages("<p>Ruritania</p>", "report.html")["report.es.html"]
    assert (known, len(read)) == (b"<p>Ruritania</p>", len(LANGUAGES))
    assert b'<span lang="en" dir="ltr">Ruritania</span>' in unknown
