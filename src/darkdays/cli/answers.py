"""What was found in anyone's own series, as a document, as tables and as a figure."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.cli.detect import Series
from darkdays.cli.progress import TerminalProgress
from darkdays.detect.answers import Answer, answer, together
from darkdays.detect.baseline.calendar import Calendar
from darkdays.detect.compiled.kernel import say_when_compiling
from darkdays.errors import InputError
from darkdays.files.writing import write_bytes

Row = dict[str, Any]
_TIME: Final = re.compile(r"[0-9]{4}-[0-9T:-]+Z")
_METHOD: Final = "Benjamini & Yekutieli"
_OUTAGE: Final = (
    "onset", "onset_low", "onset_high", "recovery", "recovery_low", "recovery_high",
    "duration", "duration_low", "duration_high", "depth", "depth_low", "depth_high", "kind", "p",
)  # fmt: skip
_DATED: Final = {"at": "time", "step": "size", "from": "low", "to": "high", "p": "p"}


def answer_all(
    listed: Sequence[Series], *, level: float, **asked: Any
) -> tuple[list[Answer], NDArray[np.float64]]:
    """Answer every series, and correct the answers over all of them; see :func:`together`."""
    found = []
    many = len(listed) > 1
    with TerminalProgress(["detect"], unit="series") if many else nullcontext() as progress:
        say_when_compiling(sys.stderr.write if progress is None else progress.say)
        for number, one in enumerate(listed, start=1):
            found.append(answer(one.values, times=one.times, level=level, **asked))
            if progress is not None:
                progress("detect", number, len(listed))
    return together(found, level) if many else (found, np.full(1, np.nan))


def as_document(
    file: str,
    listed: Sequence[Series],
    found: Sequence[Answer],
    rates: NDArray[np.float64],
    level: float,
) -> Row:
    """Return the answers to the series of a file as one JSON document, times in UTC."""
    rows = [_of_one(one, its, level) for one, its in zip(listed, found, strict=True)]
    if len(rows) == 1:
        return {"file": file, **rows[0]}
    rows = [row | {"q": _plain(rate)} for row, rate in zip(rows, rates, strict=True)]
    return {"file": file, "level": level, "corrected_by": _METHOD, "series": rows}


def _of_one(series: Series, found: Answer, level: float) -> Row:
    said = found.changes
    changes = {
        "index": said.index,
        "time": said.times if series.times is not None else [None] * len(said),
        "interval": [[_plain(low), _plain(high)] for low, high in said.intervals],
        "p": said.p_values,
        "confirmed": said.confirmed,
        "level_before": said.before,
        "level_after": said.after,
    }
    excursion = dict(
        zip(("value", "time"), map(_plain, said.largest_excursion or ()), strict=False)
    )
    return {
        "series": series.name,
        "n": int(series.values.size),
        "missing": _missing(series),
        "level": level,
        "verdict": found.verdict,
        "reason": found.reason,
        "smallest_detectable": _plain(said.smallest_detectable),
        "largest_excursion": excursion or None,
        "changes": _rows(pd.DataFrame(changes)),
        "outages": _rows(found.outages[list(_OUTAGE)]),
        "at": _rows(found.dated),
        "noise": {
            "scale": _plain(said.noise.scale),
            "autocorrelation": _plain(said.noise.autocorrelation),
        },
        "remarks": list(found.remarks),
        "notes": list(said.notes),
    }


def tables(document: Row, zone: str) -> list[list[Row]]:
    """Return what a document lists as rows for people, times in their zone."""
    if isinstance(document["series"], list):
        dated = [
            {"series": one["series"]} | {title: one_of[key] for title, key in _DATED.items()}
            for one in document["series"]
            for one_of in one["at"]
        ]
        rows = [[_summary(one) for one in document["series"]], dated]
    else:
        changes = [
            {
                "change": one["index"] if one["time"] is None else one["time"],
                "from": one["interval"][0],
                "to": one["interval"][1],
                "before": one["level_before"],
                "after": one["level_after"],
                "p": one["p"],
                "found": "confirmed" if one["confirmed"] else "candidate",
            }
            for one in document["changes"]
        ]
        outages = [
            {
                "down since": one["onset"] or "before the record",
                "until": one["recovery"]
                or ("not known" if one["depth"] is None else "the record's end"),
                "hours": _bounded(one, "duration", 1),
                "% lost": _bounded(one, "depth", 100),
                "p": one["p"],
                "kind": one["kind"],
            }
            for one in document["outages"]
        ]
        dated = [{title: one[key] for title, key in _DATED.items()} for one in document["at"]]
        rows = [changes, outages, dated]
    return [
        [{title: _cell(title, cell, zone) for title, cell in row.items()} for row in one]
        for one in rows
    ]


def sentences(document: Row, zone: str) -> Iterator[str]:
    """Go through what a document says: the verdict, what bears on it, and notes."""
    listed = document["series"]
    if isinstance(listed, list):
        counts = Counter(one["verdict"] for one in listed)
        told = ", ".join(f"{verdict}: {count}" for verdict, count in sorted(counts.items()))
        yield (
            f"{told}, of {len(listed)} series, level {document['level']:g} over all of them "
            f"({document['corrected_by']}). Times in {zone}."
        )
        return
    counted = ", ".join(
        f"{len(document[name])} {name if len(document[name]) != 1 else name[:-1]}"
        for name in ("changes", "outages")
    )
    yield (
        f"{document['verdict']}: {counted} in {document['n']} samples "
        f"({document['missing']} missing), level {document['level']:g}"
    )
    if document["smallest_detectable"] is not None:
        yield (
            f"  A change of {document['smallest_detectable']:.3g} would have been found nineteen "
            "times in twenty, anywhere but at the edges."
            if document["smallest_detectable"]
            else "  Any change that lasts would have been found."
        )
    if document["reason"] and not any(document["reason"] in note for note in document["notes"]):
        yield f"  Nobody can tell: {document['reason']}"
    if document["largest_excursion"] is not None:
        value, when = document["largest_excursion"].values()
        yield f"  Its largest excursion is to {value:.4g} at {_cell('', when, zone)}."
    if any(isinstance(one["time"], str) for one in document["changes"] + document["at"]):
        yield f"  Times in {zone}; 'from' and 'to' bound the first sample of a new level."
    for note in (*document["remarks"], *document["notes"]):
        yield f"  {note}"


def picture_kind(path: Path) -> str:
    """Return the kind of picture a path asks for.

    Raises
    ------
    InputError
        If its ending is not .png or .svg.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in {"png", "svg"}:
        raise InputError(f"{path} is not a picture I can draw; end it in .png or .svg.")
    return kind


def draw(series: Series, found: Answer, path: Path, kind: str) -> None:
    """Draw a series with its changes and outages into a file."""
    from darkdays.figures.series import series_with_changes

    plot = series_with_changes(series.name, series.times, series.values, found)
    write_bytes(path, plot.rendered(kind))


def _summary(document: Row) -> Row:
    """Return the row of one series among many."""
    times = [one["index"] if one["time"] is None else one["time"] for one in document["changes"]]
    return {
        "series": document["series"],
        "samples": document["n"],
        "verdict": document["verdict"],
        "changes": len(times),
        "first": times[0] if times else None,
        "outages": len(document["outages"]),
        "q": document["q"],
    }


def _cell(title: str, value: Any, zone: str) -> str:
    """Return a cell for people: a time in their zone, p-values short, numbers to four digits."""
    if isinstance(value, float):
        return f"{value:.1g}" if title in {"p", "q"} else f"{value:.4g}"
    if isinstance(value, str) and _TIME.fullmatch(value):
        return f"{pd.Timestamp(value).tz_convert(zone):%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def _bounded(row: Row, name: str, unit: int) -> str:
    """Return a number with its bounds, of which the upper may be open."""
    middle, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if low is None:
        return ""
    upper = "or more" if high is None else f"to {unit * high:.3g}"
    return f"{'' if middle is None else f'{unit * middle:.3g} '}({unit * low:.3g} {upper})"


def _missing(series: Series) -> int:
    """Return how many samples there are none of: empty cells, and steps without a row."""
    stamps = None if series.times is None else series.times.tz_localize(None)
    places = Calendar.of(series.values.size, stamps, "UTC").positions
    return int(places[-1]) + 1 - int(np.isfinite(series.values).sum())


def _rows(table: pd.DataFrame) -> list[Row]:
    return [
        {str(key): _plain(cell) for key, cell in row.items()} for row in table.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """Return what JSON can say: a number to six digits, a time, or null for what is not known."""
    if isinstance(value, (np.datetime64, pd.Timestamp)):
        return f"{pd.Timestamp(value):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    if isinstance(value, np.generic):
        return value.item()
    return None if value is pd.NaT else value
