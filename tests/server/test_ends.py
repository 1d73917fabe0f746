"""How runs end that nobody cancels: for want of memory, after a restart, one after the other."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from dashapp.settings import LEAST_TRAINER_BYTES
from tests.conftest import DATA
from tests.server.running import DEVELOPMENT, GUNICORN, Server, running
from tests.server.trainers import is_gone, start_long_run, trainer_of
from tests.waiting import wait_until


def upload_large_table(server: Server) -> Any:
    """200,000 rows of 20 numbers: 32 MB in each of the copies that a training makes, more than the least limit leaves."""
    cells = np.random.default_rng(0).integers(0, 10_000, (200_000, 20))
    header = ",".join(["y", *(f"c{number}" for number in range(1, cells.shape[1]))])
    rows = "\n".join(",".join(map(str, row)) for row in cells.tolist())
    return server.post("/api/datasets?name=large.csv", data=f"{header}\n{rows}\n".encode())


def nothing_is_kept(server: Server) -> bool:
    return server.get("/api/models")["total"] == 0 and list((server.home / "models").iterdir()) == []


@pytest.mark.slow
def test_a_training_that_needs_more_memory_than_it_may_use_fails_in_a_sentence(tmp_path: Path) -> None:
    with running(DEVELOPMENT, tmp_path, trainer_memory_bytes=str(LEAST_TRAINER_BYTES)) as server:
        run_id = server.train(upload_large_table(server)["id"], target="y", task="regression", budget_s=60)["id"]
        trainer = trainer_of(server)
        run = server.wait_for_run(run_id, timeout_s=100)
        assert run["state"] == "failed"
        assert "ran out of memory" in run["error"]
        wait_until(lambda: is_gone(trainer))
        assert nothing_is_kept(server)
        small = server.wait_for_run(server.train(server.upload(DATA / "iris.csv")["id"], budget_s=3)["id"])
        assert small["state"] == "succeeded", small["error"]


@pytest.mark.slow
def test_a_waiting_run_is_done_after_a_restart_and_the_running_one_is_told_as_interrupted(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path) as server:
        first = start_long_run(server)
        second = server.train(server.upload(DATA / "iris.csv")["id"], budget_s=3)["id"]
        trainer = trainer_of(server)
        server.process.kill()
        server.process.wait()
        wait_until(lambda: is_gone(trainer), timeout_s=5)
    with running(GUNICORN, tmp_path) as server:
        assert server.wait_for_run(first, timeout_s=5)["state"] == "interrupted"
        assert server.wait_for_run(second)["state"] == "succeeded"
        assert nothing_of(first, server)


def nothing_of(run_id: str, server: Server) -> bool:
    return not (server.home / "models" / f"m{run_id}").exists()


@pytest.mark.slow
def test_runs_queue_and_each_ends_in_its_turn(tmp_path: Path) -> None:
    with running(DEVELOPMENT, tmp_path) as server:
        dataset = server.upload(DATA / "iris.csv")
        runs = [server.train(dataset["id"], budget_s=3, exclude=exclude)["id"] for exclude in ([], ["sepal_length"])]
        assert server.run(runs[1])["state"] == "queued"
        first, second = (server.wait_for_run(run_id) for run_id in runs)
        assert [first["state"], second["state"]] == ["succeeded", "succeeded"]
        assert first["ended_at"] <= second["started_at"]


@pytest.mark.slow
@pytest.mark.parametrize("ends_by", ["itself", "a kill"])
def test_another_worker_takes_over_a_run_whose_dispatcher_died_and_tells_its_end(tmp_path: Path, ends_by: str) -> None:
    with running(GUNICORN, tmp_path, workers="2") as server:
        run_id = start_long_run(server) if ends_by == "a kill" else start_short_run(server)
        trainer = trainer_of(server)
        worker = psutil.Process(trainer.ppid())
        os.kill(worker.pid, signal.SIGKILL)
        wait_until(lambda: is_gone(worker), timeout_s=5)
        if ends_by == "a kill":
            trainer.kill()
            run = server.wait_for_run(run_id, timeout_s=4)
            assert run["state"] == "interrupted"
        else:
            run = server.wait_for_run(run_id)
            assert run["state"] == "succeeded"
        wait_until(lambda: is_gone(trainer))


def start_short_run(server: Server) -> str:
    """A run of a few seconds, once its trainer works on it."""
    run_id: str = server.train(server.upload(DATA / "telco_churn.csv")["id"], budget_s=6)["id"]
    wait_until(lambda: server.run(run_id)["state"] == "running")
    return run_id


def test_progress_and_resources_come_once_a_second_until_the_end(tmp_path: Path) -> None:
    with running(DEVELOPMENT, tmp_path) as server:
        run_id = start_long_run(server)
        seen: list[int] = []

        def enough() -> bool:
            seen.append(server.run(run_id)["version"])
            return len(set(seen)) > 4

        wait_until(enough, timeout_s=8, every_s=1.0)
        run = server.run(run_id)
        assert [point["number"] for point in run["resources"]] == list(range(1, run["resources_after"] + 1))
        assert run["resources_after"] >= 3
        assert all(point["memory_bytes"] > 50e6 and 0 <= point["cpu_share"] < 64 for point in run["resources"])
        assert max(point["cpu_share"] for point in run["resources"]) > 0.05
        server.post(f"/api/runs/{run_id}/cancel")
