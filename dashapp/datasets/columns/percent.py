"""Numbers of which only some have a percent sign: 1% beside 0.02."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_HUNDRED = 100.0


def are_fractions(others: NDArray[np.float64]) -> bool:
    """Whether the numbers without a sign can be shares of one, so that those with a sign are a hundredth of what they say."""
    return bool((np.abs(others[np.isfinite(others)]) <= 1).all())


def as_fractions(floats: NDArray[np.float64], percent: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Those with a sign divided by 100."""
    return np.where(percent, floats / _HUNDRED, floats)
