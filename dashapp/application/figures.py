"""The plain figures that advice is given from, gathered from the history, the runs, the ledger and the settings."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dashapp.application.history import history_of
from dashapp.application.services import Services
from dashapp.errors import ModelDamaged, NotFound
from dashapp.models.compare import SCORE_METRICS
from dashapp.models.model import Deployment, ModelVersion
from dashapp.monitoring.advice import BUSY_CPU, Figures, Speed
from dashapp.training.run import Run, RunState

DAY_S = 86400.0
LATEST_RUNS, LATEST_ALERTS = 50, 200
LOOKED_INTO = 5
TIMED, LEAST_TIMED = 200, 50
MOST_VERSIONS = 5
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LAST_PART = 0.8
STILL_BETTER = 0.998
"""A loss that the last part of the time brought down by this much says that more time would have brought it further."""


def figures_of(services: Services, now: float) -> Figures:
    settings, history = services.settings, history_of(services)

    def means(metric: str) -> list[float]:
        return [each.mean for each in history.points(metric, now - 3600, now) if each.mean is not None]

    cpu, live = means("cpu_usage"), services.deployments.live()
    runs = [run for run in services.runs.all(limit=LATEST_RUNS) if run.ended_at and run.ended_at.timestamp() > now - 7 * DAY_S]
    finished = [run for run in runs if run.state is RunState.SUCCEEDED][:LOOKED_INTO]
    queued = [run for run in services.runs.unfinished() if run.state is RunState.QUEUED]
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
        out_of_time=sum(_is_out_of_time(services, run) for run in finished),
        budget_s=settings.budget_s,
        failed_for_memory=sum(run.state is RunState.FAILED and "memory" in (run.error or "") for run in runs),
        waiting=len(queued),
        waited_s=max((now - run.created_at.timestamp() for run in queued), default=0.0),
        most_runs=settings.max_runs,
        ledger_days=settings.ledger_days,
        ledger_days_held=None if oldest is None else (now - oldest) / DAY_S,
        ledger_share=services.predictions.kept_bytes() / settings.ledger_bytes,
        is_live_compiled=None if live is None else _is_compiled(services, live),
        speeds=() if live is None else _speeds(services, live),
        alerts=sum(1 for each in services.alerts.all(limit=LATEST_ALERTS) if each.raised_at.timestamp() > now - 7 * DAY_S),
        has_alert_urls=bool(settings.alert_urls),
        open_host=settings.host if settings.host not in LOOPBACK and not settings.token else "",
    )


def _is_out_of_time(services: Services, run: Run) -> bool:
    """Whether it used its whole budget while its best loss still fell."""
    took = next((stage.seconds for stage in run.stages if stage.name.value == "Training model"), None)
    if took is None or took < 0.9 * run.budget_s:
        return False
    points = services.runs.points(run.id)
    last = LAST_PART * max((point["elapsed_s"] for point in points), default=0.0)
    before = min((point["validation_loss"] for point in points if point["elapsed_s"] <= last), default=None)
    after = min((point["validation_loss"] for point in points if point["elapsed_s"] > last), default=None)
    return before is not None and after is not None and after < before - (1 - STILL_BETTER) * abs(before)


def _is_compiled(services: Services, live: Deployment) -> bool | None:
    try:
        return services.predictors.get(services.models.get(live.model_id)).predictor.is_exact
    except (NotFound, ModelDamaged):
        return None


def _speeds(services: Services, live: Deployment) -> tuple[Speed, ...]:
    """The live version, then others of the same data and target that have been asked often enough to know how long they take."""
    models = services.models.all()
    mine = next((each for each in models if each.id == live.model_id), None)
    if mine is None:
        return ()
    same = [each for each in models if (each.dataset_id, each.target, each.task) == (mine.dataset_id, mine.target, mine.task)]
    others = [each for each in same if each.id != mine.id][:MOST_VERSIONS]
    found = [speed for each in (mine, *others) if (speed := _speed(services, each)) is not None]
    return tuple(found) if found and found[0].version == mine.version else ()


def _speed(services: Services, model: ModelVersion) -> Speed | None:
    times = sorted(services.predictions.newest_ms(model.version, TIMED))
    interval = model.intervals.get(SCORE_METRICS[model.task])
    if len(times) < LEAST_TIMED or model.score is None or interval is None:
        return None
    return Speed(model.version, times[len(times) // 2], model.score, interval[0], interval[1])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
