"""The embedded data: valid by their own script, and equal to what they were written from."""

from __future__ import annotations

import csv
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from darkdays.files import paths
from darkdays.sources.published import published
from shared_data import SHARED, needs

ROOT = Path(__file__).resolve().parents[2]
TRANSCRIBED = SHARED / "measurements"

validate = SimpleNamespace(**runpy.run_path(str(ROOT / "data" / "validate.py")))


def test_the_embedded_data_are_valid(capsys):
    assert validate.main() == 0
    assert "country/IR" in capsys.readouterr().out


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(paths.data(), tmp_path / "data", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("ioda.bgp.csv", ",8280\n", ",-8280\n", "not a whole number"),
        ("ioda.bgp.csv", ",8280\n", ",82.80\n", "not a whole number"),
        ("ioda.bgp.csv", ",8280\n", ",8280000\n", "more than there can be"),
        ("ioda.bgp.csv", "2019-11-14T08:10Z", "2019-11-14T08:12Z", "off the"),
        ("ioda.bgp.csv", "2019-11-14T08:10Z", "14.11.2019 08:10", "with times in UTC"),
        ("ioda.bgp.csv", "entity,first", "entity,from", "the form is"),
        ("iran-2019.csv", "protest,", "riot,", "kind 'riot'"),
        ("iran-2019.csv", "Asia/Tehran", "Teheran", "time zone 'Teheran'"),
    ],
)
def test_every_kind_of_mistake_is_found(copied, file, old, new, sentence):
    (path,) = copied.rglob(file)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = list(validate.problems(copied))
    assert any(sentence in problem for problem in found), found


def test_rows_in_disorder_and_split_runs_are_found(copied):
    (path,) = copied.rglob("ioda.bgp.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    assert any("order of time" in problem for problem in validate.problems(copied))
    split = (
        "asn/1,2019-11-14T08:10Z,2019-11-14T08:15Z,5\nasn/1,2019-11-14T08:20Z,2019-11-14T08:20Z,5\n"
    )
    path.write_text(lines[0] + "\n" + split, encoding="utf-8")
    assert any("join them" in problem for problem in validate.problems(copied))


def test_a_file_without_a_source_is_found(copied):
    (copied / "published" / "other").mkdir()
    shutil.copy(copied / "published" / "iran-2019" / "ioda.bgp.csv", copied / "published" / "other")
    shutil.copy(copied / "facts" / "iran-2019.csv", copied / "facts" / "other.csv")
    assert any("other.csv: SOURCES.md does not say" in one for one in validate.problems(copied))


def embedded(datasource):
    name = f"published/iran-2019/{datasource}.csv"
    return published.read({name: (paths.data() / name).read_bytes()})[datasource]["value"]


def transcribed(file):
    with (TRANSCRIBED / file).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    times = pd.DatetimeIndex([row["time"] for row in rows]).tz_convert("UTC").tz_localize(None)
    return pd.Series([float(row["value"] or "nan") for row in rows], index=times)


needs_transcription = needs(
    TRANSCRIBED, leaves_open="that the figures embedded in iran-2019 are those published"
)
RUN_LENGTHS = {
    "asn/44244": "AS44244_IranCell_bgp",
    "asn/197207": "AS197207_MCCI_bgp",
    "asn/57218": "AS57218_Rightel_bgp",
    "asn/58224": "AS58224_IranTelecomCo_bgp",
    "asn/12880": "AS12880_ITC_bgp",
    "asn/31549": "AS31549_Shatel_bgp",
    "asn/16322": "AS16322_ParsOnline_bgp",
}
SINGLE_BINS = {
    "asn/44244": "ioda-iran-2019/AS44244_IranCell_active_probing.csv",
    "asn/58224": "ioda-iran-2019/AS58224_IranTelecomCo_active_probing.csv",
    "asn/12880": "ioda-iran-2019/AS12880_ITC_active_probing.csv",
    "asn/31549": "ioda-iran-2019/AS31549_Shatel_active_probing.csv",
    "asn/39501": "ioda-iran-2019/AS39501_NGSAS_active_probing_partial.csv",
    "asn/49100": "ioda-iran-2019/AS49100_PTE_active_probing_partial.csv",
    "country/IR": "ioda-iran-2019/country_wide_active_probing.csv",
    "asn/16322": "ioda/ooni_iran2019_AS16322_ParsOnline_active_probing.csv",
}


@needs_transcription
@pytest.mark.parametrize("entity", RUN_LENGTHS)
def test_run_lengths_are_carried_over_whole(entity):
    runs = transcribed(f"ioda-iran-2019/{RUN_LENGTHS[entity]}.csv")
    grid = pd.date_range(runs.index[0], runs.index[-1], freq="5min")
    # A value holds until the next row, and a missing one is a value too.
    expected = runs.iloc[runs.index.searchsorted(grid, side="right") - 1].to_numpy()
    mine = embedded("ioda.bgp").sel(entity=entity).to_series().reindex(grid).to_numpy()
    assert np.array_equal(mine, expected, equal_nan=True)


@needs_transcription
@pytest.mark.parametrize("entity", SINGLE_BINS)
def test_single_bins_are_carried_over_and_nothing_between(entity):
    bins = transcribed(SINGLE_BINS[entity])
    mine = embedded("ioda.ping-slash24").sel(entity=entity).to_series().dropna()
    pd.testing.assert_series_equal(mine, bins, check_names=False, check_index_type=False)


@needs_transcription
def test_country_wide_bgp_is_carried_over_and_nothing_between():
    rows = transcribed("ioda-iran-2019/country_wide_bgp.csv")
    mine = embedded("ioda.bgp").sel(entity="country/IR").to_series()
    assert np.array_equal(mine.reindex(rows.index), rows, equal_nan=True)
    between = mine["2019-11-17 02:05":"2019-11-18 20:40"].dropna()
    assert set(between.index) <= set(rows.index)


@needs_transcription
def test_counts_are_carried_over_whole():
    name = "ooni/20191123-ooni-measurements-iran-by-probeasn.csv"
    with (TRANSCRIBED / name).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    mine = embedded("ooni.measurement-count")
    assert mine.sum() == sum(int(row["count"]) for row in rows)
    for row in rows:
        entity = "asn/unknown" if row["probe_asn"] == "0" else f"asn/{row['probe_asn']}"
        assert mine.sel(entity=entity, time=row["test_day"][:10]) == int(row["count"])
