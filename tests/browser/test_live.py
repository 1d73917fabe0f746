"""What a person sees while things happen: other tabs, deaths, wrong files, a server that goes away."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from dash.testing.browser import Browser

from tests.browser.page import Page
from tests.conftest import DATA
from tests.server.running import DEVELOPMENT, free_port, running
from tests.server.trainers import start_long_run, trainer_of, upload_long_table
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

IS_LIVE = "return document.documentElement.classList.contains('is-live')"
HTTP_REQUESTS = "return performance.getEntriesByType('resource').length"


@pytest.mark.slow
def test_a_killed_trainer_is_shown_in_every_tab_within_five_seconds(page: Page) -> None:
    run_id = start_long_run(page.server)
    page.open()  # a start page shows the run that is under way
    page.wait_for_text("#train-state", "Running")
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.open(f"/?run={run_id}")
    page.wait_for_text("#train-state", "Running")
    wait_until(lambda: page.find("#train-leaderboard tr.is-best"))
    trainer_of(page.server).send_signal(signal.SIGKILL)
    killed_at = time.monotonic()
    page.wait_for_text("#train-state", "Interrupted", timeout_s=5)
    page.driver.switch_to.window(first)
    page.wait_for_text("#train-state", "Interrupted", timeout_s=max(5 - (time.monotonic() - killed_at), 1))
    assert "killed from outside" in page.text("#run-error")


@pytest.mark.slow
def test_a_double_click_on_train_starts_one_run_and_cancel_ends_it(page: Page) -> None:
    dataset = upload_long_table(page.server)
    page.open(f"/?dataset={dataset['id']}")
    page.wait_for("#train-button")
    page.driver.execute_script("const train = document.querySelector('#train-button'); train.click(); train.click()")
    page.wait_for_text("#train-state", "Running")
    assert page.server.get("/api/runs")["total"] == 1
    page.click("#cancel-button")
    page.wait_for_text("#train-state", "Cancelled", timeout_s=5)
    wait_until(lambda: page.find("#train-button")[0].is_enabled())


WRONG = {
    "fake_html_table.csv": "HTML",
    "degen_empty.csv": "empty",
    "degen_header_only.csv": "no rows",
    "degen_single_column.csv": "column",
}


def test_wrong_files_are_told_in_a_sentence_and_the_page_stays_usable(page: Page) -> None:
    page.open()
    for file, words in WRONG.items():
        page.upload(DATA / "ugly" / file)
        page.wait_for_text("#upload-error", words)
        assert list((page.server.home / "datasets").iterdir()) == []
    page.upload(DATA / "iris.csv")
    page.wait_for("#train-button")


def test_a_target_with_one_class_is_told_where_train_was_pressed(used_page: Page) -> None:
    dataset = used_page.server.upload(DATA / "ugly" / "degen_constant_target.csv")
    before = used_page.server.get("/api/runs")["total"]
    used_page.open(f"/?dataset={dataset['id']}")
    used_page.choose("#target-select", "churn")
    used_page.click("#train-button")
    used_page.wait_for_text("#train-error", "churn")
    assert used_page.server.get("/api/runs")["total"] == before


def test_the_page_says_that_the_server_is_away_and_misses_nothing(dash_br: Browser, tmp_path: Path) -> None:
    port = str(free_port())
    with running(DEVELOPMENT, tmp_path, port=port) as server:
        page = Page(dash_br, server)
        page.open("/activity")
        wait_until(lambda: page.driver.execute_script(IS_LIVE))
        server.upload(DATA / "iris.csv")
        page.wait_for_text("#activity-feed", "iris.csv")
    page.wait_for_text("#connection-banner", "reconnecting")
    with running(DEVELOPMENT, tmp_path, port=port) as server:
        server.upload(DATA / "penguins.csv")
        wait_until(lambda: page.driver.execute_script(IS_LIVE), timeout_s=30)
        page.wait_for_text("#activity-feed", "penguins.csv")
        assert page.text("#activity-feed").count("was uploaded") == 2


def test_an_open_monitor_moves_without_a_single_request(used_page: Page) -> None:
    used_page.open("/monitor")
    wait_until(lambda: used_page.driver.execute_script(IS_LIVE))
    used_page.wait_for_text("#monitor-headline", "HEALTHY")
    drawn = "return document.querySelector('#monitor-resources-chart .js-plotly-plot').data.find((trace) => trace.name).x.length"
    wait_until(lambda: used_page.driver.execute_script(drawn) >= 1)
    points, requests = used_page.driver.execute_script(drawn), used_page.driver.execute_script(HTTP_REQUESTS)
    used_page.driver.execute_script("document.querySelector('#monitor-resources-chart').scrollIntoView()")  # what is out of sight rests
    uptimes = set()
    wait_until(lambda: uptimes.add(used_page.text("#monitor-system-uptime")) or len(uptimes) >= 4)
    wait_until(lambda: used_page.driver.execute_script(drawn) > points, timeout_s=30)  # one each 500th part of the hour
    assert used_page.driver.execute_script(HTTP_REQUESTS) == requests
    assert used_page.console() == []
