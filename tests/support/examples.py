"""How many examples a property is tried on: few while somebody waits, many in the whole check."""

from __future__ import annotations

from hypothesis import settings

MANY = 100
"""What the numbers stated beside the properties refer to: hypothesis' own default."""
LEAST = 4


def examples(count):
    """Return the share of ``count`` that the profile asks for, see ``conftest.py``."""
    return max(min(LEAST, count), count * settings.default.max_examples // MANY)
