"""Tables in a notebook: to the left, times in one piece, long names that can be broken."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from darkdays.tables.display import as_html, show_to_the_left

TABLE = pd.DataFrame(
    {
        "signal": ["Iran <b>, ioda.ping-slash24"],
        "onset (bounds)": ["16 Nov 14:05 (14:00 to 14:10)"],
        "p": [0.25],
        "after": [float("nan")],
    }
)


def test_cells_are_to_the_left_and_rows_without_names_have_no_number():
    html = as_html(TABLE)
    assert "right" not in html
    assert html.count("text-align: left") == html.count("<td") + html.count("<th ") + 1
    assert html.count("<th ") == TABLE.shape[1]
    assert as_html(TABLE.set_index("signal")).count("<th ") > TABLE.shape[1]


def test_a_time_is_not_wrapped_a_long_name_is_and_text_stays_text():
    html = as_html(TABLE)
    assert "16\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}14:05 (14:00\N{NO-BREAK SPACE}to" in html
    assert "ioda.\N{ZERO WIDTH SPACE}ping-\N{ZERO WIDTH SPACE}slash24" in html
    assert "&lt;b&gt;" in html
    assert "NaN" not in html


def test_a_notebook_shows_tables_so_and_elsewhere_nothing_happens(monkeypatch):
    formatters = pytest.importorskip("IPython.core.formatters")
    show_to_the_left()
    notebook = SimpleNamespace(display_formatter=formatters.DisplayFormatter())
    assert notebook.display_formatter.format(TABLE)[0]["text/html"] != as_html(TABLE)
    monkeypatch.setattr("IPython.get_ipython", lambda: notebook)
    show_to_the_left()
    assert notebook.display_formatter.format(TABLE)[0]["text/html"] == as_html(TABLE)
