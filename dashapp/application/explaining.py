"""Why a model says what it says, as its trainer wrote it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashapp.application.services import Services
from dashapp.errors import ModelDamaged, NotFound
from dashapp.models import artifact_format
from dashapp.models.model import ModelVersion
from dashapp.serving.reasons import reasons_of
from dashapp.training.result import Explanation, RowReasons


def explanation_of(services: Services, model: ModelVersion) -> Explanation | None:
    """None where the model's file cannot be read or was written before explanations were kept."""
    try:
        found = artifact_format.load_explanation(services.models.folder(model.id) / model.artifact.file)
    except ModelDamaged:
        return None
    return None if found == Explanation() else found


def existing_explanation(services: Services, model_id: str) -> Explanation:
    """Raises `NotFound` where there is no such model, or none of its reasons."""
    model = services.models.get(model_id)
    explanation = explanation_of(services, model)
    if explanation is None:
        raise NotFound(f"Version {model.version} ({model.name}) has no explanation in its file; train again to get one.")
    return explanation


def row_explanation(services: Services, model_id: str, row: Mapping[str, Any]) -> RowReasons:
    """Raises `ModelDamaged`, `InvalidRow`, or `NotFound` where the model has no rows that this one could be told apart from."""
    model = services.models.get(model_id)
    predictor = services.predictors.get(model).predictor
    explanation = existing_explanation(services, model_id)
    if not explanation.background:
        raise NotFound(f"Version {model.version} ({model.name}) was kept without rows to explain others against; train again to get them.")
    return reasons_of(predictor, explanation, model.task, row)
