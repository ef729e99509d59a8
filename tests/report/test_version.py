"""Semantic versions of findings: what changed decides which number moves."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkdays.errors import DarkdaysError
from darkdays.report.version.version import next_version, versions

FINDINGS = {
    "claims": [{"id": "a", "verdict": "supported"}, {"id": "b", "verdict": "inconclusive"}],
    "findings": [{"id": "onset.1", "value": 3.5, "interval": [3.0, 4.0]}],
    "outages": [{"entity": "asn/1", "depth": 0.9}],
    "instrument_gaps": [],
    "short_events": [],
    "signals_not_assessed": [],
    "simulated": False,
}
DIGESTS = {"case": "c", "data": {"x": "1"}, "parameters": {}, "code": "k", "environment": "e"}


@pytest.fixture
def published(tmp_path):
    store(tmp_path, "1.2.3", FINDINGS, DIGESTS)
    return tmp_path


def store(home, version, findings, digests):
    folder = home / version
    folder.mkdir(parents=True)
    (folder / "findings.json").write_text(json.dumps(findings))
    (folder / "manifest.json").write_text(json.dumps({"digests": digests}))


def changed(**parts):
    findings = copy.deepcopy(FINDINGS)
    findings.update(parts)
    return findings


def test_the_first_version_is_1_0_0(tmp_path):
    change = next_version(tmp_path / "none", FINDINGS, DIGESTS)
    assert (change.version, change.is_new) == ("1.0.0", True)


def test_nothing_changed_makes_no_version(published):
    change = next_version(published, copy.deepcopy(FINDINGS), dict(DIGESTS))
    assert (change.version, change.is_new) == ("1.2.3", False)


def moved(value, interval=(3.0, 4.0)):
    return changed(findings=[{"id": "onset.1", "value": value, "interval": list(interval)}])


def judged(**verdicts):
    return changed(claims=[{"id": name, "verdict": one} for name, one in verdicts.items()])


@pytest.mark.parametrize(
    ("findings", "digests", "version"),
    [
        (judged(a="contradicted", b="inconclusive"), DIGESTS, "2.0.0"),
        (judged(a="supported"), DIGESTS, "2.0.0"),
        (judged(a="supported", b="inconclusive", c="untested"), DIGESTS, "2.0.0"),
        (moved(3.6), DIGESTS, "1.3.0"),
        (moved(3.5, (3.0, 4.1)), DIGESTS, "1.3.0"),
        (changed(findings=[]), DIGESTS, "1.3.0"),
        (changed(outages=[{"entity": "asn/1", "depth": 0.8}]), DIGESTS, "1.3.0"),
        (changed(simulated=True), DIGESTS, "1.3.0"),
        (FINDINGS, {**DIGESTS, "data": {"x": "2"}}, "1.3.0"),
        (FINDINGS, {**DIGESTS, "case": "other"}, "1.3.0"),
        (FINDINGS, {**DIGESTS, "code": "other"}, "1.2.4"),
        (FINDINGS, {**DIGESTS, "environment": "other"}, "1.2.4"),
    ],
)
def test_what_changed_decides_the_number(published, findings, digests, version):
    change = next_version(published, findings, digests)
    assert change.version == version
    assert change.reasons


@given(st.floats(1, 1e6), st.floats(-1e-10, 1e-10))
def test_a_difference_of_the_last_bits_is_none(tmp_path_factory, value, relative):
    home = tmp_path_factory.mktemp("reports")
    store(home, "1.0.0", changed(findings=[{"id": "x", "value": value}]), DIGESTS)
    again = changed(findings=[{"id": "x", "value": value * (1 + relative)}])
    assert not next_version(home, again, DIGESTS).is_new


def test_versions_are_ordered_as_numbers(tmp_path):
    for name in ("1.9.0", "1.10.0", "1.2.0", ".1.11.0.7.partial", "draft"):
        (tmp_path / name).mkdir()
    assert versions(tmp_path) == ["1.2.0", "1.9.0", "1.10.0"]


def test_a_version_that_cannot_be_read_is_not_built_upon(published):
    (published / "1.2.3" / "findings.json").write_text("{")
    with pytest.raises(DarkdaysError, match=r"1\.2\.3 .* cannot be read"):
        next_version(published, FINDINGS, DIGESTS)
