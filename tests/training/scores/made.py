"""Outputs of models that know how sure they may be: two classes whose scores are normal, and many."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pair = tuple[NDArray[Any], NDArray[np.float64]]


def of_two(rows: int, share: float, apart: float, seed: int, sureness: float = 1.0) -> Pair:
    """`share` of code 1; with a `sureness` of 1 the probabilities are the true ones, above it they are too far from 0.5."""
    random = np.random.default_rng(seed)
    y = (random.random(rows) < share).astype(int)
    log_odds = apart * (y * apart + random.normal(size=rows)) - apart**2 / 2 + np.log(share / (1 - share))
    given = 1 / (1 + np.exp(-sureness * log_odds))
    return y, np.column_stack([1 - given, given])


def of_many(rows: int, classes: int, apart: float, seed: int) -> Pair:
    random = np.random.default_rng(seed)
    y = random.integers(0, classes, rows)
    log_odds = random.normal(size=(rows, classes))
    log_odds[np.arange(rows), y] += apart
    raised = np.exp(log_odds * max(apart, 1.0))
    return y, raised / raised.sum(axis=1, keepdims=True)


def of_values(rows: int, noise: float, seed: int) -> Pair:
    random = np.random.default_rng(seed)
    predicted = random.normal(10, 3, rows)
    return predicted + random.normal(0, noise, rows), predicted
