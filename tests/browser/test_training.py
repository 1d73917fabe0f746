"""What a person reads before, during and after a training: the plan, the race, the result, and the model's page on a phone."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.request import urlopen

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from dashapp.web.scores_view import refit_sentence
from tests.browser.page import Page
from tests.conftest import DATA
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
CHOSEN = "return ['target-select', 'budget-select'].map((id) => document.getElementById(id)?.value)"
LOSSES = "return [...document.querySelectorAll('#train-leaderboard tr:not(.is-best) td:nth-of-type(2)')].map((each) => each.textContent)"
FIRST = "return document.querySelector('#train-leaderboard tr').className"
SHIFTS = """
window.shifts = [];
const told = (each) => `${each.node?.id || each.node?.className} ${each.previousRect.top} to ${each.currentRect.top}`;
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((each) => [each.value, each.sources.map(told)])))
  .observe({ type: "layout-shift", buffered: true });
"""
TRACES = "return document.querySelector('#loss-chart .js-plotly-plot').data.map((each) => each.name)"


@pytest.fixture
def page(used_page: Page) -> Page:
    return used_page


def test_the_plan_is_read_before_the_button_and_outlives_a_reload(page: Page) -> None:
    dataset = page.server.upload(DATA / "titanic.csv")
    page.open(f"/?dataset={dataset['id']}")
    page.wait_for_text("#plan-fold", "ROC AUC")
    _explain_by_keyboard(page)
    page.choose("#target-select", "Fare")
    page.wait_for_text("#plan-preview", "RMSE")
    page.choose("#budget-select", "300")
    wait_until(lambda: "budget=300" in page.driver.current_url)
    page.driver.refresh()
    page.wait_for_text("#plan-preview", "RMSE")
    assert page.driver.execute_script(CHOSEN) == ["Fare", "300"]
    page.choose("#target-select", "Name")
    page.click("#task-choice input[value=regression]")
    page.wait_for_text("#plan-preview", "does not hold numbers")
    assert page.console() == []


def _explain_by_keyboard(page: Page) -> None:
    question = page.wait_for("#plan-preview .term summary")
    assert "0.5 is guessing" not in page.text("#plan-preview")
    question.send_keys(Keys.ENTER)
    page.wait_for_text("#plan-preview", "0.5 is guessing")


def test_a_race_is_watched_to_its_result_and_its_model_read_on_a_phone(page: Page) -> None:
    dataset = page.server.upload(DATA / "titanic.csv")
    run = page.server.train(dataset["id"], budget_s=6)
    page.driver.set_window_size(390, 844)
    page.open(f"/?run={run['id']}")
    page.driver.execute_script(SHIFTS)
    page.wait_for_text(".leaderboard-note", "by validation log loss: lower is better.")
    wait_until(lambda: page.find("#train-leaderboard tr.is-best"))
    wait_until(lambda: any("best so far" in name for name in page.driver.execute_script(TRACES) or ()))
    page.wait_for_text("#train-resources", "Memory")
    page.wait_for("#use-model-button", timeout_s=60)
    shifts = page.driver.execute_script("return window.shifts")
    assert sum(value for value, _ in shifts) < 0.1, sorted(shifts, reverse=True)[:4]
    page.click("#to-result")
    wait_until(lambda: page.driver.execute_script("return document.getElementById('train-result').getBoundingClientRect().top") < 200)
    assert page.driver.execute_script(FIRST) == "is-best"
    losses = [float(each) for each in page.driver.execute_script(LOSSES) if each != "–"]
    assert losses == sorted(losses)
    assert {"CPU of the trainer", "Memory of the trainer"} <= set(page.driver.execute_script(TRACES))
    assert page.driver.execute_script(OVERFLOW) <= 0
    assert "fitted again" in page.text("#train-result")
    model_id = page.server.run(run["id"])["model_id"]
    page.open(f"/models/{model_id}")
    _read_all_parts(page, model_id)
    assert page.console() == []
    _unpack_the_export(page)


def _read_all_parts(page: Page, model_id: str) -> None:
    """What stands there is what the trainer wrote down."""
    model, why = page.server.get(f"/api/models/{model_id}"), page.server.get(f"/api/models/{model_id}/explanation")
    strongest = max(why["importances"], key=lambda each: each["mean"])["column"]
    right = why["confusion"]["counts"][0][0]
    for part, selector, words in (
        ("Scores", "#model-page", model["verdict"]),
        ("Scores", ".sentences", refit_sentence(model["rows"])),
        ("Scores", ".explained", "Are its probabilities true?"),
        ("Why", ".chart-sentence", f"Without the order in {strongest}"),
        ("Why", "#model-effects .chart-name", why["effects"][0]["column"]),
        ("Mistakes", ".confusion .is-right", f"{right:,}"),
        ("Mistakes", "#model-page", "The area under it is"),
        ("Mistakes", ".worst-summary", f"Row {why['worst'][0]['row']:,}"),
        ("Columns and origin", "#model-page", model["dataset_sha256"]),
    ):
        _turn_to(page, part)
        page.wait_for_text(selector, words)
        assert page.driver.execute_script(OVERFLOW) <= 0
    _turn_to(page, "Mistakes")
    _read_reasons(page, why)


def _turn_to(page: Page, part: str) -> None:
    page.find("#model-page")[0].find_element(By.PARTIAL_LINK_TEXT, part).click()
    wait_until(lambda: part in page.text("#model-page .is-chosen"))


def _read_reasons(page: Page, why: dict[str, Any]) -> None:
    """The first of the worst rows that has reasons is open; a budget of seconds may leave none."""
    explained = next((each for each in why["worst"] if each["reasons"]), None)
    if explained is None:
        page.wait_for_text("#model-page", "Reasons were found for 0")
        return
    page.wait_for_text(".worst[open] .worst-summary", f"Row {explained['row']:,}")
    page.wait_for_text(".worst[open] .signed-name", explained["reasons"]["contributions"][0]["column"])


def _unpack_the_export(page: Page) -> None:
    address = page.wait_for("#model-export-link").get_attribute("href")
    with urlopen(str(address), timeout=60) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as files:
        assert files.testzip() is None
        assert any(name.endswith("train.py") for name in files.namelist())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "words"),
    [
        pytest.param("telco_churn.csv", "Yes is called from a probability of", id="threshold"),
        pytest.param("insurance.csv", "real values lie within the interval that comes with a prediction; on the test rows", id="interval"),
    ],
)
def test_a_threshold_or_an_interval_is_told(page: Page, file: str, words: str) -> None:
    run = page.server.train(page.server.upload(DATA / file)["id"], budget_s=5)
    page.open(f"/?run={run['id']}")
    page.wait_for("#use-model-button", timeout_s=60)
    page.wait_for_text("#train-result .sentences", words)
    page.open(f"/models/{page.server.run(run['id'])['model_id']}")
    page.wait_for_text("#model-page .sentences", words)
    assert page.console() == []


# Five thousand points of three candidates, in trials of two folds, as the drawing gets them.
MANY = """
const points = Array.from({ length: 5000 }, (_, i) => ({
  candidate: "ABC"[i % 3], trial: 1 + Math.floor(i / 250), fold: 1 + Math.floor(i / 25) % 2, iteration: i % 25, elapsed_s: i / 100,
  train_loss: 1 / (1 + i % 25), validation_loss: 2 - i / 5000 + 1 / (1 + i % 25), validation_score: i / 5000, accuracy: null,
}));
const resources = Array.from({ length: 5000 }, (_, i) => ({ number: i + 1, elapsed_s: i / 100, cpu_share: 1.5, memory_bytes: 4e8 }));
const empty = () => ({ data: [], layout: { colorway: ["#111", "#222", "#333"], yaxis: {}, yaxis2: {}, yaxis3: {} } });
const began = performance.now();
const loss = dashapp.figures.loss(empty(), points, ["A", "B", "C"], resources);
const score = dashapp.figures.score(empty(), points, ["A", "B", "C"]);
const accuracy = dashapp.figures.accuracy(empty(), points, ["A", "B", "C"]);
return { ms: performance.now() - began, accuracy: accuracy.data.length, score: score.data.length,
  lines: loss.data.map(({ name, x, y, yaxis, line }) => ({ name, x, y, yaxis: yaxis || "y", width: line.width })) };
"""


def test_five_thousand_points_are_drawn_light_and_unbroken_lines_end_with_their_trial(page: Page) -> None:
    page.open()
    drawn = page.driver.execute_script(MANY)
    lines = {each["name"]: each for each in drawn["lines"]}
    assert drawn["ms"] < 500
    assert drawn["accuracy"] == 0
    assert drawn["score"] == 6
    assert max(len(each["x"]) for each in drawn["lines"]) <= 1000
    assert {lines["CPU of the trainer"]["yaxis"], lines["Memory of the trainer"]["yaxis"]} == {"y2", "y3"}
    thin, bold = lines["A"], lines["A, best so far"]
    assert thin["y"].count(None) >= 19
    assert bold["width"] > thin["width"]
    assert bold["y"] == sorted(bold["y"], reverse=True)
    assert bold["x"] == sorted(bold["x"])
