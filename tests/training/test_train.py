"""The whole training on small real data: progress, early end, failures, cancellation, and what comes out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashapp.datasets.dataset import Task
from dashapp.datasets.read import read_table
from dashapp.errors import CannotTrain
from dashapp.training import candidates
from dashapp.training.features import to_frame
from dashapp.training.plan import plan_training
from dashapp.training.run import CandidateState, Progress, Stage, StageProgress, StageState, TrainedModel
from dashapp.training.train import train
from tests.training.tables import mixed_plan, mixed_table

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="module")
def told() -> tuple[TrainedModel, list[Progress]]:
    """One training of the mixed table, with all that it reported."""
    progress: list[Progress] = []
    earlier = (StageProgress(Stage.UPLOADING, StageState.DONE, 0.5), StageProgress(Stage.VALIDATING, StageState.DONE, 0.25))
    return train(mixed_table(), mixed_plan(Task.MULTICLASS), progress.append, earlier=earlier), progress


def test_percent_never_goes_back_and_ends_at_100(told: tuple[TrainedModel, list[Progress]]) -> None:
    percents = [each.percent for each in told[1]]
    assert percents == sorted(percents) and percents[-1] == 100
    assert len(set(percents)) > 10


def test_stages_run_in_order_with_their_seconds(told: tuple[TrainedModel, list[Progress]]) -> None:
    seen = list(dict.fromkeys(each.stage for each in told[1]))
    assert seen == [Stage.PREPROCESSING, Stage.TRAINING, Stage.EVALUATING, Stage.COMPLETE]
    last = told[1][-1].stages
    assert [stage.name for stage in last] == list(Stage)
    assert all(stage.state is StageState.DONE and stage.seconds is not None for stage in last)
    assert [stage.seconds for stage in last[:2]] == [0.5, 0.25]


def test_curves_grow_by_candidate(told: tuple[TrainedModel, list[Progress]]) -> None:
    points = [point for each in told[1] for point in each.points]
    for name in told[0].plan.candidates:
        iterations = [point.iteration for point in points if point.candidate == name]
        assert len(iterations) >= 4 and iterations == sorted(set(iterations))
    assert all(np.isfinite([point.train_loss, point.validation_loss, point.validation_score]).all() for point in points)


def test_exactly_one_leader_with_the_least_loss(told: tuple[TrainedModel, list[Progress]]) -> None:
    last = told[1][-1].candidates
    leader = [each for each in last if each.is_best]
    assert [each.name for each in leader] == [told[0].candidate]
    assert leader[0].validation_loss == min(each.validation_loss or np.inf for each in last)


def test_eta_is_unknown_before_anything_is_measured_and_bounded_after(told: tuple[TrainedModel, list[Progress]]) -> None:
    assert all(each.eta_s is None for each in told[1] if each.stage is Stage.PREPROCESSING)
    known = [each for each in told[1] if each.eta_s is not None]
    assert all((each.eta_low_s or 0) <= (each.eta_s or 0) <= (each.eta_high_s or 0) for each in known)
    assert known[-1].eta_s == 0


def test_result_says_what_it_was_measured_on(told: tuple[TrainedModel, list[Progress]]) -> None:
    model = told[0]
    assert model.labels == ("A", "B", "C")
    assert set(model.metrics) >= {"log_loss", "accuracy", "balanced_accuracy", "f1", "roc_auc"}
    assert model.metrics["accuracy"] > model.baseline["accuracy"] + 0.1
    assert sum(model.rows.values()) == len(mixed_table())
    assert np.allclose(np.sum(model.check_outputs, axis=1), 1)
    again = model.pipeline.predict_proba(to_frame(model.check_rows, model.inputs))
    np.testing.assert_allclose(again, model.check_outputs, atol=1e-12)
    assert list(model.pipeline.classes_) == list(model.labels)


def test_verdict_names_the_baseline(told: tuple[TrainedModel, list[Progress]]) -> None:
    assert "always guessing" in told[1][-1].message


def test_regression() -> None:
    model = train(mixed_table(), mixed_plan(Task.REGRESSION), lambda progress: None)
    assert set(model.metrics) == {"rmse", "mae", "r2"} and model.labels == ()
    assert model.metrics["rmse"] < 0.6 * model.baseline["rmse"]
    assert np.shape(model.check_outputs)[1] == 1


def test_same_seed_same_model() -> None:
    first, second = (train(mixed_table(), mixed_plan(Task.BINARY, only="Logistic"), lambda progress: None) for _ in range(2))
    assert first.check_outputs == second.check_outputs and first.metrics == second.metrics


@pytest.mark.parametrize("file", ["telco_churn.csv", "penguins.csv"])
def test_ends_before_its_budget_once_nothing_improves(file: str) -> None:
    table, profile = read_table(DATA / file)
    plan = plan_training(profile, target=None, task=None, exclude=(), budget_s=120, seed=0)
    progress: list[Progress] = []
    began = time.monotonic()
    model = train(table, plan, progress.append)
    assert time.monotonic() - began < 60
    assert model.metrics["roc_auc"] > 0.8
    assert all(each.state is CandidateState.FINISHED for each in progress[-1].candidates)


def test_budget_bounds_a_training_that_could_go_on() -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(20_000, 4)), columns=["amount", "visits", "extra", "noise"])
    table["value"] = np.sin(table["amount"] * 3) * table["visits"] + table["extra"]
    inputs = [replace(mixed_plan(Task.REGRESSION).features[0], name=name) for name in ("amount", "visits", "extra", "noise")]
    plan = replace(mixed_plan(Task.REGRESSION, budget_s=2.0), features=tuple(inputs))
    began = time.monotonic()
    train(table, plan, lambda progress: None)
    assert time.monotonic() - began <= 2.0 * 1.1 + 5


def test_a_candidate_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(self: object, rows: object) -> Iterator[Any]:
        raise MemoryError
        yield

    monkeypatch.setattr(candidates.Forest, "race", out_of_memory)
    progress: list[Progress] = []
    model = train(mixed_table(), mixed_plan(Task.BINARY), progress.append)
    failed = {each.name: each.error for each in progress[-1].candidates if each.state is CandidateState.FAILED}
    assert set(failed) == {"Random forest"} and "memory" in (failed["Random forest"] or "")
    assert model.candidate != "Random forest"


def test_all_candidates_failing_is_said_with_their_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object) -> Any:
        raise ValueError("no such luck")

    for family in (candidates.Linear, candidates.Forest, candidates.Boosting):
        monkeypatch.setattr(family, "features", broken)
    with pytest.raises(CannotTrain, match="no such luck"):
        train(mixed_table(), mixed_plan(Task.BINARY), lambda progress: None)


def test_stopping_keeps_the_best_so_far() -> None:
    progress: list[Progress] = []

    def should_stop() -> bool:
        return sum(len(each.points) for each in progress) >= 4

    model = train(mixed_table(), mixed_plan(Task.BINARY), progress.append, should_stop)
    assert sum(len(each.points) for each in progress) == 4
    assert progress[-1].stage is Stage.COMPLETE and model.metrics["accuracy"] > 0.5


def test_stopping_before_the_first_iteration() -> None:
    with pytest.raises(CannotTrain, match="stopped before"):
        train(mixed_table(), mixed_plan(Task.BINARY), lambda progress: None, lambda: True)


def test_ten_rows_are_enough() -> None:
    table = mixed_table(10)
    table["answer"] = pd.array(["yes", "no"] * 5, dtype="str")
    model = train(table, mixed_plan(Task.BINARY), lambda progress: None)
    assert len(model.check_rows) == model.rows["test"] > 0
