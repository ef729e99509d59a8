"""The answer a report begins with says no more than the verdicts it is made of."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.case import case as cases
from darkdays.claims.judging.verdicts import CONTRADICTED, INCONCLUSIVE, SUPPORTED, UNTESTED
from darkdays.report.findings.answer import answer_of
from darkdays.report.findings.findings import STAMP

VERDICTS = (SUPPORTED, CONTRADICTED, INCONCLUSIVE, UNTESTED)


def claim(short, kind="disrupted"):
    return SimpleNamespace(short=short, type=kind, statement=f"{short}.")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(VERDICTS)), max_size=8))
def test_shown_is_said_of_supported_claims_only(pairs):
    said = answer_of([(claim(f"clause-{name}"), verdict) for name, verdict in pairs])
    verdicts = {}
    for name, verdict in pairs:
        verdicts.setdefault(name, set()).add(verdict)
    shown = said.partition("The data show that ")[2].partition(".")[0]
    for name, found in verdicts.items():
        if found != {SUPPORTED}:
            assert f"clause-{name}" not in shown
    assert ("show" in said) == any(found == {SUPPORTED} for found in verdicts.values())
    assert bool(said) == bool(pairs)


def test_each_verdict_has_its_words():
    said = answer_of(
        [(claim("a"), SUPPORTED), (claim("b"), SUPPORTED), (claim("c"), CONTRADICTED),
         (claim("d"), INCONCLUSIVE), (claim("e"), UNTESTED), (claim("f"), UNTESTED)]
    )  # fmt: skip
    assert said == (
        "The data show that a and b. It is not so that c. The data do not tell whether d. "
        "No data are here to tell whether e or f."
    )
    assert answer_of([(claim(""), SUPPORTED)]) == "The data show that connectivity was disrupted."
    assert answer_of([(claim("a"), UNTESTED)], simulated=True).startswith(STAMP.rstrip(": "))
    # What the case asks first is answered first; only what is so comes before it.
    asked = [(claim("a"), UNTESTED), (claim("b"), CONTRADICTED), (claim("c"), SUPPORTED)]
    assert answer_of(asked) == (
        "The data show that c. No data are here to tell whether a. It is not so that b."
    )
    # Claims of one type without words of their own are told by what they state.
    alike = [(SimpleNamespace(short="", type="disrupted", statement=f"{name}."), SUPPORTED)
             for name in ("Here", "There")]  # fmt: skip
    assert answer_of(alike) == "The data show that Here and There."
    many = answer_of([(claim(name), SUPPORTED) for name in "abcdefg"])
    assert many == "The data show that a, b, c (and 4 more)."


@pytest.mark.parametrize("name", cases.known())
def test_every_claim_of_a_shipped_case_has_words_in_the_answer(name):
    case = cases.load(name)
    said = answer_of([(one, UNTESTED) for one in case.claims[:4]])
    assert said.startswith("No data are here to tell whether ")
    assert "_" not in said


def test_it_stands_in_findings_and_at_the_head_of_the_page(iran_2019):
    document = json.loads((iran_2019.version / "findings.json").read_text(encoding="utf-8"))
    page = (iran_2019.version / "report.html").read_text(encoding="utf-8")
    assert document["answer"].startswith("The data show that ")
    assert page.index(document["answer"]) < page.index("<main>")
