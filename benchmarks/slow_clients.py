"""Slow clients beside honest ones, and what the front costs: our worker and plain gthread in one run, in turn.

First one-row predictions as fast as they are answered, at 1, 8 and 32 kept connections; then p99 of predictions on a schedule beside
twice as many slow clients as there are threads.
"""

from __future__ import annotations

import selectors
import socket
import statistics
import sys
import time
from contextlib import ExitStack, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from tests.conftest import DATA
from tests.server.attackers import slow_clients
from tests.server.honest import Seen, ask
from tests.server.running import GUNICORN, Server, running
from tests.server.test_switching import example

ROUNDS, SECONDS = 5, 3
CONNECTIONS = (1, 8, 32)
THREADS, WORKERS = 32, 2
SLOW = 2 * THREADS * WORKERS
KINDS = ("none", "heads", "bodies", "uploads")
MOST_P99_MS = 500
LEAST_RATIO = 0.97
SERVERS = {"ours": GUNICORN, "gthread": (*GUNICORN, "--worker-class", "gthread")}


def main() -> int:
    with ExitStack() as stack:
        servers = {name: stack.enter_context(_deployed(stack, command)) for name, command in SERVERS.items()}
        body = orjson.dumps({"rows": [example(servers["ours"])]})
        failed = _rates(servers, body)
        failed |= _beside_slow_clients(servers, body)
    return int(failed)


def _deployed(stack: ExitStack, command: tuple[str, ...]) -> nullcontext[Server]:
    directory = Path(stack.enter_context(TemporaryDirectory()))
    server = stack.enter_context(running(command, directory, workers=str(WORKERS), threads=str(THREADS)))
    run = server.wait_for_run(server.train(server.upload(DATA / "telco_churn.csv")["id"], budget_s=5)["id"])
    server.post(f"/api/models/{run['model_id']}/deploy")
    example(server)
    return nullcontext(server)


def _rates(servers: dict[str, Server], body: bytes) -> bool:
    failed = False
    for connections in CONNECTIONS:
        rates: dict[str, list[float]] = {name: [] for name in servers}
        for number in range(ROUNDS):
            for name in list(servers)[:: 1 if number % 2 == 0 else -1]:
                rates[name].append(_rate(_port(servers[name]), body, connections))
        ratios = [ours / theirs for ours, theirs in zip(rates["ours"], rates["gthread"], strict=True)]
        ratio = statistics.median(ratios)
        failed |= ratio < LEAST_RATIO
        told = ", ".join(f"{name} {statistics.median(each):,.0f}/s" for name, each in rates.items())
        print(f"{connections:3} connections: {told}; ratio {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)
    return failed


def _rate(port: int, body: bytes, connections: int) -> float:
    """Answers a second to clients that ask again as soon as they are answered; all of them in one loop, which is cheaper than threads."""
    head = f"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    sent = head.encode() + body
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for _ in range(connections):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(sent)
            selector.register(client, selectors.EVENT_READ, bytearray())
        answers, start = 0, time.perf_counter()
        while (passed := time.perf_counter() - start) < SECONDS:
            for key, _ in selector.select(0.1):
                received: bytearray = key.data
                client = key.fileobj  # type: ignore[assignment]
                received += client.recv(65536)
                if not _is_whole(received):
                    continue
                assert received.startswith(b"HTTP/1.1 200"), received
                received.clear()
                answers += 1
                client.sendall(sent)
    return answers / passed


def _is_whole(received: bytearray) -> bool:
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = received.find(b"Content-Length: ") + len(b"Content-Length: ")
    return len(received) >= end + 4 + int(received[at : received.find(b"\r\n", at)])


def _beside_slow_clients(servers: dict[str, Server], body: bytes) -> bool:
    failed = False
    for kind in KINDS:
        for name, server in servers.items():
            with slow_clients(_port(server), kind, SLOW) if kind != "none" else nullcontext():
                seen = ask(_port(server), "/api/predict", body, seconds=2 * SECONDS)
            told = _told(seen)
            print(f"{SLOW if kind != 'none' else 0:4} slow clients ({kind}), {name}: {told}", flush=True)
            failed |= name == "ours" and (bool(seen.failures) or seen.p99_ms() > MOST_P99_MS)
    return failed


def _told(seen: Seen) -> str:
    return f"p50 {seen.p50_ms():,.1f} ms, p99 {seen.p99_ms():,.1f} ms, {len(seen.failures)} of {len(seen.latencies_ms)} failed"


def _port(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])


if __name__ == "__main__":
    sys.exit(main())
