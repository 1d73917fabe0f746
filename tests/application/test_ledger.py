"""The verbs of the ledger with real models: search, late truth, live scores, replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dashapp.application.deployment import deploy_model
from dashapp.application.ledger import kept_prediction, live_scores, open_ledger, record_feedback, replay, search_predictions
from dashapp.application.predicting import Predicting
from dashapp.application.services import Services
from dashapp.errors import InvalidRequest, InvalidRow, NotFound
from dashapp.events.fact import EventType
from dashapp.models.model import ModelVersion
from dashapp.serving.answered import Answered, Source
from dashapp.serving.ledger.kept import Search
from dashapp.serving.live import LiveModel

FLOWERS = (
    {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2},
    {"sepal_length": 5.9, "sepal_width": 3.0, "petal_length": 4.2, "petal_width": 1.3},
    {"sepal_length": 6.5, "sepal_width": 3.0, "petal_length": 5.8, "petal_width": 2.2},
)
SPECIES = ("setosa", "versicolor", "virginica")


@dataclass
class Install:
    """Two models, the first of them live, and a ledger that is flushed after each request."""

    services: Services
    first: ModelVersion
    second: ModelVersion

    def predict(self, *rows: Any) -> Answered:
        services = self.services
        live = LiveModel(services.models, services.deployments, services.predictors)
        live.refresh()
        ledger = open_ledger(services)
        ledger.start()
        try:
            predicting = Predicting(live, 4, [ledger.keep])
            return predicting.answer(predicting.live(), rows, Source.JSON)
        finally:
            ledger.stop()


@pytest.fixture
def flowers(install: Services) -> Iterator[Install]:
    second, first = install.models.all()
    deploy_model(install, first.id)
    yield Install(install, first, second)


def test_what_was_answered_is_kept_as_it_was(flowers: Install) -> None:
    answered = flowers.predict(*FLOWERS, FLOWERS[0] | {"colour": "blue"})
    found = search_predictions(flowers.services, Search())
    assert (found.made, found.kept, found.next_before) == (4, 4, None)
    assert [each.id for each in found.predictions] == answered.prediction_ids()[::-1]
    for kept, row, said in zip(found.predictions[::-1], answered.rows, answered.predictions, strict=True):
        assert (kept.inputs, kept.prediction, kept.probabilities) == (row, said.prediction, said.probabilities)
        assert (kept.version, kept.model_id, kept.source, kept.share) == (1, flowers.first.id, "json", 1.0)
        assert list(kept.warnings) == said.warnings
    assert kept_prediction(flowers.services, answered.prediction_ids()[3]) == found.predictions[0]


@pytest.mark.parametrize(
    ("search", "places"),
    [
        (Search(text="BLUE"), [3]),
        (Search(text="5.9"), [1]),
        (Search(text="virgin"), [2]),
        (Search(text="100%"), []),
        (Search(prediction="Setosa"), [3, 0]),
        (Search(with_warnings=True), [3]),
        (Search(version=2), []),
        (Search(limit=2), [3, 2]),
        (Search(with_actual=True), [0]),
    ],
)
def test_a_search_finds_what_is_asked_for(flowers: Install, search: Search, places: list[int]) -> None:
    answered = flowers.predict(*FLOWERS, FLOWERS[0] | {"colour": "blue"})
    record_feedback(flowers.services, [(answered.prediction_ids()[0], "setosa")])
    ids = answered.prediction_ids()
    assert [ids.index(each.id) for each in search_predictions(flowers.services, search).predictions] == places


def test_pages_hold_each_prediction_once(flowers: Install) -> None:
    answered = flowers.predict(*FLOWERS, *FLOWERS)
    seen, before = [], None
    for _ in range(3):
        found = search_predictions(flowers.services, Search(limit=2, before=before))
        seen += [each.id for each in found.predictions]
        before = found.next_before
    assert (seen, before) == (answered.prediction_ids()[::-1], None)


@pytest.mark.parametrize("limit", [0, 1_001])
def test_a_page_has_bounds(install: Services, limit: int) -> None:
    with pytest.raises(InvalidRequest, match="limit"):
        search_predictions(install, Search(limit=limit))


def test_a_prediction_that_was_never_made_is_not_found(install: Services) -> None:
    with pytest.raises(NotFound, match="no longer kept"):
        kept_prediction(install, "nobody")


def test_late_truth_gives_the_live_accuracy(flowers: Install) -> None:
    services = flowers.services
    ids = flowers.predict(*FLOWERS).prediction_ids()
    recorded = record_feedback(services, [*zip(ids, (" Setosa", "VERSICOLOR", "setosa"), strict=True), ("gone", "setosa"), ("gone", 1)])
    assert (recorded.recorded, recorded.unknown) == (3, ("gone",))
    (score,) = live_scores(services)
    assert (score.version, score.name, score.n, score.value) == (1, "accuracy", 3, pytest.approx(2 / 3))
    # Wilson's interval of 2 of 3, as tables have it.
    assert (score.low, score.high) == (pytest.approx(0.2077, abs=1e-4), pytest.approx(0.9385, abs=1e-4))
    assert score.tested == flowers.first.metrics["accuracy"]
    record_feedback(services, [(ids[2], "versicolor"), (ids[2], "virginica")])
    assert live_scores(services)[0].value == 1
    assert kept_prediction(services, ids[2]).actual == "virginica"
    facts = [event for event in services.log.latest(10, [EventType.USER_ACTION]) if event.data["action"] == "feedback_recorded"]
    assert [event.data["count"] for event in facts] == [1, 3]


@pytest.mark.parametrize("actual", ["rose", None, "", 1, True, ["setosa"], "a" * 1000])
def test_a_truth_that_the_model_does_not_know_is_refused_and_nothing_is_recorded(flowers: Install, actual: Any) -> None:
    ids = flowers.predict(*FLOWERS).prediction_ids()
    with pytest.raises(InvalidRow, match="setosa, versicolor, virginica") as refused:
        record_feedback(flowers.services, [(ids[0], "setosa"), (ids[1], actual)])
    assert refused.value.details["row"] == 1 and refused.value.details["prediction_id"] == ids[1]
    assert live_scores(flowers.services) == ()


def test_scores_stand_apart_by_version_and_outlive_the_model(flowers: Install) -> None:
    services = flowers.services
    (one,) = flowers.predict(FLOWERS[0]).prediction_ids()
    deploy_model(services, flowers.second.id)
    (other,) = flowers.predict(FLOWERS[1]).prediction_ids()
    record_feedback(services, [(one, "setosa"), (other, "setosa")])
    assert [(score.version, score.value, score.n) for score in live_scores(services)] == [(2, 0.0, 1), (1, 1.0, 1)]
    with services.database.write() as transaction:
        services.models.remove(transaction, flowers.first.id)
    assert [(score.version, score.tested is None) for score in live_scores(services)] == [(2, False), (1, True)]


def test_a_replay_by_the_same_version_changes_nothing(flowers: Install) -> None:
    flowers.predict(*FLOWERS)
    again = replay(flowers.services, flowers.first.id)
    assert (again.n, again.same, again.refused, again.mean_change, again.differences) == (3, 3, 0, 0.0, ())


def test_a_replay_by_another_version_shows_the_differences(flowers: Install) -> None:
    services = flowers.services
    answered = flowers.predict(*FLOWERS, {"sepal_length": 5.0, "petal_width": 0.2})
    again = replay(services, flowers.second.id)
    # The second version has no sepal_length, so of the last row it knows one column of three.
    assert (again.version, again.n, again.refused) == (2, 3, 1)
    changes = [each.change for each in again.differences]
    assert changes == sorted(changes, reverse=True) and 0 < again.mean_change <= changes[0]
    expected = services.predictors.get(flowers.second).predictor.predict([answered.rows[0]])[0]
    first = next(each for each in again.differences if each.kept.id == answered.prediction_ids()[0])
    assert first.probabilities == expected.probabilities
    assert replay(services, flowers.second.id, last=2).n == 1


def test_a_replay_has_bounds_and_needs_a_model(flowers: Install) -> None:
    with pytest.raises(InvalidRequest, match="last"):
        replay(flowers.services, flowers.first.id, last=10_001)
    with pytest.raises(NotFound):
        replay(flowers.services, "nobody")
    assert replay(flowers.services, flowers.first.id).n == 0
