"""A challenger: a model that is given the live model's rows, and whose answers nobody sees but on the page that compares both."""

from __future__ import annotations

from datetime import UTC, datetime

from dashapp.application.deployment import live_model
from dashapp.application.services import Services
from dashapp.datasets.wording import quoted
from dashapp.errors import Conflict
from dashapp.events.fact import EventType, Fact
from dashapp.models.model import ModelVersion
from dashapp.serving.ledger.comparing import agrees, difference, largest
from dashapp.serving.ledger.entry import written
from dashapp.serving.ledger.kept import Challenger, Comparison, KeptPrediction
from dashapp.serving.ledger.scores import live_score
from dashapp.serving.ledger.store.feedback import Judged

MOST_COMPARED = 10_000


def start_challenger(services: Services, model_id: str) -> Challenger:
    """From now on this model answers the live model's rows too; the one that did so before does not. The current one again changes nothing.

    Raises `NotFound`, or `Conflict` for the live model, a damaged one (`ModelDamaged`), or one that predicts something else.
    """
    model = services.models.get(model_id)
    _check(model, live_model(services))
    services.predictors.get(model)
    current = services.challengers.current()
    if current is not None and current.model_id == model_id:
        return current
    message = f"Version {model.version} ({model.name}) challenges the live model: it answers the same rows, and nobody is shown its answers"
    with services.database.write() as transaction:
        services.models.get(model_id, transaction)
        challenger = services.challengers.start(transaction, model, datetime.now(UTC))
        services.log.append(transaction, _fact(challenger, message, "challenger_started"))
    return challenger


def end_challenger(services: Services) -> None:
    """Nothing happens where there is none."""
    current = services.challengers.current()
    if current is None:
        return
    with services.database.write() as transaction:
        services.challengers.end(transaction, datetime.now(UTC))
        message = f"Version {current.version} no longer challenges the live model"
        services.log.append(transaction, _fact(current, message, "challenger_ended"))


def current_challenger(services: Services) -> Challenger | None:
    return services.challengers.current()


def comparison(services: Services) -> Comparison | None:
    """The challenger beside the live model; None where there is none of the two."""
    challenger, live = services.challengers.current(), live_model(services)
    if challenger is None or live is None:
        return None
    kept = services.challengers.answered(challenger, live.id, MOST_COMPARED)
    beside = [difference(each, each.challenger.prediction, each.challenger.probabilities) for each in kept if each.challenger is not None]
    judged = [each for each in beside if each.kept.actual is not None]
    model = services.models.get(challenger.model_id)
    return Comparison(
        model_id=challenger.model_id,
        version=challenger.version,
        started_at=challenger.started_at,
        n=len(beside),
        agreeing=sum(map(agrees, beside)),
        mean_change=sum(each.change for each in beside) / len(beside) if beside else 0.0,
        judged=len(judged),
        live=live_score(live.version, live, [_judged(each.kept, each.kept.prediction) for each in judged]) if judged else None,
        challenger=live_score(model.version, model, [_judged(each.kept, each.prediction) for each in judged]) if judged else None,
        differences=largest(beside),
    )


def _check(model: ModelVersion, live: ModelVersion | None) -> None:
    if live is None:
        raise Conflict("No model is live, so there is nothing to challenge; deploy one first.")
    if live.id == model.id:
        raise Conflict(f"Version {model.version} is the live model itself; choose another version as its challenger.")
    if model.target != live.target:
        raise Conflict(
            f"Version {model.version} predicts {quoted(model.target)} and the live model {quoted(live.target)}, so their answers cannot be "
            "compared; choose a version with the same target."
        )
    if model.task.is_classification != live.task.is_classification:
        raise Conflict(
            f"Version {model.version} is a {model.task.value} and the live model a {live.task.value}, so their answers cannot be compared; "
            "choose a version with the same task."
        )


def _judged(kept: KeptPrediction, prediction: str | float) -> Judged:
    return Judged(written(prediction), written("" if kept.actual is None else kept.actual), kept.share, kept.probabilities is None)


def _fact(challenger: Challenger, message: str, action: str) -> Fact:
    return Fact(EventType.USER_ACTION, message, {"model": challenger.model_id}, {"action": action, "version": challenger.version})
