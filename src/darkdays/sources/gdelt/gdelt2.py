"""GDELT 2.0: the exports of every 15 minutes, read as :mod:`darkdays.sources.gdelt.gdelt` does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from darkdays.sources.gdelt import gdelt
from darkdays.sources.gdelt.gdelt import read, requests

__all__ = ["SERVICE", "read", "requests"]

SERVICE: Final = replace(
    gdelt.SERVICE, name="gdelt2", base_url="http://data.gdeltproject.org/gdeltv2"
)
