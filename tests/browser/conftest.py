"""A real Chromium on the real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.testing.browser import Browser

from tests.browser.page import Page
from tests.server.running import DEVELOPMENT, running


@pytest.fixture
def page(dash_br: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The start page of a new install, on the development server or on what an indirect parameter names."""
    with running(getattr(request, "param", DEVELOPMENT), tmp_path) as server:
        dash_br.server_url = server.url
        yield Page(dash_br, server)
