"""Drift: the live model's inputs and answers beside those of its training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dashapp.application.services import Services
from dashapp.datasets.dataset import Task
from dashapp.datasets.wording import count_of
from dashapp.errors import InvalidRow, ModelDamaged, NotFound
from dashapp.models.artifact_format import load, load_held_out
from dashapp.models.model import ModelVersion
from dashapp.monitoring.drift import Window, measured
from dashapp.monitoring.reference import ColumnReference, Reference, prediction_reference, reference_of
from dashapp.monitoring.told import Drift
from dashapp.serving.ledger.entry import is_cut
from dashapp.serving.ledger.kept import KeptPrediction
from dashapp.serving.predictor import RowPrediction
from dashapp.serving.rows import RowReader
from dashapp.training.features import input_frame, records, to_frame
from dashapp.training.result import HeldOut

WINDOW_S = 7 * 86_400.0
MOST_ROWS, LEAST_ROWS = 5_000, 500
MOST_CELLS = 200_000
"""Of a wide table fewer rows are looked at, but `LEAST_ROWS` at least, so that each look costs about the same."""

MOST_ANSWERED = 1_000


def latest_drift(services: Services, model_id: str | None = None) -> Drift | None:
    """What was measured last for a version, by default the live one; None before the first time."""
    if model_id is None:
        live = services.deployments.live()
        if live is None:
            return None
        model_id = live.model_id
    return next(iter(services.drift_windows.newest(model_id, 1)), None)


def drift_history(services: Services, model_id: str, limit: int = 100) -> list[Drift]:
    """The newest first; those before it name only the columns that drift most."""
    return services.drift_windows.newest(model_id, limit)


def measure_drift(services: Services, now: float) -> Drift | None:
    """Measure the live version and keep what was found; None where there is nothing new to measure, or nothing to measure it by."""
    live = services.deployments.live()
    if live is None:
        return None
    last = services.predictions.last(live.version)
    if last is None or services.drift_windows.measured_to(live.model_id) == last:
        return None
    model = _model(services, live.model_id)
    if model is None:
        return None
    most = min(MOST_ROWS, max(LEAST_ROWS, MOST_CELLS // len(model.inputs)))
    kept = services.predictions.spread(live.version, max(live.at.timestamp(), now - WINDOW_S), most)
    window = window_of(model, kept)
    reference = None if window is None else _reference(services, model)
    if window is None or reference is None:
        return None
    drift = measured(model.id, model.version, model.inputs, reference, window)
    with services.database.write() as transaction:
        services.drift_windows.keep(transaction, drift, last, now)
    return drift


def window_of(model: ModelVersion, kept: Sequence[KeptPrediction]) -> Window | None:
    """Kept predictions, oldest first, with their values as serving reads them; None where there is none that can be read."""
    read = RowReader(model.inputs).read
    rows: list[list[Any]] = []
    whole: list[KeptPrediction] = []
    for each in kept:
        if is_cut(each.inputs):
            continue
        try:
            rows.append(read(each.inputs)[0])
        except InvalidRow:  # more than half of its columns were cut off in the ledger
            continue
        whole.append(each)
    if not whole:
        return None
    weights = np.array([1 / each.share for each in whole])
    return Window(list(zip(*rows, strict=True)), [_answer(model, each) for each in whole], weights, whole[0].at, whole[-1].at)


def _answer(model: ModelVersion, said: KeptPrediction | RowPrediction) -> str | float:
    if model.task is Task.BINARY and said.probabilities is not None:
        return said.probabilities[model.labels[1]]
    return said.prediction


def _model(services: Services, model_id: str) -> ModelVersion | None:
    try:
        return services.models.get(model_id)
    except NotFound:
        return None


def _reference(services: Services, model: ModelVersion) -> Reference | None:
    """What is kept of the model's training, or made of it now; None where both the table and the model's file are lost."""
    found = services.drift_windows.reference(model.id)
    if found is None and (found := make_reference(services, model)) is not None:
        with services.database.write() as transaction:
            services.drift_windows.keep_reference(transaction, model.id, found)
    return found


def make_reference(services: Services, model: ModelVersion) -> Reference | None:
    path = services.models.folder(model.id) / model.artifact.file
    try:
        held_out = load_held_out(path)
    except ModelDamaged:
        held_out = None
    answers = _answers_reference(model, [] if held_out is None else _said(model, held_out))
    frame = _trained_on(services, model)
    if frame is not None:
        return reference_of(frame, model.inputs, answers, _learned(services, model, frame))
    try:
        rows = load(path).check_rows
    except ModelDamaged:
        return None
    words = f"The table of the training is gone or is read in another way now, so they are compared with {count_of(len(rows), 'row')} of it"
    words += " that the model has kept."
    return reference_of(to_frame(rows, model.inputs), model.inputs, answers, words=words) if rows else None


def _said(model: ModelVersion, held_out: HeldOut) -> Sequence[Any]:
    said = held_out.said.tolist()
    return [model.labels[int(code)] for code in said] if model.task is Task.MULTICLASS else said


def _answers_reference(model: ModelVersion, answers: Sequence[Any]) -> ColumnReference | None:
    return prediction_reference(answers, model.target, model.task, model.labels)


def _learned(services: Services, model: ModelVersion, frame: pd.DataFrame) -> ColumnReference | None:
    """What the model says to rows that it learned from, as callers may well send: not what it said to rows that it had not seen."""
    rows = records(frame.iloc[:: -(-len(frame) // MOST_ANSWERED)], model.inputs)
    try:
        said = services.predictors.get(model).predictor.predict(rows)
    except (ModelDamaged, InvalidRow):
        return None
    return _answers_reference(model, [_answer(model, each) for each in said])


def _trained_on(services: Services, model: ModelVersion) -> pd.DataFrame | None:
    """Up to 20,000 rows, spread evenly over those that were learned from; None where the table is not there any more as it was."""
    try:
        dataset = services.datasets.get(model.dataset_id)
        if dataset.sha256 != model.dataset_sha256 or dataset.reading != model.reading:
            return None
        table = services.datasets.sample(model.dataset_id)
        table = table[table[model.target].notna()]
        frame = input_frame(table.drop_duplicates() if model.reading.drop_duplicates else table, model.inputs)
    except (NotFound, KeyError, ValueError, OSError):
        return None
    return None if frame.empty else frame
