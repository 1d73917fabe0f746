"""`/api/report` and `/api/reports`"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from dashapp.application.report import kept_report, kept_reports, report_html
from dashapp.application.services import Services

# It is a page of its own: its style is inside, and nothing else may be loaded or run.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def report_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("report", __name__)

    @routes.get("/report")
    def made_now() -> Response:
        now = time.time()
        timeframe = request.args.get("timeframe") or "7d"
        html = report_html(services, timeframe, now)
        return _file(html, f"report-{datetime.fromtimestamp(now, UTC):%Y-%m-%d}-{timeframe}.html")

    @routes.get("/reports")
    def listed() -> dict[str, Any]:
        names = kept_reports(services)
        return {"reports": [{"name": name} for name in names], "total": len(names)}

    @routes.get("/reports/<name>")
    def one(name: str) -> Response:
        return _file(kept_report(services, name), name)

    return routes


def _file(html: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": POLICY}
    return Response(html, headers=headers, content_type="text/html; charset=utf-8")
