"""The real server in processes of its own, on a free port and a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests

from dashapp.settings import ROOT
from tests.waiting import wait_until

GUNICORN = (sys.executable, "-m", "gunicorn", "app:server")
DEVELOPMENT = (sys.executable, "app.py")


@dataclass
class Server:
    """A running server; `url` has no slash at its end."""

    process: subprocess.Popen[bytes]
    url: str
    home: Path
    log: Path

    def get(self, path: str, **options: Any) -> Any:
        answer = requests.get(self.url + path, timeout=30, **options)
        assert answer.ok, (answer.status_code, answer.text, self.log.read_text()[-2000:])
        return answer.json()

    def post(self, path: str, **options: Any) -> Any:
        answer = requests.post(self.url + path, timeout=60, **options)
        assert answer.ok, (answer.status_code, answer.text, self.log.read_text()[-2000:])
        return answer.json()

    def upload(self, file: Path) -> Any:
        return self.post("/api/datasets", params={"name": file.name}, data=file.read_bytes())

    def train(self, dataset_id: str, **request: Any) -> Any:
        return self.post("/api/runs", json={"dataset_id": dataset_id, **request})

    def run(self, run_id: str) -> Any:
        return self.get(f"/api/runs/{run_id}")

    def wait_for_run(self, run_id: str, timeout_s: float = 90) -> Any:
        """The run once it is over."""
        return wait_until(lambda: (run := self.run(run_id))["ended_at"] and run, timeout_s, every_s=0.2)

    def processes(self) -> list[psutil.Process]:
        """The server's own process and all that it started, trainers included."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def stop(self, timeout_s: float = 20) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) == 0


@contextmanager
def running(command: tuple[str, ...], directory: Path, **settings: str) -> Iterator[Server]:
    """Start `command` with `DASHAPP_<NAME>` from `settings`; at the end it is stopped, and killed where it does not stop."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DASHAPP_")}
    given = {"home": str(directory / "home"), "cache": str(directory / "cache"), "port": str(free_port()), "sample_s": "1", **settings}
    environment = clean | {f"DASHAPP_{name.upper()}": value for name, value in given.items()}
    log = directory / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    server = Server(process, f"http://127.0.0.1:{given['port']}{given.get('url_prefix', '')}", Path(given["home"]), log)
    try:
        wait_until(lambda: process.poll() is not None or _is_alive(server), timeout_s=60)
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        if process.poll() is None:
            family = server.processes()
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                for each in family:
                    with suppress(psutil.NoSuchProcess):  # it has ended by now
                        each.kill()
                process.wait(5)


def _is_alive(server: Server) -> bool:
    try:
        return requests.get(f"{server.url}/health", timeout=5).ok
    except requests.RequestException:
        return False
