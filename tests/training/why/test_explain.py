"""The whole explanation: of fitted pipelines whose truth is known, of odd tables, and within its time."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.features import DateParts, FloatArray, to_frame
from dashapp.training.result import Explanation, Threshold
from dashapp.training.run import InputColumn
from dashapp.training.why.explain import explain
from tests.training.why.rows import Clock, columns_of_numbers, logistic, numbers

MIXED = (
    InputColumn("amount", ColumnKind.NUMBER),
    InputColumn("colour", ColumnKind.CATEGORY),
    InputColumn("joined", ColumnKind.DATETIME),
    InputColumn("note", ColumnKind.TEXT),
    InputColumn("noise", ColumnKind.INTEGER),
)


def mixed(rows: int, seed: int) -> tuple[pd.DataFrame, FloatArray]:
    """Amount counts most, then a colour and a word of the text; the integers are noise. The second is the value to predict."""
    random = np.random.default_rng(seed)
    amount, red, good = random.normal(size=rows), random.random(rows) < 0.4, random.random(rows) < 0.5
    frame = pd.DataFrame(
        {
            "amount": amount,
            "colour": pd.array(np.where(red, "red", "blue").tolist(), dtype="str"),
            "joined": (np.datetime64("2020-01-01") + random.integers(0, 900, rows).astype("timedelta64[D]")).astype("datetime64[us]"),
            "note": pd.array(np.where(good, "all good here", "rather bad there").tolist(), dtype="str"),
            "noise": random.integers(0, 50, rows).astype(float),
        }
    )
    return frame, 3 * amount + 2 * red + good + random.normal(0, 0.5, rows)


def pipeline(estimator: Any) -> Pipeline:
    parts = [
        ("numbers", "passthrough", ["amount", "noise"]),
        ("colour", OneHotEncoder(sparse_output=False), ["colour"]),
        ("date", DateParts(), ["joined"]),
        ("note", TfidfVectorizer(), "note"),
    ]
    return Pipeline([("features", ColumnTransformer(parts, sparse_threshold=0.0)), ("model", estimator)])


def asked(frame: pd.DataFrame, y: Any, predict: Any, **changes: Any) -> Explanation:
    asking: dict[str, Any] = {
        "task": Task.REGRESSION,
        "labels": (),
        "inputs": columns_of_numbers(frame),
        "predict": predict,
        "frame": frame,
        "y": y,
        "rows": np.arange(len(frame)),
        "background": frame,
        "threshold": None,
        "seconds": 1e6,
        "seed": 0,
        "tell": lambda message, share: None,
        "clock": Clock(),
    }
    return explain(**{**asking, **changes})


def is_json(found: Explanation) -> bool:
    adapter = TypeAdapter(Explanation)
    return adapter.dump_python(adapter.validate_json(adapter.dump_json(found)), mode="json") == adapter.dump_python(found, mode="json")


@pytest.fixture(scope="module")
def regression() -> tuple[Explanation, Pipeline]:
    learned, test = mixed(400, 0), mixed(300, 1)
    model = pipeline(Ridge(0.1)).fit(*learned)
    return asked(*test, model.predict, inputs=MIXED, background=learned[0], rows=np.arange(300) * 2), model


@pytest.fixture(scope="module")
def classification() -> Explanation:
    (learned, values), (test, truth) = mixed(600, 0), mixed(300, 1)
    model = pipeline(GradientBoostingClassifier(n_estimators=30)).fit(learned, values > 2)
    threshold = Threshold("yes", 0.4, "F1", 0.5, 0.6)
    options = {"task": Task.BINARY, "labels": ("no", "yes"), "inputs": MIXED, "background": learned, "threshold": threshold}
    return asked(test, (truth > 2).astype(int), model.predict_proba, **options)


def test_a_regression_is_explained(regression: tuple[Explanation, Pipeline]) -> None:
    found, _ = regression
    assert found.skipped == () and is_json(found)
    assert [each.column for each in found.importances[:3]] == ["amount", "colour", "note"]
    assert [effect.column for effect in found.effects[:2]] == ["amount", "colour"]
    assert "note" not in {effect.column for effect in found.effects}
    slope = np.polyfit([point.at for point in found.effects[0].points], [point.mean[0] for point in found.effects[0].points], 1)[0]
    assert slope == pytest.approx(3, abs=0.1)
    assert len(found.residuals) == 300 and found.confusion is None and found.roc == () == found.precision_recall
    assert not any(each.is_worse for each in found.slices)


def test_the_worst_rows_have_values_and_reasons_that_add_up(regression: tuple[Explanation, Pipeline]) -> None:
    found, model = regression
    frame, y = mixed(300, 1)
    errors = np.abs(y - model.predict(frame))
    assert [each.row for each in found.worst] == (2 * np.argsort(-errors)[:10] + 1).tolist(), "rows of the table count from 1"
    assert [each.loss for each in found.worst] == pytest.approx(np.sort(errors)[::-1][:10].tolist())
    for each in found.worst:
        assert each.reasons is not None and each.reasons.of is None and each.share is None
        assert each.reasons.score == pytest.approx(each.predicted, abs=1e-9)
        assert each.reasons.start + sum(part.amount for part in each.reasons.contributions) == pytest.approx(each.reasons.score, abs=1e-9)
        assert {part.column: part.value for part in each.reasons.contributions} == each.values


def test_reasons_of_a_linear_model_are_its_terms(regression: tuple[Explanation, Pipeline]) -> None:
    found, model = regression
    worst, background = found.worst[0], to_frame(found.background, MIXED)
    expected = model["model"].coef_[0] * (worst.values["amount"] - background["amount"].mean())
    assert {part.column: part.amount for part in worst.reasons.contributions}["amount"] == pytest.approx(expected, abs=1e-9)
    assert worst.reasons.start == pytest.approx(model.predict(background).mean(), abs=1e-9)


def test_a_classification_is_explained(classification: Explanation) -> None:
    found = classification
    assert found.skipped == () and is_json(found)
    assert [each.column for each in found.importances[:2]] == ["amount", "colour"]
    assert found.importances[0].low > 0 and found.residuals == () == found.calibration
    assert found.confusion.labels == ("no", "yes") and sum(map(sum, found.confusion.counts)) == 300
    assert found.roc[0].area > 0.9 and len(found.precision_recall) == 1
    assert all(len(point.mean) == 2 and sum(point.mean) == pytest.approx(1) for effect in found.effects for point in effect.points)
    for each in found.worst:
        assert each.loss == pytest.approx(-math.log(each.share)) and each.reasons.of == each.predicted


def test_many_classes_of_text() -> None:
    random = np.random.default_rng(0)
    y = random.integers(0, 25, 400)
    frame = pd.DataFrame({"note": pd.array([f"word{code} of text" for code in y], dtype="str")})
    model = Pipeline([("words", ColumnTransformer([("t", TfidfVectorizer(), "note")])), ("model", LogisticRegression(C=100))]).fit(frame, y)
    labels = tuple(f"class {code}" for code in range(25))
    found = asked(frame, y, model.predict_proba, task=Task.MULTICLASS, labels=labels, inputs=(InputColumn("note", ColumnKind.TEXT),))
    assert found.importances[0].share == 1.0 and found.effects == ()
    assert len(found.confusion.labels) == 20 and len(found.roc) == 6
    assert found.worst[0].values["note"].startswith("word") and is_json(found)


def odd(name: str) -> tuple[pd.DataFrame, FloatArray]:
    frame = numbers(60, 2)
    y = frame["x0"].to_numpy()
    if name == "one row":
        return frame[:1], y[:1]
    if name == "constant":
        return frame * 0, y
    if name == "all missing":
        return frame * np.nan, y
    if name == "huge":
        return frame, y * 1e300
    return frame.rename(columns={"x0": 'a "b" <i> 🙂 שלום', "x1": ""}), y


@pytest.mark.parametrize("name", ["one row", "constant", "all missing", "huge", "names"])
@pytest.mark.parametrize("output", ["sum", "infinite", "nan"])
def test_odd_tables_are_explained_too(name: str, output: str) -> None:
    frame, y = odd(name)
    value = {"sum": 0.0, "infinite": np.inf, "nan": np.nan}[output]
    found = asked(frame, y, lambda each: np.nan_to_num(each.to_numpy()).sum(axis=1) + value)
    assert is_json(found), "no NaN and no infinity"
    assert found.background and all(reason.endswith(".") for reason in found.skipped)


def test_no_rows_are_said() -> None:
    frame = numbers(0, 2)
    assert "no test rows" in asked(frame, np.empty(0), lambda each: np.zeros(len(each))).skipped[0]


def test_a_part_that_fails_is_named_and_the_others_stand() -> None:
    frame = numbers(300, 2)
    calls = [0]

    def failing(each: pd.DataFrame) -> FloatArray:
        calls[0] += 1
        if calls[0] > 5:
            raise MemoryError
        return np.asarray(each["x0"])

    found = asked(frame, frame["x0"].to_numpy() + 1, failing)
    assert len(found.residuals) == 300 and found.slices is not None
    assert any("MemoryError" in reason for reason in found.skipped)


def test_what_tell_raises_ends_the_work() -> None:
    class Stopped(Exception): ...

    def tell(message: str, share: float) -> None:
        if share > 0.2:
            raise Stopped

    frame = numbers(300, 2)
    with pytest.raises(Stopped):
        asked(frame, frame["x0"].to_numpy() + 1, lambda each: np.asarray(each["x0"]), tell=tell)


@pytest.mark.parametrize(("row_s", "seconds"), [(2e-6, 1.0), (5e-5, 1.0), (5e-5, 8.0), (1e-3, 8.0)])
@pytest.mark.parametrize(("rows", "columns", "classes", "is_known"), [(600, 120, 20, True), (40_000, 12, 2, False), (30, 3, 2, False)])
def test_the_allowance_is_held(rows: int, columns: int, classes: int, is_known: bool, row_s: float, seconds: float) -> None:
    frame = numbers(rows, columns)

    def predict(each: pd.DataFrame) -> FloatArray:
        chance = logistic(each["x0"].to_numpy() + each["x1"].to_numpy())
        return np.column_stack([1 - chance, *[chance / (classes - 1)] * (classes - 1)])

    clock = Clock(call_s=0.007, row_s=row_s)
    y = np.random.default_rng(0).integers(0, classes, rows)
    said: list[tuple[float, float]] = []
    found = asked(
        frame,
        y,
        clock.timing(predict),
        task=Task.BINARY if classes == 2 else Task.MULTICLASS,
        labels=tuple(f"c{at}" for at in range(classes)),
        seconds=seconds,
        clock=clock,
        output=predict(frame) if is_known else None,
        tell=lambda message, share: said.append((clock.now, share)),
    )
    assert clock.now <= 1.2 * seconds
    assert found.confusion is not None and found.roc and found.worst, "the most wanted is always there"
    assert found.skipped or (found.importances and all(each.reasons for each in found.worst))
    shares = [share for _, share in said]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert all(later - earlier < 1.2 for (earlier, _), (later, _) in pairwise(said)) or row_s == 1e-3


def test_a_known_output_saves_the_prediction_of_all_rows() -> None:
    frame = numbers(50_000, 2)
    clock = Clock(row_s=1e-5)
    predict = clock.timing(lambda each: np.asarray(each["x0"]))
    found = asked(frame, frame["x1"].to_numpy(), predict, clock=clock, seconds=1.0, output=frame["x0"].to_numpy())
    again = asked(frame, frame["x1"].to_numpy(), predict, clock=clock, seconds=1.0)
    assert not any("test rows" in reason for reason in found.skipped)
    assert any("test rows" in reason for reason in again.skipped), "a quarter of a second is enough for half of them"


def test_the_same_seed_gives_the_same_explanation() -> None:
    frame = numbers(200, 3)
    y = frame["x0"].to_numpy() + np.random.default_rng(0).normal(size=200)
    found = [asked(frame, y, lambda each: np.asarray(each["x0"] + each["x2"] ** 2), seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert replace(found[0], importances=()) != found[0]
