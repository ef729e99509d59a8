"""A figure's fingerprint: the same for the same numbers, another for a change too small to see."""

from __future__ import annotations

import re

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from darkdays.nbcheck import figure_data
from darkdays.nbcheck.figure_data import fingerprint
from darkdays.nbcheck.text import text_difference

X = np.linspace(18215.0, 18225.0, 1500)  # days since 1970, as matplotlib keeps dates
Y = np.sin(X) + 3.0


def drawn(x=X, y=Y, *, title="Outages", names=("Tehran", "Fars"), colour="C0", dpi=100) -> str:
    figure = Figure(dpi=dpi)
    axes = figure.subplots(2, 2).ravel()
    axes[0].plot(x, y, color=colour)
    axes[0].set_title(title)
    axes[1].barh([0, 1], [y[0], y[1]])
    axes[1].set_yticks([0, 1], labels=names)
    axes[2].scatter(x[:50], y[:50], c=y[:50])
    axes[2].fill_between(x[:50], 0, y[:50])
    axes[2].annotate("first", (x[0], y[0]))
    axes[3].imshow(y[:100].reshape(10, 10))
    return fingerprint(figure)


def moved(values, place, by):
    copy = values.copy()
    copy[place] += by
    return copy


def test_every_kind_of_artist_is_in_it_and_no_frame():
    lines = drawn().splitlines()
    kinds = [re.split(r" x\d", line.partition(": ")[2])[0] for line in lines if " numbers" in line]
    assert kinds == [
        "Line2D x", "Line2D y", "Rectangle x", "Rectangle y",
        "PathCollection x", "PathCollection y", "PathCollection colour",
        "FillBetweenPolyCollection x", "FillBetweenPolyCollection y",
        "AxesImage extent", "AxesImage colour",
    ]  # fmt: skip
    assert sum("words" in line for line in lines) == 5


def test_neither_looks_nor_resolution_nor_the_last_bit_matters():
    assert drawn(colour="red", dpi=300) == drawn()
    assert text_difference(drawn(), drawn(y=np.nextafter(Y, 9.0), x=np.nextafter(X, 0.0))) is None


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Outage"},
        {"names": ("Tehran", "Kars")},
        {"y": moved(Y, 700, 0.01)},
        {"x": moved(X, 700, 0.05)},
        {"x": X[:-1], "y": Y[:-1]},
        {"y": np.where(X > 18220, np.nan, Y)},
        {"y": Y[::-1]},
        {"y": moved(moved(Y, 700, 0.05), 701, -0.05)},
    ],
)
def test_another_number_or_word_gives_another(other):
    assert text_difference(drawn(), drawn(**other)) is not None


@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=30))
def test_any_numbers_have_one(values):
    figure = Figure()
    figure.subplots().plot(values)
    text = fingerprint(figure)
    assert text_difference(text, text) is None
    assert f"{np.isfinite(values).sum()} finite" in text


class Formatter:
    """As much of IPython's PNG formatter as the extension uses."""

    def __init__(self):
        self.printers = {Figure: lambda _: b"png"}

    def lookup_by_type(self, kind):
        return self.printers[kind]

    def for_type(self, kind, function):
        self.printers[kind] = function


def test_the_extension_puts_it_beside_the_picture():
    class Shell:
        display_formatter = type("All", (), {"formatters": {"image/png": Formatter()}})
        enabled = ""

        def enable_matplotlib(self, backend):
            self.enabled = backend

    shell = Shell()
    figure_data.load_ipython_extension(shell)
    figure = Figure()
    figure.subplots().plot([1, 2])
    content, metadata = shell.display_formatter.formatters["image/png"].printers[Figure](figure)
    assert (content, shell.enabled) == (b"png", "inline")
    assert metadata == {figure_data.KEY: fingerprint(figure)}
    assert mpl.get_backend() != ""
