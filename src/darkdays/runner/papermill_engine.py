"""What papermill finds by the entry point ``papermill.engine``: the engine, when it is used.

papermill imports the engines of all packages that are installed; this one costs it nothing.
"""

from __future__ import annotations

from typing import Any


class _WhenUsed(type):
    def __getattr__(cls, name: str) -> Any:
        from darkdays.runner.engine import WarmEngine

        return getattr(WarmEngine, name)


class Engine(metaclass=_WhenUsed):
    """papermill's engine ``darkdays``, of which nothing is imported before it is asked."""
