"""What will happen, as it stands before the button: from a plan, from a real dataset, and after a choice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dash import html

from dashapp.application.datasets import upload_csv
from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset, Task
from dashapp.web import plan_preview, plan_view
from dashapp.web.pages import train
from dashapp.web.plan_preview import BRIEF, PREVIEW
from dashapp.web.terms import TERMS, term
from tests.conftest import DATA
from tests.web.explained_values import PLAN, TIMED
from tests.web.pages_values import NASTY, text_of
from tests.web.test_shell import as_text, build
from tests.web.test_train import call


@pytest.fixture
def dataset(services: Services) -> Dataset:
    with (DATA / "titanic.csv").open("rb") as file:
        return upload_csv(services, file, "titanic.csv")[0]


def test_the_plan_says_what_races_on_what_and_why() -> None:
    words = text_of(plan_preview.plan_preview(PLAN).body)
    for part in (
        "Gradient boosting : the strongest on most tables of mixed columns.",
        "fare , age , sibsp , parch and 2 more: as numbers, with a mark where they are missing.",
        "id . The reason stands under “Leave columns out”.",
        "A fifth of the rows, drawn at random, is kept for the test.",
        "About 20 to 45 s, at most 900 MB of memory.",
        "Only 500,000 of 1,000,000 rows",
        TERMS["roc auc"],
        TERMS["log loss"],
    ):
        assert " ".join(part.split()) in words
    assert plan_preview.plan_preview(PLAN).brief.replace("\u00a0", " ") == "2 models · 2 columns · about 20 to 45 s"


def test_what_does_not_apply_is_not_said() -> None:
    bare = replace(PLAN, left_out=(), notes=(), treatments=(), estimate=None, split=TIMED)
    words = text_of(plan_preview.plan_preview(bare).body)
    assert "left out" not in words
    assert "What they learn from" not in words
    assert "The newest fifth of the rows by since" in words
    assert "At most 60 s" in words


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (("a",), "a"),
        (("a", "b"), "a and b"),
        (("a", "b", "c", "d", "e"), "a , b , c , d and e"),
        (("a", "b", "c", "d", "e", "f"), "a , b , c , d and 2 more"),
        ((NASTY,), NASTY),
    ],
)
def test_columns_are_named_while_they_are_few(columns: tuple[str, ...], words: str) -> None:
    assert text_of(html.Span(plan_preview.names(columns))) == words


def test_every_measure_is_explained_without_a_pointer() -> None:
    explained = term("R²")
    assert isinstance(explained, html.Details)
    assert "better than always guessing the mean" in text_of(explained)
    assert text_of(term("a measure of tomorrow")) == "a measure of tomorrow"


def test_the_page_opens_with_the_plan(services: Services, dataset: Dataset) -> None:
    page = as_text(train.layout(services, dataset=dataset.id))
    assert "What will happen" in page
    assert "Rows for the test" in page


def test_the_plan_follows_what_is_chosen(services: Services, dataset: Dataset) -> None:
    app, states = build(services), {train.DATASET: dataset.id, plan_view.LEFT_OUT_BY_DEFAULT: []}
    chosen = {plan_view.TARGET: "Fare", plan_view.TASK: "regression", plan_view.BUDGET: "300", plan_view.LEAVE_OUT: ["Sex"]}
    answer = call(app, f"{PREVIEW}.", chosen, states)
    said = str(answer[PREVIEW]["children"])
    assert "RMSE" in said
    assert "Sex" in said
    assert answer[BRIEF]["children"]


def test_what_cannot_be_trained_is_said_before_the_button(services: Services, dataset: Dataset) -> None:
    shown = plan_view.preview_of(services, dataset.id, plan_view.Choice("Sex", Task.REGRESSION), "15", (), ())
    assert "does not hold numbers" in text_of(shown.body)
    nothing = plan_view.preview_of(services, dataset.id, plan_view.Choice(None, None), "15", (), ())
    assert "Choose the target column" in text_of(nothing.body)


@pytest.mark.parametrize(
    ("address", "target", "budget"),
    [
        ({"target": "Fare", "task": "regression", "budget": "300"}, "Fare", "300"),
        ({"target": "no such column", "budget": "15"}, "Survived", "15"),
        ({"target": "Sex", "task": "nonsense", "budget": "1e9"}, "Sex", "60"),
        ({}, "Survived", "60"),
    ],
)
def test_a_reload_keeps_what_was_chosen(services: Services, dataset: Dataset, address: dict[str, str], target: str, budget: str) -> None:
    tree = train.layout(services, dataset=dataset.id, **address)
    values = {each.id: each.value for each in tree._traverse() if getattr(each, "id", None) in (plan_view.TARGET, plan_view.BUDGET)}
    assert values == {plan_view.TARGET: target, plan_view.BUDGET: budget}


def test_columns_left_out_by_hand_and_put_back_are_told_apart() -> None:
    assert plan_view.asked_columns(["id", "age", "y"], ["id", "leak"], "y") == (["age"], ["leak"])
