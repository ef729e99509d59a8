"""What was found in anyone's own series, as a document, as tables and as a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.cli.detect import Series
from darkdays.cli.progress import TerminalProgress
from darkdays.detect.answers import Answer, answer, together
from darkdays.detect.changepoints.calendar import Calendar
from darkdays.errors import InputError
from darkdays.files.writing import write_bytes

Rows = list[dict[str, Any]]
_OUTAGE: Final = (
    "onset", "onset_low", "onset_high", "recovery", "recovery_low", "recovery_high",
    "duration", "duration_low", "duration_high", "depth", "depth_low", "depth_high", "kind", "p",
)  # fmt: skip
_METHOD: Final = "Benjamini & Yekutieli"
_DATED: Final = ("time", "index", "size", "low", "high", "p")


def answer_all(
    listed: Sequence[Series], *, level: float, **asked: Any
) -> tuple[list[Answer], NDArray[np.float64]]:
    """Answer every series, and correct the answers over all of them; see :func:`together`."""
    found = []
    many = len(listed) > 1
    with TerminalProgress(["detect"], unit="series") if many else nullcontext() as progress:
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
) -> dict[str, Any]:
    """Return the answers to the series of a file as one JSON document, times in UTC."""
    documents = [_of_one(one, its, level) for one, its in zip(listed, found, strict=True)]
    if len(listed) == 1:
        return {"file": file, **documents[0]}
    rows = [one | {"q": _plain(rate)} for one, rate in zip(documents, rates, strict=True)]
    return {"file": file, "level": level, "corrected_by": _METHOD, "series": rows}


def _of_one(series: Series, found: Answer, level: float) -> dict[str, Any]:
    changes = found.changes
    rows = zip(
        changes.index, changes.times, changes.intervals, changes.p_values, changes.confirmed,
        changes.before, changes.after, strict=True,
    )  # fmt: skip
    excursion = changes.largest_excursion
    return {
        "series": series.name,
        "n": int(series.values.size),
        "missing": _missing(series),
        "level": level,
        "verdict": found.verdict,
        "reason": found.reason,
        "smallest_detectable": _plain(changes.smallest_detectable),
        "largest_excursion": None
        if excursion is None
        else {"value": _plain(excursion[0]), "time": _plain(excursion[1])},
        "changes": [
            {
                "index": int(index),
                "time": _plain(time) if series.times is not None else None,
                "interval": [_plain(low), _plain(high)],
                "p": _plain(p),
                "confirmed": bool(sure),
                "level_before": _plain(before),
                "level_after": _plain(after),
            }
            for index, time, (low, high), p, sure, before, after in rows
        ],
        "outages": [
            {name: _plain(row[name]) for name in _OUTAGE}
            for row in found.outages.to_dict("records")
        ],
        "at": [
            {name: _plain(row[name]) for name in _DATED} for row in found.dated.to_dict("records")
        ],
        "noise": {
            "scale": _plain(changes.noise.scale),
            "autocorrelation": _plain(changes.noise.autocorrelation),
        },
        "remarks": list(found.remarks),
        "notes": list(changes.notes),
    }


def tables(document: dict[str, Any], zone: str) -> list[Rows]:
    """Return what a document lists as rows for people, times in their zone."""
    if isinstance(document["series"], list):
        rows = [_summary(one, zone) for one in document["series"]]
        return [
            rows,
            [
                {"series": one["series"]} | row
                for one in document["series"]
                for row in _dated(one, zone)
            ],
        ]
    changes = [
        {
            "change": _brief(one["index"] if one["time"] is None else one["time"], zone),
            "from": _brief(one["interval"][0], zone),
            "to": _brief(one["interval"][1], zone),
            "before": f"{one['level_before']:.4g}",
            "after": f"{one['level_after']:.4g}",
            "p": f"{one['p']:.1g}",
            "found": "confirmed" if one["confirmed"] else "candidate",
        }
        for one in document["changes"]
    ]
    outages = [
        {
            "down since": _brief(one["onset"], zone) or "before the record",
            "until": _brief(one["recovery"], zone)
            or ("not known" if one["depth"] is None else "after the record"),
            "hours": _bounded(one, "duration", 1),
            "% lost": _bounded(one, "depth", 100),
            "p": f"{one['p']:.1g}",
            "kind": one["kind"],
        }
        for one in document["outages"]
    ]
    return [changes, outages, _dated(document, zone)]


def sentences(document: dict[str, Any], zone: str) -> list[str]:
    """Return the verdict of a document, what bears on it, and its notes."""
    listed = document["series"]
    if isinstance(listed, list):
        counts = Counter(one["verdict"] for one in listed)
        told = ", ".join(f"{verdict}: {count}" for verdict, count in sorted(counts.items()))
        line = (
            f"{told}, of {len(listed)} series, level {document['level']:g} over all of them "
            f"({document['corrected_by']}). Times in {zone}."
        )
        return [line]
    counted = ", ".join(
        f"{len(document[name])} {name if len(document[name]) != 1 else name[:-1]}"
        for name in ("changes", "outages")
    )
    verdict = f"{document['verdict']}: {counted} in {document['n']} samples "
    lines = [f"{verdict}({document['missing']} missing), level {document['level']:g}"]
    if document["smallest_detectable"] is not None:
        lines.append(
            f"A change of {document['smallest_detectable']:.3g} would have been found nineteen "
            "times in twenty, anywhere but at the edges."
        )
    if document["reason"] and not any(document["reason"] in note for note in document["notes"]):
        lines.append(f"Nobody can tell: {document['reason']}")
    if document["largest_excursion"] is not None:
        value, when = document["largest_excursion"].values()
        lines.append(f"Its largest excursion is to {value:.4g} at {_brief(when, zone)}.")
    if any(isinstance(one["time"], str) for one in document["changes"] + document["at"]):
        lines.append(
            f"Times in {zone}; 'from' and 'to' of a change bound the first sample of the new level."
        )
    lines += [*document["remarks"], *document["notes"]]
    return [*lines[:1], *(f"  {line}" for line in lines[1:])]


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


def _summary(document: dict[str, Any], zone: str) -> dict[str, Any]:
    """Return the row of one series among many."""
    times = [one["index"] if one["time"] is None else one["time"] for one in document["changes"]]
    return {
        "series": document["series"],
        "samples": document["n"],
        "verdict": document["verdict"],
        "changes": len(times),
        "first": _brief(times[0], zone) if times else "",
        "outages": len(document["outages"]),
        "q": "" if document["q"] is None else f"{document['q']:.1g}",
    }


def _dated(document: dict[str, Any], zone: str) -> Rows:
    """Return the tests at fixed dates of a document."""
    return [
        {
            "at": _brief(one["time"], zone),
            "step": f"{one['size']:.4g}",
            "from": f"{one['low']:.4g}",
            "to": f"{one['high']:.4g}",
            "p": f"{one['p']:.1g}",
        }
        for one in document["at"]
    ]


def _brief(when: str | int | None, zone: str) -> str:
    """Return an ISO time in a zone to the minute, a position as it is."""
    if not isinstance(when, str):
        return "" if when is None else str(when)
    return f"{pd.Timestamp(when).tz_convert(zone):%Y-%m-%d %H:%M}"


def _bounded(row: dict[str, Any], name: str, unit: int) -> str:
    """Return a number with its bounds, of which the upper may be open."""
    middle, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if low is None:
        return ""
    upper = "or more" if high is None else f"to {unit * high:.3g}"
    return f"{'' if middle is None else f'{unit * middle:.3g} '}({unit * low:.3g} {upper})"


def _missing(series: Series) -> int:
    """Return how many samples there are none of: empty cells, and steps without a row."""
    known = int(np.isfinite(series.values).sum())
    if series.times is None:
        return series.values.size - known
    stamps = series.times.tz_localize(None)
    places = Calendar.of(series.values.size, stamps, "UTC").positions
    return int(places[-1]) + 1 - known


def _plain(value: Any) -> Any:
    """Return what JSON can say: a number to six digits, a time, or null for what is not known."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, (np.datetime64, pd.Timestamp)):
        return f"{pd.Timestamp(value):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return int(value) if isinstance(value, (int, np.integer)) else value
