"""What was, for machines: trainings, predictions by version, and trends that chores keep."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashapp.application.history import history_of, prediction_history, retain, roll_up, training_history
from dashapp.application.services import Services
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.trends import get_trends
from dashapp.serving.ledger.entry import Count
from dashapp.training.run import RunState

HOUR = 500_000


def test_trainings_are_told_with_their_stages_and_what_came_of_them(install: Services) -> None:
    run = install.runs.all()[0]
    with install.database.write() as transaction:
        install.runs.add(transaction, replace(run, id="waits", state=RunState.QUEUED, ended_at=None))
    found = training_history(install)
    assert [each["version"] for each in found] == [2, 1]
    newest = found[0]
    assert newest["run_id"] == run.id and newest["state"] == "succeeded"
    assert newest["duration_s"] == pytest.approx((run.ended_at - run.started_at).total_seconds())  # type: ignore[operator]
    assert [each["name"] for each in newest["stages"]] == [each.name.value for each in run.stages]
    assert newest["accuracy"] == (run.metrics or {}).get("accuracy")
    assert len(training_history(install, limit=2)) <= 2


def test_each_version_has_its_predictions(services: Services) -> None:
    assert prediction_history(services) == []
    with services.database.write() as transaction:
        services.predictions.count(
            transaction, {(HOUR, 1): Count(made=5), (HOUR + 2, 1): Count(made=7, warned=2), (HOUR + 2, 2): Count(made=1)}
        )
    second, first = prediction_history(services)
    assert (second["version"], second["made"], second["p95_ms"], second["score"], second["judged"]) == (2, 1, None, None, 0)
    assert (first["version"], first["made"], first["warned"]) == (1, 12, 2)
    began, ended = (datetime.fromisoformat(first[name]).timestamp() for name in ("since", "until"))
    assert (began, ended) == (HOUR * 3600, (HOUR + 3) * 3600)


def test_the_chores_keep_history(services: Services) -> None:
    now = time.time()
    with services.database.write() as transaction:
        for minute in range(3 * 24 * 60, 0, -5):
            services.samples.add(transaction, Sample(datetime.fromtimestamp(now - 60 * minute, UTC), cpu_usage=50.0), "here")
    before = get_trends(history_of(services), "cpu_usage", "7d", now)
    roll_up(services, now)
    retain(services, now)
    assert services.samples.oldest() == pytest.approx(now - 86400, abs=400)
    after = get_trends(history_of(services), "cpu_usage", "7d", now)
    assert {each["value"] for each in after} == {50.0, None} or {each["value"] for each in after} == {50.0}
    assert before and after and abs(len(after) - len(before)) < 20
