"""The project's own server with the routes that it is compared with: one that does nothing, and the plain pipeline with a DataFrame."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
import pandas as pd
from flask import Response, request

from benchmarks.floor_server import server
from dashapp.models import artifact_format


@cache
def _pipeline() -> Any:
    """Of the version that is live; the file is where the registry keeps it."""
    process = server.extensions["dashapp"]
    models = process.services.models
    model = models.get(process.live_model.current.model_id)
    return artifact_format.load_pipeline(models.verified_file(model))


@server.post("/api/pipeline")
def pipeline() -> Response:
    """What a data scientist writes around a pipeline, with the quickest JSON."""
    frame = pd.DataFrame(orjson.loads(request.get_data())["rows"])
    answer = {"probabilities": _pipeline().predict_proba(frame).tolist()}
    return Response(orjson.dumps(answer), 200, content_type="application/json")


__all__ = ["server"]
