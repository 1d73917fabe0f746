from __future__ import annotations

from collections.abc import Iterator

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
