"""The page to read the document: its files come from here, and nothing in it is against the security policy."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from dashapp.factory import create_app
from dashapp.settings import Settings


@pytest.mark.parametrize("prefix", ["", "/ml"])
def test_all_that_the_page_loads_is_served_and_cached(settings: Settings, prefix: str) -> None:
    server = create_app(replace(settings, url_prefix=prefix)).server
    client = server.test_client()
    page = client.get(f"{prefix}/api/docs")
    loaded = re.findall(r'(?:src|data-url|link rel="stylesheet" href)="([^"]+)"', page.text)
    assert page.mimetype == "text/html" and len(loaded) == 6
    for path in loaded:
        answer = client.get(path)
        assert answer.status_code == 200 and path.startswith(f"{prefix}/") and answer.data
        if "/api-docs/" in path:
            assert "max-age=" in answer.headers["Cache-Control"]
    server.extensions["dashapp"].services.close()


def test_the_page_has_no_script_of_its_own(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert re.findall(r"<script(?! src=)|\son\w+=|javascript:", page.text) == []
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]


@pytest.mark.parametrize("name", ["oauth2-redirect.html", "swagger-ui.js.map", "../docs.js", "..%2Froutes.py"])
def test_only_the_files_that_are_needed_are_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/api-docs/{name}").status_code == 404
