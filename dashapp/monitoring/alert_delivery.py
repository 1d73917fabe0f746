"""The messenger: hands what is due to a process that sends it, and writes down what became of it.

The sending is a process of its own, because Apprise brings a hundred services with it that a web process needs for nothing else, because
its log names addresses, and because a process can be ended when its time is up.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import orjson

from dashapp.monitoring.alert_message import Message, message_of
from dashapp.monitoring.alert_outbox import Due, Outbox, channel_of
from dashapp.monitoring.alert_sender import ALL_S
from dashapp.monitoring.told import Alert
from dashapp.settings import ROOT

MOST_AT_ONCE = 3
"""Senders at the same time: a channel that hangs must not hold up the others."""
PATIENCE_S = 5.0
NO_ANSWER = "no answer in time"

_log = logging.getLogger(__name__)


class Messenger:
    """One per process; nothing runs before something is due. A message may come twice where a process dies between the sending and the
    writing down, and never gets lost."""

    def __init__(self, outbox: Outbox, find: Callable[[str], Alert], urls: Sequence[str], address: str) -> None:
        self._outbox, self._find, self._address = outbox, find, address
        self._urls = {channel_of(url): url for url in urls}
        self._threads: list[threading.Thread] = []
        self._senders: set[subprocess.Popen[bytes]] = set()

    def send_due(self, now: float) -> None:
        """Begin to send; waits for nobody."""
        self._threads = [each for each in self._threads if each.is_alive()]
        if len(self._threads) >= MOST_AT_ONCE:
            return
        due = self._outbox.claim(now)
        if due:
            thread = threading.Thread(target=self._send, args=(due,), name="alerts", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Wait a little for what is on its way; what is not written down by then is sent again by the next process."""
        deadline = time.monotonic() + PATIENCE_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        for sender in list(self._senders):
            sender.kill()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _send(self, due: Sequence[Due]) -> None:
        try:
            errors = self._sent([(each, message_of(self._find(each.alert_id), each, self._address)) for each in due])
            for each in due:
                error = errors.get(each.id, NO_ANSWER)
                if error:
                    self._outbox.failed(each, error, time.time())
                else:
                    self._outbox.delivered(each, time.time())
        except Exception:
            _log.exception("alerts could not be sent this time; they are tried again")

    def _sent(self, messages: Sequence[tuple[Due, Message]]) -> dict[int, str]:
        """What went wrong with each, by its id; empty where nothing did. The addresses go by the pipe, where nobody sees them."""
        told = [
            {"id": due.id, "url": self._urls[due.channel], "title": message.title, "body": message.body, "kind": message.kind}
            for due, message in messages
        ]
        sender = subprocess.Popen(
            [sys.executable, "-m", "dashapp.monitoring.alert_sender"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._senders.add(sender)
        try:
            answer, _ = sender.communicate(orjson.dumps(told), timeout=ALL_S + PATIENCE_S)
        except subprocess.TimeoutExpired:
            sender.kill()
            answer, _ = sender.communicate()
        finally:
            self._senders.discard(sender)
        return {each["id"]: each["error"] for each in map(orjson.loads, answer.splitlines())}
