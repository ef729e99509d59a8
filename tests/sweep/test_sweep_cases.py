"""Sweeps of measured signals come to what ``darkdays run`` comes to on the same case."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from darkdays import stages
from darkdays.case import case as cases
from darkdays.cli.main import app
from darkdays.fetch.fetch import newest
from darkdays.report.findings.findings import findings_document
from darkdays.stages.reporting import study_of
from darkdays.sweep.plan import blocks
from services import Server, whole

pytest.importorskip("distributed")
pytest.importorskip("zarr")
pytest.importorskip("pyarrow")

RUN = [sys.executable, "-c", "from darkdays.cli.main import main; main()", "run"]
START, END = pd.Timestamp("2021-07-10", tz="UTC"), pd.Timestamp("2021-07-20", tz="UTC")
ENTITIES = {"country/IR": 1500, "asn/44244": 1503, "asn/197207": 700}
"""Where each of them is cut, in bins."""


@pytest.fixture
def places(tmp_path, monkeypatch):
    for name in ("SNAPSHOTS", "RUNS", "REPORTS"):
        monkeypatch.setenv(f"DARKDAYS_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return tmp_path


@pytest.fixture
def ioda():
    with Server() as server:
        for codes in (("IR",), ("44244",), ("197207",), ("44244", "197207")):
            kind = "country" if codes == ("IR",) else "asn"
            body = _signals([f"{kind}/{code}" for code in codes])
            path = f"/v2/signals/raw/{kind}/{','.join(codes)}"
            server.on(path, whole(body, kind="application/json"))
        yield server


def _signals(entities):
    data = [[_series(entity, ENTITIES[entity])] for entity in entities]
    return json.dumps({"type": "signals", "error": None, "data": data}).encode()


def _series(entity, cut):
    kind, _, code = entity.partition("/")
    bins = int((END - START) / pd.Timedelta("5min"))
    values = (1000 + np.arange(bins) % 3).tolist()
    values[cut : cut + 100] = [20] * 100
    values[50] = None
    return {
        "entityType": kind, "entityCode": code, "entityName": code, "datasource": "bgp",
        "subtype": "", "from": int(START.timestamp()), "until": int(END.timestamp()),
        "step": 300, "nativeStep": 300, "values": values,
    }  # fmt: skip


def _grid(folder, **template):
    content = {
        "name": "small",
        "title": "Small",
        "question": "How often?",
        "summary": "Invented signals on the loopback.",
        "places": "IR",
        "windows": {"start": f"{START:%Y-%m-%dT%H:%MZ}", "end": f"{END:%Y-%m-%dT%H:%MZ}"},
        "template": {
            "entities": [{"id": one, "name": one, "network": "country"} for one in ENTITIES],
            "signals": [{"datasource": "ioda.bgp", "source": "service"}],
            **template,
        },
    }
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def _swept(grid, out, *words):
    told = CliRunner().invoke(app, ["sweep", str(grid), "--out", str(out), "--json", *words])
    assert told.exception is None, told.exception
    return json.loads(told.stdout)


def _run(case, *words):
    done = subprocess.run(
        [*RUN, str(case), "--json", *words],
        env=os.environ, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _by_stages(case, run, base):
    """Take a case through its stages; the notebooks want a case that claims something."""
    told = CliRunner().invoke(app, ["fetch", str(case), *base])
    assert told.exception is None, told.exception
    stages.fetch(str(case), str(run), newest(cases.load(str(case))))
    stages.detect(str(case), str(run))
    return findings_document(study_of(stages.correlate(str(case), str(run))))


def _same(out, document, level=0.95, depth=0.1):
    """Hold every finding of a run against the rows of the dataset."""
    rows = pd.read_parquet(out / "findings.parquet")
    rows = rows[(rows["level"] == level) & (rows["min_depth"] == depth)].set_index("id")
    assert sorted(rows.index) == [one["id"] for one in document["findings"]]
    for one in document["findings"]:
        row = rows.loc[one["id"]]
        names = (("value", "text"), ("low", "text_low"), ("high", "text_high"))
        for (number, text), value in zip(names, (one["value"], *one["interval"]), strict=True):
            mine = row[text] if isinstance(value, str) else row[number]
            assert (pd.isna(mine) and value is None) or mine == value, one["id"]
        assert json.loads(row["witnesses"]) == one["witnesses"]
        assert row["unit"] == one["unit"]


@pytest.mark.slow
@pytest.mark.parametrize("claims", [True, False])
def test_what_services_measured(places, cluster, ioda, monkeypatch, claims):
    claim = {
        "id": "was-cut", "type": "outage_in_window", "statement": "The country was cut.",
        "origin": "nobody", "entity": "country/{place}", "at_least_hours": 3,
    }  # fmt: skip
    if not claims:
        monkeypatch.setattr(blocks, "BLOCK", 1)
    grid = _grid(places, claims=[claim] if claims else [])
    base = ["--base-url", f"ioda={ioda.base}/v2"]
    out = places / "swept"
    swept = _swept(grid, out, "--scheduler", cluster, *base)
    assert swept["simulated"] is False
    assert swept["not_read"] == []
    assert len(list((out / "signals").glob("*.zarr"))) == (1 if claims else 3)
    asked = len(ioda.asked)
    assert ioda.most_at_once == 1, "a service is asked one thing at a time"
    again = _swept(grid, out, "--scheduler", cluster, *base, "--offline")
    assert len(ioda.asked) == asked, "what was fetched is not asked for again"
    assert again["changes"] == []

    (case,) = (out / "cases").glob("small-*.yaml")
    document = _run(case, "--offline") if claims else _by_stages(case, places / "alone", base)
    assert len(document["outages"]) == 3
    _same(out, document)
    verdicts = [(one["id"].partition(".")[2], one["verdict"]) for one in swept["claims"]]
    assert verdicts == [(one["id"], one["verdict"]) for one in document["claims"]]
    assert bool(verdicts) is claims


@pytest.mark.slow
def test_a_shipped_case(places, cluster, iran_2019):
    grid = places / "small.yaml"
    content = {
        "name": "small", "title": "Small", "question": "How often?", "summary": "One case.",
        "cases": [{"case": "iran-2019"}], "parameters": {"min_depth": [0.1, 0.2]},
    }  # fmt: skip
    grid.write_text(yaml.safe_dump(content), encoding="utf-8")
    out = places / "swept"
    swept = _swept(grid, out, "--scheduler", cluster, "--offline")
    document = iran_2019.document
    _same(out, document)
    verdicts = {one["id"].partition(".")[2]: one["verdict"] for one in swept["claims"]}
    assert verdicts == {one["id"]: one["verdict"] for one in document["claims"]}
    assert len(verdicts) > 3
    assert {one["sensitivity"]["of"] for one in swept["claims"]} == {2}
