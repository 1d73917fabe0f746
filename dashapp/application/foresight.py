"""What will come, what was unusual, what to do about it, and what was reached for the first time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from dashapp.application.history import history_of
from dashapp.application.services import Services
from dashapp.errors import InvalidRequest
from dashapp.events.fact import EventType, Fact
from dashapp.monitoring.advice import BUSY_CPU, Figures, advice_from
from dashapp.monitoring.anomalies import Span, find_anomalies
from dashapp.monitoring.forecast import Bands, foresee
from dashapp.monitoring.history import History, Point
from dashapp.monitoring.sample import UNITS
from dashapp.monitoring.told import Advice, Anomaly, Forecast, ForecastPoint, Link, LinkKind, Milestone, Reach
from dashapp.monitoring.trends import TIMEFRAMES_S
from dashapp.serving.ledger.kept import Search
from dashapp.training.run import Run, RunState

DAY_S = 86400.0
PAST_S = 14 * DAY_S
FORESEEN = (
    ("storage_free_bytes", "Free disk space"),
    ("memory_used_bytes", "Memory"),
    ("api_response_time_p95", "The response time (95 %)"),
    ("error_rate", "The error rate"),
    ("model_predictions_per_minute", "Predictions a minute"),
)
WATCHED = {
    "cpu_usage": 10.0,
    "memory_usage": 5.0,
    "api_response_time_p95": 5.0,
    "error_rate": 2.0,
    "requests_per_minute": 10.0,
    "model_predictions_per_minute": 10.0,
    "database_latency_ms": 20.0,
}
"""The metrics whose anomalies are looked for, and the smallest distance from the usual that matters."""
PERCENTS = ("error_rate",)
COUNTS = (1, 100, 10_000, 1_000_000, 100_000_000)
LATEST_RUNS = 50
MOST_POINTS = 500
LONGEST_REACH_S = 30 * DAY_S


def forecasts(services: Services, now: float | None = None) -> tuple[Forecast, ...]:
    """Of disk, memory, latency, error rate and prediction volume."""
    end = time.time() if now is None else now
    history = history_of(services)
    return tuple(_forecast(metric, name, _past(history, metric, end - PAST_S, end), end) for metric, name in FORESEEN)


def anomalies(services: Services, timeframe: str, now: float | None = None) -> tuple[Anomaly, ...]:
    """Within one of `TIMEFRAMES_S`, oldest first. Raises `InvalidRequest`."""
    if timeframe not in TIMEFRAMES_S:
        known = list(TIMEFRAMES_S)
        raise InvalidRequest(f"There is no timeframe {timeframe!r}; choose one of {', '.join(known)}.", got=timeframe, expected=known)
    end = time.time() if now is None else now
    history = history_of(services)
    begin = end - TIMEFRAMES_S[timeframe]
    found: list[Anomaly] = []
    for metric, least in WATCHED.items():
        points = _past(history, metric, begin, end)
        offset_s = -time.timezone
        spans = find_anomalies([each.at for each in points], [each.mean for each in points], begin, least, offset_s)
        found += [_anomaly(metric, span) for span in spans]
    return tuple(sorted(found, key=lambda each: each.since))


def advice(services: Services, now: float | None = None) -> tuple[Advice, ...]:
    """What the figures of the last hour and week speak for."""
    return advice_from(_figures(services, time.time() if now is None else now))


def milestones(services: Services) -> tuple[Milestone, ...]:
    """The newest first."""
    return services.milestones.all()


def tell_milestones(services: Services, now: float) -> None:
    """Write down what was reached since the last time, and tell the log."""
    told = services.milestones.names()
    for milestone in _reached(services, datetime.fromtimestamp(now, UTC)):
        if milestone.name in told:
            continue
        subject = {link.kind.value: link.id for link in milestone.links}
        fact = Fact(EventType.USER_ACTION, milestone.message, subject, {"action": "milestone", "milestone": milestone.name})
        with services.database.write() as transaction:
            if services.milestones.add(transaction, milestone):
                services.log.append(transaction, fact)


def _past(history: History, metric: str, begin: float, end: float) -> list[Point]:
    """As fine as may be from the first known value on: of a few hours in a time of two weeks there would be a handful of points."""
    first = next((each.at for each in history.points(metric, begin, end) if each.mean is not None), None)
    return [] if first is None else history.points(metric, max(begin, first - (end - begin) / MOST_POINTS), end)


def _forecast(metric: str, name: str, points: Sequence[Point], now: float) -> Forecast:
    highest = 100.0 if metric in PERCENTS else float("inf")
    bands = foresee([each.at for each in points], [each.mean for each in points], 0.0, highest)
    if bands is None:
        return Forecast(metric, UNITS[metric], (), None, f"{name}: there is too little past for a forecast yet; it takes three hours.")
    told = tuple(ForecastPoint(_at(at), low, middle, high) for at, low, middle, high in _rows(bands))
    known = [each.mean for each in points if each.mean is not None]
    reach = _reach(bands, known[-1], now) if metric == "storage_free_bytes" else None
    words = reach.words if reach is not None else f"{name} {_course(bands)}."
    if bands.coverage is not None:
        words += f" In the past such bands held {100 * bands.coverage:.0f} % of what came."
    return Forecast(metric, UNITS[metric], told, bands.coverage, words, reach)


def _rows(bands: Bands) -> Iterator[tuple[float, float, float, float]]:
    return zip(bands.at.tolist(), bands.low.tolist(), bands.middle.tolist(), bands.high.tolist(), strict=True)


def _course(bands: Bands) -> str:
    if bands.method == "season":
        return "goes on as on the day before"
    if bands.slope:
        return "goes on rising" if bands.slope > 0 else "goes on falling"
    return "stays about as it is"


def _reach(bands: Bands, known: float, now: float) -> Reach | None:
    """When the disk is full; only where it fills without doubt. The limits come from how wide the band is at that distance."""
    if bands.slope >= 0:
        return None
    left_s = known / -bands.slope
    if left_s > LONGEST_REACH_S:
        return None
    distance = bands.at - now
    below, above = bands.middle - bands.low, bands.high - bands.middle
    share = min(left_s / float(distance[-1]), 1.0) if distance[-1] > 0 else 1.0
    place = min(int(share * (len(below) - 1)), len(below) - 1)
    earlier_s, later_s = float(below[place]) / -bands.slope, float(above[place]) / -bands.slope
    around = _span_words(max(earlier_s, later_s))
    return Reach(
        limit=0.0,
        at=_at(now + left_s),
        earliest=_at(now + max(left_s - earlier_s, 0.0)),
        latest=_at(now + left_s + later_s),
        words=f"Disk full in {_span_words(left_s)} ± {around}.",
    )


def _span_words(seconds: float) -> str:
    for unit, size in (("days", DAY_S), ("h", 3600.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds / 60, 1):.0f} min"


def _anomaly(metric: str, span: Span) -> Anomaly:
    unit = UNITS[metric]
    name = metric.replace("_", " ")
    words = f"{name} was at {span.value:.4g} {unit}, usual is {max(span.low, 0):.4g} to {span.high:.4g} {unit}".rstrip() + "."
    return Anomaly(metric, _at(span.since), _at(span.until), span.value, span.low, span.high, words[0].upper() + words[1:])


def _figures(services: Services, now: float) -> Figures:
    settings, history = services.settings, history_of(services)

    def means(metric: str) -> list[float]:
        return [each.mean for each in history.points(metric, now - 3600, now) if each.mean is not None]

    cpu, live = means("cpu_usage"), services.deployments.live()
    runs = [run for run in services.runs.all(limit=LATEST_RUNS) if run.ended_at and run.ended_at.timestamp() > now - 7 * DAY_S]
    finished = [run for run in runs if run.state is RunState.SUCCEEDED]
    oldest = services.predictions.oldest()
    return Figures(
        cores=os.cpu_count() or 1,
        workers=settings.workers,
        cpu_mean=_mean(cpu),
        busy_share=sum(each > BUSY_CPU for each in cpu) / len(cpu) if cpu else None,
        response_p95_ms=_mean(means("api_response_time_p95")),
        requests_per_minute=_mean(means("requests_per_minute")),
        predictions_per_minute=_mean(means("model_predictions_per_minute")),
        sockets=max(means("websocket_clients"), default=None),
        most_sockets=settings.max_sockets * settings.workers,
        runs=len(finished),
        out_of_time=sum(_is_out_of_time(run) for run in finished),
        budget_s=settings.budget_s,
        failed_for_memory=sum(run.state is RunState.FAILED and "memory" in (run.error or "") for run in runs),
        ledger_days=settings.ledger_days,
        ledger_days_held=None if oldest is None else (now - oldest) / DAY_S,
        ledger_share=services.predictions.kept_bytes() / settings.ledger_bytes,
        is_live_compiled=None if live is None else services.predictors.get(services.models.get(live.model_id)).predictor.is_exact,
        alerts=sum(1 for each in services.alerts.all() if each.raised_at.timestamp() > now - 7 * DAY_S),
        has_alert_urls=bool(settings.alert_urls),
    )


def _is_out_of_time(run: Run) -> bool:
    took = next((stage.seconds for stage in run.stages if stage.name.value == "Training model"), None)
    return took is not None and took > 0.9 * run.budget_s


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _reached(services: Services, now: datetime) -> Iterator[Milestone]:
    if services.datasets.count():
        yield Milestone("first_dataset", now, "The first dataset is here.", (Link(LinkKind.PAGE, "/", "Train"),))
    models = services.models.all()
    if models:
        first = min(models, key=lambda each: each.version)
        yield Milestone("first_model", now, f"The first model is trained: {first.name}.", (_model_link(first.id, first.version),))
    deployed = services.deployments.all()
    if deployed:
        first_deployed = deployed[-1]
        link = _model_link(first_deployed.model_id, first_deployed.version)
        yield Milestone("first_deployment", now, f"Version {first_deployed.version} was the first to be put to work.", (link,))
    yield from _best_scores(services, now)
    made = services.predictions.search(Search(limit=1)).made
    for count in COUNTS:
        if made >= count:
            words = "The first prediction was made." if count == 1 else f"{count:,} predictions were made."
            yield Milestone(f"predictions_{count}", now, words, (Link(LinkKind.PAGE, "/predictions", "Predictions"),))
    if services.feedback.models():
        yield Milestone("first_feedback", now, "The truth about a prediction was sent for the first time.")


def _best_scores(services: Services, now: datetime) -> Iterator[Milestone]:
    """A version that is beyond doubt better than all before it on the same dataset and target."""
    best: dict[tuple[str, str], float] = {}
    for model in sorted(services.models.all(), key=lambda each: each.version):
        key = (model.dataset_id, model.target)
        if model.score is None:
            continue
        low = model.intervals.get(model.score_name, (model.score, model.score))[0]
        if key in best and low > best[key]:
            words = f"Version {model.version} has the best score so far on {model.dataset_name}: {model.score:.3f} ({model.score_name})."
            yield Milestone(f"best_{model.id}", now, words, (_model_link(model.id, model.version),))
        best[key] = max(best.get(key, model.score), model.score)


def _model_link(model_id: str, version: int) -> Link:
    return Link(LinkKind.MODEL, model_id, f"Version {version}")


def _at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
