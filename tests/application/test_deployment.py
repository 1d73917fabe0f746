"""Deploy, roll back, and what a damaged artifact does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashapp.application import deployment
from dashapp.application.deployment import delete_model, deploy_model, live_model, roll_back
from dashapp.application.services import Services
from dashapp.database.tables import deployments
from dashapp.errors import Conflict, InvalidRequest, ModelDamaged, NotFound
from dashapp.events.fact import EventType
from dashapp.factory import create_app
from dashapp.models.model import Gate, ModelVersion
from dashapp.serving.live import LiveModel

# What the browser sends when it arrives at the Models page.
SHOW_MODELS = {
    "output": "..page.children...page-shown.data..",
    "outputs": [{"id": "page", "property": "children"}, {"id": "page-shown", "property": "data"}],
    "inputs": [
        {"id": "location", "property": "pathname", "value": "/models"},
        {"id": "location", "property": "search", "value": ""},
    ],
    "changedPropIds": ["location.pathname"],
}


@pytest.fixture
def models(install: Services) -> tuple[ModelVersion, ModelVersion]:
    second, first = install.models.all()
    assert (first.version, second.version) == (1, 2)
    return first, second


def artifact(install: Services, model: ModelVersion) -> Path:
    return install.models.folder(model.id) / model.artifact.file


def live_version(install: Services) -> int | None:
    live = LiveModel(install.models, install.deployments, install.predictors)
    live.refresh()
    return None if live.current is None else live.current.version


def test_what_was_deployed_last_is_live(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    assert live_version(install) is None
    for model in (*models, models[0]):
        deploy_model(install, model.id)
        assert live_version(install) == model.version
    assert [each.version for each in install.deployments.all()] == [1, 2, 1]


def test_deploying_the_live_model_again_changes_nothing(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    assert deploy_model(install, models[0].id) == deploy_model(install, models[0].id)
    facts = [event for event in install.log.since(0) if event.type is EventType.MODEL_DEPLOYED]
    assert len(facts) == len(install.deployments.all()) == 1


def test_rolling_back_goes_one_step_further_each_time(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    with pytest.raises(Conflict):
        roll_back(install)
    for model in (models[0], models[1], models[0]):
        deploy_model(install, model.id)
    assert [roll_back(install).version for _ in range(2)] == [2, 1]
    with pytest.raises(Conflict):
        roll_back(install)
    deploy_model(install, models[1].id)
    assert roll_back(install).version == 1


def test_a_rollback_never_puts_back_what_was_rolled_away_from(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    first, second = models
    for model in (first, second):
        deploy_model(install, model.id)
    assert roll_back(install).version == 1  # away from the second
    third = _third(install)
    deploy_model(install, third)
    assert roll_back(install).version == 1
    with pytest.raises(Conflict):
        roll_back(install)


def _third(install: Services) -> str:
    """Another version with the artifact of the first."""
    first = install.models.all()[-1]
    shutil.copytree(install.models.folder(first.id), install.models.folder("third"))
    with install.database.write() as transaction:
        install.models.add(transaction, replace(first, id="third", version=3))
    return "third"


def test_a_damaged_model_can_be_deleted_while_the_one_before_it_serves(
    install: Services, models: tuple[ModelVersion, ModelVersion]
) -> None:
    for model in models:
        deploy_model(install, model.id)
    _cut(artifact(install, models[1]))
    with pytest.raises(Conflict):
        delete_model(install, models[0].id)
    delete_model(install, models[1].id)
    assert live_version(install) == 1


def _lose(path: Path) -> None:
    path.unlink()


def _flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("harm", [_lose, _flip_a_byte, _cut])
def test_a_damaged_model_is_not_deployed_and_the_live_one_keeps_serving(
    install: Services, models: tuple[ModelVersion, ModelVersion], harm: Callable[[Path], None]
) -> None:
    deploy_model(install, models[0].id)
    harm(artifact(install, models[1]))
    assert not install.models.is_intact(models[1])
    assert install.models.is_intact(models[0])
    with pytest.raises(ModelDamaged, match="version 2"):
        deploy_model(install, models[1].id)
    assert live_version(install) == 1


@pytest.mark.parametrize("harm", [_lose, _flip_a_byte, _cut])
def test_at_start_the_model_before_a_damaged_live_one_serves(
    install: Services, models: tuple[ModelVersion, ModelVersion], harm: Callable[[Path], None]
) -> None:
    deploy_model(install, models[0].id)
    deploy_model(install, models[1].id)
    harm(artifact(install, models[1]))
    live = live_model(install)
    assert live is not None
    assert (live.version, live_version(install)) == (1, 1)


def test_a_file_that_was_only_copied_is_intact(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    os.utime(artifact(install, models[0]))
    assert install.models.is_intact(models[0])


def test_the_live_model_is_not_deleted_and_another_one_frees_its_disk(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    deploy_model(install, models[0].id)
    deploy_model(install, models[1].id)
    with pytest.raises(Conflict):
        delete_model(install, models[1].id)
    delete_model(install, models[0].id)
    assert not install.models.folder(models[0].id).exists()
    with pytest.raises(NotFound):
        deploy_model(install, models[0].id)
    with pytest.raises(Conflict):
        roll_back(install)
    assert len(install.deployments.all()) == 2


def test_clients_are_told_which_model_is_live_and_which_is_damaged(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    deploy_model(install, models[0].id)
    _flip_a_byte(artifact(install, models[1]))
    server = create_app(install.settings).server
    client = server.test_client()
    assert [(each["version"], each["state"]) for each in client.get("/api/models").json["models"]] == [(2, "damaged"), (1, "live")]
    refused = client.post(f"/api/models/{models[1].id}/deploy")
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    assert "checksum" in refused.json["detail"]
    page = client.post("/_dash-update-component", json=SHOW_MODELS).get_data(as_text=True)
    assert "Damaged" in page
    server.extensions["dashapp"].services.close()


def test_the_ledger_keeps_who_why_what_and_in_place_of_what(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    deploy_model(install, models[0].id, by="ana", reason="  the\nfirst\x00 one \ud800 ")
    deploy_model(install, models[1].id, anyway=True)
    roll_back(install, by="dashboard", reason="complaints")
    ledger = install.deployments.all()
    assert [(each.version, each.replaced, each.by, each.reason) for each in ledger] == [
        (1, 2, "dashboard", "complaints"),
        (2, 1, "", ""),
        (1, None, "ana", "the first one ?"),
    ]
    assert [[check.name for check in each.checks] for each in ledger] == [
        ["file"],
        ["file", "answers", "smoke", "schema", "rows", "latency", "score"],
        ["file", "answers", "smoke", "latency"],
    ]
    assert deploy_model(install, models[0].id, reason="the same again") == ledger[0]
    facts = [event for event in install.log.since(0) if event.type is EventType.MODEL_DEPLOYED]
    assert [fact.message.split(")")[-1] for fact in facts] == [
        " is live: the first one ?",
        " is live, in place of version 1",
        ", in place of version 2: complaints",
    ]
    assert facts[-1].data["replaced"] == 2 and facts[0].data["by"] == "ana"


@pytest.mark.parametrize(("field", "most"), [("reason", 500), ("by", 100)])
def test_what_is_said_is_bounded(install: Services, models: tuple[ModelVersion, ModelVersion], field: str, most: int) -> None:
    said: dict[str, str] = {field: "é" * (most + 1)}
    with pytest.raises(InvalidRequest, match=field):
        deploy_model(install, models[0].id, by=said.get("by", ""), reason=said.get("reason", ""))
    assert install.deployments.all() == []
    deploy_model(install, models[0].id, by=said.get("by", "")[1:], reason=said.get("reason", "")[1:])


def test_checks_against_what_is_no_longer_live_switch_nothing(
    install: Services, models: tuple[ModelVersion, ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy_model(install, models[0].id)
    third = _third(install)
    real = deployment.checked

    def slowly(services: Services, model: ModelVersion, live: ModelVersion | None) -> Gate:
        found = real(services, model, live)
        monkeypatch.undo()
        deploy_model(services, third)
        return found

    monkeypatch.setattr(deployment, "checked", slowly)
    with pytest.raises(Conflict, match="same moment"):
        deploy_model(install, models[1].id, anyway=True)
    assert [each.version for each in install.deployments.all()] == [3, 1]


def test_a_ledger_of_an_older_program_is_still_read(install: Services, models: tuple[ModelVersion, ModelVersion]) -> None:
    values = {"model_id": models[0].id, "version": 1, "action": "deploy", "at": datetime(2026, 11, 1, tzinfo=UTC)}
    with install.database.write() as transaction:
        transaction.execute(deployments.insert().values(**values))
    found = install.deployments.all()[0]
    assert (found.by, found.reason, found.replaced, found.checks) == ("", "", None, ())
