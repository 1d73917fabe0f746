from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.factory import create_app
from dashapp.settings import Settings


@pytest.fixture
def server(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app.server
    app.server.extensions["dashapp"].services.close()


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


@pytest.fixture(scope="session")
def live_server(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Two models of the irises, the newer of them live."""
    directory = tmp_path_factory.mktemp("live")
    shutil.copytree(trained_home, directory / "home")
    server = create_app(Settings(home=directory / "home", cache=directory / "cache")).server
    client = server.test_client()
    newest = client.get("/api/models").json["models"][0]
    assert client.post(f"/api/models/{newest['id']}/deploy").status_code == 200
    process = server.extensions["dashapp"]
    process.live_model.refresh()
    yield server
    process.services.close()
