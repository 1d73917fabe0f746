"""What a prediction costs beside a route of the same server that parses the JSON and returns a constant: in turn, in one run.

Printed are medians of the rounds: p50 of one row at 1 connection, requests a second at 8 and 32 connections, and a batch of 1,000 rows
beside the same pipeline called with a DataFrame.
"""

from __future__ import annotations

import selectors
import socket
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import orjson
from threadpoolctl import threadpool_limits

from benchmarks.reference_model import deployed, reference_model
from dashapp.training.features import to_frame
from dashapp.training.result import TrainedModel
from tests.server.running import running

COMMAND = (sys.executable, "-m", "gunicorn", "benchmarks.floor_server:server")
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
KINDS = (("boosting",), ("boosting", "forest", "linear"))
ONE, SECONDS, BATCHES = 300, 2.0, 8


def main() -> int:
    kept = [_measured(kinds) for kinds in (([*sys.argv[1:]] and [tuple(sys.argv[1].split("+"))]) or KINDS)]
    return int(not all(kept))


def _measured(kinds: tuple[str, ...]) -> bool:
    model = reference_model(kinds)
    rows = [dict(row) for row in (model.check_rows * 5)[:1000]]
    one, many = orjson.dumps({"rows": rows[:1]}), orjson.dumps({"rows": rows})
    with TemporaryDirectory() as directory:
        deployed(Path(directory) / "home", model)
        with running(COMMAND, Path(directory)) as server:
            found: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                for name, value in _round(server.url, one, many, model, rows).items():
                    found.setdefault(name, []).append(value)
    middle = {name: statistics.median(values) for name, values in found.items()}
    print(f"== {' + '.join(kinds)}")
    print(f"one row, 1 connection: p50 {middle['predict ms']:.2f} ms, floor {middle['floor ms']:.2f} ms")
    at_most = [_said("  p50 beside the floor", middle["predict ms"] / middle["floor ms"], 1.5, is_most=True)]
    for count in (8, 32):
        ratio = statistics.median(a / b for a, b in zip(found[f"predict {count}"], found[f"floor {count}"], strict=True))
        print(f"{count} connections: {middle[f'predict {count}']:.0f} requests a second, floor {middle[f'floor {count}']:.0f}")
        at_most.append(_said("  requests beside the floor", ratio, 0.5, is_most=False))
    print(f"1,000 rows: {middle['batch ms']:.1f} ms over HTTP, the pipeline with a DataFrame alone {middle['pipeline ms']:.1f} ms")
    at_most.append(_said("  the pipeline beside the batch", middle["pipeline ms"] / middle["batch ms"], 2.0, is_most=False))
    return all(at_most)


def _said(name: str, ratio: float, bar: float, *, is_most: bool) -> bool:
    is_kept = ratio <= bar if is_most else ratio >= bar
    print(f"{name}: {ratio:.2f} ({'at most' if is_most else 'at least'} {bar}){'' if is_kept else '  NOT AS PROMISED'}", flush=True)
    return is_kept


def _round(url: str, one: bytes, many: bytes, model: TrainedModel, rows: list[dict[str, Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    paths = {"floor": "/api/floor", "predict": "/api/predict"}
    asked = {name: _request(url, path, one) for name, path in paths.items()}
    times: dict[str, list[float]] = {name: [] for name in paths}
    with _connected(url) as connection:
        for turn in range(ONE + 20):
            for name, request in asked.items():
                took = _timed(connection, request)
                if turn >= 20:
                    times[name].append(took)
    found |= {f"{name} ms": statistics.median(values) * 1e3 for name, values in times.items()}
    for count in (8, 32):
        for name, request in asked.items():
            found[f"{name} {count}"] = _rate(url, request, count, SECONDS)
    batch, frame = _request(url, "/api/predict", many), []
    sent: list[float] = []
    with _connected(url) as connection, threadpool_limits(limits=1):
        for _ in range(BATCHES):
            sent.append(_timed(connection, batch))
            began = time.perf_counter()
            model.model.predict_proba(to_frame(rows, model.inputs))
            frame.append(time.perf_counter() - began)
    return found | {"batch ms": statistics.median(sent) * 1e3, "pipeline ms": statistics.median(frame) * 1e3}


def _request(url: str, path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _connected(url: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _timed(connection: socket.socket, request: bytes) -> float:
    began = time.perf_counter()
    connection.sendall(request)
    held = b""
    while not _is_whole(held):
        part = connection.recv(1 << 20)
        assert part, "the server ended the connection"
        held += part
    return time.perf_counter() - began


def _is_whole(held: bytes) -> bool:
    at = held.find(b"\r\n\r\n")
    if at < 0:
        return False
    assert held.startswith(b"HTTP/1.1 200"), held[:600]
    head = held[:at].lower()
    begin = head.index(b"content-length:") + 15
    end = head.find(b"\r\n", begin)
    return len(held) >= at + 4 + int(head[begin : end if end >= 0 else len(head)])


def _rate(url: str, request: bytes, count: int, seconds: float) -> float:
    """Answers a second over so many connections, each of which asks again as soon as it has its answer."""
    done = 0
    connections = [_connected(url) for _ in range(count)]
    with selectors.DefaultSelector() as selector:
        held = {}
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
            held[connection] = b""
            connection.sendall(request)
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select(1):
                connection = key.fileobj
                held[connection] += connection.recv(1 << 16)
                if _is_whole(held[connection]):
                    held[connection] = b""
                    done += 1
                    connection.sendall(request)
        took = time.perf_counter() - began
    for connection in connections:
        connection.close()
    return done / took


if __name__ == "__main__":
    sys.exit(main())
