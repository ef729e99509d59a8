"""Measured tolerances: what moved when only the machine changed, and where a report states it."""

from __future__ import annotations

import copy
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from darkdays import stages
from darkdays.files import paths, writing
from darkdays.report.findings.tolerance import MADE_FROM, Tolerances, tolerances_of
from darkdays.report.version.compare import compare_findings
from darkdays.report.version.inputs_copy import envelope_of
from darkdays.report.version.publishing import publish
from darkdays.review import envelope as measuring
from darkdays.review.conditions import FACTORS, Condition, conditions
from darkdays.review.rerun.interpreters import Interpreter, ask, interpreters
from darkdays.review.rerun.isolation import RunError
from darkdays.review.rerun.rerun import Rerun

THREE = [Condition("as", "it is here"), *(Condition("processor", name) for name in ("A", "B"))]
ONSET = "onset."


@pytest.fixture(scope="module")
def case_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("case") / "iran-2019.yaml"
    shutil.copy(paths.cases() / "iran-2019.yaml", path)
    return path


@pytest.fixture(scope="module")
def draft(case_file, tmp_path_factory):
    return stages.report(str(case_file), str(tmp_path_factory.mktemp("run")))


def notebook(text):
    cell = {
        "cell_type": "code",
        "source": "x",
        "outputs": [{"output_type": "stream", "text": text}],
    }
    return ("2-detect.ipynb", json.dumps({"cells": [cell]}).encode())


@pytest.fixture
def measured(case_file, draft, tmp_path, monkeypatch):
    """Measure with runs that give what each of these makes of the draft."""

    def measure(*changes, text="1.5"):
        runs = []
        for number, change in enumerate(changes):
            folder = tmp_path / str(number) / "report"
            shutil.copytree(draft.folder, folder)
            content = copy.deepcopy(draft.content)
            made = Rerun(replace(draft, folder=folder, content=content), (notebook(text),), True)
            runs.append(change(made) or made)

        def rerun(*_, **__):
            one = runs.pop(0)
            if isinstance(one, RunError):
                raise one
            return one

        monkeypatch.setattr(measuring, "rerun", rerun)
        return measuring.measure(str(case_file), THREE)

    yield measure
    envelope_of(case_file).unlink(missing_ok=True)


def onset(made):
    return next(one for one in made.draft.findings["findings"] if one["id"].startswith("depth."))


def moved(by):
    def change(made):
        onset(made)["value"] += by

    return change


def same(made):
    return None


def failing(sentence):
    return lambda _: RunError(sentence, 1)


@pytest.mark.slow
def test_the_largest_difference_between_any_two_runs_is_kept(measured, draft):
    found = measured(same, moved(2e-6), moved(-1e-6))
    name = onset(Rerun(draft, (), True))["id"]
    assert found.document["findings"] == {name: {"value": pytest.approx(3e-6)}}
    assert found.document["varies"] == []
    assert found.moved == {"as it is here": 0, "processor A": 1, "processor B": 1}
    assert json.loads(found.path.read_text(encoding="utf-8")) == found.document


@pytest.mark.slow
def test_what_did_not_move_is_not_listed(measured):
    found = measured(same, same, same)
    assert (found.document["findings"], found.document["figures"]) == ({}, {})


@pytest.mark.slow
def test_what_no_tolerance_covers_is_listed(measured):
    def verdict(made):
        made.draft.findings["claims"][0]["verdict"] = "untested"

    def gone(made):
        made.draft.findings["findings"].pop()

    found = measured(same, verdict, gone)
    assert any("verdict" in one for one in found.document["varies"])
    assert any(one.startswith("finding ") for one in found.document["varies"])


@pytest.mark.slow
def test_numbers_of_figures_have_a_relative_tolerance(measured):
    def figure(made):
        path = made.draft.folder / "figures" / "timeline.csv"
        text = path.read_text(encoding="utf-8")
        assert ",0.9" in text
        head, tail = text.split(",0.9", 1)
        path.write_text(f"{head},0.90000000001{tail}", encoding="utf-8")

    found = measured(same, figure, same)
    assert set(found.document["figures"]) == {"timeline"}
    assert 0 < found.document["figures"]["timeline"] < 1


@pytest.mark.slow
def test_a_run_that_failed_is_said_and_the_rest_counts(measured):
    found = measured(same, failing("no such processor"), moved(1e-6))
    assert found.moved["processor A"] == "no such processor"
    assert [one["name"] for one in found.document["settings"]] == ["as it is here", "processor B"]


@pytest.mark.slow
def test_a_study_that_cannot_be_run_at_all_is_an_error(measured):
    with pytest.raises(RunError, match="nothing"):
        measured(failing("nothing works"), same, same)


@pytest.mark.slow
def test_the_next_report_states_what_was_measured(measured, case_file, draft, tmp_path):
    found = measured(same, moved(2e-6), same)
    again = stages.report(str(case_file), str(tmp_path / "again"))
    published = publish(again, tmp_path / "reports", [notebook("1")])
    document = json.loads((published.folder / "findings.json").read_text(encoding="utf-8"))
    (name,) = found.document["findings"]
    stated = {one["id"]: one["tolerance"] for one in document["findings"]}
    assert stated.pop(name) == {"value": pytest.approx(2e-6)}
    assert set(map(str, stated.values())) == {"{}"}, "all others did not move at all"
    assert document["tolerances"]["measured_in"] == ["as it is here", "processor A", "processor B"]
    page = published.page.read_text(encoding="utf-8")
    assert "between 3 runs of the study (" in page
    for by, outcome in ((1.9e-6, "within tolerance"), (2.1e-6, "differs")):
        other = copy.deepcopy(again.findings)
        next(one for one in other["findings"] if one["id"] == name)["value"] += by
        outcomes = {one.name: one.outcome for one in compare_findings(document, other)}
        assert outcomes[name] == outcome


def test_an_envelope_of_something_else_is_none():
    digests = dict.fromkeys(MADE_FROM, "1")
    envelope = {
        "made_from": digests,
        "settings": [{"name": "as it is here"}],
        "findings": {"a": {"value": 1.0}},
        "elsewhere": {},
        "figures": {},
    }
    content = writing.json_text(envelope).encode()
    assert tolerances_of(content, digests).of("a") == {"value": 1.0}
    assert tolerances_of(content, digests).of("b") == {}
    for name in MADE_FROM:
        assert tolerances_of(content, {**digests, name: "2"}) == Tolerances()
    for broken in (None, b"", b"[]", b"{}", b'{"made_from": 1}'):
        assert tolerances_of(broken, digests) == Tolerances()
    assert Tolerances().of("a") is None


# --- conditions -------------------------------------------------------------------------------


def test_one_thing_changes_at_a_time_and_every_factor_is_tried():
    other = Interpreter("/somewhere/python", "3.13.0", {})
    tried = conditions([*interpreters()[:1], other])
    assert tried[0].environment == {}
    assert len({one.name for one in tried}) == len(tried)
    assert {one.factor for one in tried[1:]} >= set(FACTORS) - {"processor"}
    assert "/somewhere" not in json.dumps([one.document() for one in tried])


@pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="only x86 can be simulated"
)
def test_six_processors_are_simulated_and_really_compute_otherwise():
    processors = [one for one in conditions([]) if one.factor == "processor"]
    assert len(processors) >= 6
    program = (
        "import numpy as np; rng = np.random.default_rng(1)\n"
        "print(repr((rng.normal(size=(200, 200)) @ rng.normal(size=(200, 200))).sum().item()))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-P", "-c", program],
            env={**os.environ, **one.environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for one in processors
    }
    assert len(answers) > 1


def test_an_interpreter_without_the_libraries_is_none(tmp_path):
    assert ask(str(tmp_path / "python")) is None
    (tmp_path / "python").write_text("#!/bin/sh\necho nonsense\n", encoding="utf-8")
    (tmp_path / "python").chmod(0o755)
    ask.cache_clear()
    assert ask(str(tmp_path / "python")) is None
    assert interpreters()[0].python == platform.python_version()
