"""Two answers to the same row, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashapp.errors import InvalidRow
from dashapp.serving.ledger.kept import Difference, KeptPrediction, Replayed
from dashapp.serving.predictor import Predictor, RowPrediction

MOST_SHOWN = 50
SAME_WITHIN = 1e-9
AGREE_WITHIN = 0.01
_TOGETHER = 500


def difference(kept: KeptPrediction, prediction: str | float, probabilities: Mapping[str, float] | None) -> Difference:
    return Difference(kept, prediction, probabilities, _change(kept, prediction, probabilities))


def _change(kept: KeptPrediction, prediction: str | float, probabilities: Mapping[str, float] | None) -> float:
    """The largest change of a probability, or that of the value."""
    before = kept.probabilities
    if before is not None and probabilities is not None:
        return max(abs(probabilities.get(label, 0.0) - before.get(label, 0.0)) for label in {*before, *probabilities})
    if isinstance(kept.prediction, str) or isinstance(prediction, str):
        return float(kept.prediction != prediction)
    return abs(prediction - kept.prediction)


def is_same(each: Difference) -> bool:
    """The same label, or the same value."""
    return each.kept.prediction == each.prediction or (each.probabilities is None and each.change <= SAME_WITHIN)


def agrees(each: Difference) -> bool:
    """The same label, or values within 1 % of each other."""
    mine, other = each.kept.prediction, each.prediction
    if isinstance(mine, str) or isinstance(other, str):
        return mine == other
    return abs(mine - other) <= AGREE_WITHIN * max(abs(mine), abs(other))


def largest(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Those that changed most, other labels before other probabilities."""
    changed = [each for each in differences if each.change > SAME_WITHIN or not is_same(each)]
    return tuple(sorted(changed, key=lambda each: (is_same(each), -each.change))[:MOST_SHOWN])


def replayed(version: int, predictor: Predictor, kept: Sequence[KeptPrediction]) -> Replayed:
    """The kept rows answered once more."""
    found: list[Difference] = []
    for start in range(0, len(kept), _TOGETHER):
        part = kept[start : start + _TOGETHER]
        answers = [*zip(part, answers_of(predictor, [each.inputs for each in part]), strict=True)]
        found += [difference(each, answer.prediction, answer.probabilities) for each, answer in answers if answer is not None]
    return Replayed(
        version=version,
        n=len(found),
        same=sum(map(is_same, found)),
        refused=len(kept) - len(found),
        mean_change=sum(each.change for each in found) / len(found) if found else 0.0,
        differences=largest(found),
    )


def answers_of(predictor: Predictor, rows: Sequence[Mapping[str, Any]]) -> Sequence[RowPrediction | None]:
    """What it says to each row, None to one that does not fit it."""
    try:
        return predictor.predict(rows)
    except InvalidRow:
        return [_answer_of(predictor, row) for row in rows]


def _answer_of(predictor: Predictor, row: Mapping[str, Any]) -> RowPrediction | None:
    try:
        return predictor.predict([row])[0]
    except InvalidRow:
        return None
