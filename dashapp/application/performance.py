"""How each version does in production: how much it is asked, how fast it answers, and how often it is right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dashapp.application.ledger import live_scores
from dashapp.application.ledger_documents import score_document
from dashapp.application.services import Services
from dashapp.serving.ledger.entry import Count
from dashapp.serving.ledger.kept import LiveScore

TIMED = 1_000
"""Predictions of a version, the newest, by which its times are told."""


@dataclass(frozen=True, slots=True)
class VersionPerformance:
    """`predictions` were made, exactly; `warnings_rate` is the share of them with a warning. The times are those of whole requests, over
    the newest `timed` that are kept; None where none is. `score` is None where no truth is known; `name` where the model is deleted."""

    version: int
    model_id: str | None
    name: str | None
    is_live: bool
    predictions: int
    warnings_rate: float | None
    mean_ms: float | None
    p95_ms: float | None
    timed: int
    score: LiveScore | None


def performance_by_version(services: Services) -> tuple[VersionPerformance, ...]:
    """Each version that ever answered, and the live one; newest first."""
    models = {model.version: model for model in services.models.all()}
    scores = {score.version: score for score in live_scores(services)}
    counts = services.predictions.by_version()
    live = services.deployments.live()
    live_version = None if live is None else live.version
    versions = {*counts, *scores, *([] if live_version is None else [live_version])}
    found = []
    for version in sorted(versions, reverse=True):
        model, count = models.get(version), counts.get(version, Count())
        mean_ms, p95_ms, timed = _times(services, version)
        found.append(
            VersionPerformance(
                version=version,
                model_id=None if model is None else model.id,
                name=None if model is None else model.name,
                is_live=version == live_version,
                predictions=count.made,
                warnings_rate=count.warned / count.made if count.made else None,
                mean_ms=mean_ms,
                p95_ms=p95_ms,
                timed=timed,
                score=scores.get(version),
            )
        )
    return tuple(found)


def performance_document(performance: VersionPerformance) -> dict[str, Any]:
    return asdict(performance) | {"score": None if performance.score is None else score_document(performance.score)}


def _times(services: Services, version: int) -> tuple[float | None, float | None, int]:
    """The mean and the 95th percentile in ms, each prediction counted as often as it stands for others, and of how many."""
    times = services.predictions.times(version, TIMED)
    if not times:
        return None, None, 0
    ms, shares = np.array(sorted(times)).T
    weights = 1 / shares
    upto = weights.cumsum()
    p95 = ms[min(int(np.searchsorted(upto, 0.95 * upto[-1])), len(ms) - 1)]
    return round(float(ms @ weights / upto[-1]), 3), round(float(p95), 3), len(times)
