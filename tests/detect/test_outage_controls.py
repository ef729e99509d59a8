"""A control tells an outage of the instrument from one of the network, and nothing else does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.case import case as cases
from darkdays.detect.outages.agreement import agreement
from darkdays.detect.outages.controls import level_shifts, trusted
from darkdays.detect.outages.episodes import episodes
from darkdays.detect.outages.outages import analyse_all, outages, outages_of, prepare_all
from darkdays.detect.outages.recurrence import recurring
from darkdays.errors import InputError
from darkdays.evidence.evidence import Evidence, Specification
from darkdays.report.findings.findings import findings_document
from darkdays.report.findings.study import Study
from darkdays.simulate.signals import simulated_tree
from darkdays.studies import Results
from simulated_outages import World, simulated_signal, times_of

TIMES = times_of(weeks=10)
DOWN = slice(900, 950)


def signals(*down, shallow=()):
    """Six networks of a country and two controls, some of them down."""
    names = [f"asn/{number}" for number in range(6)] + ["country/TR", "country/FR"]
    rows = {}
    for number, name in enumerate(names):
        rng = np.random.default_rng(number)
        rows[name] = simulated_signal(World(gaps=0, missing=0), TIMES, rng=rng)
        if name in down:
            rows[name][DOWN] *= 0.1
        if name in shallow:
            rows[name][DOWN] *= 0.7
    return simulated_tree(rows, TIMES)


COUNTRY = [f"asn/{number}" for number in range(6)]
CONTROLS = ["country/TR", "country/FR"]


def labels(tree, **options):
    table = outages(tree, **options)
    return dict(zip(table["entity"], table["label"], strict=True))


def test_what_takes_the_controls_down_too_is_the_instruments():
    found = labels(signals(*COUNTRY, *CONTROLS), controls=CONTROLS)
    assert {found[entity] for entity in COUNTRY} == {"instrument"}
    assert {found[control] for control in CONTROLS} == {"control"}


def test_a_national_shutdown_is_an_outage_however_many_fall_together():
    assert set(labels(signals(*COUNTRY), controls=CONTROLS).values()) == {"outage"}
    assert set(labels(signals(*COUNTRY)).values()) == {"outage"}


def test_half_of_the_controls_are_not_enough():
    found = labels(signals(*COUNTRY, "country/TR"), controls=CONTROLS)
    assert found["asn/0"] == "outage"


def test_a_control_that_loses_little_does_not_explain_losing_all():
    found = labels(signals(*COUNTRY, shallow=CONTROLS), controls=CONTROLS)
    assert found["asn/0"] == "outage"


def test_a_blip_of_the_instrument_does_not_explain_days():
    tree = signals(*CONTROLS)
    node = tree["ioda.bgp"].to_dataset()
    values = node["value"].values.copy()
    row = list(node["entity"].values).index("asn/2")
    values[row, 900:1100] *= 0.1
    node["value"] = (("entity", "time"), values)
    tree = type(tree).from_dict({"ioda.bgp": node})
    assert labels(tree, controls=CONTROLS)["asn/2"] == "outage"


def test_a_sum_over_the_datasource_is_a_control():
    tree = signals(*COUNTRY, *CONTROLS)
    node = tree["ioda.bgp"].to_dataset()
    total = node["value"].sum("entity").values
    rows = dict(zip(node["entity"].values, node["value"].values, strict=True))
    tree = simulated_tree({**rows, "all": total}, TIMES)
    assert labels(tree, controls=["all"])["asn/0"] == "instrument"


def test_an_unknown_control_is_refused():
    with pytest.raises(InputError, match="country/DE"):
        outages(signals(), controls=["country/DE"])


def test_nothing_rests_on_an_outage_of_the_instrument():
    table = outages(signals(*COUNTRY, *CONTROLS), controls=CONTROLS)
    assert len(table) == 8
    assert trusted(table).empty
    assert episodes(table).empty
    case = cases.load("iran-2019")
    record = pd.DatetimeIndex([TIMES[0], TIMES[-1]]).tz_localize("UTC")
    specification = Specification(0.95, 0.1, ("ioda.bgp",))
    evidence = Evidence(case, specification, table, pd.DataFrame(), pd.DataFrame(), record)
    assert evidence.outages.empty
    assert evidence.first_outage("asn/0") is None


def test_nor_is_any_finding_made_of_it():
    tree = signals(*COUNTRY, *CONTROLS)
    analyses = analyse_all(prepare_all(tree)[0], 0.95)
    nothing = pd.DataFrame(columns=["new_ground", "sustained"]).astype(bool)

    def document(controls):
        table = outages_of(analyses, min_depth=0.1, controls=controls)
        study = Study(
            case=cases.load("iran-2019"),
            level=0.95,
            min_depth=0.1,
            verdicts=[],
            outages=table,
            stages=nothing,
            steps=nothing,
            gaps=nothing,
            short=nothing,
            shifts=level_shifts(analyses, controls),
            recurring=recurring(table, time_zone="UTC"),
            agreement=agreement(table, analyses),
            not_assessed=[],
            assessed=len(analyses),
            results=Results(),
            explained=None,
            unread={},
            simulated=True,
        )
        return findings_document(study)

    blamed = document(CONTROLS)
    assert {row["label"] for row in blamed["outages"]} == {"instrument", "control"}
    assert blamed["findings"] == []
    assert blamed["agreement"] == []
    believed = document([])
    names = {finding["id"].partition(".")[0] for finding in believed["findings"]}
    assert names == {"onset", "recovery", "depth", "duration"}
    for finding in believed["findings"]:
        assert all(bound is not None for bound in finding["interval"])
    assert {row["kind"] for row in believed["outages"]} == {"cut"}


def shifted(*names, since=250):
    tree = signals()
    node = tree["ioda.bgp"].to_dataset()
    values = node["value"].values.copy()
    for number, name in enumerate(node["entity"].values):
        if name in names:
            values[number, since:] *= 0.7
    node["value"] = (("entity", "time"), values)
    return type(tree).from_dict({"ioda.bgp": node})


def test_a_break_of_the_instrument_is_no_outage():
    tree = shifted(*COUNTRY, *CONTROLS)
    assert trusted(outages(tree, controls=CONTROLS)).empty
    labelled = labels(tree, controls=CONTROLS)
    assert {labelled[entity] for entity in COUNTRY} == {"instrument"}
    assert set(labels(shifted(*COUNTRY), controls=CONTROLS).values()) == {"lasting"}
    found = level_shifts(analyse_all(prepare_all(tree)[0], 0.95), CONTROLS)
    assert set(found["label"]) == {"instrument"}
    assert set(found["entities"]) == {8}
    assert found["level_after"].between(0.65, 0.75).all()
    moment = TIMES[250].tz_localize("UTC")
    assert ((found["low"] <= moment) & (moment <= found["high"])).all()


def test_a_break_too_late_to_be_sure_it_stays_needs_the_control():
    tree = shifted(*COUNTRY, *CONTROLS, since=1200)
    found = labels(tree, controls=CONTROLS)
    assert {found[entity] for entity in COUNTRY} == {"instrument"}
    assert {label for name, label in labels(tree).items() if name in COUNTRY} == {"outage"}


def test_a_break_without_a_control_is_not_explained():
    tree = shifted(*COUNTRY)
    analyses = analyse_all(prepare_all(tree)[0], 0.95)
    assert set(level_shifts(analyses, CONTROLS)["label"]) == {"shift"}
    assert set(level_shifts(analyses)["label"]) == {"shift"}
    assert level_shifts(analyse_all(prepare_all(signals())[0], 0.95)).empty


def test_a_case_names_its_controls(tmp_path):
    text = (cases.paths.cases() / "iran-2019.yaml").read_text(encoding="utf-8")
    plain = cases.load("iran-2019")
    with_controls = text.replace(
        "signals:\n",
        "controls:\n  - {id: country/TR, name: Turkey, network: country}\n\nsignals:\n",
        1,
    )
    path = tmp_path / "iran-2019.yaml"
    path.write_text(with_controls, encoding="utf-8")
    case = cases.load(path)
    assert [control.id for control in case.controls] == ["country/TR"]
    assert case.name_of("country/TR") == "Turkey"
    assert case.digest() != plain.digest()
    path.write_text(with_controls.replace("country/TR", "country/IR"), encoding="utf-8")
    with pytest.raises(InputError, match="country/IR"):
        cases.load(path)
    path.write_text(with_controls.replace("country/TR", "asn/44244"), encoding="utf-8")
    with pytest.raises(InputError, match="listed twice"):
        cases.load(path)


@pytest.mark.parametrize("hours", [1, 2])
@pytest.mark.parametrize("controls", [CONTROLS, CONTROLS[:1]])
def test_an_hour_in_which_most_controls_fall_is_the_instruments_also_at_an_edge(hours, controls):
    tree = signals("asn/0")
    values = tree["ioda.bgp"].to_dataset()["value"]
    values[{"time": slice(DOWN.start - hours, DOWN.start)}] *= 0.2
    values[{"time": slice(DOWN.stop, DOWN.stop + 1)}] *= 0.2
    tree["ioda.bgp"]["value"] = values
    table = outages(tree, controls=controls)
    (row,) = trusted(table).itertuples()
    assert row.entity == "asn/0"
    assert row.onset == TIMES[DOWN.start].tz_localize("UTC")
    assert row.onset_low <= TIMES[DOWN.start - hours].tz_localize("UTC")
    assert row.recovery_low < TIMES[DOWN.stop].tz_localize("UTC") <= row.recovery_high
    assert row.duration_low <= DOWN.stop - DOWN.start <= row.duration_high
    without = trusted(outages(tree))
    assert (without["onset"] == TIMES[DOWN.start - hours].tz_localize("UTC")).any()


def test_a_control_that_was_down_for_days_before_moves_no_onset():
    tree = signals("asn/0")
    values = tree["ioda.bgp"].to_dataset()["value"]
    for control in CONTROLS:
        values.loc[{"entity": control}][DOWN.start - 40 : DOWN.start + 3] *= 0.2
    tree["ioda.bgp"]["value"] = values
    (row,) = trusted(outages(tree, controls=CONTROLS)).itertuples()
    assert row.onset == TIMES[DOWN.start].tz_localize("UTC")
