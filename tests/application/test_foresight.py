"""What is foreseen, unusual, advised and reached, from real stores."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from dashapp.application.deployment import deploy_model
from dashapp.application.foresight import advice, anomalies, forecasts, milestones, tell_milestones
from dashapp.application.milestones import _of_models
from dashapp.application.overview import health
from dashapp.application.services import Services, open_services
from dashapp.errors import InvalidRequest
from dashapp.events.fact import EventType
from dashapp.monitoring.sample import Sample
from dashapp.serving.ledger.entry import Count
from dashapp.settings import Settings

NOW = 1_800_000_000.0
GB = 10**9


def keep(services: Services, seconds: float, host: str = "here", **metrics: np.ndarray) -> None:
    """Samples over the last `seconds`, equally far apart."""
    count = len(next(iter(metrics.values())))
    with services.database.write() as transaction:
        for place in range(count):
            at = datetime.fromtimestamp(NOW - seconds + (place + 1) * seconds / count, UTC)
            values = {name: float(each[place]) for name, each in metrics.items()}
            services.samples.add(transaction, Sample(at, memory_total_bytes=16 * GB, **values), host)


def test_a_fresh_install_says_when_there_will_be_a_forecast(services: Services) -> None:
    keep(services, 600, storage_free_bytes=np.full(120, 40.0 * GB))
    found = {each.metric: each for each in forecasts(services, NOW)}
    assert len(found) == 5 and not any(each.points for each in found.values())
    disk = found["storage_free_bytes"].words
    assert disk == "Free disk space: too little past for a forecast; there will be one in 5 min."
    assert (
        found["error_rate"].words == "The error rate: too little past for a forecast; it needs 15 min of figures, and there are none now."
    )


def test_a_disk_that_fills_is_told_before_it_is_full(services: Services) -> None:
    noise = np.random.default_rng(0).normal(0, 1e7, 1000)
    keep(services, 6000, storage_free_bytes=np.linspace(20 * GB, 10 * GB, 1000) + noise, memory_used_bytes=np.full(1000, 8.0 * GB))
    disk, memory, *_ = forecasts(services, NOW)
    assert disk.reach is not None and disk.coverage is not None
    assert disk.reach.at.timestamp() - NOW == pytest.approx(6000, rel=0.05)
    assert disk.reach.latest is not None and disk.reach.earliest < disk.reach.at < disk.reach.latest
    assert disk.words == disk.reach.words and disk.words.startswith("Disk full in 1.7 h ± ")
    assert disk.words.endswith(": it fills by 6.0 GB an hour.")
    assert memory.reach is None
    assert memory.words.startswith("Memory in use stays near 8.0 GB (8.0 GB to 8.0 GB) in ")


def test_bounds_of_memory_and_errors(services: Services) -> None:
    noise = np.random.default_rng(0).normal(0, 1, 720)
    keep(services, 3600, memory_used_bytes=15.9 * GB + 0.1 * GB * noise.clip(-3, 1), error_rate=abs(noise))
    found = {each.metric: each for each in forecasts(services, NOW)}
    assert max(point.high for point in found["memory_used_bytes"].points) <= 16 * GB
    assert min(point.low for point in found["error_rate"].points) >= 0


def test_a_burst_of_the_cpu_is_an_anomaly_in_words(services: Services) -> None:
    cpu = 20 + np.random.default_rng(0).normal(0, 2, 2160)
    cpu[2000:2060] = 97
    keep(services, 3 * 3600, cpu_usage=cpu)
    (found,) = anomalies(services, "24h", NOW)
    assert (found.metric, round(found.value)) == ("cpu_usage", 97)
    assert found.words.startswith("CPU was at 97 % for ") and "usual at that time is " in found.words
    assert found.high < 50
    assert anomalies(services, "24h", NOW) == (found,)


def test_a_burst_of_errors_is_unusual_where_there_are_none(services: Services) -> None:
    errors = np.zeros(720)
    errors[580:600] = 60.0
    keep(services, 6 * 3600, error_rate=errors)
    services.rollups.advance(NOW)
    (found,) = anomalies(services, "24h", NOW)
    assert (found.metric, found.value) == ("error_rate", pytest.approx(60.0, abs=1))
    assert found.words.startswith("The error rate was at 60 % for 10 min; ")


def test_a_disk_that_only_wavers_is_never_full(services: Services) -> None:
    keep(services, 6 * 3600, storage_free_bytes=12 * GB + np.random.default_rng(1).normal(0, 2e8, 720))
    disk = forecasts(services, NOW)[0]
    assert disk.points and disk.reach is None
    assert disk.words.startswith("Free disk space stays near 12 GB (")


def test_quiet_figures_have_no_anomaly_and_timeframes_are_known(services: Services) -> None:
    keep(services, 3 * 3600, cpu_usage=20 + np.random.default_rng(0).normal(0, 2, 1080))
    assert anomalies(services, "1h", NOW) == ()
    with pytest.raises(InvalidRequest):
        anomalies(services, "3 weeks", NOW)


def test_advice_comes_from_the_settings_and_never_fails_for_a_lost_model(install: Services) -> None:
    newest = install.models.all()[0]
    deploy_model(install, newest.id)
    assert advice(install, NOW) == ()
    (install.models.folder(newest.id) / newest.artifact.file).unlink()
    assert advice(install, NOW + 120) == ()


def test_an_open_host_without_a_token_is_told(tmp_path: Path) -> None:
    services = open_services(Settings(home=tmp_path / "home", host="0.0.0.0"))
    assert [each.code for each in advice(services, NOW)] == ["set_token"]
    services.close()


def test_milestones_are_told_once(install: Services) -> None:
    deploy_model(install, install.models.all()[0].id)
    for _ in range(2):
        tell_milestones(install, NOW)
    assert {each.name for each in milestones(install)} == {"first_dataset", "first_model", "first_deployment"}
    facts = [event for event in install.log.since(0, types=[EventType.USER_ACTION]) if event.data.get("action") == "milestone"]
    assert sorted(event.data["milestone"] for event in facts) == ["first_dataset", "first_deployment", "first_model"]
    assert {event.message for event in facts} == {each.message for each in milestones(install)}


def test_predictions_are_counted_by_powers(services: Services) -> None:
    with services.database.write() as transaction:
        services.predictions.count(transaction, {(0, 1): Count(made=150)})
    for now in (NOW, NOW + 60):
        tell_milestones(services, now)
    told = [event for event in services.log.latest(10, [EventType.USER_ACTION]) if event.data["action"] == "milestone"]
    assert sorted(each.message for each in told) == ["100 predictions were made.", "The first prediction was made."]


def test_the_best_score_so_far_is_one_beyond_the_interval(install: Services) -> None:
    first = dataclasses.replace(install.models.all()[-1], score=0.80, intervals={"balanced_accuracy": (0.75, 0.85)})
    within = dataclasses.replace(first, id="w", version=8, score=0.84)
    beyond = dataclasses.replace(first, id="b", version=9, score=0.90)
    worse = dataclasses.replace(first, id="c", version=10, score=0.70)
    other = dataclasses.replace(first, id="d", version=11, score=0.95, target="other")
    found = [each.name for each in _of_models([worse, other, beyond, within, first])]
    assert found == ["first_model", "best_b"]


def test_thirty_days_without_an_alert_need_samples_of_each_day(services: Services) -> None:
    keep(services, 20 * 86400, cpu_usage=np.full(40, 5.0))
    tell_milestones(services, NOW)
    assert milestones(services) == ()
    keep(services, 31 * 86400, "there", cpu_usage=np.full(124, 5.0))
    tell_milestones(services, NOW)
    assert [each.message for each in milestones(services)] == ["30 days have passed without an alert."]


def test_the_health_has_figures_of_all_four(services: Services) -> None:
    document = health(services)
    assert document["ready"] and document["headline"] == "ALL HEALTHY"
    storage, database = document["services"][2:]
    assert storage["values"]["growth_bytes_per_day"] is None
    assert {"read_ms", "write_ms", "latency_ms", "size_bytes"} <= set(database["values"])
