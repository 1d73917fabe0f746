"""Which classes are taken for which."""

from __future__ import annotations

import numpy as np

from dashapp.training.result import Confusion
from dashapp.training.why.seen import Seen

MOST_CLASSES = 20


def confusion_of(seen: Seen) -> Confusion:
    """All classes in the order of the labels; of many the largest, and what is left of them as one more."""
    classes = len(seen.labels)
    truth = seen.y.astype(np.intp)
    counts = np.bincount(truth * classes + seen.called, minlength=classes * classes).reshape(classes, classes)
    labels = seen.labels
    if classes > MOST_CLASSES:
        largest = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[: MOST_CLASSES - 1])
        place = np.full(classes, MOST_CLASSES - 1)
        place[largest] = np.arange(MOST_CLASSES - 1)
        merged = np.zeros((MOST_CLASSES, MOST_CLASSES), dtype=counts.dtype)
        np.add.at(merged, (place[:, None], place[None, :]), counts)
        counts, labels = merged, (*(seen.labels[code] for code in largest), _rest(seen.labels))
    return Confusion(tuple(labels), tuple(tuple(int(count) for count in row) for row in counts))


def _rest(labels: tuple[str, ...]) -> str:
    return next(name for name in ("other", "all others", "(all others)") if name not in labels)
