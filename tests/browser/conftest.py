"""A real Chromium on the real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.testing.browser import Browser

from tests.browser.page import Page
from tests.server.running import DEVELOPMENT, Server, running


@pytest.fixture
def page(dash_br: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The start page of a new install, on the development server or on what an indirect parameter names."""
    with running(getattr(request, "param", DEVELOPMENT), tmp_path) as server:
        dash_br.server_url = server.url
        yield Page(dash_br, server)


@pytest.fixture(scope="session")
def used_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(DEVELOPMENT, tmp_path_factory.mktemp("used")) as server:
        yield server


@pytest.fixture
def used_page(dash_br: Browser, used_server: Server) -> Page:
    """A new browser on an install that other tests use too: for what asks nothing of the rest of it."""
    dash_br.server_url = used_server.url
    return Page(dash_br, used_server)
