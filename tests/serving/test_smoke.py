"""A predictor is tried before it answers callers: what it gives, whom it would refuse, and how long it takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.models import artifact_format
from dashapp.models.artifact_format import StoredModel
from dashapp.serving.predictor import Predictor, compile_arrays, load_predictor
from dashapp.serving.schema import example_row
from dashapp.serving.smoke import answers_check, latency_check, rows_check, smoke_check
from dashapp.training.result import TrainedModel
from tests.serving.blends import a_blend


@pytest.fixture(scope="module")
def stored(binary: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> StoredModel:
    file = tmp_path_factory.mktemp("smoke") / "model.zip"
    artifact_format.dump(binary, file, compile_arrays(binary))
    return artifact_format.load(file)


def answering(stored: StoredModel, answer: Callable[[Sequence[Sequence[Any]]], Any], *, is_exact: bool = False) -> Predictor:
    return Predictor(stored.inputs, stored.labels, answer, is_exact)


def test_a_sound_model_passes_all(stored: StoredModel) -> None:
    predictor = load_predictor(stored)
    example = example_row(stored.inputs)
    for check in (
        answers_check(predictor, stored),
        smoke_check(predictor, stored),
        rows_check(predictor, example, stored.check_rows, is_successor=True),
        latency_check(predictor, example, predictor, example),
    ):
        assert check.passed and not check.is_notable, check


def test_a_regression_passes_too(tmp_path: Path) -> None:
    model = a_blend(Task.REGRESSION, "linear")
    artifact_format.dump(model, tmp_path / "model.zip", compile_arrays(model))
    values = artifact_format.load(tmp_path / "model.zip")
    assert smoke_check(load_predictor(values), values).passed


def test_the_pipeline_serves_where_the_compiled_form_cannot(stored: StoredModel) -> None:
    uncompiled = replace(stored, compiled=None)
    check = answers_check(load_predictor(uncompiled), uncompiled)
    assert check.passed and "the pipeline itself serves" in check.words
    other = replace(uncompiled, check_outputs=stored.check_outputs[:, ::-1])
    assert not answers_check(load_predictor(other), other).passed


def _broken(rows: Sequence[Sequence[Any]]) -> Any:
    raise RuntimeError("a library that changed")


BAD = {
    "no number": lambda rows: np.full((len(rows), 2), math.nan),
    "infinite": lambda rows: np.full((len(rows), 2), math.inf),
    "shares that are none": lambda rows: np.full((len(rows), 2), 0.9),
    "below zero": lambda rows: np.tile([1.5, -0.5], (len(rows), 1)),
    "a failure of its own": _broken,
}


@pytest.mark.parametrize("name", BAD)
def test_answers_that_cannot_be_used_are_found(stored: StoredModel, name: str) -> None:
    check = smoke_check(answering(stored, BAD[name]), stored)
    assert not check.passed and len(check.words) > 30


def test_refused_rows_of_callers_fail_a_successor_and_are_said_of_another_model(stored: StoredModel) -> None:
    predictor = load_predictor(stored)
    good, bad = stored.check_rows[0], {**stored.check_rows[0], "amount": "a lot"}
    for rows, example, words in (
        ([good, bad, good, bad, good], good, "2 of the last 5 rows that callers sent would be refused: Row 1 (rows[0]): amount is"),
        ([], {"unknown": 1}, "A row as the live model takes it would be refused: Row 1 (rows[0]) has no value for"),
    ):
        check = rows_check(predictor, example, rows, is_successor=True)
        assert not check.passed and words in check.words
        other = rows_check(predictor, example, rows, is_successor=False)
        assert other.passed and other.is_notable and other.words == check.words


def test_a_model_that_fails_at_a_callers_row_is_said_to(stored: StoredModel) -> None:
    check = rows_check(answering(stored, _broken), stored.check_rows[0], [], is_successor=True)
    assert not check.passed and "RuntimeError" in check.words


def slowed(stored: StoredModel, seconds: float) -> Predictor:
    quick = load_predictor(stored)

    def answer(rows: Sequence[Sequence[Any]]) -> Any:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            continue
        return quick.outputs(rows)

    return answering(stored, answer)


def test_much_slower_is_worse_and_slow_beside_slow_is_not(stored: StoredModel) -> None:
    example = example_row(stored.inputs)
    slow, quick = slowed(stored, 0.03), load_predictor(stored)
    check = latency_check(slow, example, quick, example)
    assert not check.passed and check.figure is not None and check.figure >= 30
    assert "times as long" in check.words
    assert latency_check(slow, example, slow, example).passed
    assert latency_check(slow, example, None, example).passed
    assert latency_check(slowed(stored, 0.002), example, quick, example).figure is not None
