from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from dashapp.database.engine import Database
from dashapp.datasets.dataset import Task
from dashapp.monitoring.health import ALL_HEALTHY, HealthCheck, HealthState, ServiceHealth, headline, size_in_words, time_in_words
from dashapp.monitoring.probes import check_health, probe_database, probe_model_api, probe_storage, probe_training
from dashapp.monitoring.sampler import Sources
from dashapp.monitoring.told import Alert, Severity
from dashapp.monitoring.traffic import Record, summarise
from dashapp.training.run import Run, RunState, Stage
from tests.waiting import wait_until

WELL = ServiceHealth("Database", HealthState.OK, "1.2 ms", "fine")
CREATED = datetime(2026, 11, 23, 9, tzinfo=UTC)
RUN = Run(
    id="r1",
    dataset_id="d1",
    dataset_name="iris.csv",
    target="species",
    task=Task.MULTICLASS,
    budget_s=60,
    seed=0,
    exclude=(),
    state=RunState.QUEUED,
    created_at=CREATED,
    stage=Stage.UPLOADING,
    percent=0,
    message="",
    stages=(),
    score_name="balanced accuracy",
    loss_name="log loss",
)


def test_a_fresh_install_is_healthy_in_all_four_services(sources: Sources) -> None:
    found = check_health(sources.database, sources.home, sources.runs, sources.models, sources.deployments, sources.counts)
    assert [each.name for each in found] == ["Training Pipeline", "Model API", "File Storage", "Database"]
    assert headline(found) == ALL_HEALTHY
    assert [each.figure for each in found[:2]] == ["0 jobs active", "nothing deployed"]
    assert found[2].figure.endswith(" free") and found[3].values["latency_ms"] > 0


def test_the_headline_is_the_worst_and_counts_the_rest() -> None:
    full = ServiceHealth("File Storage", HealthState.FAILING, "2.1 GB free", "2.1 GB free of 80 GB (3 %)")
    slow = ServiceHealth("Database", HealthState.WARNING, "600 ms", "a write and a read took 600 ms")
    assert headline([WELL]) == ALL_HEALTHY
    assert headline([WELL, full]) == "File Storage: 2.1 GB free of 80 GB (3 %)"
    assert headline([slow, full]) == "File Storage: 2.1 GB free of 80 GB (3 %) (and 1 more)"


def test_critical_alerts_that_stand_count_as_failing() -> None:
    alert = Alert("1", "disk_full", "", Severity.CRITICAL, "The disk is full in 20 min", CREATED)
    slow = ServiceHealth("Database", HealthState.WARNING, "600 ms", "a write took 600 ms")
    assert headline([WELL], [alert]) == "The disk is full in 20 min"
    assert headline([slow], [alert]) == "The disk is full in 20 min (and 1 more)"
    assert headline([WELL], [replace(alert, resolved_at=CREATED), replace(alert, severity=Severity.WARNING)]) == ALL_HEALTHY


def test_a_probe_that_hangs_is_not_answering_and_holds_one_thread_only() -> None:
    release, calls = threading.Event(), []

    def hang() -> ServiceHealth:
        calls.append(1)
        release.wait(20)
        return WELL

    check = HealthCheck({"Slow": hang, "Database": lambda: WELL}, timeout_s=0.05)
    for _ in range(3):
        slow, well = check.run()
        assert (slow.name, slow.state, slow.figure) == ("Slow", HealthState.FAILING, "not answering")
        assert well == WELL
    assert len(calls) == 1
    release.set()
    wait_until(lambda: check.run() == (WELL, WELL))


def test_a_probe_that_raises_is_failing() -> None:
    def fail() -> ServiceHealth:
        raise RuntimeError

    (found,) = HealthCheck({"Database": fail}).run()
    assert (found.state, found.message) == (HealthState.FAILING, "the check failed with RuntimeError")


def test_the_pipeline_tells_of_jobs_the_queue_and_the_last_result(sources: Sources) -> None:
    now = CREATED.timestamp()
    with sources.database.write() as transaction:
        sources.runs.add(transaction, replace(RUN, id="r0", state=RunState.INTERRUPTED))
        sources.runs.add(transaction, RUN)
    found = probe_training(sources.runs, now + 1)
    assert (found.state, found.figure) == (HealthState.OK, "0 jobs active, 1 queued")
    assert found.message == "the last training (iris.csv) was interrupted"
    stuck = probe_training(sources.runs, now + 45)
    assert (stuck.state, stuck.message) == (HealthState.WARNING, "a training has been queued for 45 s and none is at work")


def test_the_last_training_is_told_with_its_score_and_when(sources: Sources) -> None:
    now = CREATED.timestamp() + 720
    done = replace(RUN, state=RunState.SUCCEEDED, ended_at=CREATED, metrics={"balanced_accuracy": 0.9534, "accuracy": 0.99})
    with sources.database.write() as transaction:
        sources.runs.add(transaction, done)
    found = probe_training(sources.runs, now)
    assert found.message == "the last training (iris.csv) succeeded 12 min ago with balanced accuracy 0.953"
    last = found.values["last"]
    assert (last["run"], last["state"], last["score"], last["ended_at"]) == ("r1", "succeeded", 0.9534, "2026-11-23T09:00:00.000Z")


def test_a_silent_trainer_is_a_warning(sources: Sources) -> None:
    with sources.database.write() as transaction:
        sources.runs.add(transaction, replace(RUN, state=RunState.RUNNING))
        transaction.execute(text("UPDATE runs SET pid = 1, pid_started = 1, host = 'h', heartbeat_at = 1000"))
    assert probe_training(sources.runs, 1010.0).figure == "1 job active"
    assert probe_training(sources.runs, 1040.0).message == "a training has given no sign of life for 40 s"


def test_a_live_model_without_its_file_is_failing(sources: Sources) -> None:
    with sources.database.write() as transaction:
        at = "2026-11-23T09:00:00.000Z"
        transaction.execute(text(f"INSERT INTO deployments (model_id, version, action, at) VALUES ('m', 4, 'deploy', '{at}')"))
    found = probe_model_api(sources.models, sources.deployments, sources.counts, 1000.0)
    assert (found.state, found.figure) == (HealthState.FAILING, "no requests in the last minute")
    assert "version 4" in found.message


def test_the_api_is_told_with_its_95_percent(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashapp.monitoring.probes._is_file_intact", lambda *_any: True)
    records: list[Record] = [("predict", 500 if place == 0 else 200, 1.0 + place, 1, 4) for place in range(100)]
    with sources.database.write() as transaction:
        at = "2026-11-23T09:00:00.000Z"
        transaction.execute(text(f"INSERT INTO deployments (model_id, version, action, at) VALUES ('m', 4, 'deploy', '{at}')"))
        sources.counts.add(transaction, "w", summarise(records, 1000.0))
    found = probe_model_api(sources.models, sources.deployments, sources.counts, 1010.0)
    assert found.state is HealthState.OK
    assert found.values["p95_ms"] == pytest.approx(95, rel=0.02)
    assert (found.values["requests_per_minute"], found.values["error_rate"]) == (100, 1.0)
    assert found.message.startswith("version 4: 100 requests in the last minute, 50.5 ms on average (95 % within 9")


def test_without_a_sketch_there_is_no_95_percent(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashapp.monitoring.probes._is_file_intact", lambda *_any: True)
    with sources.database.write() as transaction:
        at = "2026-11-23T09:00:00.000Z"
        transaction.execute(text(f"INSERT INTO deployments (model_id, version, action, at) VALUES ('m', 4, 'deploy', '{at}')"))
        transaction.execute(text("INSERT INTO requests VALUES (1000, 'w', 'predict', 1, 0, 5.0, 5.0, 1, NULL, NULL)"))
    found = probe_model_api(sources.models, sources.deployments, sources.counts, 1010.0)
    assert found.values["p95_ms"] is None
    assert found.message == "version 4: 1 request in the last minute, 5.0 ms on average, 0 % errors"


@pytest.mark.parametrize(
    ("growth", "words"),
    [(1.2e9, ", filling by 1.2 GB a day"), (-3e9, ", emptying by 3.0 GB a day"), (1000.0, ""), (None, "")],
)
def test_storage_tells_its_growth(tmp_path: Path, growth: float | None, words: str) -> None:
    found = probe_storage(tmp_path, growth)
    assert found.message.endswith(f"%){words}")
    assert found.values["growth_bytes_per_day"] == growth


def test_storage_that_cannot_be_written_is_failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("dashapp.monitoring.probes.tempfile.TemporaryFile", refuse)
    found = probe_storage(tmp_path)
    assert found.state is HealthState.FAILING
    assert "cannot be written to: Read-only file system" in found.message


def test_storage_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(psutil.disk_usage("/"))(total=80 * 10**9, used=77_600_000_000, free=2_400_000_000, percent=97.0)
    monkeypatch.setattr("dashapp.monitoring.probes.psutil.disk_usage", lambda _path: usage)
    found = probe_storage(tmp_path)
    assert (found.state, found.message) == (HealthState.WARNING, "2.4 GB free of 80 GB (3 %)")
    assert list(tmp_path.iterdir()) == []


def test_the_database_probe_really_writes(database: Database) -> None:
    def written() -> float:
        with database.read() as connection:
            return float(connection.execute(text("SELECT expires_at FROM leases WHERE name LIKE 'database-probe:%'")).scalar_one())

    probe_database(database)
    first = written()
    found = probe_database(database)
    assert written() > first
    assert found.state is HealthState.OK and found.figure.endswith(" ms")
    values = found.values
    assert values["read_ms"] > 0 and values["write_ms"] > 0
    assert values["latency_ms"] == pytest.approx(values["read_ms"] + values["write_ms"], abs=0.02)
    assert values["size_bytes"] > 10_000
    assert found.message.endswith(f"it holds {size_in_words(values['size_bytes'])}")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (45, "45 s"), (720, "12 min"), (5400, "1.5 h"), (6 * 3600, "6 h"), (30 * 3600, "30 h"), (72 * 3600, "3 days")],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert time_in_words(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (999, "999 B"), (999_600, "1.0 MB"), (2_149_000_000, "2.1 GB"), (80e9, "80 GB"), (5e15, "5000 TB")]
)
def test_sizes_in_words(count: float, words: str) -> None:
    assert size_in_words(count) == words
