"""Every datasource this version can read: what a value counts, and what an outage does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from darkdays.files.packaged import toml_of


@dataclass(frozen=True)
class Datasource:
    """How something is measured: name, what a value counts, and its usual step.

    Attributes
    ----------
    outage
        What an outage does to it: ``"fall"``; ``"rise"``, towards a ``ceiling`` at which nothing
        gets through; or ``"none"``, if going up or down says nothing of whether it is up.
    least_depth
        Share of the normal level that it has to lose, for it is too coarse to tell less from
        nothing.
    absent_is_zero
        Whether its service leaves out what it counted nothing of, so that an absent bin of a
        complete reply is 0. Of figures that others published nobody knows: there it is missing.
    additive
        Whether season and noise add to its level; those of counts are a share of it.
    """

    name: str
    title: str
    unit: str
    step: pd.Timedelta
    outage: Literal["fall", "rise", "none"] = "fall"
    ceiling: float = np.inf
    additive: bool = False
    least_depth: float = 0.0
    absent_is_zero: bool = False


DATASOURCES: Final[Mapping[str, Datasource]] = {
    name: Datasource(name, **{**stated, "step": pd.Timedelta(stated["step"])})
    for name, stated in toml_of("contracts/datasources.toml").items()
}
"""Datasources this version can read; a case that names another is refused."""
