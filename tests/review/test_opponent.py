"""What somebody who wants to deceive, or to be believed, can bring along."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zipfile
import zlib

import pandas as pd
import pytest

from darkdays.errors import DarkdaysError, InputError
from darkdays.figures.plot import Plot, subplots
from darkdays.files import paths
from darkdays.report.version.attestations import append
from darkdays.report.version.compare import compare_findings
from darkdays.report.version.json_values import is_close, texts_are_close
from darkdays.report.version.seal import read_manifest
from darkdays.review import signatures
from darkdays.review.as_packed import check_packing, check_signed
from darkdays.review.attest import attested
from darkdays.review.packing import pack
from darkdays.review.rerun import history
from darkdays.review.reviewers_form import form_of
from darkdays.review.unpacking import unpacked
from darkdays.review.verify.pictures import compare_figure
from darkdays.review.verify.standing import check_standing
from darkdays.review.verify.verify import verify
from reviewing import copied, forge, needs_history

STORED = paths.root() / "reports" / "iran-2019" / "1.2.2"
NOWHERE = paths.root() / "no-snapshots"


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    return pack(STORED, NOWHERE, tmp_path_factory.mktemp("packed") / "iran.zip").path


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Two keys, and a list that trusts the first."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("there is no ssh-keygen here")
    folder = tmp_path_factory.mktemp("keys")
    for name in ("one", "other"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(words, check=True)
    public = (folder / "one.pub").read_text(encoding="utf-8")
    (folder / "trusted").write_text(f"a.reader@example.org {public}", encoding="utf-8")
    return folder


# --- a zip ------------------------------------------------------------------------------------


def test_an_untouched_zip_is_checked_where_it_lies_and_leaves_nothing(packed, tmp_path):
    lone = shutil.copy(packed, tmp_path / "iran.zip")
    with unpacked(lone, NOWHERE) as report:
        found = check_signed(verify(report.folder, NOWHERE, execute=False), report, None)
        text = form_of(report.folder, found)
    assert (found.outcome, found.exit_status) == ("identical", 0), found.striking
    assert ("packed", "iran.zip") in {(one.kind, one.name) for one in found.outcomes}
    assert [one.name for one in tmp_path.iterdir()] == ["iran.zip"]
    assert "# Review of Iran, November 2019, version 1.2.2" in text
    assert "- [ ] I agree" in text
    with zipfile.ZipFile(packed) as archive:
        assert {one.split("/")[0] for one in archive.namelist()} == {"iran-2019-1.2.2"}
        said = archive.read("iran-2019-1.2.2/README.md").decode()
    assert "darkdays verify iran-2019-1.2.2.zip" in said
    assert f"from commit {read_manifest(STORED)['machine']['commit']}" in said


@pytest.mark.parametrize("name", ["README.md", "ro-crate-metadata.json", "more.txt"])
def test_what_lies_beside_the_version_in_a_zip_is_compared(packed, tmp_path, name):
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(forged, "w") as new:
        for one in old.namelist():
            more = b" The Guards ordered it." if one == f"iran-2019-1.2.2/{name}" else b""
            new.writestr(one, old.read(one) + more)
        if name == "more.txt":
            new.writestr("iran-2019-1.2.2/more.txt", "The Guards ordered it.")
    with unpacked(forged, NOWHERE) as report:
        odd = list(check_packing(report))
    assert [one.outcome for one in odd] == ["differs"]
    assert odd[0].name == f"iran-2019-1.2.2/{name}"


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a\\b"])
def test_a_zip_that_leads_out_is_refused(tmp_path, name):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(InputError), unpacked(path, NOWHERE):
        pass


@pytest.mark.parametrize("kind", ["much", "many"])
def test_a_zip_that_would_fill_a_disk_is_refused_before_it_does(tmp_path, kind):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1 if kind == "much" else 10_001):
            archive.writestr(f"{number}", bytes(2**24) if kind == "much" else b"")
    with pytest.raises(InputError, match="more than a published report"), unpacked(path, NOWHERE):
        pass


def test_an_address_and_a_file_of_something_else_are_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with (
        pytest.raises(InputError, match="download the file"),
        unpacked(paths.Path("https://example.org/x.zip"), NOWHERE),
    ):
        pass
    with (
        pytest.raises(InputError, match="no published report"),
        unpacked(tmp_path / "x.zip", NOWHERE),
    ):
        pass


# --- yardsticks, code, inputs -------------------------------------------------------------------


def document(value, tolerance):
    return {"claims": [], "findings": [{"id": "a", "value": value, "tolerance": tolerance}]}


def test_tolerances_are_those_of_who_checks():
    stated = document(5.0, {"value": 99999.0})
    (one,) = compare_findings(stated, document(1.0, None), document(None, {"value": 0.5}))
    assert one.outcome == "differs"
    (one,) = compare_findings(stated, document(4.8, None), document(None, {"value": 0.5}))
    assert one.outcome == "within tolerance"


def test_counts_have_no_last_bits():
    assert not is_close(1573862400, 1573862401)
    assert not texts_are_close("at 1573862400", "at 1573862401")
    assert texts_are_close("p 0.12345678901", "p 0.123456789011")


@needs_history
def test_code_outside_the_history_is_not_looked_at(monkeypatch):
    real, stranger = history._git, "5" * 40

    def git(*words):
        return f"{stranger}\n".encode() if words[:2] == ("log", "--format=%H") else real(*words)

    monkeypatch.setattr(history, "_git", git)
    head = real("rev-parse", "HEAD").decode().strip()
    manifest = {"case": "a", "version": "1.0.0", "machine": {"commit": head}}
    found = list(history._commits(manifest, ["HEAD"]))
    assert found
    assert head == found[0]
    assert stranger not in found
    assert list(history._commits(manifest, ["--all", "no-such-ref"])) == []


def test_inputs_and_unknown_keys_are_held_against_this_checkout(tmp_path):
    folder = copied(STORED, tmp_path)
    (folder / "case.yaml").write_bytes((folder / "case.yaml").read_bytes() + b"# more\n")
    forge(folder)
    manifest = {**read_manifest(folder), "endorsed": "by all"}
    found = {
        one.name: one
        for one in check_standing(folder, manifest, vouched=False, compared=[], tree=paths.root())
    }
    assert found["case.yaml"].outcome == "differs"
    assert found["manifest.json"].detail == "endorsed is no part of a manifest"
    assert found["report.pdf"].outcome == "not compared"


# --- pictures -----------------------------------------------------------------------------------


def figure(**kinds):
    stored = {
        kind: (STORED / "figures" / f"timeline.{kind}").read_bytes()
        for kind in ("csv", "svg", "png")
    }
    return {**stored, **kinds}


def with_chunk(content, kind, data):
    crc = struct.pack(">I", zlib.crc32(kind + data))
    return content[:33] + struct.pack(">I", len(data)) + kind + data + crc + content[33:]


@pytest.mark.parametrize("same_libraries", [True, False])
def test_a_picture_is_never_taken_on_trust(same_libraries):
    png, svg = figure()["png"], figure()["svg"]
    whole = compare_figure("a", figure(), figure(), same_libraries=same_libraries)
    assert whole.outcome == "identical"
    for forged in (
        figure(png=with_chunk(png, b"acTL", bytes(8))),
        figure(png=with_chunk(png, b"eXIf", bytes(8))),
        figure(png=png + b"more"),
        figure(png=(STORED / "figures" / "lags.png").read_bytes()),
    ):
        found = compare_figure("a", forged, figure(), same_libraries=same_libraries)
        assert found.outcome == "differs"
    moved = figure(svg=svg.replace(b"0.015625", b"0.016625"))
    if moved != figure():
        found = compare_figure("a", moved, figure(), same_libraries=same_libraries)
        assert found.outcome == ("differs" if same_libraries else "not compared")


def test_a_position_may_fall_on_the_other_side_of_where_it_is_cut():
    drawn, axis = subplots(1, 1, figsize=(4, 3))
    axis.plot([0, 1 / 3, 1], [1, 1 / 7, 0], marker="o", alpha=0.45)
    plot = Plot("a", "", "", "", drawn, pd.DataFrame({"x": [1]}))
    kinds = {"csv": b"x\n1\n", "png": plot.rendered("png"), "svg": plot.rendered("svg")}

    def outcome(svg):
        assert svg != kinds["svg"]
        return compare_figure("a", {**kinds, "svg": svg}, kinds, same_libraries=True).outcome

    for where in (rb'(?<= x=")\d+\.\d\d(?=")', rb"(?<=\nL )\d+\.\d\d(?= )"):
        place = re.compile(where)
        for hundredths, word in ((1, "within tolerance"), (-1, "within tolerance"), (2, "differs")):
            at = float(place.search(kinds["svg"])[0]) + hundredths / 100
            assert outcome(place.sub(b"%.2f" % at, kinds["svg"], count=1)) == word
        # What is longer the kit does not write.
        assert outcome(place.sub(rb"\g<0>4", kinds["svg"], count=1)) == "differs"
    for one, other in ((b"opacity: 0.45", b"opacity: 0.46"), (b"scale(0.1", b"scale(0.11")):
        assert outcome(kinds["svg"].replace(one, other, 1)) == "differs"


# --- signatures ---------------------------------------------------------------------------------


def test_who_signed_is_told_and_a_change_is_seen(keys):
    signed = signatures.sign(b"content", keys / "one")
    trusted = keys / "trusted"
    assert signatures.signer_of(b"content", signed, trusted) == (
        True, "signed by a.reader@example.org",
    )  # fmt: skip
    assert signatures.signer_of(b"other", signed, trusted)[0] is False
    fits, words = signatures.signer_of(
        b"content", signatures.sign(b"content", keys / "other"), trusted
    )
    assert fits
    assert "which no list of signers here names" in words


def test_a_chain_of_reviewers_is_a_list_of_signed_records(keys, tmp_path):
    def sign(content):
        return signatures.sign(content, keys / "one")

    record = {"name": "A. Reader", "when": "2026-11-29", "outcome": "identical", "manifest": "m"}
    append(tmp_path, "1.0.0", record, sign)
    append(tmp_path, "1.0.0", {**record, "name": "B. Reader"})
    first, second = attested(tmp_path, "1.0.0", "m", keys / "trusted")
    assert first.endswith("identical (signed by a.reader@example.org)")
    assert second.endswith("identical (not signed)")
    path = tmp_path / "attestations" / "1.0.0.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"A. R', '"C. R'), encoding="utf-8")
    first, _ = attested(tmp_path, "1.0.0", "m", keys / "trusted")
    assert "does not fit; its record was changed" in first


def test_a_signed_zip(keys, tmp_path):
    to = tmp_path / "iran.zip"
    pack(STORED, NOWHERE, to, key=keys / "one")
    with unpacked(to, NOWHERE) as report:
        found = verify(report.folder, NOWHERE, execute=False)
        said = check_signed(found, report, keys / "trusted")
        assert "iran.zip: signed by a.reader@example.org" in said.notes
        (tmp_path / "iran.zip.sig").write_text("no signature", encoding="utf-8")
        assert check_signed(found, report, None).exit_status == 1
        with pytest.raises(InputError, match="no file of signers"):
            check_signed(found, report, tmp_path / "nobody")
    unsigned = tmp_path / "unsigned.zip"
    with pytest.raises(DarkdaysError, match="did not sign"):
        pack(STORED, NOWHERE, unsigned, key=keys / "trusted")
    assert not unsigned.exists()


def test_without_the_tool_one_sentence_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DarkdaysError, match="no ssh-keygen here"):
        signatures.sign(b"content", tmp_path / "key")
