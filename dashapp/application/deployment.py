"""Putting a model to work, taking a step back, and letting a model go."""

from __future__ import annotations

import re
from dataclasses import asdict

from dashapp.application.gate import checked, file_check
from dashapp.application.services import Services
from dashapp.datasets.wording import INVISIBLE
from dashapp.errors import Conflict, InvalidRequest, ModelDamaged, WorseThanLive
from dashapp.events.fact import EventType, Fact
from dashapp.models.model import Deployment, DeploymentAction, Gate, ModelVersion

MOST_REASON, MOST_BY = 500, 100
AT_THE_SAME_MOMENT = "Somebody else deployed or rolled back at the same moment; look again before you go on."


def gate(services: Services, model_id: str) -> Gate:
    """What a deployment would be held against, beside the live model (of the live one: itself alone). Raises `NotFound`."""
    model, live = services.models.get(model_id), live_model(services)
    return checked(services, model, None if live is None or live.id == model.id else live)


def deploy_model(services: Services, model_id: str, *, by: str = "", reason: str = "", anyway: bool = False) -> Deployment:
    """Make a model the live one, once its file was verified, loaded and tried; the live one again changes nothing.

    Raises `NotFound`, `ModelDamaged` where it cannot serve (whatever `anyway` says), `WorseThanLive` where the gate found it worse, and
    then what is live stays live.
    """
    model, said = services.models.get(model_id), _said(by, reason)
    live = live_model(services)
    if live is not None and live.id == model.id and (last := _already(services, model)) is not None:
        return last
    found = checked(services, model, live)
    if not found.can_serve:
        raise ModelDamaged(found.words, checks=[asdict(check) for check in found.checks])
    if found.is_worse and not anyway:
        advice = "Nothing was changed; send anyway: true to use it all the same."
        raise WorseThanLive(f"{found.words} {advice}", checks=[asdict(check) for check in found.checks])
    return _switch(services, model, live, found, *said)


def deploy_quietly(services: Services, model_id: str, *, by: str = "") -> Deployment | Gate:
    """The same where the gate has nothing to say; else nothing is changed, and what it has to say is returned."""
    model = services.models.get(model_id)
    live = live_model(services)
    if live is not None and live.id == model.id and (last := _already(services, model)) is not None:
        return last
    found = checked(services, model, live)
    return _switch(services, model, live, found, *_said(by, "")) if found.can_serve and found.is_silent else found


def _already(services: Services, model: ModelVersion) -> Deployment | None:
    """The last line of the ledger, where it is this model's."""
    last = services.deployments.live()
    return last if last is not None and last.model_id == model.id else None


def _switch(services: Services, model: ModelVersion, live: ModelVersion | None, found: Gate, by: str, reason: str) -> Deployment:
    """Raises `Conflict` where another model is live by now than the one that the checks were made against."""
    with services.database.write() as transaction:
        services.models.get(model.id, transaction)
        history = services.deployments.all(transaction)
        if history and history[0].model_id == model.id:
            return history[0]
        if (now := live_model(services)) != live:
            raise Conflict(AT_THE_SAME_MOMENT if now is not None else "The live model was deleted at the same moment; try again.")
        deployment = services.deployments.append(transaction, model, DeploymentAction.DEPLOY, by=by, reason=reason, checks=found.checks)
        services.log.append(transaction, _fact(model, deployment, f"Version {model.version} ({model.name}) is live"))
    return deployment


def roll_back(services: Services, *, by: str = "", reason: str = "") -> Deployment:
    """Put back what was live before, one step further each time; raises `Conflict` at the start of the ledger. Nothing is compared: what
    served before may always serve again."""
    said = dict(zip(("by", "reason"), _said(by, reason), strict=True))
    with services.database.read() as connection:
        previous = services.deployments.before(connection)
    model = services.models.get(previous.model_id)
    services.predictors.get(model)
    with services.database.write() as transaction:
        if services.deployments.before(transaction) != previous:
            raise Conflict(AT_THE_SAME_MOMENT)
        deployment = services.deployments.append(
            transaction, model, DeploymentAction.ROLLBACK, restores=previous.id, checks=(file_check(model),), **said
        )
        services.log.append(transaction, _fact(model, deployment, f"Rolled back to version {model.version} ({model.name})"))
    return deployment


def _said(by: str, reason: str) -> tuple[str, str]:
    """Both on one line, without characters that cannot be seen. Raises `InvalidRequest` where one is too long."""
    for field, text, most in (("by", by, MOST_BY), ("reason", reason, MOST_REASON)):
        if len(text) > most:
            raise InvalidRequest(f"{field} has {len(text):,} characters; send {most} at most.", field=field, expected=f"{most} characters")
    clean = (" ".join(re.sub(INVISIBLE, "", text).encode("utf-8", "replace").decode().split()) for text in (by, reason))
    return next(clean), next(clean)


def _fact(model: ModelVersion, deployment: Deployment, message: str) -> Fact:
    """From what to what, and why."""
    if deployment.replaced is not None:
        message += f", in place of version {deployment.replaced}"
    if deployment.reason:
        message += f": {deployment.reason}"
    data = {
        "action": deployment.action.value, "version": model.version, "deployment": str(deployment.id), "replaced": deployment.replaced,
        "by": deployment.by, "reason": deployment.reason, "is_worse": any(not check.passed for check in deployment.checks),
    }  # fmt: skip
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
