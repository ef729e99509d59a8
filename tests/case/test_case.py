"""Case files: valid ones load, mistakes are one sentence that says how to mend them."""

from __future__ import annotations

import json

import pytest

from darkdays.case import case
from darkdays.errors import InputError
from darkdays.files import paths

TEXT = (paths.cases() / "iran-2019.yaml").read_text(encoding="utf-8")


@pytest.fixture
def changed(tmp_path):
    def write(old, new):
        assert old in TEXT, "the change would change nothing"
        path = tmp_path / "iran-2019.yaml"
        path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_the_shipped_cases_load():
    for name in case.known():
        assert case.load(name).name == name


def test_the_stored_schema_is_the_models():
    stored = (paths.cases() / "case.schema.json").read_text(encoding="utf-8")
    schema = json.dumps(case.Case.model_json_schema(), indent=2, sort_keys=True) + "\n"
    assert stored == schema, "write the schema of Case to cases/case.schema.json"


def test_layout_and_comments_do_not_change_the_digest(changed):
    assert (
        case.load(changed("name:", "# a remark\nname:")).digest() == case.load("iran-2019").digest()
    )
    assert (
        case.load(changed("title: Iran", "title: Persia")).digest()
        != case.load("iran-2019").digest()
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("title:", "tittle:", "unknown key 'tittle'; did you mean 'title'?"),
        ("at_least_hours", "at_leest_hours", "did you mean 'at_least_hours'?"),
        ("ioda.bgp,", "ioda.bpg,", "unknown datasource 'ioda.bpg'; did you mean 'ioda.bgp'?"),
        ("2019-11-24T00:00Z", "2019-11-01T00:00Z", "the window ends before it starts"),
        ("2019-11-10T00:00Z", "2019-11-10T00:00", "no time zone"),
        ("2019-11-10T00:00Z", "10 November", "window.start"),
        ("Asia/Tehran", "Asia/Teheran", "did you mean 'Asia/Tehran'?"),
        ("entity: country/IR", "entity: country/IQ", "did you mean 'country/IR'?"),
        ("network: mobile", "network: cell", "'country', 'region', 'mobile', 'fixed' or 'transit'"),
        ("type: rate_ratio", "type: rate_ration", "rate_ratio"),
        ("question:", "# question:", "'question' is missing"),
        ("place: IR", "place: IR\nplace: CU", "line 15: key 'place' occurs twice"),
        ("window:", "window: [", "line 13"),
        ("id: lasted-days", "id: staged-recovery", "'staged-recovery' is listed twice"),
        ("name: iran-2019", "name: iran-2020", "it must be the file's"),
    ],
)
def test_a_mistake_is_one_sentence(changed, old, new, sentence):
    with pytest.raises(InputError) as caught:
        case.load(changed(old, new))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_case_suggests_the_nearest():
    with pytest.raises(InputError, match="did you mean 'iran-2019'"):
        case.load("iran-2109")


@pytest.mark.parametrize(
    "content", [b"", b"- a\n- b\n", b"\xff\xfe", b"!!python/object:os.system x"]
)
def test_other_files_are_no_cases(tmp_path, content):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        case.load(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        case.load(tmp_path / "none.yaml")
