"""An install with two trained models, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dashapp.application.services import Services, open_services
from dashapp.settings import Settings


@pytest.fixture
def install(trained_home: Path, tmp_path: Path) -> Iterator[Services]:
    """Two models are registered, nothing is deployed."""
    shutil.copytree(trained_home, tmp_path / "home")
    with closing(open_services(Settings(home=tmp_path / "home", cache=tmp_path / "cache"))) as services:
        yield services
