"""Grids: what they may hold, which studies come of them, and how these are cut."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from darkdays.errors import InputError
from darkdays.sweep.plan.blocks import BLOCK, blocks_of
from darkdays.sweep.plan.grid import load
from darkdays.sweep.plan.rehearsal import rehearsal
from darkdays.sweep.plan.studies import studies_of, write_case

GRID = {
    "name": "two-countries",
    "title": "Two countries",
    "question": "How often?",
    "summary": "Two countries over two years.",
    "places": ["IR", "CU"],
    "windows": {"start": "2018-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z", "every": "year"},
    "template": {
        "entities": [{"id": "country/{place}", "name": "{country}", "network": "country"}],
        "signals": [{"datasource": "ioda.bgp", "source": "service"}],
    },
}


def written(folder, **changes):
    path = folder / "two-countries.yaml"
    path.write_text(yaml.safe_dump({**GRID, **changes}), encoding="utf-8")
    return path


def test_a_template_is_put_into_every_place_and_window(tmp_path):
    grid = load(written(tmp_path))
    studies = studies_of(grid, tmp_path)
    assert [one.name for one in studies] == [
        "two-countries-cu-20180101", "two-countries-cu-20190101",
        "two-countries-ir-20180101", "two-countries-ir-20190101",
    ]  # fmt: skip
    cuba = studies[0].case
    assert (cuba.entities[0].id, cuba.entities[0].name) == ("country/CU", "Cuba")
    assert (cuba.place, cuba.time_zone) == ("CU", "America/Havana")
    assert f"{cuba.window.start:%Y-%m-%d} {cuba.window.end:%Y-%m-%d}" == "2018-01-01 2019-01-01"


def test_the_world_is_every_country_once(tmp_path):
    grid = load(written(tmp_path, places="world"))
    assert len(grid.countries) == len(set(grid.countries)) > 200
    assert len(studies_of(grid, tmp_path)) == 2 * len(grid.countries)


def test_further_entities_come_from_a_file(tmp_path):
    (tmp_path / "networks.csv").write_text(
        "place,id,name,network\nIR,asn/44244,Irancell,mobile\nCU,asn/27725,ETECSA,fixed\n",
        encoding="utf-8",
    )
    template = {**GRID["template"], "entities_file": "networks.csv"}
    studies = studies_of(load(written(tmp_path, template=template)), tmp_path)
    assert [one.id for one in studies[2].case.entities] == ["country/IR", "asn/44244"]


def test_a_study_is_a_case_that_can_be_run_alone(tmp_path):
    from darkdays.case import case as cases

    study = studies_of(load(written(tmp_path)), tmp_path)[0]
    path = write_case(study.case, tmp_path)
    assert cases.load(str(path)).digest() == study.case.digest()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": "red"}, "colour"),
        ({"places": ["IX"]}, "unknown place 'IX'"),
        ({"places": []}, "nothing to sweep"),
        ({"windows": []}, "add windows"),
        ({"template": None}, "places and template go together"),
        ({"name": "other"}, "it must be the file's"),
        ({"parameters": {"level": [0.95, 0.95]}}, "listed twice"),
        ({"parameters": {"min_depth": [1.5]}}, "between 0 and 1"),
        ({"parameters": {"level": 0.3}}, "level"),
        ({"change_points": "hourly"}, "change_points"),
        ({"cases": [{"case": "iran-2018"}]}, "iran-2018"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, changes, said):
    with pytest.raises(InputError) as caught:
        studies_of(load(written(tmp_path, **changes)), tmp_path)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("place,id,name\n", "has no column network"),
        ("place,id,name,network\nIR,irancell,Irancell,mobile\n", "line 2"),
        (None, "cannot read"),
    ],
)
def test_a_mistake_in_the_file_of_entities_is_one_sentence(tmp_path, text, said):
    if text is not None:
        (tmp_path / "networks.csv").write_text(text, encoding="utf-8")
    template = {**GRID["template"], "entities_file": "networks.csv"}
    with pytest.raises(InputError) as caught:
        studies_of(load(written(tmp_path, template=template)), tmp_path)
    assert said in str(caught.value)


def test_two_studies_cannot_share_a_name(tmp_path):
    with pytest.raises(InputError, match="keep one of them"):
        studies_of(load(written(tmp_path, cases=[{"case": "iran-2019"}] * 2)), tmp_path)


@given(entities=st.integers(1, 400))
def test_blocks_and_batches_hold_every_entity_once(entities):
    _, studies = rehearsal(entities, 0.02)
    seen = []
    for study in studies:
        for block in blocks_of(study, "engine"):
            assert len(block.case.entities) <= BLOCK
            seen += block.numbers
    assert sorted(seen) == list(range(entities))


def test_what_a_study_is_held_against_is_in_one_block_too(tmp_path):
    rows = [f"IR,asn/{number},Network {number},fixed" for number in range(1, 60)]
    (tmp_path / "networks.csv").write_text("\n".join(["place,id,name,network", *rows]) + "\n")
    template = {**GRID["template"], "entities_file": "networks.csv"}
    study = studies_of(load(written(tmp_path, template=template)), tmp_path)[2]
    other = {
        name: (study.case.entities[0].model_copy(update={"id": f"country/{code}"}),)
        for name, code in (("controls", "TR"), ("neighbours", "IQ"), ("donors", "PK"))
    }
    case = study.case.model_copy(update=other)
    blocks = blocks_of(type(study)(case), "engine")
    measured = [one.id for block in blocks for one in block.case.measured]
    assert sorted(measured) == sorted(one.id for one in case.measured)
    assert len(set(measured)) == len(measured) == 63


def test_a_big_study_with_claims_is_refused_in_one_sentence(tmp_path):
    rows = [f"IR,asn/{number},Network {number},fixed" for number in range(1, 250)]
    (tmp_path / "networks.csv").write_text("\n".join(["place,id,name,network", *rows]) + "\n")
    claim = {
        "type": "outage_in_window", "id": "down", "statement": "It was down.", "origin": "a test",
        "entity": "country/{place}",
    }  # fmt: skip
    template = {**GRID["template"], "entities_file": "networks.csv", "claims": [claim]}
    study = studies_of(load(written(tmp_path, template=template)), tmp_path)[2]
    with pytest.raises(InputError, match="several studies"):
        blocks_of(study, "engine")
