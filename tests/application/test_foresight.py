from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from dashapp.application import foresight
from dashapp.application.services import Services
from dashapp.errors import InvalidRequest
from dashapp.events.fact import EventType
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.told import Forecast
from dashapp.serving.ledger.entry import Count

NOW = 1_790_000_000.0
HOUR_S = 3600.0


def fill(services: Services, hours: float, **metrics: Callable[[float], float]) -> None:
    """A sample each 30 s up to `NOW`; each metric a function of the share of the time that has passed."""
    count = int(hours * 120)
    with services.database.write() as transaction:
        for number in range(count + 1):
            values = {name: make(number / count) for name, make in metrics.items()}
            at = datetime.fromtimestamp(NOW - (count - number) * 30, UTC)
            services.samples.add(transaction, Sample(at, **values), "host")
    services.rollups.advance(NOW)


def of(services: Services, metric: str) -> Forecast:
    return next(each for each in foresight.forecasts(services, NOW) if each.metric == metric)


def test_a_filling_disk_is_foreseen_with_its_hour(services: Services) -> None:
    noise = iter(np.random.default_rng(0).normal(0, 2e7, 2_000).tolist())
    fill(services, 6, storage_free_bytes=lambda share: 12e9 - 6e9 * share + next(noise))
    found = of(services, "storage_free_bytes")
    assert found.reach is not None
    assert found.reach.at.timestamp() == pytest.approx(NOW + 6 * HOUR_S, abs=0.3 * HOUR_S)
    assert found.reach.earliest < found.reach.at < found.reach.latest
    assert found.words.startswith("Disk full in 6 h ± ")
    assert min(point.low for point in found.points) >= 0


def test_a_disk_that_only_wavers_is_never_full(services: Services) -> None:
    noise = iter(np.random.default_rng(1).normal(0, 2e8, 2_000).tolist())
    fill(services, 6, storage_free_bytes=lambda _share: 12e9 + next(noise))
    found = of(services, "storage_free_bytes")
    assert found.points and found.reach is None
    assert "stays about as it is" in found.words


def test_too_little_past_is_said(services: Services) -> None:
    fill(services, 0.5, memory_used_bytes=lambda _share: 1e9)
    found = of(services, "memory_used_bytes")
    assert found.points == () and "too little past" in found.words


def test_a_spike_of_errors_is_unusual(services: Services) -> None:
    fill(services, 6, error_rate=lambda share: 60.0 if 0.8 < share < 0.84 else 0.0)
    (found,) = foresight.anomalies(services, "24h", NOW)
    assert (found.metric, found.value) == ("error_rate", pytest.approx(60.0, abs=1))
    assert found.words.startswith("Error rate was at 60")
    with pytest.raises(InvalidRequest):
        foresight.anomalies(services, "2h", NOW)


def test_milestones_are_told_once(services: Services) -> None:
    with services.database.write() as transaction:
        services.predictions.count(transaction, {(0, 1): Count(made=150)})
    foresight.tell_milestones(services, NOW)
    foresight.tell_milestones(services, NOW + 60)
    assert {each.name for each in foresight.milestones(services)} == {"predictions_1", "predictions_100"}
    told = services.log.latest(10, [EventType.USER_ACTION])
    assert sorted(each.message for each in told) == ["100 predictions were made.", "The first prediction was made."]
    assert all(each.data["action"] == "milestone" for each in told)


def test_with_nothing_known_there_is_no_advice(services: Services) -> None:
    assert foresight.advice(services, NOW) == ()
