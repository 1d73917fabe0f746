"""How each version does, from the ledger's counts, times and truths."""

from __future__ import annotations

import pytest

from dashapp.application.deployment import deploy_model
from dashapp.application.ledger import record_feedback
from dashapp.application.performance import performance_by_version, performance_document
from dashapp.application.services import Services
from tests.application.test_ledger import FLOWERS, Install, flowers

__all__ = ["flowers"]


def test_an_install_without_models_has_no_performance(services: Services) -> None:
    assert performance_by_version(services) == ()


def test_each_version_has_its_figures(flowers: Install) -> None:
    services = flowers.services
    ids = flowers.predict(*FLOWERS, FLOWERS[0] | {"colour": "blue"}).prediction_ids()
    record_feedback(services, [(ids[0], "setosa"), (ids[1], "setosa")])
    (only,) = performance_by_version(services)
    assert (only.version, only.model_id, only.is_live, only.predictions, only.warnings_rate) == (1, flowers.first.id, True, 4, 0.25)
    assert only.mean_ms is not None and only.p95_ms is not None and 0 < only.mean_ms <= only.p95_ms and only.timed == 4
    assert only.score is not None and (only.score.value, only.score.n) == (0.5, 2) and only.score.low < 0.5 < only.score.high
    assert performance_document(only)["score"]["name"] == "accuracy"


def test_the_live_version_stands_first_though_nobody_has_asked_it(flowers: Install) -> None:
    services = flowers.services
    flowers.predict(FLOWERS[0])
    deploy_model(services, flowers.second.id)
    newer, older = performance_by_version(services)
    assert (newer.version, newer.is_live, newer.predictions, newer.warnings_rate, newer.mean_ms, newer.score) == (
        2,
        True,
        0,
        None,
        None,
        None,
    )
    assert (older.version, older.is_live, older.predictions) == (1, False, 1)


def test_a_version_outlives_its_model(flowers: Install) -> None:
    flowers.predict(FLOWERS[0])
    deploy_model(flowers.services, flowers.second.id)
    with flowers.services.database.write() as transaction:
        flowers.services.models.remove(transaction, flowers.first.id)
    older = performance_by_version(flowers.services)[1]
    assert (older.version, older.model_id, older.name, older.predictions) == (1, None, None, 1)


def test_a_prediction_that_stands_for_others_counts_for_them(flowers: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [(1.0, 1.0)] * 50 + [(9.0, 0.02)]
    monkeypatch.setattr(type(flowers.services.predictions), "times", lambda self, version, most: times)
    (only,) = performance_by_version(flowers.services)
    assert (only.mean_ms, only.p95_ms, only.timed) == (5.0, 9.0, 51)
