"""The Predictions page and the scoring of a file in a real browser, on real predictions of two trained versions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.support.select import Select

from tests.browser.page import Page
from tests.conftest import DATA
from tests.server.running import DEVELOPMENT, Server, running
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

FILE = DATA / "penguins.csv"
ROWS = ".ledger-rows tbody tr"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Versions 1 and 2 predict the species of penguins, the second without the column that says most; version 1 is live."""
    with running(DEVELOPMENT, tmp_path_factory.mktemp("predictions")) as server:
        dataset = server.upload(FILE)["id"]
        runs = [server.train(dataset, budget_s=2, target="species", exclude=exclude)["id"] for exclude in ([], ["flipper_length_mm"])]
        models = [server.wait_for_run(run)["model_id"] for run in runs]
        server.post(f"/api/models/{models[0]}/deploy")
        yield server


@pytest.fixture
def page(dash_br: Browser, server: Server) -> Page:
    dash_br.server_url = server.url
    return Page(dash_br, server)


def penguins() -> list[dict[str, Any]]:
    with FILE.open(newline="", encoding="utf-8") as file:
        return [{name: value or None for name, value in row.items() if name != "species"} for row in csv.DictReader(file)]


def predict(server: Server, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.post("/api/predict", json={"rows": list(rows)})["predictions"]
    kept = [f"/api/predictions/{each['id']}" for each in found]
    assert [server.get(path)["id"] for path in kept] == [each["id"] for each in found]
    return found


def version(server: Server, number: int) -> str:
    return next(str(each["id"]) for each in server.get("/api/models")["models"] if each["version"] == number)


def test_the_ledger_shows_what_was_asked_is_searched_and_told_the_truth(page: Page) -> None:
    odd = {**penguins()[0], "island": "Isle of <b>Nowhere</b> 😀"}
    predict(page.server, *penguins()[:5])
    asked = predict(page.server, odd)[0]
    page.open("/predictions")
    wait_until(lambda: len(page.find(ROWS)) >= 6)
    assert "1 warning" in page.text(f"{ROWS}:first-child")
    field = page.wait_for("#ledger-text")
    field.send_keys("<b>Nowhere", "\ue007")
    wait_until(lambda: len(page.find(ROWS)) == 1)
    page.driver.refresh()  # the address holds the search
    wait_until(lambda: len(page.find(ROWS)) == 1)
    assert asked["prediction"] in page.text(ROWS)
    page.click(f"{ROWS} .row-link")
    page.wait_for_text(".prediction-details", "Isle of <b>Nowhere</b> 😀")
    assert asked["id"] in page.text(".prediction-details")
    Select(page.wait_for("#prediction-actual")).select_by_visible_text(asked["prediction"])
    page.click("#prediction-save")
    page.wait_for_text("#prediction-saved", "so the answer was right")
    page.wait_for_text(ROWS, "✓")  # in the table behind, without a reload
    page.open("/predictions?part=accuracy")
    page.wait_for_text(".live-scores", "accuracy")
    assert page.console() == []


def test_new_predictions_are_announced_and_the_table_waits(page: Page) -> None:
    predict(page.server, penguins()[7])
    page.open("/predictions")
    page.wait_for_text(ROWS, "Version 1")
    before = page.find(f"{ROWS} .row-link")[0].get_attribute("data-prediction")
    newest = predict(page.server, *penguins()[8:11])[-1]["id"]
    page.wait_for_text("#ledger-news", "3 new predictions")
    assert page.find(f"{ROWS} .row-link")[0].get_attribute("data-prediction") == before
    page.click("#ledger-show-news")
    wait_until(lambda: page.ask(lambda: page.find(f"{ROWS} .row-link")[0].get_attribute("data-prediction"), "") == newest)
    wait_until(lambda: not page.find("#ledger-news")[0].is_displayed())
    assert page.console() == []


def test_a_challenger_answers_the_same_rows_and_a_replay_tells_the_difference(page: Page) -> None:
    page.open(f"/models/{version(page.server, 2)}")
    page.click("#challenger-start")
    page.wait_for_text("#model-challenger", "runs beside the live model")
    page.open("/predictions?part=challenger")
    page.wait_for_text("#challenger-body", "Version 2 has run as challenger")

    def have_both_answered() -> bool:
        """It takes up the challenge a moment after it was started."""
        predict(page.server, *penguins()[:10])
        return "They agree on" in page.text("#challenger-body")

    wait_until(have_both_answered, every_s=0.5)
    page.click("#challenger-stop")
    page.wait_for_text("#challenger-notice", "stopped")
    page.wait_for_text("#challenger-body", "No challenger runs")
    page.open("/predictions?part=replay")
    page.choose("#replay-version", version(page.server, 2))
    page.click("#replay-button")
    page.wait_for_text("#replay-answer", "Version 2 answers")
    page.wait_for_text("#replay-answer tbody", "points")
    assert page.console() == []


def test_a_whole_file_is_answered_and_comes_back_with_its_own_cells(page: Page, dash_br: Browser, tmp_path: Path) -> None:
    rows = penguins()[:250]
    names = ["id", *rows[0]]
    file = tmp_path / "some penguins.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerows([names, *([f'say "{n}";\n{n}', *(value or "" for value in row.values())] for n, row in enumerate(rows))])
    page.open("/try")
    page.upload(file)
    page.wait_for_text("#score-done", "250 rows were answered by version 1")
    answered = Path(dash_br.download_path, "some penguins-predictions.csv")
    wait_until(answered.exists)
    with answered.open(newline="", encoding="utf-8") as file_back:
        head, *back = list(csv.reader(file_back))
    assert head[: len(names) + 2] == [*names, "prediction_id", "prediction"]
    assert [row[: len(names)] for row in back] == list(csv.reader(file.open(newline="", encoding="utf-8"), delimiter=";"))[1:]
    assert page.server.get(f"/api/predictions/{back[-1][len(names)]}")["prediction"] == back[-1][len(names) + 1]

    wrong = tmp_path / "wrong.csv"
    wrong.write_text(
        "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\n"
        + "Dream,40,18,190,4000,male\n" * 3
        + "Dream,long,18,190,4000,male\n"
    )
    page.upload(wrong)
    page.wait_for_text("#score-error", "Line 5 of the file: bill_length_mm")
    assert all("422" in line for line in page.console())
