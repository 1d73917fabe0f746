"""The second half of a training, which repeats exactly: fit what the record says, measure it, and fit it once more on all rows."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.families.family import output_of
from dashapp.training.features import FloatArray, records, to_frame
from dashapp.training.fit import fit_blend, learned_rows, predicted
from dashapp.training.material import Material, prepared
from dashapp.training.parts import Blend
from dashapp.training.plan import BLEND
from dashapp.training.progress import Remaining, Reporter
from dashapp.training.result import Explanation, HeldOut, Record, Scores, TrainedModel
from dashapp.training.run import InputColumn, Stage
from dashapp.training.scores import conformal, measures
from dashapp.training.scores.calibration import reliability
from dashapp.training.scores.summary import measure_test
from dashapp.training.split import thinned
from dashapp.training.why.explain import explain

CHECK_ROWS = 200
BACKGROUND_ROWS = 10_000
# Seconds of what is left at the very end.
LAST_S = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the fits may take and are expected to: `until` (of `time.monotonic`) ends the first; the second takes as long in
    proportion. `explain_s` is for the explanation, which there is none of without it and which will probably take `explaining_s`."""

    until: float = np.inf
    learn_s: float = 0.0
    all_s: float = 0.0
    explain_s: float = 0.0
    explaining_s: float = 0.0
    threads: int = 1


def replay(table: pd.DataFrame, record: Record) -> TrainedModel:
    """The model and the scores of a training that was carried out before, on the same table; nothing is explained anew."""
    reporter = Reporter(lambda progress: None, ())
    candidate = record.members[0].candidate if len(record.members) == 1 else BLEND
    with threadpool_limits(limits=1):
        return carry_out(record, prepared(table, record.plan, reporter), reporter, candidate)


def carry_out(
    record: Record, material: Material, reporter: Reporter, candidate: str, pace: Pace = Pace(), ties: tuple[str, ...] = ()
) -> TrainedModel:
    """Fit the record on the rows that are learned from, measure and explain that on the test rows, then fit it on all rows."""
    telling = _Telling(reporter, pace, candidate)
    learned = learned_rows(record, material, material.learn)
    telling.fitting(len(learned), 0.0)
    began = time.monotonic()
    measured, record = fit_blend(
        record, material, material.learn, tell=lambda share: telling.fitting(len(learned), share), until=pace.until, threads=pace.threads
    )
    everything = learned_rows(record, material, np.arange(len(material.answers.y)))
    telling.all_s = (time.monotonic() - began) * len(everything) / max(1, len(learned))
    reporter.begin(Stage.EVALUATING, f"Predicting {len(material.test):,} rows that no candidate has seen")
    output = predicted(record.plan.task, measured, material.rows(material.test))
    scores = scored(record, material, output, candidate, ties)
    if record.bands is not None:
        record = replace(record, bands=conformal.measured(record.bands, material.answers.y[material.test].astype(np.float64), output))
    inputs = tuple(_seen(column, material.frame[column.name]) for column in record.plan.features)
    explanation = _explained(record, material, measured, output, inputs, pace.explain_s, telling) if pace.explain_s > 0 else Explanation()
    model, _ = fit_blend(
        record,
        material,
        np.arange(len(material.answers.y)),
        tell=lambda share: telling.deploying(len(everything), len(material.answers.y), share),
        threads=pace.threads,
    )
    check_rows = records(material.rows(thinned(material.test, CHECK_ROWS, record.plan.seed)), inputs)
    outputs = output_of(record.plan.task, model, to_frame(check_rows, inputs)).reshape(len(check_rows), -1)
    trained = TrainedModel(
        model=model,
        candidate=candidate,
        record=record,
        inputs=inputs,
        labels=material.answers.labels,
        scores=scores,
        explanation=explanation,
        rows={"learn": len(learned), "test": len(material.test), "final": len(everything)},
        check_rows=tuple(check_rows),
        check_outputs=tuple(tuple(float(value) for value in row) for row in outputs),
        held_out=_held_out(record, material, output),
    )
    reporter.begin(Stage.COMPLETE, scores.verdict)
    return trained


@dataclass(slots=True)
class _Telling:
    """What the screen reads in this half; `all_s` is how long the fit on all rows takes."""

    reporter: Reporter
    pace: Pace
    candidate: str
    all_s: float = 0.0

    def fitting(self, rows: int, share: float) -> None:
        left = self.pace.learn_s * (1 - share) + self.pace.all_s + self.pace.explaining_s
        self._say(f"Fitting {self.candidate} once more, on {rows:,} rows", 0.85 + 0.15 * share, left)

    def explaining(self, message: str, share: float) -> None:
        self._say(message, 0.1 + 0.4 * share, self.pace.explaining_s * (1 - share) + self.all_s)

    def deploying(self, rows: int, of: int, share: float) -> None:
        used = f"all {rows:,} rows" if rows == of else f"{rows:,} of all {of:,} rows"
        message = f"Fitting the model that answers on {used}, now that its scores are taken"
        self._say(message, 0.5 + 0.5 * share, self.all_s * (1 - share))

    def _say(self, message: str, share: float, left_s: float) -> None:
        left_s += LAST_S
        self.reporter.say(message, share, remaining=Remaining(left_s, 0.6 * left_s, 1.6 * left_s))


def _held_out(record: Record, material: Material, output: FloatArray) -> HeldOut:
    task, labels = record.plan.task, material.answers.labels
    said = output[:, 1] if task is Task.BINARY else measures.called(labels, output, record.threshold) if labels else output
    places, truth = material.places[material.test], material.answers.y[material.test]
    return HeldOut(places.astype(np.int64), truth.astype(np.float64), said.astype(np.float64))


def scored(record: Record, material: Material, output: FloatArray, candidate: str, ties: tuple[str, ...]) -> Scores:
    plan, answers = record.plan, material.answers
    return measure_test(
        task=plan.task,
        labels=answers.labels,
        y=answers.y[material.test],
        output=output,
        learned_y=answers.y[material.learn],
        threshold=record.threshold,
        candidate=candidate,
        target=plan.target,
        seed=plan.seed,
        ties=ties,
    )


def _explained(
    record: Record, material: Material, model: Blend, output: FloatArray, inputs: tuple[InputColumn, ...], seconds: float, telling: _Telling
) -> Explanation:
    task, labels = record.plan.task, material.answers.labels
    y = material.answers.y[material.test]
    found = explain(
        task=task,
        labels=labels,
        inputs=inputs,
        predict=lambda frame: output_of(task, model, frame),
        frame=material.rows(material.test),
        y=y,
        rows=material.places[material.test],
        background=material.rows(thinned(material.learn, BACKGROUND_ROWS, record.plan.seed)),
        threshold=record.threshold,
        seconds=seconds,
        seed=record.plan.seed,
        tell=telling.explaining,
        output=output,
    )
    if not labels:
        return found
    rarer = measures.rarer(material.answers.y[material.learn]) if task is Task.BINARY else None
    return replace(found, calibration=reliability(y, output, labels, rarer))


def _seen(column: InputColumn, values: pd.Series[Any]) -> InputColumn:
    """The column with all that was seen of it: its bounds, or every label, most frequent first."""
    present = values.dropna()
    if present.empty:
        return replace(column, example=None)
    if column.kind is ColumnKind.TEXT:
        return replace(column, labels=(), example=str(present.iloc[0])[:200])
    if not (column.kind.is_numeric or column.kind is ColumnKind.DATETIME):
        labels = tuple(str(label) for label in present.value_counts().index)
        return replace(column, labels=labels, example=labels[0])
    if column.kind is ColumnKind.DATETIME:
        return replace(column, example=present.sort_values().iloc[len(present) // 2].isoformat())
    middle = np.partition(present.to_numpy(), len(present) // 2)[len(present) // 2]
    example = int(middle) if column.kind is ColumnKind.INTEGER else float(middle)
    return replace(column, minimum=float(present.min()), maximum=float(present.max()), example=example)
