"""The signal contract: runs of equal values become a grid in which nothing is filled in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from darkdays.contracts import signals
from darkdays.contracts.datasources import DATASOURCES
from darkdays.errors import InputError

BGP = DATASOURCES["ioda.bgp"]


def runs(*rows):
    table = pd.DataFrame(rows, columns=["entity", "first", "last", "value"])
    for name in ("first", "last"):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table


def test_a_run_covers_both_its_ends_and_nothing_else():
    node = signals.dataset(
        runs(
            ("asn/1", "2020-01-01 00:00", "2020-01-01 00:10", 7.0),
            ("asn/1", "2020-01-01 00:15", "2020-01-01 00:15", np.nan),
            ("asn/1", "2020-01-01 00:30", "2020-01-01 00:30", 0.0),
        ),
        BGP,
        {},
    )
    values = node["value"].sel(entity="asn/1").values
    assert values[:3].tolist() == [7.0, 7.0, 7.0]
    assert np.isnan(values[3:6]).all()
    assert values[6] == 0.0, "zero is a measurement"
    assert node["coverage"].sel(entity="asn/1").values.tolist() == [0, 0, 0, 1, 2, 2, 0]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("asn/1", "2020-01-01 00:02", "2020-01-01 00:05", 1.0),
          ("asn/1", "2020-01-01 00:00", "2020-01-01 00:00", 1.0)], "off the"),
        ([("asn/1", "2020-01-01 00:10", "2020-01-01 00:05", 1.0),
          ("asn/1", "2020-01-01 00:00", "2020-01-01 00:00", 1.0)], "ends before it begins"),
        ([("asn/1", "2020-01-01 00:00", "2020-01-01 00:10", 1.0),
          ("asn/1", "2020-01-01 00:10", "2020-01-01 00:20", 2.0)], "two runs"),
    ],
)  # fmt: skip
def test_runs_that_cannot_be_are_refused(rows, why):
    with pytest.raises(InputError, match=why):
        signals.dataset(runs(*rows), BGP, {})


values_on_grid = st.lists(
    st.one_of(st.none(), st.integers(0, 1000).map(float)), min_size=1, max_size=30
)


@given(values_on_grid)
def test_what_is_saved_is_what_is_read(tmp_path_factory, values):
    start = pd.Timestamp("2020-01-01", tz="UTC")
    rows = [
        ("asn/1", start + i * BGP.step, start + i * BGP.step, np.nan if v is None else v)
        for i, v in enumerate(values)
    ]
    tree = xr.DataTree.from_dict({BGP.name: signals.dataset(runs(*rows), BGP, {"licence": "x"})})
    path = tmp_path_factory.mktemp("tree") / "signals.nc"
    signals.save(tree, path)
    again = xr.load_datatree(path, engine="h5netcdf")
    assert signals.digest(again) == signals.digest(tree)
    assert again[BGP.name].attrs["licence"] == "x"
    (one,) = signals.each(again)
    assert one.times[0] == start.tz_localize(None)
    assert np.array_equal(one.values, [np.nan if v is None else v for v in values], equal_nan=True)


def test_one_changed_value_changes_the_digest():
    one = runs(("asn/1", "2020-01-01 00:00", "2020-01-01 00:10", 7.0))
    other = runs(("asn/1", "2020-01-01 00:00", "2020-01-01 00:10", 8.0))
    first, second = (
        signals.digest(xr.DataTree.from_dict({BGP.name: signals.dataset(table, BGP, {})}))
        for table in (one, other)
    )
    assert first != second


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "signals.nc"
    path.write_bytes(b"old")

    class Broken:
        def to_netcdf(self, *_args, **_options):
            raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        signals.save(Broken(), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
