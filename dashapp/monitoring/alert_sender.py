"""The sender process: `python -m dashapp.monitoring.alert_sender` reads messages as JSON, sends each by Apprise, and says how it went.

In: `[{id, url, title, body, kind}]`. Out: a line `{id, error}` for each, as soon as it is known; `error` is empty where it was delivered
and never holds a part of the URL. What has no line when the process ends was not delivered.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections import defaultdict
from typing import Any

import orjson

ONE_S, ALL_S = 10.0, 40
"""How long one message may take, and the process."""

_writing = threading.Lock()


def main() -> None:
    signal.alarm(ALL_S)
    by_url: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in orjson.loads(sys.stdin.buffer.read()):
        by_url[message["url"]].append(message)
    threads = [threading.Thread(target=send_all, args=(url, messages), daemon=True) for url, messages in by_url.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)  # a service that hangs would be waited for


def send_all(url: str, messages: list[dict[str, Any]]) -> None:
    """In their order; where one cannot be delivered, the others of its channel wait for the next time too."""
    error = ""
    for message in messages:
        error = error or send(url, message["title"], message["body"], message["kind"])
        with _writing:
            os.write(1, orjson.dumps({"id": message["id"], "error": error}) + b"\n")


def send(url: str, title: str, body: str, kind: str) -> str:
    """What went wrong, in words; empty where nothing did."""
    try:
        from apprise import Apprise, AppriseAsset, AppriseResultStatus, NotifyFormat, NotifyType

        asset = AppriseAsset(app_id="dashapp", app_desc="dashapp alerts", service_timeout=ONE_S, async_mode=False)
        service = Apprise(asset=asset)
        if not service.add(url):
            return "Apprise does not know what to do with this URL"
        result = service.notify(body, title, NotifyType(kind), NotifyFormat.TEXT, interpret_escapes=False)
    except Exception as error:
        return f"it failed with {type(error).__name__}"
    if result:
        return ""
    if result.status is AppriseResultStatus.TIMEOUT:
        return f"no answer within {ONE_S:g} s"
    said = re.search(r"error=(\d{3})\b", " ".join(entry.message for entry in result.logs()))
    return f"answered with status {said[1]}" if said else "it could not be reached, or refused"


if __name__ == "__main__":
    main()
