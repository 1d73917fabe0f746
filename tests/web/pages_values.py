"""Values for the tests of pages, and what a tree says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash.development.base_component import Component

from dashapp.application.services import Services
from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.models.model import Artifact, ModelVersion
from dashapp.training.run import InputColumn, Run, RunState, Stage

NASTY = "<script>alert(1)</script> 😀 it's " + "x" * 200
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
INPUTS = (
    InputColumn("age", ColumnKind.INTEGER, minimum=0, maximum=99, example=41.0),
    InputColumn("city", ColumnKind.CATEGORY, labels=("Paris", NASTY), example="Paris"),
    InputColumn("since", ColumnKind.DATETIME, example="2026-01-31T00:00:00"),
    InputColumn("active", ColumnKind.BOOLEAN, labels=("yes", "no"), example="yes"),
    InputColumn(NASTY, ColumnKind.NUMBER, minimum=-0.5, maximum=1.5, example=0.25),
)


def a_model(version: int, **changes: Any) -> ModelVersion:
    values: dict[str, Any] = {
        "id": f"model{version}", "version": version, "name": f"target {version} · Random forest", "run_id": f"run{version}",
        "dataset_id": "data1", "dataset_name": "people.csv", "dataset_sha256": "b" * 64, "created_at": AT, "target": f"target {version}",
        "task": Task.BINARY, "candidate": "Forest", "labels": ("yes", "no"), "inputs": INPUTS,
        "metrics": {"roc_auc": 0.9, "accuracy": 0.85}, "baseline": {"roc_auc": 0.5, "accuracy": 0.6}, "score_name": "ROC AUC", "score": 0.9,
        "parameters": {"max_depth": 5}, "rows": {"train": 80, "test": 20}, "seed": 7, "training_s": 2.5,
        "artifact": Artifact("model.zip", "c" * 64, 2048, 1),
    }  # fmt: skip
    return ModelVersion(**(values | changes))


def add_model(services: Services, model: ModelVersion) -> None:
    with services.database.write() as transaction:
        services.models.add(transaction, model)


def a_run(**changes: Any) -> Run:
    values: dict[str, Any] = {
        "id": "run1", "dataset_id": "data1", "dataset_name": "people.csv", "target": "target", "task": Task.BINARY, "budget_s": 60.0,
        "seed": 7, "exclude": (), "state": RunState.QUEUED, "created_at": AT,
        "stage": Stage.UPLOADING, "percent": 0.0, "message": "", "stages": (),
        "score_name": "ROC AUC", "loss_name": "log loss",
    }  # fmt: skip
    return Run(**(values | changes))


def text_of(tree: Any) -> str:
    """All words of a tree, in order, with one space between two words."""
    return " ".join(_words(tree).split())


def _words(tree: Any) -> str:
    if isinstance(tree, Component):
        return f" {_words(getattr(tree, 'children', None))} "
    if isinstance(tree, list | tuple):
        return "".join(_words(each) for each in tree)
    return "" if tree is None else str(tree)


def links_in(tree: Component) -> list[str]:
    return [each.href for each in tree._traverse() if getattr(each, "href", None)]


def ids_in(tree: Component) -> list[str]:
    return [str(each.id) for each in tree._traverse() if isinstance(each, Component) and getattr(each, "id", None)]
