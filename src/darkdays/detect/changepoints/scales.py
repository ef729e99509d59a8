"""On which scale a series is noise around levels: as it is, as square roots, or as logarithms.

Counts that multiply have steps and noise that grow with them. Each scale has its density on the
series as given, by the derivative of what it does to a value, so that they can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

_WIDE: Final = 1.5  # a series that stays within this factor looks alike on every scale
_ANSCOMBE: Final = 0.375

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """What is done to values before they are looked at.

    Attributes
    ----------
    name
        ``identity``, ``square root`` or ``logarithm``.
    offset
        Added before a root is taken (Anscombe 1948, Biometrika 35, 246).
    """

    name: Literal["identity", "square root", "logarithm"]
    offset: float = 0.0

    def of(self, values: Floats) -> Floats:
        """Return values on this scale."""
        if self.name == "identity":
            return values
        return np.log(values) if self.name == "logarithm" else np.sqrt(values + self.offset)

    def back(self, scaled: Floats) -> Floats:
        """Return values in their own unit."""
        if self.name == "identity":
            return scaled
        return np.exp(scaled) if self.name == "logarithm" else scaled**2 - self.offset

    def slope(self, values: Floats) -> Floats:
        """Return how much a value on this scale moves with the value."""
        if self.name == "identity":
            return np.ones_like(values)
        return 1 / values if self.name == "logarithm" else 0.5 / np.sqrt(values + self.offset)


IDENTITY: Final = Scale("identity")


def worth_trying(values: Floats, unit: float) -> list[Scale]:
    """Return the scales on which a series may look different.

    Parameters
    ----------
    values
        Measured samples, shape ``(n,)``.
    unit
        What they are rounded to.
    """
    scales = [IDENTITY]
    least, most = float(values.min()), float(values.max())
    if least >= 0 and most >= _WIDE * least:
        offset = max(_ANSCOMBE * unit, 1e-3 * float(np.median(values)))
        if least + offset > 0:
            scales.append(Scale("square root", offset))
        if least > 0:
            scales.append(Scale("logarithm"))
    return scales
