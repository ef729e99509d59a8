"""Steps in autoregressive noise of any order, by generalised least squares.

After Cochrane & Orcutt 1949, JASA 44, 32-61; the order by BIC, the coefficients by Yule & Walker.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_ORDER: Final = 7
_STATIONARY: Final = 0.99

Floats = NDArray[np.float64]


def is_stationary(phi: Floats) -> bool:
    """Say whether noise of such coefficients comes back to its level."""
    return bool((np.abs(np.roots([1.0, *-phi])) < _STATIONARY).all())


def residuals(design: Floats, given: Floats) -> Floats:
    """Return what least squares on the columns of a design leave of rows, shape ``(b, n)``."""
    basis = np.linalg.qr(design)[0]
    return np.asarray(given - (given @ basis) @ basis.T)


def _autocovariances(rest: Floats) -> Floats:
    count = rest.shape[1]
    return np.stack(
        [(rest[:, : count - lag] * rest[:, lag:]).sum(axis=1) for lag in range(MOST_ORDER + 1)],
        axis=1,
    )


def _coefficients(sums: Floats, order: int) -> Floats:
    """Solve the Yule-Walker equations of each row, shape ``(b, order)``."""
    lags = np.arange(order)
    matrix = sums[:, np.abs(lags[:, None] - lags)]
    return np.asarray(np.linalg.solve(matrix, sums[:, 1 : order + 1, None])[..., 0])


def preferred_order(rest: Floats, most: int) -> int:
    """Return the order of autoregression that BIC prefers, from 1 to ``most``."""
    sums = _autocovariances(rest[None])
    costs = []
    for order in range(1, most + 1):
        left = sums[0, 0] - _coefficients(sums, order)[0] @ sums[0, 1 : order + 1]
        costs.append(rest.size * np.log(max(left, 1e-300)) + order * np.log(rest.size))
    return 1 + int(np.argmin(costs))


def fitted_steps(
    design: Floats, given: Floats, order: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Fit rows of series by generalised least squares, the noise read from two rounds.

    Parameters
    ----------
    design
        Shape ``(n, 2 + m)``, steps last.
    given
        Shape ``(b, n)``.
    order
        Of the autoregression.

    Returns
    -------
    sizes, errors : numpy.ndarray
        Of the steps, shape ``(b, m)``.
    shocks : numpy.ndarray
        Shape ``(b, n - order)``.
    phi : numpy.ndarray
        Shape ``(b, order)``.
    """
    rest = residuals(design, given)
    lags = range(1, order + 1)
    count = design.shape[0]
    for _ in range(2):
        phi = _coefficients(_autocovariances(rest), order)
        known = design[order:] - sum(
            phi[:, lag - 1, None, None] * design[order - lag : count - lag] for lag in lags
        )
        wanted = given[:, order:] - sum(
            phi[:, lag - 1, None] * given[:, order - lag : count - lag] for lag in lags
        )
        turned = np.swapaxes(known, 1, 2)
        inverse = np.linalg.inv(turned @ known)
        fitted = (inverse @ (turned @ wanted[..., None]))[..., 0]
        rest = given - fitted @ design.T
    shocks = wanted - (known @ fitted[..., None])[..., 0]
    variance = (shocks**2).sum(axis=1) / (count - 2 * order - design.shape[1])
    errors = np.sqrt(variance[:, None] * np.diagonal(inverse, axis1=1, axis2=2))
    return fitted[:, 2:], errors[:, 2:], shocks, phi
