"""All that is said of a model on the test rows, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.datasets.dataset import Task
from dashapp.training.result import Scores, Threshold
from dashapp.training.scores import intervals, measures
from dashapp.training.scores.measures import FloatArray
from dashapp.training.scores.verdict import LOPSIDED, Contest, verdict


# Values near 1e308 make some figures infinite; these are left out.
@np.errstate(over="ignore", invalid="ignore")
def measure_test(
    *,
    task: Task,
    labels: Sequence[str],
    y: NDArray[Any],
    output: FloatArray,
    learned_y: NDArray[Any],
    threshold: Threshold | None,
    candidate: str,
    target: str,
    seed: int,
    ties: tuple[str, ...] = (),
) -> Scores:
    """`y` and `output` are those of the test rows, `learned_y` the answers of the rows that were learned from."""
    guess = measures.baseline_output(task, learned_y, len(labels), len(y))
    is_class = task.is_classification
    codes = measures.called(labels, output, threshold) if is_class else None
    guessed = guess.argmax(axis=1) if is_class else guess
    shares = np.bincount(learned_y, minlength=len(labels)) / len(learned_y) if is_class else np.empty(0)
    rarer = measures.rarer(learned_y) if task is Task.BINARY else 1
    metrics = measures.metrics(task, y, output, codes, rarer)
    ranges = intervals.bootstrap(task, y, output, codes=codes, positive=rarer, seed=seed)
    baseline = measures.metrics(task, y, guess, None, rarer)
    said = verdict(
        Contest(
            task=task,
            candidate=candidate,
            target=target,
            rows=len(y),
            metrics=metrics,
            intervals=ranges,
            baseline=baseline,
            gain=intervals.gain(task, y, output if codes is None else codes, guessed, seed),
            commonest=labels[int(shares.argmax())] if is_class else "",
            rarer=labels[rarer] if task is Task.BINARY else "",
            rarer_rows=int((y == rarer).sum()) if task is Task.BINARY else 0,
            is_lopsided=is_class and (threshold is not None or float(shares.max()) > LOPSIDED),
        )
    )
    return Scores(metrics, ranges, baseline, said.sentence, said.is_better, ties)
