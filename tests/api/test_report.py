"""`/api/report` and `/api/reports`"""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize("timeframe", ["24h", "7d", "30d", ""])
def test_a_report_is_a_file_that_may_load_and_run_nothing(client: FlaskClient, timeframe: str) -> None:
    answer = client.get(f"/api/report?timeframe={timeframe}")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="report-')
    assert answer.headers.getlist("Content-Security-Policy")[0].startswith("default-src 'none'")
    assert len(answer.headers.getlist("Content-Security-Policy")) == 1
    assert "What happened" in answer.text


def test_a_timeframe_that_does_not_exist_is_told(client: FlaskClient) -> None:
    answer = client.get("/api/report?timeframe=1y")
    assert (answer.status_code, answer.json["field"]) == (400, "timeframe")


def test_kept_reports_are_listed_and_given_by_their_name_alone(server: Flask) -> None:
    client, home = server.test_client(), server.extensions["dashapp"].services.settings.home
    assert client.get("/api/reports").json == {"reports": [], "total": 0}
    (home / "reports").mkdir()
    (home / "reports" / "2026-W03.html").write_text("<p>kept")
    (home / "reports" / "other.html").write_text("secret")
    assert client.get("/api/reports").json == {"reports": [{"name": "2026-W03.html"}], "total": 1}
    assert client.get("/api/reports/2026-W03.html").text == "<p>kept"
    for name in ("other.html", "..%2Fsecret.key", "2026-W04.html", "%2e%2e/secret.key"):
        assert client.get(f"/api/reports/{name}").status_code == 404
