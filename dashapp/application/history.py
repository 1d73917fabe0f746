"""What was: the metrics over any time, the trainings, and the predictions by version; and its upkeep."""

from __future__ import annotations

from typing import Any

from dashapp.application.ledger import live_scores
from dashapp.application.services import Services
from dashapp.database.times import iso
from dashapp.monitoring.history import History
from dashapp.training.run import Run

MOST_RUNS = 500
MOST_VERSIONS = 50
TIMED = 1_000
"""Predictions of a version, the newest, whose times are told."""


def history_of(services: Services) -> History:
    """Made anew each time: it keeps nothing."""
    return History(services.samples, services.requests, services.rollups)


def roll_up(services: Services, now: float) -> None:
    """A chore of each minute."""
    services.rollups.advance(now)


def retain(services: Services, now: float) -> None:
    """A chore of each hour: delete the samples, counts and roll-ups that are past their time."""
    services.rollups.prune(now)


def training_history(services: Services, limit: int = 100) -> list[dict[str, Any]]:
    """How long each training that is over took, stage by stage, and what came of it; the newest first."""
    versions = {model.run_id: model.version for model in services.models.all()}
    return [_trained(run, versions.get(run.id)) for run in services.runs.all(limit) if run.state.is_finished]


def _trained(run: Run, version: int | None) -> dict[str, Any]:
    metrics = run.metrics or {}
    best = next((each for each in run.candidates if each.is_best), None)
    return {
        "run_id": run.id,
        "dataset_name": run.dataset_name,
        "target": run.target,
        "state": run.state.value,
        "at": iso(run.ended_at or run.created_at),
        "duration_s": None if run.started_at is None or run.ended_at is None else (run.ended_at - run.started_at).total_seconds(),
        "budget_s": run.budget_s,
        "stages": [{"name": each.name.value, "state": each.state.value, "seconds": each.seconds} for each in run.stages],
        "accuracy": metrics.get("accuracy"),
        "score_name": run.score_name,
        "score": None if best is None else best.score,
        "metrics": dict(metrics),
        "candidate": None if best is None else best.name,
        "model_id": run.model_id,
        "version": version,
    }


def prediction_history(services: Services) -> list[dict[str, Any]]:
    """Of each version how many predictions it made, how long the newest kept ones took, and how right they were; the newest first."""
    scores = {score.version: score for score in live_scores(services)}
    models = {model.version: model for model in services.models.all()}
    found = []
    for counted in services.predictions.made_by_version()[:MOST_VERSIONS]:
        times = sorted(services.predictions.newest_ms(counted.version, TIMED))
        score, model = scores.get(counted.version), models.get(counted.version)
        found.append(
            {
                "version": counted.version,
                "model_id": None if model is None else model.id,
                "made": counted.made,
                "warned": counted.warned,
                "since": iso(counted.since),
                "until": iso(counted.until),
                "timed": len(times),
                "p50_ms": _share(times, 0.50),
                "p95_ms": _share(times, 0.95),
                "p99_ms": _share(times, 0.99),
                "score_name": None if score is None else score.name,
                "score": None if score is None else score.value,
                "score_low": None if score is None else score.low,
                "score_high": None if score is None else score.high,
                "judged": 0 if score is None else score.n,
                "tested": None if score is None else score.tested,
            }
        )
    return found


def _share(ordered: list[float], share: float) -> float | None:
    return round(ordered[int(share * (len(ordered) - 1))], 3) if ordered else None
