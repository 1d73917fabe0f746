"""The model page and the result: what they say of scores, reasons and mistakes, for each task and for what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dash import html

from dashapp.application.services import Services
from dashapp.datasets.dataset import Task
from dashapp.models.model import ModelVersion
from dashapp.training.result import Bands, Confusion, Effect, EffectPoint, Explanation, Importance, Line
from dashapp.training.run import RunState
from dashapp.web import figures_why, mistakes_view, result_view, scores_view, why_view, worst_view
from dashapp.web.pages import model
from tests.web.explained_values import BANDS, FARE, MEMBERS, SEX, SINCE, THRESHOLD, TIMED, an_explanation, of_numbers, reasons
from tests.web.pages_values import NASTY, a_model, a_run, add_model, ids_in, links_in, text_of
from tests.web.test_shell import build
from tests.web.test_train import call

INTERVALS = {"roc_auc": (0.81, 0.87)}
VERDICT = "It gets 85 of 100 right, 25 points better than guessing, ± 4."


def explained_model(**changes: Any) -> ModelVersion:
    values: dict[str, Any] = {
        "labels": ("no", "yes"), "inputs": (FARE, SEX, SINCE), "intervals": INTERVALS, "verdict": VERDICT, "threshold": THRESHOLD,
        "split": TIMED, "ties": ("Forest",), "members": MEMBERS, "rows": {"learn": 712, "test": 179},
    }  # fmt: skip
    return a_model(1, **(values | changes))


def a_regression() -> ModelVersion:
    measured = {"metrics": {"r2": 0.86, "rmse": 4623.4}, "baseline": {"r2": 0.0, "rmse": 12100.0}, "score_name": "R²", "score": 0.86}
    return explained_model(task=Task.REGRESSION, labels=(), threshold=None, bands=BANDS, intervals={}, **measured)


def page_of(shown: ModelVersion, part: str, explanation: Explanation | None = None) -> Any:
    return model.render_model(shown, "ready", "/ml", part, explanation)


def test_scores_are_told_with_all_that_qualifies_them() -> None:
    words = text_of(page_of(explained_model(), model.SCORES, an_explanation()))
    for part in (
        VERDICT,
        "0.810 to 0.870",
        "It is tied with Forest",
        "The newest fifth of the rows by since is kept for the test.",
        "Measured on 179 rows that it had not seen; fitted again on all 891 rows after the scores were taken.",
        "yes is called from a probability of 23% on: F1 was 0.610 with it on the validation rows, and 0.480 with 50%.",
        "On average its probabilities are off by 2.9 points, at most here: of 40 rows that it gave about 50%, 55% were so.",
    ):
        assert part in words


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"learn": 80, "test": 20, "final": 100}, "on all 100 rows"),
        ({"learn": 80, "test": 20}, "on all 100 rows"),
        ({"learn": 900, "test": 200, "final": 1_200}, "on all 1,200 rows"),
        ({"learn": 50, "test": 20, "final": 50}, "on 50 of all rows"),
    ],
)
def test_all_rows_are_said_only_where_they_were_used(rows: dict[str, int], words: str) -> None:
    assert f"fitted again {words} after" in scores_view.refit_sentence(rows)


def test_a_regression_says_how_often_its_intervals_hold() -> None:
    words = text_of(page_of(a_regression(), model.SCORES, of_numbers()))
    assert "9 of 10 real values lie within the interval that comes with a prediction; on the test rows 91% did." in words
    assert "is called from" not in words


@pytest.mark.parametrize(("share", "words"), [(0.9, "9 of 10"), (0.95, "19 of 20"), (0.8, "8 of 10"), (0.99, "99% of the")])
def test_a_coverage_reads_as_a_count(share: float, words: str) -> None:
    assert scores_view.coverage_sentence(Bands(share, (), (), ())).startswith(words)


def test_a_model_of_an_older_program_has_a_page_too(services: Services) -> None:
    add_model(services, a_model(1))
    for part in (*model.PARTS, "nonsense"):
        words = text_of(model.layout(services, model_id="model1", part=part))
        assert "Version 1" in words
    assert why_view.NOTHING_KEPT in text_of(model.layout(services, model_id="model1", part=model.WHY))


def test_the_export_is_a_link_with_a_sentence() -> None:
    page = page_of(explained_model(), model.SCORES)
    assert "/ml/api/models/model1/export" in links_in(page)
    assert "Export gives a zip" in text_of(page)
    for other in (model.render_model(explained_model(), "damaged", "/ml"), model.render_model(a_model(1), "ready", "/ml")):
        assert "Export" not in text_of(other)


def test_members_are_named_with_weights_and_settings() -> None:
    words = text_of(page_of(explained_model(), model.MAKE))
    assert "Gradient boosting , 60% of the answer 240 iterations, 31 leaves a tree, learning rate 0.05" in words
    assert "Logistic regression , 40% of the answer penalty 10" in words
    assert "of the answer" not in text_of(scores_view.members_list(MEMBERS[:1]))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"max_depth": None, "seed": 3}, ""),
        ({"kind": "extra", "max_features": "sqrt"}, "extra trees, few of the columns tried at a branch"),
        ({"kind": "random", "max_features": 0.5}, "a random forest, 50% of the columns tried at a branch"),
        ({"ramps": 8, "C": 0.05}, "bent effects, penalty 20"),
        ({"ramps": 0, "alpha": 2.5}, "straight effects, penalty 2.5"),
        ({"balanced": True, "intercept": False}, "balanced, no intercept"),
        ({f"p{place}": place for place in range(9)}, "p0 0, p1 1, p2 2, p3 3, p4 4, p5 5 and 3 more"),
        ({"n_estimators": 1200, "path": [1, 2]}, "1,200 trees"),
        ({"colsample_bytree": 0.7, "subsample_freq": 1, "min_child_samples": 10}, "at least 10 rows a leaf, 70% of the columns a tree"),
    ],
)
def test_a_setting_reads_as_words(setting: dict[str, Any], words: str) -> None:
    assert scores_view.setting_in_words(setting) == words


def test_why_names_the_strongest_column_and_what_it_does() -> None:
    words = text_of(page_of(explained_model(), model.WHY, an_explanation()))
    assert "Without the order in sex its log loss is 0.210 higher, the most of all columns." in words
    assert "1 makes no sure difference" in words
    assert "Lowest at male (19.0%), highest at female (74.0%)." in words
    assert "Lowest at 0 (30.0%), highest at 70 (65.0%)." in words
    assert "The effect of cabin was not computed" in words
    assert NASTY in words


def test_days_of_an_effect_are_told_without_their_midnight() -> None:
    days = (EffectPoint("2026-01-31T00:00:00", (0.3,), 0.5), EffectPoint("2026-02-01T18:30:00", (0.6,), 0.5))
    charts = why_view.effect_charts(explained_model(labels=()), replace(an_explanation(), effects=(Effect("since", days),)), 0)
    assert "Lowest at 2026-01-31 (0.300), highest at 2026-02-01 18:30:00 (0.600)." in text_of(charts[0])


def test_no_column_is_called_the_strongest_without_proof() -> None:
    doubtful = (Importance("a", 0.01, -0.01, 0.03, 1.0),)
    assert "No column counts beyond doubt" in text_of(why_view.importance_chart(doubtful, "log loss"))
    assert "was not measured" in text_of(why_view.importance_chart((), "log loss"))


@pytest.mark.parametrize(
    ("changes", "confusion", "place"),
    [
        ({}, ((97, 13), (21, 48)), 1),
        ({"threshold": None}, ((10, 1), (21, 48)), 0),
        ({"threshold": None, "labels": ("a", "b", "c")}, None, 0),
        ({"threshold": None, "labels": ()}, None, 0),
    ],
)
def test_the_rarer_of_two_classes_is_explained_first(changes: dict[str, Any], confusion: Any, place: int) -> None:
    found = None if confusion is None else Confusion(("no", "yes"), confusion)
    assert why_view.shown_class(explained_model(**changes), an_explanation(confusion=found)) == place


def test_another_class_can_be_chosen(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    add_model(services, explained_model())
    monkeypatch.setattr(model, "explanation_of", lambda *_: an_explanation())
    app = build_with_models(services)
    answer = call(app, f"{why_view.EFFECTS}.", {why_view.EFFECT_CLASS: "0"}, {model.MODEL: "model1"})
    assert "Probability of no" in str(answer)
    assert call(app, f"{why_view.EFFECTS}.", {why_view.EFFECT_CLASS: "99"}, {model.MODEL: "model1"}) == {}


def build_with_models(services: Services) -> Any:
    app = build(services)
    model.register(app, services)
    return app


def test_mistakes_name_the_commonest_one_and_the_rows() -> None:
    words = text_of(page_of(explained_model(), model.MISTAKES, an_explanation()))
    for part in (
        "Most often yes is taken for no : 21\u00a0times.",
        "97 (88%)",
        "The area under it is 0.842 for yes",
        "guessing: 38.5% of the rows are so.",
        "It is surely worse on 1\u00a0group of rows than on all of them.",
        "Row 298 is no , called yes : it gave no a chance of 3.0%.",
        "Together that is 97.0%.",
    ):
        assert " ".join(part.split()) in words
    assert words.index("sex is female") < words.index("fare is below 10")


def test_reasons_add_up_however_many_there_are() -> None:
    told = reasons()
    shown = worst_view.reasons_list(told)
    words = text_of(shown)
    assert "7 other columns together +7.0 points" in words
    assert "sex = female +35.0 points" in words
    assert told.start + sum(each.amount for each in told.contributions) == pytest.approx(told.score)
    assert "starts at 38.0%" in words


def test_a_regression_shows_its_residuals_and_reasons_in_its_unit() -> None:
    words = text_of(page_of(a_regression(), model.MISTAKES, of_numbers()))
    assert "Half of the shown rows are off by less than" in words
    assert "Row 7 is 9,000, predicted 2,500: off by 6,500." in words
    assert "fare = 3 +500.0" in words
    assert "RMSE" in words


def test_without_mistakes_nothing_is_claimed() -> None:
    assert "No test row was called" in text_of(html.P(mistakes_view.confusion_sentence(Confusion(("a", "b"), ((5, 0), (0, 3))))))
    assert "were not looked at" in text_of(page_of(explained_model(), model.MISTAKES, Explanation()))


def test_two_hundred_classes_stay_a_readable_table() -> None:
    labels = tuple(f"class {place}" for place in range(200))
    counts = tuple(tuple(int(a == b) for b in range(200)) for a in range(200))
    table = mistakes_view.confusion_table(Confusion(labels, counts))
    assert sum(isinstance(each, html.Tr) for each in table._traverse()) == mistakes_view.MOST_CLASSES + 1


@pytest.mark.parametrize("part", model.PARTS)
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_no_id_is_given_twice(part: str, kind: str) -> None:
    shown, why = (a_regression(), of_numbers()) if kind == "numbers" else (explained_model(), an_explanation())
    ids = ids_in(page_of(shown, part, why))
    assert len(ids) == len(set(ids))


def test_labels_of_users_are_places_on_an_axis_not_numbers_or_tags() -> None:
    points = tuple(EffectPoint(at, (0.1, 0.9), 0.2) for at in ("1", "01", "2020-01-01", "<a href='x'>y</a>", NASTY, NASTY + "!"))
    drawn = figures_why.effect(Effect("c", points), 1, is_label=True, is_share=True)
    assert list(drawn.data[0].y) == [0, 1, 2, 3, 4, 5]
    assert not any("<" in text for text in drawn.layout.yaxis.ticktext)
    assert "<a" not in str(drawn.data[0].customdata)


def test_dates_stand_on_an_axis_of_dates_and_guessing_is_drawn() -> None:
    dated = an_explanation().effects[2]
    assert figures_why.effect(dated, 0, is_label=False, is_share=True).layout.xaxis.type == "date"
    line = Line("<i>yes</i>", (0.0, 1.0), (0.0, 1.0), 0.5)
    assert [trace.name for trace in figures_why.roc((line,)).data] == ["guessing", "&lt;i&gt;yes&lt;/i&gt;"]
    assert len(figures_why.precision_recall((line, line), None).data) == 2
    assert {trace.type for trace in figures_why.importance_bars(an_explanation().importances, "log loss").data} == {"bar"}


def test_the_result_tells_what_the_model_page_tells() -> None:
    run = a_run(state=RunState.SUCCEEDED, message="old words", metrics={"roc_auc": 0.842}, baseline={"roc_auc": 0.5}, intervals=INTERVALS)
    card = result_view.result_card(replace(run, model_id="model1"), "/ml", model=explained_model())
    assert card is not None
    words = text_of(card)
    for part in (VERDICT, "0.810 to 0.870", "fitted again on all 891 rows", "is called from a probability of 23% on", "60% of the answer"):
        assert part in words
    assert {"/ml/models/model1?part=why", "/ml/models/model1?part=mistakes"} <= set(links_in(card))
    gone = result_view.result_card(replace(run, model_id="model1"), "/ml")
    assert "old words" in text_of(gone)
