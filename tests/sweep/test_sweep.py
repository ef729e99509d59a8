"""Sweeps of made-up places: what comes out, however they are cut, resumed or damaged."""

import json
import shutil
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from darkdays.detect.outages.agreement import agreement
from darkdays.detect.outages.outages import analyse_all, outages_of, prepare_all
from darkdays.errors import InputError
from darkdays.sweep.plan import blocks
from darkdays.sweep.plan.blocks import blocks_of
from darkdays.sweep.plan.grid import Parameters
from darkdays.sweep.plan.rehearsal import rehearsal
from darkdays.sweep.tasks import detecting, parts, tasks
from sweeping import swept, tables

pytest.importorskip("distributed")
pytest.importorskip("zarr")
pq = pytest.importorskip("pyarrow.parquet")

DEPTHS = (0.1, 0.3)
ENTITIES, YEARS, SEED = 12, 0.12, 11


def made(out, cluster, entities=ENTITIES, **more):
    depths = Parameters(min_depth=DEPTHS)
    made_up = rehearsal(entities, YEARS, seed=SEED, parameters=depths, **more)
    return swept(made_up, out, cluster)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, cluster):
    return made(tmp_path_factory.mktemp("undisturbed"), cluster)


def test_the_dataset_is_sorted_stamped_and_named(undisturbed):
    outages = pd.read_parquet(undisturbed.out / "outages.parquet")
    assert outages["simulated"].all()
    assert len(outages) > 5
    keys = ["study", "level", "min_depth"]
    order = outages[[*keys]].reset_index()
    assert order.sort_values([*keys, "index"]).equals(order)
    for _, rows in outages.groupby(keys):
        begins = rows["onset"].fillna(rows["first_seen"])
        assert begins.is_monotonic_increasing
    signals = pd.read_parquet(undisturbed.out / "signals.parquet")
    assert len(signals) == 3 * ENTITIES
    assert set(undisturbed.written) >= {"outages", "change-points", "findings", "truth"}
    assert (pq.read_schema(undisturbed.out / "outages.parquet").metadata or {}) == {}


def test_what_was_put_in_deep_is_found(undisturbed):
    numbers = {one["id"]: one for one in undisturbed.document["findings"]}
    assert numbers["sweep.simulated.found"]["n"] >= 3
    assert numbers["sweep.simulated.found"]["value"] >= 0.8


def test_a_study_is_judged_as_its_stages_would(undisturbed):
    _, (study,) = rehearsal(ENTITIES, YEARS, seed=SEED)
    (block,) = blocks_of(study, "")
    prepared, _ = prepare_all(tasks._made(block), study.case.time_zone)
    analyses = analyse_all(prepared, 0.95)
    for depth in DEPTHS:
        theirs = outages_of(analyses, min_depth=depth)
        for name, expected in (("outages", theirs), ("agreement", agreement(theirs, analyses))):
            mine = parts.dataset(undisturbed.out, name)
            mine = mine[mine["min_depth"] == depth].reset_index(drop=True)
            assert parts.same_rows(mine, expected)
            assert len(expected)


def test_what_is_done_is_not_done_again_and_what_is_gone_comes_back_the_same(
    copied, cluster, undisturbed, monkeypatch
):
    before = tables(copied)
    for path in copied.glob("*.parquet"):
        path.unlink()
    shutil.rmtree(next((copied / "parts" / "studies").iterdir()))
    gone = min((copied / "parts" / "judged").iterdir())
    shutil.rmtree(gone)
    judged = []
    whole = tasks.judge
    monkeypatch.setattr(
        tasks,
        "judge",
        lambda entity, *rest, **more: judged.append(entity) or whole(entity, *rest, **more),
    )
    again = made(copied, cluster)
    assert tables(copied) == before
    assert 0 < len(judged) < ENTITIES
    assert not again.published.change.is_new


@pytest.mark.slow
def test_it_does_not_hang_on_how_it_is_cut(tmp_path, cluster, undisturbed, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 5)
    monkeypatch.setattr(blocks, "BATCH", 2)
    assert tables(made(tmp_path, cluster).out) == tables(undisturbed.out)


def test_a_poisoned_entity_is_named_and_stops_nobody(copied, cluster, undisturbed, monkeypatch):
    entity = "asn/4200000003"
    whole = detecting._one_signal

    def one_signal(found, signal, *rest):
        if (signal.entity, signal.datasource) == (entity, "ioda.bgp"):
            raise ArithmeticError("poison")
        return whole(found, signal, *rest)

    monkeypatch.setattr(detecting, "_one_signal", one_signal)
    shutil.rmtree(copied / "parts")
    poisoned = made(copied, cluster)
    failures = pd.read_parquet(copied / "failures.parquet")
    assert [(row.entity, row.datasource) for row in failures.itertuples()] == [(entity, "ioda.bgp")]
    assert any(entity in line for line in poisoned.document["signals_not_assessed"])
    assert not poisoned.lost
    was, now = (parts.dataset(one.out, "outages") for one in (undisturbed, poisoned))
    others = [
        table[(table["entity"] != entity) | (table["datasource"] != "ioda.bgp")]
        .drop(columns=["q", "q_sweep", "label"]).reset_index(drop=True)
        for table in (was, now)
    ]  # fmt: skip
    assert others[0].equals(others[1])
    assert poisoned.published.change.is_new


def test_a_sweep_of_more_holds_the_sweep_of_fewer(undisturbed):
    more = rehearsal(ENTITIES + 50, YEARS, seed=SEED)[1][0]
    fewer = rehearsal(ENTITIES, YEARS, seed=SEED)[1][0]
    one, other = (tasks._made(blocks_of(study, "")[0]) for study in (more, fewer))
    for name in other.children:
        mine = one[name]["value"].values[:ENTITIES]
        assert np.array_equal(mine, other[name]["value"].values, equal_nan=True)


def test_the_report_is_sealed_stamped_and_versioned(undisturbed):
    from darkdays.report.version.seal import ledger, read_manifest, wrong_files

    folder = undisturbed.published.folder
    assert folder.name == "1.0.0"
    assert not wrong_files(folder, read_manifest(folder))
    assert ledger(folder.parents[1])
    page = undisturbed.published.page.read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "unsafe-inline" not in page
    for name in ("ranking", "calendar", "rhythms", "pairs"):
        assert f'id="figure-{name}"' in page
        figure = page.partition(f'id="figure-{name}"')[2]
        drawn = figure.partition("src='data:image/svg+xml,")[2].partition("'")[0]
        assert unquote(drawn).startswith("<?xml"), "a browser reads it"
        assert (folder / "figures" / f"{name}.csv").stat().st_size
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    document = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    assert document["simulated"] is True
    assert str(Path.cwd()) not in json.dumps(document)


def test_its_report_is_checked_by_digest_and_says_how_to_run_it_again(undisturbed, tmp_path):
    from darkdays.review.verify.verify import verify

    told = verify(undisturbed.published.folder, tmp_path)
    assert told.exit_status == 3
    assert [one.detail.partition(":")[0] for one in told.striking] == [
        "sweep the same grid into the same folder again (darkdays sweep GRID --out FOLDER)"
    ]
    assert verify(undisturbed.published.folder, tmp_path, execute=False).exit_status == 0


def test_one_folder_holds_one_sweep_at_a_time(tmp_path, cluster):
    from darkdays.sweep.run import _alone

    with _alone(tmp_path), pytest.raises(InputError, match="another sweep is at work"):
        made(tmp_path, cluster)


def test_a_worker_with_other_code_ends_the_sweep_in_one_sentence(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(tasks, "engine", lambda: "other")
    with pytest.raises(tasks.OtherEngineError, match="install the same version"):
        made(tmp_path, cluster, 1)
