"""What was assumed of a series, a sentence each, so that its owner can object."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from darkdays.detect.changepoints.description import Model
from darkdays.detect.segmentation.likelihood import GAUSSIAN


def of_record(series: NDArray[np.float64], stamps: pd.DatetimeIndex | None) -> list[str]:
    """Return sentences about step and gaps.

    Parameters
    ----------
    series
        As given, NaN where missing, shape ``(n,)``.
    stamps
        Its times, None if it has none.
    """
    missing = np.isnan(series)
    sentences = []
    if stamps is None or stamps.size < 2:
        sentences.append("Step: samples are taken to follow each other evenly.")
    else:
        between = np.diff(stamps.values)
        step = np.median(between)
        uneven = int((between % step != np.timedelta64(0)).sum())
        skipped = int((between // step - 1).clip(0).sum()) if not uneven else 0
        sentences.append(f"Step: {_length(pd.Timedelta(step))} from sample to sample.")
        if uneven:
            sentences.append(
                f"Times: {uneven} steps are no multiple of that; the noise is judged in the order "
                "of the samples, whatever lies between them."
            )
        if skipped:
            sentences.append(f"Gaps: {skipped} steps have no row at all; they count as missing.")
    if missing.any():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], missing, [0]])))
        longest = int((edges[1::2] - edges[::2]).max())
        sentences.append(
            f"Gaps: of {missing.size} values {int(missing.sum())} are missing, at most {longest} "
            "in a row; they are left out, never filled in, and widen the bounds beside them."
        )
    return sentences


def of_model(model: Model, *, may_hide_a_year: bool) -> list[str]:
    """Return sentences about scale, season, trend and noise of a model.

    Parameters
    ----------
    model
        Of the series.
    may_hide_a_year
        Whether the record is too short to show the season of a year that it may have.
    """
    sentences = []
    if model.scale.name != "identity":
        sentences.append(f"Scale: the {model.scale.name} of the values, which its noise keeps to.")
    if model.cycles:
        what = " and that of ".join(model.cycles)
        sentences.append(f"Season: that of {what} was found and taken out.")
    if may_hide_a_year and "a year" not in model.cycles:
        sentences.append(
            "Season: that of a year, which less than two years cannot show, is not accounted for; "
            "a change found, or a date tested, may be one."
        )
    if model.noise == "walk":
        sentences.append(
            "Trend: the series wanders by itself; only changes of its drift, and steps that stand "
            "out from all others, are told."
        )
    elif model.noise == "memory":
        sentences.append("Noise: of long memory, whose means wander.")
    elif model.edges.size == 2 and model.kinds[0] > 0:
        sentences.append("Trend: one slow trend over the whole record; it is not a change.")
    elif model.kinds.any():
        sentences.append("Trend: segments may slope, so that a change may be one of slope only.")
    else:
        sentences.append("Trend: none; every segment keeps one level.")
    tails = "heavy-tailed" if model.freedom > GAUSSIAN else "normal"
    sentences.append(f"Noise: autocorrelation {model.phi:.2g}, {tails}.")
    return sentences


def _length(step: pd.Timedelta) -> str:
    seconds = step.total_seconds()
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds:g} s"
