"""How well a version does on the predictions whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dashapp.models.model import ModelVersion
from dashapp.serving.ledger.kept import LiveScore
from dashapp.serving.ledger.store.feedback import Judged
from dashapp.training.features import FloatArray
from dashapp.training.scores.intervals import interval

Z = 1.959964
_RESAMPLES, _BLOCKS = 1_000, 2_000


def live_score(version: int, model: ModelVersion | None, judged: Sequence[Judged]) -> LiveScore:
    """Accuracy or RMSE of at least one prediction. Where only a sample was kept each stands for as many as its share says. `model` is
    None where it was deleted."""
    weights = np.array([1 / each.share for each in judged])
    is_number = judged[0].is_number
    name, key = ("RMSE", "rmse") if is_number else ("accuracy", "accuracy")
    if is_number:
        errors = np.array([float(each.prediction) - float(each.actual) for each in judged])
        value, low, high = _rmse(errors, weights)
    else:
        right = np.array([each.prediction == each.actual for each in judged], dtype=np.float64)
        value = float(right @ weights / weights.sum())
        low, high = wilson(value, float(weights.sum() ** 2 / (weights @ weights)))
    return LiveScore(version, name, value, low, high, len(judged), None if model is None else model.metrics.get(key))


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % score interval of a share of `n`: E. B. Wilson, Probable inference, JASA 22 (1927)."""
    middle = share + Z * Z / (2 * n)
    reach = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    low, high = (middle - reach) / (1 + Z * Z / n), (middle + reach) / (1 + Z * Z / n)
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def _rmse(errors: FloatArray, weights: FloatArray) -> tuple[float, float, float]:
    """With a bootstrap interval; of many errors blocks are drawn, put together at random."""
    scale = float(np.abs(errors).max(initial=0.0)) or 1.0
    sums = np.stack([weights * (errors / scale) ** 2, weights])
    value = scale * math.sqrt(sums[0].sum() / sums[1].sum())
    random = np.random.default_rng(0)
    if len(errors) > _BLOCKS:
        block = random.permutation(len(errors)) % _BLOCKS
        sums = np.stack([np.bincount(block, each, _BLOCKS) for each in sums])
    places = sums.shape[1]
    drawn = np.array([sums @ np.bincount(random.integers(0, places, places), minlength=places) for _ in range(_RESAMPLES)])
    return value, *interval(scale * np.sqrt(drawn[:, 0] / drawn[:, 1]), value, len(errors))
