"""Messages that really leave: a sender process, Apprise, and a webhook on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from dashapp.database.engine import Database
from dashapp.monitoring.alert_delivery import Messenger
from dashapp.monitoring.alert_outbox import Outbox, channel_of
from dashapp.monitoring.alert_store import AlertStore
from tests.monitoring.test_alert_store import NOW, Changing
from tests.monitoring.webhook import Webhook, listening
from tests.waiting import wait_until


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with listening() as found:
        yield found


class Post:
    """All that a delivery needs, over some channels."""

    def __init__(self, database: Database, urls: list[str]) -> None:
        self.outbox = Outbox(database, [channel_of(url) for url in urls])
        self.store = AlertStore(database, self.outbox)
        self.change = Changing(database, self.store)
        self.messenger = Messenger(self.outbox, self.store.get, urls, "http://here/monitor?alert=")

    def send(self, now: float) -> None:
        """And wait until all of it is written down."""
        self.messenger.send_due(now)
        wait_until(lambda: not any(thread.is_alive() for thread in self.messenger._threads), timeout_s=60)

    def errors(self, alert_id: str) -> list[str]:
        return [each.error for each in self.outbox.deliveries(alert_id)]


def test_an_alert_and_its_end_reach_a_webhook_in_order_and_once(database: Database, hook: Webhook) -> None:
    post = Post(database, [hook.url])
    raised = post.change.add()
    assert raised is not None
    post.send(NOW)
    post.send(NOW + 1e5)
    post.change.resolve(raised)
    post.send(NOW + 2e5)
    assert hook.titles == ["Warning: Memory in use is at 92 % (limit 90 %)", "Over: Memory in use is at 92 % (limit 90 %)"]
    assert [each["type"] for each in hook.got] == ["warning", "success"]
    body = hook.got[0]["message"]
    assert "Probable cause: The trainer holds it." in body and body.endswith(f"http://here/monitor?alert={raised.id}")
    assert hook.asked == 2


def test_a_webhook_that_refuses_is_tried_again_and_the_log_holds_no_address(
    database: Database, hook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.answers = [500]
    gone = "json://127.0.0.1:9/secret-path"
    post = Post(database, [hook.url, gone, "nosuch://secret-path"])
    raised = post.change.add()
    assert raised is not None
    post.send(NOW)
    assert post.errors(raised.id) == [
        "answered with status 500",
        "it could not be reached, or refused",
        "Apprise does not know what to do with this URL",
    ]
    post.send(9e9)
    assert len(hook.got) == 1 and post.errors(raised.id)[0] == ""
    assert "secret-path" not in caplog.text


def test_one_that_does_not_answer_holds_up_nobody_and_has_a_time_limit(
    database: Database, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.answers = [0]
    with listening() as other:
        post = Post(database, [f"{hook.url}?rto=1", other.url])
        raised = post.change.add()
        assert raised is not None
        post.send(NOW)
        assert len(other.got) == 1 and hook.got == []
        assert post.errors(raised.id)[0] != "" and post.errors(raised.id)[1] == ""


def test_closing_ends_what_is_on_its_way(database: Database, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashapp.monitoring.alert_delivery.PATIENCE_S", 0.5)
    hook.answers = [0]
    post = Post(database, [hook.url])
    post.change.add()
    post.messenger.send_due(NOW)
    wait_until(lambda: hook.asked, timeout_s=60)
    post.messenger.close()
    assert not any(thread.is_alive() for thread in post.messenger._threads)
    assert hook.got == []
