"""What one may ask of the prediction ledger: search it, say what was really right, see how the model does, ask another version."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from dashapp.application.services import Services
from dashapp.errors import InvalidRequest, NotFound
from dashapp.events.fact import EventType, Fact
from dashapp.models.model import ModelVersion
from dashapp.serving.ledger.comparing import replayed
from dashapp.serving.ledger.kept import Found, KeptPrediction, LiveScore, Recorded, Replayed, Search
from dashapp.serving.ledger.ledger import Ledger
from dashapp.serving.ledger.purge import Purge
from dashapp.serving.ledger.scores import live_score
from dashapp.serving.ledger.shadow import Shadow
from dashapp.serving.ledger.spool import ends
from dashapp.serving.ledger.truth import read_actual
from dashapp.serving.ledger.writer import Writer

MOST_REPLAYED = 10_000
MOST_PAGE = 1_000
SETTLED_S = 2.0
_AT_ONCE = 500


def open_ledger(services: Services) -> Ledger:
    """The ledger of this web process; it keeps nothing before its `start()`."""
    database, settings = services.database, services.settings
    shadow = Shadow(services.challengers, services.models, services.predictors)
    writer = Writer(database, services.predictions, shadow)
    purge = Purge(database, services.predictions, settings.ledger_days, settings.ledger_bytes)
    return Ledger(settings.home / "ledger", writer, shadow, purge)


def search_predictions(services: Services, search: Search) -> Found:
    """Raises `InvalidRequest` for a page of no predictions, or of more than 1,000."""
    if not 1 <= search.limit <= MOST_PAGE:
        raise InvalidRequest(f"limit must be a whole number from 1 to {MOST_PAGE:,}.", field="limit", got=search.limit)
    return services.predictions.search(search)


def kept_prediction(services: Services, prediction_id: str) -> KeptPrediction:
    """Raises `NotFound`. One that was made a moment ago may still wait for the writer; that is waited for."""
    try:
        return services.predictions.get(prediction_id)
    except NotFound:
        _settle(services)
        return services.predictions.get(prediction_id)


def record_feedback(services: Services, actuals: Sequence[tuple[str, Any]]) -> Recorded:
    """Write down what was really right, by the id of the prediction; the last word about one counts.

    Raises `InvalidRow` for the first that does not fit the task of its prediction; then nothing is written down.
    """
    answers = _answers(services, [id for id, _ in actuals])
    if any(id not in answers for id, _ in actuals):
        _settle(services)
        answers |= _answers(services, [id for id, _ in actuals if id not in answers])
    truths = {id: read_actual(actual, id, answers[id], number) for number, (id, actual) in enumerate(actuals) if id in answers}
    unknown = tuple(dict.fromkeys(id for id, _ in actuals if id not in answers))
    if truths:
        count = "1 prediction" if len(truths) == 1 else f"{len(truths):,} predictions"
        fact = Fact(EventType.USER_ACTION, f"The truth about {count} was sent", data={"action": "feedback_recorded", "count": len(truths)})
        with services.database.write() as transaction:
            services.feedback.record(transaction, truths, time.time())
            services.log.append(transaction, fact)
    return Recorded(len(truths), unknown)


def live_scores(services: Services) -> tuple[LiveScore, ...]:
    """One for each version whose predictions have been judged, the newest first."""
    models = {model.id: model for model in services.models.all()}
    return tuple(_live_score(services, model_id, version, models.get(model_id)) for model_id, version in services.feedback.models())


def replay(services: Services, model_id: str, last: int = 100, search: Search | None = None) -> Replayed:
    """Answer the newest kept predictions once more with any version; raises `NotFound`, `ModelDamaged` or `InvalidRequest`."""
    if not 1 <= last <= MOST_REPLAYED:
        raise InvalidRequest(f"last must be a whole number from 1 to {MOST_REPLAYED:,}.", field="last", got=last)
    live = services.predictors.get(services.models.get(model_id))
    return replayed(live.version, live.predictor, services.predictions.newest(last, search))


def _live_score(services: Services, model_id: str, version: int, model: ModelVersion | None) -> LiveScore:
    return live_score(version, model, services.feedback.judged(model_id))


def _answers(services: Services, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        found |= services.predictions.answers(ids[start : start + _AT_ONCE])
    return found


def _settle(services: Services) -> None:
    """Wait until what is in the spools now is in the database, but not for long."""
    directory = services.settings.home / "ledger"
    give_up_at = time.monotonic() + SETTLED_S
    waiting = ends(directory)
    while waiting:
        moved = {name: services.predictions.moved(name) for name in waiting}
        waiting = {name: end for name, end in waiting.items() if moved[name] < end and (directory / name).exists()}
        if not waiting or time.monotonic() > give_up_at:
            return
        time.sleep(0.05)
