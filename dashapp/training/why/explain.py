"""The whole explanation within an allowance of time: what is most wanted and cheapest comes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.features import FloatArray, records
from dashapp.training.result import Explanation, Threshold
from dashapp.training.run import InputColumn
from dashapp.training.why.confusion import confusion_of
from dashapp.training.why.curves import roc_and_precision_recall
from dashapp.training.why.effects import column_effects
from dashapp.training.why.importance import column_importances
from dashapp.training.why.mixing import Predict
from dashapp.training.why.residuals import residual_pairs
from dashapp.training.why.row import EVALUATIONS, draw_background, evaluations_needed, row_reasons
from dashapp.training.why.seen import Seen
from dashapp.training.why.slices import error_slices
from dashapp.training.why.watch import Watch
from dashapp.training.why.worst import worst_positions, worst_rows

MOST_EFFECTS = 6
_LEAST_PREDICTED = 200
_BACKGROUND_SAMPLE = 1_000


def explain(
    *,
    task: Task,
    labels: tuple[str, ...],
    inputs: tuple[InputColumn, ...],
    predict: Predict,
    frame: pd.DataFrame,
    y: NDArray[Any],
    rows: NDArray[Any],
    background: pd.DataFrame,
    threshold: Threshold | None,
    seconds: float,
    seed: int,
    tell: Callable[[str, float], None],
    output: FloatArray | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Explanation:
    """Explain `predict` on the test rows `frame` (their truth `y`, their positions in the table `rows`) in about `seconds`.

    `output` is what `predict` says of `frame` where that is known already: it saves a prediction of all test rows. What `tell`
    raises goes through, so that a training can be stopped here; a part that runs out of memory or numbers is named in `skipped`.
    `calibration` stays empty.
    """
    if frame.empty:
        return Explanation(skipped=("There are no test rows to explain the model on.",))
    watch = Watch(predict, len(inputs), seconds, clock, tell)
    watch.begin("Measuring how fast the model predicts", 0.0, 0.02)
    watch.measure(frame)
    seen, skipped = _predicted(Seen(task, labels, inputs, threshold, frame, y, np.empty(0), rows), watch, output, seed)
    work = _Work(seen, watch, background, seed)
    found = Explanation(skipped=skipped)
    for what, step in (
        ("The figures of the test rows", work.figures),
        ("How much each column matters", work.importances),
        ("The effects of the columns", work.effects),
        ("The errors by slice", work.slices),
        ("The reasons for single rows", work.reasons),
    ):
        try:
            with np.errstate(all="ignore"):
                found = step(found)
        except (MemoryError, ArithmeticError, ValueError) as error:
            found = _with(found, (f"{what} could not be computed: {str(error) or type(error).__name__}.",))
    watch.begin("The model is explained", 1.0, 1.0)
    return _finite(found)


def _predicted(seen: Seen, watch: Watch, output: FloatArray | None, seed: int) -> tuple[Seen, tuple[str, ...]]:
    """The test rows with their outputs: all where these are known or a quarter of the allowance is enough, else a part of them."""
    if output is not None:
        return replace(seen, output=np.nan_to_num(np.asarray(output, dtype=np.float64))), ()
    watch.begin("Predicting the test rows", 0.02, 0.15)
    deadline, count, done = watch.deadline(0.25), len(seen), 0
    order = np.random.default_rng(seed).permutation(count)
    parts: list[FloatArray] = []
    while done < count and (done < _LEAST_PREDICTED or watch.left(deadline) > 0):
        size = min(watch.at_once, max(_LEAST_PREDICTED, watch.rows_in(watch.left(deadline))))
        parts.append(watch.predict(seen.frame.iloc[order[done : done + size]]))
        done = min(count, done + size)
        watch.say(f"Predicted {done:,} of {count:,} test rows", done / count)
    back = np.argsort(order[:done])
    output = np.concatenate(parts)[back]
    if done == count:
        return replace(seen, output=output), ()
    at = order[:done][back]
    late = f"The figures here are of {done:,} of the {count:,} test rows: the time did not suffice for all."
    return replace(seen, frame=seen.frame.iloc[at], y=seen.y[at], output=output, rows=seen.rows[at]), (late,)


@dataclass(frozen=True, slots=True)
class _Work:
    """The steps in their order: each returns the explanation with its part of it filled in."""

    seen: Seen
    watch: Watch
    background: pd.DataFrame
    seed: int

    def figures(self, found: Explanation) -> Explanation:
        """All that needs no further prediction."""
        self.watch.begin("Comparing truth and prediction", 0.15, 0.2)
        found = replace(found, worst=worst_rows(self.seen))
        if not self.seen.task.is_classification:
            return replace(found, residuals=residual_pairs(self.seen, self.seed))
        roc, precision_recall = roc_and_precision_recall(self.seen)
        return replace(found, confusion=confusion_of(self.seen), roc=roc, precision_recall=precision_recall)

    def importances(self, found: Explanation) -> Explanation:
        self.watch.begin("Shuffling columns to see how much they matter", 0.2, 0.5)
        importances, skipped = column_importances(self.seen, self.watch, self.watch.deadline(0.5), self.seed)
        return _with(replace(found, importances=importances), skipped)

    def effects(self, found: Explanation) -> Explanation:
        self.watch.begin("Measuring the effects of the columns", 0.5, 0.75)
        columns = [column for column in self._by_importance(found, helpful=True) if column.kind is not ColumnKind.TEXT]
        effects, skipped = column_effects(self.seen, columns[:MOST_EFFECTS], self.watch, self.watch.deadline(0.45), self.seed)
        return _with(replace(found, effects=effects), skipped)

    def slices(self, found: Explanation) -> Explanation:
        self.watch.begin("Looking for rows where the model errs more", 0.75, 0.85)
        columns = self._by_importance(found, helpful=False)
        slices, skipped = error_slices(self.seen, columns, self.watch, self.watch.deadline(0.35), self.seed)
        return _with(replace(found, slices=slices), skipped)

    def reasons(self, found: Explanation) -> Explanation:
        """The background, and the reasons for as many of the worst rows as there is time for."""
        self.watch.begin("Finding the reasons for the worst predictions", 0.85, 1.0)
        if self.background.empty:
            return found
        sample = min(_BACKGROUND_SAMPLE, self.watch.rows_in(0.1 * self.watch.left()))
        seen = self.seen
        background = draw_background(self.background, self.watch.predict, sample, self.seed)
        found = replace(found, background=tuple(records(background, seen.inputs)))
        worst, deadline = list(found.worst), self.watch.deadline(0.95)
        affordable = self.watch.rows_in(self.watch.left(deadline))
        count = min(len(worst), affordable // evaluations_needed(len(seen.inputs)))
        for at, position in enumerate(worst_positions(seen)[:count]):
            if self.watch.left(deadline) < 0:
                count = at
                break
            self.watch.say("Finding the reasons for the worst predictions", at / count)
            row = seen.frame.iloc[[position]]
            args = (self.watch.predict, background, row, seen.inputs, seen.task, seen.labels, self.seed)
            evaluations = min(EVALUATIONS, affordable // count)
            worst[at] = replace(worst[at], reasons=row_reasons(*args, evaluations=evaluations, threshold=seen.threshold))
        late = f"Reasons were found for {count} of the {len(worst)} worst rows: the time did not suffice for more."
        return _with(replace(found, worst=tuple(worst)), (late,) if count < len(worst) else ())

    def _by_importance(self, found: Explanation, *, helpful: bool) -> list[InputColumn]:
        """The columns, most important first; those that were not measured come last. `helpful`: only those that help."""
        by_name = {column.name: column for column in self.seen.inputs}
        ordered = [by_name.pop(each.column) for each in found.importances if each.share > 0 or not helpful]
        return ordered if helpful else [*ordered, *by_name.values()]


def _with(found: Explanation, skipped: tuple[str, ...]) -> Explanation:
    return replace(found, skipped=(*found.skipped, *skipped))


def _finite(found: Explanation) -> Explanation:
    """Without the parts that JSON cannot hold, as of targets near the largest float."""
    dropped = False
    parts: dict[str, Any] = {}
    for each in fields(found):
        value = getattr(found, each.name)
        if isinstance(value, tuple):
            parts[each.name] = tuple(part for part in value if _is_finite(part))
            dropped = dropped or len(parts[each.name]) < len(value)
    return _with(replace(found, **parts), ("Some figures are left out, as they are too large.",) if dropped else ())


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return bool(np.isfinite(value))
    if is_dataclass(value):
        return all(_is_finite(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, dict):
        return all(_is_finite(each) for each in value.values())
    return all(_is_finite(each) for each in value) if isinstance(value, tuple) else True
