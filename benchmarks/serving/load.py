"""Load over HTTP with wrk, which leaves the cores to the servers, and what it measured."""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "post.lua"
WRK = "wrk"


@dataclass(frozen=True, slots=True)
class Measured:
    """`client_cores` is what wrk itself took; `errors` are statuses above 399, timeouts and broken connections."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    errors: int
    client_cores: float


def is_there() -> bool:
    return shutil.which(WRK) is not None


def post(url: str, body: Path, connections: int, seconds: float, a_second: float | None = None) -> Measured:
    """Post the file again and again over so many connections, as fast as the answers come, or `a_second` in all.

    A rate is an aim: with all connections waiting for answers it is not kept.
    """
    pace = [str(a_second)] if a_second else []
    command = [
        WRK,
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        "--timeout",
        "30s",
        "-s",
        str(SCRIPT),
        url,
        "--",
        str(body),
        *pace,
    ]
    before = _children_s()
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (told,) = [line.split()[1:] for line in output.splitlines() if line.startswith("TOLD ")]
    requests, took_s, p50, p99, errors = int(told[0]), *map(float, told[1:4]), int(told[4])
    client_cores = (_children_s() - before) / took_s
    if not requests:  # at best the first answer was about to come
        return Measured(0, 1 / took_s, took_s * 1e3, took_s * 1e3, errors, client_cores)
    return Measured(requests, requests / took_s, p50, p99, errors, client_cores)


def ceiling(body: Path, connections: int, seconds: float) -> Measured:
    """Against a server that answers every request with the same bytes and reads none of it, which is itself the slower of the two."""
    with _trivial() as url:
        return post(url, body, connections, seconds)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _trivial() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.serving.load"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/"
    finally:
        process.terminate()
        process.wait()


class _Constant(asyncio.Protocol):
    """One answer a request; requests come whole, as the client waits for each answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Constant, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
