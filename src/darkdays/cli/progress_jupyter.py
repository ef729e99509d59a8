"""How far a run has come, inside a Jupyter notebook: a table that follows it and stays."""

from __future__ import annotations

from html import escape
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import HTML, display


def in_a_kernel() -> bool:
    """Tell whether this is a Jupyter kernel, so that what is displayed reaches a notebook."""
    return getattr(get_ipython(), "kernel", None) is not None


class JupyterTable:
    """One row a notebook: how many of its cells have run, and in how many seconds.

    Needs no JavaScript and no widget, so that it is shown wherever the notebook is.

    Parameters
    ----------
    notebooks
        Their names, in the order they will run.
    """

    def __init__(self, notebooks: list[str]) -> None:
        self._rows = dict.fromkeys(notebooks, (0, 0, 0.0))
        self._shown: Any = display(self._as_html(), display_id=True)  # type: ignore[no-untyped-call]

    def show(self, notebook: str, done: int, count: int, seconds: float) -> None:
        """Update the row of a notebook."""
        self._rows[notebook] = done, count, seconds
        self._shown.update(self._as_html())

    def _as_html(self) -> Any:
        rows = "".join(
            f"<tr><td>{escape(name)}</td>"
            f'<td><progress max="{max(count, 1)}" value="{done}" aria-label="{escape(name)}">'
            f"</progress></td><td>{_words(done, count, seconds)}</td></tr>"
            for name, (done, count, seconds) in self._rows.items()
        )
        head = "<tr><th>notebook</th><th>progress</th><th>cells</th></tr>"
        return HTML(f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>")  # type: ignore[no-untyped-call]


def _words(done: int, count: int, seconds: float) -> str:
    return f"{done} of {count}, {seconds:.1f} s" if count else "waiting"
