"""A report is cited under the names of who wrote its case."""

from __future__ import annotations

import json

import pytest
import yaml
from pydantic import ValidationError

from darkdays.case import case as cases
from darkdays.case.case import Case
from darkdays.report.version.citation import bibtex_of, citation_of
from darkdays.report.version.crate import crate_of

AUTHORS = [
    {"name": "Núñez, María", "orcid": "0000-0002-1825-0097", "affiliation": "Universidad & Co."},
    {"name": "Anonymous Collective"},
]
FINDINGS = {"case": "made-up", "version": "1.0.0", "parameters": {"level": 0.95}}


def stated(**more):
    case = cases.load("iran-2019").model_dump(mode="json")
    return Case.model_validate({**case, **more})


def content(case):
    told = case.model_dump(mode="json", include={"authors", "licence", "doi", "funding"})
    texts = {
        "title": "100 % & more",
        "question": "Was it?",
        "summary": "It was.",
        "until": "2030-01-02",
    }
    return {"case": {**texts, **told}, "sources": []}


def test_authors_licence_doi_and_funding_are_in_every_citation():
    case = stated(
        authors=AUTHORS, licence="CC-BY-4.0", doi="10.5281/zenodo.1", funding="Paid by nobody."
    )
    told = content(case)
    cited = yaml.safe_load(citation_of(told, FINDINGS))
    assert cited["authors"][0] == {
        "family-names": "Núñez", "given-names": "María", "affiliation": "Universidad & Co.",
        "orcid": "https://orcid.org/0000-0002-1825-0097",
    }  # fmt: skip
    assert cited["authors"][1] == {"family-names": "Anonymous Collective"}
    assert (cited["license"], cited["doi"]) == ("CC-BY-4.0", "10.5281/zenodo.1")
    entry = bibtex_of(told, FINDINGS)
    assert "author = {Núñez, María and Anonymous Collective}" in entry
    assert r"100 \% \& more" in entry
    assert "doi = {10.5281/zenodo.1}" in entry
    assert "Paid by nobody." in entry
    graph = json.loads(crate_of(told, FINDINGS, {}))["@graph"]
    entities = {one["@id"]: one for one in graph}
    assert entities["./"]["author"][0] == {"@id": "https://orcid.org/0000-0002-1825-0097"}
    assert entities["./"]["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}
    assert entities["https://orcid.org/0000-0002-1825-0097"]["name"] == "Núñez, María"


def test_without_authors_it_is_cited_as_before():
    told = content(stated())
    cited = yaml.safe_load(citation_of(told, FINDINGS))
    assert cited["authors"] == [{"name": "The darkdays contributors"}]
    assert cited["license"] == "BSD-3-Clause"
    assert "author = {{The darkdays contributors}}" in bibtex_of(told, FINDINGS)
    assert json.loads(crate_of(told, FINDINGS, {}))


def test_what_is_not_said_does_not_make_another_case():
    assert stated(authors=[], doi="").digest() == cases.load("iran-2019").digest()
    assert stated(doi="10.5281/zenodo.1").digest() != cases.load("iran-2019").digest()


@pytest.mark.parametrize(
    "more",
    [
        {"authors": [{"name": "A", "orcid": "0000-0002-1825-0098"}]},
        {"authors": [{"name": "A", "orcid": "https://orcid.org/0000-0002-1825-0097"}]},
        {"authors": [{"name": ""}]},
        {"doi": "https://doi.org/10.5281/zenodo.1"},
        {"licence": "do what you want"},
    ],
)
def test_what_cannot_be_cited_is_refused(more):
    with pytest.raises(ValidationError):
        stated(**more)


def test_what_is_still_to_be_written_is_named():
    assert stated().unwritten() == ""
    said = stated(summary="To be written: what was reported.").unwritten()
    assert said == "To be written: the summary."
