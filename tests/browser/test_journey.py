"""The whole journey in a real browser: drop a CSV, train live, deploy, predict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.page import Page
from tests.conftest import DATA
from tests.server.running import DEVELOPMENT, GUNICORN
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

STAGES = (
    "Uploading data",
    "Validating data quality",
    "Preprocessing features",
    "Training model",
    "Evaluating performance",
    "Training complete",
)


@pytest.mark.parametrize(
    ("page", "file", "target", "task"),
    [
        pytest.param(GUNICORN, "telco_churn.csv", "Churn", "binary", id="telco_churn"),
        pytest.param(DEVELOPMENT, "california_housing.csv", "median_house_value", "regression", id="california", marks=pytest.mark.slow),
        pytest.param(GUNICORN, "penguins.csv", "species", "multiclass", id="penguins", marks=pytest.mark.slow),
    ],
    indirect=["page"],
)
def test_from_a_dropped_file_to_a_prediction(page: Page, file: str, target: str, task: str) -> None:
    page.open()
    run_id = _train(page, DATA / file, target, task)
    _watch(page, run_id)
    _use(page)
    _predict(page, task)
    assert page.console() == []


def _train(page: Page, file: Path, target: str, task: str) -> str:
    page.upload(file)
    page.wait_for("#train-button")
    assert page.wait_for("#target-select").get_attribute("value") == target
    wanted = "regression" if task == "regression" else "multiclass"  # a class or a number: how many classes is counted
    assert page.find(f"#task-choice input[value={wanted}]")[0].is_selected()
    page.choose("#budget-select", "15")
    page.driver.execute_script(OBSERVE)
    page.click("#train-button")
    page.wait_for("#train-stages")
    assert all(stage in page.text("#train-stages") for stage in STAGES)
    runs = page.server.get("/api/runs")
    assert [run["task"] for run in runs["runs"]] == [task]
    return str(runs["runs"][0]["id"])


# Notes what the page says of the training each time that it says something else.
OBSERVE = """
window.said = [];
new MutationObserver(() => {
  const now = ["train-state", "train-percent", "train-message"].map((id) => document.getElementById(id)?.textContent).join(" | ");
  if (!window.said.includes(now)) window.said.push(now);
}).observe(document.body, { childList: true, subtree: true, characterData: true });
"""


# Whether Dash polls a background callback: the one that follows the run in this tab.
FOLLOWS = "return performance.getEntriesByType('resource').some((each) => each.name.includes('cacheKey='))"


def _watch(page: Page, run_id: str) -> None:
    """At least five updates arrive by themselves; in the middle the page is loaded anew and finds the run with its whole curves."""
    wait_until(lambda: len(page.driver.execute_script("return window.said")) >= 5, timeout_s=60)
    wait_until(lambda: page.find("#train-leaderboard tr"))
    wait_until(lambda: page.driver.execute_script(FOLLOWS))
    page.driver.refresh()
    page.wait_for("#train-stages")
    assert page.server.get("/api/runs")["total"] == 1
    page.wait_for("#use-model-button", timeout_s=90)
    assert "Succeeded" in page.text("#train-state")
    curves = page.server.run(run_id)["curves"]
    wait_until(lambda: page.driver.execute_script("return dashapp.live.curves(arguments[0]).length", run_id) == len(curves))
    drawn = "return document.querySelector('#loss-chart .js-plotly-plot').data.map((trace) => trace.name)"
    wait_until(lambda: {point["candidate"] for point in curves} <= set(page.driver.execute_script(drawn)))


def _use(page: Page) -> None:
    assert page.text("#use-model-button") == "Use This Model"
    page.click("#use-model-button")
    page.wait_for_text("#use-model-answer", "1")
    assert page.server.get("/api/deployments")["total"] == 1


def _predict(page: Page, task: str) -> None:
    page.open("/try")
    page.click("#predict-button")
    answer = page.wait_for_text("#predict-answer", "prediction")
    assert '"version": 1' in answer or '"version":1' in answer
    assert ("probabilities" in answer) == (task != "regression")
