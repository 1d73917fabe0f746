"""The Train page without a browser: trees for each state, and its callbacks through Flask's test client."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from dash import Dash

from dashapp.application.datasets import upload_csv
from dashapp.application.documents import run_document
from dashapp.application.services import Services
from dashapp.application.training import cancel_training, end_run, start_training
from dashapp.datasets.dataset import Dataset, Task
from dashapp.training.run import LeftOut, Run, RunState, Stage
from dashapp.web import dataset_view, follow, plan_view, result_view, run_view, scores_view
from dashapp.web.pages import train
from tests.conftest import DATA
from tests.web.test_shell import ASSETS, as_text, build


@pytest.fixture
def dataset(services: Services) -> Dataset:
    with (DATA / "iris.csv").open("rb") as file:
        return upload_csv(services, file, "iris.csv")[0]


@pytest.fixture
def run(services: Services, dataset: Dataset) -> Run:
    return start_training(services, dataset.id)


def finished(run: Run, state: RunState = RunState.SUCCEEDED, **fields: Any) -> Run:
    return replace(run, state=state, **fields)


def call(app: Dash, output: str, inputs: dict[str, Any], states: dict[str, Any]) -> Any:
    """Press something as the browser does: the callback that writes `output`."""
    client = app.server.test_client()
    known = next(
        each for each in client.get("/_dash-dependencies").get_json() if output in each["output"] and not each["clientside_function"]
    )

    def filled(parts: list[dict[str, str]], values: dict[str, Any]) -> list[Any]:
        return [_matching(part, values) if part["id"].startswith("{") else part | {"value": values.get(part["id"])} for part in parts]

    ids = [dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)) for part in known["output"].strip(".").split("...")]
    body = {
        "output": known["output"],
        "outputs": ids if known["output"].startswith("..") else ids[0],
        "inputs": filled(known["inputs"], inputs),
        "state": filled(known["state"], states),
        "changedPropIds": [f"{name}.{_property(known['inputs'], name)}" for name in inputs],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code in (200, 204), answer.get_data(as_text=True)
    return answer.get_json()["response"] if answer.status_code == 200 else None


def _matching(part: dict[str, str], values: dict[str, Any]) -> list[dict[str, Any]]:
    """The components that a pattern stands for: those with an id of its type, written as JSON."""
    ids = [(name, json.loads(name)) for name in values if name.startswith("{")]
    kind = json.loads(part["id"])["type"]
    return [{"id": id, "property": part["property"], "value": values[name]} for name, id in ids if id["type"] == kind]


def _property(parts: list[dict[str, str]], name: str) -> str:
    if not name.startswith("{"):
        return next(part["property"] for part in parts if part["id"] == name)
    kind = json.loads(name)["type"]
    return next(part["property"] for part in parts if part["id"].startswith("{") and json.loads(part["id"])["type"] == kind)


def test_an_empty_install_says_what_to_do(services: Services) -> None:
    page = as_text(train.layout(services))
    assert "No data yet" in page
    assert "drop-zone" in page
    assert follow.TRAIN_BUTTON not in page


def test_a_dataset_is_shown_with_its_plan(services: Services, dataset: Dataset) -> None:
    page = as_text(train.layout(services, dataset=dataset.id))
    for part in ("iris.csv", "150\\u00a0rows", "data-card", follow.TRAIN_BUTTON, plan_view.TARGET):
        assert part in page
    assert run_view.CARD not in page


def test_an_unfinished_run_is_shown_where_nothing_is_asked_for(services: Services, run: Run) -> None:
    page = as_text(train.layout(services))
    assert run_view.CARD in page
    assert run.id in page


def test_a_run_shows_all_stages_in_their_words(run: Run) -> None:
    page = as_text(run_view.training_card(run, run_document(run, [])))
    for stage in Stage:
        assert stage.value in page


def test_the_browser_answers_with_as_many_values_as_are_drawn() -> None:
    size = re.search(r"Array\((\d+)\)", (ASSETS / "training.js").read_text())
    assert size is not None
    assert int(size[1]) == len(run_view.DRAWN)


def test_a_result_stands_beside_guessing(run: Run) -> None:
    metrics, baseline = {"log_loss": 0.2, "accuracy": 0.95}, {"log_loss": 1.1, "accuracy": 0.33}
    left_out = (LeftOut("id", "it names the row"),)
    card = result_view.result_card(
        finished(run, message="It works.", metrics=metrics, baseline=baseline, model_id="m1", left_out=left_out), "/ml"
    )
    page = as_text(card)
    for part in ("It works.", "Use This Model", result_view.USE_BUTTON, "95.0%", "33.0%", "it names the row", "/ml/models/m1"):
        assert part in page
    assert page.index("Accuracy") < page.index("Log loss")


def test_a_live_model_is_not_offered_again(run: Run) -> None:
    page = as_text(result_view.result_card(finished(run, metrics={}, baseline={}, model_id="m1"), "", live_version=3))
    assert "Version 3 is live" in page
    assert '"disabled": true' in page


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("r2", -7.37e-05, "0.000"), ("r2", -0.0021, "-0.002"), ("rmse", 0.00042, "0.00042"), ("accuracy", 0.783, "78.3%"), ("r2", None, "–")],
)
def test_a_measure_is_written_as_a_person_would(name: str, value: float | None, words: str) -> None:
    assert scores_view.metric_text(name, value) == words


def test_accuracy_stands_on_the_leaderboard_of_classes_only(run: Run) -> None:
    assert "Accuracy" in as_text(run_view.leaderboard(replace(run, task=Task.BINARY)))
    assert "Accuracy" not in as_text(run_view.leaderboard(replace(run, task=Task.REGRESSION)))


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED])
def test_a_run_without_a_model_says_so(run: Run, state: RunState) -> None:
    page = as_text(result_view.result_card(finished(run, state), ""))
    assert "no model" in page
    assert result_view.USE_BUTTON not in page


def test_a_running_run_has_no_result(run: Run) -> None:
    assert result_view.result_card(run, "") is None


def test_train_starts_one_run_however_often_it_is_pressed(services: Services, dataset: Dataset) -> None:
    app = build(services)
    states = {train.DATASET: dataset.id, plan_view.TARGET: "species", plan_view.TASK: "multiclass", plan_view.BUDGET: "15"}
    first = call(app, follow.RUN_FOLLOWED, {follow.TRAIN_BUTTON: 1}, states)
    second = call(app, follow.RUN_FOLLOWED, {follow.TRAIN_BUTTON: 2}, states)
    assert first == second
    (run,) = services.runs.all()
    assert first["location"]["search"] == f"?run={run.id}"
    assert run.budget_s == 15


def test_what_cannot_be_trained_is_said_in_place(services: Services, dataset: Dataset) -> None:
    states = {train.DATASET: dataset.id, plan_view.TARGET: "species", plan_view.TASK: "regression", plan_view.BUDGET: "15"}
    answer = call(build(services), follow.RUN_FOLLOWED, {follow.TRAIN_BUTTON: 1}, states)
    assert list(answer) == [plan_view.TRAIN_ERROR]
    assert services.runs.count() == 0


def test_cancel_ends_the_run(services: Services, run: Run) -> None:
    call(build(services), run_view.MESSAGE, {run_view.CANCEL_BUTTON: 1}, {run_view.SNAPSHOT: {"id": run.id}})
    assert services.runs.get(run.id).state is RunState.CANCELLED


def test_a_target_proposes_its_task(dataset: Dataset) -> None:
    names = [column.name for column in dataset.profile.columns]
    assert plan_view.proposed_task(dataset.profile, dataset.profile.target.name) is dataset.profile.target.task
    assert plan_view.proposed_task(dataset.profile, names[0]) is Task.REGRESSION
    assert plan_view.proposed_task(dataset.profile, "none") is None
    assert {each["value"] for each in plan_view.target_options(dataset.profile)} == set(names)


def test_the_list_opens_and_deletes_each_dataset(dataset: Dataset) -> None:
    text = as_text(dataset_view.dataset_list([dataset], "/ml"))
    assert f"/ml/?dataset={dataset.id}" in text
    assert dataset_view.DELETE_BUTTON in text


def test_following_a_run_ends_with_it(services: Services, run: Run) -> None:
    told: list[dict[str, Any]] = []

    def tell(snapshot: dict[str, Any]) -> None:
        told.append(snapshot)
        if len(told) == 1:
            cancel_training(services, run.id)

    last = follow.follow_run(services.settings, run.id, tell, look_every_s=0.01)
    assert [each["state"] for each in told] == ["queued", "cancelled"]
    assert last == told[-1]


def test_following_a_run_that_is_gone_ends(services: Services) -> None:
    assert follow.follow_run(services.settings, "none", lambda _: None) == {}


def test_a_kept_best_model_of_a_cancelled_run_is_offered(services: Services, run: Run) -> None:
    with services.database.write() as transaction:
        running = services.runs.save(transaction, replace(run, state=RunState.RUNNING))
        ended = end_run(services, transaction, running, RunState.CANCELLED, model_id="m1", result={"metrics": {}, "baseline": {}})
    page = as_text(result_view.result_card(ended, ""))
    assert "Stopped early" in page
    assert "Use This Model" in page
