"""Exports made by hand, without an install, from a table whose names would break anything that they could break."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from dashapp.datasets.dataset import Task
from dashapp.models import artifact_format
from dashapp.models.export.archive import streamed
from dashapp.models.export.contents import entries
from dashapp.models.export.exported import Csv, Exported
from dashapp.models.export.rows import columns_needed, parts_of
from dashapp.models.export.safe_model import exported_pipeline
from dashapp.models.model import Artifact, ModelVersion
from dashapp.training.features import input_frame
from dashapp.training.parts import Blend
from dashapp.training.plan import plan_training
from dashapp.training.result import Importance, Slice, Threshold, TrainedModel
from dashapp.training.train import train
from tests.training.tables import KINDS, mixed_table, profile_of

SHA256 = "0" * 64
FILE = '../../<b>"passwd"\'.csv'
NAMES = {
    "amount": '"); import os #',
    "visits": "{{ 7 * 7 }}",
    "colour": "</td><script>alert(1)</script>",
    "code": "'''\n\"\"\"\nraise SystemExit(7)",
    "member": "\u202edlrow\\",
    "joined": "$(touch here) `touch here` 🙂",
    "answer": "__import__('os')\"",
}
LABELS = {"yes": '"yes"); exit(7)', "no": "<i>no</i>\n"}


def hostile_table() -> pd.DataFrame:
    table = mixed_table().drop(columns=["grade", "value"])
    table["answer"] = table["answer"].map(LABELS).astype("str")
    return table.rename(columns=NAMES)


@cache
def hostile() -> TrainedModel:
    """A blend of two with a temperature and a threshold, measured with scikit-learn alone."""
    table = hostile_table()
    kinds = {NAMES.get(name, name): kind for name, kind in KINDS.items()}
    plan = plan_training(profile_of(table, kinds), target=NAMES["answer"], task=Task.BINARY, exclude=(), budget_s=3, seed=3)
    alone = [
        train(table, replace(plan, candidates=(each,)), lambda progress: None) for each in plan.candidates if "boosting" not in each.name
    ]
    first = alone[0]
    members = tuple(replace(each.record.members[0], weight=weight) for each, weight in zip(alone, (0.7, 0.3), strict=True))
    threshold = Threshold(first.labels[1], 0.37, "F1", 0.71, 0.82)
    record = replace(first.record, plan=plan, members=members, temperature=1.25, threshold=threshold)

    def fitted(rows: np.ndarray) -> Blend:
        pipelines = [clone(each.model.members[0]).fit(x.iloc[rows], y[rows]) for each in alone]
        return Blend(pipelines, [0.7, 0.3], 1.25)

    rows = parts_of(record, table, first.rows["test"])
    x, y = input_frame(table, plan.features), table[plan.target].to_numpy(dtype=object).astype(str)
    shares, truth = fitted(rows.learn).predict_proba(x.iloc[rows.test]), y[rows.test]
    called = np.where(shares[:, 1] >= 0.37, *first.labels[::-1])
    rarer = first.labels[int((y[rows.learn] == first.labels[1]).mean() <= 0.5)]
    metrics = {
        "log_loss": log_loss(truth, shares),
        "accuracy": float((called == truth).mean()),
        "f1": float(f1_score(truth, called, pos_label=rarer)),
        "roc_auc": float(roc_auc_score(truth == first.labels[1], shares[:, 1])),
    }
    scores = replace(first.scores, metrics=metrics, intervals={"roc_auc": (0.7, 0.9)}, ties=("Forest",))
    explanation = replace(
        first.explanation,
        importances=tuple(Importance(each.name, 0.1, 0.05, 0.15, 0.2) for each in first.inputs),
        slices=(Slice(f"{NAMES['colour']} is red", NAMES["colour"], 12, 0.6, 0.4, 0.7, True),),
    )
    return replace(first, model=fitted(rows.final), candidate="Blend", record=record, scores=scores, explanation=explanation)


@cache
def regression() -> TrainedModel:
    table = mixed_table().drop(columns=["grade", "answer"])
    plan = plan_training(profile_of(table), target="value", task=Task.REGRESSION, exclude=(), budget_s=2, seed=3)
    return train(table, plan, lambda progress: None)


def exported(trained: TrainedModel, *, file: str = FILE, has_table: bool = True) -> Exported:
    version = ModelVersion(
        id="m1",
        version=3,
        name="a model",
        run_id="r1",
        dataset_id="d1",
        dataset_name=file,
        dataset_sha256=SHA256,
        created_at=datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
        target=trained.plan.target,
        task=trained.plan.task,
        candidate=trained.candidate,
        labels=trained.labels,
        inputs=trained.inputs,
        metrics=trained.scores.metrics,
        baseline=trained.scores.baseline,
        score_name=trained.plan.score_name,
        score=None,
        parameters={},
        rows=trained.rows,
        seed=trained.plan.seed,
        training_s=4.2,
        artifact=Artifact("model.zip", SHA256, 0, 0),
    )
    csv = Csv(file, SHA256, 1000 if has_table else None, 240 if has_table else None)
    return Exported(version, trained.model, trained.record, trained.scores, trained.explanation, trained.check_rows, csv, has_table)


def zipped(trained: TrainedModel, what: Exported, table: pd.DataFrame, folder: Path) -> bytes:
    """The whole zip; `folder` is for what lies on the disk meanwhile."""
    artifact, parquet = folder / "model.zip", folder / "table.parquet"
    if not artifact.exists():
        artifact_format.dump(trained, artifact)
    model = exported_pipeline(artifact)
    if not what.has_table:
        return b"".join(streamed(entries(what, model, None, None), what.model.created_at))
    table.to_parquet(parquet, index=False)
    rows = parts_of(trained.record, pd.read_parquet(parquet, columns=columns_needed(trained.plan)), trained.rows["test"])
    return b"".join(streamed(entries(what, model, rows, parquet.open("rb")), what.model.created_at))


def files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
