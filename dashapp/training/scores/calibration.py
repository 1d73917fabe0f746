"""Whether a probability of 70 % comes true in 70 of 100 rows, and the one parameter that mends it.

The temperature: Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from dashapp.training.result import Line
from dashapp.training.scores import measures
from dashapp.training.scores.measures import SMALLEST, FloatArray

COOLEST, HOTTEST = 0.25, 4.0
FEWEST_ROWS = 50

_MOST_CELLS = 2_000_000
_BINS, _ROWS_A_BIN = 10, 10
# Twice the gain in log likelihood of a parameter that is not needed exceeds this in one of 20 cases (chi squared, 1 degree).
_NOISE = 3.84
# How much a temperature far from 1 is believed before the rows speak: the standard deviation of its logarithm.
_SPREAD = 0.5


def temperature(y: NDArray[Any], output: FloatArray) -> float:
    """The temperature with the least log loss on outputs for rows that the models had not seen, drawn a little to 1 where these are
    few, to 4 digits; 1 where the rows are fewer than 50 or the gain may be noise. Of many rows, evenly spaced ones are looked at."""
    if len(y) < FEWEST_ROWS:
        return 1.0
    step = -(-output.size // _MOST_CELLS)
    codes, logs = y[::step], np.log(np.clip(output[::step], SMALLEST, None))
    at = np.arange(len(codes))

    def cost(log_temperature: float) -> float:
        surprise = float(-log_softmax(logs * math.exp(-log_temperature), axis=1)[at, codes].sum())
        return surprise + (log_temperature / _SPREAD) ** 2 / 2

    found = minimize_scalar(cost, bounds=(math.log(COOLEST), math.log(HOTTEST)), method="bounded", options={"xatol": 1e-4})
    is_noise = not 2 * (cost(0.0) - float(found.fun)) > _NOISE
    return 1.0 if is_noise else round(min(max(math.exp(float(found.x)), COOLEST), HOTTEST), 4)


def reliability(y: NDArray[Any], output: FloatArray, labels: Sequence[str], rarer: int | None = None) -> tuple[Line, ...]:
    """One line of up to ten bins with equally many rows: x the mean probability, y the share in which it came true.

    Of two classes it is the probability of the rarer (None: the rarer one in `y`), of more that of the class that is called.
    """
    if not len(y):
        return ()
    if output.shape[1] == 2:
        code = measures.rarer(y) if rarer is None else rarer
        return (_line(labels[code], output[:, code], y == code),)
    return (_line("the class that is called", output.max(axis=1), output.argmax(axis=1) == y),)


def error(lines: Sequence[Line]) -> float | None:
    """The expected calibration error: by how much predicted and observed differ in the mean of the rows; None without rows."""
    rows = [count for line in lines for count in line.rows]
    gaps = [abs(x - y) for line in lines for x, y in zip(line.x, line.y, strict=True)]
    return float(np.average(gaps, weights=rows)) if rows else None


def _line(name: str, given: FloatArray, came_true: NDArray[np.bool_]) -> Line:
    """Rows with equal probabilities stay in one bin."""
    bins = int(np.clip(len(given) // _ROWS_A_BIN, 1, _BINS))
    edges = np.unique(np.quantile(given, np.linspace(0, 1, bins + 1)[1:-1], method="higher"))
    at = np.searchsorted(edges, given, "right")
    rows = np.bincount(at, minlength=len(edges) + 1)
    x, y = (np.bincount(at, weights=values, minlength=len(rows))[rows > 0] / rows[rows > 0] for values in (given, came_true))
    return Line(name, tuple(x.tolist()), tuple(y.tolist()), rows=tuple(rows[rows > 0].tolist()))
