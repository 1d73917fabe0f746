"""What honest callers see beside others: the latency of requests that go out on a schedule, and how many of them fail."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from dataclasses import dataclass, field

TIMEOUT_S = 5.0


@dataclass
class Seen:
    latencies_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def p99_ms(self) -> float:
        return statistics.quantiles(self.latencies_ms, n=100)[98] if len(self.latencies_ms) > 1 else float("inf")

    def p50_ms(self) -> float:
        return statistics.median(self.latencies_ms) if self.latencies_ms else float("inf")


def ask(port: int, path: str, body: bytes, *, seconds: float, rate: float = 40, clients: int = 8) -> Seen:
    """Half of the clients keep their connection, half open one for each request. Timed from the moment when a request was due."""
    seen = Seen()
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_client, args=(port, path, body, end, number / rate, clients / rate, number % 2 == 0, seen))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _client(port: int, path: str, body: bytes, end: float, offset: float, every_s: float, keeps: bool, seen: Seen) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    due = time.monotonic() + offset
    while due < end and time.monotonic() < end + TIMEOUT_S:  # a server that answers nobody is not asked for ever
        time.sleep(max(due - time.monotonic(), 0))
        try:
            connection.request("POST" if body else "GET", path, body or None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 500 or answer.status == 408:
                seen.failures.append(str(answer.status))
        except (OSError, http.client.HTTPException) as error:
            seen.failures.append(repr(error))
            connection.close()
        seen.latencies_ms.append((time.monotonic() - due) * 1e3)
        if not keeps:
            connection.close()
        due += every_s
    connection.close()
