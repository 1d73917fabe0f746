"""Finding and steering the trainer processes of a running server."""

from __future__ import annotations

from typing import Any

import psutil

from tests.conftest import DATA
from tests.server.running import Server
from tests.waiting import wait_until


def trainer_of(server: Server) -> psutil.Process:
    def find() -> psutil.Process | None:
        return next((each for each in psutil.process_iter(["cmdline"]) if _is_trainer(each, server)), None)

    return wait_until(find)


def _is_trainer(process: psutil.Process, server: Server) -> bool:
    try:
        command = process.info["cmdline"] or []
        return "dashapp.application.trainer" in command and process.environ().get("DASHAPP_HOME") == str(server.home)
    except psutil.Error:
        return False


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def upload_long_table(server: Server) -> Any:
    """A table that takes half a minute to learn; a single copy of it takes ten seconds, which a busy machine needs for a page."""
    header, *rows = (DATA / "california_housing.csv").read_text().splitlines(keepends=True)
    return server.post("/api/datasets?name=long.csv", data="".join([header, *rows * 5]).encode())


def start_long_run(server: Server) -> str:
    """A run that will not end by itself during a test, once its candidates race."""
    dataset = upload_long_table(server)
    run_id: str = server.train(dataset["id"], budget_s=120)["id"]

    def races() -> bool:
        run: Any = server.run(run_id)
        assert run["ended_at"] is None, run["error"]
        return bool(run["stage"] == "Training model")

    wait_until(races, timeout_s=90)
    return run_id
