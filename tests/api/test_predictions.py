"""What a prediction looks like on the wire: thresholds and intervals, in JSON and CSV."""

from __future__ import annotations

import csv
import io
from typing import Any, cast

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.api.predictions import predictions_blueprint
from dashapp.application.predicting import Predicting
from dashapp.datasets.dataset import ColumnKind
from dashapp.serving.live import LiveModel, LivePredictor
from dashapp.serving.predictor import Predictor
from dashapp.settings import Settings
from dashapp.training.result import Bands, Threshold
from dashapp.training.run import InputColumn

INPUTS = (InputColumn("x", ColumnKind.NUMBER, minimum=0.0, maximum=1.0, example=0.5),)


def client(**model: Any) -> FlaskClient:
    """A server whose model answers with its one input."""

    class Live:
        current = LivePredictor(
            "m1", 3, Predictor(INPUTS, answer=lambda rows: _answer(rows, bool(model["labels"])), is_exact=True, **model)
        )

    app = Flask("test")
    app.register_blueprint(predictions_blueprint(Predicting(cast(LiveModel, Live()), 4), Settings()))
    return app.test_client()


def _answer(rows: Any, is_classification: bool) -> Any:
    x = np.array(rows, dtype=float)
    return np.hstack([1 - x, x]) if is_classification else x


def regression(bands: Bands | None) -> FlaskClient:
    return client(labels=(), bands=bands)


BANDS = Bands(0.9, (0.5,), (-1.0, -0.25), (2.0, 0.25))


@pytest.mark.parametrize(("x", "interval"), [(0.25, [-0.75, 2.25]), (0.5, [0.25, 0.75]), (0.75, [0.5, 1.0])])
def test_a_regression_says_its_interval(x: float, interval: list[float]) -> None:
    (found,) = regression(BANDS).post("/predict", json={"x": x}).get_json()["predictions"]
    assert (found["prediction"], found["interval"]) == (x, interval) and "probabilities" not in found


def test_no_interval_where_there_are_no_bands() -> None:
    (found,) = regression(None).post("/predict", json={"x": 1}).get_json()["predictions"]
    assert found["prediction"] == 1 and "interval" not in found


def test_csv_has_the_interval_in_two_columns() -> None:
    answer = regression(BANDS).post("/predict", data="x\n0.75\n", content_type="text/csv").get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(answer))
    assert list(row) == ["id", "prediction", "low", "high", "warnings"]
    assert (row["prediction"], row["low"], row["high"]) == ("0.75", "0.5", "1.0")
    plain = regression(None).post("/predict", data="x\n0.75\n", content_type="text/csv").get_data(as_text=True)
    assert plain.splitlines()[0] == "id,prediction,warnings"


@pytest.mark.parametrize(("x", "called"), [(0.1, "no"), (0.25, "yes"), (0.4, "yes")])
def test_a_threshold_calls_the_label_from_its_probability_on(x: float, called: str) -> None:
    served = client(labels=("no", "yes"), threshold=Threshold("yes", 0.25, "F1", 0.5, 0.6))
    (found,) = served.post("/predict", json=[{"x": x}]).get_json()["predictions"]
    assert found["prediction"] == called and found["probabilities"] == {"no": 1 - x, "yes": x} and "interval" not in found
