"""``darkdays new-case``: what it writes is valid, runs, and says what to change."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import darkdays
from darkdays.case import case as cases
from darkdays.case import starting
from darkdays.errors import InputError
from darkdays.files.terminal import plain
from darkdays.labels.zones import first_zones
from darkdays.sources import countries

BELARUS = ("new-case", "BY", "Belarus, August 2020", "--start", "2020-07-15", "--end", "2020-08-31")


@pytest.mark.slow
def test_a_fresh_country_takes_one_command_and_runs(tmp_path):
    done = darkdays(*BELARUS, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "belarus-august-2020.yaml"
    assert done.stdout.splitlines()[0] == f"written: {path.name}"
    case = cases.load(path)
    assert (case.place, case.time_zone) == ("BY", "Europe/Minsk")
    # Local days: Minsk is three hours ahead of UTC.
    assert case.window.start.isoformat() == "2020-07-14T21:00:00+00:00"
    assert case.window.end.isoformat() == "2020-08-31T21:00:00+00:00"
    assert [entity.id for entity in case.entities] == ["country/BY"]
    assert {"ioda.bgp", "mlab.download"} <= {signal.datasource for signal in case.signals}
    text = path.read_text(encoding="utf-8")
    assert text.count("#") > 15
    assert "to be written" in text
    ran = darkdays(
        "run", path.name, "--offline", "--json", "--reports", "reports", "--runs", "runs",
        cwd=tmp_path, DARKDAYS_SNAPSHOTS=str(tmp_path / "none"),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    claims = json.loads(ran.stdout)["claims"]
    assert [claim["verdict"] for claim in claims] == ["untested"] * 3
    assert all(f"`darkdays fetch {path.name}`" in claim["because"] for claim in claims)


def test_what_is_there_already_is_not_overwritten(tmp_path):
    path = tmp_path / "belarus-august-2020.yaml"
    path.write_text("mine", encoding="utf-8")
    done = darkdays(*BELARUS, cwd=tmp_path)
    assert done.returncode == 2
    assert "is there already; choose another --name" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    assert darkdays(*BELARUS, "--name", "other", cwd=tmp_path).returncode == 0
    assert cases.load(tmp_path / "other.yaml").title == "Belarus, August 2020"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"country": "Belarsu"}, "did you mean 'Belarus'?"),
        ({"country": "QQ"}, "no country is called 'QQ'"),
        ({"title": "  "}, "the title is empty"),
        ({"title": "Беларусь"}, "with --name"),
        ({"name": "../up"}, "'../up' is no name for a case"),
        ({"start": "August"}, "--start 'August' is no day"),
        ({"end": "2020-02-30"}, "--end '2020-02-30' is no day"),
        ({"end": "2020-07-01"}, "before it starts"),
        ({"country": "XK"}, "--time-zone, such as Europe/Belgrade"),
        ({"time_zone": "Europe/Minks"}, "did you mean 'Europe/Minsk'?"),
        ({"country": "IR", "regions": ["Kuzestan"]}, "did you mean 'Khuzestan'?"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(tmp_path, changes, sentence):
    asked = {"country": "BY", "title": "x", "start": "2020-07-15", "end": "2020-08-31", **changes}
    with pytest.raises(InputError, match=re.escape(sentence)) as caught:
        starting.write(asked.pop("country"), asked.pop("title"), folder=tmp_path, **asked)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_provinces_are_resolved_in_any_spelling_and_the_others_stand_by(tmp_path):
    path = starting.write(
        "iran", "Ahvaz", start="2022-05-01", end="2022-05-31", folder=tmp_path,
        regions=["Khouzestan", "khuzestan province"],
    )  # fmt: skip
    case = cases.load(path)
    assert [entity.id for entity in case.entities] == ["country/IR", "region/Khuzestan"]
    assert {claim.entity for claim in case.claims} == {"region/Khuzestan"}
    text = path.read_text(encoding="utf-8")
    assert text.count('#   - {id: "region/') == 30
    # Taking the marks away is all it takes.
    open_ = re.sub(r"^# (donors:|  - \{id: \"region)", r"\1", text, flags=re.MULTILINE)
    path.write_text(open_, encoding="utf-8")
    assert len(cases.load(path).donors) == 30


def test_before_gdelt_there_is_a_file_of_ones_own(tmp_path):
    path = starting.write("CU", "Cuba, 1994", start="1994-08-01", end="1994-08-31", folder=tmp_path)
    case = cases.load(path)
    assert [source.source for source in case.events] == ["user-csv"]
    assert "mlab.download" not in {signal.datasource for signal in case.signals}


@pytest.mark.parametrize("code", sorted(set(countries.NAMES) & set(first_zones()))[::9])
def test_any_country_gets_a_valid_file(tmp_path, code):
    path = starting.write(code, "x", start="2021-03-01", end="2021-04-30", folder=tmp_path)
    assert cases.load(path).place == code


@given(title=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_any_title_is_read_back(tmp_path_factory, title):
    folder = tmp_path_factory.mktemp("titles")
    asked = {"start": "2021-03-01", "end": "2021-04-30", "name": "x", "folder": folder}
    words = " ".join(title.split())
    if words != plain(words):
        with pytest.raises(InputError, match="control character"):
            starting.write("BY", title, **asked)
    elif words:
        assert cases.load(starting.write("BY", title, **asked)).title == words
    else:
        with pytest.raises(InputError, match="the title is empty"):
            starting.write("BY", title, **asked)
