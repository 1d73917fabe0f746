"""One model behind all protocols at once, without a database."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from dashapp.api.inference_v2 import inference_blueprint
from dashapp.api.mlflow import mlflow_blueprint
from dashapp.api.predictions import predictions_blueprint
from dashapp.api.problems import register_problems
from dashapp.application.predicting import Predicting
from dashapp.datasets.dataset import Task
from dashapp.serving.answered import Answered
from dashapp.serving.live import LivePredictor
from dashapp.serving.predictor import compile_predictor
from dashapp.settings import Settings
from dashapp.training.result import Threshold, TrainedModel
from tests.serving.blends import a_blend, a_wordy_blend

MODELS = {
    "binary": lambda: a_blend(Task.BINARY, "linear", "boosting"),
    "binary with a threshold": lambda: a_blend(Task.BINARY, "linear", threshold=Threshold("yes", 0.3, "F1", 0.5, 0.6)),
    "multiclass": lambda: a_blend(Task.MULTICLASS, "boosting"),
    "regression": lambda: a_blend(Task.REGRESSION, "linear"),
    "multiclass of texts": lambda: a_wordy_blend(Task.MULTICLASS, "linear"),
    "regression of texts": lambda: a_wordy_blend(Task.REGRESSION, "linear"),
}


@cache
def model(name: str) -> TrainedModel:
    return MODELS[name]()


@cache
def live(name: str) -> LivePredictor:
    return LivePredictor("m1", 3, compile_predictor(model(name)))


class Served:
    """`live` may be exchanged; `answered` are the answers that were told to the listeners."""

    def __init__(self, name: str | None, at_once: int = 4, **settings: Any) -> None:
        self.current = None if name is None else live(name)
        self.answered: list[Answered] = []
        self.predicting = Predicting(self, at_once, [self.answered.append])  # type: ignore[arg-type]
        given = Settings(**settings)
        self.app = Flask("test")
        self.app.config["MAX_CONTENT_LENGTH"] = given.max_body_bytes
        register_problems(self.app)
        self.app.register_blueprint(predictions_blueprint(self.predicting, given), url_prefix="/api")
        self.app.register_blueprint(inference_blueprint(self.predicting, given), url_prefix="/v2")
        self.app.register_blueprint(mlflow_blueprint(self.predicting, given))

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def expected(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What `/api/predict` says, without its ids."""
        answer = self.client.post("/api/predict", json={"rows": rows})
        assert answer.status_code == 200, answer.text
        return [{name: value for name, value in each.items() if name != "id"} for each in answer.json["predictions"]]


def doubtful_rows(name: str) -> list[dict[str, Any]]:
    """Rows that were seen, and some with values that are missing, unseen or far out."""
    seen = [dict(row) for row in model(name).check_rows[:12]]
    inputs = live(name).predictor.inputs
    missing = [{**seen[0], column.name: None} for column in inputs]
    unseen = [{**seen[1], column.name: "never seen"} for column in inputs if column.labels]
    far = [{**seen[2], column.name: 1e6} for column in inputs if column.kind.is_numeric]
    return [*seen, *missing, *unseen, *far]
