"""Tables for a paper say what the findings say, and LaTeX reads them as text."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from darkdays.report.page.paper_tables import tables_of

DOCUMENT = {
    "case": "made-up", "version": "1.0.0", "simulated": True,
    "claims": [
        {"statement": r"50 % of a_b & $5 {#1} ~^ \input{x}", "verdict": "supported",
         "because": "=1+1", "sensitivity": {"holds": 2, "of": 3}},
    ],
    "outages": [
        {"name": "Iran", "datasource": "ioda.bgp", "onset": "2019-11-16T14:25Z",
         "onset_interval": ["2019-11-16T14:20Z", "2019-11-16T14:30Z"], "depth": 0.360715},
    ],
    "findings": [],
}  # fmt: skip


def test_what_latex_would_execute_is_text():
    text = tables_of(DOCUMENT)["tables/claims.tex"].decode()
    assert "SIMULATED" in text.splitlines()[0]
    row = next(line for line in text.splitlines() if "50" in line)
    assert r"50 \% of a\_b \& \$5 \{\#1\} \textasciitilde \textasciicircum " in row
    assert r"\input" not in row
    assert row.count(" & ") == 4


def test_an_interval_is_two_columns_and_what_has_no_row_no_table():
    files = tables_of(DOCUMENT)
    assert {name.partition(".")[0] for name in files} == {"tables/claims", "tables/outages"}
    outages = pd.read_csv(io.BytesIO(files["tables/outages.csv"])).iloc[0]
    assert (outages["onset_low"], outages["depth"]) == ("2019-11-16T14:20Z", 0.360715)
    assert b"2019-11-16 14:20 & 2019-11-16 14:30 & 0.3607" in files["tables/outages.tex"]


@pytest.mark.slow
def test_a_report_carries_them_and_its_manifest_and_crate_count_them(iran_2019):
    names = {f"tables/{name}.{form}" for name in ("claims", "outages", "findings")
             for form in ("csv", "tex")}  # fmt: skip
    read = {name: (iran_2019.version / f"{name}.json").read_text(encoding="utf-8")
            for name in ("manifest", "ro-crate-metadata", "findings")}  # fmt: skip
    assert names <= json.loads(read["manifest"])["files"].keys()
    assert all(f'"{name}"' in read["ro-crate-metadata"] for name in names)
    for name, content in tables_of(json.loads(read["findings"])).items():
        assert (iran_2019.version / name).read_bytes() == content
