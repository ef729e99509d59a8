"""The four words a claim is answered with, which findings, pages and lists read too.

Whoever only shows a verdict needs none of what comes to it.
"""

from __future__ import annotations

from typing import Final

SUPPORTED: Final = "supported"
CONTRADICTED: Final = "contradicted"
INCONCLUSIVE: Final = "inconclusive"
UNTESTED: Final = "untested"
