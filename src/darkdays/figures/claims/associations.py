"""The figures of verdicts: curves of specifications, and lags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from darkdays.figures.claims.lags import lags
from darkdays.figures.claims.specification_curve import specification_curve
from darkdays.figures.claims.verdict_curves import verdict_curves
from darkdays.figures.plot import Make


def of_verdicts(verdicts: Sequence[Any]) -> Iterator[Make]:
    """Go through the specification curves of all claims, and lags of those about rates.

    Parameters
    ----------
    verdicts
        Of a case, as :func:`darkdays.claims.decide` gives them.
    """
    rates = [one for one in verdicts if one.association is not None]
    others = [
        one
        for one in verdicts
        if one.association is None
        and one.curve is not None
        and one.curve.table["low"].notna().any()
    ]
    for number, one in enumerate(rates):
        # The first has the plain name: most cases have one.
        name = f"-{one.claim.id}" if number else ""
        found = one.association
        family = found.families.size
        yield partial(
            specification_curve,
            one.curve,
            claim=one.claim.statement.removesuffix("."),
            alpha=1 - found.level,
            level=found.level,
            name=f"specification-curve{name}",
            adjusted=f"adjusted in a family of {family} test{'' if family == 1 else 's'}",
        )
        yield partial(lags, found, name=f"lags{name}")
    if others:
        yield partial(verdict_curves, others)
