"""What other programs call, as they call it."""

from __future__ import annotations

import doctest
import inspect

import numpy as np
import pandas as pd
import pytest

import darkdays as dd
from darkdays import api
from darkdays.files import paths

HOURS = pd.date_range("2021-07-01", periods=240, freq="h", tz="Asia/Tehran")
TRAFFIC = pd.Series(
    np.where(HOURS.day == 6, 4.0, 100.0) + np.random.default_rng(0).normal(size=240), HOURS
)


def examples_of(name):
    """Run the examples of a public function as they stand; return what they left behind."""
    one = getattr(api, name)
    (example,) = doctest.DocTestFinder(recurse=False).find(one, name, globs={})
    done = doctest.DocTestRunner().run(example, clear_globs=False)
    assert done.attempted
    assert not done.failed
    return example.globs


FUNCTIONS = [name for name in api.__all__ if inspect.isfunction(getattr(api, name))]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "run"])
def test_the_examples_of_a_function_are_true(name, monkeypatch):
    monkeypatch.chdir(paths.root())
    examples_of(name)


def test_a_series_is_asked_by_the_name_of_the_package_of_detectors_too():
    import darkdays.detect as package

    assert dd.detect(TRAFFIC).verdict == "changes"
    assert package(TRAFFIC).outages.equals(dd.detect(TRAFFIC).outages)


@pytest.mark.parametrize("named", [True, False])
def test_outages_of_a_table_are_those_of_its_columns(named):
    table = pd.DataFrame({"Ahvaz": TRAFFIC, "Tehran": TRAFFIC.where(HOURS.day != 6, 100.0)})
    found = dd.outages(table if named else table["Ahvaz"])
    assert found["entity"].tolist() == ["Ahvaz"]
    assert found["onset"].tolist() == [pd.Timestamp("2021-07-06", tz="Asia/Tehran")]


@pytest.mark.parametrize(
    "given", ["abc", 5, None, TRAFFIC.reset_index(drop=True), TRAFFIC.iloc[::-1], TRAFFIC.iloc[:1]]
)
def test_what_is_no_series_over_times_is_refused_in_a_sentence(given):
    with pytest.raises(dd.InputError, match=r"times"):
        dd.outages(given)


@pytest.mark.parametrize("given", ["abc", None, [1, "a"], {"a": 1}, 5])
def test_what_is_no_series_is_refused_in_a_sentence(given):
    with pytest.raises(dd.InputError):
        dd.detect(given)


def test_a_stored_report_is_tables():
    report = dd.load_report(paths.reports() / "iran-2019" / "1.2.2")
    assert (report.version, report.is_simulated) == ("1.2.2", False)
    verdicts = report.claims.set_index("id")["verdict"]
    assert verdicts["shutdown-after-protests"] == "supported"
    assert len(report.outages) == len(report.document["outages"])
    assert isinstance(report.outages["onset_low"].dtype, pd.DatetimeTZDtype)
    assert "low" in report.findings.set_index("id").to_xarray()


def test_what_is_no_report_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(dd.InputError, match=r"no findings\.json"):
        dd.load_report(tmp_path)


@pytest.mark.slow
def test_a_case_is_run_to_its_report(tmp_path, monkeypatch, iran_2019):
    monkeypatch.setenv("DARKDAYS_RUNS", str(tmp_path / "runs"))
    report = examples_of("run")["report"]
    stored = dd.load_report(iran_2019.version)
    assert report.claims.equals(stored.claims)


def test_what_is_not_offered_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'shutdown'"):
        _ = dd.shutdown
