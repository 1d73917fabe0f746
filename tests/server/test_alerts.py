"""Alerts that are brought about for real, seen through the API and delivered to a webhook, each with its recovery."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from dashapp.application.alerts import alerts, deliver_alerts, watch_alerts
from dashapp.application.process import WebProcess
from dashapp.application.services import Services, open_services
from dashapp.monitoring.alert_rules import RULES, Rule, limit_of
from dashapp.monitoring.sampler import Sampler, Sources
from dashapp.settings import Settings
from tests.monitoring.webhook import Webhook, listening
from tests.server.running import DEVELOPMENT, Server, running
from tests.server.trainers import start_long_run, trainer_of
from tests.waiting import wait_until


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with listening() as found:
        yield found


def standing(server: Server, rule: str) -> dict[str, Any] | None:
    found = server.get("/api/alerts?state=standing")["alerts"]
    return next((each for each in found if each["rule"] == rule), None)


def wait_for_raised(server: Server, hook: Webhook, rule: str, timeout_s: float = 60) -> dict[str, Any]:
    """Until it stands in the API and the webhook has it."""
    alert = wait_until(lambda: standing(server, rule), timeout_s, every_s=0.5)
    wait_until(lambda: any(alert["message"] in each for each in hook.titles), 60)
    return alert


def wait_for_over(server: Server, hook: Webhook, alert: dict[str, Any], timeout_s: float = 120) -> dict[str, Any]:
    def is_over() -> Any:
        found = server.get(f"/api/alerts/{alert['id']}")
        return found if not found["is_standing"] else None

    over = wait_until(is_over, timeout_s, every_s=0.5)
    wait_until(lambda: f"Over: {alert['message']}" in hook.titles, 60)
    of_this = [each["type"] for each in hook.got if each["title"].endswith(alert["message"])]
    assert of_this == ["failure" if alert["severity"] == "critical" else "warning", "success"]
    return over


@contextmanager
def small_file_system(directory: Path, gigabytes: int = 4) -> Iterator[Path]:
    """Of its own, in a file that takes no room; needs root and a loop device."""
    image, mount = directory / "disk.img", directory / "disk"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(gigabytes * 10**9)
    commands = [
        ["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", str(image)],
        ["mount", "-o", "loop", str(image), str(mount)],
    ]
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"no file system can be made here: {error}")
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=True, timeout=60)


def fill(directory: Path, free_bytes: int) -> Path:
    """All but `free_bytes`, by a file that takes the room without being written."""
    filler = directory / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, psutil.disk_usage(str(directory)).free - free_bytes)
    return filler


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_full_disk_and_the_requests_that_fail_because_of_it(tmp_path: Path, hook: Webhook) -> None:
    with small_file_system(tmp_path) as mount, running(DEVELOPMENT, mount, alert_urls=hook.url) as server:
        filler = fill(mount, 120 * 10**6)
        low, full = wait_for_raised(server, hook, "disk_low"), wait_for_raised(server, hook, "disk_nearly_full")
        assert low["cause"]["words"].startswith("Most of it is not this dashboard's")

        def fails() -> bool:
            for _ in range(5):
                assert requests.get(f"{server.url}/api/health", timeout=30).status_code == 503
            return standing(server, "error_rate") is not None

        wait_until(fails, 120, every_s=0.5)
        errors = wait_for_raised(server, hook, "error_rate")
        filler.unlink()
        for alert in (low, full, errors):
            wait_for_over(server, hook, alert, 180)
        assert server.get("/api/alerts?state=standing")["total"] == 0


def stop_between_writes(trainer: psutil.Process, file: Path) -> None:
    """A process that is stopped while it writes would hold the database, and nobody could write down that it stalls."""

    def is_stopped() -> bool:
        trainer.send_signal(signal.SIGSTOP)
        with closing(sqlite3.connect(file, timeout=2, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                trainer.send_signal(signal.SIGCONT)
                return False
        return True

    wait_until(is_stopped, every_s=0.2)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_trainer_that_is_stopped_and_then_killed(tmp_path: Path, hook: Webhook) -> None:
    with running(DEVELOPMENT, tmp_path, alert_urls=hook.url) as server:
        run_id = start_long_run(server)
        trainer = trainer_of(server)
        stop_between_writes(trainer, server.home / "dashapp.db")
        stalled = wait_for_raised(server, hook, "trainer_stalled", 90)
        assert stalled["cause"]["words"] == f"The trainer (process {trainer.pid}) was stopped by a signal"
        assert stalled["cause"]["links"][0]["id"] == run_id
        trainer.send_signal(signal.SIGCONT)
        wait_for_over(server, hook, stalled)
        trainer.send_signal(signal.SIGKILL)
        failed = wait_for_raised(server, hook, "run_failed")
        assert "SIGKILL" in failed["cause"]["words"] and failed["cause"]["links"][0]["id"] == run_id
        dataset = server.run(run_id)["dataset_id"]
        again = server.wait_for_run(server.train(dataset, budget_s=5)["id"], 300)
        assert again["state"] == "succeeded", again["error"]
        over = wait_for_over(server, hook, failed)
        assert over["resolved_message"].startswith("A later one succeeded")
        told = server.get("/api/events?type=system_alert")["events"]
        assert [each["data"]["action"] for each in told] == ["raised", "resolved"] * 2


class Sampling:
    """The sampler, the watch and the delivery of a process, with a clock that is turned by hand between them."""

    def __init__(self, services: Services, hook: Webhook, rules: dict[str, Rule]) -> None:
        self.services, self._hook, self._rules = services, hook, rules
        process = WebProcess(services)
        self._sampler = Sampler(_sources(process))
        self.now = time.time()

    def sample(self, seconds: float) -> Any:
        """What is measured now, said to be `seconds` later than the last."""
        self.now += seconds
        sample = self._sampler.take_sample(datetime.fromtimestamp(self.now, UTC))
        watch_alerts(self.services, self.now, self._rules)
        deliver_alerts(self.services, self.now)
        return sample

    def wait_for(self, title: str) -> None:
        def has_come() -> bool:
            deliver_alerts(self.services, self.now)
            return title in self._hook.titles

        wait_until(has_come, 60)


def _sources(process: WebProcess) -> Sources:
    services = process.services
    return Sources(
        database=services.database, samples=services.samples, counts=services.requests, runs=services.runs,
        models=services.models, deployments=services.deployments, home=services.settings.home, started_at=0.0,
    )  # fmt: skip


@contextmanager
def sampling(settings: Settings, hook: Webhook, rule: Rule) -> Iterator[Sampling]:
    with closing(open_services(replace(settings, alert_urls=hook.url))) as services:
        yield Sampling(services, hook, {rule.name: rule})


@contextmanager
def locked(file: Path, seconds: float) -> Iterator[None]:
    """Somebody else writes for so long."""
    has_begun = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            has_begun.set()
            threading.Event().wait(seconds)
            connection.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    has_begun.wait()
    yield
    thread.join()


def brought_about(
    settings: Settings, hook: Webhook, rule: Rule, worse: Callable[[Sampling], Any], better: Callable[[Sampling], Any]
) -> None:
    with sampling(settings, hook, rule) as here:
        worse(here)
        (alert,) = alerts(here.services, is_standing=True)
        assert alert.rule == rule.name and alert.cause is not None
        here.wait_for(f"Warning: {alert.message}")
        better(here)
        assert alerts(here.services, is_standing=True) == []
        here.wait_for(f"Over: {alert.message}")
        assert len(hook.titles) == 2


@pytest.mark.slow
def test_a_database_that_others_hold_up(settings: Settings, hook: Webhook) -> None:
    def worse(here: Sampling) -> None:
        for _ in range(3):
            with locked(settings.home / "dashapp.db", 0.9):
                assert here.sample(6).database_latency_ms > 500

    brought_about(settings, hook, RULES["database_slow"], worse, lambda here: [here.sample(6) for _ in range(3)])


@pytest.mark.slow
def test_memory_that_somebody_holds(settings: Settings, hook: Webhook) -> None:
    memory = psutil.virtual_memory()
    used = 100 * (memory.total - memory.available) / memory.total
    rule = replace(RULES["memory_high"], limit=replace(limit_of(RULES["memory_high"]), threshold=used + 8, clears_at=used + 6))
    held: list[bytearray] = []

    def worse(here: Sampling) -> None:
        held.append(bytearray(os.urandom(1)) * int(0.14 * memory.total))
        for _ in range(4):
            here.sample(12)

    def better(here: Sampling) -> None:
        held.clear()
        for _ in range(4):
            here.sample(12)

    brought_about(settings, hook, rule, worse, better)
