"""`/openapi.json`, `/api/docs` and the files of that page."""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from pathlib import Path

import orjson
from flask import Flask, Response, send_file
from swagger_ui_bundle import swagger_ui_path

from dashapp.api.openapi.document import fixed_document, with_schemas
from dashapp.api.openapi.predictions import live_schemas
from dashapp.application.predicting import Predicting
from dashapp.errors import ModelNotDeployed
from dashapp.serving.live import LivePredictor
from dashapp.settings import Settings

HERE = Path(__file__).parent
FILES = {name: Path(swagger_ui_path) / name for name in ("swagger-ui-bundle.js", "swagger-ui.css")} | {
    name: HERE / name for name in ("docs.js", "docs.css")
}
FILES_PATH = "/assets/api-docs"
CACHED_S = 3600

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference</title>
<link rel="icon" href="{prefix}/assets/icon.svg">
<script src="{prefix}/assets/theme.js"></script>
<link rel="stylesheet" href="{prefix}{files}/swagger-ui.css"><link rel="stylesheet" href="{prefix}{files}/docs.css"></head>
<body><p class="back"><a href="{prefix}/try">Back to the dashboard</a> · <a href="{prefix}/openapi.json">openapi.json</a></p>
<main id="reference" data-url="{prefix}/openapi.json">
<noscript>This page needs JavaScript; openapi.json can be read without.</noscript></main>
<script src="{prefix}{files}/swagger-ui-bundle.js"></script><script src="{prefix}{files}/docs.js"></script></body></html>"""


def register_documentation(server: Flask, predicting: Predicting, settings: Settings) -> None:
    prefix = settings.url_prefix
    fixed = cache(lambda: fixed_document(settings))

    @lru_cache(2)
    def document(live: LivePredictor | None) -> bytes:
        return orjson.dumps(with_schemas(fixed(), live_schemas(live, settings.max_rows)))

    @server.get(f"{prefix}/openapi.json")
    def openapi() -> Response:
        return Response(document(_live(predicting)), headers={"Cache-Control": "no-cache"}, content_type="application/json")

    @server.get(f"{prefix}/api/docs")
    def docs() -> Response:
        return Response(PAGE.format(prefix=escape(prefix), files=FILES_PATH), content_type="text/html; charset=utf-8")

    @server.get(f"{prefix}{FILES_PATH}/<any({', '.join(repr(name) for name in FILES)}):name>")
    def docs_file(name: str) -> Response:
        return send_file(FILES[name], max_age=CACHED_S)


def _live(predicting: Predicting) -> LivePredictor | None:
    try:
        return predicting.live()
    except ModelNotDeployed:
        return None
