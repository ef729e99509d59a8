"""What is handed out again, what is given up, and what a person at the command line is told."""

import json
import os
import signal
import subprocess
import sys
import types

import pytest
from typer.testing import CliRunner

from darkdays.cli.main import app
from darkdays.errors import InputError
from darkdays.sweep.plan import cluster
from darkdays.sweep.plan.rehearsal import rehearsal
from darkdays.sweep.plan.work import Batch, Block, Settings
from darkdays.sweep.running import running
from darkdays.sweep.running.progress import Tally
from darkdays.sweep.running.running import Sweep
from services import Server, whole


class DiedError(Exception):
    """Stands for the error of a task whose workers died."""


class Future:
    """A task that has come to its end."""

    def __init__(self, key, outcome):
        self.key, self._outcome = key, outcome
        self.status = "error" if isinstance(outcome, Exception) else "finished"

    def add_done_callback(self, call):
        call(self)

    def result(self):
        return self._outcome

    def exception(self):
        return self._outcome

    def cancel(self):
        pass


class Client:
    """Of a cluster that comes to an end with every task at once."""

    status = "running"
    scheduler = types.SimpleNamespace(address="tcp://nobody:1")

    def __init__(self, deadly=(), forgets=0):
        self.deadly, self.forgets, self.given = set(deadly), forgets, []

    def scheduler_info(self, workers):
        return {"workers": {"one": {"nthreads": 1}}}

    def submit(self, function, piece, out, *, key, pure):
        self.given.append((type(piece).__name__, getattr(piece, "entities", ()), key))
        if self.forgets:
            self.forgets -= 1
            future = Future(key, None)
            future.status = "cancelled"
            return future
        if isinstance(piece, Block):
            names = tuple(entity.id for entity in piece.case.entities)
            return Future(
                key, types.SimpleNamespace(entities=names, simulated=True, unread=(), nothing=False)
            )
        if isinstance(piece, Batch) and self.deadly & set(piece.entities):
            return Future(key, DiedError("the worker died"))
        return Future(key, 0)


def swept(tmp_path, monkeypatch, client, entities=25):
    monkeypatch.setattr(running, "killed", lambda error: isinstance(error, DiedError))
    grid, studies = rehearsal(entities, 0.02)
    settings = Settings.of(grid, "engine")
    run = Sweep(client, studies, settings, tmp_path, Tally())
    for block in run.blocks():
        run.give(block)
    run.run()
    return list(run.studies.values())


def test_an_entity_that_takes_down_every_worker_is_found_and_given_up(tmp_path, monkeypatch):
    client = Client(deadly=["asn/4200000007"])
    (one,) = swept(tmp_path, monkeypatch, client)
    done = sorted(entity for batch in one.done for entity in batch.entities)
    assert len(done) == 24
    assert "asn/4200000007" not in done
    assert [line.partition(":")[0] for line in one.lost] == ["asn/4200000007"]
    assert "give workers more memory" in one.lost[0]
    alone = [names for kind, names, _ in client.given if names == ("asn/4200000007",)]
    assert len(alone) == 3, "alone it is tried three times, then never again"
    assert one.family is not None, "the study is put together of what is left"


def test_what_the_scheduler_forgot_is_handed_out_again(tmp_path, monkeypatch):
    (one,) = swept(tmp_path, monkeypatch, Client(forgets=4))
    assert sum(len(batch.entities) for batch in one.done) == 25
    assert not one.lost


def test_a_scheduler_that_is_gone_for_good_ends_the_sweep_in_one_sentence(tmp_path, monkeypatch):
    client = Client()
    client.status = "closed"
    grid, studies = rehearsal(1, 0.02)
    run = Sweep(client, studies, Settings.of(grid, "engine"), tmp_path, Tally())
    monkeypatch.setattr(running, "_LOOK", 0.01)
    run.give(run.blocks()[0])
    with pytest.raises(Exception, match="the scheduler has gone away") as caught:
        run.run()
    assert "same command" in str(caught.value)


def test_no_more_tasks_are_out_at_once_than_workers_can_take(tmp_path, monkeypatch):
    out = []

    class Slow(Client):
        def submit(self, function, piece, out_folder, *, key, pure):
            future = super().submit(function, piece, out_folder, key=key, pure=pure)
            out.append(key)
            assert len(out) - len(taken) <= running.IN_FLIGHT
            return future

    taken = []
    whole = Sweep._ended
    monkeypatch.setattr(Sweep, "_ended", lambda self, *all: (taken.append(1), whole(self, *all)))
    monkeypatch.setattr(running, "IN_FLIGHT", 2)
    swept(tmp_path, monkeypatch, Slow(), entities=120)
    assert len(out) == 3 + 12 + 1


def test_a_sweep_without_dask_says_what_to_install(tmp_path, monkeypatch):
    known = cluster.importlib.util.find_spec
    monkeypatch.setattr(
        cluster.importlib.util,
        "find_spec",
        lambda name, *rest: None if name in ("dask", "distributed") else known(name, *rest),
    )
    told = CliRunner().invoke(app, ["sweep", "--simulate", "--out", str(tmp_path / "out")])
    with pytest.raises(InputError, match=r"pip install 'darkdays\[scale\]'") as caught:
        raise told.exception
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_nothing_of_dask_is_imported_by_the_command_line():
    code = "import sys, darkdays.cli.main; print({'dask', 'pyarrow', 'zarr'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give a GRID.yaml"),
        (("nowhere.yaml", "--simulate"), "and not both"),
        (("nowhere.yaml",), "nowhere.yaml"),
        (("nowhere.yaml", "--entities", "5"), "for --simulate"),
        (("--simulate", "--entities", "0"), "at least 1"),
        (("--simulate", "--years", "0"), "out of range"),
        (("--simulate", "--plan", "--scheduler", "tcp://nobody:1"), "--workers"),
    ],
)
def test_a_mistake_at_the_command_line_is_one_sentence(words, said):
    told = CliRunner().invoke(app, ["sweep", *words])
    with pytest.raises(InputError) as caught:
        raise told.exception
    assert said in str(caught.value)


def test_a_line_a_minute_without_a_terminal(capsys):
    now = [0.0]
    with Tally(clock=lambda: now[0]) as tally:
        tally.know("signals", 2)
        tally.know("entities", 10)
        for second in range(0, 300, 5):
            now[0] = float(second)
            tally.tell()
        tally.did("signals", 2)
        tally.did("entities", 5)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5 + 1
    assert "entities 5/10" in lines[-1]
    assert "left" in lines[-1]


def test_the_plan_grows_with_the_work_and_starts_nothing(tmp_path, monkeypatch):
    from darkdays.sweep.plan.planning import plan_of, sentences

    small, large = (plan_of(*rehearsal(count, 1.0), 2, 1.0) for count in (200, 2000))
    assert large.signals == 10 * small.signals == 6000
    assert small.samples == 600 * 105_120
    assert small.tasks == {"studies": 2, "claims": 0, "signals": 5, "entities": 21}
    assert 8 < large.cpu_hours / small.cpu_hours < 12
    assert large.worker_bytes == small.worker_bytes, "memory does not grow with the sweep"
    assert small.requests == {}
    told = " ".join(sentences(small))
    for word in ("Tasks:", "Requests: none", "MiB a worker", "h on 2 workers", "place and year"):
        assert word in told


def test_a_plan_counts_the_requests_of_every_service(tmp_path, monkeypatch):
    monkeypatch.setenv("DARKDAYS_SNAPSHOTS", str(tmp_path))
    grid = tmp_path / "small.yaml"
    grid.write_text(
        "name: small\ntitle: Small\nquestion: How often?\nsummary: Small.\nplaces: [IR, CU]\n"
        "windows: {start: 2020-01-01T00:00:00Z, end: 2022-01-01T00:00:00Z, every: year}\n"
        "template:\n  entities: [{id: 'country/{place}', name: '{country}', network: country}]\n"
        "  signals: [{datasource: ioda.bgp, source: service}]\n",
        encoding="utf-8",
    )
    told = CliRunner().invoke(app, ["sweep", str(grid), "--plan", "--workers", "4", "--json"])
    assert told.exception is None, told.exception
    plan = json.loads(told.stdout)
    assert plan["studies"] == 4
    assert plan["workers"] == 4
    assert plan["requests"]["ioda"] >= 4
    assert plan["reply_bytes"] > 0
    assert plan["fetch_hours"] > 0


def test_the_address_of_nobody_is_one_sentence(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "_PATIENCE", 0.5)
    with (
        pytest.raises(InputError, match="no Dask scheduler answers at tcp"),
        cluster.connected("tcp://127.0.0.1:9", None),
    ):
        pass


def test_a_cluster_without_workers_is_said_to_be_so_and_waited_for(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "_AT_FIRST", 0.2)
    monkeypatch.setattr(cluster, "_EVERY", 0.2)
    told = []
    with distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as started:

        def tell(line):
            told.append(line)
            started.scale(len(told) - 1)

        with cluster.connected(started.scheduler_address, 1, tell) as client:
            assert cluster.threads(client) == 1
            assert cluster.dashboard(client).startswith("http://")
    assert told[:2] == [f"no workers at {started.scheduler_address}; waiting"] * 2


def test_a_dashboard_that_does_not_answer_has_no_address():
    with Server() as server:
        client = types.SimpleNamespace(dashboard_link=f"{server.base}/status")
        assert cluster.dashboard(client) == "", "the page is not there"
        for page in ("/status", "/info/main/workers.html"):
            server.on(page, whole(b"tables"))
        assert cluster.dashboard(client).startswith(server.base)
    assert cluster.dashboard(client) == "", "nobody is there"


def test_workers_that_went_away_are_missed_in_every_line(tmp_path, monkeypatch, capsys):
    class Left(Client):
        def scheduler_info(self, workers):
            return {"workers": {}}

    now = [0.0]
    with Tally(clock=lambda: now[0]) as tally:
        grid, studies = rehearsal(1, 0.02)
        run = Sweep(Left(), studies, Settings.of(grid, "engine"), tmp_path, tally)
        run._watch()
        for _ in range(3):
            now[0] += 60
            tally.tell()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 + 3 + 1
    assert all("no workers at tcp://nobody:1; waiting" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_sweep_that_is_told_to_end_ends_in_order(tmp_path, number):
    started = subprocess.Popen(
        [sys.executable, "-c", "from darkdays.cli.main import main; main()", "sweep",
         "--simulate", "--entities", "60", "--workers", "1", "--out", str(tmp_path / "out")],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    said = []
    for line in started.stderr:
        said.append(line)
        if "Dask:" in line:
            break
    os.kill(started.pid, number)
    _, rest = started.communicate(timeout=120)
    assert started.returncode == 128 + number, rest
    assert rest.splitlines()[-1] == "darkdays: stopped; what was finished stays."
    assert "leaked" not in rest
    assert "Traceback" not in rest
