"""A figure can stand alone: every colour is in its key, its names fit, and it says its source."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text

from darkdays.case.case import Case
from darkdays.detect.outages.controls import OUTAGE
from darkdays.figures.key import clock, source_line, sourced, wrapped
from darkdays.figures.outages.excluded import excluded_outages
from darkdays.figures.outages.onsets import onset_times
from darkdays.figures.outages.place_onsets import place_onsets
from darkdays.figures.outages.recovery import recovery
from darkdays.figures.outages.sides import sides
from darkdays.figures.outages.timeline import overview, timeline
from darkdays.figures.plot import PHONE

# Of frames, grids and words, which mean nothing.
PLAIN = {"#000000", "#ffffff", "#dddddd", "#eeeeee", "#444444", "#262626", "#cccccc"}
LONG = "Universidad Nacional de Telecomunicaciones y Servicios de la Provincia número"
KINDS = ("country", "region", "mobile", "fixed", "transit")


def world(places, days, *, name="Place", nights=1):
    """Return a case of places with signals of hours, each down at night again and again."""
    entities = [
        {"id": f"region/XX-{one}", "name": f"{name} {one}", "network": KINDS[one % len(KINDS)]}
        for one in range(places)
    ]
    start = pd.Timestamp("2020-01-01", tz="UTC")
    end = start + pd.Timedelta(days=days)
    case = Case.model_validate(
        {
            "name": "made-up", "title": "Made up", "question": "Was it?", "summary": "It was.",
            "window": {"start": f"{start:%Y-%m-%dT%H:%MZ}", "end": f"{end:%Y-%m-%dT%H:%MZ}"},
            "place": "IR", "time_zone": "Asia/Tehran", "entities": entities,
            "signals": [{"datasource": "ioda.bgp", "source": "service"}],
        }
    )  # fmt: skip
    times = pd.date_range(start.tz_localize(None), periods=24 * days, freq="1h")
    analyses, outages = [], []
    for one, entity in enumerate(entities):
        values = np.full(times.size, 100.0)
        for night in range(nights):
            onset = start + pd.Timedelta(days=night + 1, hours=one % 9)
            end = onset + pd.Timedelta(hours=6)
            values[(times >= onset.tz_localize(None)) & (times < end.tz_localize(None))] = 5.0
            hour = pd.Timedelta(hours=1)
            outages.append(
                {
                    "entity": entity["id"], "datasource": "ioda.bgp", "onset": onset,
                    "event": night,
                    "onset_low": onset - hour, "onset_high": onset + hour, "recovery": end,
                    "recovery_low": end - hour, "recovery_high": end + hour, "restored": end,
                    "depth": 0.95, "depth_low": 0.9, "depth_high": 1.0, "state": "down",
                    "label": OUTAGE if one % 7 else "doubtful", "last_seen": times[-1], "p": 1e-9,
                }
            )  # fmt: skip
        analyses.append(
            SimpleNamespace(
                entity=entity["id"], datasource="ioda.bgp", times=times, values=values,
                baseline=100.0, step=pd.Timedelta(hours=1),
            )
        )  # fmt: skip
    return case, analyses, pd.DataFrame(outages)


def events(case):
    day = pd.Timestamp(case.window.start).floor("1D") + pd.Timedelta(days=2)
    end = day + pd.Timedelta(days=1)
    return pd.DataFrame([{"kind": "protest", "start_low": day, "start_high": day, "end_high": end}])


def gaps(case):
    start = pd.Timestamp(case.window.start) + pd.Timedelta(days=3)
    return pd.DataFrame(
        [{"datasource": "ioda.bgp", "start": start, "end": start + pd.Timedelta(hours=9)}]
    )


def drawn(artists):
    """Return the colours that artists show, of frames and words none."""
    found = set()
    for one in artists:
        if hasattr(one, "get_facecolors"):
            colours = [*one.get_facecolors(), *one.get_edgecolors()]
        elif hasattr(one, "get_facecolor"):
            colours = [one.get_facecolor(), one.get_edgecolor()]
        else:
            colours = [one.get_color()]
        found |= {to_hex(colour) for colour in colours if len(colour) < 4 or colour[3]}
    return found


def unexplained(figure):
    legends = [*figure.legends, *(axis.get_legend() for axis in figure.axes)]
    handles = [one for legend in legends if legend for one in legend.legend_handles]
    shown = set()
    for axis in figure.axes:
        patches = [one for one in axis.patches if one is not axis.patch]
        shown |= drawn([*axis.lines, *axis.collections, *patches])
    return shown - drawn(handles) - PLAIN


def collisions(figure):
    """Return texts of one axis that lie over each other, or that are cut off."""
    FigureCanvasAgg(figure).draw()
    width, height = figure.get_size_inches() * figure.dpi
    found = []
    for axis in figure.axes:
        for labels in (axis.get_xticklabels(), axis.get_yticklabels()):
            boxes = [
                (one.get_text(), one.get_window_extent())
                for one in labels
                if one.get_text() and one.get_visible()
            ]
            said = [text for text, _ in boxes]
            found += [(text, "twice") for text in set(said) if said.count(text) > 1]
            boxes.sort(key=lambda pair: (pair[1].x0, pair[1].y0))
            found += [
                (a, b)
                for (a, one), (b, two) in pairwise(boxes)
                if one.shrunk(0.95, 0.85).overlaps(two.shrunk(0.95, 0.85))
            ]
        box = axis.yaxis.label.get_window_extent()
        if axis.get_ylabel() and box.x0 < 0:
            found.append((axis.get_ylabel(), "cut off"))
    for text in [*figure.texts, *(one for legend in figure.legends for one in legend.get_texts())]:
        box = text.get_window_extent()
        if box.x0 < -1 or box.x1 > width + 1 or box.y0 < -1 or box.y1 > height + 1:
            found.append((text.get_text(), "cut off"))
    return found


WORLDS = {
    "a few days": {"places": 5, "days": 10},
    "three months": {"places": 6, "days": 90},
    "three years": {"places": 3, "days": 1100},
    "forty nights": {"places": 3, "days": 60, "nights": 40},
    "thirty provinces": {"places": 30, "days": 12},
    "long names": {"places": 6, "days": 12, "name": LONG},
}


def figures_of(name):
    case, analyses, outages = world(**WORLDS[name])
    parts = (case, analyses, outages, gaps(case), events(case))
    steps = pd.DataFrame(columns=["entity", "datasource", "time"])
    first = outages.drop_duplicates("entity")
    yield timeline(*parts)
    yield overview(*parts)
    yield onset_times(case, outages, steps)
    yield place_onsets(case, first)
    yield sides(case, first)


@pytest.mark.parametrize("name", WORLDS)
def test_every_colour_is_in_the_key_and_nothing_collides(name):
    for plot in figures_of(name):
        ready = sourced(plot, "Source: made up (CC0 1.0). Times in UTC.")
        assert unexplained(ready.figure) == set(), plot.name
        assert collisions(ready.figure) == [], plot.name
        assert "CC0 1.0" in "".join(text.get_text() for text in ready.figure.texts)


def test_a_colour_without_a_word_is_found():
    case, analyses, outages = world(2, 5)
    plot = timeline(case, analyses, outages, gaps(case), events(case))
    plot.figure.axes[0].axvline(0, color="#123456")
    assert unexplained(plot.figure) == {"#123456"}


def test_a_source_is_said_with_its_terms_and_its_clock():
    case, *_ = world(1, 3)
    sources = [
        {"citation": "IODA, as published", "licence": "CC BY-SA 4.0"},
        {"citation": "see data/SOURCES.md", "licence": "see data/SOURCES.md"},
    ]
    line = source_line(case, sources)
    assert line.startswith("Source: IODA, as published (CC BY-SA 4.0). Made with darkdays.")
    assert "see data" not in line
    assert clock(case) == "Times in UTC unless said; Asia/Tehran is UTC+03:30"
    assert "\n" in wrapped(LONG)
    assert len({wrapped(f"{LONG} {one}") for one in range(12)}) == 12
    assert max(map(len, wrapped(f"{LONG} 7").split("\n"))) <= 26
    assert wrapped("Iran") == "Iran"


@pytest.mark.parametrize("name", sorted(WORLDS.keys() - {"three months"}))
def test_on_a_telephone_nothing_is_small_or_cut_off_and_the_numbers_are_the_same(name):
    case, analyses, outages = world(**WORLDS[name])
    parts = (case, analyses, outages, gaps(case), events(case))
    steps = pd.DataFrame(columns=["entity", "datasource", "time"])
    for make in (
        partial(timeline, *parts),
        partial(overview, *parts),
        partial(onset_times, case, outages, steps),
        partial(onset_times, case, outages.head(0), steps),
        partial(onset_times, case, outages.head(1), steps),
        partial(recovery, case, analyses, stages(outages)),
        partial(excluded_outages, case, bounds(outages)),
    ):
        plot = sourced(make(width=PHONE), clock(case) + ".")
        assert name != "a few days" or plot.data.equals(make().data)
        assert plot.figure.get_figwidth() == PHONE
        assert unexplained(plot.figure) <= GUIDES, plot.name
        assert [*collisions(plot.figure), *beyond(plot.figure)] == [], plot.name


# Lines and shades that a caption explains.
GUIDES = {"#bbbbbb"}


def stages(outages):
    first = outages.drop_duplicates("entity").head(6)
    return first.assign(
        new_ground=True, sustained=True, start=first["recovery"], level_before=0.1, level_after=0.9,
        end=first["recovery"] + pd.Timedelta(hours=2),
    )  # fmt: skip


def bounds(outages):
    first = outages.drop_duplicates("entity").head(3)
    lengths = pd.DataFrame({"hours": [24.0, 168.0], "excluded_from": [0.5, 0.2]})
    return first.merge(lengths, how="cross").assign(found_from_theory=0.3, level=0.95)


def beyond(figure):
    """Return words that are not wholly in the picture, or too small for a telephone."""
    FigureCanvasAgg(figure).draw()
    width, height = figure.get_size_inches() * figure.dpi
    found = []
    hidden = {id(one) for axes in figure.axes for one in ticks_beyond(axes)}
    for text in figure.findobj(Text):
        box = text.get_window_extent()
        if id(text) in hidden or not (text.get_text() and text.get_visible() and box.width):
            continue
        if text.get_fontsize() < SMALLEST:
            found.append((text.get_text(), "small"))
        if box.x0 < -1 or box.x1 > width + 1 or box.y0 < -1 or box.y1 > height + 1:
            found.append((text.get_text(), "cut off"))
    return found


SMALLEST = 8.25
"""Points: 11 CSS pixels."""


def ticks_beyond(axes):
    """Return labels of ticks that matplotlib keeps and does not draw."""
    kept = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        kept += [
            label
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            if not axis.get_visible() or not low <= tick.get_loc() <= high
            for label in (tick.label1, tick.label2)
        ]
    return kept
