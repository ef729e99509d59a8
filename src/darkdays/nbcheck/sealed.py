"""The last item of a notebook: whether its cells are those that were stored with its outputs."""

from __future__ import annotations

from typing import Any

import pytest

from darkdays.nbcheck import seal

STORE_AGAIN = "re-run the notebook and store its outputs"


class BrokenSealError(Exception):
    """Cells of a notebook differ from those that were sealed."""


class Seal(pytest.Item):
    """The check of a notebook's seal; see `darkdays.nbcheck.seal`."""

    def setup(self) -> None:
        """Do nothing: a seal needs no kernel."""

    def runtest(self) -> None:
        """Compare the seal with the notebook as it is.

        Raises
        ------
        BrokenSealError
            With every difference.
        """
        notebook: Any = self.parent
        differences = seal.broken(notebook.nb)
        if differences:
            sentences = (f"Seal: {one}; {STORE_AGAIN}." for one in differences)
            raise BrokenSealError("\n".join(sentences))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Show the sentences only."""
        if isinstance(excinfo.value, BrokenSealError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Name the notebook."""
        return self.path, 0, f"{self.path.name}: Seal"
