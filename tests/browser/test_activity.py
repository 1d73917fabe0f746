"""The Activity page in a real browser: floods grow live, everything is found again by its address, and it goes back to the first day."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dash.testing.browser import Browser

from tests.browser.page import Page
from tests.server.running import DEVELOPMENT, Server, running
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

NASTY = '<img src=x onerror="document.title=1"> & שלום.csv'
LINE = "#activity-feed .timeline-line"
FIRST_DAY = datetime(2025, 3, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A day in March 2025, and 30 days of uploads that end a day ago."""
    with running(DEVELOPMENT, tmp_path_factory.mktemp("activity")) as server:
        tell(server, FIRST_DAY, "user_action", f"{NASTY} was uploaded", {"dataset": "d0"}, {"action": "dataset_uploaded"})
        yesterday = datetime.now(UTC) - timedelta(days=1)
        for number in range(300):
            at = yesterday - timedelta(hours=2.4 * (300 - number))
            tell(server, at, "user_action", f"file {number} was uploaded", {"dataset": f"d{number}"}, {"action": "dataset_uploaded"})
        yield server


@pytest.fixture
def page(dash_br: Browser, server: Server) -> Page:
    dash_br.server_url = server.url
    return Page(dash_br, server)


def tell(server: Server, at: datetime, type: str, message: str, subject: dict[str, str], data: dict[str, Any]) -> None:
    with closing(sqlite3.connect(server.home / "dashapp.db", timeout=30)) as database, database:
        moment = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        row = (moment, type, json.dumps(subject), message, json.dumps(data))
        database.execute("INSERT INTO events (at, type, subject, message, data) VALUES (?, ?, ?, ?, ?)", row)


def predict(server: Server, count: int) -> None:
    data = {"count": count, "requests": 1, "mean_ms": 2.0, "version": 1, "versions": {"1": count}}
    tell(server, datetime.now(UTC), "prediction_made", f"{count} predictions by version 1 (mean 2.0 ms)", {}, data)


def test_a_flood_is_one_line_that_grows_and_opens(page: Page) -> None:
    page.open("/activity")
    wait_until(lambda: page.find(LINE))
    predict(page.server, 1000)
    page.wait_for_text(f"{LINE}:first-child", "1000 predictions")
    predict(page.server, 240)
    page.wait_for_text(f"{LINE}:first-child", "1,240 predictions by version 1 in the last minute")
    lines = len(page.find(LINE))
    page.click(f"{LINE}:first-child summary")
    wait_until(lambda: len(page.find(f"{LINE}:first-child .timeline-parts li")) == 2)
    predict(page.server, 10)
    page.wait_for_text(f"{LINE}:first-child summary", "1,250 predictions")
    assert len(page.find(f"{LINE}:first-child .timeline-parts li")) == 3  # and it stays open
    assert len(page.find(LINE)) == lines
    tell(page.server, datetime.now(UTC), "system_alert", "Memory is short", {"alert": "3"}, {"action": "raised"})
    page.wait_for_text(f"{LINE}:first-child", "Memory is short")
    link = page.wait_for(f"{LINE}:first-child a[href*='alert=3']")
    assert link.get_attribute("href").endswith("/monitor?alert=3")
    assert page.text(".timeline-day").startswith("Today")
    assert page.console() == []


@pytest.mark.slow
def test_it_scrolls_back_to_the_first_day(page: Page) -> None:
    page.open("/activity?type=user_action")
    wait_until(lambda: page.find(LINE))

    def end() -> bool:
        page.driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
        return "Nothing older" in page.text("#activity-status")

    wait_until(end, timeout_s=30)
    assert len(page.find(LINE)) == 301
    assert "Monday, 3 March 2025" in page.text(".timeline-day") or "3 March 2025" in page.text(".timeline-day")
    assert NASTY in page.text(LINE)  # as text
    assert page.find("#activity-feed img") == []
    assert not page.wait_for("main").find_elements("css selector", "#activity-older:not(.is-hidden)")


def test_what_is_searched_stands_in_the_address(page: Page) -> None:
    page.open("/activity")
    page.wait_for("#activity-text").send_keys("FILE 29", "\ue007")
    wait_until(lambda: len(page.find(LINE)) == 11)
    assert "text=FILE+29" in page.driver.current_url
    page.driver.refresh()
    wait_until(lambda: len(page.find(LINE)) == 11)
    tell(page.server, datetime.now(UTC), "user_action", "another", {"dataset": "x"}, {"action": "dataset_uploaded"})
    tell(page.server, datetime.now(UTC), "user_action", "file 29 again", {"dataset": "y"}, {"action": "dataset_uploaded"})
    page.wait_for_text(f"{LINE}:first-child", "file 29 again")
    assert len(page.find(LINE)) == 12
    page.click(f"{LINE}:nth-child(1) a[href*='subject=dataset']")
    wait_until(lambda: len(page.find(LINE)) == 1)
    assert "subject=dataset%3Ay" in page.driver.current_url
    page.driver.back()
    wait_until(lambda: len(page.find(LINE)) == 12)
    page.click("#activity-types input[value='model_deployed']")
    page.wait_for_text("#activity-status", "Nothing is like that.")
    assert page.console() == []


def test_a_day_can_be_gone_back_to(page: Page) -> None:
    page.open("/activity?day=2025-03-04")
    wait_until(lambda: len(page.find(LINE)) == 1)
    assert "Back to the newest" in page.text("#activity-page")
    predict(page.server, 5)
    page.driver.find_element("link text", "Back to the newest").click()
    page.wait_for_text(f"{LINE}:first-child", "predictions")
    assert "live" in page.text(".card-aside")
