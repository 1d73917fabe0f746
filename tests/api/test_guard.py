from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.api.guard import secret_key
from dashapp.factory import create_app
from dashapp.settings import Settings

TOKEN = "a long enough secret"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def guarded(settings: Settings) -> Iterator[FlaskClient]:
    server: Flask = create_app(replace(settings, token=TOKEN)).server
    yield server.test_client()
    server.extensions["dashapp"].services.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8050", "localhost:8050", "[::1]:8050", "LOCALHOST"])
def test_loopback_names_are_served_without_a_token(client: FlaskClient, host: str) -> None:
    assert client.get("/api/status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8050", "10.0.0.1"])
def test_other_names_are_refused_without_a_token_and_told_how_to_set_one(client: FlaskClient, host: str) -> None:
    for path in ("/", "/api/status", "/health", "/_dash-layout"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 403
        assert "DASHAPP_TOKEN" in answer.json["detail"]


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-Ssl"])
def test_a_proxy_before_an_open_install_is_refused(client: FlaskClient, name: str) -> None:
    assert client.get("/api/status", headers={name: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_a_change_asked_for_by_a_foreign_page_is_refused(client: FlaskClient, guarded: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/api/runs", json={}, headers=headers).status_code == 403
    assert guarded.post("/api/runs", json={}, headers=headers | BEARER).status_code == 403


def test_our_own_page_may_change_things(client: FlaskClient) -> None:
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/runs", json={"dataset_id": "none"}, headers=own).status_code == 404


def test_with_a_token_everything_but_liveness_needs_it(guarded: FlaskClient) -> None:
    for path in ("/api/status", "/_dash-layout", "/", "/ws", "/api/predict"):
        assert guarded.get(path).status_code == 401
    assert guarded.get("/health").status_code == 200
    assert guarded.get("/api/status", headers=BEARER).status_code == 200
    assert guarded.get("/api/status", headers=BEARER | {"Host": "ml.example.org"}).status_code == 200
    assert guarded.get("/api/status", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_dashboard_asks_for_the_token_once(guarded: FlaskClient) -> None:
    asked = guarded.get("/", headers={"Accept": "text/html"})
    assert (asked.status_code, asked.headers["Location"]) == (302, "/login")
    assert guarded.post("/login", data={"token": "wrong"}).status_code == 401
    answer = guarded.post("/login", data={"token": TOKEN})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and TOKEN not in cookie
    assert guarded.get("/", headers={"Accept": "text/html"}).status_code == 200


def test_another_token_ends_all_logins(guarded: FlaskClient, settings: Settings) -> None:
    cookie = guarded.post("/login", data={"token": TOKEN}).headers["Set-Cookie"].split(";")[0]
    server = create_app(replace(settings, token="another long secret")).server
    assert server.test_client().get("/api/status", headers={"Cookie": cookie}).status_code == 401
    server.extensions["dashapp"].services.close()


def test_a_forged_cookie_is_refused(guarded: FlaskClient) -> None:
    guarded.set_cookie("dashapp_login", "in.forged.signature")
    assert guarded.get("/api/status").status_code == 401


def test_secure_headers_stand_on_every_answer(client: FlaskClient) -> None:
    for path in ("/", "/api/status", "/api/nothing", "/health"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self' 'sha256-" in policy
        assert "unsafe-eval" not in policy
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    key = secret_key(tmp_path / "home")
    assert len(key) == 64
    assert secret_key(tmp_path / "home") == key
    assert (tmp_path / "home" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_everything_works_under_a_prefix(settings: Settings) -> None:
    server = create_app(replace(settings, url_prefix="/ml")).server
    client = server.test_client()
    for path in ("/ml/", "/ml/api/status", "/ml/health", "/ml/_dash-layout"):
        assert client.get(path).status_code == 200, path
    assert client.get("/api/status").status_code == 404
    server.extensions["dashapp"].services.close()
