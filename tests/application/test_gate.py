"""The gate: each check failing by itself, what is refused whatever is said, and what only wants one more click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import orjson
import pytest

from dashapp.application.deployment import deploy_model, deploy_quietly, gate
from dashapp.application.services import Services
from dashapp.database.tables import predictions
from dashapp.datasets.dataset import Task
from dashapp.errors import ModelDamaged, NotFound, WorseThanLive
from dashapp.models import artifact_format
from dashapp.models.model import Deployment, Gate, ModelVersion
from dashapp.serving import smoke
from dashapp.serving.live import LivePredictor
from dashapp.serving.predictor import Predictor, compile_arrays
from dashapp.training.result import HeldOut, TrainedModel
from tests.serving.blends import a_blend
from tests.web.pages_values import a_model

EVERY = ("file", "answers", "smoke", "schema", "rows", "latency", "score")
TRUTH = np.tile([0.0, 0.0, 1.0], 100)
RANDOM = np.random.default_rng(3)
GOOD, POOR = TRUTH + RANDOM.normal(0, 0.4, 300), RANDOM.random(300)


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row takes as long as any other, however busy the machine is."""
    monkeypatch.setattr(smoke, "_once", lambda predictor, row: 1.0)


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    return a_blend(Task.BINARY, "linear")


def told(said: np.ndarray[Any, np.dtype[np.float64]]) -> HeldOut:
    return HeldOut(np.arange(300), TRUTH, said)


def kept(services: Services, version: int, trained: TrainedModel, **changes: Any) -> ModelVersion:
    """Register a model as the trainer would."""
    folder = services.models.folder(f"model{version}")
    folder.mkdir(parents=True)
    artifact_format.dump(trained, folder / "model.zip", compile_arrays(trained))
    made = {"target": trained.plan.target, "task": trained.plan.task, "labels": trained.labels, "inputs": trained.inputs}
    model = a_model(version, **made | {"artifact": services.models.describe(folder / "model.zip")} | changes)
    with services.database.write() as transaction:
        services.models.add(transaction, model)
    return model


@pytest.fixture
def candidate(services: Services, trained: TrainedModel) -> ModelVersion:
    """Version 2 beside version 1, which is live and as good."""
    live = kept(services, 1, replace(trained, held_out=told(GOOD)))
    deploy_model(services, live.id)
    return kept(services, 2, replace(trained, held_out=told(GOOD)))


def names(found: Gate, *, passed: bool) -> list[str]:
    return [check.name for check in found.checks if check.passed is passed]


def test_as_good_as_what_is_live_passes_in_silence(services: Services, candidate: ModelVersion) -> None:
    found = gate(services, candidate.id)
    assert names(found, passed=True) == list(EVERY)
    assert (found.is_worse, found.can_serve, found.is_silent, found.against) == (False, True, True, 1)
    assert isinstance(deploy_quietly(services, candidate.id), Deployment)
    assert services.deployments.all()[0].checks != ()


def test_the_first_model_is_held_against_nothing(services: Services, trained: TrainedModel) -> None:
    found = gate(services, kept(services, 1, trained).id)
    assert names(found, passed=True) == ["file", "answers", "smoke", "latency"] and found.against is None
    deploy_model(services, "model1")
    assert gate(services, "model1").against is None  # of the live model: itself alone
    with pytest.raises(NotFound):
        gate(services, "nobody")


ANSWER = orjson.dumps({"prediction": "yes", "probabilities": None, "interval": None, "warnings": []}).decode()


def _ask(services: Services, model_id: str, row: Mapping[str, Any]) -> None:
    """A caller's row that the live model answered and the ledger kept."""
    known = {"id": "p1", "at": 1.0, "model_id": model_id, "version": 1, "source": "json", "inputs": orjson.dumps(row).decode()}
    with services.database.write() as transaction:
        transaction.execute(predictions.insert().values(**known, prediction="yes", answer=ANSWER, warnings=0, ms=1.0, share=1.0, bytes=1))


def _refuses_callers(services: Services, model: ModelVersion, trained: TrainedModel, _patch: pytest.MonkeyPatch) -> str:
    _ask(services, "model1", {"amount": "a lot"})
    return kept(services, 3, replace(trained, held_out=told(GOOD))).id


def _scores_worse(services: Services, model: ModelVersion, trained: TrainedModel, _patch: pytest.MonkeyPatch) -> str:
    return kept(services, 3, replace(trained, held_out=told(POOR))).id


def _is_slower(services: Services, model: ModelVersion, trained: TrainedModel, patch: pytest.MonkeyPatch) -> str:
    times = cycle([90.0, 1.0])
    patch.setattr(smoke, "_once", lambda predictor, row: next(times))
    return model.id


def _answers_otherwise(services: Services, model: ModelVersion, trained: TrainedModel, _patch: pytest.MonkeyPatch) -> str:
    turned = tuple(row[::-1] for row in trained.check_outputs)
    return kept(services, 3, replace(trained, check_outputs=turned, held_out=told(GOOD))).id


WORSE: dict[str, Callable[[Services, ModelVersion, TrainedModel, pytest.MonkeyPatch], str]] = {
    "rows": _refuses_callers,
    "score": _scores_worse,
    "latency": _is_slower,
    "answers": _answers_otherwise,
}


@pytest.mark.parametrize("name", WORSE)
def test_what_is_worse_wants_one_more_click(
    services: Services, candidate: ModelVersion, trained: TrainedModel, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model_id = WORSE[name](services, candidate, trained, monkeypatch)
    with pytest.raises(WorseThanLive, match="anyway: true") as refused:
        deploy_model(services, model_id)
    checks: Any = refused.value.details["checks"]
    assert [check["name"] for check in checks if not check["passed"]] == [name]
    assert next(check["words"] for check in checks if check["name"] == name) in refused.value.message
    found = deploy_quietly(services, model_id)
    assert isinstance(found, Gate) and found.is_worse
    assert len(services.deployments.all()) == 1
    done = deploy_model(services, model_id, anyway=True)
    assert [check.name for check in done.checks if not check.passed] == [name]


def test_what_changed_is_said_and_needs_no_word(services: Services, candidate: ModelVersion, trained: TrainedModel) -> None:
    other = kept(services, 3, replace(trained, held_out=told(GOOD)), target="another", task=Task.MULTICLASS)
    found = deploy_quietly(services, other.id)
    assert isinstance(found, Gate) and not found.is_worse and not found.is_silent
    assert {check.name for check in found.checks if check.is_notable} == {"schema", "score"}
    assert deploy_model(services, other.id).replaced == 1


def _no_number(_rows: Any) -> Any:
    return np.full((len(_rows), 2), np.nan)


def test_a_model_without_finite_answers_is_refused_whatever_is_said(
    services: Services, candidate: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = services.predictors.get

    def get(model: ModelVersion) -> LivePredictor:
        found = real(model)
        if model.id != candidate.id:
            return found
        return replace(found, predictor=Predictor(found.predictor.inputs, found.predictor.labels, _no_number, True))

    monkeypatch.setattr(type(services.predictors), "get", lambda self, model: get(model))
    found = gate(services, candidate.id)
    assert names(found, passed=False) == ["smoke"] and not found.can_serve
    for anyway in (False, True):
        with pytest.raises(ModelDamaged, match="cannot serve"):
            deploy_model(services, candidate.id, anyway=anyway)
    assert [each.version for each in services.deployments.all()] == [1]


def test_a_damaged_file_is_refused_whatever_is_said(services: Services, candidate: ModelVersion) -> None:
    file = services.models.folder(candidate.id) / candidate.artifact.file
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    found = gate(services, candidate.id)
    assert names(found, passed=False) == ["file"] and not found.can_serve and not found.is_worse
    with pytest.raises(ModelDamaged, match="checksum"):
        deploy_model(services, candidate.id, anyway=True)


def test_an_older_artifact_without_answers_is_compared_by_intervals(
    services: Services, candidate: ModelVersion, trained: TrainedModel
) -> None:
    older = kept(services, 3, trained)
    check = next(check for check in gate(services, older.id).checks if check.name == "score")
    assert check.passed and "older program" in check.words
