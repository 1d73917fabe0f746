"""A challenger with real models: it is given the same rows, and compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.application.challenger import comparison, current_challenger, end_challenger, start_challenger
from dashapp.application.deployment import delete_model, deploy_model
from dashapp.application.ledger import record_feedback, search_predictions
from dashapp.application.services import Services
from dashapp.errors import Conflict, ModelDamaged, NotFound
from dashapp.events.fact import EventType
from dashapp.serving.ledger.kept import Search
from tests.application.test_ledger import FLOWERS, SPECIES, Install, flowers

__all__ = ["flowers"]


def actions(services: Services) -> list[str]:
    return [event.data["action"] for event in services.log.since(0, types=[EventType.USER_ACTION]) if "challenger" in event.data["action"]]


def test_it_answers_the_same_rows_from_its_start_on(flowers: Install) -> None:
    services = flowers.services
    flowers.predict(FLOWERS[0])
    challenger = start_challenger(services, flowers.second.id)
    assert (challenger.version, current_challenger(services)) == (2, challenger)
    answered = flowers.predict(*FLOWERS, {"sepal_length": 5.0, "petal_width": 0.2})
    kept = search_predictions(services, Search()).predictions[::-1]
    expected = services.predictors.get(flowers.second).predictor.predict(FLOWERS)
    assert kept[0].challenger is None
    found = [each.challenger for each in kept[1:]]
    assert [each and (each.version, each.prediction, each.probabilities) for each in found] == [
        *((2, each.prediction, each.probabilities) for each in expected),
        None,  # a row that does not fit it
    ]
    assert [each.prediction for each in answered.predictions] == [each.prediction for each in kept[1:]]

    beside = comparison(services)
    assert beside is not None and (beside.n, beside.agreeing, beside.judged, beside.live) == (3, 3, 0, None)
    assert 0 < beside.mean_change < 0.5
    record_feedback(services, list(zip(answered.prediction_ids(), (SPECIES[0], SPECIES[1], SPECIES[0]), strict=False)))
    judged = comparison(services)
    assert judged is not None and judged.live is not None and judged.challenger is not None
    assert (judged.judged, judged.live.version, judged.challenger.version) == (3, 1, 2)
    assert judged.live.value == judged.challenger.value == pytest.approx(2 / 3)
    assert judged.challenger.tested == flowers.second.metrics["accuracy"]


def test_it_is_one_at_a_time_and_ends(flowers: Install) -> None:
    services = flowers.services
    first = start_challenger(services, flowers.second.id)
    assert start_challenger(services, flowers.second.id) == first
    end_challenger(services)
    end_challenger(services)
    assert (current_challenger(services), comparison(services)) == (None, None)
    flowers.predict(FLOWERS[0])
    assert search_predictions(services, Search()).predictions[0].challenger is None
    assert actions(services) == ["challenger_started", "challenger_ended"]


def test_deploying_it_ends_the_challenge(flowers: Install) -> None:
    start_challenger(flowers.services, flowers.second.id)
    deploy_model(flowers.services, flowers.second.id)
    assert current_challenger(flowers.services) is None
    deploy_model(flowers.services, flowers.first.id)
    assert current_challenger(flowers.services) is None
    assert start_challenger(flowers.services, flowers.second.id).version == 2


def test_deleting_it_ends_the_challenge(flowers: Install) -> None:
    start_challenger(flowers.services, flowers.second.id)
    delete_model(flowers.services, flowers.second.id)
    assert (current_challenger(flowers.services), comparison(flowers.services)) == (None, None)
    flowers.predict(FLOWERS[0])


def test_the_live_model_cannot_challenge_itself(flowers: Install) -> None:
    with pytest.raises(Conflict, match="is the live model itself"):
        start_challenger(flowers.services, flowers.first.id)


def test_a_challenger_needs_a_live_model_and_exists(install: Services) -> None:
    with pytest.raises(Conflict, match="deploy one first"):
        start_challenger(install, install.models.all()[0].id)
    with pytest.raises(NotFound):
        start_challenger(install, "nobody")


def test_a_damaged_model_cannot_challenge(flowers: Install) -> None:
    services = flowers.services
    (services.models.folder(flowers.second.id) / flowers.second.artifact.file).write_bytes(b"no model")
    with pytest.raises(ModelDamaged):
        start_challenger(services, flowers.second.id)


def test_a_model_with_another_target_cannot_challenge(flowers: Install) -> None:
    services = flowers.services
    with services.database.write() as transaction:
        services.models.remove(transaction, flowers.second.id)
        services.models.add(transaction, replace(flowers.second, target="colour"))
    with pytest.raises(Conflict, match='predicts "colour" and the live model "species"'):
        start_challenger(services, flowers.second.id)


def test_a_challenger_that_breaks_later_hurts_nobody(flowers: Install) -> None:
    services = flowers.services
    start_challenger(services, flowers.second.id)
    (services.models.folder(flowers.second.id) / flowers.second.artifact.file).unlink()
    flowers.predict(*FLOWERS)
    found = search_predictions(services, Search())
    assert (found.kept, {each.challenger for each in found.predictions}) == (3, {None})
