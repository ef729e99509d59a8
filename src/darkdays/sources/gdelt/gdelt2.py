"""GDELT 2.0: the exports of every 15 minutes, read as :mod:`darkdays.sources.gdelt.gdelt` does."""

from __future__ import annotations

from typing import Final

from darkdays.sources.gdelt.gdelt import read, requests
from darkdays.sources.services import service

__all__ = ["SERVICE", "read", "requests"]

SERVICE: Final = service("gdelt2")
