"""Predictions, told to the counters that Prometheus reads."""

from __future__ import annotations

from dashapp.application.predicting import Listener
from dashapp.monitoring.metrics import Metrics
from dashapp.serving.answered import Answered
from dashapp.serving.live import LiveModel


def counting(metrics: Metrics, live_model: LiveModel) -> Listener:
    """A listener that counts what was answered; the version that is live is read when somebody asks."""

    def version() -> float:
        live = live_model.current
        return 0.0 if live is None else float(live.version)

    def count(answered: Answered) -> None:
        codes = [str(warning["code"]) for prediction in answered.predictions for warning in prediction.warnings]
        metrics.count_predictions(answered.version, answered.source, len(answered.predictions), codes)

    metrics.add_reading("dashapp_live_model_version", "The version that answers; 0 where none is deployed.", version)
    return count
