"""`/api/drift` and `/api/performance`"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request

from dashapp.application.drift import latest_drift
from dashapp.application.performance import performance_by_version, performance_document
from dashapp.application.services import Services
from dashapp.database.times import iso
from dashapp.monitoring.told import Drift


def drift_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("drift", __name__)

    @routes.get("/drift")
    def drift() -> dict[str, Any]:
        model_id = request.args.get("model_id", "").replace("\x00", "") or None  # PostgreSQL takes no NUL
        if model_id is not None:
            services.models.get(model_id)
        found = latest_drift(services, model_id)
        if found is not None:
            return {"drift": drift_document(found), "words": found.words}
        is_live = model_id is not None or services.deployments.live() is not None
        return {"drift": None, "words": _NOT_YET if is_live else _NOT_LIVE}

    @routes.get("/performance")
    def performance() -> dict[str, Any]:
        versions = [performance_document(each) for each in performance_by_version(services)]
        return {"versions": versions, "total": len(versions)}

    return routes


_NOT_YET = "Drift has not been measured for this version; that begins with its first predictions while it is live."
_NOT_LIVE = "No model is live, so there are no predictions to compare with a training; deploy one first."


def drift_document(drift: Drift) -> dict[str, Any]:
    return asdict(drift) | {"since": iso(drift.since), "until": iso(drift.until)}
