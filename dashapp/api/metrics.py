"""`/metrics`: what Prometheus reads."""

from __future__ import annotations

from flask import Flask, Response, request

from dashapp.monitoring.metrics import Metrics


def register_metrics(server: Flask, metrics: Metrics, url_prefix: str) -> None:
    @server.get(f"{url_prefix}/metrics")
    def exposition() -> Response:
        document, content_type = metrics.exposition(request.headers.get("Accept", ""))
        return Response(document, 200, content_type=content_type)
