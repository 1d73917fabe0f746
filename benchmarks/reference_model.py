"""The model that serving is measured with: 14 columns of which 8 hold categories, boosted trees of 200 iterations, alone or in a blend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dashapp.application.deployment import deploy_model
from dashapp.application.services import Services, open_services
from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.models import artifact_format
from dashapp.models.model import ModelVersion
from dashapp.serving.predictor import compile_arrays
from dashapp.settings import Settings
from dashapp.training.families.family import output_of
from dashapp.training.features import input_frame, records, to_frame
from dashapp.training.parts import Blend
from dashapp.training.result import Explanation, Member, Record, Scores, TrainedModel
from dashapp.training.run import InputColumn
from tests.serving.blends import fitted, seen
from tests.training.tables import mixed_plan

NUMBERS, CATEGORIES = 6, 8
ITERATIONS = 200
CHECKED = 200
BACKGROUND = 40
_SETTINGS: dict[str, dict[str, Any]] = {
    "boosting": {"n_estimators": ITERATIONS, "num_leaves": 31, "min_child_samples": 20, "min_data_per_group": 100, "learning_rate": 0.05},
    "forest": {"n_estimators": 100, "min_samples_leaf": 5},
    "linear": {},
}


def a_table(rows: int = 8_000) -> pd.DataFrame:
    random = np.random.default_rng(3)
    columns: dict[str, Any] = {}
    score = np.zeros(rows)
    for at in range(NUMBERS):
        values = random.normal(40, 15, rows).round(2)
        score += np.sin(values / (6 + at)) + values / 60
        columns[f"number {at}"] = np.where(random.random(rows) < 0.03, np.nan, values)
    for at in range(CATEGORIES):
        codes = random.integers(0, 3 + 4 * at, rows)
        score += (codes % 3 - 1) * 0.6
        columns[f"category {at}"] = pd.array([None if code == 0 and at > 4 else f"label {code}" for code in codes], dtype="str")
    chance = 1 / (1 + np.exp(-(score - score.mean()) * 1.5))
    return pd.DataFrame({**columns, "y": np.where(random.random(rows) < chance, "yes", "no")})


def reference_model(kinds: Sequence[str] = ("boosting",)) -> TrainedModel:
    table = a_table()
    names = [name for name in table.columns if name != "y"]
    plain = tuple(InputColumn(name, ColumnKind.NUMBER if name.startswith("number") else ColumnKind.CATEGORY) for name in names)
    frame = input_frame(table, plain)
    inputs = tuple(seen(column, frame[column.name]) for column in plain)
    y = table["y"].to_numpy(dtype=str)
    blend = Blend([fitted(kind, Task.BINARY, frame, y, inputs, **_SETTINGS[kind]) for kind in kinds], [1 / len(kinds)] * len(kinds))
    rows = records(frame.iloc[:CHECKED], inputs)
    outputs = output_of(Task.BINARY, blend, to_frame(rows, inputs))
    members = tuple(Member(kind, _SETTINGS[kind], 1 / len(kinds)) for kind in kinds)
    return TrainedModel(
        model=blend,
        candidate=" and ".join(kinds),
        record=Record(mixed_plan(Task.BINARY), members),
        inputs=inputs,
        labels=("no", "yes"),
        scores=Scores({"roc_auc": 0.9, "log_loss": 0.4}, {}, {}, "", True),
        explanation=Explanation(background=tuple(records(frame.iloc[-BACKGROUND:], inputs))),
        rows={"learn": len(table), "test": 0},
        check_rows=tuple(rows),
        check_outputs=tuple(tuple(row) for row in outputs.tolist()),
    )


def deployed(home: Path, model: TrainedModel) -> ModelVersion:
    """The model registered and live in a fresh home, as if it had been trained there."""
    services = open_services(Settings(home=home))
    try:
        version = _registered(services, model)
        deploy_model(services, version.id)
    finally:
        services.close()
    return version


def _registered(services: Services, model: TrainedModel) -> ModelVersion:
    folder = services.models.folder("m1")
    folder.mkdir(parents=True)
    artifact_format.dump(model, folder / "model.zip", compile_arrays(model))
    with services.database.write() as transaction:
        version = ModelVersion(
            id="m1",
            version=services.models.next_version(transaction),
            name="reference",
            run_id="1",
            dataset_id="1",
            dataset_name="reference.csv",
            dataset_sha256="",
            created_at=datetime.now(UTC),
            target=model.plan.target,
            task=model.plan.task,
            candidate=model.candidate,
            labels=model.labels,
            inputs=model.inputs,
            metrics=model.scores.metrics,
            baseline={},
            score_name=model.plan.score_name,
            score=0.9,
            parameters={},
            rows=model.rows,
            seed=0,
            training_s=1.0,
            artifact=services.models.describe(folder / "model.zip"),
        )
        services.models.add(transaction, version)
    return version
