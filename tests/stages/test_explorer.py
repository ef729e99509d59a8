"""Choosing case, signal and level by hand: the figure everywhere, controls where drawn."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from darkdays import stages
from darkdays.errors import InputError
from darkdays.stages import explorer

LEVELS = sorted(explorer.LEVELS)


@pytest.fixture(scope="module")
def iran(tmp_path_factory):
    return explorer.Signals(stages.fetch("iran-2019", str(tmp_path_factory.mktemp("run"))))


def test_the_signal_that_went_down_first_is_the_reports_first(iran):
    reported = stages.detect("iran-2019", str(iran.fetched.folder)).outages
    first = reported.sort_values("onset").iloc[0]
    plot = iran.plot(iran.first(0.95, 0.1), 0.95, 0.1)
    chosen = plot.data.set_index("level").loc[0.95]
    assert chosen[["onset", "onset_low", "onset_high"]].tolist() == [
        first["onset"], first["onset_low"], first["onset_high"]
    ]  # fmt: skip


def test_surer_is_never_narrower_and_may_be_nothing_at_all(iran):
    for name in iran.names:
        table = iran.plot(name, 0.95, 0.1).data
        assert table["level"].tolist() == LEVELS
        found = table.dropna()
        # What a level no longer vouches for, no higher one does.
        assert found["level"].tolist() == LEVELS[: len(found)]
        width = (found["onset_high"] - found["onset_low"]).to_numpy()
        assert (np.diff(width) >= np.timedelta64(0)).all(), name
        assert found["onset"].between(found["onset_low"], found["onset_high"]).all()
    vanishing = iran.plot("ParsOnline BGP", 0.99, 0.3)
    assert pd.isna(vanishing.data.set_index("level")["onset"][0.99])
    assert "level 0.99, none" in vanishing.alt


def test_a_larger_share_is_gone_later(iran):
    onsets = [
        iran.plot("Iran probing", 0.95, depth).data.set_index("level")["onset"][0.95]
        for depth in explorer.DEPTHS
    ]
    assert onsets == sorted(onsets)
    assert onsets[0] == pd.Timestamp("2019-11-16 17:00Z")
    assert onsets[-1] == pd.Timestamp("2019-11-16 18:10Z")


def test_a_figure_is_the_same_bytes_every_time_and_tells_its_numbers(iran):
    one, two = (iran.plot("Iran BGP", 0.95, 0.1) for _ in range(2))
    assert one.rendered("png") == two.rendered("png")
    assert "level 0.95, 16 November 14:25 UTC, between 16 November 14:20 UTC" in one.alt
    assert explorer.onset_table(one)["bounds"].tolist()[0] == "14:20 to 14:30"


def test_an_unknown_signal_is_one_sentence(iran):
    with pytest.raises(InputError, match=re.escape("did you mean 'Iran probing'?")):
        iran.plot("Iran proving", 0.95, 0.1)


def test_without_a_front_end_there_is_a_picture_and_a_table(monkeypatch, capsys):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert not explorer.has_controls()
    explorer.explore("iran-2019")
    assert "13:40 to 14:10" in capsys.readouterr().out
    explorer.explore("cuba-2021")
    assert "Markdown" in capsys.readouterr().out


@pytest.fixture
def controls(monkeypatch):
    pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")
    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/0-start-here.ipynb")
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)

    def show(*asked):
        explorer.explore(*asked)
        return shown[-1]

    return show


def test_controls_move_the_onset(controls):
    box = controls()
    case, signal, level, depth, shown = box.children
    assert (case.value, signal.value) == ("iran-2019", "IranCell probing")
    assert 'alt="First onset of IranCell probing' in shown.value
    assert "data:image/png;base64," in shown.value
    before = shown.value
    level.value = 0.99
    assert "known to 40 minutes at level 0.99" not in before
    assert shown.value != before
    signal.value = "ParsOnline BGP"
    assert 'alt="First onset of ParsOnline BGP' in shown.value
    depth.value = 0.3
    assert "not observed" in shown.value
    signal.value, depth.value = "Iran probing", 0.5
    assert "16 November 18:10 UTC" in shown.value
    # A case without data says so, and the way back is open.
    case.value = "cuba-2021"
    assert box.children[1].value is None
    assert "has no signals here yet" in shown.value
    case.value = "iran-2019"
    assert 'alt="First onset of' in shown.value
    assert not re.findall(
        r"(?:https?:)?//(?!www\.w3\.org)\w", re.sub(r"base64,[^\"]*", "", shown.value)
    )


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("iran-2019", "Iran proving"), "did you mean &#x27;Iran probing&#x27;?"),
        (("iran-2019", "first", 0.95, 0.1), "First onset of IranCell probing"),
        (("iran-2019", "Iran BGP", 0.97), "level 0.97"),
    ],
)
def test_controls_begin_with_what_the_cells_say(controls, asked, sentence):
    assert sentence in controls(*asked).children[-1].value
