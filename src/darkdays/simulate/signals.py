"""Made-up signals in the form of a case's: SIMULATED."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray


def simulated_tree(
    rows: dict[str, NDArray[np.float64]], times: pd.DatetimeIndex, datasource: str = "ioda.bgp"
) -> xr.DataTree:
    """Return simulated signals of one datasource, entity to values, as signals of a case."""
    node = xr.Dataset(
        {"value": (("entity", "time"), np.array(list(rows.values()), np.float64))},
        coords={"entity": np.array(list(rows), dtype=object), "time": times},
        attrs={
            "datasource": datasource,
            "title": "SIMULATED",
            "simulated": True,
            "step_seconds": int((times[1] - times[0]).total_seconds()),
        },
    )
    return xr.DataTree.from_dict({datasource: node})
