"""The project's own server with one more route, which parses the JSON and returns a constant: what an answer costs at the least."""

from __future__ import annotations

import orjson
from flask import Response

from app import server
from dashapp.api.body import json_body

CONSTANT = orjson.dumps(
    {"model": {"id": "m", "version": 1}, "predictions": [{"id": "0", "prediction": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}]}
)


@server.post("/api/floor")
def floor() -> Response:
    json_body()
    return Response(CONSTANT, 200, content_type="application/json")


__all__ = ["server"]
