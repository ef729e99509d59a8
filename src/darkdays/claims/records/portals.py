"""Claims about equipment that can be told by what servers answer: presence, and nothing more."""

from __future__ import annotations

import pandas as pd
import scipy

from darkdays.case.records import PortalFingerprint
from darkdays.claims.judging.verdicts import INCONCLUSIVE, SUPPORTED, Judgement, Number, untested


def portal_fingerprint(
    claim: PortalFingerprint, headers: pd.DataFrame, level: float, *, exactly: bool = False
) -> Judgement:
    """Judge whether a header of that kind was sent at all.

    Parameters
    ----------
    claim
        The claim.
    headers
        Of its tables and its stretch of time, a row a header, as
        :mod:`darkdays.sources.ooni.ooni_headers` reads them.
    level
        Confidence of the interval (Clopper & Pearson 1934).
    exactly
        The text has to be the whole value of the header.
    """
    told = ["measurement_start_time", "probe_asn", "input"]
    measured = headers[told].drop_duplicates()
    if measured.empty:
        return untested(f"the headers {', '.join(claim.headers)} in that time")
    mine = headers[headers["header"].isin(list(claim.headers))]
    values = mine["value"].astype(str)
    hit = values == claim.contains if exactly else values.str.contains(claim.contains, regex=False)
    seen = mine[hit.to_numpy(bool)]
    with_it = len(seen[told].drop_duplicates())
    networks = sorted({f"AS{number}" for number in seen["probe_asn"].dropna()})
    low, high = scipy.stats.binomtest(with_it, len(measured)).proportion_ci(level, method="exact")
    number = Number(
        "measurements_with_it",
        with_it / len(measured),
        "share of measurements",
        float(low),
        float(high),
        n=len(measured),
        note=f"{len(seen)} exchanges, {seen['domain'].nunique()} sites asked for, "
        f"networks: {', '.join(networks) or 'none'}",
    )
    aside = "This is about presence only: it does not say who ordered, ran or bought anything."
    if with_it:
        return Judgement(
            SUPPORTED,
            f"{claim.contains!r} was sent in {with_it} of {len(measured)} measurements read "
            f"({', '.join(networks)}), first on {seen['measurement_start_time'].min():%Y-%m-%d}. "
            f"{aside}",
            "Showing that these answers came from somewhere else than the network measured.",
            (number,),
        )
    return Judgement(
        INCONCLUSIVE,
        f"{claim.contains!r} was sent in none of {len(measured)} measurements read; a share of up "
        f"to {high:.2g} of all measurements is not excluded. {aside}",
        "One measurement with it would support the claim; none contradicts it.",
        (number,),
    )
