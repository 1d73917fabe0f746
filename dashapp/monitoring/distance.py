"""How far two laws are from each other: from 0 (the same) to 1 (nothing in common), with an interval that holds for any law.

The distance is the largest difference between the shares of rows that the two give to a set of values. For labels that is any set
(the total variation distance); for values with an order it is any range (Kuiper's statistic), as all sets would tell any two samples of
numbers apart. So both mean the same: the part of the rows that would have to be others. A missing value is a value of its own, in both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_MEAN_OF_SIZE = math.sqrt(2 / math.pi)
_SQUARED_NOISE = math.pi**2 / 6


@dataclass(frozen=True, slots=True)
class Distance:
    """`effect` has the bias of small samples taken off; the interval is from `low` to `high`."""

    effect: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of how many rows the live and the training's law are known, and the `risk` that the interval may take to miss the truth."""

    live: float
    training: float
    risk: float

    @property
    def both(self) -> float:
        """As many rows of one law against another that is known exactly are as uncertain."""
        return 1 / (1 / self.live + 1 / self.training)


def effective_rows(weights: FloatArray) -> float:
    """How many rows of equal weight are as uncertain (Kish)."""
    return float(weights.sum() ** 2 / (weights @ weights)) if len(weights) else 0.0


def of_ranges(live: FloatArray, training: FloatArray, sizes: Sizes) -> tuple[Distance, tuple[int, int]]:
    """Of the shares of rows up to the same ascending values, and the two places between which the shares differ most (the first
    excluded; -1 is before all values).

    Two laws may be the same where Kuiper's statistic, with Stephens' correction (Biometrika 52, 1965), may come from chance. Where it can
    not, it is about as uncertain as the share of rows in a single range, and a share is most uncertain where it is a half.
    """
    difference = np.concatenate([[0.0], live - training])
    first, last = sorted((int(difference.argmin()), int(difference.argmax())))
    found = abs(float(difference[last] - difference[first]))
    if first < last:  # of the ranges that differ as much the narrowest
        first += int(np.flatnonzero(np.isclose(difference[first:last], difference[first], rtol=0, atol=1e-12))[-1])
    root = math.sqrt(sizes.both)
    effect = math.sqrt(max(0.0, found * found - _SQUARED_NOISE / sizes.both))
    reach = NormalDist().inv_cdf(1 - sizes.risk / 2) / (2 * root)
    is_chance = found * (root + 0.155 + 0.24 / root) < _chance(sizes.risk)
    return _bounded(effect, 0.0 if is_chance else effect - reach, found + reach), (first - 1, last - 1)


def of_labels(live: FloatArray, training: FloatArray, sizes: Sizes) -> Distance:
    """Of the shares of rows with each label.

    The distance of two samples is too large by at most the mean size of the noise; from its mean it is far with a probability that
    McDiarmid's inequality bounds, however many labels there are (Surveys in Combinatorics, 1989).
    """
    found = float(np.abs(live - training).sum()) / 2
    spread = live * (1 - live) / sizes.live + training * (1 - training) / sizes.training
    noise = np.sqrt(np.maximum(spread, 0.0))  # shares that were added up may come to a little more than 1
    bias = _MEAN_OF_SIZE * float(noise.sum()) / 2
    reach = math.sqrt(math.log(2 / sizes.risk) / (2 * sizes.both))
    return _bounded(math.sqrt(max(0.0, found * found - bias * bias)), found - bias - reach, found + reach)


def of_new_labels(share: float, single: float, sizes: Sizes) -> Distance:
    """How much larger the `share` of live rows with a label that was not in the training is than it would be anyway: that is the share
    of the training's rows whose label is a `single` one (I. J. Good, Biometrika 40, 1953), and a row can change that by two."""
    found = share - single
    reach = math.sqrt(math.log(2 / sizes.risk) / 2 * (1 / sizes.live + 4 / sizes.training))
    return _bounded(max(0.0, found), found - reach, found + reach)


def _bounded(effect: float, low: float, high: float) -> Distance:
    effect = min(1.0, effect)
    return Distance(effect, min(max(0.0, low), effect), min(max(high, effect), 1.0))


@cache
def _chance(risk: float) -> float:
    """What the square root of n times Kuiper's statistic of two equal laws exceeds with this probability."""
    low, high = 0.7, 10.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(middle) > risk else (low, middle)
    return high


def _tail(reach: float) -> float:
    squares = ((number * reach) ** 2 for number in range(1, 30))
    return 2 * sum((4 * square - 1) * math.exp(-2 * square) for square in squares)
