"""What was reached for the first time: written down once, and told to the log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from dashapp.application.history import history_of
from dashapp.application.services import Services
from dashapp.events.fact import EventType, Fact
from dashapp.models.compare import SCORE_METRICS
from dashapp.models.model import ModelVersion
from dashapp.monitoring.told import Link, LinkKind, Milestone
from dashapp.serving.ledger.kept import Search

DAY_S = 86400.0
COUNTS = (1, 100, 10_000, 1_000_000, 100_000_000)
CALM_DAYS = 30
PARTS_A_DAY = 8
CALM = f"{CALM_DAYS}_days_without_alert"


def milestones(services: Services) -> tuple[Milestone, ...]:
    """The newest first."""
    return services.milestones.all()


def tell_milestones(services: Services, now: float) -> None:
    """Write down what was reached since the last time, and tell the log."""
    told = services.milestones.names()
    for milestone in _reached(services, told, now):
        if milestone.name in told:
            continue
        subject = {link.kind.value: link.id for link in milestone.links}
        fact = Fact(EventType.USER_ACTION, milestone.message, subject, {"action": "milestone", "milestone": milestone.name})
        with services.database.write() as transaction:
            if services.milestones.add(transaction, milestone):
                services.log.append(transaction, fact)


def _reached(services: Services, told: Collection[str], now: float) -> Iterator[Milestone]:
    """What was told is not looked for again where that takes long."""
    at = datetime.fromtimestamp(now, UTC)
    if "first_dataset" not in told and services.datasets.count():
        yield Milestone("first_dataset", at, "The first dataset is here.", (Link(LinkKind.PAGE, "/", "Train"),))
    yield from _of_models(services.models.all())
    if "first_deployment" not in told and (deployed := services.deployments.all()):
        first = deployed[-1]
        words = f"Version {first.version} was the first to be put to work."
        yield Milestone("first_deployment", first.at, words, (_model_link(first.model_id, first.version),))
    yield from _counted(services, told, at)
    if "first_feedback" not in told and services.feedback.models():
        yield Milestone("first_feedback", at, "The truth about a prediction was sent for the first time.")
    if CALM not in told and _is_calm(services, now):
        yield Milestone(CALM, at, f"{CALM_DAYS} days have passed without an alert.")


def _of_models(models: list[ModelVersion]) -> Iterator[Milestone]:
    """The first; and each that is better than all before it on the same data and target, beyond the interval of the best of them."""
    oldest_first = sorted(models, key=lambda each: each.version)
    if oldest_first:
        first = oldest_first[0]
        link = _model_link(first.id, first.version)
        yield Milestone("first_model", first.created_at, f"The first model is trained: {first.name}.", (link,))
    best: dict[tuple[str, str], ModelVersion] = {}
    for model in oldest_first:
        if model.score is None:
            continue
        key = (model.dataset_id, model.target)
        former = best.get(key)
        if former is not None and _is_beyond(model, former):
            scored = f"{model.score_name} {model.score:.3f}, {former.score:.3f} before"
            words = f"Version {model.version} has the best score so far on {model.dataset_name}: {scored}."
            yield Milestone(f"best_{model.id}", model.created_at, words, (_model_link(model.id, model.version),))
        if former is None or model.score > (former.score or 0.0):
            best[key] = model


def _is_beyond(model: ModelVersion, former: ModelVersion) -> bool:
    interval = former.intervals.get(SCORE_METRICS[former.task])
    return interval is not None and model.task is former.task and model.score is not None and model.score > interval[1]


def _counted(services: Services, told: Collection[str], at: datetime) -> Iterator[Milestone]:
    if f"predictions_{COUNTS[-1]}" in told:
        return
    made = services.predictions.search(Search(limit=1)).made
    for count in COUNTS:
        if made >= count:
            words = "The first prediction was made." if count == 1 else f"{count:,} predictions were made."
            yield Milestone(f"predictions_{count}", at, words, (Link(LinkKind.PAGE, "/predictions", "Predictions"),))


def _is_calm(services: Services, now: float) -> bool:
    """No alert in all that time, and somebody looked on each of the days."""
    newest = services.alerts.all(limit=1)
    start = now - CALM_DAYS * DAY_S
    if services.alerts.count(is_standing=True) or (newest and newest[0].raised_at.timestamp() > start):
        return False
    points = history_of(services).points("cpu_usage", start, now, PARTS_A_DAY * CALM_DAYS)
    days = {int((each.at - start) // DAY_S) for each in points if each.mean is not None}
    return len(days) >= CALM_DAYS


def _model_link(model_id: str, version: int) -> Link:
    return Link(LinkKind.MODEL, model_id, f"Version {version}")
