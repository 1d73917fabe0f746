"""Which trials make up the final model: the best one, or a weighted few where that is better on the validation rows.

Greedy selection with replacement, on several draws of the rows where these are few, so that no handful of rows decides (Caruana et al.,
Ensemble Selection from Libraries of Models, 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashapp.training.features import FloatArray

ROUNDS = 25
MOST_MEMBERS = 6
# With more rows than these a draw of them chooses what all of them choose.
FEW_ROWS, DRAWS = 5_000, 10
# By how many standard errors of the rows' differences a blend must be ahead of a single model, which is simpler.
LEAST_AHEAD = 0.1
# A fit that takes longer than there is time gets fewer rows: the part of a log loss that half as many rows are thought to cost, and of a
# squared error (half as many rows of california_housing cost 15 % of it, and little is lost by them on a million).
A_HALVING, A_HALVING_SQUARED = 0.03, 0.06
_SMALLEST = 1e-15


@dataclass(frozen=True, slots=True)
class Contender:
    """`output` is the probability of the truth, or the value, for each validation row; `trees` and `fit_s` are what it costs in
    the final model."""

    output: FloatArray
    trees: int
    fit_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a blend, not of a single model; `threads` fit members side by side."""

    trees: int
    fit_s: float
    threads: int = 1


def blended(contenders: Sequence[Contender], y: FloatArray | None, limits: Limits) -> tuple[tuple[int, float], ...]:
    """Places of the chosen with their weights, the heaviest first; `y` are the values of a regression. The best alone where a blend
    is ahead by no more than noise."""
    outputs = np.array([each.output for each in contenders])
    best = int((_losses(outputs, y).mean(axis=1) * _with_fewer_rows(contenders, y, limits)).argmin())
    weights = _affordable(_drawn(contenders, outputs, y, limits), contenders, limits)
    if len(weights) > 1:
        mean = sum((weight * contenders[place].output for place, weight in weights.items()), np.zeros_like(contenders[best].output))
        ahead = _losses(contenders[best].output, y) - _losses(mean, y)
        if ahead.mean() > LEAST_AHEAD * ahead.std() / np.sqrt(len(ahead)):
            return tuple(sorted(weights.items(), key=lambda item: -item[1]))
    return ((best, 1.0),)


def fit_time(seconds: Sequence[float], threads: int) -> float:
    """Seconds that fits take side by side."""
    return max([*seconds, sum(seconds) / threads]) if seconds else 0.0


def _drawn(contenders: Sequence[Contender], outputs: FloatArray, y: FloatArray | None, limits: Limits) -> dict[int, float]:
    """The mean weight of each over the draws; a row counts in a draw as often as it was drawn."""
    rows = outputs.shape[1]
    random = np.random.default_rng(0)
    draws = [random.multinomial(rows, np.full(rows, 1 / rows)) for _ in range(DRAWS)] if rows <= FEW_ROWS else [np.ones(rows)]
    weights: dict[int, float] = {}
    for often in draws:
        chosen = _selected(contenders, outputs, y, limits, np.asarray(often, dtype=np.float64) / rows)
        for place in chosen:
            weights[place] = weights.get(place, 0.0) + 1 / (len(chosen) * len(draws))
    return weights


def _selected(contenders: Sequence[Contender], outputs: FloatArray, y: FloatArray | None, limits: Limits, shares: FloatArray) -> list[int]:
    """Places, one as often as it was taken, up to the round where their mean was the best; `shares` `[n]` is what each row counts."""
    losses = _losses(outputs, y) @ shares
    taken = [int((losses * _with_fewer_rows(contenders, y, limits)).argmin())]
    total = outputs[taken[0]].copy()
    least, kept = float(losses[taken[0]]), taken.copy()
    for size in range(2, ROUNDS + 1):
        allowed = [place for place in range(len(contenders)) if place in taken or _is_affordable(contenders, {*taken, place}, limits)]
        losses = _losses((total + outputs[allowed]) / size, y) @ shares
        place = allowed[int(losses.argmin())]
        taken.append(place)
        total += outputs[place]
        if losses.min() < least:
            least, kept = float(losses.min()), taken.copy()
    return kept


def _with_fewer_rows(contenders: Sequence[Contender], y: FloatArray | None, limits: Limits) -> FloatArray:
    """What to multiply losses by for the rows that each would have to do without."""
    halvings = np.log2(np.maximum(1.0, [each.fit_s / max(limits.fit_s, _SMALLEST) for each in contenders]))
    return np.asarray(1.0 + (A_HALVING if y is None else A_HALVING_SQUARED) * halvings)


def _affordable(weights: dict[int, float], contenders: Sequence[Contender], limits: Limits) -> dict[int, float]:
    """The heaviest that can be had together, their weights adding up to 1."""
    kept: list[int] = []
    for place in sorted(weights, key=lambda place: -weights[place]):
        if not kept or _is_affordable(contenders, {*kept, place}, limits):
            kept.append(place)
    total = sum(weights[place] for place in kept)
    return {place: weights[place] / total for place in kept}


def _is_affordable(contenders: Sequence[Contender], places: set[int], limits: Limits) -> bool:
    chosen = [contenders[place] for place in places]
    is_small = len(chosen) <= MOST_MEMBERS and sum(each.trees for each in chosen) <= limits.trees
    return is_small and fit_time([each.fit_s for each in chosen], limits.threads) <= limits.fit_s


def _losses(output: FloatArray, y: FloatArray | None) -> FloatArray:
    return np.asarray(-np.log(np.maximum(output, _SMALLEST)) if y is None else (output - y) ** 2)
