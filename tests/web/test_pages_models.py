"""The Models, model and History pages: what is drawn, what their buttons do, and that words of users stay words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dash.development.base_component import Component

from dashapp.application.deployment import deploy_model
from dashapp.application.services import Services
from dashapp.datasets.dataset import Task
from dashapp.errors import NotFound
from dashapp.models.model import Check, Deployment, DeploymentAction, Gate
from dashapp.training.run import RunState
from dashapp.web import deploying, model_view
from dashapp.web.pages import history, model, models
from tests.web.pages_values import NASTY, a_model, a_run, add_model, ids_in, links_in, text_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORSE, PASSED = Check("score", False, "It is worse.", -0.1), Check("file", True, "It passed.")
CHANGED = Check("schema", True, "It changed.", 1.0, is_notable=True)


def test_without_models_the_page_says_what_to_do(services: Services) -> None:
    page = models.layout(services)
    assert "No models yet" in text_of(page)
    assert "/" in links_in(page)


def test_a_version_shows_its_score_beside_guessing_and_its_state(services: Services) -> None:
    shown = a_model(1)
    page = models.render_models([shown], {shown.id: "ready"}, [], "Nothing was deployed.", "/ml")
    words = text_of(page)
    assert "0.900 ROC AUC" in words
    assert "guessing 0.500" in words
    assert "Ready" in words
    assert "/ml/models/model1" in links_in(page)


@pytest.mark.parametrize(("state", "can_use", "can_delete"), [("live", False, False), ("ready", True, True), ("damaged", False, True)])
def test_buttons_follow_the_state(state: str, can_use: bool, can_delete: bool) -> None:
    shown = a_model(1)
    table = models.versions_table([shown], {shown.id: state}, "")
    buttons = {each.id["type"]: each.disabled for each in table._traverse() if isinstance(getattr(each, "id", None), dict)}
    assert buttons == {models.DEPLOY_BUTTON: not can_use, models.DELETE_BUTTON: not can_delete}


def test_roll_back_says_what_it_would_put_back() -> None:
    shown = a_model(2)
    line = models.roll_back_line(Deployment(7, shown.id, 2, DeploymentAction.DEPLOY, NOW), {shown.id: shown})
    assert "Puts back version 2 (target 2 · Random forest)" in text_of(line)
    assert "There is nothing before it" in text_of(models.roll_back_line("There is nothing before it.", {}))


def test_the_ledger_says_how_long_each_was_live() -> None:
    shown = a_model(2)
    ledger = [
        Deployment(3, shown.id, 2, DeploymentAction.ROLLBACK, NOW, replaced=1, by="API"),
        Deployment(2, "gone", 1, DeploymentAction.DEPLOY, NOW - timedelta(minutes=2), None, NASTY, "they asked", 2, (WORSE, PASSED)),
        Deployment(1, shown.id, 2, DeploymentAction.DEPLOY, NOW - timedelta(minutes=3), by="dashboard", checks=(PASSED,)),
    ]
    words = text_of(model_view.ledger_table(ledger, {shown.id: shown}, ""))
    assert "still live" in words
    assert "for 2 min" in words
    assert "Version 1 (deleted) in place of version 2" in words
    for part in ("Rolled back through the API", "the caller says to be", "they asked", "Deployed from this dashboard"):
        assert part in words
    assert "Although worse in 1 of 2 checks" in words.replace("\u00a0", " ") and "It is worse." in words
    assert "1 check passed" in words.replace("\u00a0", " ")


def test_the_dialogue_says_what_failed_first_and_folds_away_what_passed() -> None:
    found = Gate((PASSED, CHANGED, WORSE), True, "Worse.", against=4)
    words = text_of(deploying.found_view(found))
    assert words.index("Version 4 stays live") < words.index("It is worse.") < words.index("It changed.") < words.index("It passed.")
    assert deploying.question(found, 5) == "Use version 5 although it is worse?"
    assert deploying.question(replace(found, is_worse=False), 5) == "Use version 5?"


def test_a_press_without_a_question_closes_the_dialogue_and_a_confirmation_needs_one(services: Services) -> None:
    add_model(services, a_model(1))
    pressed = deploying.press(services, "model1")
    assert pressed.problem is not None and "is missing" in pressed.problem and pressed.shown[0] is False
    assert "no model" in str(deploying.press(services, "nobody").problem)
    assert deploying.confirm(services, None, "why").is_asking
    assert "characters" in str(deploying.confirm(services, "model1", "x" * 501).problem)


def test_success_says_what_was_replaced() -> None:
    done = Deployment(2, "model2", 2, DeploymentAction.DEPLOY, NOW, replaced=1)
    assert deploying.success(done) == "Version 2 is live, in place of version 1."
    assert deploying.success(replace(done, replaced=None)) == "Version 2 is live."


def test_a_missing_file_shows_as_damaged(services: Services) -> None:
    add_model(services, a_model(1))
    assert "Damaged" in text_of(models.layout(services))
    page = model.layout(services, model_id="model1")
    assert "missing or differs" in text_of(page)


def test_a_failed_deployment_is_a_sentence_on_the_page(services: Services) -> None:
    add_model(services, a_model(1))
    _, notice = models._after(services, lambda: str(deploy_model(services, "model1").version))
    assert "is missing" in text_of(notice)
    assert notice.role == "alert"


def test_a_model_page_names_all_that_it_is_made_of(services: Services) -> None:
    page = model.render_model(a_model(3), "live", "/ml", model.MAKE)
    words = text_of(page)
    for part in ("Version 3", "b" * 64, "c" * 64, "max_depth", "ROC AUC 0.900", "guessing reaches 0.500", "seed 7"):
        assert part in words
    assert "/ml/?run=run3" in links_in(page)
    with pytest.raises(NotFound):
        model.layout(services, model_id="nobody")


def test_a_score_below_zero_by_a_hair_is_zero() -> None:
    shown = replace(a_model(1), task=Task.REGRESSION, score_name="R²", metrics={"r2": 0.8}, baseline={"r2": -7e-5})
    assert model_view.main_score(shown) == ("R²", "0.800", "0.000")


def test_words_of_users_stay_words() -> None:
    shown = a_model(1, target=NASTY)
    for tree in (
        models.render_models([shown], {shown.id: "ready"}, [], "", ""),
        model.render_model(shown, "ready", ""),
        history.render_history([a_run(target=NASTY, dataset_name=NASTY)], {}, {}, ""),
    ):
        assert NASTY in text_of(tree)


def test_history_tells_how_runs_ended() -> None:
    runs = [
        a_run(state=RunState.FAILED, error="Not enough memory; leave columns out."),
        a_run(
            state=RunState.SUCCEEDED, metrics={"roc_auc": 0.812}, model_id="model1", started_at=NOW, ended_at=NOW + timedelta(seconds=75)
        ),
    ]
    words = text_of(history.render_history(runs, {"model1": 4}, {"Datasets": 2}, ""))
    for part in ("Failed", "Not enough memory", "Succeeded", "0.812 ROC AUC", "75 s", "Version 4", "Datasets"):
        assert part in words


def test_an_empty_history_says_what_to_do(services: Services) -> None:
    assert "Drop a CSV file and press Train" in text_of(history.layout(services))


@pytest.mark.parametrize("page", [models, history])
def test_ids_are_not_given_twice(page: object, services: Services) -> None:
    add_model(services, a_model(1))
    tree: Component = page.layout(services)  # type: ignore[attr-defined]
    assert len(ids_in(tree)) == len(set(ids_in(tree)))
