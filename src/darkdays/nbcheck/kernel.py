"""nbval's running kernel, and the messages nbval does not understand."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from queue import Empty
from typing import Any

from nbformat import from_dict
from nbval.kernel import RunningKernel

_UPDATED = ("data", "metadata")  # of a display
_HEARTBEAT = 1.0  # seconds between two looks at whether the kernel still lives


class KernelDiedError(Exception):
    """The kernel's process ended while a cell was running."""


class WatchedKernel(RunningKernel):  # type: ignore[misc]
    """A running kernel whose death is noticed at once, not when the cell times out."""

    def __init__(self, started: Any) -> None:
        self.km, self.kc = started.km, started.kc

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Wait for the end of a cell, `timeout` seconds at most.

        Raises
        ------
        KernelDiedError
            If the kernel's process has ended.
        queue.Empty
            If the time is over.
        """
        limit = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _HEARTBEAT if limit is None else min(_HEARTBEAT, limit - time.monotonic())
            try:
                super().await_reply(msg_id, timeout=max(left, 0))
            except Empty:
                if not self.is_alive():
                    raise KernelDiedError from None
                if limit is not None and time.monotonic() >= limit:
                    raise
            else:
                return


class LiveOutputs:
    """Does to a run's outputs what Jupyter does: clears them, and updates displays.

    Progress bars use both; a notebook stores only what was left in the end.
    """

    def __init__(self) -> None:
        self._shown: dict[str, list[tuple[dict[str, Any], ...]]] = {}
        self._clear_before_next = False

    def consume(self, message: MutableMapping[str, Any], outputs: list[Any]) -> bool:
        """Apply a message to the outputs so far; tell whether it was one nbval ignores."""
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._clear_before_next = content.get("wait", False)
            if not self._clear_before_next:
                outputs.clear()
            return True
        display = (content.get("transient") or {}).get("display_id", "")
        if kind == "update_display_data":
            for shown in self._shown.get(display, []):
                for part, name in zip(shown, _UPDATED, strict=True):
                    part.clear()
                    part.update(content.get(name, {}))
            return True
        if kind in {"display_data", "execute_result", "stream", "error"}:
            if self._clear_before_next:
                outputs.clear()
            self._clear_before_next = False
        if display and "data" in content:
            # nbval keeps a NotebookNode as it is, so that an update reaches its output
            for name in _UPDATED:
                content[name] = from_dict(content.get(name, {}))  # type: ignore[no-untyped-call]
            parts = tuple(content[name] for name in _UPDATED)
            self._shown.setdefault(display, []).append(parts)
        return False
