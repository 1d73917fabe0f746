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
from dashapp.training.carry_out import replay
from dashapp.training.families.boosting import Boosting
from dashapp.training.families.forest import Forest
from dashapp.training.families.linear import Linear
from dashapp.training.features import to_frame
from dashapp.training.material import prepared
from dashapp.training.plan import BLEND, plan_training
from dashapp.training.progress import Reporter
from dashapp.training.result import TrainedModel
from dashapp.training.run import CandidateState, Progress, SplitKind, SplitPlan, Stage, StageProgress, StageState
from dashapp.training.train import train
from tests.training.tables import mixed_plan, mixed_table

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="module")
def told() -> tuple[TrainedModel, list[Progress]]:
    """One training of the mixed table, with all that it reported."""
    progress: list[Progress] = []
    earlier = (StageProgress(Stage.UPLOADING, StageState.DONE, 0.5), StageProgress(Stage.VALIDATING, StageState.DONE, 0.25))
    return train(mixed_table(), mixed_plan(Task.MULTICLASS, budget_s=3.0), progress.append, earlier=earlier), progress


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


def test_the_answers_that_were_scored_are_kept_row_by_row(told: tuple[TrainedModel, list[Progress]]) -> None:
    trained, kept = told[0], told[0].held_out
    assert kept is not None and len(kept.rows) == trained.rows["test"] == len(set(kept.rows.tolist()))
    target = mixed_table()[trained.plan.target].astype(str).to_numpy()
    assert [trained.labels[int(code)] for code in kept.truth] == target[kept.rows].tolist()
    recalls = [(kept.said[kept.truth == code] == code).mean() for code in np.unique(kept.truth)]
    assert np.mean(recalls) == pytest.approx(trained.scores.metrics["balanced_accuracy"])


def test_every_message_is_a_sentence(told: tuple[TrainedModel, list[Progress]]) -> None:
    assert all(each.message.strip() for each in told[1])


def test_curves_grow_by_trial_and_fold(told: tuple[TrainedModel, list[Progress]]) -> None:
    points = [point for each in told[1] for point in each.points]
    assert {point.candidate for point in points} == {planned.name for planned in told[0].plan.candidates}
    for curve in {(point.candidate, point.trial, point.fold) for point in points}:
        iterations = [point.iteration for point in points if (point.candidate, point.trial, point.fold) == curve]
        assert iterations == sorted(set(iterations))
    assert all(np.isfinite([point.train_loss, point.validation_loss, point.validation_score]).all() for point in points)
    assert all(0 < point.elapsed_s < 12 for point in points)


def test_exactly_one_leader(told: tuple[TrainedModel, list[Progress]]) -> None:
    last = told[1][-1].candidates
    assert [each.name for each in last if each.is_best] == [told[0].candidate]


def test_weights_of_the_members_add_up(told: tuple[TrainedModel, list[Progress]]) -> None:
    members = told[0].record.members
    assert sum(member.weight for member in members) == pytest.approx(1, abs=1e-12)
    assert (told[0].candidate == BLEND) == (len(members) > 1)


def test_eta_is_unknown_before_anything_is_measured_and_bounded_after(told: tuple[TrainedModel, list[Progress]]) -> None:
    assert all(each.eta_s is None for each in told[1] if each.stage is Stage.PREPROCESSING)
    known = [each for each in told[1] if each.eta_s is not None]
    assert all((each.eta_low_s or 0) <= (each.eta_s or 0) <= (each.eta_high_s or 0) for each in known)
    assert known[-1].eta_s == 0


def test_result_says_what_it_was_measured_on(told: tuple[TrainedModel, list[Progress]]) -> None:
    model = told[0]
    assert model.labels == ("A", "B", "C")
    assert set(model.scores.metrics) >= {"log_loss", "accuracy", "balanced_accuracy", "f1", "roc_auc"}
    assert model.scores.metrics["accuracy"] > model.scores.baseline["accuracy"] + 0.1
    assert model.rows == {"learn": 192, "test": 48, "final": 240}
    assert np.allclose(np.sum(model.check_outputs, axis=1), 1)
    again = model.model.predict_proba(to_frame(model.check_rows, model.inputs))
    np.testing.assert_allclose(again, model.check_outputs, atol=1e-12)
    assert list(model.model.classes_) == list(model.labels)


@pytest.mark.parametrize("task", [Task.BINARY, Task.REGRESSION])
def test_a_record_replays_to_the_same_scores_and_the_same_model(task: Task) -> None:
    model = train(mixed_table(), mixed_plan(task, budget_s=3.0), lambda progress: None)
    again = replay(mixed_table(), model.record)
    assert again.scores.metrics == pytest.approx(model.scores.metrics, rel=1e-9)
    np.testing.assert_allclose(again.check_outputs, model.check_outputs, rtol=1e-9)
    assert again.record == model.record and again.candidate == model.candidate


def test_a_plan_that_was_made_smaller_learns_from_fewer_rows_in_every_fit() -> None:
    plan = replace(mixed_plan(Task.BINARY, budget_s=2.0, only="Logistic"), most_rows=90)
    material = prepared(mixed_table(), plan, Reporter(lambda progress: None, ()))
    assert max(len(learned) for learned, _ in material.folds) <= 92 < min(len(rows) for rows in (material.learn, material.answers.y))
    told: list[Progress] = []
    first = train(mixed_table(), plan, told.append)
    assert first.record.most_rows is not None and first.record.most_rows <= 90
    assert first.rows["learn"] <= 92 and first.rows["final"] <= 92 and first.rows["test"] == 48
    assert any(f"answers on {first.rows['final']} of all 240 rows" in each.message for each in told)
    why = "fit into the memory" if first.record.most_rows == 90 else "can be afforded in time"
    assert any(f"{first.record.most_rows} rows, as no more {why}" in each.message for each in told)
    # Ties are a matter of the race, which a replay does not run.
    assert replay(mixed_table(), first.record).scores == replace(first.scores, ties=())


def test_a_split_that_was_given_up_is_not_claimed() -> None:
    table = mixed_table().sort_values("answer", ignore_index=True)
    table["when"] = pd.date_range("2024-01-01", periods=len(table))
    plan = replace(mixed_plan(Task.BINARY, budget_s=2.0, only="Logistic"), split=SplitPlan(SplitKind.TIME, "when", "By time."))
    first = train(table, plan, lambda progress: None)
    assert first.plan.split.kind is SplitKind.RANDOM and "one class only" in first.plan.split.reason
    again = replay(table, first.record)
    assert again.scores == replace(first.scores, ties=()) and again.check_rows == first.check_rows


@pytest.mark.parametrize(("shift", "unit"), [(1e9, 1.0), (0.0, 1e-200), (0.0, 1e28), (5.0, 1e-12)])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_values_far_from_one_are_learned_and_covered_like_any(shift: float, unit: float) -> None:
    table, plan = mixed_table(), mixed_plan(Task.REGRESSION, budget_s=5.0, only="Linear")
    table["value"] = shift + unit * (table["value"] - table["value"].mean())
    model = train(table, plan, lambda progress: None)
    assert model.scores.metrics["r2"] > 0.7
    bands = model.record.bands
    assert bands is not None and bands.measured is not None and bands.measured > 0.8
    widths = [high - low for low, high in zip(bands.low, bands.high, strict=True)]
    assert max(widths) < 2 * np.ptp(table["value"])


def test_regression() -> None:
    model = train(mixed_table(), mixed_plan(Task.REGRESSION, budget_s=10.0, only="Linear"), lambda progress: None)
    assert set(model.scores.metrics) == {"rmse", "mae", "r2"} and model.labels == ()
    assert model.scores.metrics["rmse"] < 0.7 * model.scores.baseline["rmse"]
    assert np.shape(model.check_outputs)[1] == 1


def test_ends_before_its_budget_once_all_is_tried() -> None:
    progress: list[Progress] = []
    began = time.monotonic()
    train(mixed_table(), mixed_plan(Task.BINARY, budget_s=600, only="Logistic"), progress.append)
    assert time.monotonic() - began < 60
    assert all(each.state is CandidateState.FINISHED for each in progress[-1].candidates)


@pytest.mark.slow
def test_real_rows_are_told_apart_long_before_a_long_budget_is_over() -> None:
    table, profile = read_table(DATA / "penguins.csv")
    plan = plan_training(profile, target=None, task=None, exclude=(), budget_s=600, seed=0)
    began = time.monotonic()
    model = train(table, plan, lambda progress: None)
    assert time.monotonic() - began < 300
    assert model.scores.metrics["roc_auc"] > 0.9


def test_budget_bounds_a_training_that_could_go_on() -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(30_000, 4)), columns=["amount", "visits", "extra", "noise"])
    table["value"] = np.sin(table["amount"] * 3) * table["visits"] + table["extra"]
    inputs = [replace(mixed_plan(Task.REGRESSION).features[0], name=name) for name in ("amount", "visits", "extra", "noise")]
    plan = replace(mixed_plan(Task.REGRESSION, budget_s=2.0), features=tuple(inputs))
    began = time.monotonic()
    train(table, plan, lambda progress: None)
    assert time.monotonic() - began <= 2.0 * 1.1 + 5


def test_a_candidate_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(self: object, rows: object, setting: object) -> Iterator[Any]:
        raise MemoryError
        yield

    monkeypatch.setattr(Forest, "race", out_of_memory)
    progress: list[Progress] = []
    model = train(mixed_table(), mixed_plan(Task.BINARY, budget_s=2.0), progress.append)
    failed = {each.name: each.error for each in progress[-1].candidates if each.state is CandidateState.FAILED}
    assert set(failed) == {"Forest"} and "memory" in (failed["Forest"] or "")
    assert "Forest" not in {member.candidate for member in model.record.members}


def test_a_setting_that_fails_leaves_the_others_of_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    learn = Forest.race

    def fails_later(self: Forest, rows: Any, setting: Any) -> Iterator[Any]:
        if setting["kind"] == "extra":
            raise ArithmeticError("no such luck")
        yield from learn(self, rows, setting)

    monkeypatch.setattr(Forest, "race", fails_later)
    progress: list[Progress] = []
    train(mixed_table(), mixed_plan(Task.BINARY, budget_s=4.0, only="Forest"), progress.append)
    assert [each.state for each in progress[-1].candidates if each.name == "Forest"] == [CandidateState.FINISHED]


def test_all_candidates_failing_is_said_with_their_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, setting: object) -> Any:
        raise ValueError("no such luck")

    for family in (Linear, Forest, Boosting):
        monkeypatch.setattr(family, "features", broken)
    with pytest.raises(CannotTrain, match="no such luck"):
        train(mixed_table(), mixed_plan(Task.BINARY), lambda progress: None)


def test_stopping_keeps_the_best_so_far() -> None:
    progress: list[Progress] = []

    def should_stop() -> bool:
        return any(each.validation_loss for snapshot in progress[-1:] for each in snapshot.candidates)

    began = time.monotonic()
    model = train(mixed_table(), mixed_plan(Task.BINARY, budget_s=100.0), progress.append, should_stop)
    assert time.monotonic() - began < 15
    assert progress[-1].stage is Stage.COMPLETE and model.scores.metrics["accuracy"] > 0.5
    late = [each for each in progress[-1].candidates if each.state is not CandidateState.FINISHED]
    assert late and {(each.state, each.error) for each in late} == {(CandidateState.FAILED, "there was no time left for it")}


def test_stopping_before_the_first_iteration() -> None:
    with pytest.raises(CannotTrain, match="stopped before"):
        train(mixed_table(), mixed_plan(Task.BINARY), lambda progress: None, lambda: True)


def test_ten_rows_are_enough() -> None:
    table = mixed_table(10)
    table["answer"] = pd.array(["yes", "no"] * 5, dtype="str")
    model = train(table, mixed_plan(Task.BINARY, budget_s=1.0), lambda progress: None)
    assert len(model.check_rows) == model.rows["test"] > 0
