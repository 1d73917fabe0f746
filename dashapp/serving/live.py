"""The predictors that this process has loaded, and the one that is live."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass

from dashapp.errors import ModelDamaged
from dashapp.models import artifact_format
from dashapp.models.model import ModelVersion
from dashapp.models.store import Deployments, Models
from dashapp.serving.predictor import Predictor, load_predictor

KEPT = 4

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LivePredictor:
    """A predictor and the version that its answers name."""

    model_id: str
    version: int
    predictor: Predictor


class Predictors:
    """Loads artifacts once: the `KEPT` last used predictors stay in memory. Safe from many threads; never on the hot path."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._loaded: OrderedDict[str, LivePredictor] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, model: ModelVersion) -> LivePredictor:
        """Raises `ModelDamaged` where the file is missing, differs from its checksum or cannot be loaded."""
        with self._lock:
            path = self._models.verified_file(model)
            if model.id not in self._loaded:
                self._loaded[model.id] = LivePredictor(model.id, model.version, load_predictor(artifact_format.load(path)))
            self._loaded.move_to_end(model.id)
            while len(self._loaded) > KEPT:
                self._loaded.popitem(last=False)
            return self._loaded[model.id]


class LiveModel:
    """The predictor that answers now, or None. `current` is read without a lock and swapped by reference."""

    def __init__(self, models: Models, deployments: Deployments, predictors: Predictors) -> None:
        self._models, self._deployments, self._predictors = models, deployments, predictors
        self.current: LivePredictor | None = None

    def refresh(self) -> None:
        """Follow the ledger: its last model, or the one before it where that one is damaged."""
        for model_id in self._deployments.newest_models():
            model = self._models.get(model_id)
            try:
                self.current = self._predictors.get(model)
                return
            except ModelDamaged as error:
                _log.error("version %s is not served: %s", model.version, error.message)
        self.current = None
