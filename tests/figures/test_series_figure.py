"""The figure of somebody's own series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from darkdays.detect import answer
from darkdays.figures.series import series_with_changes

SPANS = ["40min", "3h", "30h", "3D", "40D", "160D", "400D", "1400D", "5000D", "15000D"]


@pytest.mark.parametrize("span", SPANS)
def test_times_are_named_however_long_a_record_is(span):
    times = pd.date_range("1980-02-28", periods=8, freq=pd.Timedelta(span) / 7)
    values = np.array([5.0, 5, 5, 5, 1, 1, 1, 1])
    plot = series_with_changes("mine", times, values, answer(values, times=times))
    axis = plot.figure.axes[0]
    low, high = axis.get_xlim()
    assert sum(low <= place <= high for place in axis.get_xticks()) >= 2
