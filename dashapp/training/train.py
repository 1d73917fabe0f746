"""The training itself: a table and a plan in, a fitted and measured model out, progress on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import ColumnKind
from dashapp.datasets.wording import count_of
from dashapp.training import evaluate
from dashapp.training.candidates import Family, Rows, families, output_of
from dashapp.training.features import FloatArray, input_frame, preprocessing_steps, records, to_frame
from dashapp.training.progress import Remaining, Reporter
from dashapp.training.race import Lane, Race
from dashapp.training.run import CurvePoint, InputColumn, Progress, Stage, StageProgress, TrainedModel, TrainingPlan
from dashapp.training.split import Answers, Positions, Split, read_answers, split_rows, thinned

SAMPLE_ROWS = 2_000
CHECK_ROWS = 200
# Rows that the race learns from: beyond them a second of budget would buy too few iterations.
RACED_A_SECOND = 1_000
LEAST_RACED = 10_000
_STOPPED_REFIT_S = 3.0
_EVALUATING_S = 0.1


@dataclass(frozen=True, slots=True)
class Material:
    """The usable rows: `frame` `[n, inputs]`, their answers, and who sees which; `raced` is the part of `split.train` that the race
    learns from."""

    frame: pd.DataFrame
    answers: Answers
    split: Split
    raced: Positions

    def rows(self, positions: NDArray[np.intp]) -> pd.DataFrame:
        return self.frame.iloc[positions]


def train(
    table: pd.DataFrame,
    plan: TrainingPlan,
    report: Callable[[Progress], None],
    should_stop: Callable[[], bool] = lambda: False,
    earlier: tuple[StageProgress, ...] = (),
) -> TrainedModel:
    """Train within `plan.budget_s` and return the winner, fitted again on all rows but the test's.

    `should_stop` is asked between iterations; once it is true the race ends and its leader is taken. `earlier` are the stages before
    this one with what they took. Raises `CannotTrain`.
    """
    began = time.monotonic()
    reporter = Reporter(report, earlier)
    deadline = began + plan.budget_s - min(0.5 + 0.02 * plan.budget_s, 0.2 * plan.budget_s)
    # With two OpenMP threads on two cores that others use too, each waits for the other: 7.3 s instead of 0.6 s were measured.
    with threadpool_limits(limits=1):
        material = _prepared(table, plan, reporter)
        lanes = _entered(plan, material, reporter)
        winner = _raced(plan, material, lanes, deadline, reporter, should_stop)
        pipeline, setting = _fitted_again(winner, material, deadline, reporter, should_stop)
        return _evaluated(pipeline, setting, winner.family.name, plan, material, reporter)


def _prepared(table: pd.DataFrame, plan: TrainingPlan, reporter: Reporter) -> Material:
    reporter.begin(Stage.PREPROCESSING, f"Reading the target {plan.target}")
    dropped = ""
    if plan.drop_duplicates:
        table, before = table.drop_duplicates(ignore_index=True), len(table)
        dropped = f"Left out {count_of(before - len(table), 'duplicate row')}"
    answers = read_answers(table[plan.target], plan.task)
    frame = input_frame(table.iloc[answers.kept], plan.features)
    split = split_rows(answers, plan.seed)
    sizes = f"Learning from {len(split.train):,} rows, choosing on {len(split.validation):,}, keeping {len(split.test):,} for the test"
    messages = (*([dropped] if dropped else []), *answers.messages, sizes, *preprocessing_steps(frame, plan.features))
    for number, message in enumerate(messages, 1):
        reporter.say(message, 0.3 * number / len(messages))
    raced = thinned(split.train, max(LEAST_RACED, int(RACED_A_SECOND * plan.budget_s)), plan.seed, answers.classes)
    return Material(frame, answers, split, raced)


def _entered(plan: TrainingPlan, material: Material, reporter: Reporter) -> list[Lane]:
    """The candidates with their rows encoded."""
    split, y = material.split, material.answers.y
    sample = thinned(np.arange(len(material.raced)), SAMPLE_ROWS, plan.seed)

    def encode(family: Family) -> Rows:
        features = family.features()
        x = _matrix(features.fit_transform(material.rows(material.raced)))
        return Rows(x, y[material.raced], x[sample], _matrix(features.transform(material.rows(split.validation))))

    lanes = [Lane(family, plan, (y[material.raced][sample], y[split.validation])) for family in families(plan)]
    for number, lane in enumerate(lanes, 1):
        lane.enter(encode)
        reporter.say(f"Encoded {len(material.raced):,} rows for {lane.family.name}", 0.3 + 0.7 * number / len(lanes))
    return lanes


def _raced(
    plan: TrainingPlan, material: Material, lanes: list[Lane], deadline: float, reporter: Reporter, should_stop: Callable[[], bool]
) -> Lane:
    split = material.split
    race = Race(plan, lanes, deadline, (len(split.train) + len(split.validation)) / len(material.raced))
    reporter.begin(Stage.TRAINING, f"Racing {len(lanes)} candidates: {', '.join(plan.candidates)}")

    def on_step(lane: Lane, point: CurvePoint | None) -> None:
        message = _of_step(plan, lane, point)
        points = () if point is None else (point,)
        reporter.say(message, 0.85 * race.share(), remaining=race.remaining(), candidates=race.candidates(), points=points)

    winner = race.run(on_step, should_stop)
    reporter.say(
        f"{winner.family.name} wins; fitting it once more with the validation rows",
        0.85,
        remaining=race.remaining(),
        candidates=race.candidates(),
    )
    return winner


def _matrix(encoded: Any) -> FloatArray:
    return np.ascontiguousarray(encoded, dtype=np.float64)


def _of_step(plan: TrainingPlan, lane: Lane, point: CurvePoint | None) -> str:
    if point is not None:
        return (
            f"{lane.family.name}, iteration {point.iteration}: {plan.loss_name} {evaluate.in_words(point.validation_loss)}, "
            f"{plan.score_name} {point.validation_score:.3f} on the validation rows"
        )
    return f"{lane.family.name} failed: {lane.error}" if lane.error else f"{lane.family.name} is through"


def _fitted_again(
    winner: Lane, material: Material, deadline: float, reporter: Reporter, should_stop: Callable[[], bool]
) -> tuple[Pipeline, dict[str, Any]]:
    """The winner's setting on training and validation rows; it stays behind the setting where the time is up before."""
    assert winner.best is not None
    split, answers = material.split, material.answers
    affordable = len(material.raced) * max(1.0, (deadline - time.monotonic()) / (winner.encoding_s + winner.best.spent_s))
    learned = thinned(np.sort(np.concatenate([split.train, split.validation])), int(affordable), winner.plan.seed, answers.classes)
    y = np.array(answers.labels, dtype=str)[answers.y[learned]] if answers.labels else answers.y[learned]
    began = time.monotonic()
    deadline = min(deadline, began + _STOPPED_REFIT_S) if should_stop() else deadline
    features: ColumnTransformer = winner.family.features()
    x = _matrix(features.fit_transform(material.rows(learned)))
    estimator: Any = None
    for fit in winner.family.refit(x, y, winner.best.setting):
        estimator = fit.estimator
        left = (time.monotonic() - began) / fit.share * (1 - fit.share) + _EVALUATING_S
        message = f"Fitting {winner.family.name} once more on {len(learned):,} rows"
        reporter.say(message, 0.85 + 0.15 * fit.share, remaining=Remaining(left, left / 2, left * 2))
        if time.monotonic() > deadline:
            break
    if "n_jobs" in estimator.get_params():
        # Threads pay off in fitting only; sums of one thread are also the same every time.
        estimator.set_params(n_jobs=None)
    return Pipeline([("features", features), ("model", estimator)]), {name: estimator.get_params()[name] for name in winner.best.setting}


def _evaluated(
    pipeline: Pipeline, setting: dict[str, Any], candidate: str, plan: TrainingPlan, material: Material, reporter: Reporter
) -> TrainedModel:
    split, answers, task = material.split, material.answers, plan.task
    reporter.begin(Stage.EVALUATING, f"Predicting {len(split.test):,} rows that no candidate has seen")
    y = answers.y[split.test]
    learned = answers.y[np.concatenate([split.train, split.validation])]
    measured = evaluate.metrics(task, y, output_of(task, pipeline, material.rows(split.test)))
    reporter.say("Comparing it with always guessing the same", 0.5)
    baseline = evaluate.metrics(task, y, evaluate.baseline_output(task, learned, len(answers.labels), len(y)))
    inputs = tuple(_seen(column, material.frame[column.name]) for column in plan.features)
    check_rows = records(material.rows(thinned(split.test, CHECK_ROWS, plan.seed)), inputs)
    outputs = output_of(task, pipeline, to_frame(check_rows, inputs)).reshape(len(check_rows), -1)
    commonest = answers.labels[int(np.bincount(learned).argmax())] if answers.labels else ""
    model = TrainedModel(
        pipeline=pipeline,
        candidate=candidate,
        plan=plan,
        inputs=inputs,
        labels=answers.labels,
        metrics=measured,
        baseline=baseline,
        parameters=setting,
        rows={"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
        check_rows=tuple(check_rows),
        check_outputs=tuple(tuple(float(value) for value in row) for row in outputs),
    )
    reporter.begin(Stage.COMPLETE, evaluate.verdict(task, candidate, plan.target, measured, baseline, commonest))
    return model


def _seen(column: InputColumn, values: pd.Series[Any]) -> InputColumn:
    """The column with all that was seen of it: its bounds, or every label, most frequent first."""
    present = values.dropna()
    if present.empty:
        return replace(column, example=None)
    if not (column.kind.is_numeric or column.kind is ColumnKind.DATETIME):
        labels = tuple(str(label) for label in present.value_counts().index)
        return replace(column, labels=labels, example=labels[0])
    middle = present.sort_values().iloc[len(present) // 2]
    if column.kind is ColumnKind.DATETIME:
        return replace(column, example=middle.isoformat())
    example = int(middle) if column.kind is ColumnKind.INTEGER else float(middle)
    return replace(column, minimum=float(present.min()), maximum=float(present.max()), example=example)
