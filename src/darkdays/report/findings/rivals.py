"""The part of a report about what else an outage could have been."""

from __future__ import annotations

from typing import Any

import pandas as pd

from darkdays.correlate.rivals.rival_features import CAUSES
from darkdays.evidence.explanations import WOULD_TELL, Explained


def rivals_document(explained: Explained) -> dict[str, Any]:
    """Return the weighing of an outage, chances and weights to three decimals.

    ``weights`` are natural logarithms of how much more likely a feature is under a shutdown than
    under each rival; none for a feature that is not known.
    """
    found = explained.weighing
    return {
        "entity": explained.entity,
        "verdict": found.verdict,
        "because": found.because,
        "not_excluded": list(found.not_excluded),
        "reported": list(explained.reported),
        "would_tell": [WOULD_TELL[name] for name in explained.unknown],
        "chances": {cause: round(found.chances[cause], 3) for cause in CAUSES},
        "features": [
            {
                "feature": row["feature"],
                "value": row["value"],
                "weights": {rival: _weight(row[f"against {rival}"]) for rival in CAUSES[1:]},
                "basis": row["basis"],
                "reason": row["reason"],
            }
            for row in found.table.to_dict("records")
        ],
    }


def _weight(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 3)
