"""The data section in a real browser: a far row, another reading, a kind, a remedy and its undo, one-click targets, the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.page import Page
from tests.conftest import DATA
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

FOCUSED = "return document.activeElement.textContent"
ROWS = 190_000  # their height in pixels is more than the spacer may have


@pytest.fixture
def page(used_page: Page) -> Page:
    return used_page


@pytest.fixture(scope="session")
def long_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("long") / "long.csv"
    lines = (f"{row * 3},w{row % 9},{'yes' if row % 2 else 'no'}" for row in range(1, ROWS + 1))
    file.write_text("\n".join(["number,word,target", *lines]) + "\n")
    return file


def open_dataset(page: Page, file: Path) -> str:
    dataset = page.server.upload(file)
    page.open(f"/?dataset={dataset['id']}")
    page.wait_for("#preview-rows.is-drawn tbody tr")
    return str(dataset["id"])


def unfold(page: Page, fold: str) -> None:
    page.click(f"#{fold} > summary")
    wait_until(lambda: page.find(f"#{fold}")[0].get_attribute("open"))


def test_a_long_table_is_scrolled_to_its_end_with_few_rows_in_the_page(page: Page, long_table: Path) -> None:
    open_dataset(page, long_table)
    box, go = page.find("#preview-box")[0], page.find("#preview-go")[0]
    page.driver.execute_script("arguments[0].scrollTop = arguments[0].scrollHeight", box)
    page.wait_for_text("#preview-rows tbody tr:last-child", f"{ROWS:,}")
    go.send_keys("123456", Keys.ENTER)
    page.wait_for_text("#preview-rows tbody tr.is-marked", str(123_456 * 3))
    box.send_keys(Keys.PAGE_DOWN)
    wait_until(lambda: not page.find("#preview-rows tr.is-marked"))
    box.send_keys(Keys.HOME)
    page.wait_for_text("#preview-rows tbody tr:first-child th", "1")
    page.wait_for_text("#preview-status", f"of {ROWS:,}")
    assert len(page.find("#preview-rows tbody tr")) < 30
    assert page.console() == []


def test_another_separator_is_tried_and_taken(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "both.csv"
    file.write_text("a;b,c;d\n" + "".join(f"{row};{row % 7},{row % 5};{row % 2}\n" for row in range(80)))
    open_dataset(page, file)
    page.wait_for_text("#preview-rows thead", "b,c")
    unfold(page, "read-fold")
    page.choose("#read-separator", ",")
    page.wait_for_text("#read-preview thead", "a;b")
    assert "b,c" in page.text("#preview-rows thead")  # nothing is changed yet
    page.click("#read-button")
    page.wait_for_text("#decision", "commas")
    page.wait_for_text("#preview-rows thead", "a;b")
    wait_until(lambda: page.driver.execute_script(FOCUSED) == "Undo")
    page.click("#decision button")
    page.wait_for_text("#preview-rows thead", "b,c")


def test_a_kind_a_remedy_and_a_target_are_one_click_each_and_can_be_undone(page: Page) -> None:
    dataset = open_dataset(page, DATA / "wine_red_semicolon.csv")
    _change_a_kind(page)
    _press_a_remedy(page, dataset)
    assert page.find("#task-choice input[value=multiclass]")[0].is_selected()
    page.click('#other-targets [id*="quality"]')
    wait_until(lambda: page.find("#task-choice input[value=regression]")[0].is_selected())
    assert page.wait_for("#target-select").get_attribute("value") == "quality"
    link = page.find("#quality-fold")[0].find_element(By.LINK_TEXT, "Download the report").get_attribute("href")
    assert link == f"{page.server.url}/api/datasets/{dataset}/report"
    assert page.console() == []


def test_text_for_another_separator_is_meant(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bars.csv"
    file.write_text("a;b~~c;d\n" + "".join(f"{row};{row % 7}~~{row % 5};{row % 2}\n" for row in range(80)))
    open_dataset(page, file)
    unfold(page, "read-fold")
    page.find("#read-other-separator")[0].send_keys("~~")
    page.wait_for_text("#read-preview thead", "a;b")
    assert page.find("#read-separator")[0].get_attribute("value") == "other"
    page.choose("#read-separator", ";")
    wait_until(lambda: page.find("#read-other-separator")[0].get_attribute("value") == "")
    page.wait_for_text("#read-preview thead", "b~~c")


def _change_a_kind(page: Page) -> None:
    """What was unfolded stays so, and the keyboard stays where it was."""
    unfold(page, "columns-fold")
    kind = '[id*="column-kind"][id*="alcohol"]'
    page.choose(kind, "category")
    page.wait_for_text("#decision", '"alcohol" is read as: category.')
    assert page.find("#columns-fold")[0].get_attribute("open")
    wait_until(lambda: page.driver.execute_script("return document.activeElement.id").find("alcohol") > 0)
    page.click("#decision button")
    wait_until(lambda: page.driver.execute_script("return document.querySelector(arguments[0]).value", kind) == "found")
    page.wait_for_text("#decision", "as it was found")
    wait_until(lambda: page.driver.execute_script(FOCUSED) == "Undo")
    page.click("#decision-dismiss")
    wait_until(lambda: not page.find("#decision button"))


def _press_a_remedy(page: Page, dataset: str) -> None:
    unfold(page, "quality-fold")
    row = page.wait_for(".check .row-link").text
    page.click(".check .row-link")
    page.wait_for_text("#preview-rows tr.is-marked th", row)
    page.click('.check [id*="drop_duplicates"]')
    page.wait_for_text("#decision", "repeat an earlier row are left out")
    assert page.server.get(f"/api/datasets/{dataset}")["reading"]["drop_duplicates"] is True
    page.click("#decision button")
    page.wait_for_text("#decision", "repeat an earlier row are kept")
    assert page.server.get(f"/api/datasets/{dataset}")["reading"]["drop_duplicates"] is False
