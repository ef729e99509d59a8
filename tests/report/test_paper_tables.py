"""Tables for a paper say what the findings say, and LaTeX reads them as text."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess

import pandas as pd
import pytest

from darkdays.report.page.paper_tables import tables_of

DOCUMENT = {
    "case": "made-up", "version": "1.0.0", "simulated": True,
    "claims": [
        {"statement": r"50 % of a_b & $5 {#1} ~^ \input{x}", "verdict": "supported",
         "because": "=1+1 --file", "sensitivity": {"holds": 2, "of": 3}},
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
    assert r"50 \% of a b \& \$5 \{\#1\} \textasciitilde \textasciicircum " in row
    assert r"\input" not in row
    assert row.count(" & ") == 4
    assert "-{}-file" in row


def test_an_interval_is_two_columns_and_what_has_no_row_no_table():
    files = tables_of(DOCUMENT)
    assert {name.partition(".")[0] for name in files} == {"tables/claims", "tables/outages"}
    outages = pd.read_csv(io.BytesIO(files["tables/outages.csv"])).iloc[0]
    assert (outages["onset_low"], outages["depth"]) == ("2019-11-16T14:20Z", 0.360715)
    assert b"2019-11-16 14:20 & 2019-11-16 14:30 & 0.3607" in files["tables/outages.tex"]


def test_columns_are_as_wide_as_the_text_and_long_names_can_be_broken():
    document = {**DOCUMENT, "findings": [
        {"id": "claim.a-b.share_of", "value": 1.0, "unit": "≤ hours", "interval": [0.5, None]},
    ]}  # fmt: skip
    for name, text in tables_of(document).items():
        if name.endswith(".tex"):
            widths = [float(one) for one in re.findall(r"p\{([\d.]+)\\textwidth\}", text.decode())]
            assert sum(widths) + (len(widths) - 1) * 6 / 345 <= 1
    findings = tables_of(document)["tables/findings.tex"].decode()
    assert r"claim.\allowbreak{}a-\allowbreak{}b.\allowbreak{}share\_\allowbreak{}of" in findings
    assert r"$\leq$ hours" in findings


def test_letters_that_pdflatex_has_not_are_said_in_the_comment():
    persian = {**DOCUMENT, "outages": [{**DOCUMENT["outages"][0], "name": "همراه اول"}]}
    said = tables_of(persian)["tables/outages.tex"].decode().splitlines()[0]
    assert said.startswith("%")
    assert "XeLaTeX" in said
    assert "XeLaTeX" not in tables_of(DOCUMENT)["tables/outages.tex"].decode()


@pytest.mark.skipif(
    shutil.which("pdflatex") is None,
    reason="there is no pdflatex here: apt-get install texlive-latex-recommended",
)
def test_pdflatex_sets_a_table_with_the_packages_its_comment_names(tmp_path):
    for name, content in tables_of(DOCUMENT).items():
        if not name.endswith(".tex"):
            continue
        text = content.decode()
        packages = re.search(r"Needs (\\usepackage\{[\w,]+\})", text)[1]
        page = "\\documentclass{article}" + packages + "\\begin{document}\n" + text
        (tmp_path / "page.tex").write_text(page + "\\end{document}\n", encoding="utf-8")
        words = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page.tex"]
        made = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout
        assert "Overfull" not in made.stdout


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
