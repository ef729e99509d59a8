"""Figures in Spanish and Persian: what is said in them, and where it stands."""

# ruff: noqa: RUF001 - Persian digits are meant

from __future__ import annotations

import functools
import itertools
import re
from datetime import date
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from darkdays.figures.key import key_below, sourced
from darkdays.figures.plot import Plot, subplots
from darkdays.files import paths
from darkdays.report.languages import figures, pages
from darkdays.report.languages.catalogue import catalogue_of
from darkdays.report.languages.figures import Drawing
from darkdays.report.languages.file_names import LANGUAGES, Named, named
from darkdays.report.languages.jalali import jalali_of
from darkdays.report.languages.lettering import Line
from darkdays.report.languages.narrow_figures import NarrowDrawing
from darkdays.report.languages.pages import drawings_of, figures_in_language
from darkdays.report.languages.template import newest_pages

PAGES = {case: page for case, _, page in newest_pages(paths.reports())}
LINE = re.compile(r"<!-- [^<>]* -->\s*<g[^>]*>.*?</g>", re.DOTALL)
DEFINED = re.compile(r"<defs>(?:<path id=\"DejaVu[^>]*>)*</defs>")
PLACE = re.compile(r"<!-- ([^<>]*) -->\s*<g[^>]*translate\((\S+) (\S+)\)")


def texts_of(svg):
    return list(figures._texts(svg))


def drawn():
    """A figure with a text in each place there is: axes, ticks, keys, panels, margins."""
    figure, axes = subplots(2, 2, figsize=(7, 4.5))
    above = axes[0][0]
    above.set(yscale="log", ylim=(0.5, 5000), xlabel="days later", ylabel="share of normal")
    above.set_title("outages after protests", loc="left", fontsize=10)
    axes[0][1].set_title("protests after outages", loc="left", fontsize=10)
    axes[0][1].text(0.5, 0.5, "Nothing to average.", ha="center", transform=axes[0][1].transAxes)
    axes[1][0].set_yticks([0, 1], ["mobile network", "fixed-line network"])
    axes[1][1].tick_params(axis="x", rotation=45)
    axes[1][1].set_xticks(range(4), ["10 Nov", "11 Nov", "12 Nov", "13 Nov"])
    handles = [Line2D([], [], label=one) for one in ("holds", "does not")]
    axes[1][1].legend(handles=handles, ncols=2, loc="upper right", frameon=False, fontsize=8)
    figure.tight_layout()
    key_below(figure, [Patch(label=one) for one in ("whole country", "region", "protest day")])
    plot = Plot("made", "", "", "", figure, pd.DataFrame())
    note = f"Source: {'somebody, ' * 20}a source (CC0). Made with darkdays. Times in UTC."
    return sourced(plot, note).rendered("svg").decode()


@pytest.fixture(scope="module")
def svg():
    return drawn()


def boxes(svg):
    """What each text takes in its page, by what it says; not those of oblique ticks."""
    straight = [one for one in texts_of(svg) if one.turn % 90 == 0]
    return [(" ".join(line.said for line in one.lines), one.seen(0), one) for one in straight]


def overlapping(svg):
    """Which texts stand over one another, by their order."""
    found = set()
    for (one, a), (other, b) in itertools.combinations(enumerate(boxes(svg)), 2):
        across = min(a[1][2], b[1][2]) - max(a[1][0], b[1][0])
        down = min(a[1][3], b[1][3]) - max(a[1][1], b[1][1])
        if across > 0.5 and down > 0.5:
            found.add((one, other))
    return found


def outside(svg):
    """Which texts leave the page, by their order."""
    size = [float(one) for one in re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups()]
    return {
        number
        for number, (_, box, _) in enumerate(boxes(svg))
        if box[0] < -0.5 or box[1] < -0.5 or box[2] > size[0] + 0.5 or box[3] > size[1] + 0.5
    }


def test_said_as_it_was_each_text_stands_where_it_stood(svg):
    again = Drawing(svg).saying(lambda text: text)
    ET.fromstring(again)
    before, after = PLACE.findall(svg), PLACE.findall(again)
    assert len(before) == len(after) > 30
    for one, other in zip(before, after, strict=True):
        assert one[0] == other[0]
        assert float(other[1]) == pytest.approx(float(one[1]), abs=0.02), one
        assert float(other[2]) == pytest.approx(float(one[2]), abs=0.02), one


def test_nothing_but_texts_is_another(svg):
    again = Drawing(svg).saying(str.upper)
    bare = [
        re.sub(
            r'<g transform="translate\(\S+ 0\)">|</g>|\s+', "", LINE.sub("", DEFINED.sub("", one))
        )
        for one in (svg, again)
    ]
    assert bare[0] == bare[1]
    assert len(bare[0]) > 5000
    assert again == Drawing(svg).saying(str.upper)


@pytest.mark.parametrize("times", [1.5, 2, 4])
def test_longer_words_stand_over_nothing_and_are_not_cut_off(svg, times):
    def longer(text):
        is_power = not re.search("[a-z]", text) or text.startswith("$")
        return text if is_power else (text * 4)[: int(len(text) * times)].strip()

    made = Drawing(svg).saying(longer)
    assert overlapping(made) <= overlapping(svg)
    assert outside(made) <= outside(svg)
    sizes = [line.size for one in texts_of(made) for line in one.lines]
    assert min(sizes) > 2


def test_a_title_stays_at_its_panel_and_a_label_at_its_axis(svg):
    short = Drawing(svg).saying(lambda text: text[:5])
    made = {said: one.box for said, _, one in boxes(short)}
    before = {said[:5]: one.box for said, _, one in boxes(svg) if len(said) > 5}
    for title in ("outag", "prote"):
        assert made[title][0] == pytest.approx(before[title][0], abs=0.05)
    for label in ("mobil", "fixed"):
        assert made[label][2] == pytest.approx(before[label][2], abs=0.05)
    middle = [sum(one["Nothi"][::2]) for one in (made, before)]
    assert middle[0] == pytest.approx(middle[1], abs=0.05)


def test_the_signs_of_a_key_move_with_its_texts(svg):
    said = {"whole country": "the whole of the country"}
    made = Drawing(svg).saying(lambda text: said.get(text, text))

    def signs(text):
        found = re.findall(
            r'(?:translate\((\S+) 0\)">\s*)?<g id="patch_\d+">\s*<path d="M (\S+)', text
        )
        return [float(x) + float(by or 0) for by, x in found[-3:]]

    entries = [
        [one.lines[0].x for one in texts_of(drawing) if one.key][-3:] for drawing in (svg, made)
    ]
    moved = [after - before for before, after in zip(*entries, strict=True)]
    assert moved[0] == pytest.approx(0, abs=0.02)
    assert moved[1] == pytest.approx(moved[2], abs=0.02)
    assert moved[1] > 10
    before, after = signs(svg), signs(made)
    assert [b - a for a, b in zip(before, after, strict=True)] == pytest.approx(moved, abs=0.05)


def test_persian_is_joined_and_goes_from_right_to_left():
    def glyphs(said):
        markup = Line(said, 0, 0, 10, "", (0, 0)).markup(0)
        return re.findall(r'#([\w-]+)" transform="translate\((\S+) ', markup)

    alone = {name for one in "سن" for name, _ in glyphs(one)}
    assert alone.isdisjoint({name for name, _ in glyphs("سن")})  # forms that join
    order = [name for name, _ in sorted(glyphs("آب ABC"), key=lambda one: float(one[1]))]
    latin = [name for name, _ in glyphs("ABC")]
    assert order[:3] == latin  # what comes last in reading stands at the left
    assert glyphs("ABC")[0][0] == latin[0]


def test_powers_of_ten_and_numbers_have_the_digits_of_the_language(svg):
    page = f"<figure id=\"figure-made\"><img src='data:image/svg+xml,{svg}'></figure>"
    page = page.replace("#", "%23").replace("\n", " ")
    spanish, persian = (
        figures_in_language(drawings_of(page), catalogue_of(one))[f"figures/made.{one}.svg"]
        for one in LANGUAGES
    )
    assert r"$\mathdefault{10^{2}}$" in spanish
    assert r"$\mathdefault{۱۰^{۲}}$" in persian
    told = "".join(one[0] for one in PLACE.findall(persian))
    assert not re.search(r"(?<![\w(])[0-9](?![\w.])", told.replace("CC0", ""))
    assert "red móvil" in spanish
    assert "شبکهٔ همراه" in persian


def test_what_a_figure_quotes_is_left_as_it_is(svg):
    page = f"<figure id=\"figure-made\"><img src='data:image/svg+xml,{svg}'></figure>"
    page = page.replace("#", "%23").replace("\n", " ")
    made = figures_in_language(drawings_of(page), catalogue_of("es"))["figures/made.es.svg"]
    assert "Fuente: somebody, somebody" in " ".join(one[0] for one in PLACE.findall(made))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["Sistan and", "Baluchestan", "16 Nov 20:30"],
            ["Sistán y", "Baluchistán", "16 nov 20:30"],
        ),
        (["page", "12"], ["página", "12"]),
        (["TCP/IP", "3"], ["TCP/IP", "3"]),
        (
            ["Iran Published OONI web", "measurements"],
            ["Irán Mediciones web de", "OONI publicadas"],
        ),
    ],
)
def test_lines_are_cut_between_words_and_a_time_keeps_its_own(lines, said):
    say = functools.partial(pages._said_in_figure, catalogue_of("es"), ())
    assert figures.said_in_lines(lines, say) == said


def test_a_number_that_ends_a_sentence_is_said_with_it():
    told = {"Supported in 3 of 7": "Tres de siete la apoyan"}
    said = figures.said_in_lines(["Supported in 3 of", "7"], lambda text: told.get(text, text))
    assert said == ["Tres de siete la", "apoyan"]


def test_on_a_telephone_longer_words_are_set_smaller_where_they_would_be_cut_off():
    style = "font-size: 8.5px; font-family: sans-serif; text-anchor: {}"
    texts = "".join(
        f'<g id="text_{at}"><text style="{style.format(anchor)}" x="{x}" y="9">{anchor}</text></g>'
        for at, (anchor, x) in enumerate([("start", 150), ("middle", 170), ("end", 30)])
    )
    svg = f'<svg viewBox="0 0 200 20">{texts}</svg>'
    made = NarrowDrawing(svg).saying(lambda text: text + " and more words")
    sizes = [float(one) for one in re.findall(r"size: ([\d.]+)px", made)]
    assert all(0.7 * 8.5 <= one < 8.5 for one in sizes)
    assert NarrowDrawing(svg).saying(str) == svg


@pytest.mark.parametrize("text", ["</g><script>1</script> & --- --> <b>", "$1 --- $2", "\u202eq"])
def test_whatever_a_text_holds_it_is_a_text(svg, text):
    figure, axis = subplots(1, 1, figsize=(6, 4))
    axis.set_title(text)
    made = Plot("made", "", "", "", figure, pd.DataFrame()).rendered("svg").decode()
    for drawing in (made, svg):
        again = Drawing(drawing).saying(lambda one: f"{one} {text}")
        tags = {one.tag.rpartition("}")[2] for one in ET.fromstring(again).iter()}
        assert "script" not in tags
        assert "b" not in tags
        assert len(texts_of(again)) == len(texts_of(drawing))


def test_what_is_no_drawing_of_texts_is_left_alone():
    for text in ("", "<svg/>", '<svg viewBox="0 0 1 1"><g id="figure_1"/></svg>'):
        assert Drawing(text).saying(str.upper) == text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.svg", ("a", "svg", "")),
        ("a.fa.svg", ("a", "svg", "fa")),
        ("a.narrow.svg", ("a", "narrow.svg", "")),
        ("a-b.narrow.es.svg", ("a-b", "narrow.svg", "es")),
        ("report.es.html", ("report", "html", "es")),
        ("a.xx.svg", ("a.xx", "svg", "")),
        ("narrow.svg", ("narrow", "svg", "")),
        ("none", ("none", "", "")),
    ],
)
def test_figure_kind_and_language_are_told_by_the_name_of_a_file(name, said):
    assert named(name) == Named(*said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_shipped_figures_nothing_is_cut_off_nor_over_anything_it_was_not(language):
    seen = 0
    for case, page in PAGES.items():
        made = figures_in_language(drawings_of(page), catalogue_of(language))
        for english in pages._PICTURE.finditer(page):
            name = f"figures/{english[2]}.{language}.svg"
            before, after = unquote(english[3]), made[name]
            assert len(texts_of(before)) == len(texts_of(after)), (case, name)
            assert overlapping(after) <= overlapping(before), (case, name)
            assert outside(after) <= outside(before), (case, name)
            shrunk = [
                (two.lines[0].said, two.lines[0].size / one.lines[0].size)
                for one, two in zip(texts_of(before), texts_of(after), strict=True)
                if two.lines[0].size < 0.7 * one.lines[0].size
            ]
            assert not shrunk, (case, name)
            seen += 1
    assert seen > 20


def test_on_a_telephone_text_is_text_in_another_language_and_nothing_else_changes():
    lines = '<text x="1">Made up: share</text>\n     <text x="2">of &lt;all&gt;</text>'
    svg = f'<svg><g id="text_1">\n    {lines}\n</g><g id="text_2"><text>12</text></g></svg>'
    said = {"Made up: share of <all>": "سهم <همه> ساختگی"}
    made = NarrowDrawing(svg).saying(lambda text: said.get(text, text), right_to_left=True)
    found = re.findall(r"<text[^>]*>([^<]*)</text>", made)
    assert found[-1] == "12"
    assert len(found) == 3
    words = "".join(found[:2]).translate(dict.fromkeys(map(ord, "\u2067\u2069 ")))
    assert words == "سهم&lt;همه&gt;ساختگی"
    assert NarrowDrawing(svg).saying(str) == svg


WINDOW = (date(2019, 11, 8), date(2019, 11, 24))


@pytest.mark.parametrize(
    ("text", "window", "said"),
    [
        ("17 Nov", WINDOW, "۲۶ آبان"),
        ("02 Dec 06:00", WINDOW, "۱۱ آذر"),
        ("02 Jan 2020", WINDOW, "۱۲ دی ۱۳۹۸"),
        ("17 Nov", (date(2018, 1, 1), date(2019, 12, 31)), ""),  # of which year
        ("17 Nov and more", WINDOW, ""),
        ("30 Feb", WINDOW, ""),
        ("Nov 2019", WINDOW, ""),
    ],
)
def test_a_day_of_the_other_calendar_is_told_where_the_year_is_known(text, window, said):
    assert jalali_of(text, window) == said


def test_days_of_the_other_calendar_stand_below_where_nothing_does(svg):
    figure, (upper, lower) = subplots(2, 1, figsize=(7, 4.5))
    upper.set_xticks(range(3), ["16 Nov", "17 Nov", "18 Nov"])
    lower.set_xticks(range(3), ["16 Nov", "17 Nov", "18 Nov"])
    lower.set_xlabel("UTC")
    figure.subplots_adjust(hspace=0.6)
    plot = Plot("made", "", "", "", figure, pd.DataFrame())
    below = functools.partial(jalali_of, window=WINDOW)
    for letters, kind in (("path", Drawing), ("none", NarrowDrawing)):
        drawn = plot.rendered("svg", letters=letters).decode()
        made = kind(drawn).saying(str, below=below)
        assert made.count("۲۶ آبان") == 1  # below the other one stands what it is on
        assert made.count("۲۵ آبان") == 2
        assert ET.fromstring(made) is not None
        assert kind(drawn).saying(str).count("آبان") == 0


def test_what_stands_between_the_works_a_figure_cites_is_translated():
    text = "Source: IODA, as published in OONI (2019), Blackout (CC0 (report)). Made with darkdays."
    said = functools.partial(pages._said_in_figure, names=(), text=text)
    assert said(catalogue_of("es")).startswith(
        "Fuente: IODA, tal como se publicó en OONI (2019), Blackout (CC0 (report))."
    )
    persian = said(catalogue_of("fa"))
    assert (
        "\u2066IODA\u2069، چنان‌که منتشر شده در \u2066OONI (2019), Blackout (CC0 (report))\u2069"
        in persian
    )
