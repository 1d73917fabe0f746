"""What a person does with the page, in a few words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dash.testing.browser import Browser
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from tests.server.running import Server
from tests.waiting import wait_until


class Page:
    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server

    @property
    def driver(self) -> Any:
        return self.browser.driver

    def open(self, path: str = "/") -> None:
        self.driver.get(self.server.url + path)
        self.wait_for("main")

    def find(self, selector: str) -> list[WebElement]:
        found: list[WebElement] = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found

    def wait_for(self, selector: str, timeout_s: float = 30) -> WebElement:
        def shown() -> WebElement | None:
            return next((each for each in self.find(selector) if self._is_shown(each)), None)

        return wait_until(shown, timeout_s)

    def _is_shown(self, element: WebElement) -> bool:
        return bool(self.ask(lambda: element.is_displayed(), False))

    @staticmethod
    def ask(question: Callable[[], Any], otherwise: Any) -> Any:
        """The answer, or `otherwise` where the element was drawn anew in the middle of it."""
        from selenium.common.exceptions import WebDriverException

        try:
            return question()
        except WebDriverException:
            return otherwise

    def text(self, selector: str) -> str:
        return str(self.ask(lambda: " ".join(each.text for each in self.find(selector)), ""))

    def wait_for_text(self, selector: str, words: str, timeout_s: float = 30) -> str:
        return wait_until(lambda: (text := self.text(selector)) if words in self.text(selector) else "", timeout_s)

    def click(self, selector: str) -> None:
        """A real click, once the element is there, enabled and under the pointer; it may be drawn anew meanwhile."""

        def click() -> bool:
            element = self.find(selector)[0]
            if not element.is_enabled():
                return False
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
            element.click()
            return True

        self.wait_for(selector)
        wait_until(lambda: self.ask(click, False))

    def choose(self, selector: str, value: str) -> None:
        Select(self.wait_for(selector)).select_by_value(value)

    def upload(self, file: Path) -> None:
        wait_until(lambda: self.find("input[type=file]"))
        self.find("input[type=file]")[0].send_keys(str(file))

    def console(self) -> list[str]:
        """What the browser's console says, warnings and errors."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]
