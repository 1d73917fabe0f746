"""Putting a model to work, taking a step back, and letting a model go."""

from __future__ import annotations

from dashapp.application.services import Services
from dashapp.errors import Conflict
from dashapp.events.fact import EventType, Fact
from dashapp.models.model import Deployment, DeploymentAction, ModelVersion


def deploy_model(services: Services, model_id: str) -> Deployment:
    """Make a model the live one, once its file was verified and loaded; the live one again changes nothing.

    Raises `NotFound`, or `ModelDamaged`, and then what is live stays live.
    """
    model = services.models.get(model_id)
    services.predictors.get(model)
    with services.database.write() as transaction:
        services.models.get(model_id, transaction)
        history = services.deployments.all(transaction)
        if history and history[0].model_id == model.id:
            return history[0]
        deployment = services.deployments.append(transaction, model, DeploymentAction.DEPLOY)
        services.log.append(transaction, _fact(model, deployment, f"Version {model.version} ({model.name}) is live"))
    return deployment


def roll_back(services: Services) -> Deployment:
    """Put back what was live before, one step further each time; raises `Conflict` at the start of the ledger."""
    with services.database.read() as connection:
        previous = services.deployments.before(connection)
    model = services.models.get(previous.model_id)
    services.predictors.get(model)
    with services.database.write() as transaction:
        if services.deployments.before(transaction) != previous:
            raise Conflict("Somebody else deployed or rolled back at the same moment; look again before you go on.")
        deployment = services.deployments.append(transaction, model, DeploymentAction.ROLLBACK, restores=previous.id)
        services.log.append(transaction, _fact(model, deployment, f"Rolled back to version {model.version} ({model.name})"))
    return deployment


def _fact(model: ModelVersion, deployment: Deployment, message: str) -> Fact:
    data = {"action": deployment.action.value, "version": model.version, "deployment": str(deployment.id)}
    return Fact(EventType.MODEL_DEPLOYED, message, {"model": model.id}, data)


def live_model(services: Services) -> ModelVersion | None:
    """The model that the ledger says is live, or the one before it whose file is intact; None where there is none."""
    for model_id in services.deployments.newest_models():
        model = services.models.get(model_id)
        if services.models.is_intact(model):
            return model
    return None


def delete_model(services: Services, model_id: str) -> None:
    """Raises `NotFound`, or `Conflict` for the live model. The disk space is free afterwards; the ledger keeps its lines."""
    model = services.models.get(model_id)
    with services.database.write() as transaction:
        live = live_model(services)
        if live is not None and live.id == model_id:
            raise Conflict(f"Version {model.version} is live; use another model before you delete this one.")
        services.models.remove(transaction, model_id)
        message = f"Version {model.version} ({model.name}) was deleted"
        services.log.append(transaction, Fact(EventType.USER_ACTION, message, {"model": model_id}, {"action": "model_deleted"}))
    services.models.drop_files(model_id)
