"""The command line as a person calls it: output, exit status, one sentence a mistake."""

from __future__ import annotations

import json
import shutil

import pytest
from test_crashes import RUN

from command_line import darkdays, program
from darkdays.files import paths
from darkdays.report.version.draft import load_draft
from darkdays.report.version.publishing import publish
from darkdays.review.rerun.isolation import can_isolate


def test_json_is_one_document_on_stdout_and_progress_goes_to_stderr(iran_2019):
    document = json.loads(iran_2019.stdout)
    assert document["version"] == "1.0.0"
    assert document["new_version"] is True
    assert {claim["id"]: claim["verdict"] for claim in document["claims"]}[
        "mobile-before-fixed"
    ] == "supported"
    for name in ("1-fetch", "2-detect", "3-correlate", "4-report"):
        assert name in iran_2019.stderr


def test_the_report_holds_everything_it_promises(iran_2019):
    folder, report = iran_2019.home, iran_2019.version
    names = {path.relative_to(report).as_posix() for path in report.rglob("*") if path.is_file()}
    assert {
        "report.html", "findings.json", "manifest.json", "CHANGES.md",
        "notebooks/1-fetch.ipynb", "notebooks/2-detect.ipynb",
        "notebooks/3-correlate.ipynb", "notebooks/4-report.ipynb",
    } <= names  # fmt: skip
    assert (folder / "reports" / "index.html").is_file()
    for notebook in (report / "notebooks").iterdir():
        text = notebook.read_text(encoding="utf-8")
        assert str(folder) not in text
        assert str(paths.root()) not in text
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in cells if "".join(cell["source"]).strip())


@pytest.mark.slow
def test_another_clone_user_time_zone_locale_and_hash_seed_give_the_same_bytes(iran_2019, tmp_path):
    clone = tmp_path / "another clone"
    for part in ("src", "cases", "data", "notebooks"):
        shutil.copytree(paths.root() / part, clone / part)
    shutil.copy(paths.root() / "uv.lock", clone)
    done = program(
        "run", "iran-2019", "--offline", "--reports", "reports", "--runs", "runs",
        cwd=tmp_path, DARKDAYS_ROOT=str(clone), PYTHONPATH=str(clone / "src"),
        HOME=str(tmp_path), USER="somebody", LOGNAME="somebody",
        TZ="Asia/Tehran", LC_ALL="C", LANG="fa_IR.UTF-8", PYTHONHASHSEED="4242",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "supported" in done.stdout
    assert "Report: reports/iran-2019/1.0.0/report.html" in done.stdout
    one, other = iran_2019.version.parent, tmp_path / "reports" / "iran-2019"
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(files) > 30
    for name in files:
        if name.name == "manifest.json":
            # The machine's own record names the commit, and the copy has none.
            made = [json.loads((home / name).read_text(encoding="utf-8")) for home in (one, other)]
            assert len({manifest.pop("machine")["python"] for manifest in made}) == 1
            assert made[0] == made[1]
        else:
            assert (other / name).read_bytes() == (one / name).read_bytes(), name


def test_the_shipped_report_is_what_this_code_makes(iran_2019, tmp_path):
    reports = shutil.copytree(paths.root() / "reports", tmp_path / "reports")
    run = iran_2019.copied_run(tmp_path)
    executed = [(path.name, path.read_bytes()) for path in sorted(run.glob("canonical/*.ipynb"))]
    again = publish(load_draft(run / "report"), reports, executed)
    assert not again.change.is_new, (
        "run `darkdays run iran-2019` and commit the version it makes: "
        + "; ".join(again.change.reasons)
    )


@pytest.mark.skipif(not can_isolate(), reason="this system allows no network namespaces")
def test_a_run_needs_no_network_at_all(iran_2019):
    assert iran_2019.isolated
    assert json.loads(iran_2019.stdout)["case"] == "iran-2019"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", "iran-2018"), "did you mean 'iran-2019'"),
        (("run", "none.yaml"), "cannot read none.yaml"),
        (("run", "iran-2019", "-p", "levle=0.9"), "level"),
        (("run", "iran-2019", "-p", "level=high"), "float"),
        (("run", "iran-2019", "-p", "run=/tmp"), "set by the run itself"),
        (("run", "iran-2019", "-p", "level"), "name=value"),
        (("detect", "none.csv"), "there is no file none.csv"),
        (("detect", "none.csv", "--period", "month"), "unknown period 'month'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_status_2(words, sentence, tmp_path):
    done = darkdays(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("window:", "window: [", "line 13"),
        ("2019-11-24T00:00Z", "2019-11-01T00:00Z", "the window ends before it starts"),
        ("ioda.bgp,", "ioda.bpg,", "did you mean 'ioda.bgp'"),
        ("title:", "tittle:", "did you mean 'title'"),
    ],
)
def test_a_broken_case_file_is_one_sentence_and_exit_status_2(tmp_path, old, new, sentence):
    path = tmp_path / "iran-2019.yaml"
    text = (paths.cases() / "iran-2019.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = darkdays("run", path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_level_out_of_range_stops_the_run_with_its_sentence(tmp_path):
    done = darkdays(
        "run", "iran-2019", "-p", "level=1.5", "--reports", tmp_path, "--runs", tmp_path / "runs"
    )
    assert done.returncode == 2
    assert "level=1.5 is out of range; give one from 0.5 to below 1" in done.stderr
    assert not (tmp_path / "iran-2019").exists()


def series(folder, rows, header="time,value"):
    path = folder / "mine.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def hourly(values):
    return [f"2020-01-{1 + i // 24:02d} {i % 24:02d}:00,{value}" for i, value in enumerate(values)]


def test_detect_finds_the_change_in_a_csv_of_ones_own(tmp_path):
    values = [100 + i % 3 if i < 150 else 20 + i % 3 for i in range(300)]
    done = darkdays(
        "detect", series(tmp_path, hourly(values)), "--time-zone", "Asia/Tehran", "--json"
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (change,) = document["changes"]
    assert change["time"] == "2020-01-07T02:30:00Z"
    assert change["interval"] == [change["time"], change["time"]]
    assert change["p"] < 1e-6
    assert document["file"] == "mine.csv"


def test_detect_says_no_change_of_a_constant(tmp_path):
    done = darkdays("detect", series(tmp_path, hourly([7] * 100)))
    assert done.returncode == 0
    assert done.stdout.startswith("no change: 0 changes, 0 outages in 100 samples (0 missing)")


def test_detect_says_both_when_it_changed_and_when_it_was_down_and_tests_a_date(tmp_path):
    values = [100 + i % 3 if not 150 <= i < 174 else 0 for i in range(300)]
    rows = hourly(values)
    del rows[20]  # a step without a row is missing too
    file, figure = series(tmp_path, rows), tmp_path / "mine.svg"
    words = ("detect", file, "--at", "2020-01-07T06:00", "--time-zone", "Asia/Tehran")
    done = darkdays(*words, "--figure", figure)
    assert done.returncode == 0, done.stderr
    assert "changes: 2 changes, 1 outage in 299 samples (1 missing)" in done.stdout
    assert "2020-01-07 06:00" in done.stdout  # in the zone that was given
    document = json.loads(darkdays(*words, "--json").stdout)
    (outage,) = document["outages"]
    assert (outage["onset"], outage["recovery"]) == ("2020-01-07T02:30:00Z", "2020-01-08T02:30:00Z")
    assert outage["depth"] == 1.0
    (dated,) = document["at"]
    assert dated["time"] == "2020-01-07T02:30:00Z"
    assert dated["low"] < dated["size"] < 0
    assert document["verdict"] == "changes"
    assert "value: changes (2 changes, 1 outage)" in figure.read_text("utf-8")


def test_detect_of_many_series_is_a_row_each_with_a_rate_over_all(tmp_path):
    quiet = [100 + i % 3 for i in range(200)]
    loud = [value - 50 * (i >= 120) for i, value in enumerate(quiet)]
    rows = [
        f"{row.partition(',')[0]},{place},{row.partition(',')[2]}"
        for place, values in (("a", quiet), ("b", loud))
        for row in hourly(values)
    ]
    file = series(tmp_path, rows, "time,place,value")
    words = ("detect", file, "--entity-column", "place", "--at", "2020-01-06")
    done = darkdays(*words)
    assert done.returncode == 0, done.stderr
    assert "changes: 1, no change: 1, of 2 series" in done.stdout
    assert any(line.startswith("detect: 2 series") for line in done.stderr.splitlines())
    document = json.loads(darkdays(*words, "--json").stdout)
    assert [(one["series"], one["verdict"]) for one in document["series"]] == [
        ("a", "no change"), ("b", "changes"),
    ]  # fmt: skip
    assert [one["q"] is None for one in document["series"]] == [True, False]
    assert [one["at"][0]["p"] < 0.01 for one in document["series"]] == [False, True]
    alone = darkdays(*words, "--entity", "b", "--json")
    assert json.loads(alone.stdout)["series"] == "b"
    refused = darkdays(*words, "--figure", tmp_path / "x.png")
    assert refused.returncode == 2
    assert "--figure draws one series" in refused.stderr


@pytest.mark.parametrize(
    ("rows", "header", "words", "sentence"),
    [
        (hourly([1, 2]), "time,value", ("--value-column", "x"), "no column 'x'"),
        (["noon,1"], "time,value", (), "'noon' is not a time"),
        ([], "time,value", (), "the series is empty"),
        (hourly(["", ""]), "time,value", (), "every value of the series is missing"),
        (hourly([1, "inf"]), "time,value", (), "infinite"),
        (hourly(range(30)), "time,value", ("--at", "tomorrow"), "'tomorrow' is not a date"),
        (hourly(range(30)), "time,value", ("--entity", "a"), "--entity needs --entity-column"),
        ([*hourly([1]), *hourly([1])], "time,value", (), "occurs more than once"),
    ],
)
def test_detect_refuses_what_it_cannot_use(tmp_path, rows, header, words, sentence):
    done = darkdays("detect", series(tmp_path, rows, header), *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_cases_are_listed(tmp_path):
    document = json.loads(darkdays("cases", "--json", cwd=tmp_path).stdout)
    assert sorted(one["case"] for one in document) == sorted(
        path.stem for path in (paths.root() / "cases").glob("*.yaml")
    )
    assert "iran-2019" in program("cases").stdout


def test_outside_a_checkout_one_sentence_says_what_to_do(tmp_path):
    done = program("cases", DARKDAYS_ROOT=str(tmp_path))
    assert done.returncode == 2
    assert "DARKDAYS_ROOT" in done.stderr


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    blocked = tmp_path / "reports"
    blocked.mkdir()
    (tmp_path / "y.yaml").write_text(RUN, encoding="utf-8")
    (blocked / "y").write_text("in the way", encoding="utf-8")
    done = darkdays("run", tmp_path / "y.yaml", "--reports", blocked, "--runs", tmp_path / "runs")
    assert done.returncode == 1
    assert "cannot" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert (blocked / "y").read_text(encoding="utf-8") == "in the way"
