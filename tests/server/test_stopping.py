"""How runs end when something dies, and that nothing stays behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import websocket

from tests.server.running import DEVELOPMENT, GUNICORN, Server, is_listening, running
from tests.server.trainers import is_gone, start_long_run, trainer_of
from tests.waiting import wait_until


@pytest.mark.slow
@pytest.mark.parametrize("command", [pytest.param(DEVELOPMENT, id="development"), pytest.param(GUNICORN, id="gunicorn")])
def test_stopping_the_server_in_mid_training_leaves_nothing_and_is_told_at_the_next_start(tmp_path: Path, command: tuple[str, ...]) -> None:
    with running(command, tmp_path) as server:
        run_id = start_long_run(server)
        trainer = trainer_of(server)
        family = [*server.processes(), trainer]
        server.stop()
        wait_until(lambda: all(is_gone(each) for each in family), timeout_s=5)
        assert not is_listening(server.url)
    with running(command, tmp_path) as server:
        run = server.run(run_id)
        assert run["state"] == "interrupted"
        assert "server was stopped" in run["error"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that no test stops: its runs end in different ways, one after the other."""
    with running(DEVELOPMENT, tmp_path_factory.mktemp("runs")) as server:
        yield server


def test_a_trainer_that_is_killed_is_shown_as_interrupted_within_two_seconds(server: Server) -> None:
    run_id = start_long_run(server)
    trainer_of(server).send_signal(signal.SIGKILL)
    run = server.wait_for_run(run_id, timeout_s=2)
    assert run["state"] == "interrupted"
    assert "SIGKILL" in run["error"]


def test_cancelling_ends_the_work_at_once(server: Server) -> None:
    run_id = start_long_run(server)
    trainer = trainer_of(server)
    server.post(f"/api/runs/{run_id}/cancel")
    run = server.wait_for_run(run_id, timeout_s=2)
    assert (run["state"], run["model_id"]) == ("cancelled", None)
    wait_until(lambda: is_gone(trainer), timeout_s=2)


def test_cancelling_can_keep_the_best_model_so_far(server: Server) -> None:
    run_id = start_long_run(server)
    wait_until(lambda: any(each["is_best"] for each in server.run(run_id)["candidates"]))
    server.post(f"/api/runs/{run_id}/cancel", json={"keep_best": True})
    run = server.wait_for_run(run_id, timeout_s=30)
    assert run["state"] == "cancelled"
    assert server.get(f"/api/models/{run['model_id']}")["metrics"]["r2"] > 0.5


@pytest.mark.slow
def test_a_run_survives_the_death_of_the_web_worker_that_started_it(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path) as server:
        run_id = start_long_run(server)
        trainer = trainer_of(server)
        os.kill(trainer.ppid(), signal.SIGKILL)
        server.post(f"/api/runs/{run_id}/cancel")
        run = server.wait_for_run(run_id, timeout_s=15)
        assert run["state"] == "cancelled"


def test_open_pages_do_not_hold_up_the_stop(tmp_path: Path) -> None:
    """Clients that do not hang up by themselves; gunicorn's patience alone would be 10 s and more."""
    with running(GUNICORN, tmp_path) as server:
        address = server.url.replace("http", "ws") + "/ws?after=0"
        pages = [websocket.create_connection(address, suppress_origin=True) for _ in range(6)]
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 8
        for each in pages:
            each.close()


@pytest.mark.slow
def test_killing_the_arbiter_ends_the_trainer_too(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path) as server:
        start_long_run(server)
        page = websocket.create_connection(server.url.replace("http", "ws") + "/ws?after=0", suppress_origin=True)
        trainer = trainer_of(server)
        server.process.kill()
        server.process.wait()
        wait_until(lambda: is_gone(trainer), timeout_s=5)
        wait_until(lambda: not is_listening(server.url), timeout_s=8)
        page.close()
