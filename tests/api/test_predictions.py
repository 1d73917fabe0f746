"""What a prediction looks like on the wire: thresholds and intervals, in JSON and CSV."""

from __future__ import annotations

import atexit
import csv
import io
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.api.predict_csv import CSV_CHUNK
from dashapp.api.predictions import predictions_blueprint
from dashapp.api.problems import register_problems
from dashapp.application.predicting import MOST_EXPLAINED, Predicting
from dashapp.datasets.dataset import ColumnKind
from dashapp.serving.live import LiveModel, LivePredictor
from dashapp.serving.predictor import Predictor
from dashapp.settings import Settings
from dashapp.training.result import Bands, Explanation, Threshold
from dashapp.training.run import InputColumn

INPUTS = (InputColumn("x", ColumnKind.NUMBER, minimum=0.0, maximum=1.0, example=0.5),)


HOME = Path(tempfile.mkdtemp(prefix="predictions"))
atexit.register(shutil.rmtree, HOME, True)


def client(inputs: Sequence[InputColumn] = INPUTS, most_at_once: int = 4, **model: Any) -> FlaskClient:
    """A server whose model answers with its first input."""

    class Live:
        current = LivePredictor(
            "m1", 3, Predictor(inputs, answer=lambda rows: _answer(rows, bool(model["labels"])), is_exact=True, **model)
        )

    app = Flask("test")
    predicting = Predicting(cast(LiveModel, Live()), most_at_once)
    app.register_blueprint(predictions_blueprint(predicting, Settings(home=HOME, max_body_bytes=20_000, max_upload_bytes=1_000_000)))
    register_problems(app)
    return app.test_client()


def _answer(rows: Any, is_classification: bool) -> Any:
    x = np.array([row[:1] for row in rows], dtype=float)
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


def as_csv(served: FlaskClient, data: str | bytes, path: str = "/predict", buffered: bool = True) -> Any:
    return served.post(path, data=data, content_type="text/csv", buffered=buffered)


def answered(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


TWO = (*INPUTS, InputColumn("city", ColumnKind.CATEGORY, labels=("Köln", "a;b"), example="Köln"))


@pytest.mark.parametrize(
    ("data", "cities"),
    [
        ("x,city\n0.5,Köln\n", ["0.5"]),
        ('city;x\nKöln;0.5\n\n"a;b";0.25\n', ["0.5", "0.25"]),
        ("\ufeffx\tcity\tmore\n0.5\tKöln\t1\n", ["0.5"]),
        ("city;x\nKöln;0.5\n".encode("cp1252"), ["0.5"]),
        ("x,city\n0.5,Köln\n".encode("utf-16"), ["0.5"]),
        ("x\r\n0.5\r\n", ["0.5"]),
    ],
)
def test_csv_is_read_however_it_is_written(data: str | bytes, cities: list[str]) -> None:
    rows = answered(as_csv(client(TWO, labels=()), data))
    assert [row["prediction"] for row in rows] == cities
    assert not any("unseen" in row["warnings"] for row in rows)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        ("x\n", "no rows"),
        ("x\n0.5\nmany\n", "Line 3"),
        ("x,city\n0.5\n", "Line 2"),
        ("x\n" + "1" * 200_000, "Line 2"),
        (b"PK\x03\x04" + bytes(100), "Excel"),
    ],
)
def test_what_is_wrong_with_the_first_rows_is_a_problem(data: str | bytes, words: str) -> None:
    answer = as_csv(client(TWO, labels=()), data)
    assert 400 <= answer.status_code < 500 and words in answer.get_json()["detail"], answer.get_data(as_text=True)
    assert not list(HOME.glob("datasets/*"))


def test_what_is_wrong_later_ends_the_answer_with_a_row_that_says_so() -> None:
    lines = ["x", *["0.5"] * CSV_CHUNK, "0.5", "many", "0.5"]
    rows = answered(as_csv(client(labels=("no", "yes")), "\n".join(lines)))
    assert len(rows) == CSV_CHUNK + 1 and {row["prediction"] for row in rows[:-1]} == {"no"}
    assert rows[-1]["id"] == "error" and f"Line {CSV_CHUNK + 3}: x is" in rows[-1]["warnings"] and not rows[-1]["prediction"]


def test_a_streamed_answer_holds_its_place_to_the_end_and_leaves_no_file() -> None:
    served = client(most_at_once=1, labels=())
    answer = as_csv(served, "\n".join(["x", *["0.5"] * 3 * CSV_CHUNK]), buffered=False)
    busy = served.post("/predict", json={"x": 1})
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "1") and list(HOME.glob("datasets/*"))
    assert len(answered(answer)) == 3 * CSV_CHUNK
    answer.close()
    assert served.post("/predict", json={"x": 1}).status_code == 200 and not list(HOME.glob("datasets/*"))


def test_csv_may_be_larger_than_json_but_not_than_an_upload() -> None:
    assert as_csv(client(labels=()), "x\n" + "0.5\n" * 20_000).status_code == 200
    assert as_csv(client(labels=()), "x\n" + "0.5\n" * 260_000).status_code == 413
    assert client(labels=()).post("/predict", json={"rows": [{"x": 0.5}] * 3_000}).status_code == 413


BACKGROUND = Explanation(background=tuple({"x": at / 10} for at in range(10)))


@pytest.mark.parametrize(("path", "body"), [("/predict?explain=true", {"x": 0.9}), ("/predict", {"rows": [{"x": 0.9}], "explain": True})])
@pytest.mark.parametrize("labels", [(), ("no", "yes")])
def test_explained_contributions_add_up_to_the_score(path: str, body: Any, labels: tuple[str, ...]) -> None:
    (found,) = client(labels=labels, explanation=lambda: BACKGROUND).post(path, json=body).get_json()["predictions"]
    why = found["explanation"]
    assert why["score"] == (found["probabilities"][found["prediction"]] if labels else found["prediction"])
    assert why["of"] == (found["prediction"] if labels else None)
    assert why["baseline"] + sum(each["contribution"] for each in why["contributions"]) == pytest.approx(why["score"])
    assert [(each["column"], each["value"]) for each in why["contributions"]] == [("x", 0.9)]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/predict", {"rows": [{"x": 0.5}] * (MOST_EXPLAINED + 1), "explain": True}, 413),
        ("/predict", {"rows": [{"x": 0.5}], "explain": "yes"}, 400),
        ("/predict?explain=maybe", {"x": 0.5}, 400),
        ("/predict", {"rows": [{"x": 0.5}], "explain": False}, 200),
    ],
)
def test_explain_is_bounded_and_checked(path: str, body: Any, status: int) -> None:
    served = client(labels=(), explanation=lambda: BACKGROUND)
    answer = served.post(path, json=body)
    assert answer.status_code == status
    assert "explanation" not in answer.get_data(as_text=True)
    assert as_csv(served, "x\n1\n", "/predict?explain=true").status_code == 400


def test_a_model_without_background_cannot_explain() -> None:
    assert client(labels=()).post("/predict?explain=true", json={"x": 1}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        '{"rows": [' + "[" * 900 + "]" * 900 + "]}",
        '{"x": ' + "[" * 900 + "]" * 900 + "}",
        '{"x": ' + "[" * 9000,
        '{"x": 1' + "0" * 400 + "}",
        '{"x": NaN}',
        '{"x": "\\u0000"}',
        '{"x": "' + "9" * 5000 + '"}',
        '{"x": 1e999}',
        "\x00",
        "[[]]",
        '{"rows": []}',
    ],
)
def test_absurd_json_is_refused_and_never_breaks(body: str) -> None:
    answer = client(labels=()).post("/predict", data=body, content_type="application/json")
    assert (400 <= answer.status_code < 500 and answer.get_json()["detail"]) or answer.get_json()["predictions"]


def test_an_error_counts_rows_as_people_do_and_as_lists_do() -> None:
    problem = client(labels=()).post("/predict", json=[{"x": 1}, {"x": "many"}]).get_json()
    assert problem["row"] == 1 and problem["detail"].startswith("Row 2 (rows[1]): x is 'many'")


def test_the_timing_names_its_parts_and_the_schema_the_order_of_the_labels() -> None:
    served = client(labels=("no", "yes"))
    answer = served.post("/predict", json=[{"x": 0.5}, {"x": 0.25}])
    assert [part.split(";")[0].strip() for part in answer.headers["Server-Timing"].split(",")] == ["parse", "validate", "predict"]
    ids = [each["id"] for each in answer.get_json()["predictions"]]
    assert len(set(ids)) == 2 and all(len(id) > 20 for id in ids)
    assert served.get("/schema").get_json()["x-labels"] == ["no", "yes"] == list(answer.get_json()["predictions"][0]["probabilities"])
