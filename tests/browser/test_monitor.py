"""The Monitor page in a real browser: alerts in every tab, toasts, charts with forecasts and marks, what is folded, and a quiet wire."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.keys import Keys

from dashapp.application.services import Services, open_services
from dashapp.events.fact import EventType, Fact
from dashapp.settings import Settings
from tests.browser.page import Page
from tests.server.running import Server, running
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

INVENTED = (sys.executable, "-m", "tests.browser.invented")
IS_LIVE = "return document.documentElement.classList.contains('is-live')"
HTTP_REQUESTS = "return performance.getEntriesByType('resource').length"
TRACES = "return (document.querySelector('#monitor-{}-chart .js-plotly-plot')?.data || []).map(each => each.name || each.mode + each.fill)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(INVENTED, tmp_path_factory.mktemp("monitor")) as server:
        yield server


@pytest.fixture(scope="module")
def told(server: Server) -> Iterator[Services]:
    """The stores of the running server, to bring alerts about."""
    services = open_services(Settings(home=server.home), migrate=False)
    yield services
    services.close()


@pytest.fixture
def page(dash_br: Browser, server: Server) -> Page:
    dash_br.server_url = server.url
    return Page(dash_br, server)


def tell(services: Services, action: str, alert: str, message: str, severity: str = "critical") -> None:
    data = {"action": action, "rule": "memory_usage", "alert": alert, "severity": severity, "value": 93.0, "threshold": 90.0}
    with services.database.write() as transaction:
        services.log.append(transaction, Fact(EventType.SYSTEM_ALERT, message, {"host": "here", "alert": alert}, data))


def open_monitor(page: Page, address: str = "/monitor") -> None:
    page.open(address)
    wait_until(lambda: page.driver.execute_script(IS_LIVE))
    page.wait_for("#monitor-headline")


@pytest.mark.slow
def test_an_alert_is_told_acknowledged_muted_and_over_in_every_tab(page: Page, told: Services) -> None:
    open_monitor(page)
    page.wait_for_text(".calm-line", "No alert stands")
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    open_monitor(page)
    tell(told, "raised", "m1", "Memory in use: 93 % <b>(limit 90 %)</b>")
    page.wait_for_text("#monitor-alerts", "Memory in use: 93 % <b>(limit 90 %)</b>", timeout_s=5)
    page.wait_for_text("#monitor-headline", "Memory in use")
    page.wait_for_text(".toast-card", "Critical alert")
    page.wait_for_text("#monitor-alerts", "Probable cause: The training of churn.csv")
    page.click("[data-alert-action=acknowledge]")
    page.wait_for_text("#monitor-alerts", "acknowledged by dashboard")
    assert not page.find("[data-alert-action=acknowledge]")
    page.click("[data-alert-action=mute][data-seconds='3600']")
    page.wait_for_text("#monitor-alerts", "no messages until")
    page.driver.switch_to.window(first)
    page.wait_for_text("#monitor-alerts", "acknowledged by dashboard")
    page.wait_for_text("#monitor-alerts", "no messages until")
    page.click("[data-alert-action=unmute]")
    wait_until(lambda: page.find("[data-alert-action=mute]"))
    tell(told, "resolved", "m1", "Memory in use: back to 61 %")
    page.wait_for_text(".calm-line", "No alert stands. The last one ended")
    page.wait_for_text("#monitor-headline", "HEALTHY")
    assert page.console() == []


@pytest.mark.slow
def test_a_toast_leads_to_its_alert_and_is_closed_by_keyboard(page: Page, told: Services) -> None:
    page.open("/activity")
    wait_until(lambda: page.driver.execute_script(IS_LIVE))
    tell(told, "raised", "m2", "The disk is nearly full", "warning")
    page.wait_for_text(".toast-card", "The disk is nearly full")
    page.click(".toast-link")
    page.wait_for_text(".alert-item.is-marked", "The disk is nearly full")
    wait_until(lambda: page.driver.switch_to.active_element.get_attribute("id") == "alert-m2")
    tell(told, "resolved", "m2", "The disk has room again")
    page.wait_for_text(".toast-card", "The disk has room again")
    page.find(".toast-close")[0].send_keys(Keys.ENTER)
    wait_until(lambda: not page.find(".toast-card"))
    page.driver.refresh()  # the link still leads there when the alert is over
    page.wait_for_text(".past-alerts .alert-item.is-marked", "The disk is nearly full")
    assert page.console() == []


def test_charts_show_bands_forecasts_marks_and_live_alerts(page: Page, told: Services) -> None:
    open_monitor(page)
    resources = TRACES.format("resources")
    wait_until(lambda: len(page.driver.execute_script(resources)) >= 6)
    assert page.driver.execute_script(resources).count("linestoself") == 3  # two lines and a forecast
    assert "Memory, forecast" in page.driver.execute_script(resources)
    wait_until(lambda: "In use, forecast" in page.driver.execute_script(TRACES.format("storage")))
    page.wait_for_text(".chart-forecast", "tried on the past, it held 78%")
    marks = "return document.querySelector('#monitor-resources-chart .js-plotly-plot').data.at(-1).text"
    assert "Version 3 is in use" in page.driver.execute_script(marks)
    page.driver.execute_script("document.querySelector('#monitor-resources-chart').scrollIntoView()")  # what is out of sight rests
    tell(told, "raised", "m3", "A mark & more")
    wait_until(lambda: "A mark &amp; more" in page.driver.execute_script(marks))
    tell(told, "resolved", "m3", "over")
    assert page.console() == []


def test_what_is_folded_is_drawn_when_it_is_opened(page: Page) -> None:
    open_monitor(page)
    page.wait_for("#monitor-processes > summary")
    assert page.driver.execute_script("return document.querySelectorAll('#monitor-processes-rows tr').length") == 0
    page.click("#monitor-processes > summary")
    page.wait_for_text("#monitor-processes-rows", "trainer · churn.csv")
    assert page.driver.execute_script("return document.querySelectorAll('#monitor-cores meter').length") == 2
    page.click("#monitor-drift-show-all")
    page.wait_for("#monitor-drift-all tbody tr")
    assert page.console() == []


def test_an_open_page_is_quiet_on_the_wire(page: Page) -> None:
    """The server samples each second here, five times as often as it does by itself."""
    count = """window.told = {bytes: 0, frames: 0};
        const Before = window.WebSocket;
        window.WebSocket = class extends Before { constructor(...given) { super(...given);
            this.addEventListener('message', e => { window.told.frames += 1; window.told.bytes += new Blob([e.data]).size; }); } };"""
    page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": count})
    open_monitor(page)
    wait_until(lambda: page.driver.execute_script("return window.told.frames") >= 3)
    before = page.driver.execute_script("return [window.told.frames, window.told.bytes]")
    requests = page.driver.execute_script(HTTP_REQUESTS)
    wait_until(lambda: page.driver.execute_script("return window.told.frames") >= before[0] + 4)
    frames, size = page.driver.execute_script("return [window.told.frames, window.told.bytes]")
    assert (size - before[1]) / (frames - before[0]) < 3000, json.dumps([frames, size])
    assert page.driver.execute_script(HTTP_REQUESTS) == requests


NOTIFICATIONS = """
window.asked = 0; window.told = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { window.asked += 1; this.permission = "granted"; return "granted"; }
  constructor(title, more) { window.told.push(`${title}: ${more.body}`); }
};
Object.defineProperty(document, "hidden", { get: () => window.isAway === true });
"""


@pytest.mark.slow
def test_the_browser_notifies_who_asked_for_it_while_the_tab_is_out_of_sight(page: Page, told: Services) -> None:
    page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NOTIFICATIONS})
    open_monitor(page)
    page.wait_for_text("#monitor-notify", "Notify me")
    assert page.driver.execute_script("return window.asked") == 0
    page.click("#monitor-notify")
    page.wait_for_text("#monitor-notify", "Notifications on")
    tell(told, "raised", "m4", "In sight", "warning")
    page.wait_for_text(".toast-card", "In sight")
    page.driver.execute_script("window.isAway = true")
    tell(told, "resolved", "m4", "Out of sight")
    wait_until(lambda: page.driver.execute_script("return window.told") == ["Alert over: Out of sight"])
    page.click("#monitor-notify")
    page.wait_for_text("#monitor-notify", "Notify me")
    assert page.console() == []
