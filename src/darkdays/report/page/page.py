"""The page of a report: one file that needs no other, no script and no network."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from darkdays.contracts.moments import bounds, when
from darkdays.report.page.executed import Cell
from darkdays.report.page.figure_tables import figure_table
from darkdays.report.page.headline import key_numbers, not_known, said_once
from darkdays.report.page.links import Links
from darkdays.report.page.plain_words import GLOSSARY
from darkdays.report.page.readable import anchor, readable

# What a case or a source says is put in as text; a template could not do harm either.
TEMPLATES: Final = ImmutableSandboxedEnvironment(
    loader=jinja2.PackageLoader("darkdays.report.page"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_CODE: Final = re.compile(r"`([^`]+)`")
_CAPTION: Final = re.compile("<figcaption>")
_HEADING: Final = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)


def contents(body: str) -> list[tuple[str, str]]:
    """Return the headings of a page, each with its id."""
    return [(name, Markup(title)) for name, title in _HEADING.findall(body)]  # noqa: S704


def coded(text: str) -> Markup:
    """Return text with what stands in backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


TEMPLATES.filters |= {
    "when": when,
    "bounds": bounds,
    "contents": contents,
    "coded": coded,
    "anchor": anchor,
}


def warm() -> None:
    """Compile every template, for whoever has a moment before a page is asked of them."""
    for name in TEMPLATES.list_templates(["j2"]):
        TEMPLATES.get_template(name)


def page_of(
    folder: Path,
    content: Mapping[str, Any],
    version: str,
    *,
    findings: Mapping[str, Any] | None = None,
    digests: Mapping[str, Any] | None = None,
    notebooks: Sequence[str] = (),
    cells: Sequence[Cell] = (),
) -> str:
    """Return the page of a report.

    Parameters
    ----------
    folder
        Where its figures are.
    content
        What a draft holds.
    version
        Of the report, ``draft`` without one.
    findings, digests
        As published; those of the draft if not given.
    notebooks
        Names of the executed notebooks beside the page.
    cells
        Their cells.
    """
    document = findings or content["findings"]
    shared, own = said_once(document["claims"], "because")
    overturning, would = said_once(document["claims"], "overturned_by")
    return framed(
        "report.html.j2",
        content["case"].get("names", {}),
        **{
            **content,
            "findings": document,
            "digests": digests or content["digests"],
            "figures": {one["name"]: _picture(folder, one) for one in content["figures"]},
        },
        version=version,
        notebooks=notebooks,
        links=Links(document["findings"], cells),
        key_numbers=key_numbers(document),
        not_known=not_known(document),
        said={"of_all": shared, "own": own, "overturning": overturning, "would": would},
        glossary=GLOSSARY,
    )


def framed(template: str, names: Mapping[str, str] | None = None, /, **values: Any) -> str:
    """Return a page with the one style, which its policy allows by digest and nothing else.

    Entities are called by their ``names``.
    """
    style = TEMPLATES.get_template("style.css.j2").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = TEMPLATES.get_template(template).render(
        style=Markup(style),  # noqa: S704 - a file of this package
        policy=allowed,
        **values,
    )
    numbers = itertools.count(1)
    numbered = _CAPTION.sub(lambda one: f"{one[0]}<b>Figure {next(numbers)}.</b> ", page)
    return readable(numbered, names)


def in_an_address(drawn: bytes) -> Markup:
    """Return an SVG file as it may stand in a data URL between single quotes: a third lighter."""
    text = drawn.decode().replace("%", "%25").replace("#", "%23").replace("&", "%26")
    return Markup(text.replace("'", "%27").replace("\n", " "))  # noqa: S704 - nothing ends it


def _picture(folder: Path, figure: Mapping[str, Any]) -> dict[str, Any]:
    stem = folder / "figures" / figure["name"]
    narrow = stem.with_name(f"{figure['name']}.narrow.svg")
    return {
        **figure,
        "svg": in_an_address(stem.with_name(f"{figure['name']}.svg").read_bytes()),
        "narrow": in_an_address(narrow.read_bytes()) if narrow.is_file() else "",
        "table": figure_table(stem.with_name(f"{figure['name']}.csv").read_text(encoding="utf-8")),
    }
