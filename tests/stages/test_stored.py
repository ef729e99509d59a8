"""The product of a stage is read again only where, from what and by what it was made."""

from __future__ import annotations

import os
import pickle
import shutil

import pytest

from darkdays import stages
from darkdays.stages import correlating, detecting, fetching, stored
from darkdays.stages.correlating import stored_correlation
from darkdays.stages.detecting import stored_detection

CASE = """\
name: y
title: A study
question: Is anything decided twice?
summary: Of published figures.
window: {start: 2019-11-14T00:00Z, end: 2019-11-18T00:00Z}
place: IR
time_zone: Asia/Tehran
entities: [{id: country/IR, name: Iran, network: country}]
signals: [{datasource: ioda.bgp, source: published, dataset: iran-2019}]
claims:
  - {id: dark, type: outage_in_window, statement: It went dark., origin: us, entity: country/IR,
     at_least_hours: 24}
"""


class Trap:
    """What a stranger would put into a pickle."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


@pytest.fixture
def made(tmp_path):
    stored.store(tmp_path, "detect", {"data": "a"}, [1.5])
    return tmp_path


def test_a_product_is_read_again(made):
    assert stored.stored(made, "detect", {"data": "a"}) == [1.5]


def test_a_product_from_other_inputs_is_none(made):
    assert stored.stored(made, "detect", {"data": "b"}) is None
    assert stored.stored(made, "correlate", {"data": "a"}) is None


def test_a_product_by_other_code_is_none(made, monkeypatch):
    monkeypatch.setattr(stored, "_code", lambda: ["of another day"])
    assert stored.stored(made, "detect", {"data": "a"}) is None


def test_a_product_brought_from_elsewhere_is_not_opened(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seal = (made / "detect.pickle").read_bytes().partition(b"\n")[0]
    (made / "detect.pickle").write_bytes(seal + b"\n" + pickle.dumps(Trap()))
    assert stored.stored(made, "detect", {"data": "a"}) is None
    stored.store(made, "detect", {"data": "a"}, Trap())
    shutil.copytree(made, made / "copied")
    assert stored.stored(made / "copied", "detect", {"data": "a"}) is None
    assert not (tmp_path / "sprung").exists()


def test_nothing_is_decided_twice(tmp_path, monkeypatch, capsys):
    case, run = tmp_path / "y.yaml", str(tmp_path / "run")
    case.write_text(CASE)
    called = []

    def counted(module, name):
        function = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given: called.append(name) or function(*given))

    counted(fetching, "read_inputs")
    counted(detecting, "analyse_all")
    counted(correlating, "specifications")
    stages.fetch(str(case), run)
    detected = stages.detect(str(case), run, level=0.9)
    correlated = stages.correlate(str(case), run)
    draft = stages.report(str(case), run)
    levels = 3
    assert called == ["read_inputs", *["analyse_all"] * levels, "specifications"]
    assert draft.findings["parameters"]["level"] == 0.9
    again = stored_correlation(str(case), run)
    assert repr(again.verdicts) == repr(correlated.verdicts)
    assert again.detected.outages.equals(detected.outages)
    # Other settings, and so other verdicts.
    stages.detect(str(case), run, level=0.8)
    assert stored_detection(str(case), run).level == 0.8
    assert stages.report(str(case), run).findings["parameters"]["level"] == 0.8
    # Settings that are named are those found, and then nothing needs telling, or detected with.
    capsys.readouterr()
    assert stages.correlate(str(case), run, 0.8).detected.level == 0.8
    assert "not of the usual" not in capsys.readouterr().err
    assert stored_detection(str(case), run).level == 0.8
    assert "level 0.8" in capsys.readouterr().err
    detections = called.count("analyse_all")
    assert stored_detection(str(case), run, 0.8, 0.1).level == 0.8
    assert called.count("analyse_all") == detections
    assert stored_detection(str(case), run, 0.9, 0.1).level == 0.9
    assert called.count("analyse_all") > detections
    stages.detect(str(case), run, level=0.8)
    assert called.count("specifications") == 3
    # Another case file, and so everything anew.
    case.write_text(CASE.replace("at_least_hours: 24", "at_least_hours: 48"))
    stages.report(str(case), run)
    assert called.count("read_inputs") == 2
    assert called.count("specifications") == 4
