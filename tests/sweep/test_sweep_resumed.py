"""A sweep that was killed, grown, shrunk, corrected and resumed is a fresh one, byte for byte."""

from __future__ import annotations

import json
import shutil
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from darkdays.cli.main import app
from darkdays.figures.plot import Plot
from darkdays.sweep.plan import machine_speed
from darkdays.sweep.report import page
from darkdays.sweep.running.running import Sweep
from darkdays.sweep.tasks import tasks
from services import Server, jsonic, status
from sweeping import tables

pytest.importorskip("distributed")
pytest.importorskip("zarr")
pytest.importorskip("pyarrow")

DOWN = pd.Timestamp("2021-07-12T06:00", tz="UTC")
TABLE = "published/cuba-2019-referendum/ooni-measurements.csv"


def answer(handler):
    """Any signal that IODA is asked for: the same value at the same time, however it is asked."""
    parts, query = urlsplit(handler.path), parse_qs(urlsplit(handler.path).query)
    *_, kind, codes = parts.path.split("/")
    first, until = int(query["from"][0]), int(query["until"][0])
    times = np.arange(first, until, 300)
    cut = (times >= DOWN.timestamp()) & (times < DOWN.timestamp() + 9 * 3600)
    values = np.where(cut, 20, 1000 + times // 300 % 3).tolist()
    series = {
        "datasource": query["datasource"][0], "subtype": "", "from": first, "until": until,
        "step": 300, "nativeStep": 300, "values": values,
    }  # fmt: skip
    data = [
        [{"entityType": kind, "entityCode": code, "entityName": code, **series}]
        for code in codes.split(",")
    ]
    jsonic({"type": "signals", "error": None, "data": data})(handler)


@pytest.fixture
def ioda(monkeypatch):
    # Seconds each, of which nothing is read here.
    monkeypatch.setattr(page, "_pdf", lambda *_: b"%PDF")
    monkeypatch.setattr(Plot, "rendered", lambda *_: b"<svg/>")
    monkeypatch.setattr(machine_speed, "seconds", lambda: 1.0)
    with Server() as server:
        for code in ("IR", "CU", "TR"):
            server.on(f"/v2/signals/raw/country/{code}", answer)
        yield server


@pytest.fixture
def user(tmp_path, monkeypatch):
    """Whose snapshots are kept where, changed by a name."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))

    def become(name):
        monkeypatch.setenv("DARKDAYS_SNAPSHOTS", str(tmp_path / name / "snapshots"))
        return tmp_path / name / "swept"

    become("anybody")
    return become


def grid(folder, places=("IR", "CU"), until=16, datasources=("bgp",), depths=(0.1,), **more):
    content = {
        "name": "small", "title": "Small", "question": "How often?", "summary": "Invented.",
        "places": list(places),
        "windows": {"start": "2021-07-10T00:00Z", "end": f"2021-07-{until}T00:00Z"},
        "template": {
            "entities": [{"id": "country/{place}", "name": "{country}", "network": "country"}],
            "signals": [{"datasource": f"ioda.{one}", "source": "service"} for one in datasources],
        },
        "parameters": {"min_depth": list(depths)},
        **more,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture
def sweep(cluster, ioda):
    def sweep(path, out, *words, status=0):
        base = ["--base-url", f"ioda={ioda.base}/v2"] if "ioda" in path.read_text() else []
        where = ["--plan"] if "--plan" in words else ["--out", str(out), "--scheduler", cluster]
        words = [one for one in words if one != "--plan"]
        told = CliRunner().invoke(app, ["sweep", str(path), *where, "--json", *base, *words])
        assert told.exit_code == status, (told.output, told.exception)
        return json.loads(told.stdout)

    return sweep


def same(out, fresh):
    """Every table, all that the report states but its version, and how many pieces there are."""
    assert tables(out) == tables(fresh)
    reports = [max((one / "reports" / "small").glob("*/findings.json")) for one in (out, fresh)]
    one, other = (json.loads(path.read_text(encoding="utf-8")) for path in reports)
    assert {**one, "version": ""} == {**other, "version": ""}
    stated = [json.loads((one / "sweep.json").read_text(encoding="utf-8")) for one in (out, fresh)]
    for name in ("studies", "tables", "empty", "not_finished"):
        assert stated[0][name] == stated[1][name]
    for pattern in ("signals/*.zarr", "parts/*/*/*", "cases/*"):
        assert len(list(out.glob(pattern))) == len(list(fresh.glob(pattern))), pattern
    assert {f"signals/{path.name}" for path in out.glob("signals/*")} == set(stated[0]["signals"])


@pytest.mark.slow
def test_killed_grown_shrunk_and_resumed(tmp_path, user, sweep, ioda, monkeypatch):
    out = user("kept")
    sweep(grid(tmp_path), out)
    assert len(ioda.asked) == 2
    grown = {"places": ("IR", "CU", "TR"), "until": 18, "datasources": ("bgp", "ping-slash24")}
    path = grid(tmp_path, **grown, depths=(0.1, 0.3))
    assert sweep(path, out, "--plan")["requests"] == {"ioda": 6}

    ended, whole = [], Sweep._ended

    def killed(self, job, future):
        whole(self, job, future)
        ended.append(job)
        if len(ended) == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(Sweep, "_ended", killed)
        told = CliRunner().invoke(
            app, ["sweep", str(path), "--out", str(out), "--base-url", f"ioda={ioda.base}/v2",
                  "--scheduler", sweep.__closure__[0].cell_contents],
        )  # fmt: skip
    assert told.exit_code == 130
    (out / "parts" / "judged" / "00").mkdir(exist_ok=True)
    (out / "parts" / "judged" / "00" / ".half.0123.partial").mkdir()
    sweep(path, out, "--tidy")
    assert len(ioda.asked) == 8, "what was asked before the kill is not asked again"
    fresh = user("fresh")
    sweep(path, fresh)
    same(out, fresh)

    user("kept")
    asked = len(ioda.asked)
    shrunk = grid(tmp_path, ("CU",), 18, depths=(0.3,))
    assert sweep(shrunk, out, "--plan")["requests"] == {}
    sweep(shrunk, out, "--tidy")
    assert len(ioda.asked) == asked, "what is wanted no more leads to no request"
    fresh = user("fresh too")
    sweep(shrunk, fresh)
    same(out, fresh)


@pytest.mark.slow
def test_two_grids_of_one_name_keep_their_own_snapshots(tmp_path, user, sweep, ioda):
    user("both")
    mine, theirs = grid(tmp_path / "mine"), grid(tmp_path / "theirs", until=17)
    first = sweep(mine, tmp_path / "a")
    sweep(theirs, tmp_path / "b")
    asked = len(ioda.asked)
    assert asked == 4
    assert sweep(mine, tmp_path / "c")["findings"] == first["findings"]
    assert len(ioda.asked) == asked
    sweep(mine, tmp_path / "c", "--fresh")
    assert len(ioda.asked) == asked + 2


def test_what_read_nothing_is_empty_and_said_to_be(tmp_path, user, sweep, ioda):
    ioda.on("/v2/signals/raw/country/CU", status(404))
    path = grid(tmp_path)
    out = user("empty")
    found = sweep(path, out, status=3)
    assert found["empty"] == ["small-cu-20210710"]
    assert found["studies"] == 2
    assert found["version"] == "1.0.0"
    (reason,) = (line for line in found["not_read"] if "not read" in line)
    assert "`darkdays sweep GRID` would fetch it" in reason
    shown = next((out / "reports").glob("small/*/report.html")).read_text(encoding="utf-8")
    assert "Nothing was read for 1 of 2 studies" in shown

    none = sweep(grid(tmp_path, ("CU",)), tmp_path / "none", status=3)
    assert none["report"] is None
    assert not (tmp_path / "none" / "reports").exists()

    ioda.on("/v2/signals/raw/country/CU", answer)
    found = sweep(path, out)
    assert found["empty"] == []
    sweep(path, user("fresh"))
    assert tables(out) == tables(tmp_path / "fresh" / "swept")


def test_another_depth_leaves_change_points_and_other_depths_as_they_are(
    tmp_path, user, sweep, monkeypatch
):
    out = user("depths")
    sweep(grid(tmp_path, ("IR",), depths=(0.1, 0.3)), out)
    judged, moved = [], []
    judge, changes = tasks.judge, tasks.changes_in

    def judging(entity, names, read, zone, pairs, hide):
        judged.append(pairs)
        return judge(entity, names, read, zone, pairs, hide)

    monkeypatch.setattr(tasks, "judge", judging)
    monkeypatch.setattr(tasks, "changes_in", lambda *all: moved.append(all) or changes(*all))
    path = grid(tmp_path, ("IR",), depths=(0.2, 0.3))
    sweep(path, out, "--tidy")
    assert judged == [[(0.95, 0.2)]]
    assert not moved
    sweep(path, user("fresh"))
    same(out, tmp_path / "fresh" / "swept")


@pytest.mark.slow
def test_a_file_of_ones_own_that_was_corrected(tmp_path, user, sweep):
    """The grid and the files of docs/sweep.md, copied."""
    from darkdays.files import paths

    text = (paths.root() / "docs" / "sweep.md").read_text(encoding="utf-8")
    place = tmp_path / "own"
    (place / "traffic").mkdir(parents=True)
    path = place / "own-traffic.yaml"
    path.write_text(text.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    times = pd.date_range("2024-03-01", "2024-03-29", freq="h", inclusive="left", tz="UTC")
    values = 400 + 100 * np.sin(np.arange(times.size) / 24 * 2 * np.pi)
    values += np.random.default_rng(1).normal(0, 5, times.size)
    cut = {"IR": slice(200, 230), "CU": slice(400, 420)}

    def write(code, *cuts):
        here = values.copy()
        for one in cuts:
            here[one] = 3
        rows = (
            f"{when:%Y-%m-%dT%H:%MZ},{value:.1f}\n" for when, value in zip(times, here, strict=True)
        )
        header = text.partition("```text\n")[2].partition("\n")[0]
        (place / "traffic" / f"{code}.csv").write_text(f"{header}\n{''.join(rows)}")

    for code, one in cut.items():
        write(code, one)
    out = user("kept")
    assert sweep(path, out)["empty"] == []
    outages = pd.read_parquet(out / "outages.parquet")
    assert [(row.place, row.onset) for row in outages.sort_values("onset").itertuples()] == [
        (code, times[one.start]) for code, one in cut.items()
    ]
    write("IR", cut["IR"], slice(500, 530))
    sweep(path, out)
    assert len(pd.read_parquet(out / "outages.parquet")) == 3
    sweep(path, user("fresh"))
    assert tables(out) == tables(tmp_path / "fresh" / "swept")


@pytest.mark.slow
def test_an_embedded_table_that_was_corrected_changes_the_verdict(
    tmp_path, user, sweep, monkeypatch
):
    from darkdays.files import paths

    root, content = (
        tmp_path / "root",
        {"name": "small", "title": "S", "question": "?", "summary": "S."},
    )
    for name in ("cases", "data"):
        shutil.copytree(paths.root() / name, root / name)
    monkeypatch.setenv("DARKDAYS_ROOT", str(root))
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump({**content, "cases": [{"case": "cuba-2019-referendum"}]}))
    out = user("kept")
    before = sweep(path, out, "--offline")
    table = root / "data" / TABLE
    table.write_text(table.read_text(encoding="utf-8").replace("tcp_ip", "http-diff"))
    after = sweep(path, out, "--offline", "--tidy")
    assert after["claims"] != before["claims"]
    assert "contradicted" in {one["verdict"] for one in after["claims"]}
    sweep(path, user("fresh"), "--offline")
    same(out, tmp_path / "fresh" / "swept")


def test_tables_of_a_former_grid_leave_the_folder(tmp_path, user, sweep):
    out = user("mixed")
    claim = {
        "id": "was-cut", "type": "outage_in_window", "statement": "It was cut.",
        "origin": "nobody", "entity": "country/{place}", "at_least_hours": 3,
    }  # fmt: skip
    path = grid(tmp_path, ("IR",))
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["template"]["claims"] = [claim]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    sweep(path, out)
    assert (out / "verdicts.parquet").is_file()
    sweep(grid(tmp_path, ("CU",)), out)
    assert not (out / "verdicts.parquet").exists()
    assert (out / "cases" / "small-ir-20210710.yaml").is_file()
    (out / "signals" / ".old.zarr.0123.damaged").mkdir()
    sweep(grid(tmp_path, ("CU",)), out, "--tidy")
    assert [path.name for path in (out / "cases").iterdir()] == ["small-cu-20210710.yaml"]
    assert len(list((out / "signals").iterdir())) == 1
    assert not list((out / "parts" / "claims").glob("*/*"))


def test_a_case_file_is_looked_up_from_the_folder_of_its_grid(tmp_path, user, sweep):
    inner = grid(tmp_path / "sub", ("IR",))
    sweep(inner, user("template"))
    case = tmp_path / "template" / "swept" / "cases" / "small-ir-20210710.yaml"
    shutil.copy(case, tmp_path / "sub")
    path = tmp_path / "sub" / "by-case.yaml"
    content = {
        "name": "by-case", "title": "By case", "question": "?", "summary": "A case file.",
        "cases": [{"case": case.name}],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert sweep(path, tmp_path / "by case", "--offline", "--plan")["studies"] == 1
